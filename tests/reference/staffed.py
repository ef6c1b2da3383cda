"""Scenarios of people, money and time, each for one thing, and what has to be seen in a run for it to say anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sim.core.scenario import Change, Organisation, Post, Scenario, Seat, Shock
from sim.core.vocabulary import LeavingCause, Ring, Role, ShockKind, Status
from tests.helpers.scenarios import LIVELY, SEATS, with_parameters
from tests.reference.common import World

Sight = Callable[[World], bool]
OFFICE, CLINIC, BOARD, PATIENT = 2, 3, 5, 7
"""Slots of the small case: its coordinator, a clinician, its decision maker, a patient."""

PLAIN = with_parameters(
    replace(LIVELY, name="plain", shocks=(), schedule=(), weeks=90),
    {"random_shock_rate": 0.0, "hiring_rate": 0.5, "hire_weeks": 1.0, "exit_unpaid": 0.5, "hazard_organisation": 0.02},
)
AGENCY = 9
"""Slot of a coordinator whom an organisation lends that has no other seat."""
NO_OFFICE = (*SEATS[:OFFICE], *SEATS[OFFICE + 1 :])
TWO_OFFICES = (*SEATS[: OFFICE + 1], SEATS[OFFICE], *SEATS[OFFICE + 1 :])


def plain(parameters: dict[str, float] | None = None, **changes: object) -> Scenario:
    """Return the plain scenario with some parameters and fields set."""
    return replace(with_parameters(PLAIN, parameters or {}), **changes)  # type: ignore[arg-type]


def struck(kind: ShockKind, week: int, size: float, weeks: int, **aim: int) -> Shock:
    """Return a shock with a name of its own."""
    return Shock(f"{kind.name} in week {week}", kind, week, size, weeks, **aim)


def left(cause: LeavingCause) -> Sight:
    """Return what to look for where somebody has to leave for a cause."""
    return lambda world: world["state"]["left_for"][cause] > 0


def in_week(first: int, last: int, sight: Sight) -> Sight:
    """Return what to look for in some weeks only."""
    return lambda world: first <= world["state"]["week"] <= last and sight(world)


def is_filled(i: int) -> Sight:
    """Return what to look for where a seat has to be filled."""
    return lambda world: world["state"]["is_member"][i]


MERGERS = (
    struck(ShockKind.MERGER, 5, 0.3, 30),
    struck(ShockKind.MERGER, 15, 0.8, 10),
    struck(ShockKind.MERGER, 60, 0.2, 5),
    struck(ShockKind.MERGER, 20, 0.5, 20, role=int(Role.CLINICIAN)),
)
REFORMS = (
    struck(ShockKind.POLICY_REFORM, 6, 0.5, 25),
    struck(ShockKind.POLICY_REFORM, 12, 0.9, 5, role=int(Role.RESEARCHER), theme=3),
    struck(ShockKind.MERGER, 10, 0.1, 40),
)
DISSOLUTIONS = (
    struck(ShockKind.DISSOLUTION, 10, 0.6, 1, organisation=2),
    struck(ShockKind.DISSOLUTION, 20, 1.0, 1, role=int(Role.CLINICIAN)),
    struck(ShockKind.DISSOLUTION, 30, 0.3, 1),
    struck(ShockKind.DISSOLUTION, 80, 0.5, 1, organisation=0),
)
LEAVING = tuple(struck(ShockKind.PERSON_LEAVES, week, 0.6, 1) for week in range(2, 90, 4))
CLOSED_OFFICE = (struck(ShockKind.ROLE_WITHDRAWN, 10, 1.0, 30, role=int(Role.COORDINATOR)),)
ENDING_GRANT = {"funding_end_week": 40.0, "follow_on_every": 4.0, "follow_on_weeks": 30.0, "start_purse": 2.0}
SLOW_MONEY = {
    "funding_end_week": 2.0,
    "follow_on_chance": 1.0,
    "follow_on_wins": 0.1,
    "follow_on_unled": 1.0,
    "policy_start": 1.0,
}
FACILITATOR = (
    Change(10, "facilitator_hours", 20.0),
    Change(10, "facilitator_hours", 9.0),
    Change(50, "facilitator_hours", 0.0),
    Change(30, "communication", 1.0),
)
UNCONVENED = {"convene_self": 0.0, "facilitator_hours": 0.0, "wear_gain": 1.0, "wear_relief": 0.0, "meeting_gap": 4.0}

CASES: dict[str, tuple[Scenario, dict[str, Sight]]] = {
    "a post that begins late": (
        plain(posts=(Post(OFFICE, from_week=20),)),
        {
            "waits": in_week(19, 19, lambda world: not world["state"]["is_seat"][OFFICE]),
            "opens": in_week(20, 20, lambda world: world["state"]["is_seat"][OFFICE]),
            "is filled": in_week(21, 90, is_filled(OFFICE)),
        },
    ),
    "a post that ends early": (
        plain({"vacancy_limit": 6}, posts=(Post(OFFICE, to_week=20),)),
        {
            "leaves unpaid": left(LeavingCause.UNPAID),
            "is given up": lambda world: not world["state"]["is_post"][OFFICE],
            "is taken by another": in_week(30, 90, lambda world: is_filled(OFFICE)(world)),
        },
    ),
    "a post with a gap": (
        plain({"vacancy_limit": 4}, posts=(Post(OFFICE, to_week=20), Post(OFFICE, share=0.5, from_week=60))),
        {"is kept": in_week(50, 59, lambda world: world["state"]["vacant_weeks"][OFFICE] > 4)},
    ),
    "a lent post": (
        plain({"start_purse": 0, "grant_per_week": 0}, posts=(Post(OFFICE, seconded=True),)),
        {"is paid": lambda world: world["flows"]["paid_share"][OFFICE] == 1.0 and world["flows"]["paid"] == 0.0},
    ),
    "an agency that lends staff later": (
        plain(
            {"hazard_organisation": 0.0, "start_purse": 0},
            seats=(*SEATS, Seat("agency", Role.COORDINATOR, Ring.RESEARCH_TEAM, 4)),
            organisations=(*PLAIN.organisations, Organisation("agency", 0.5)),
            posts=(Post(OFFICE), Post(AGENCY, share=0.4, from_week=20, seconded=True)),
        ),
        {
            "takes part": in_week(19, 19, lambda world: world["state"]["is_organisation"][4]),
            "lends": in_week(21, 90, lambda world: world["flows"]["paid_share"][AGENCY] == 0.4),
        },
    ),
    "many causes at once": (
        plain(
            {"hazard_person": 1, "mobility": 5, "exit_unpaid": 1, "hazard_drift_out": 0.5, "active_level": 0.7},
            posts=(),
            shocks=LEAVING,
        ),
        {cause.name: left(cause) for cause in LeavingCause if cause != LeavingCause.ORGANISATION_LEFT},
    ),
    "a half-time post": (
        plain({"hazard_person": 0.1}, posts=(Post(OFFICE, share=0.5),)),
        {"is paid by half": lambda world: world["flows"]["paid_share"][OFFICE] == 0.5},
    ),
    "a patient who is paid": (
        plain({"push_unsupported": 5}, posts=(Post(OFFICE), Post(PATIENT, share=0.2, from_week=5, pay=2.0, seats=2))),
        {"is paid": lambda world: world["flows"]["paid_share"][PATIENT] > 0},
    ),
    "nobody is paid": (
        plain(posts=()),
        {"leaves unpaid": left(LeavingCause.UNPAID), "stays away": in_week(60, 90, lambda w: not is_filled(OFFICE)(w))},
    ),
    "posts that the purse cannot pay": (
        plain({"grant_per_week": 0.7, "hire_weeks": 6}, seats=TWO_OFFICES, posts=(Post(OFFICE, pay=1.5, seats=2),)),
        {
            "in part": lambda world: 0.0 < world["flows"]["paid"] < 1.0,
            "leaves unpaid": left(LeavingCause.UNPAID),
            "a second comes": in_week(40, 90, is_filled(OFFICE + 1)),
        },
    ),
    "no coordinator": (
        plain(seats=NO_OFFICE),
        {"owed": lambda w: w["state"]["meeting_owed"] > 0, "held": lambda w: w["flows"]["meeting"] > 0},
    ),
    "a grant that ends": (
        plain(ENDING_GRANT | {"follow_on_chance": 0.0}),
        {"nothing follows": in_week(60, 90, lambda world: world["flows"]["paid"] < 0.5)},
    ),
    "a grant that is followed": (
        plain(ENDING_GRANT | {"follow_on_chance": 1.0, "follow_on_wins": 0.1}),
        {
            "once": lambda world: world["state"]["grants_won"] == 1,
            "again": lambda world: world["state"]["grants_won"] > 1,
        },
    ),
    "a grant that is followed late": (
        plain(ENDING_GRANT | SLOW_MONEY),
        {"after its end": lambda world: world["state"]["grant_until"] == world["state"]["week"] + 31},
    ),
    "mergers": (
        plain(shocks=MERGERS),
        {
            "at once": left(LeavingCause.EVENT),
            "while it lasts": lambda world: world["context"]["churn"][Role.DECISION_MAKER] > 2,
        },
    ),
    "reforms": (
        plain({"reform_churn": 10}, shocks=REFORMS),
        {"while it lasts": lambda world: world["context"]["churn"][Role.RESEARCHER] > 2},
    ),
    "dissolutions": (
        plain({"hazard_organisation": 0.2}, shocks=DISSOLUTIONS),
        {
            "named": in_week(10, 19, lambda w: w["state"]["successions"] == 1),
            "by role": lambda w: w["state"]["successions"] > 2,
        },
    ),
    "forums": (
        plain({"forum_every": 10, "forum_guests": 7, "forum_hours": 9, "vote_base": 1, "gap_threshold": 0.01}),
        {
            "held": lambda world: world["flows"]["forum"] == 1 and world["flows"]["led"] > 0,
            "not led": lambda world: world["flows"]["forum"] == 1 and world["flows"]["led"] == 0,
            "often": lambda world: world["state"]["guests_ever"] > 20,
        },
    ),
    "a facilitator by schedule": (
        plain(schedule=FACILITATOR, seats=NO_OFFICE),
        {"none": lambda w: w["flows"]["staffed"] == 0, "some": lambda w: w["flows"]["staffed"] == 9.0},
    ),
    "an office that is closed": (
        plain(shocks=CLOSED_OFFICE),
        {"no post": in_week(11, 90, lambda world: not world["state"]["is_post"][OFFICE])},
    ),
    "an office that opens while closed": (
        plain(shocks=CLOSED_OFFICE, posts=(Post(OFFICE, from_week=20),)),
        {
            "opens": in_week(20, 20, lambda world: world["state"]["is_seat"][OFFICE]),
            "no post": in_week(21, 90, lambda world: not world["state"]["is_post"][OFFICE]),
        },
    ),
    "organisations leave posts behind": (
        plain(
            {"hazard_organisation": 0.5, "purpose": 100}, posts=(Post(OFFICE, from_week=80), Post(CLINIC, share=0.1))
        ),
        {
            "leave": left(LeavingCause.ORGANISATION_LEFT),
            "never opens": in_week(80, 90, lambda world: not world["state"]["is_post"][OFFICE]),
        },
    ),
    "leading is learnt and wears": (
        plain({"lead_gain": 0.5, "lead_share": 0.5, "wear_gain": 0.5, "lead_hours": 15, "hazard_person": 0.2}),
        {"others lead": lambda world: world["flows"]["leader"] not in (0, -1)},
    ),
    "nobody convenes": (
        plain(UNCONVENED, seats=NO_OFFICE),
        {"fails": lambda world: world["state"]["status"] == Status.FAILED},
    ),
    "nobody comes": (
        plain({"attend_base": -5, "attend_leadership": 0, "meeting_gap": 4}),
        {"dormant": lambda world: world["state"]["status"] == Status.DORMANT},
    ),
}
"""By name: a scenario, and sights that have to be met in some week of some run of it."""
