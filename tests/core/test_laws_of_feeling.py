"""Laws of what is felt: no yield reaches it, newcomers listen, vitality is behaviour (docs/model/model.md §4, §7)."""

from __future__ import annotations

import ast
from collections.abc import Mapping

import numpy as np
import pytest

from sim.core.traits import START_EXPERIENCE
from sim.core.vocabulary import Experience, words
from tests.helpers.scenarios import LIVELY, SMALL, with_parameters
from tests.helpers.tree import ROOT
from tests.helpers.worlds import (
    Records,
    advance_to_rule,
    advanced,
    answers_of,
    apply_rule,
    founded,
    metrics_of,
    snapshot,
    twin_of,
)

# --- no yield reaches what is felt -------------------------------------------------------------------------

YIELDS = ("joint", "gain", "cost", "alone", "output", "potential", "share")
MAY_NAME_A_YIELD = {"rules/integration.py", "rules/progress.py"}
"""The rules that make yields and turn them into outcomes and wins."""
FELT = ("experience", "benefit", "drawback", "aspiration", "engagement")


def raise_yields(world: Records) -> None:
    """Make every yield of the week much larger, and unlike between seats."""
    for name in YIELDS[:-1]:
        world.flows[name] = 5.0 + 3.0 * world.flows[name]
    world.flows.share[:] = np.linspace(0.9, 0.1, len(world.flows.share))


@pytest.mark.parametrize("week", [8, 31, 60])
def test_no_yield_reaches_what_is_felt_or_answered(week: int) -> None:
    now = (1, 0, week)
    world = advanced(LIVELY, week - 1)
    advance_to_rule("appraisal", world, now)
    other = twin_of(world)
    raise_yields(other)
    for one in (world, other):
        apply_rule("appraisal", one, now)
    for name in FELT:
        np.testing.assert_array_equal(other.state[name], world.state[name], err_msg=name)
    answers = answers_of(world, now)
    assert answers[-1] > 2
    assert not np.isnan(answers).any()
    np.testing.assert_array_equal(answers_of(other, now), answers)


OUTCOMES = {"outcome", "pipeline", "win_progress"}
"""What yields become beside wins: no seat can feel it."""


def test_where_no_win_shows_no_yield_is_ever_felt() -> None:
    """Week by week another yield, for a year: it could be felt by way of wins only."""
    scenario = with_parameters(LIVELY, {"win_chance": 0.0})
    worlds = founded(scenario), founded(scenario)
    for week in range(1, 53):
        for number, world in enumerate(worlds):
            advance_to_rule("appraisal", world, (1, 0, week))
            if number == 1:
                raise_yields(world)
            for rule in ("appraisal", "progress", "adaptation", "ending"):
                apply_rule(rule, world, (1, 0, week))
    plain, other = (snapshot(world) for world in worlds)
    for name in plain:
        part, field = name.split(".")
        if part != "flows" and field not in OUTCOMES:
            np.testing.assert_array_equal(other[name], plain[name], err_msg=name)
    assert all((other[f"state.{name}"] != plain[f"state.{name}"]).any() for name in OUTCOMES)
    np.testing.assert_array_equal(answers_of(worlds[1], (1, 0, 52)), answers_of(worlds[0], (1, 0, 52)))


def flows_named_in(file: str) -> set[str]:
    """Return the fields of flows that a file of the core names."""
    nodes = ast.walk(ast.parse((ROOT / "sim" / "core" / file).read_text(encoding="utf-8")))
    attributes = [node for node in nodes if isinstance(node, ast.Attribute)]
    return {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "flows"}


RULES = sorted(path.name for path in (ROOT / "sim" / "core" / "rules").glob("*.py"))


@pytest.mark.parametrize("file", [f"rules/{name}" for name in RULES if f"rules/{name}" not in MAY_NAME_A_YIELD])
def test_a_yield_is_named_only_where_it_is_made_and_becomes_outcomes(file: str) -> None:
    assert flows_named_in(file) & set(YIELDS) == set()


def test_the_names_of_flows_are_found() -> None:
    assert set(YIELDS) - {"output"} <= flows_named_in("rules/integration.py")
    assert {"joint", "output"} <= flows_named_in("rules/progress.py")
    assert {"received", "funded", "hours"} <= flows_named_in("rules/appraisal.py")


# --- newcomers listen ----------------------------------------------------------------------------------------

START = np.array([START_EXPERIENCE[name] for name in words(Experience)])
NOBODY_GOES = {"hazard_person": 0.0, "hazard_organisation": 0.0, "hazard_drift_out": 0.0, "approaches_per_year": 0.0}
SUCCEEDED = 3


def arrival(hearsay: float, others: bool = True) -> tuple[Records, Records]:
    """Return the records before and after the week in which somebody comes to one empty seat."""
    surely = NOBODY_GOES | {"random_shock_rate": 0.0, "replacement_rate": 1.0, "hearsay": hearsay}
    world = founded(with_parameters(SMALL, surely))
    luck = np.random.default_rng(7)
    n = len(SMALL.seats)
    world.state.experience[:n] = luck.random((n, len(START)))
    world.state.backing[:] = 1.0
    world.state.is_member[SUCCEEDED] = 0
    if not others:
        world.state.is_seat[:n] = world.state.is_member[:n] = 0
        world.state.is_seat[SUCCEEDED] = 1
    world.state.vacant_weeks[SUCCEEDED] = 2
    before = twin_of(world)
    apply_rule("turnover", world, (1, 0, 1))
    assert world.flows.arrivals == 1
    assert world.state.is_member[SUCCEEDED] == 1
    return before, world


@pytest.mark.parametrize("hearsay", [0.0, 0.35, 1.0])
def test_newcomers_expect_what_members_met_as_far_as_they_hear_of_it(hearsay: float) -> None:
    before, after = arrival(hearsay)
    met = before.state.experience[before.state.is_member.astype(bool)].mean(axis=0)
    expected = hearsay * met + (1.0 - hearsay) * START
    np.testing.assert_allclose(after.state.experience[SUCCEEDED], expected, rtol=1e-12, atol=1e-15)
    if hearsay == 0.0:
        np.testing.assert_array_equal(after.state.experience[SUCCEEDED], START)


def test_where_nobody_is_left_nobody_tells() -> None:
    _, after = arrival(1.0, others=False)
    np.testing.assert_array_equal(after.state.experience[SUCCEEDED], START)


def test_newcomers_are_as_eager_as_what_they_expect() -> None:
    _, after = arrival(0.7)
    state, params, i = after.state, after.params, SUCCEEDED
    felt = state.benefit[i] - state.drawback[i]
    pull = params.engagement_base + params.engagement_ambition * state.ambition + params.engagement_net * felt
    pull += params.engagement_stake * params.stake[int(state.role[i])]
    assert state.engagement[i] == pytest.approx(1.0 / (1.0 + np.exp(-pull)), rel=1e-12)
    assert state.aspiration[i] == state.benefit[i]


# --- vitality is made of behaviour -------------------------------------------------------------------------


def vitality(world: Records, changes: Mapping[str, float]) -> float:
    other = twin_of(world)
    for name, value in changes.items():
        record = other.state if name in other.state else other.flows
        record[name] = value
    return metrics_of(other)["vitality"]


def test_vitality_is_made_of_behaviour() -> None:
    world = advanced(LIVELY, 30)
    plain = vitality(world, {})
    other = twin_of(world)
    for name in ("engagement", "benefit", "drawback", "aspiration"):
        other.state[name][:] = 0.5 * (1.0 - other.state[name])
    assert metrics_of(other)["benefit"] != metrics_of(world)["benefit"]
    assert metrics_of(other)["vitality"] == plain
    for name, value in (("turnout", world.state.turnout), ("offering", world.state.offering)):
        assert vitality(world, {name: 0.5 * value}) == pytest.approx(plain - 0.125 * value)
    assert vitality(world, {"effort": 0.0}) == pytest.approx(plain - 0.25 * world.flows.effort)


def test_vitality_falls_with_a_seat_that_stands_empty() -> None:
    world = advanced(LIVELY, 30)
    plain = vitality(world, {})
    seats = int(world.state.is_seat.sum())
    world.state.is_member[np.flatnonzero(world.state.is_member)[-1]] = 0
    assert vitality(world, {}) == pytest.approx(plain - 0.25 / seats)


def test_vitality_is_missing_before_anybody_met() -> None:
    world = advanced(with_parameters(SMALL, {"meeting_every_core": 4, "meeting_every_research": 4}), 3)
    assert np.isnan(metrics_of(world)["vitality"])
