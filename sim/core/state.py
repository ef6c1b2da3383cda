"""What a group of runs carries: State, Context and Flows, each one record that is a structure of arrays of lanes.

A record holds its arrays side by side in one block of memory; a copy, a checkpoint or a hash is that of one block.
Shapes are given in fixed letters: ``n`` seats, ``R`` kinds of resource, ``G`` organisations (2n), ``D`` themes, ``X``
kinds of experience, ``S`` stages of the pipeline, ``K`` kinds of shock, ``g`` roles, ``P`` levers, ``c`` causes of
leaving. A mask (``is_seat``,
``is_member``, ``is_organisation``) says what is in use; nothing is shifted or reallocated. Whole numbers are held as
floats, exact to 2**53, so that one kind of register serves all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.core.lanes.records import Layout, Part, Record
from sim.core.vocabulary import Experience, LeavingCause, Lever, Resource, Role, ShockKind, Theme

N_RESOURCES, N_THEMES, N_EXPERIENCES = len(Resource), len(Theme), len(Experience)
N_ROLES, N_SHOCK_KINDS, N_LEVERS, N_STAGES = len(Role), len(ShockKind), len(Lever), 3
N_CAUSES = len(LeavingCause)

_F, _I, _B = np.float64, np.int64, np.uint8


class Field(NamedTuple):
    """One field of a record: name, type, shape in letters, unit and meaning."""

    name: str
    kind: type
    shape: str
    unit: str
    meaning: str


STATE_FIELDS = (
    Field("week", _I, "", "weeks", "weeks gone by"),
    Field("status", _I, "", "code", "Status: alive, or why it ended"),
    Field("ended_week", _I, "", "week", "week of the end, -1 while alive"),
    Field("n_slots", _I, "", "seats", "slots ever used"),
    Field("n_founding_organisations", _I, "", "organisations", "organisations at the start"),
    Field("n_founders", _I, "", "persons", "persons at the start"),
    Field("people_ever", _I, "", "persons", "persons ever involved; the next person's number"),
    Field("leavers", _I, "", "persons", "persons who have left"),
    Field("successions", _I, "", "organisations", "organisations dissolved into a successor body"),
    Field("wins", _I, "", "wins", "small wins so far"),
    Field(
        "meeting_owed",
        _I,
        "",
        "code",
        "a due meeting that nobody has convened yet: 0 none, 1 research team, 2 core team",
    ),
    Field("meetings", _I, "", "meetings", "meetings held"),
    Field("forums", _I, "", "forums", "forums held"),
    Field("guests_ever", _I, "", "persons", "guests at forums, who never hold a seat"),
    Field("weeks_without_meeting", _I, "", "weeks", "weeks since a meeting was held"),
    Field("weeks_inactive", _I, "", "weeks", "weeks with too few active members"),
    Field("understanding", _F, "", "share", "shared understanding"),
    Field("coordination", _F, "", "share", "work kept in order"),
    Field("ambition", _F, "", "share", "how far the partnership aims"),
    Field("win_progress", _F, "", "output", "output since the last win"),
    Field("win_memory", _F, "", "wins per week", "recent rate of wins"),
    Field("outcome", _F, "", "share of purpose", "outcome so far"),
    Field("aim", _F, "", "share of purpose", "outcome at which the present purpose is met"),
    Field("purposes", _I, "", "purposes", "purposes met so far"),
    Field("turnout", _F, "", "share", "recent attendance of those invited, -1 before the first meeting"),
    Field("offering", _F, "", "share", "recent share of encounters in which one gives, -1 before the first"),
    Field("grant_until", _I, "", "week", "first week without grant income"),
    Field("grant_level", _F, "", "share", "size of the grant beside the first"),
    Field("grants_won", _I, "", "grants", "follow-on grants won"),
    Field("staff_hours", _F, "", "hours", "paid staff hours so far, facilitator included"),
    Field("member_hours", _F, "", "hours", "hours of members other than coordinators so far"),
    Field("inflow", _F, "", "coordinator-weeks", "ledger: funding received from outside"),
    Field("spent", _F, "", "coordinator-weeks", "ledger: funding spent"),
    Field("withdrawn", _F, "", "coordinator-weeks", "ledger: funding that left with seats"),
    Field("active_level", _F, "", "engagement", "engagement from which a member counts as active"),
    Field("left_for", _I, "c", "persons", "leavers by cause (LeavingCause)"),
    Field("is_rival", _B, "R", "0 or 1", "whether a kind is rival: who gives it no longer has it"),
    Field("role", _I, "n", "Role", "whose viewpoint the seat brings"),
    Field("ring", _I, "n", "Ring", "research team or core team"),
    Field("organisation_id", _I, "n", "index", "home organisation, -1 none"),
    Field("person_id", _I, "n", "number", "the person in the seat now, or last"),
    Field("vacant_weeks", _I, "n", "weeks", "weeks that the seat has been empty"),
    Field("tenure", _I, "n", "weeks", "weeks of the person in the seat"),
    Field("is_seat", _B, "n", "0 or 1", "whether the slot is a seat"),
    Field("is_member", _B, "n", "0 or 1", "whether a person fills the seat"),
    Field("is_post", _B, "n", "0 or 1", "whether the slot is kept for a post"),
    Field("pay", _F, "n", "share", "recent share of a coordinator's pay"),
    Field("leading", _F, "n", "share", "experience of the person as a leader"),
    Field("wear", _F, "n", "share", "how far leading has worn the person"),
    Field("standing", _F, "n", "share", "share of full participation"),
    Field("engagement", _F, "n", "share", "energy given to the partnership"),
    Field("benefit", _F, "n", "share", "perceived benefits"),
    Field("drawback", _F, "n", "share", "perceived drawbacks"),
    Field("aspiration", _F, "n", "share", "benefits that the person is used to"),
    Field("power", _F, "n", "equal shares", "say, 1 is an equal share"),
    Field("holdings", _F, "nR", "resource units", "what the seat holds"),
    Field("endowment", _F, "nR", "resource units", "what its own place renews"),
    Field("experience", _F, "nX", "see Experience", "memory of what the seat met"),
    Field("trust", _F, "nn", "trust", "of row i in column j"),
    Field("strain", _F, "nn", "strain", "of row i towards column j"),
    Field("familiarity", _F, "nn", "familiarity", "of row i with column j"),
    Field("use", _F, "nn", "share", "working tie from giver i to taker j"),
    Field("balance", _F, "nn", "resource units", "received by i from j less given"),
    Field("is_organisation", _B, "G", "0 or 1", "whether the organisation takes part"),
    Field("backing", _F, "G", "share", "backing for its seats"),
    Field("backing_base", _F, "G", "share", "backing that it falls back to"),
    Field("organisation_tenure", _I, "G", "weeks", "weeks that it has taken part"),
    Field("memory", _F, "GR", "resource units", "knowledge kept for a successor"),
    Field("pool", _F, "R", "resource units", "common pool; entry funding is the purse in coordinator-weeks"),
    Field("activity", _F, "D", "share", "what the partnership works on"),
    Field("belief", _F, "D", "share", "shared picture of what is needed"),
    Field("plan", _F, "D", "share", "what was last decided"),
    Field("pipeline", _F, "S", "share of purpose", "progress on its way to outcome"),
)

CONTEXT_FIELDS = (
    Field("climate", _F, "", "1 is normal", "funding climate"),
    Field("policy_fit", _F, "", "share", "fit of the work with policy"),
    Field("changed_week", _I, "", "week", "week of the last dated change of need, -1 for none"),
    Field("need", _F, "D", "share", "what is needed now"),
    Field("need_base", _F, "D", "share", "what the need returns to"),
    Field("shock_until", _I, "K", "week", "first week in which a lasting shock is over"),
    Field("shock_size", _F, "K", "share", "size of the lasting shock"),
    Field("exit_chance", _F, "g", "share", "this week's extra chance of leaving, per role"),
    Field("closed_until", _I, "g", "week", "first week in which a role may be filled again"),
    Field("churn", _F, "g", "factor", "extra push on a role after a merger or reform"),
    Field("churn_until", _I, "g", "week", "first week in which it is over"),
)

FLOW_FIELDS = (
    Field("paid", _F, "", "share", "share of salaries paid"),
    Field("cover", _F, "", "share", "share of the levers' hours that is staffed"),
    Field("staffed", _F, "", "hours", "staff hours, facilitator included"),
    Field("facilitated", _F, "", "hours", "paid hours of the facilitator"),
    Field("leader", _I, "", "slot", "who leads, -1 for nobody"),
    Field("leadership", _F, "", "share", "strength of the one who leads"),
    Field("led", _F, "", "share", "that strength, if the one who leads is in the meeting"),
    Field("forum", _B, "", "0 or 1", "the meeting was a forum"),
    Field("project", _F, "", "coordinator-weeks", "funding spent on the work itself"),
    Field("departures", _I, "", "persons", "persons who left"),
    Field("arrivals", _I, "", "persons", "persons who came"),
    Field("organisation_exits", _I, "", "organisations", "organisations that left"),
    Field("meeting", _I, "", "code", "0 none held, 1 research team, 2 core team"),
    Field("n_invited", _I, "", "persons", "invited to the meeting"),
    Field("n_attends", _I, "", "persons", "who came"),
    Field("n_encounters", _I, "", "pairs", "pairs that met"),
    Field("n_conflicts", _I, "", "pairs", "encounters with conflict"),
    Field("n_unhandled", _I, "", "pairs", "conflicts left unhandled"),
    Field("n_given", _I, "", "transfers", "requests granted"),
    Field("n_refused", _I, "", "requests", "requests refused"),
    Field("alone", _F, "", "yield", "contributions, each worked alone"),
    Field("gain", _F, "", "yield", "gain of combining"),
    Field("cost", _F, "", "yield", "cost of combining"),
    Field("joint", _F, "", "yield", "joint yield"),
    Field("effort", _F, "", "share", "mean over members of the work taken on, as a share of full time"),
    Field("potential", _F, "", "yield", "gain if everything were combined"),
    Field("output", _F, "", "yield", "need-matched joint yield, Q"),
    Field("win", _I, "", "0 or 1", "a small win"),
    Field("decided", _I, "", "code", "1 realignment carried, -1 refused, 0 none voted on"),
    Field("invited", _B, "n", "0 or 1", "invited to the meeting"),
    Field("attends", _B, "n", "0 or 1", "came to the meeting"),
    Field("heard", _B, "n", "0 or 1", "was heard in the meeting"),
    Field("win_seen", _B, "n", "0 or 1", "saw the win"),
    Field("in_favour", _B, "n", "0 or 1", "voted for realignment"),
    Field("post_share", _F, "n", "share", "share of full time of the seat's active post"),
    Field(
        "post_pay",
        _F,
        "n",
        "coordinator-weeks",
        "what the active post costs the purse in a week, -1 where an organisation pays",
    ),
    Field("paid_share", _F, "n", "share", "paid share of the seat's time"),
    Field("partners", _I, "n", "pairs", "encounters of the seat"),
    Field("hours", _F, "n", "hours", "hours given"),
    Field("received", _F, "n", "resource units", "nonfinancial resources received"),
    Field("funded", _F, "n", "coordinator-weeks", "funding received for work contracted"),
    Field("frustration", _F, "n", "events", "quarrels and refusals met"),
    Field("contact", _F, "n", "familiarity", "familiarity gained"),
    Field("spare", _F, "nR", "resource units", "what the seat could give each partner of a meeting"),
    Field("reach", _F, "nR", "resource units", "up to how much of a kind another is brought by the seat"),
    Field("share", _F, "n", "share", "share of its contribution that was combined with others'"),
    Field("home_net", _F, "G", "net benefit", "net benefit of the organisation's members, summed"),
    Field("home_seats", _F, "G", "seats", "seats of the organisation that were counted"),
    Field("met", _B, "nn", "0 or 1", "who dealt with whom"),
    Field(
        "offer",
        _I,
        "nn",
        "code",
        "kind given by i to j, R + kind if refused, -1 if nothing was requested",
    ),
    Field("amount", _F, "nn", "resource units", "amount of the offer"),
    Field("taught", _F, "nR", "resource units", "best increment taught to the seat"),
    Field("volume", _F, "R", "resource units", "given, by kind"),
)


_COMMON = frozenset({"week", "n_slots"})
"""Fields that all runs of a group share: the week, and slots ever used by any of them."""

_SIZES = {
    "R": N_RESOURCES,
    "D": N_THEMES,
    "X": N_EXPERIENCES,
    "S": N_STAGES,
    "K": N_SHOCK_KINDS,
    "g": N_ROLES,
    "c": N_CAUSES,
}


def _layout(name: str, fields: tuple[Field, ...]) -> Layout:
    def kind(field: Field) -> str:
        kinds: dict[type, str] = {_F: "f", _I: "i", _B: "b"}
        return "s" if field.name in _COMMON else kinds[field.kind]

    return Layout(name, [(f.name, kind(f), tuple(_SIZES.get(letter, letter) for letter in f.shape)) for f in fields])


STATE = _layout("state", STATE_FIELDS)
CONTEXT = _layout("context", CONTEXT_FIELDS)
FLOWS = _layout("flows", FLOW_FIELDS)
PRACTICE = Layout(
    "practice",
    [("level", "f", (N_LEVERS,))],
    {lever.name.lower(): Part("level", int(lever)) for lever in Lever},
)
"""Effective levers of the week, by number (``practice.level[p]``) and by name (``practice.leadership``)."""

NOW = Layout("now", [("seed", "q", ()), ("replicate", "q", ()), ("week", "s", ())])
"""Where in the random numbers a group stands: the address of a draw begins with it."""


class Records(NamedTuple):
    """The records of a group that ``step`` changes."""

    state: Record
    context: Record
    flows: Record
    practice: Record


def room_in_memory(seats: int) -> int:
    """Return for how many seats records are made: an odd number.

    A row of ties is never a power of two of cache lines long: such rows would push each other out of the cache.
    """
    return seats + 1 - seats % 2


def blank_records(width: int, seats: int) -> Records:
    """Return blank records of ``width`` lanes with room for ``seats`` seats."""
    room = room_in_memory(seats)
    return Records(*(Record(layout, width, room) for layout in (STATE, CONTEXT, FLOWS, PRACTICE)))


def moment(seed: int, replicate: int, week: int) -> Record:
    """Return the place of one run in the random numbers."""
    now = Record(NOW, 1)
    now.seed, now.replicate, now.week = seed, replicate, week
    return now
