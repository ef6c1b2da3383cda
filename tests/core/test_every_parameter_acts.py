"""No parameter is decoration: each one, set to another value, changes a run of the same seed and replicates."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from sim.core.engine import run_many
from sim.core.parameters import PARAMETERS, Parameter
from sim.core.scenario import Scenario
from sim.core.vocabulary import Null
from tests.helpers.scenarios import LIVELY, with_parameters
from tests.helpers.worlds import few

REPLICATES = range(few(8))

FULL = with_parameters(
    replace(LIVELY, name="full"),
    {"random_shock_rate": 2.0, "climate_drift": 0.1, "coordinator_learning": 40, "purpose": 0.2, "gap_threshold": 0.02},
)
"""All that a parameter may act on happens: undated shocks, decisions, wins, coordinators who are new."""

ENDING = with_parameters(replace(FULL, shocks=(), weeks=60), {"min_active": 12, "grace_weeks": 10, "meeting_gap": 12})
"""Partnerships end, for want of active members or of meetings."""

GRANT_ENDS = with_parameters(
    FULL,
    {"funding_end_week": 40, "start_purse": 0, "follow_on_window": 20, "follow_on_weeks": 30, "follow_on_chance": 0.9},
)
"""The grant ends and more is asked for."""

ACTS_IN: dict[str, Scenario] = {
    "null_accept": replace(FULL, null_model=Null.RANDOM_EXCHANGE.name.lower()),
    "min_active": with_parameters(ENDING, {"min_active": 6}),
    "grace_weeks": ENDING,
    "meeting_gap": with_parameters(ENDING, {"min_active": 0, "attend_base": -3.0}),
    "hazard_drift_out": with_parameters(FULL, {"engagement_base": -6.0}),
    "policy_step": with_parameters(FULL, {"policy_rate": 1.0}),
    **dict.fromkeys((name for name in PARAMETERS if name.startswith("follow_on")), GRANT_ENDS),
    "purpose": with_parameters(FULL, {"progress_rate": 0.1, "outcome_delay": 0}),
    "renewal_higher": with_parameters(FULL, {"purpose": 0.05, "progress_rate": 0.02, "outcome_delay": 0}),
}
"""Where a parameter acts that does nothing in ``FULL``."""


OTHER = {"pull_high": 1.0, "founding_weeks": 0.0}
"""Limits that are rarely reached, and a time that was long: only the nearer end of the range changes much."""


def other_value(row: Parameter, now: float) -> float:
    """Return a value in the range, well away from the present one."""
    if row.name in OTHER:
        return OTHER[row.name]
    return row.low if now - row.low > row.high - now else row.high


@cache
def curves(scenario_name: str, name: str | None) -> np.ndarray:
    """Return weekly metrics of ``ACTS_IN[scenario_name]``, or of ``FULL``, with one parameter at another value."""
    scenario = ACTS_IN.get(scenario_name, FULL)
    if name is not None:
        row = PARAMETERS[name]
        now = scenario.parameters.get(name, row.default)
        scenario = with_parameters(scenario, {name: other_value(row, now)})
    return run_many(scenario, 1, REPLICATES, 1).weekly


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_changes_a_run(name: str) -> None:
    place = name if name in ACTS_IN else ""
    assert not np.array_equal(curves(place, None), curves(place, name), equal_nan=True)
