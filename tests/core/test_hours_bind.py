"""Hours and money are finite: levers get what is staffed, and a cut or a loss of coordinators takes effect."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.config.cases import build_scenario, load_case, load_scenario
from sim.core.engine import run_many
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.parameters import LEVERS
from sim.core.scenario import Scenario

REPLICATES = range(40)
CASES = ("pccp", "chrp")


def staff_cover(scenario: Scenario, first: int, last: int) -> np.ndarray:
    """Return the share of asked-for hours that is staffed in weeks first to last, (replicates, weeks)."""
    return run_many(scenario, 3, REPLICATES).weekly[:, first : last + 1, OBSERVED_NAMES.index("staff_cover")]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("scenario", ["funding_cut", "coordinator_leaves"])
def test_a_cut_or_a_loss_of_coordinators_lowers_what_is_staffed(case: str, scenario: str) -> None:
    plain = build_scenario(load_case(case))
    changed = build_scenario(load_case(case), load_scenario(scenario))
    (struck,) = [shock.week for shock in changed.shocks if shock.name not in {s.name for s in plain.shocks}]
    before, after = (staff_cover(s, struck + 1, struck + 26) for s in (plain, changed))
    assert np.nanmean(after - before) < -0.05


@pytest.mark.parametrize("case", CASES)
def test_all_levers_at_one_get_less_than_they_ask_for(case: str) -> None:
    plain = build_scenario(load_case(case))
    middle = staff_cover(replace(plain, enabling=dict.fromkeys(LEVERS, 0.5)), 1, 260)
    full = staff_cover(replace(plain, enabling=dict.fromkeys(LEVERS, 1.0)), 1, 260)
    assert np.nanmean(full) < 0.7
    assert np.nanmean(full) < np.nanmean(middle) - 0.1
