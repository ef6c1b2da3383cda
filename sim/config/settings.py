"""Tables of settings: what a user may set besides the rows of the parameter table, with ranges and meanings.

A *setting* is written ``NAME=VALUE`` on the command line. Numbers of the model are rows of
``sim.core.parameters``; the few settings about the run itself, and the fields of shocks and schedules, stand here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from sim.core.gate import ParameterError, check, plain, setting_names
from sim.core.parameters import PARAMETERS
from sim.core.scenario import MAX_SEATS, SCHEDULED
from sim.core.shocks import MAX_WEEKS, SHOCK_LIMITS
from sim.core.vocabulary import Lever, Ring, Role, ShockKind, Theme, words

MAX_SEED = 2**32 - 1
MAX_REPLICATES = 1_000_000
MAX_THREADS = 1024
FILE_CHOICES = ("case", "scenario")


@dataclass(frozen=True)
class Setting:
    """One setting about the run, one option of a verb, or one field of a case, scenario, shock, schedule or post.

    Attributes
    ----------
    name : str
        The name as typed.
    kind : {'whole number', 'number', 'word', 'text', 'list'}
        What its value must be; a list may also be a single name.
    meaning : str
        One sentence for ``explain``.
    default : object
        Value when it is not given; None means that the case decides.
    low, high : float
        Smallest and largest value of a number.
    unit : str
        Unit of a number.
    choices : tuple of str
        Allowed words.
    """

    name: str
    kind: Literal["whole number", "number", "word", "text", "list"]
    meaning: str = ""
    default: object = None
    low: float = 0
    high: float = 0
    unit: str = ""
    choices: tuple[str, ...] = ()

    def rule(self) -> str:
        """Return what a value must be, in words.

        >>> RUN_SETTINGS["seed"].rule()
        'must be a whole number from 0 to 4294967295'
        """
        if self.kind == "word":
            return f"must be one of {', '.join(self.choices)}"
        if self.kind == "text":
            return "must be a name or path"
        if self.kind == "list":
            return "must be a name or a list such as [A,B]"
        unit = f" ({self.unit})" if self.unit else ""
        high = str(int(self.high)) if float(self.high).is_integer() else plain(self.high)
        return f"must be a {self.kind} from {plain(self.low)} to {high}{unit}"

    def problem(self, value: object, name: str = "") -> str | None:
        """Return the line that says why a value is not allowed, or None.

        Parameters
        ----------
        value : object
            As typed or read from a file.
        name : str, optional
            Dotted name for the message; that of the row when not given.
        """
        if self._allows(value):
            return None
        near = get_close_matches(str(value), self.choices, n=1) if self.kind == "word" else ()
        hint = f"; did you mean '{near[0]}'?" if near else ""
        return f"{name or self.name} {self.rule()}; got {show(value)}{hint}"

    def _allows(self, value: object) -> bool:
        if value is None or value == "":
            return False
        if self.kind == "word":
            return value in self.choices
        if self.kind == "text":
            return not isinstance(value, list | Mapping)
        if self.kind == "list":
            return not isinstance(value, Mapping)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if self.kind == "whole number" and not isinstance(value, int):
            return False
        return math.isfinite(value) and self.low <= value <= self.high


def show(value: object) -> str:
    """Write a received value for a message: words in quotes, numbers bare.

    >>> show("high"), show(7), show("")
    ("'high'", '7', 'nothing')
    """
    if value is None or value == "":
        return "nothing"
    return f"'{value}'" if isinstance(value, str) else str(value)


def by_name(*settings: Setting) -> dict[str, Setting]:
    """Return rows by their name."""
    return {setting.name: setting for setting in settings}


RUN_SETTINGS: dict[str, Setting] = by_name(
    Setting("seed", "whole number", "Chooses the random numbers; the same seed gives the same results.",
            1, 0, MAX_SEED),
    Setting("replicates", "whole number", "How many times the partnership is run, each with other random numbers.",
            200, 1, MAX_REPLICATES, "runs"),
    Setting("weeks", "whole number", "Length of a run; empty means the length of the case.",
            None, 1, MAX_WEEKS, "weeks"),
    Setting("threads", "whole number", "Processor threads to use; results do not depend on it; empty means all.",
            None, 1, MAX_THREADS, "threads"),
    Setting("posterior", "text", "Where each replicate draws what is uncertain: cases (fitted to both cases), none "
            "(the tables' defaults), or a file that 'partnersim calibrate' wrote.", "cases"),
    Setting("output", "text", "Folder for the results; it must not exist yet."),
    Setting("name", "text", "A name for the run, shown in the figure and the record."),
)  # fmt: skip

SHOCK_FIELDS: dict[str, Setting] = by_name(
    Setting("kind", "word", "What happens.", choices=words(ShockKind)),
    Setting("week", "whole number", "When it strikes.", None, *SHOCK_LIMITS["week"]),
    Setting("size", "number", "How strong it is.", None, *SHOCK_LIMITS["size"]),
    Setting("duration", "whole number", "How long it lasts, for kinds that last.", 1, *SHOCK_LIMITS["duration"]),
    Setting("role", "word", "Whom it strikes; any means whom the kind strikes by itself.", "any",
            choices=(*words(Role), "any")),
    Setting("theme", "word", "What a reform makes dominant.", choices=words(Theme)),
    Setting("organisation", "text", "Which organisation is dissolved; empty means those of the role."),
)  # fmt: skip

STAFF = tuple(name for name in SCHEDULED if name not in words(Lever))
"""Hours of staff that a schedule may change, as it may change levers."""

_STAFF_ROW = PARAMETERS[STAFF[0]]

SCHEDULE_FIELDS: dict[str, Setting] = by_name(
    Setting("lever", "word", "Which lever changes.", choices=words(Lever)),
    Setting("staff", "word", "Whose hours change, in place of a lever.", choices=STAFF),
    Setting("week", "whole number", "When it changes.", None, *SHOCK_LIMITS["week"]),
    Setting("value", "number", "The new value.", None, 0, _STAFF_ROW.high,
            f"{_STAFF_ROW.unit}; for a lever the share of full effort, at most 1"),
)  # fmt: skip

PAYERS = ("purse", "organisation")
_PAY = PARAMETERS["salary"]

POST_FIELDS: dict[str, Setting] = by_name(
    Setting("seats", "text", "Founding group whose seats it pays for; empty means the group of the post's name."),
    Setting("number", "whole number", "Which seat of the group, 1 the first; empty means all.", None, 1, MAX_SEATS,
            "seat of the group"),
    Setting("share", "number", "How much of a full-time week is paid.", 1, 0.01, 1, "share of full time"),
    Setting("pay", "number", "Pay of full time; empty means the parameter salary.", None, _PAY.low, _PAY.high,
            f"{_PAY.unit} per week"),
    Setting("payer", "word", "Who pays: the purse of the partnership, or the seat's organisation.",
            PAYERS[0], choices=PAYERS),
    Setting("from_week", "whole number", "First week.", 1, 1, MAX_WEEKS, "weeks after the start"),
    Setting("to_week", "whole number", "Last week; empty means the end of the run.", None, 1, MAX_WEEKS,
            "weeks after the start"),
)  # fmt: skip

FOUNDING_FIELDS: dict[str, Setting] = by_name(
    Setting("role", "word", "Role of the seats.", choices=words(Role)),
    Setting("ring", "word", "Ring of the seats.", choices=words(Ring)),
    Setting("organisation", "text", "Home of their members: an organisation of the case, each, or none."),
    Setting("seats", "whole number", "How many there are.", None, 1, MAX_SEATS, "seats"),
)

FIELDS: dict[str, dict[str, Setting]] = {
    "shocks": SHOCK_FIELDS,
    "schedule": SCHEDULE_FIELDS,
    "posts": POST_FIELDS,
    "founding": FOUNDING_FIELDS,
}
"""Settings whose second part is a name that the user chooses, such as ``shocks.NAME.week``."""

EXAMPLES = {
    "shocks": "{kind: funding_cut, week: 100}",
    "schedule": "{lever: leadership, week: 100, value: 0.8}",
    "posts": "{seats: coordinators, share: 0.5, from_week: 79}",
    "founding": "{role: coordinator, ring: core_team, organisation: university, seats: 1}",
}


def known_names() -> tuple[str, ...]:
    """Return every fixed name that may stand before ``=`` (shocks, schedules, posts and groups have free names)."""
    return (*FILE_CHOICES, *RUN_SETTINGS, *setting_names())


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the nearest valid name, or None.

    A right last part with a wrong or missing front part counts as nearest.

    >>> nearest("leadershp", ["enabling.leadership", "seed"])
    'enabling.leadership'
    """
    names = list(names)
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return close[0]
    tails = {full.rpartition(".")[2]: full for full in names}
    last = get_close_matches(name.rpartition(".")[2], list(tails), n=1, cutoff=0.75)
    return tails[last[0]] if last else None


def named_row(name: str) -> Setting | None:
    """Return the row that governs a dotted name, or None when it belongs to the parameter table."""
    parts = name.split(".")
    if len(parts) == 3 and parts[0] in FIELDS:
        return FIELDS[parts[0]].get(parts[2])
    return RUN_SETTINGS.get(name)


def is_known(name: str) -> bool:
    """Tell whether a dotted name may stand before ``=`` in a run, cases and scenarios apart."""
    parts = name.split(".")
    return name in setting_names() or named_row(name) is not None or (parts[0] in FIELDS and len(parts) == 2)


def problems_of(values: Mapping[str, object]) -> list[str]:
    """Return one line for each name that is unknown and each value that is not allowed, without building anything.

    Parameters
    ----------
    values : mapping of str to object
        Dotted names and plain values; None means "not set".
    """
    found: list[str | None] = []
    for name, value in values.items():
        if not is_known(name):
            found.append(unknown_line(name))
        elif value is None:
            continue
        elif row := named_row(name):
            found.append(row.problem(value, name))
        elif name in setting_names():
            found += gate_problems({name: value})
        elif isinstance(value, Mapping):
            found += problems_of({f"{name}.{key}": item for key, item in value.items()})
        else:
            example = EXAMPLES[name.partition(".")[0]]
            found.append(f"{name} must be a mapping such as {example}, or null to remove it; got {show(value)}")
    return [line for line in found if line]


def gate_problems(values: Mapping[str, object]) -> list[str]:
    """Return what the gate of the parameter table (``sim.core.gate.check``) says about settings."""
    try:
        check(values)
    except ParameterError as error:
        return list(error.problems)
    return []


def unknown_line(name: str, more: Iterable[str] = ()) -> str:
    """Say that a setting does not exist, with the nearest one that does.

    Parameters
    ----------
    name : str
        The name as typed.
    more : iterable of str
        Names that are known here besides those of a run.
    """
    parts = name.split(".")
    if parts[0] in FIELDS and len(parts) >= 2:
        fields = list(FIELDS[parts[0]])
        close = get_close_matches(parts[-1], fields, n=1)
        hint = f"; did you mean '{parts[0]}.{parts[1]}.{close[0]}'?" if close else f"; allowed: {', '.join(fields)}"
        return f"unknown setting '{name}'{hint}"
    near = nearest(name, (*known_names(), *more))
    hint = f"did you mean '{near}'?" if near else "'partnersim list parameters' and 'partnersim list levers' show all"
    return f"unknown setting '{name}'; {hint}"
