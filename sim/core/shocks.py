"""Table of the kinds of shock: what each does and which of an event's fields it reads.

A kind that lasts is a row here; rules read its active size (``sim.core.rules._common.active_size``). A kind that
strikes at once is a row here and a kernel in ``sim.core.rules.context``.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.core.vocabulary import ShockKind, words


@dataclass(frozen=True)
class ShockRow:
    """One kind of shock.

    Attributes
    ----------
    name : str
        Word of ``ShockKind``.
    lasts : bool
        Whether a size is in force for the event's duration. Sizes of overlapping events add up as chances do.
    random : bool
        Whether it also strikes undated, at the rate ``random_shock_rate``.
    leave : bool
        Whether persons of the struck roles may leave in that week, with a chance of the event's size.
    role : str
        Whom an event without a role strikes: ``any`` (every role), the word of a role, or nothing where the kind
        reads no role.
    duration : bool
        Whether it reads a duration.
    theme : bool
        Whether it reads a theme.
    organisation : bool
        Whether it may name an organisation of the case.
    meaning : str
        What a size of 1 does, in one sentence.
    """

    name: str
    lasts: bool
    random: bool
    leave: bool
    role: str
    duration: bool
    theme: bool
    organisation: bool
    meaning: str


_ROWS = (
    ShockRow("funding_cut", True, True, False, "", True, False, False, "All grant income is lost while it lasts."),
    ShockRow("policy_reform", False, True, False, "decision_maker", True, True, False, "Need moves wholly to another theme, fit with policy is lost, decision makers move on while it lasts."),
    ShockRow("merger", False, True, True, "decision_maker", True, False, False, "People of the role leave, at once and for as long as it lasts; their organisations back the partnership less."),
    ShockRow("person_leaves", False, True, True, "any", False, False, False, "Every person of the role leaves."),
    ShockRow("lost_meetings", True, True, False, "", True, False, False, "No meeting takes place while it lasts."),
    ShockRow("rival_priority", True, True, False, "", True, False, False, "Another task takes backing, and with it time, while it lasts."),
    ShockRow("online_meetings", True, False, False, "", True, False, False, "Meetings are wholly online while it lasts."),
    ShockRow("role_withdrawn", False, False, True, "any", True, False, False, "Every person of the role leaves, and nobody takes their place while it lasts."),
    ShockRow("dissolution", False, False, False, "decision_maker", False, False, True, "A successor body takes over the organisation's seats and people, without its memory, standing or backing."),
)

SHOCKS: dict[str, ShockRow] = {row.name: row for row in _ROWS}

MAX_WEEKS = 520
"""Longest run, in weeks."""

SHOCK_LIMITS: dict[str, tuple[int, int, str]] = {
    "week": (1, MAX_WEEKS, "weeks after the start"),
    "size": (0, 1, "share of the largest possible"),
    "duration": (1, MAX_WEEKS, "weeks"),
}
"""Least and most value and unit of an event's numbers; weeks and durations are whole."""

if tuple(SHOCKS) != words(ShockKind):
    raise AssertionError("the table of shocks and the vocabulary disagree")
