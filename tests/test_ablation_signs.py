"""Ablation of levers, hours kept: switched off from mid-level, each lever moves what theory says, the way it says.

Hours are free for every lever (the price of a lever in hours is set to 0), so that one lever's absence releases
none for the others. Same luck on both sides; the effect is in standard deviations from run to run.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.cases import load_case, scenario_from
from sim.engine import run_many
from sim.metric_table import OBSERVED_NAMES
from sim.params import LEVERS
from sim.records import settings_record
from sim.scenario import Scenario
from tests.scenarios import all_levers, with_parameters

pytestmark = pytest.mark.slow

CONF = (Path(__file__).resolve().parents[1] / "conf",)
REPLICATES = range(200)
FIRST_YEAR = 53
LEAST_EFFECT = 0.15

EXPECTED = [
    ("relationship_building", "trust", +1),
    ("relationship_building", "familiarity", +1),
    ("communication", "understanding", +1),
    ("communication", "familiarity", +1),
    ("conflict_handling", "strain", -1),
    ("conflict_handling", "atmosphere", +1),
    ("power_sharing", "power_gini", -1),
    ("power_sharing", "trust", +1),
    ("leadership", "attendance", +1),
    ("leadership", "fit", +1),
    ("administration", "integration", +1),
    ("inclusive_decisions", "patients", +1),
    ("inclusive_decisions", "benefit_worst_role", +1),
    ("resource_matching", "exchange_information", +1),
    ("resource_matching", "exchange_skills", +1),
    ("orientation", "output", +1),
    ("orientation", "attendance", +1),
    ("participation_support", "patients", +1),
    ("policy_alignment", "policy_fit", +1),
    ("policy_alignment", "outcome", +1),
    ("organisational_backing", "leavers", -1),
    ("organisational_backing", "founders_present", +1),
    ("context_sensing", "fit", +1),
    ("context_sensing", "adaptation", +1),
]
"""Lever, metric, and the sign of what the lever does to it (sources are with the rules in docs/model.md)."""


def mid_level() -> Scenario:
    """Return the case with every lever at its middle, unable to end (so that all runs are compared in full)."""
    scenario = with_parameters(
        scenario_from(load_case("chrp", CONF)), {"min_active": 0, "meeting_gap": 260, "purpose": 100}
    )
    return replace(scenario, enabling=all_levers(0.5), schedule=(), questionnaire_weeks=())


@cache
def levels(absent: str | None) -> np.ndarray:
    """Return each metric's mean after the first year, (replicates, metrics), with one lever off."""
    scenario = mid_level()
    if absent is not None:
        scenario = replace(scenario, enabling={**scenario.enabling, absent: 0.0})
    table = settings_record(scenario)
    table["lever_hours"] = 0.0
    runs = run_many(scenario, 1, REPLICATES, None, table).weekly[:, FIRST_YEAR:]
    seen = ~np.isnan(runs)
    return np.where(seen, runs, 0.0).sum(axis=1) / np.maximum(seen.sum(axis=1), 1)


def effect(lever: str, metric: str) -> tuple[float, float]:
    """Return what the lever does, in standard deviations from run to run, and its z score."""
    column = OBSERVED_NAMES.index(metric)
    present, absent = levels(None)[:, column], levels(lever)[:, column]
    change = present - absent
    return change.mean() / present.std(), change.mean() / (change.std() / np.sqrt(change.size))


@pytest.mark.parametrize(("lever", "metric", "sign"), EXPECTED)
def test_a_lever_moves_what_theory_says(lever: str, metric: str, sign: int) -> None:
    size, z = effect(lever, metric)
    assert sign * z > 4, f"{lever} on {metric}: {size:+.2f} sd, z {z:+.1f}"
    assert sign * size >= LEAST_EFFECT, f"{lever} on {metric}: {size:+.2f} sd, z {z:+.1f}"


def test_every_lever_is_there() -> None:
    assert {lever for lever, _, _ in EXPECTED} == set(LEVERS)
