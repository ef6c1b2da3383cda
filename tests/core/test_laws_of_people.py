"""Laws of people, money and time: posts, convening, leading, leaving, ends (docs/model/model.md §7.0a to §7.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from sim.core.engine import Ensemble, run_many
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.rules.turnover import weekly_exit_chances
from sim.core.scenario import Change, Post, Scenario, ScenarioError, Seat, Shock, usual_posts
from sim.core.shocks import MAX_WEEKS
from sim.core.vocabulary import LeavingCause, Resource, Ring, Role, ShockKind, Status
from tests.helpers.scenarios import LIVELY, SEATS, SMALL, with_parameters
from tests.helpers.worlds import advance_to_rule, advanced, apply_rule, founded, pass_week, snapshot, weekly

FUNDING = int(Resource.FUNDING)
OFFICE = 2
"""The coordinator's seat in ``SMALL``."""
CALM: dict[str, float] = {
    "hazard_person": 0.0,
    "hazard_organisation": 0.0,
    "hazard_drift_out": 0.0,
    "approaches_per_year": 0.0,
    "random_shock_rate": 0.0,
    "min_active": 0.0,
    "meeting_gap": 260.0,
    "purpose": 100.0,
    "need_drift": 0.0,
    "climate_drift": 0.0,
}
"""Nobody comes or goes by chance and nothing ends."""
NOT_NAMED = 3


def calm(weeks: int = 120, posts: tuple[Post, ...] | None = None, **parameters: float) -> Scenario:
    return replace(with_parameters(SMALL, CALM | parameters), weeks=weeks, posts=posts)


def column(ensemble: Ensemble, name: str) -> np.ndarray:
    return ensemble.weekly[..., OBSERVED_NAMES.index(name)]


# --- posts ---------------------------------------------------------------------------------------------------


def test_without_posts_stated_each_coordinator_has_a_full_time_one() -> None:
    assert SMALL.paid_posts == (Post(OFFICE, share=1.0, from_week=1, to_week=MAX_WEEKS),)
    office = Seat("office", Role.COORDINATOR, Ring.RESEARCH_TEAM, 0)
    assert usual_posts((office, office, SEATS[0], office)) == (Post(0, seats=2), Post(3))


def staged(before: Scenario, after: Scenario, week: int) -> list[dict[str, np.ndarray]]:
    """Return what a run shows whose settings are exchanged by hand before ``week``."""
    world, later, found = founded(before), founded(after), []
    for t in range(1, before.weeks + 1):
        if t == week:
            world = world._replace(params=later.params)
        pass_week(world, (1, 0, t))
        found.append(snapshot(world))
    return found


@pytest.mark.parametrize("kind", ["half_time", "facilitator"])
def test_a_dated_plan_gives_what_staging_it_by_hand_gives_to_the_bit(kind: str) -> None:
    ends, base = Post(OFFICE, to_week=39), replace(LIVELY, weeks=90, schedule=())
    if kind == "half_time":
        dated = replace(base, posts=(ends, Post(OFFICE, share=0.5, from_week=40)))
        then = replace(base, posts=(Post(OFFICE, share=0.5),))
    else:
        dated = replace(base, posts=(ends,), schedule=(Change(40, "facilitator_hours", 6.0),))
        then = with_parameters(replace(base, posts=(Post(OFFICE, to_week=1),)), {"facilitator_hours": 6.0})
    by_hand = staged(base, then, 40)
    for world, expected in zip(weekly(dated), by_hand, strict=True):
        for name, values in snapshot(world).items():
            np.testing.assert_array_equal(values, expected[name], err_msg=name)


@pytest.mark.parametrize(
    "changed",
    [
        {"posts": (Post(OFFICE, to_week=49),)},
        {"posts": (Post(OFFICE, to_week=49), Post(OFFICE, share=0.5, from_week=50))},
        {"schedule": (Change(50, "facilitator_hours", 20.0),)},
    ],
    ids=["an end", "half time", "a facilitator"],
)
def test_a_change_of_staff_leaves_all_bits_before_it(changed: Mapping[str, object]) -> None:
    base = replace(LIVELY, weeks=90, schedule=(), shocks=())
    runs, others = (run_many(s, 5, range(8)).weekly for s in (base, replace(base, **changed)))  # type: ignore[arg-type]
    np.testing.assert_array_equal(runs[:, :50], others[:, :50])
    assert not np.array_equal(runs[:, 50:], others[:, 50:], equal_nan=True)


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_a_part_time_post_costs_and_gives_its_share(share: float) -> None:
    world = founded(calm(posts=(Post(OFFICE, share=share),), facilitator_hours=0, grant_per_week=0, start_purse=40))
    apply_rule("staffing", world, (1, 0, 1))
    start = world.params.coordinator_start
    learnt = start + (1.0 - start) / world.params.coordinator_learning
    assert world.flows.staffed == pytest.approx(share * world.params.coordinator_hours * learnt, rel=1e-12)
    assert world.state.staff_hours == world.flows.staffed
    assert world.flows.paid_share[OFFICE] == share
    bill = 40 - world.state.pool[FUNDING] - world.flows.project
    assert bill == pytest.approx(share * world.params.salary, rel=1e-12)


def test_a_seconded_post_costs_the_purse_nothing_and_needs_no_money() -> None:
    poor = {"grant_per_week": 0, "start_purse": 0, "funding_share": 0, "facilitator_hours": 0}
    paid, lent = (advanced(calm(posts=(Post(OFFICE, seconded=seconded),), **poor), 60) for seconded in (False, True))
    assert lent.flows.staffed > 5.0
    assert lent.state.spent == paid.state.spent == 0.0
    assert paid.flows.staffed == 0.0


def test_a_paid_member_of_another_role_bears_no_hours_and_gives_no_staff_hours() -> None:
    patient = 7
    plain, paid = (founded(calm(posts=posts)) for posts in ((Post(OFFICE),), (Post(OFFICE), Post(patient, share=1.0))))
    for world in (plain, paid):
        apply_rule("staffing", world, (1, 0, 1))
        apply_rule("integration", world, (1, 0, 1))
    assert plain.flows.hours[patient] > 0.0
    assert paid.flows.hours[patient] == 0.0
    assert plain.flows.staffed == paid.flows.staffed


def test_a_seat_opens_with_its_first_post_and_is_hired_for() -> None:
    posts = (Post(OFFICE, from_week=20),)
    sure = calm(posts=posts, hiring_rate=1.0, start_purse=40)
    seen = [(w.state.week, bool(w.state.is_seat[OFFICE]), bool(w.state.is_member[OFFICE])) for w in weekly(sure)]
    assert seen[18] == (19, False, False)
    assert seen[19] == (20, True, False)
    assert seen[20] == (21, True, True)
    assert founded(sure).state.people_ever == len(SEATS) - 1
    numbers = founded(sure).state.person_id[: len(SEATS)]
    assert numbers.tolist() == [0, 1, -1, 2, 3, 4, 5, 6, 7]


def test_unpaid_staff_work_no_hours_leave_and_are_not_replaced() -> None:
    broke = {"funding_end_week": 30, "start_purse": 5, "follow_on_chance": 0, "hiring_rate": 1.0, "funding_share": 0}
    worlds = [replace(calm(160, **broke)), calm(160, start_purse=400, hiring_rate=1.0)]
    runs = [run_many(one, 3, range(40)) for one in worlds]
    unpaid, paid = (column(one, "staff_cover") for one in runs)
    assert np.nanmax(unpaid[:, 60:]) < 0.02
    assert np.nanmean(paid[:, 60:]) > 0.3
    gone = [np.mean([not advanced(one, 110, replicate=r).state.is_member[OFFICE] for r in range(12)]) for one in worlds]
    assert gone[0] > 0.9
    assert gone[1] == 0.0


@pytest.mark.parametrize(("purse", "seconded", "hired"), [(50.0, False, True), (0.0, False, False), (0.0, True, True)])
def test_a_post_is_filled_when_it_can_be_paid_or_somebody_is_seconded(
    purse: float, seconded: bool, hired: bool
) -> None:
    scenario = calm(posts=(Post(OFFICE, seconded=seconded),), hiring_rate=1.0, grant_per_week=0, start_purse=purse)
    world = founded(scenario)
    world.state.is_member[OFFICE] = 0
    for week in (1, 2):
        pass_week(world, (1, 0, week))
    assert bool(world.state.is_member[OFFICE]) == hired


def test_a_slot_kept_for_a_post_is_not_given_to_a_recruit() -> None:
    posts = (Post(OFFICE, from_week=100),)
    eager = {"approaches_per_year": 52.0, "recruit_accept": 1.0, "recruit_full": 1000.0, "lever_saturation": 0.1}
    world = advanced(calm(posts=posts, **eager, facilitator_hours=40, start_purse=400), 60)
    assert world.state.people_ever > len(SEATS) + 3
    assert not world.state.is_seat[OFFICE]


# --- meetings are convened -----------------------------------------------------------------------------------


def convened(hours: float, leading: float, weeks: int = 200) -> tuple[int, int]:
    """Return how many meetings were held with so many staff hours and such a leader, and how many fell due."""
    seconded = (Post(OFFICE, seconded=True),)
    scenario = calm(weeks, posts=seconded, convene_self=0.0, attend_base=5.0, unbacked_hours=1.0)
    scenario = with_parameters(scenario, {"coordinator_hours": hours, "facilitator_hours": 0, "exit_unpaid": 0})
    world, held = founded(scenario), 0
    for week in range(1, weeks + 1):
        world.state.leading[:] = leading
        pass_week(world, (1, 0, week))
        held += world.flows.meeting > 0
    every = (scenario.parameters.get("meeting_every_core", 6), scenario.parameters.get("meeting_every_research", 2))
    return held, sum(1 for week in range(1, weeks + 1) if any(week % step == 0 for step in every))


def test_without_staff_hours_and_anybody_leading_nobody_convenes() -> None:
    assert convened(0.0, 0.0)[0] == 0


def test_with_staff_or_a_leader_meetings_take_place_and_the_cadence_stretches_with_less() -> None:
    staffed, due = convened(30.0, 0.0)
    led, _ = convened(0.0, 0.6)
    hardly, _ = convened(0.0, 0.05)
    assert staffed > 0.95 * due
    assert staffed > led > hardly > 0


def test_a_meeting_that_nobody_convened_is_held_over_and_then_the_core_team_comes_first() -> None:
    world = founded(calm(convene_self=0.0, coordinator_hours=0, facilitator_hours=0))
    for week in range(1, 8):
        world.state.leading[:] = 0.0
        pass_week(world, (1, 0, week))
    assert world.state.meeting_owed == 2
    assert world.state.weeks_without_meeting == 7
    world.params.convene_self = 1.0
    pass_week(world, (1, 0, 9))
    assert world.flows.n_invited == len(SEATS)
    assert world.state.meeting_owed == 0


def test_forums_bring_guests_who_hold_no_seat_take_longer_and_show_more() -> None:
    plan = {"forum_every": 24, "forum_guests": 11, "attend_base": 5.0, "unbacked_hours": 1.0, "start_purse": 400}
    longest, forums = {0: 0.0, 1: 0.0}, 0
    for world in weekly(calm(100, **plan)):
        forums += int(world.flows.forum)
        patient = world.flows.attends[7] & (world.flows.leader != 7)
        if patient:
            kind = int(world.flows.forum)
            longest[kind] = max(longest[kind], float(world.flows.hours[7]))
        state = world.state
    assert forums == state.forums == 4
    assert state.guests_ever == 44
    assert state.people_ever == len(SEATS)
    assert longest[1] > longest[0] > 0.0
    assert advanced(calm(100, **plan | {"forum_every": 0}), 100).state.forums == 0


# --- leading is a person's -----------------------------------------------------------------------------------


def test_whoever_has_most_to_give_leads_and_it_wears() -> None:
    world = founded(calm())
    state = world.state
    state.engagement[: len(SEATS)], state.leading[: len(SEATS)] = 0.5, 0.3
    state.leading[4], state.leading[6] = 0.8, 0.8
    apply_rule("staffing", world, (1, 0, 1))
    assert world.flows.leader == 4
    assert world.flows.leadership == pytest.approx(0.4)
    assert state.wear[4] > 0.0 == state.wear[6]
    state.wear[4] = 0.5
    apply_rule("staffing", world, (1, 0, 2))
    assert world.flows.leader == 6


def test_leading_takes_hours_of_ones_own() -> None:
    world = founded(calm(lead_hours=4.0, backing_relief=0.0))
    apply_rule("staffing", world, (1, 0, 1))
    leader = int(world.flows.leader)
    assert leader != OFFICE
    assert world.flows.hours[leader] == 4.0
    assert world.state.member_hours == 4.0
    assert np.delete(world.flows.hours, leader).max() == 0.0


def test_experience_goes_with_the_person() -> None:
    world = founded(calm(replacement_rate=1.0))
    world.state.leading[0], world.state.wear[0] = 1.0, 0.4
    world.state.is_member[0], world.state.vacant_weeks[0], world.state.backing[0] = 0, 2, 1.0
    apply_rule("turnover", world, (1, 0, 1))
    assert world.state.is_member[0]
    assert world.state.leading[0] < 0.7
    assert world.state.wear[0] == 0.0


def test_leading_is_learnt_by_doing_and_from_the_one_who_leads() -> None:
    world = founded(calm(attend_base=5.0, attend_stake=5.0, unbacked_hours=1.0, lead_gain=0.1, lead_share=0.2))
    world.state.leading[: len(SEATS)] = 0.2
    world.state.leading[3] = 0.9
    world.state.leading[4], world.state.wear[4] = 1.0, 0.9  # knows more, and is too worn to lead
    now = (1, 0, 6)
    advance_to_rule("meetings", world, now)
    world.practice.leadership = 0.5
    apply_rule("meetings", world, now)
    assert world.flows.leader == 3
    assert world.flows.led == world.flows.leadership > 0.0
    assert world.state.leading[3] == pytest.approx(0.9 + 0.1 * 0.1)
    assert world.state.leading[5] == pytest.approx(0.2 + 0.2 * 0.5 * 0.7)
    assert world.state.leading[4] == 1.0


@pytest.mark.parametrize(("part", "what"), [("lead_conflict", "n_unhandled"), ("lead_agenda", "decided")])
def test_the_one_who_leads_acts_on_conflict_and_agenda(part: str, what: str) -> None:
    strong = {"conflict_rate": 1.0, "conflict_equal": 1.0, "gap_threshold": 0.0, "agenda_base": 0.0, part: 1.0}
    levers = {"conflict_handling": 0.0, "leadership": 0.0}
    seen = []
    for led in (0.0, 1.0):
        scenario = replace(with_parameters(LIVELY, strong | {"handling_base": 0.0}), enabling=levers, schedule=())
        counts = np.zeros(2)
        for world in weekly(replace(scenario, weeks=60, shocks=())):
            counts += abs(float(world.flows[what])), float(world.flows.n_conflicts)
            world.state.leading[:] = led
        seen.append(counts[0] / counts[1])
    assert seen[0] > 1.1 * seen[1] if what == "n_unhandled" else seen[0] < seen[1]


# --- leaving has causes --------------------------------------------------------------------------------------


def number(q: object) -> float:
    """Return the number that a kernel gives, compiled or not."""
    return float(np.asarray(q).reshape(-1)[0])


def chances(role_seat: int, scenario: Scenario, support: float = 0.5, week: int = 1) -> tuple[float, ...]:
    world = founded(scenario)
    apply_rule("context", world, (1, 0, week))
    world.practice.participation_support = support
    found = weekly_exit_chances(world.state, world.context, world.flows, world.params, world.practice, role_seat, week)
    return tuple(number(q) for q in found)


def test_causes_of_leaving_add_up_to_the_leavers() -> None:
    for world in weekly(replace(LIVELY, weeks=100)):
        assert world.state.left_for.sum() == world.state.leavers
    assert (world.state.left_for > 0).sum() >= NOT_NAMED


@pytest.mark.parametrize("cause", list(LeavingCause)[:4], ids=lambda cause: cause.name.lower())
def test_each_cause_is_counted_as_what_it_is(cause: LeavingCause) -> None:
    only = {
        LeavingCause.MOVED_ON: {"hazard_person": 1.0, "mobility": 5.0},
        LeavingCause.UNPAID: {"start_purse": 0.0, "grant_per_week": 0.0},
        LeavingCause.DISENGAGED: {"hazard_drift_out": 0.2, "active_level": 1.0},
        LeavingCause.EVENT: {},
    }[cause]
    shocks = (Shock("it", ShockKind.PERSON_LEAVES, 10, 1.0),) if cause == LeavingCause.EVENT else ()
    world = advanced(replace(calm(**{"grant_per_week": 3.0, "start_purse": 100.0, **only}), shocks=shocks), 60)
    assert world.state.left_for[cause] > 0
    assert world.state.left_for[cause] == world.state.leavers


def test_passive_members_stay_on_the_list() -> None:
    passive = calm(60, engagement_base=-6.0, engagement_rate=1.0, active_level=1.0, grant_per_week=3, start_purse=100)
    world = advanced(passive, 60)
    assert world.state.is_member.sum() == len(SEATS)
    assert (world.state.engagement < world.state.active_level).all()


def test_unpaid_members_leave_sooner_without_support_and_not_when_paid() -> None:
    base = with_parameters(SMALL, {"hazard_person": 0.4})
    without, half, full = (chances(7, base, support)[0] for support in (0.0, 0.5, 1.0))
    assert without > half > full
    assert chances(0, base, 0.0)[0] == chances(0, base, 1.0)[0]


@pytest.mark.parametrize(("inclusion", "support"), [(0.0, 1.0), (1.0, 0.0), (1.0, 1.0)])
def test_unpaid_members_are_invited_only_with_inclusion_and_support(inclusion: float, support: float) -> None:
    world = founded(calm(invitation_rate=1.0))
    world.state.is_member[7], world.state.vacant_weeks[7] = 0, 2
    world.practice.inclusive_decisions, world.practice.participation_support = inclusion, support
    apply_rule("turnover", world, (1, 0, 1))
    assert bool(world.state.is_member[7]) == (inclusion * support > 0)


@pytest.mark.parametrize(
    ("kind", "factor"), [(ShockKind.MERGER, "merger_churn"), (ShockKind.POLICY_REFORM, "reform_churn")]
)
def test_people_whom_a_merger_or_reform_touches_move_on_while_it_lasts(kind: ShockKind, factor: str) -> None:
    quiet = with_parameters(SMALL, {"random_shock_rate": 0.0, "merger_backing": 0.0, factor: 2.0})
    struck = replace(quiet, shocks=(Shock("it", kind, 5, 0.8, 10),))
    planner, researcher, found = 5, 0, []
    for scenario in (quiet, struck):
        world, rates = founded(scenario), []
        for week in (4, 5, 6, 14, 15):
            apply_rule("context", world, (1, 0, week))
            at = (world.state, world.context, world.flows, world.params, world.practice)
            rates.append([number(weekly_exit_chances(*at, seat, week)[0]) for seat in (planner, researcher)])
        found.append(np.array(rates))
    more = found[1] / found[0]
    np.testing.assert_allclose(more[:, 0], [1.0, 2.6, 2.6, 2.6, 1.0])
    np.testing.assert_allclose(more[:, 1], 1.0)


def test_a_dissolved_organisation_hands_its_seats_and_people_to_its_successor() -> None:
    named = replace(calm(each_backing=0.1), shocks=(Shock("it", ShockKind.DISSOLUTION, 4, 0.5, organisation=2),))
    plain, struck = (founded(scenario) for scenario in (replace(named, shocks=()), named))
    for world in (plain, struck):
        world.state.memory[:] = 0.4
        for week in range(1, 5):
            apply_rule("context", world, (1, 0, week))
    for name in ("is_seat", "is_member", "person_id", "trust", "is_organisation"):
        np.testing.assert_array_equal(plain.state[name], struck.state[name])
    changed = np.flatnonzero(plain.state.backing_base != struck.state.backing_base)
    assert changed.tolist() == [2]
    assert struck.state.backing_base[2] == pytest.approx(0.5 * 0.6 + 0.5 * 0.1)
    assert struck.state.organisation_tenure[2] == 0.0 < struck.state.organisation_tenure[1]
    assert struck.state.memory[2].max() == pytest.approx(0.2)
    assert (plain.state.successions, struck.state.successions) == (0, 1)
    everywhere = replace(named, shocks=(replace(named.shocks[0], organisation=-1, role=int(Role.CLINICIAN)),))
    assert advanced(everywhere, 5).state.successions == 1


def test_recruiting_slows_as_the_group_fills_and_ends_when_it_is_full() -> None:
    eager = {"approaches_per_year": 52.0, "recruit_accept": 1.0, "start_purse": 400, "grant_per_week": 5}
    sizes = {}
    for full in (9, 14, 200):
        world = advanced(replace(calm(150, recruit_full=full, **eager), capacity=100), 150)
        sizes[full] = int(world.state.is_member.sum())
    assert sizes[9] == len(SEATS)
    assert len(SEATS) < sizes[14] <= 14
    assert sizes[200] > 20


# --- money can follow ----------------------------------------------------------------------------------------


def grants(**parameters: float) -> float:
    plan = {"funding_end_week": 40, "follow_on_chance": 0.5, "follow_on_wins": 0.1, "policy_start": 1.0} | parameters
    plan = {"follow_on_window": 13} | plan
    scenario = with_parameters(replace(LIVELY, weeks=100, shocks=()), plan | {"policy_decay": 0.0})
    return float(np.mean([advanced(scenario, 100, replicate=r).state.grants_won for r in range(20)]))


def test_follow_on_money_is_won_by_record_fit_with_policy_and_leadership() -> None:
    usual = grants()
    assert usual > 0.4
    assert grants(win_chance=0.0) == 0.0
    assert grants(follow_on_chance=0.0) == 0.0
    assert grants(funding_end_week=521) == 0.0
    assert grants(policy_start=0.1, policy_rate=0.0, policy_win=0.0) < usual
    assert grants(follow_on_unled=0.0) < grants(follow_on_unled=1.0)


def test_a_grant_that_was_won_pays_its_level_for_its_time() -> None:
    world = founded(calm(funding_end_week=10, follow_on_level=0.5))
    world.state.grant_until, world.state.grant_level = 30.0, 0.5
    income = []
    for week in range(1, 33):
        before = float(world.state.inflow)
        apply_rule("staffing", world, (1, 0, week))
        income.append(float(world.state.inflow) - before)
    fit = 1.0 + world.params.grant_policy * (world.context.policy_fit - world.params.policy_middle)
    assert income[0] == pytest.approx(0.5 * world.params.grant_per_week * fit)
    assert income[28] > 0.0 == income[29]


# --- ends ----------------------------------------------------------------------------------------------------


def test_ends_are_told_apart() -> None:
    world = founded(calm())
    cases = [
        ({"weeks_inactive": 50}, Status.FAILED),
        ({"weeks_without_meeting": 300, "meeting_owed": 2}, Status.FAILED),
        ({"weeks_without_meeting": 300, "meeting_owed": 0}, Status.DORMANT),
        ({"outcome": 200.0}, Status.FULFILLED),
        ({}, Status.ALIVE),
    ]
    for fields, status in cases:
        world = founded(calm(min_active=100 if "weeks_inactive" in fields else 0))
        world.state.engagement[:] = 0.0
        for name, value in fields.items():
            setattr(world.state, name, value)
        apply_rule("ending", world, (1, 0, 7))
        assert world.state.status == status, fields
        assert world.state.ended_week == (7 if status != Status.ALIVE else -1)


def test_somebody_must_be_there_at_the_start_and_an_event_name_an_organisation_that_exists() -> None:
    office = SEATS[OFFICE : OFFICE + 1]
    with pytest.raises(ScenarioError, match="nobody is there at the start"):
        Scenario("later", "none", 9, office, SMALL.organisations, posts=(Post(0, from_week=2),))
    assert Scenario("now", "none", 9, office, SMALL.organisations).paid_posts
    with pytest.raises(ScenarioError, match="organisation must be from -1"):
        replace(SMALL, shocks=(Shock("it", ShockKind.DISSOLUTION, 4, 0.5, organisation=4),))
