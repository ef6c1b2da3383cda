"""Scenarios for tests: small ones made by hand, and a strategy for random ones.

Tests that need a mechanism to be strong or absent say so with ``with_parameters``; none leans on a default.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from hypothesis import strategies as st

from sim.core.inputs import MAX_POSTS
from sim.core.parameters import CHOICES, LEVERS, PARAMETERS
from sim.core.scenario import SCHEDULED, Change, Organisation, Post, Scenario, Seat, Shock
from sim.core.vocabulary import Resource, Ring, Role, Rule, ShockKind, Theme, words

RESEARCH, CORE = Ring.RESEARCH_TEAM, Ring.CORE_TEAM

SEATS = (
    Seat("lead", Role.RESEARCHER, RESEARCH, 0),
    Seat("lead", Role.RESEARCHER, RESEARCH, 0),
    Seat("office", Role.COORDINATOR, RESEARCH, 0),
    Seat("clinic", Role.CLINICIAN, CORE, 1),
    Seat("clinic", Role.CLINICIAN, CORE, 1),
    Seat("board", Role.DECISION_MAKER, CORE, 2),
    Seat("group", Role.COMMUNITY, CORE, 3),
    Seat("patients", Role.PATIENT, CORE, -1),
    Seat("patients", Role.PATIENT, CORE, -1),
)
ORGANISATIONS = (
    Organisation("university", 0.8),
    Organisation("clinic", 0.5),
    Organisation("board", 0.6),
    Organisation("group", 0.4),
)

SMALL = Scenario("small", "small", 120, SEATS, ORGANISATIONS, capacity=24)
"""Nine seats, four organisations, nothing dated."""

_LIVELY_PARAMETERS: dict[str, float] = {
    "meeting_every_research": 2,
    "meeting_every_core": 4,
    "encounters_per_meeting": 5,
    "attend_base": 1.0,
    "grant_per_week": 2.5,
    "start_purse": 20,
    "hazard_person": 0.8,
    "hazard_organisation": 0.15,
    "approaches_per_year": 30,
    "recruit_accept": 0.6,
    "recruit_full": 200,
    "push_unsupported": 0.5,
    "vacancy_limit": 12,
    "replacement_rate": 0.4,
    "invitation_rate": 0.5,
    "random_shock_rate": 0.5,
    "win_threshold": 1,
    "win_chance": 0.5,
    "min_active": 0,
    "meeting_gap": 260,
    "purpose": 100,
}

LIVELY = replace(
    SMALL,
    name="lively",
    parameters=_LIVELY_PARAMETERS,
    shocks=tuple(Shock(name, ShockKind(kind), 5 + 6 * kind, 0.4, 10) for kind, name in enumerate(words(ShockKind))),
    schedule=(Change(20, "leadership", 1.0), Change(60, "leadership", 0.0)),
)
"""Much happens: people and organisations come and go, every kind of shock strikes, wins are frequent."""

OVERLAPPING = replace(
    SMALL,
    name="overlapping",
    shocks=tuple(
        Shock(f"{name} in week {week}", ShockKind(kind), week, 0.4, 10)
        for week in (3, 5)
        for kind, name in enumerate(words(ShockKind))
    ),
)
"""Every kind of shock strikes in week 3 and, while the first ones last, again in week 5."""

RENEWING = replace(
    LIVELY,
    name="renewing",
    weeks=150,
    seats=(*SEATS, Seat("board", Role.DECISION_MAKER, CORE, 2), Seat("guests", Role.CLINICIAN, CORE, -1)),
    organisations=(
        Organisation("university", 0.9),
        Organisation("clinic", 0.0),
        Organisation("board", 0.3),
        Organisation("group", 0.1),
    ),
    parameters=_LIVELY_PARAMETERS
    | {
        "unbacked_hours": 0.1,
        "own_backing": 0.2,
        "contract_share": 0.5,
        "hearsay": 0.9,
        "progress_rate": 0.003,
        "purpose": 0.02,
        "renewal_higher": 0.5,
        "win_growth": 1.0,
        "gap_threshold": 0.02,
        "agenda_base": 0.8,
        "vote_base": 1.0,
        "allowed_base": 0.1,
        "gift_scale": 0.1,
        "random_shock_rate": 1.0,
        "organisation_newness": 0.0,
        "hazard_organisation": 0.02,
    },
    shocks=(
        Shock("first reform", ShockKind.POLICY_REFORM, 8, 0.6, 1, theme=Theme.COMMUNITY_REACH),
        Shock("rival priority", ShockKind.RIVAL_PRIORITY, 12, 0.7, 20),
        Shock("second reform", ShockKind.POLICY_REFORM, 45, 0.6, 1),
    ),
    schedule=(),
)
"""Purposes are met and renewed until one is not; dated reforms among undated ones; seats with little or no backing;
half the work is paid by contract; newcomers hear much."""


STAFFED = replace(
    RENEWING,
    name="staffed",
    seats=(*SEATS, Seat("office", Role.COORDINATOR, CORE, 1), Seat("office", Role.COORDINATOR, RESEARCH, -1)),
    parameters={
        **RENEWING.parameters,
        "hiring_rate": 0.5,
        "forum_every": 10,
        "funding_end_week": 60,
        "follow_on_every": 2,
        "follow_on_chance": 1.0,
        "follow_on_wins": 0.1,
        "follow_on_weeks": 20,
        "purpose": 100.0,
    },
    shocks=(
        Shock("merger", ShockKind.MERGER, 8, 0.6, 20),
        Shock("reform", ShockKind.POLICY_REFORM, 12, 0.6, 30, role=int(Role.CLINICIAN)),
        Shock("agency", ShockKind.DISSOLUTION, 20, 0.5, organisation=2),
        Shock("clinics", ShockKind.DISSOLUTION, 30, 0.5, role=int(Role.CLINICIAN)),
    ),
    schedule=(Change(10, "facilitator_hours", 9.0), Change(50, "facilitator_hours", 0.0)),
    posts=(
        Post(2, to_week=40),
        Post(2, share=0.5, from_week=45),
        Post(7, share=0.2, from_week=5, pay=2.0),
        Post(9, from_week=15, to_week=80, seconded=True),
        Post(10, from_week=30, pay=0.5),
    ),
)
"""Staff come, go half-time, are lent and cannot be paid; a patient is paid; organisations dissolve; money follows."""


def with_parameters(scenario: Scenario, changes: Mapping[str, float]) -> Scenario:
    """Return the scenario with some parameters set, its other ones kept."""
    return replace(scenario, parameters={**scenario.parameters, **changes})


def all_levers(value: float) -> dict[str, float]:
    """Return every lever at one value."""
    return dict.fromkeys(LEVERS, value)


# --- random scenarios --------------------------------------------------------------------------------------

NOTHING_OFF_MORE_OFTEN = (0, 0, 0, 1, 2)


@st.composite
def scenarios(draw: st.DrawFn, weeks: int = 60) -> Scenario:
    """Draw a scenario: its shape from the strategy (so that it shrinks), its numbers from a seed.

    Half the parameters lie within 15% of their range around the default, up to three at the end of it.
    """
    luck = random.Random(draw(st.integers(0, 2**32 - 1)))
    n_seats, n_organisations = draw(st.integers(1, 14)), draw(st.integers(1, 5))
    extremes = draw(st.lists(st.tuples(st.sampled_from(sorted(PARAMETERS)), st.booleans()), max_size=3))
    parameters = _random_parameters(luck)
    if draw(st.sampled_from((True, True, False))):
        parameters |= _pace(luck)
    parameters |= {name: PARAMETERS[name].high if up else PARAMETERS[name].low for name, up in extremes}
    n_off = draw(st.sampled_from(NOTHING_OFF_MORE_OFTEN))
    seats = tuple(_random_seat(luck, n_organisations) for _ in range(n_seats))
    return Scenario(
        "random",
        "random",
        weeks,
        seats,
        tuple(Organisation(f"organisation {g}", luck.random()) for g in range(n_organisations)),
        need=tuple(luck.random() + 0.01 for _ in Theme),
        capacity=draw(st.integers(n_seats, 30)),
        parameters=parameters,
        enabling={name: luck.random() for name in LEVERS},
        traits=_random_traits(luck),
        cause=draw(st.sampled_from(CHOICES["turnover.cause"])),
        buffer=draw(st.sampled_from(CHOICES["turnover.buffer"])),
        route=draw(st.sampled_from(CHOICES["route"])),
        null_model=draw(st.sampled_from(("none", "none", *CHOICES["null_model"]))),
        rules_off=frozenset(luck.sample(words(Rule), n_off)),
        shocks=tuple(_random_shock(luck, n, weeks, n_organisations) for n in range(draw(st.integers(0, 5)))),
        schedule=tuple(_random_change(luck, weeks) for _ in range(draw(st.integers(0, 3)))),
        posts=_random_posts(luck, seats, weeks) if draw(st.booleans()) else None,
        recruiting=tuple(luck.random() for _ in Role),
    )


def _random_parameters(luck: random.Random) -> dict[str, float]:
    values = {}
    for name, row in PARAMETERS.items():
        if luck.random() < 0.5:
            near = row.default + luck.uniform(-0.15, 0.15) * (row.high - row.low)
            values[name] = min(row.high, max(row.low, near))
    values["min_active"] = luck.choice((0, 0, 2))
    return values


def _pace(luck: random.Random) -> dict[str, float]:
    """Return values under which even one week is likely to see a meeting, arrivals, a win and a decision."""
    return {
        "meeting_every_core": luck.choice((1, 1, 2)),
        "meeting_every_research": 1,
        "attend_base": luck.uniform(0.5, 4),
        "encounters_per_meeting": luck.uniform(2, 10),
        "approaches_per_year": 52,
        "recruit_accept": 0.8,
        "replacement_rate": luck.uniform(0.3, 1),
        "invitation_rate": luck.uniform(0.3, 1),
        "vacancy_limit": luck.choice((3, 20, 200)),
        "hazard_person": luck.uniform(0, 1),
        "win_threshold": luck.choice((1, 10)),
        "win_chance": 0.8,
        "gap_threshold": 0.01,
        "agenda_base": 0.8,
        "vote_base": luck.uniform(-2, 1),
        "decision_share": luck.random(),
        "salary": luck.choice((0.2, 1)),
        "coordinator_hours": luck.choice((2, 40)),
        "min_active": luck.choice((0, 3, 6)),
        "meeting_gap": 260,
        "grace_weeks": 260,
        "hiring_rate": luck.uniform(0.3, 1),
        "forum_every": luck.choice((0, 3, 52)),
        "funding_end_week": luck.choice((15, 521)),
        "follow_on_chance": luck.choice((0, 1)),
        "follow_on_every": luck.choice((1, 13)),
        "coordinator_learning": luck.choice((0, 26)),
    }


def _random_traits(luck: random.Random) -> dict[str, float]:
    kinds = (word for word in words(Resource) if luck.random() < 0.5)
    return {f"{kind}.{luck.choice(('fade', 'renewal', 'ease', 'ceiling'))}": luck.random() for kind in kinds}


def _random_seat(luck: random.Random, n_organisations: int) -> Seat:
    role, ring = Role(luck.randrange(len(Role))), Ring(luck.randrange(len(Ring)))
    return Seat("seats", role, ring, luck.randrange(-1, n_organisations))


def _random_posts(luck: random.Random, seats: tuple[Seat, ...], weeks: int) -> tuple[Post, ...]:
    """Return posts of all coordinators and some others: from the start or later, in one piece or two, or none."""
    posts = []
    for place, seat in enumerate(seats):
        if seat.role == Role.COORDINATOR or luck.random() < 0.2:
            start = 1 if place == 0 else luck.choice((1, 1, luck.randint(2, weeks)))  # somebody is there
            end = luck.randint(1, weeks)
            parts = ((start, weeks),) if end <= start else ((start, end - 1), (end, weeks))
            posts += [_random_post(luck, place, *part) for part in parts[: luck.choice((0, 1, 2, 2))]]
    return tuple(posts[:MAX_POSTS])


def _random_post(luck: random.Random, place: int, start: int, end: int) -> Post:
    return Post(place, luck.choice((1.0, 0.5)), start, end, luck.choice((-1.0, 0.0, 1.5)), luck.random() < 0.3)


def _random_shock(luck: random.Random, number: int, weeks: int, n_organisations: int) -> Shock:
    kind, week = ShockKind(luck.randrange(len(ShockKind))), luck.randint(1, weeks)
    role, theme = luck.randrange(-1, len(Role)), luck.randrange(-1, len(Theme))
    home = luck.randrange(-1, n_organisations)
    return Shock(f"shock {number}", kind, week, luck.random(), luck.randint(1, 30), role, theme, home)


def _random_change(luck: random.Random, weeks: int) -> Change:
    setting = luck.choice(SCHEDULED)
    value = luck.random() * (40.0 if setting == "facilitator_hours" else 1.0)
    return Change(luck.randint(1, weeks), setting, value)
