"""Nothing is decoration: every field of the state and every trait of a kind, changed in week 50, is felt elsewhere.

A field belongs to the rule that writes it (or to the clocks of staffing, or to founding). Changed in week 50, it
must change a later field that belongs to *another* rule, by the same luck.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from sim.core.scenario import Scenario
from sim.core.state import CONTEXT_FIELDS, FLOW_FIELDS, STATE_FIELDS
from sim.core.traits import TRAITS
from sim.core.vocabulary import Resource, Role, ShockKind, Trait, words
from tests.helpers.scenarios import LIVELY, with_parameters
from tests.helpers.worlds import Records, advanced, pass_week, snapshot

WEEK, LATER = 50, 60
REPLICATES = range(12)

OWNERS: dict[str, tuple[str, ...]] = {
    "staffing": (
        "week", "tenure", "organisation_tenure", "inflow", "spent", "paid", "cover", "project", "funded",
        "staffed", "facilitated", "leader", "leadership", "post_share", "post_pay", "paid_share", "pay", "wear",
        "staff_hours", "member_hours",
    ),
    "context": (*(field.name for field in CONTEXT_FIELDS), "backing", "backing_base", "successions"),
    "turnover": (
        "n_slots", "n_founding_organisations", "n_founders", "people_ever", "leavers", "withdrawn", "role", "ring",
        "organisation_id", "person_id", "vacant_weeks", "is_seat", "is_member", "endowment", "is_organisation",
        "memory", "departures", "arrivals", "organisation_exits", "home_net", "home_seats", "left_for", "is_post",
    ),
    "meetings": (
        "weeks_without_meeting", "standing", "power", "turnout", "meeting", "n_invited", "n_attends", "invited",
        "attends", "heard", "hours", "meeting_owed", "forums", "guests_ever", "forum", "led", "leading",
    ),
    "encounters": (
        "understanding", "trust", "strain", "familiarity", "n_encounters", "n_conflicts", "n_unhandled", "partners",
        "frustration", "contact", "met",
    ),
    "exchange": (
        "holdings", "is_rival", "use", "balance", "offering", "n_given", "n_refused", "received", "offer", "amount",
        "taught", "volume", "spare", "reach",
    ),
    "integration": (
        "coordination", "pool", "alone", "gain", "cost", "joint", "potential", "effort", "share",
    ),
    "appraisal": ("engagement", "benefit", "drawback", "aspiration", "experience"),
    "progress": (
        "wins", "ambition", "win_progress", "win_memory", "outcome", "pipeline", "output", "win", "win_seen",
        "grant_until", "grant_level", "grants_won",
    ),
    "adaptation": ("activity", "belief", "plan", "decided", "in_favour"),
    "ending": ("status", "ended_week", "weeks_inactive", "active_level", "aim", "purposes"),
}  # fmt: skip
OWNER = {name: rule for rule, names in OWNERS.items() for name in names}

READ_BY_OBSERVERS_ONLY = {
    "leavers": "a count for the metrics",
    "people_ever": "a count for the metrics; the next person's number",
    "person_id": "who it is: read by continuity metrics and by the questionnaire, never by a rule",
    "n_founders": "for the metric of founders present",
    "inflow": "ledger of funding",
    "spent": "ledger of funding",
    "withdrawn": "ledger of funding",
    "week": "set anew each week; rules are given the week with their luck",
    "ended_week": "the record of an ending",
    "left_for": "a count for the metrics",
    "successions": "a count",
    "guests_ever": "a count for the metrics",
    "grants_won": "a count for the metrics",
    "staff_hours": "a cost for the metrics",
    "member_hours": "a cost for the metrics",
    "turnout": "for the metric of vitality",
    "offering": "for the metric of vitality",
    "changed_week": "for the metric of the answer to a change",
}

PURPOSE = 0.9
RICH = with_parameters(
    # Without the shock that closes every empty seat just before week 50.
    replace(LIVELY, shocks=tuple(shock for shock in LIVELY.shocks if shock.kind != ShockKind.ROLE_WITHDRAWN)),
    {
        "meeting_every_research": 1,
        "purpose": PURPOSE,
        "min_active": 100,
        "progress_rate": 1e-6,
        "outcome_delay": 2,
        "hazard_organisation": 0.1,
        "vacancy_limit": 100,
        "replacement_rate": 0.1,
        "invitation_rate": 0.1,
        "meeting_gap": 60,
        "grace_weeks": 150,
        "coordinator_learning": 60,
        "gap_threshold": 0.02,
    },
)
"""Seats stand empty, organisations leave, an ending is near: all that a field may be read for."""

Change = Callable[[Records], None]


def set_scalar(name: str, value: float) -> Change:
    def change(world: Records) -> None:
        record = world.state if name in world.state else world.context
        record[name] = value

    return change


def mirror(name: str) -> Change:
    """Turn shares x of seats, ties or profiles into 1 - x, halved; zeros of empty slots stay."""

    def change(world: Records) -> None:
        record = world.state if name in world.state else world.context
        values = np.array(record[name])
        record[name] = np.where(values > 0, 0.5 * np.abs(1.0 - values), values)

    return change


def fill_empty_seats(world: Records) -> None:
    empty = np.flatnonzero((world.state.is_seat == 1) & (world.state.is_member == 0))
    world.state.is_member[empty] = 1


def give_up_seats(world: Records) -> None:
    empty = np.flatnonzero((world.state.is_seat == 1) & (world.state.is_member == 0))
    world.state.is_seat[empty] = 0


def add_to(name: str, amount: float) -> Change:
    def change(world: Records) -> None:
        world.state[name][world.state.is_seat == 1] += amount

    return change


def swap_rings(world: Records) -> None:
    world.state.ring[:] = 1 - world.state.ring


def next_roles(world: Records) -> None:
    world.state.role[:] = (world.state.role + 1) % len(Role)


def leave_home(world: Records) -> None:
    world.state.organisation_id[world.state.is_member == 1] = 0


def forget_an_organisation(world: Records) -> None:
    world.state.is_organisation[np.flatnonzero(world.state.is_organisation)[:1]] = 0


def swap_profile(name: str) -> Change:
    def change(world: Records) -> None:
        record = world.state if name in world.state else world.context
        record[name] = np.array(record[name])[::-1]

    return change


def remember_much(world: Records) -> None:
    world.state.memory[world.state.is_organisation == 1] = 2.0


def shock_everything(world: Records) -> None:
    """A size is read only while its shock lasts."""
    world.context.shock_size[world.context.shock_until > WEEK + 1] = 0.9


def forget_the_last_slot(world: Records) -> None:
    world.state.n_slots = np.flatnonzero(world.state.is_member)[-1]


def turn_kinds_round(world: Records) -> None:
    world.state.is_rival[:] = 1 - world.state.is_rival


SPECIAL: dict[str, Change] = {
    "is_rival": turn_kinds_round,
    "status": set_scalar("status", 1),
    "active_level": set_scalar("active_level", 0.99),
    "n_slots": forget_the_last_slot,
    "n_founding_organisations": set_scalar("n_founding_organisations", 12),
    "weeks_without_meeting": set_scalar("weeks_without_meeting", 100),
    "weeks_inactive": set_scalar("weeks_inactive", 100),
    "win_progress": set_scalar("win_progress", 500),
    "win_memory": set_scalar("win_memory", 1.0),
    "outcome": set_scalar("outcome", 1.0),
    "aim": set_scalar("aim", 0.0),
    "purposes": set_scalar("purposes", 50),
    "wins": set_scalar("wins", 50),
    "meeting_owed": set_scalar("meeting_owed", 2),
    "forums": set_scalar("forums", 5),
    "is_post": set_scalar("is_post", 0),
    "grant_until": set_scalar("grant_until", 10),
    "grant_level": set_scalar("grant_level", 0.1),
    "churn": set_scalar("churn", 50.0),
    "churn_until": set_scalar("churn_until", WEEK + 20),
    "climate": set_scalar("climate", 0.3),
    "role": next_roles,
    "ring": swap_rings,
    "organisation_id": leave_home,
    "vacant_weeks": add_to("vacant_weeks", 200),
    "tenure": add_to("tenure", 200),
    "organisation_tenure": set_scalar("organisation_tenure", 0),
    "is_seat": give_up_seats,
    "is_member": fill_empty_seats,
    "is_organisation": forget_an_organisation,
    "memory": remember_much,
    "pipeline": set_scalar("pipeline", 1.0),
    "activity": swap_profile("activity"),
    "belief": swap_profile("belief"),
    "plan": swap_profile("plan"),
    "need": swap_profile("need"),
    "need_base": swap_profile("need_base"),
    "shock_until": set_scalar("shock_until", WEEK + 20),
    "shock_size": shock_everything,
    "exit_chance": set_scalar("exit_chance", 0.9),
    "closed_until": set_scalar("closed_until", WEEK + 50),
}
"""How a field is changed, where mirroring its values would make no sense."""

BEFOREHAND: dict[str, Change] = {
    "purposes": set_scalar("outcome", 10.0),
    "churn": set_scalar("churn_until", WEEK + 20),
    "churn_until": set_scalar("churn", 50.0),
}
"""What is done with and without the change, so that there is something to be felt: a purpose met, people astir."""


def change_of(name: str) -> Change:
    return SPECIAL.get(name, mirror(name))


def later(scenario: Scenario, replicate: int, *changes: Change) -> list[dict[str, Any]]:
    """Return every field after each week that follows changes in week 50."""
    world = advanced(scenario, WEEK, 1, replicate)
    for change in changes:
        change(world)
    seen = []
    for week in range(WEEK + 1, WEEK + LATER + 1):
        pass_week(world, (1, replicate, week))
        seen.append(snapshot(world))
    return seen


@cache
def unchanged(replicate: int, *beforehand: Change) -> list[dict[str, Any]]:
    return later(RICH, replicate, *beforehand)


def fields_that_differ(one: list[dict[str, Any]], two: list[dict[str, Any]]) -> set[str]:
    pairs = list(zip(one, two, strict=True))
    return {name.split(".")[1] for name in one[0] if any(not np.array_equal(a[name], b[name]) for a, b in pairs)}


def felt_by_others(change: Change, owner: str, *beforehand: Change) -> set[str]:
    """Return the fields of other rules that a change moved, in the first replicate that shows any."""
    for replicate in REPLICATES:
        moved = fields_that_differ(unchanged(replicate, *beforehand), later(RICH, replicate, *beforehand, change))
        if others := {name for name in moved if OWNER[name] != owner}:
            return others
    return set()


def test_every_field_has_an_owner() -> None:
    fields = {field.name for field in (*STATE_FIELDS, *CONTEXT_FIELDS, *FLOW_FIELDS)}
    assert set(OWNER) == fields


CARRIED = [field.name for field in (*STATE_FIELDS, *CONTEXT_FIELDS)]


@pytest.mark.parametrize("name", [name for name in CARRIED if name not in READ_BY_OBSERVERS_ONLY])
def test_a_field_is_felt_by_another_rule(name: str) -> None:
    beforehand = [BEFOREHAND[name]] if name in BEFOREHAND else []
    assert felt_by_others(change_of(name), OWNER[name], *beforehand)


@pytest.mark.parametrize("name", READ_BY_OBSERVERS_ONLY)
def test_what_is_said_to_be_for_observers_is_read_by_no_rule(name: str) -> None:
    """So that the list of exceptions does not grow stale."""
    moved = fields_that_differ(unchanged(0), later(RICH, 0, set_scalar(name, 77)))
    assert moved <= {*READ_BY_OBSERVERS_ONLY}


NOT_TAUGHT = "a ceiling bounds what can be taught; rival kinds are not taught"
UNREAD_TRAITS = {
    ("funding", "ceiling"): NOT_TAUGHT,
    ("in_kind", "ceiling"): NOT_TAUGHT,
    ("funding", "cost"): "funding is not passed between seats",
}
OTHER_VALUE = {
    "rival": lambda x: 1 - x,
    "fade": lambda x: x + 0.1,
    "cost": lambda x: x + 2.0,
    "ease": lambda x: x + 0.3,
}


def change_trait(kind: str, trait: str) -> Change:
    row, column = words(Resource).index(kind), words(Trait).index(trait)

    def change(world: Records) -> None:
        old = world.params.traits[row, column]
        world.params.traits[row, column] = OTHER_VALUE.get(trait, lambda x: 0.5 * x)(old)
        if trait == "rival":  # read once, at the founding
            world.state.is_rival[row] = world.params.traits[row, column] > 0.0

    return change


ALL_TRAITS = [(kind, trait) for kind in TRAITS for trait in words(Trait)]


@pytest.mark.parametrize(("kind", "trait"), [pair for pair in ALL_TRAITS if pair not in UNREAD_TRAITS])
def test_a_trait_is_felt_by_another_rule(kind: str, trait: str) -> None:
    assert felt_by_others(change_trait(kind, trait), "exchange")


@pytest.mark.parametrize(("kind", "trait"), UNREAD_TRAITS)
def test_a_trait_said_to_be_unread_is_felt_by_nobody(kind: str, trait: str) -> None:
    assert fields_that_differ(unchanged(0), later(RICH, 0, change_trait(kind, trait))) == set()
