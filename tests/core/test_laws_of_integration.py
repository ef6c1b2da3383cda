"""Laws of integration: what combining must and must not yield (docs/model/model.md §7.6)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.engine import run_many
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.rules.integration import integration_rule
from sim.core.scenario import Organisation, Scenario, Seat
from sim.core.state import moment
from sim.core.vocabulary import Ring, Role, Route
from tests.helpers.scenarios import LIVELY, scenarios, with_parameters
from tests.helpers.worlds import PHASES, Records, advanced, few, founded, metrics_of, pass_week, shake

seeds = st.integers(0, 2**32 - 1)


def test_without_contributions_integration_is_exactly_zero() -> None:
    runs = run_many(with_parameters(LIVELY, {"contribution_rate": 0.0}), 1, range(8))
    integration = runs.weekly[:, 1:, OBSERVED_NAMES.index("integration")]
    assert (integration[~np.isnan(integration)] == 0.0).all()
    assert not np.isnan(integration).all()


def test_without_an_accepted_transfer_gain_and_cost_are_exactly_zero() -> None:
    world = founded(with_parameters(LIVELY, {"founding_use": 0.0}))
    # Below the range that a user may set: nobody ever gives.
    world.params.accept_base = -700.0
    refused = 0
    for week in range(1, LIVELY.weeks + 1):
        pass_week(world, (1, 0, week))
        if world.state.status > 0:
            break
        refused += int(world.flows.n_refused)
        assert (world.flows.n_given, world.flows.gain, world.flows.cost) == (0, 0.0, 0.0)
        assert metrics_of(world)["integration"] == 0.0
    assert refused > 0


def team(roles: tuple[Role, ...], holdings: np.ndarray, elasticities: tuple[float, float]) -> Records:
    """Return fully engaged seats that work together in full, without cost of coordination.

    ``holdings`` has a row per seat; ``elasticities`` are those of kinds and of roles.
    """
    seats = tuple(Seat("all", role, Ring.CORE_TEAM, 0) for role in roles)
    world = founded(Scenario("team", "none", 1, seats, (Organisation("one", 1.0),)))
    n = len(seats)
    world.state.holdings[:n] = holdings
    world.state.engagement[:n] = 1.0
    world.state.coordination = 1.0
    for name in ("use", "trust", "familiarity"):
        world.state[name][:n, :n] = 1.0
    world.params.contribution_rate = 1.0
    world.params.coordination_cost = 0.0
    world.params.coordination_loss = 0.0
    world.params.elasticity_kinds, world.params.elasticity_roles = elasticities
    return world


def integrated(world: Records) -> float:
    """Let the rule act once and return the metric."""
    integration_rule(world.state, world.context, world.flows, world.params, world.practice, moment(1, 0, 1))
    world.state.week = 1
    return metrics_of(world)["integration"]


elasticities = st.floats(0.2, 1.0)
amounts = st.lists(st.floats(0.05, 2.0), min_size=6, max_size=6)
MIXED = (Role.CLINICIAN, Role.RESEARCHER, Role.PATIENT)


@settings(max_examples=few(50), phases=PHASES)
@given(amounts, elasticities, elasticities)
def test_one_seat_integrates_nothing(held: list[float], by_kind: float, by_role: float) -> None:
    assert integrated(team((Role.CLINICIAN,), np.array([held]), (by_kind, by_role))) == 0.0


@settings(max_examples=few(50), phases=PHASES)
@given(amounts, amounts, amounts)
def test_perfect_substitutes_integrate_nothing(a: list[float], b: list[float], c: list[float]) -> None:
    assert integrated(team(MIXED, np.array([a, b, c]), (1.0, 1.0))) == pytest.approx(0.0, abs=1e-12)


@settings(max_examples=few(50), phases=PHASES)
@given(amounts, st.floats(0.1, 3.0), elasticities, elasticities)
def test_proportional_holdings_of_one_role_integrate_nothing(
    held: list[float], factor: float, by_kind: float, by_role: float
) -> None:
    rows = np.array([held, np.multiply(held, factor)])
    world = team((Role.CLINICIAN, Role.CLINICIAN), rows, (by_kind, by_role))
    assert integrated(world) == pytest.approx(0.0, abs=1e-11)


def test_complementary_holdings_integrate_something() -> None:
    rows = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], dtype=float)
    assert integrated(team((Role.CLINICIAN, Role.CLINICIAN), rows, (0.5, 1.0))) > 0.1


def test_one_kind_seen_from_two_viewpoints_integrates_something() -> None:
    rows = np.ones((2, 6))
    assert integrated(team((Role.CLINICIAN, Role.PATIENT), rows, (1.0, 0.5))) > 0.1
    assert integrated(team((Role.CLINICIAN, Role.CLINICIAN), rows, (1.0, 0.5))) == pytest.approx(0, abs=1e-12)


@settings(max_examples=few(50), phases=PHASES)
@given(scenarios(weeks=20), seeds, st.none() | seeds)
def test_combining_itself_never_loses(scenario: Scenario, seed: int, shaking: int | None) -> None:
    """A gain of less than nothing can only come from the cost."""
    world = advanced(scenario, scenario.weeks, seed)
    if shaking is not None:
        shake(world, shaking)
    integrated(world)
    slack = 1e-9 * (1.0 + float(world.flows.alone))
    assert world.flows.gain >= -slack
    assert world.flows.potential >= -slack
    assert world.flows.cost >= 0.0


def test_cost_can_make_integration_negative() -> None:
    world = team(MIXED, np.ones((3, 6)), (1.0, 1.0))
    world.params.coordination_cost = 2.0
    world.state.coordination = 0.0
    world.params.coordination_gain = 0.0
    world.params.route = Route.RELATIONAL
    assert integrated(world) < 0.0
