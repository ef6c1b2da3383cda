"""Laws of voice, newness, wins, purposes and realignment (docs/model/model.md §4, §7.3, §7.8 to §7.10)."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.vocabulary import Role, Status
from tests.helpers.scenarios import LIVELY, SMALL, with_parameters
from tests.helpers.worlds import (
    KERNELS,
    Records,
    advance_to_rule,
    advanced,
    apply_rule,
    founded,
    snapshot,
    twin_of,
)

# --- voice -------------------------------------------------------------------------------------------------


def test_being_heard_lowers_nobodys_power() -> None:
    """Without the drift to the structural share, power can only rise, and only that of those below an equal share."""
    world = founded(with_parameters(LIVELY, {"power_drift": 0.0, "heard_base": 1.0}))
    strong_heard, raised = 0, 0
    for week in range(1, 31):
        now = (1, 0, week)
        advance_to_rule("meetings", world, now)
        before = np.array(world.state.power)
        apply_rule("meetings", world, now)
        after, heard = np.array(world.state.power), np.array(world.flows.heard, dtype=bool)
        assert (after >= before).all()
        assert (after[~heard] == before[~heard]).all()
        strong_heard += int((heard & (before > 1.0)).sum())
        assert (after[heard & (before >= 1.0)] == before[heard & (before >= 1.0)]).all()
        raised += int((after[heard & (before < 1.0)] > before[heard & (before < 1.0)]).sum())
        for rule in list(KERNELS)[list(KERNELS).index("encounters") :]:
            apply_rule(rule, world, now)
    assert strong_heard > 20
    assert raised > 20


# --- newness -----------------------------------------------------------------------------------------------

BLIND_TO_NEWNESS = [rule for rule in KERNELS if rule not in {"staffing", "integration"}]


def with_newcomers(rule: str, week: int, replicate: int) -> tuple[Records, Records]:
    """Return records just before a rule, and a copy in which everybody is as new as can be."""
    world = advanced(LIVELY, week - 1, 1, replicate)
    advance_to_rule(rule, world, (1, replicate, week))
    other = twin_of(world)
    other.state.standing[:] = 0.3 * other.state.standing
    return world, other


@pytest.mark.parametrize("rule", BLIND_TO_NEWNESS)
def test_newness_acts_nowhere_but_on_what_is_contributed_and_on_load(rule: str) -> None:
    """Who is new talks, senses, votes and deals with policy like anybody."""
    acted = set()
    for week, replicate in ((4, 0), (12, 1), (24, 2)):
        worlds = with_newcomers(rule, week, replicate)
        start = snapshot(worlds[0])
        for world in worlds:
            apply_rule(rule, world, (1, replicate, week))
        plain, other = (snapshot(world) for world in worlds)
        for name in set(plain) - {"state.standing"}:
            np.testing.assert_array_equal(other[name], plain[name], err_msg=name)
        acted |= {name for name in plain if not np.array_equal(plain[name], start[name])}
    assert acted or rule == "ending"


def policy_steps(standing: float) -> int:
    """Return how often in a year policy was aligned by decision-makers of some standing."""
    often = {"policy_rate": 1.0, "policy_base": 1.0, "policy_decay": 0.0, "random_shock_rate": 0.0}
    world = founded(with_parameters(SMALL, often))
    world.state.standing[np.array(world.state.role) == Role.DECISION_MAKER] = standing
    rises = 0
    for week in range(1, 53):
        before = world.context.policy_fit
        apply_rule("context", world, (1, 0, week))
        rises += int(world.context.policy_fit > before)
    return rises


def test_policy_is_reached_by_the_new_as_by_the_old() -> None:
    assert policy_steps(0.0) == policy_steps(1.0) > 3


@pytest.mark.parametrize("rule", ["staffing", "integration"])
def test_newness_does_act_on_what_is_contributed(rule: str) -> None:
    worlds = with_newcomers(rule, 12, 0)
    worlds[1].state.standing[:3] = 0.0
    for world in worlds:
        apply_rule(rule, world, (1, 0, 12))
    plain, other = (snapshot(world) for world in worlds)
    name = {"staffing": "flows.funded", "integration": "state.coordination"}[rule]
    assert not np.array_equal(other[name], plain[name])


# --- wins --------------------------------------------------------------------------------------------------


def weeks_of_wins(growth: float, weeks: int = 400) -> tuple[list[int], float]:
    """Return in which weeks wins showed, under one and the same effect in each, and that effect."""
    steady = {"win_growth": growth, "win_chance": 1.0, "ambition_gain": 0.0, "ambition_fade": 0.0, "policy_win": 0.0}
    world = advanced(with_parameters(SMALL, {**steady, "win_threshold": 1.0, "win_ambition": 0.5}), 3)
    world.state.wins, world.state.win_progress, world.state.ambition = 0, 0.0, 0.4
    world.flows.joint = 2.0
    world.state.activity[:] = world.context.need
    won, effect = [], 0.0
    for week in range(1, weeks + 1):
        apply_rule("progress", world, (1, 0, week))
        effect = effect or float(world.state.win_progress)
        if world.flows.win:
            won.append(week)
    return won, effect


@pytest.mark.parametrize("growth", [0.0, 0.25, 2.0])
def test_each_win_makes_the_next_one_harder(growth: float) -> None:
    won, effect = weeks_of_wins(growth)
    waits = np.diff([0, *won])
    expected = [np.ceil(1.2 * (1.0 + growth * wins) / effect) for wins in range(len(won))]
    np.testing.assert_array_equal(waits, expected)
    assert len(won) > 3
    assert (waits[-1] > waits[0]) == (growth > 0.0)


# --- purposes ----------------------------------------------------------------------------------------------


def purpose_met(engagement: float, times: int = 1) -> Records:
    """Return the records after a purpose has been met some times, by members of some engagement."""
    world = founded(with_parameters(SMALL, {"purpose": 0.5, "renewal_higher": 0.4, "min_active": 0}))
    world.state.engagement[:] = engagement
    for week in range(1, times + 1):
        world.state.outcome = world.state.aim
        apply_rule("ending", world, (1, 0, week))
    return world


def test_a_purpose_that_is_met_is_renewed_or_ends_the_partnership() -> None:
    willing, unwilling = purpose_met(1.0), purpose_met(0.0)
    assert (willing.state.status, unwilling.state.status) == (Status.ALIVE, Status.FULFILLED)
    assert (willing.state.purposes, unwilling.state.purposes) == (1, 1)
    assert willing.state.aim == pytest.approx(0.5 + 0.5 * 1.4)
    assert unwilling.state.aim == 0.5
    assert unwilling.state.ended_week == 1


def test_each_purpose_aims_further() -> None:
    aims = [float(purpose_met(1.0, times).state.aim) for times in range(7)]
    steps = np.diff(aims)
    np.testing.assert_allclose(steps, [0.5 * (1.0 + 0.4 * met) for met in range(1, 7)], rtol=1e-12)


def test_short_of_its_aim_no_purpose_is_met() -> None:
    world = founded(with_parameters(SMALL, {"purpose": 0.5, "min_active": 0}))
    world.state.engagement[:] = 0.0
    world.state.outcome = 0.4999
    apply_rule("ending", world, (1, 0, 1))
    assert (world.state.status, world.state.purposes, world.state.aim) == (Status.ALIVE, 0, 0.5)


def test_a_purpose_is_renewed_as_often_as_members_are_engaged() -> None:
    world = founded(with_parameters(SMALL, {"purpose": 0.5, "min_active": 0}))
    renewed = 0
    for week in range(1, 401):
        other = twin_of(world)
        other.state.engagement[:] = 0.7
        other.state.outcome = 1.0
        apply_rule("ending", other, (1, 0, week))
        renewed += int(other.state.status == Status.ALIVE)
    assert 0.6 < renewed / 400 < 0.8


# --- what is allowed ---------------------------------------------------------------------------------------


def plans(policy_fit: float, allowed_base: float, weeks: int = 60) -> list[np.ndarray]:
    """Return for each change that was carried the plan before, the plan after and what is believed, (3, 6)."""
    often = {
        "gap_threshold": 0.0,
        "agenda_base": 1.0,
        "vote_base": 3.0,
        "decision_share": 0.3,
        "attend_base": 3.0,
        "meeting_every_core": 2,
    }
    world = founded(with_parameters(LIVELY, often | {"allowed_base": allowed_base}))
    carried = []
    for week in range(1, weeks + 1):
        now = (1, 0, week)
        advance_to_rule("adaptation", world, now)
        world.context.policy_fit = policy_fit
        plan = np.array(world.state.plan)
        apply_rule("adaptation", world, now)
        if world.flows.decided == 1:
            carried.append(np.array([plan, world.state.plan, world.state.belief]))
        else:
            np.testing.assert_array_equal(world.state.plan, plan)
        apply_rule("ending", world, now)
    return carried


def test_a_carried_change_that_is_not_allowed_leaves_the_plan() -> None:
    carried = plans(policy_fit=0.0, allowed_base=0.0)
    assert len(carried) > 4
    for before, after, believed in carried:
        np.testing.assert_array_equal(after, before)
        assert not np.array_equal(after, believed)


@pytest.mark.parametrize(("policy_fit", "allowed_base"), [(0.0, 1.0), (1.0, 0.0)])
def test_a_carried_change_that_is_allowed_is_the_plan(policy_fit: float, allowed_base: float) -> None:
    carried = plans(policy_fit, allowed_base)
    assert len(carried) > 4
    for _, after, believed in carried:
        np.testing.assert_array_equal(after, believed)
    assert not all(np.array_equal(before, after) for before, after, _ in carried)
