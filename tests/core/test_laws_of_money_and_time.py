"""Laws of gifts, contracts, hours and backing: who gives what (docs/model/model.md §7.0, §7.3, §7.5, §7.6)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.core._jit import kernel
from sim.core.engine import run_many
from sim.core.rules.exchange import REFUSED, _settle
from sim.core.scenario import Organisation, Scenario, Seat, Shock
from sim.core.vocabulary import Resource, Ring, Role, ShockKind
from tests.helpers.scenarios import LIVELY, SMALL, with_parameters
from tests.helpers.worlds import PHASES, Records, advance_to_rule, advanced, apply_rule, few, founded, twin_of

FUNDING, IN_KIND, SKILLS = int(Resource.FUNDING), int(Resource.IN_KIND), int(Resource.SKILLS)

# --- gifts -------------------------------------------------------------------------------------------------


@kernel
def _give(state, flows, params):
    _settle(state, flows, params, 0, 1, flows.met[0, 1])


def after_a_gift(kind: int, amount: float, use: float = 0.2, scale: float = 0.05) -> Records:
    """Return the records after seat 0 has given seat 1 an amount."""
    world = founded(with_parameters(SMALL, {"gift_scale": scale, "trust_strain": 0.0}))
    world.state.use[0, 1], world.state.trust[1, 0] = use, 0.4
    world.flows.offer[0, 1], world.flows.amount[0, 1], world.flows.met[0, 1] = kind, amount, 1
    _give(world.state, world.flows, world.params)
    return world


@settings(max_examples=few(40), phases=PHASES)
@given(st.floats(0.0, 0.9), st.floats(0.001, 0.1), st.floats(0.01, 0.5))
def test_a_gift_of_twice_the_size_works_a_tie_twice_as_far(use: float, scale: float, part: float) -> None:
    amounts = (part * scale, 2.0 * part * scale)
    one, two = (after_a_gift(SKILLS, amount, use, scale).state for amount in amounts)
    assert one.use[0, 1] > use
    assert two.use[0, 1] - use == pytest.approx(2.0 * (one.use[0, 1] - use), rel=1e-9, abs=1e-14)
    assert two.trust[1, 0] - 0.4 == pytest.approx(2.0 * (one.trust[1, 0] - 0.4), rel=1e-9, abs=1e-14)
    assert two.balance[1, 0] == -two.balance[0, 1] == pytest.approx(2.0 * one.balance[1, 0])


def test_beyond_its_scale_a_gift_works_a_tie_no_further() -> None:
    full, more = after_a_gift(SKILLS, 0.05).state, after_a_gift(SKILLS, 0.5).state
    gain = founded(SMALL).params.use_gain
    assert full.use[0, 1] == more.use[0, 1] == pytest.approx(0.2 + 0.8 * gain, rel=1e-12)
    assert full.trust[1, 0] == more.trust[1, 0]


def test_a_gift_works_the_tie_of_the_giver_alone() -> None:
    world = after_a_gift(SKILLS, 0.03)
    before = founded(SMALL).state.use
    changed = np.argwhere(world.state.use != before)
    assert changed.tolist() == [[0, 1]]


def test_what_is_rival_leaves_the_giver_and_what_is_taught_stays() -> None:
    before = founded(SMALL).state.holdings
    rival, taught = after_a_gift(IN_KIND, 0.03), after_a_gift(SKILLS, 0.03)
    moved = rival.state.holdings - before
    assert moved[0, IN_KIND] == pytest.approx(-0.03)
    assert moved[1, IN_KIND] == pytest.approx(0.03)
    assert np.count_nonzero(moved) == 2
    np.testing.assert_array_equal(taught.state.holdings, before)
    assert taught.flows.taught[1, SKILLS] == 0.03


# --- money -------------------------------------------------------------------------------------------------


def test_funding_is_never_passed_between_seats() -> None:
    """Seats with and without much of it meet; what changes in exchange is each seat's own upkeep."""
    world = founded(LIVELY)
    world.state.holdings[::2, FUNDING] += 5.0
    given = 0
    for week in range(1, 41):
        now = (1, 0, week)
        advance_to_rule("exchange", world, now)
        state = world.state
        member, held = np.array(state.is_member, dtype=bool), np.array(state.holdings[:, FUNDING])
        home = np.maximum(np.array(state.organisation_id, dtype=int), 0)
        backing = np.where(np.array(state.organisation_id) >= 0, state.backing[home], world.params.own_backing)
        lack = np.maximum(0.0, state.endowment[:, FUNDING] - held)
        renewal = world.params.traits[FUNDING, 2]
        for rule in ("exchange", "integration", "appraisal", "progress", "adaptation", "ending"):
            apply_rule(rule, world, now)
            if rule == "exchange":
                expected = np.where(member, held + renewal * backing * lack, held)
                np.testing.assert_allclose(state.holdings[:, FUNDING], expected, rtol=1e-12)
                offers = {FUNDING, REFUSED + FUNDING} & set(
                    np.array(world.flows.offer[world.flows.met == 1], dtype=int)
                )
                assert not offers
                assert world.flows.volume[FUNDING] == 0.0
                given += int(world.flows.n_given)
    assert given > 30


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_contracts_pay_out_the_stated_share_by_what_members_do(share: float) -> None:
    world = advanced(with_parameters(LIVELY, {"contract_share": share}), 20)
    member = np.array(world.state.is_member, dtype=bool)
    world.state.engagement[member] = np.linspace(0.2, 1.0, member.sum())
    work = np.where(member, world.state.engagement * world.state.standing, 0.0)
    before = twin_of(world)
    advance_to_rule("context", world, (1, 0, 21))
    state, flows = world.state, world.flows
    assert flows.project > 0.1
    np.testing.assert_allclose(flows.funded, share * flows.project * work / work.sum(), rtol=1e-12)
    paid_out = state.holdings[:, FUNDING] - before.state.holdings[:, FUNDING]
    np.testing.assert_allclose(paid_out, flows.funded, rtol=1e-9, atol=1e-13)
    left = before.state.pool[FUNDING] + (state.inflow - before.state.inflow) - state.pool[FUNDING]
    spent = state.spent - before.state.spent
    assert spent + paid_out.sum() == pytest.approx(left, rel=1e-9)


def test_where_nobody_works_nothing_is_contracted_and_all_is_spent() -> None:
    world = advanced(LIVELY, 20)
    world.state.engagement[:] = 0.0
    held, pool, inflow = world.state.holdings[:, FUNDING].copy(), world.state.pool[FUNDING], world.state.inflow
    spent = world.state.spent
    advance_to_rule("context", world, (1, 0, 21))
    assert world.flows.project > 0.1
    np.testing.assert_array_equal(world.state.holdings[:, FUNDING], held)
    income = world.state.inflow - inflow
    assert world.state.spent - spent == pytest.approx(pool + income - world.state.pool[FUNDING], rel=1e-9)


# --- hours -------------------------------------------------------------------------------------------------

ROLES = (Role.COORDINATOR, Role.CLINICIAN, Role.PATIENT, Role.RESEARCHER)
BACKED, ALONE, PAID = 1, 2, 0
WORKING = {
    "unpaid_weight": 1.5,
    "work_hours": 3.0,
    "unbacked_hours": 0.3,
    "own_backing": 0.6,
    "backing_relief": 0.5,
    "support_relief": 0.7,
}


def at_work(backing: float = 0.5, paid: float = 0.5, support: float = 0.5, **parameters: float) -> Records:
    """Return the records after four seats have contributed, the patient without an organisation."""
    seats = tuple(Seat("all", role, Ring.CORE_TEAM, -1 if role == Role.PATIENT else 0) for role in ROLES)
    scenario = Scenario("work", "none", 4, seats, (Organisation("one", backing),), parameters=WORKING | parameters)
    world = founded(scenario)
    world.state.engagement[:4] = (0.9, 0.8, 0.5, 0.2)
    world.flows.paid_share[PAID] = paid
    world.practice.participation_support = support
    apply_rule("integration", world, (1, 0, 1))
    return world


@pytest.mark.parametrize("backing", [0.0, 0.4, 1.0])
def test_contributing_takes_hours_from_those_who_contribute(backing: float) -> None:
    world = at_work(backing, paid=0.25, support=0.8)
    permitted = 0.3 + 0.7 * np.array([backing, backing, 0.6, backing])
    effort = np.array([0.9, 0.8, 0.5, 0.2]) * permitted
    burden = np.array([0.75, 1 - 0.5 * backing, 1.5 * (1 - 0.7 * 0.8), 1 - 0.5 * backing])
    np.testing.assert_allclose(world.flows.hours[:4], 3.0 * effort * burden, rtol=1e-12)
    assert world.flows.effort == pytest.approx(effort.mean(), rel=1e-12)
    assert (world.flows.hours[4:] == 0.0).all()


def test_an_hour_weighs_less_where_it_is_paid_backed_or_supported() -> None:
    def weight(seat: int, **changes: float) -> float:
        world = at_work(**changes)
        at_home = world.state.organisation_id[seat] >= 0
        permitted = 0.3 + 0.7 * (world.state.backing[0] if at_home else 0.6)
        return float(world.flows.hours[seat] / (world.state.engagement[seat] * permitted))

    for seat, by in ((PAID, "paid"), (BACKED, "backing"), (ALONE, "support")):
        weights = [weight(seat, **{by: share}) for share in (0.0, 0.5, 1.0)]
        assert weights[0] > weights[1] > weights[2], by
        for other in {"paid", "backing", "support"} - {by}:
            assert weight(seat, **{other: 0.0}) == pytest.approx(weight(seat, **{other: 1.0}), rel=1e-12), (seat, other)


def test_hours_of_meetings_and_of_work_add_up() -> None:
    world = advanced(replace(LIVELY, shocks=()), 11)
    now = (1, 0, 12)
    advance_to_rule("integration", world, now)
    met = np.array(world.flows.hours)
    other = twin_of(world)
    other.params.work_hours = 0.0
    for one in (world, other):
        apply_rule("integration", one, now)
    assert (met > 0).sum() > 2
    np.testing.assert_array_equal(other.flows.hours, met)
    works = np.array(world.state.is_member, dtype=bool) & (np.array(world.state.role) != Role.COORDINATOR)
    assert (world.flows.hours[works] > met[works]).all()
    vacant = np.array(world.state.is_member) == 0
    assert (world.flows.hours[vacant] == met[vacant]).all()


# --- backing -----------------------------------------------------------------------------------------------


def backed(backing: float, unbacked_hours: float) -> Scenario:
    """Return a scenario in which every seat has an organisation, backed alike for good."""
    seats = tuple(replace(seat, organisation=max(seat.organisation, 0)) for seat in SMALL.seats)
    organisations = tuple(replace(organisation, backing=backing) for organisation in SMALL.organisations)
    sure = {"attend_base": 5.0, "unbacked_hours": unbacked_hours, "backing_rate": 0.0, "meeting_every_core": 1}
    sure |= {"convene_self": 1.0}
    return with_parameters(replace(SMALL, seats=seats, organisations=organisations), sure)


def those_who_come(backing: float, unbacked_hours: float, weeks: int = 30) -> np.ndarray:
    """Return who attends the core meeting of each week, (weeks, seats), from the founders' state each time."""
    attends = []
    for week in range(1, weeks + 1):
        world = founded(backed(backing, unbacked_hours))
        world.state.engagement[:] = 0.9
        apply_rule("meetings", world, (1, 0, week))
        attends.append(np.array(world.flows.attends[: len(SMALL.seats)], dtype=bool))
    return np.array(attends)


def test_backing_decides_who_may_come() -> None:
    none, some, all_of_them = (those_who_come(backing, 0.3) for backing in (0.0, 0.5, 1.0))
    assert (all_of_them | ~some).all()  # common luck: who may come with less backing may with more
    assert (some | ~none).all()
    assert 0.2 < none.mean() < 0.4
    assert 0.5 < some.mean() < 0.8
    assert all_of_them.mean() > 0.9
    assert not those_who_come(0.0, 0.0).any()
    np.testing.assert_array_equal(those_who_come(0.0, 1.0), all_of_them)


def test_backing_decides_how_much_is_contributed() -> None:
    """The technology is of degree 1: with the time that is permitted, all yields fall in one proportion."""
    alone = []
    for backing in (0.0, 1.0):
        world = founded(backed(backing, 0.25))
        world.state.engagement[:] = 0.9
        apply_rule("integration", world, (1, 0, 1))
        alone.append(world.flows.alone)
    assert alone[0] == pytest.approx(0.25 * alone[1], rel=1e-12)
    assert alone[1] > 0


def runs(share: float, size: float) -> np.ndarray:
    one = Shock("it", ShockKind.RIVAL_PRIORITY, 10, size, 20)
    quiet = replace(LIVELY, weeks=24, shocks=(one,), schedule=())
    return run_many(with_parameters(quiet, {"rival_backing": share, "random_shock_rate": 0.0}), 1, range(4)).weekly


def test_a_rival_priority_acts_through_backing_only() -> None:
    np.testing.assert_array_equal(runs(0.0, 0.0), runs(0.0, 1.0))
    weak, strong = runs(0.7, 0.0), runs(0.7, 1.0)
    np.testing.assert_array_equal(weak[:, :10], strong[:, :10])
    assert not np.array_equal(weak[:, 10:], strong[:, 10:], equal_nan=True)
