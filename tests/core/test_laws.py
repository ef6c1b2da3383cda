"""Laws of the model: they hold whatever the parameters (docs/model/model.md; a test fails if its rule is broken)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core.engine import Ensemble, run_many
from sim.core.metric_table import METRICS, OBSERVED_NAMES, SEAT_COLUMNS
from sim.core.parameters import PARAMETERS
from sim.core.rules.encounters import _move_trust
from sim.core.rules.turnover import weekly_exit_chances
from sim.core.scenario import Change, Scenario, Shock
from sim.core.state import CONTEXT_FIELDS, FLOW_FIELDS, STATE_FIELDS
from sim.core.vocabulary import Lever, Resource, ShockKind, Status, word, words
from tests.helpers.scenarios import LIVELY, SEATS, SMALL, all_levers, scenarios, with_parameters
from tests.helpers.worlds import PHASES, Records, few, founded, metrics_of, pass_week, snapshot, weekly

ROOT = Path(__file__).resolve().parents[2]
FUNDING = int(Resource.FUNDING)
A_LONG_RUN = 260
seeds = st.integers(0, 2**32 - 1)


def curves(scenario: Scenario, replicates: int = 8, seed: int = 1) -> np.ndarray:
    return run_many(scenario, seed, range(replicates)).weekly


def column(weekly_rows: np.ndarray, name: str) -> np.ndarray:
    return weekly_rows[..., OBSERVED_NAMES.index(name)]


def lasting(scenario: Scenario, weeks: int = A_LONG_RUN) -> Scenario:
    """Return the scenario over more weeks, unable to end."""
    undying = {"min_active": 0, "meeting_gap": 260, "purpose": 100}
    return replace(with_parameters(scenario, undying), weeks=weeks)


# --- funding is conserved, nothing is negative, shares are shares ------------------------------------------


def all_funding(world: Records) -> float:
    return float(world.state.pool[FUNDING] + world.state.holdings[:, FUNDING].sum())


def check_ledger(scenario: Scenario, seed: int) -> None:
    start = all_funding(founded(scenario, seed))
    for world in weekly(scenario, seed):
        state = world.state
        expected = start + state.inflow - state.spent - state.withdrawn
        assert all_funding(world) == pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert min(state.inflow, state.spent, state.withdrawn) >= 0.0


@pytest.mark.parametrize("seed", range(4))
def test_funding_is_conserved_through_shocks_and_turnover(seed: int) -> None:
    check_ledger(lasting(LIVELY), seed)


@settings(max_examples=few(60), phases=PHASES)
@given(scenarios(), seeds)
def test_funding_is_conserved_in_any_scenario(scenario: Scenario, seed: int) -> None:
    check_ledger(scenario, seed)


COUNTS = {
    "weeks",
    "persons",
    "seats",
    "organisations",
    "wins",
    "purposes",
    "pairs",
    "transfers",
    "requests",
    "meetings",
}
AMOUNTS = {"hours", "resource units", "coordinator-weeks", "yield", "output", "share of purpose", "events"}
SHARES = {"share", "trust", "strain", "familiarity", "0 or 1"}
NOT_BOUNDED = {
    "state.balance": "received less given: either sign",
    "state.experience": "a mix of units; its parts are bounded by the flows they remember",
    "state.turnout": "a share, or -1 before the first meeting",
    "state.offering": "a share, or -1 before the first encounter",
    "flows.post_pay": "a price, or -1 where an organisation pays",
    "flows.contact": "familiarity gained with several others: may pass 1 in sum",
    "flows.gain": "signed: less than nothing may be gained in rounding",
    "flows.potential": "signed, as gain",
}
SIGNED_ROUNDING = 1e-12


def bounds_of(unit: str) -> tuple[float, float] | None:
    if unit in SHARES:
        return (0.0, 1.0)
    if unit in COUNTS | AMOUNTS:
        return (0.0, np.inf)
    return None


BOUNDED = [
    (f"{part}.{field.name}", bounds)
    for part, fields in (("state", STATE_FIELDS), ("context", CONTEXT_FIELDS), ("flows", FLOW_FIELDS))
    for field in fields
    if (bounds := bounds_of(field.unit)) and f"{part}.{field.name}" not in NOT_BOUNDED
]


def out_of_bounds(world: Records) -> list[str]:
    fields = snapshot(world)
    return [
        name
        for name, (low, high) in BOUNDED
        if not (fields[name].min() >= low - SIGNED_ROUNDING and fields[name].max() <= high + SIGNED_ROUNDING)
    ]


@settings(max_examples=few(60), phases=PHASES)
@given(scenarios(), seeds)
def test_amounts_are_not_negative_and_shares_are_shares(scenario: Scenario, seed: int) -> None:
    for world in weekly(scenario, seed):
        assert out_of_bounds(world) == []
        state = world.state
        assert state.experience.min() >= -SIGNED_ROUNDING
        for behaviour in (float(state.turnout), float(state.offering)):
            assert behaviour == -1.0 or 0.0 <= behaviour <= 1.0 + SIGNED_ROUNDING
        for profile in (state.activity, state.belief, state.plan, world.context.need, world.context.need_base):
            assert profile.min() >= 0.0
            assert profile.sum() == pytest.approx(1.0, abs=1e-9)
        members = state.is_member.astype(bool)
        assert (state.power[members] > 0).all()
        assert (state.is_seat[members] == 1).all()
        for name in ("trust", "strain", "familiarity", "use", "balance"):
            assert (np.diag(state[name]) == 0).all()


def test_almost_every_field_has_bounds() -> None:
    """The law above is not kept by leaving fields out."""
    assert len(BOUNDED) > 0.6 * (len(STATE_FIELDS) + len(CONTEXT_FIELDS) + len(FLOW_FIELDS))


@settings(max_examples=few(30), phases=PHASES)
@given(scenarios(), seeds)
def test_metrics_stay_in_the_range_of_their_table(scenario: Scenario, seed: int) -> None:
    rows = curves(scenario, 2, seed % 1000)
    for index, name in enumerate(OBSERVED_NAMES):
        seen = rows[..., index][~np.isnan(rows[..., index])]
        low, high = METRICS[name].low, METRICS[name].high
        assert ((seen >= low - SIGNED_ROUNDING) & (seen <= high + SIGNED_ROUNDING)).all(), name


# --- still life: all rates 0 -------------------------------------------------------------------------------

CLOCKS = {
    "state.week",
    "state.tenure",
    "state.staff_hours",
    "state.member_hours",
    "state.forums",
    "state.meetings",
    "state.guests_ever",
    "state.organisation_tenure",
    "state.weeks_without_meeting",
    "state.weeks_inactive",
}
FIRST_SEEN = ("state.turnout", "state.offering")
"""What is missing until there is something to see, and then moves at a rate."""
NO_RATE_BUT_A_STEP = (
    # Steps and levels that move something when an event happens, and are not given per week.
    "grant_per_week",
    "salary",
    "facilitator_price",
    "meeting_price",
    "support_price",
    "contribution_rate",
    "strain_relief",
    "understanding_break",
    "project_share",
    "funding_share",
)


def stopped_parameters() -> list[str]:
    """Return the parameters that are rates (a share of a gap, or something per time), and some steps."""
    rates = [
        name
        for name, row in PARAMETERS.items()
        if row.unit.startswith(("share of the gap", "share per", "per week", "per year", "log units per"))
        or row.unit in {"approaches per year", "share of purpose per unit of output"}
    ]
    return [*rates, *NO_RATE_BUT_A_STEP]


def stop(world: Records) -> None:
    for name in stopped_parameters():
        world.params[name] = 0.0
    for memory in ("memory_weeks", "memory_meetings"):
        world.params[memory] = np.inf
    for trait in ("fade", "renewal", "ease"):
        world.params.traits[:, ("rival", "fade", "renewal", "ease", "ceiling", "cost").index(trait)] = 0.0
    world.params.win_chance = 0.0


def test_the_list_of_rates_is_found() -> None:
    assert {"trust_gain", "need_drift", "hazard_person", "pool_rate", "strain_heal"} <= set(stopped_parameters())
    assert len(stopped_parameters()) > 40


@pytest.mark.parametrize("scenario", [SMALL, replace(SMALL, enabling=all_levers(0.8))])
def test_with_all_rates_at_zero_only_clocks_move(scenario: Scenario) -> None:
    world = founded(with_parameters(scenario, {"attend_base": 2.0, "min_active": 0, "meeting_gap": 260}))
    stop(world)
    before = snapshot(world)
    meetings, first_seen = 0, {name: {-1.0} for name in FIRST_SEEN}
    for week in range(1, 41):
        pass_week(world, (1, 0, week))
        meetings += int(world.flows.meeting > 0)
        for name, values in first_seen.items():
            values.add(float(world.state[name.removeprefix("state.")]))
    after = snapshot(world)
    assert meetings > 1
    assert [len(values) for values in first_seen.values()] == [2, 2]
    for name, value in before.items():
        if not name.startswith("flows.") and name not in (*CLOCKS, *FIRST_SEEN):
            # Profiles are made to sum to 1 again and again: the last bit may move.
            np.testing.assert_allclose(after[name], value, rtol=1e-12, atol=1e-15, err_msg=name)


# --- seats relabelled, luck shared, slots unused -----------------------------------------------------------

COMPARED = (
    "members",
    "leavers",
    "trust",
    "strain",
    "familiarity",
    "understanding",
    "benefit",
    "vitality",
    "knowledge",
    "power_gini",
    "output",
    "integration_realised",
)


def relabelled(scenario: Scenario) -> Scenario:
    """Return the scenario with its founding seats and organisations in the opposite order."""
    last = len(scenario.organisations) - 1
    seats = tuple(
        replace(seat, organisation=last - seat.organisation if seat.organisation >= 0 else -1)
        for seat in reversed(scenario.seats)
    )
    return replace(scenario, seats=seats, organisations=scenario.organisations[::-1])


def test_relabelled_seats_have_the_same_distribution() -> None:
    one = curves(LIVELY, 400)[:, -1]
    two = curves(relabelled(LIVELY), 400)[:, -1]
    for name in COMPARED:
        a, b = column(one, name), column(two, name)
        error = np.sqrt((np.nanvar(a) + np.nanvar(b)) / len(a))
        assert abs(np.nanmean(a) - np.nanmean(b)) < 4 * error, name


EARLY = 13
FELT = ("engagement", "benefit", "drawback", "power", "meetings_attended", "hours_given", "received")


def founding_seats(scenario: Scenario, replicates: int) -> np.ndarray:
    """Return the founding seats after some weeks, (replicates, n, columns) float64."""
    shocks = tuple(shock for shock in scenario.shocks if shock.week <= EARLY)
    early = replace(scenario, weeks=EARLY, shocks=shocks, schedule=())
    return run_many(early, 1, range(replicates), seat_weeks=[EARLY]).seats[:, 0, : len(scenario.seats)]


def test_a_relabelled_seat_fares_alike() -> None:
    one = founding_seats(LIVELY, 1000)
    two = founding_seats(relabelled(LIVELY), 1000)[:, ::-1]
    for name in FELT:
        a, b = (seats[:, :, tuple(SEAT_COLUMNS).index(name)] for seats in (one, two))
        error = np.sqrt(sum(np.nanvar(seats, axis=0) / np.isfinite(seats).sum(axis=0) for seats in (a, b)))
        far = np.abs(np.nanmean(a, axis=0) - np.nanmean(b, axis=0)) / np.maximum(error, 1e-12)
        assert far.max() < 4, name


STRIKES = 40


def same_until(one: np.ndarray, two: np.ndarray, week: int) -> bool:
    """Tell whether all replicates coincide to the bit before ``week``, and some differ from then on."""
    same = np.array_equal(one[:, :week], two[:, :week], equal_nan=True)
    return same and not np.array_equal(one[:, week:], two[:, week:], equal_nan=True)


@pytest.mark.parametrize("kind", list(ShockKind), ids=words(ShockKind))
def test_runs_coincide_until_a_shock_strikes(kind: ShockKind) -> None:
    quiet = lasting(replace(LIVELY, shocks=()), 100)
    struck = replace(quiet, shocks=(Shock("it", kind, STRIKES, 0.9, 20),))
    assert same_until(curves(quiet), curves(struck), STRIKES)


@pytest.mark.parametrize("lever", list(Lever), ids=words(Lever))
def test_runs_coincide_until_a_lever_moves(lever: Lever) -> None:
    base = lasting(replace(LIVELY, schedule=(), enabling=all_levers(0.5)), 160)
    moved = replace(base, schedule=(Change(STRIKES, word(lever), 1.0),))
    assert same_until(curves(base, 16), curves(moved, 16), STRIKES)


def test_an_unused_slot_changes_no_bit() -> None:
    """More room than is ever needed."""
    calm = with_parameters(LIVELY, {"approaches_per_year": 2.0})
    assert column(curves(calm), "members").max() < 26
    plain = curves(replace(calm, capacity=28))
    for capacity in (29, 33, 40):
        np.testing.assert_array_equal(curves(replace(calm, capacity=capacity)), plain)


@pytest.mark.slow
@pytest.mark.parametrize("capacity", [41, 60, 200])
def test_larger_arrays_change_no_bit(capacity: int) -> None:
    """From 41 seats on the arrays have room for 200."""
    plain = curves(replace(LIVELY, capacity=40))
    assert column(plain, "members").max() < 40
    np.testing.assert_array_equal(curves(replace(LIVELY, capacity=capacity)), plain)


# --- missing is missing, endings, trust --------------------------------------------------------------------

NEEDS_TWO = ("atmosphere", "atmosphere_spread", "trust", "strain", "familiarity", "reciprocity")
NEEDS_A_MEETING = ("attendance", "refused", "strain_met")


def test_metrics_of_ties_are_missing_with_one_member() -> None:
    world = founded(replace(SMALL, seats=SEATS[:1], organisations=SMALL.organisations[:1]))
    pass_week(world, (1, 0, 1))
    seen = metrics_of(world)
    assert all(np.isnan(seen[name]) for name in (*NEEDS_TWO, *NEEDS_A_MEETING))
    assert seen["members"] == 1


def test_atmosphere_is_missing_with_one_active_member() -> None:
    world = founded(SMALL)
    world.state.engagement[1:] = 0.0
    assert np.isnan(metrics_of(world)["atmosphere"])
    assert not np.isnan(metrics_of(world)["trust"])


def test_metrics_of_seats_are_missing_without_members() -> None:
    world = founded(SMALL)
    world.state.is_member[:] = 0
    world.state.week = 1
    seen = metrics_of(world)
    for name in ("integration", "benefit", "benefit_worst_role", "vitality", "power_gini", *NEEDS_TWO):
        assert np.isnan(seen[name]), name
    assert seen["members"] == 0


def test_adaptation_is_missing_before_half_a_year() -> None:
    adaptation = column(curves(lasting(LIVELY, 60)), "adaptation")
    assert np.isnan(adaptation[:, :26]).all()
    assert not np.isnan(adaptation[:, 26:]).all()


ENDINGS: Mapping[Status, tuple[dict[str, float], tuple[Shock, ...]]] = {
    Status.FAILED: ({"min_active": 100, "grace_weeks": 5}, ()),
    Status.DORMANT: (
        {"meeting_gap": 8, "min_active": 0},
        (Shock("no rooms", ShockKind.LOST_MEETINGS, 20, 1.0, 40),),
    ),
    Status.FULFILLED: (
        {"purpose": 0.01, "progress_rate": 0.1, "outcome_delay": 0, "min_active": 0, "meeting_gap": 260},
        (),
    ),
}


def ended(reason: Status) -> Ensemble:
    parameters, shocks = ENDINGS[reason]
    calm = {"attend_base": 2.0, "engagement_base": 0.0}
    scenario = replace(with_parameters(SMALL, calm | parameters), shocks=shocks, weeks=60)
    return run_many(scenario, 1, range(6))


@pytest.mark.parametrize("reason", ENDINGS, ids=lambda reason: reason.name.lower())
def test_a_partnership_can_end_for_each_reason(reason: Status) -> None:
    assert (ended(reason).status == reason).any()


@pytest.mark.parametrize("reason", ENDINGS, ids=lambda reason: reason.name.lower())
def test_after_an_ending_all_is_missing(reason: Status) -> None:
    runs = ended(reason)
    for row, week in zip(runs.weekly, runs.ended_week, strict=True):
        if week >= 0:
            assert np.isnan(row[week:]).all()
            assert not np.isnan(row[week - 1]).all()


def test_a_run_that_has_ended_is_missing_beside_runs_that_go_on() -> None:
    """Runs end one after another, side by side in one group."""
    often = with_parameters(LIVELY, {"min_active": 5, "grace_weeks": 4, "random_shock_rate": 2.0})
    runs = run_many(often, 1, range(8))
    assert len(set(runs.ended_week.tolist())) > 3
    for row, week in zip(runs.weekly, runs.ended_week, strict=True):
        last = week if week >= 0 else len(row)
        assert np.isnan(row[last:]).all()
        assert not np.isnan(row[last - 1]).all()


@settings(max_examples=few(50), phases=PHASES)
@given(st.floats(0.25, 0.75), st.floats(0.01, 0.2), st.floats(0.001, 0.3), st.floats(1.01, 10.0))
def test_trust_falls_faster_than_it_grows(start: float, step: float, gain: float, ratio: float) -> None:
    world = founded(with_parameters(SMALL, {"founding_use": 0.0}))
    world.params.trust_gain, world.params.trust_loss_ratio = gain, ratio
    moved = []
    for evidence in (start + step, start - step):
        world.state.trust[0, 1] = start
        _move_trust(world.state, world.params, 0, 1, evidence, True)
        moved.append(world.state.trust[0, 1] - start)
    rise, fall = moved
    assert 0 < rise < -fall


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_realignment_needs_the_stated_share_of_the_say(share: float) -> None:
    often = {"decision_share": share, "gap_threshold": 0.0, "agenda_base": 1.0, "vote_base": 0.0, "vote_trust": 0.0}
    carried = []
    for world in weekly(lasting(with_parameters(LIVELY, often), 120)):
        if world.flows.decided:
            voters = world.flows.in_favour[world.flows.attends.astype(bool)]
            enough = voters.all() if share == 1.0 else True
            carried.append(world.flows.decided == 1)
            assert carried[-1] == enough
    assert len(carried) > 5
    assert all(carried) == (share == 0.0)


# --- rival explanations of turnover ------------------------------------------------------------------------


def exit_chance(cause: str, backing: float, benefit: float) -> float:
    world = founded(with_parameters(replace(SMALL, cause=cause), {"hazard_person": 0.5, "hazard_benefit": 3.0}))
    world.state.backing[:] = backing
    world.state.benefit[:] = benefit
    moving_on, *_ = weekly_exit_chances(world.state, world.context, world.flows, world.params, world.practice, 0, 1)
    return float(np.asarray(moving_on).reshape(-1)[0])


@pytest.mark.parametrize(("cause", "pushed", "pulled"), [("exogenous", 1, 0), ("benefit", 0, 1), ("both", 1, 1)])
def test_each_cause_of_turnover_reads_its_own_reasons(cause: str, pushed: int, pulled: int) -> None:
    usual = exit_chance(cause, 0.5, 0.5)
    assert (exit_chance(cause, 0.1, 0.5) > usual) == bool(pushed)
    assert (exit_chance(cause, 0.5, 0.3) > usual) == bool(pulled)
    assert exit_chance(cause, 0.9, 0.9) < usual
