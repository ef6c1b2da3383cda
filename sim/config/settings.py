"""What a user may set in one run, besides the rows of the parameter table: names, ranges and meanings.

A *setting* is written ``NAME=VALUE`` on the command line. Numbers of the model are rows of
``sim.core.parameters`` and pass its gate; the few settings about the run itself stand here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from sim.core.parameters import ParameterError, check, setting_names
from sim.core.shocks import MAX_WEEKS
from sim.core.vocabulary import Lever, Role, ShockKind, Theme, words

MAX_SEED = 2**32 - 1
MAX_REPLICATES = 1_000_000
MAX_THREADS = 1024
FILE_CHOICES = ("case", "scenario")


@dataclass(frozen=True)
class Setting:
    """One setting about the run, or one field of a shock or a schedule.

    Attributes
    ----------
    name : str
        The name as typed.
    kind : {'whole number', 'number', 'word', 'text'}
        What its value must be.
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
    kind: Literal["whole number", "number", "word", "text"]
    meaning: str
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
            return f"must be one of: {', '.join(self.choices)}"
        if self.kind == "text":
            return "must be a name or path"
        unit = f" ({self.unit})" if self.unit else ""
        return f"must be a {self.kind} from {self.low:g} to {_plain(self.high)}{unit}"


def _plain(number: float) -> str:
    """Write a bound without exponent."""
    return str(int(number)) if float(number).is_integer() else f"{number:g}"


def _table(*settings: Setting) -> dict[str, Setting]:
    return {setting.name: setting for setting in settings}


RUN_SETTINGS: dict[str, Setting] = _table(
    Setting("seed", "whole number", "Chooses the luck; the same seed gives the same results.", 1, 0, MAX_SEED),
    Setting(
        "replicates",
        "whole number",
        "How many times the same partnership is run, each with other luck.",
        200,
        1,
        MAX_REPLICATES,
        "runs",
    ),
    Setting(
        "weeks",
        "whole number",
        "Length of a run; empty means the length of the case.",
        None,
        1,
        MAX_WEEKS,
        "weeks",
    ),
    Setting(
        "threads",
        "whole number",
        "Processor threads to use; results do not depend on it; empty means all.",
        None,
        1,
        MAX_THREADS,
        "threads",
    ),
    Setting(
        "posterior",
        "text",
        "Where each replicate draws what is uncertain: cases (fitted to both cases), none (the tables' defaults), or a "
        "file that 'partnersim calibrate' wrote.",
        "cases",
    ),
    Setting("output", "text", "Folder for the results; it must not exist yet."),
    Setting("name", "text", "A name for the run, shown in the figure and the record."),
)

SHOCK_FIELDS: dict[str, Setting] = _table(
    Setting("kind", "word", "What happens.", choices=words(ShockKind)),
    Setting("week", "whole number", "When it strikes.", None, 0, MAX_WEEKS, "weeks after the start"),
    Setting("size", "number", "How strong it is.", None, 0, 1, "share of the largest possible"),
    Setting("duration", "whole number", "How long it lasts.", None, 0, MAX_WEEKS, "weeks"),
    Setting("role", "word", "Whom it strikes.", choices=(*words(Role), "any")),
    Setting("theme", "word", "What a reform makes dominant.", choices=words(Theme)),
)

SCHEDULE_FIELDS: dict[str, Setting] = _table(
    Setting("lever", "word", "Which lever changes.", choices=words(Lever)),
    Setting("week", "whole number", "When it changes.", None, 0, MAX_WEEKS, "weeks after the start"),
    Setting("value", "number", "The new value.", None, 0, 1, "share of full effort"),
)

FIELDS: dict[str, dict[str, Setting]] = {"shocks": SHOCK_FIELDS, "schedule": SCHEDULE_FIELDS}


FREE_TREES = tuple(FIELDS)
"""Settings whose second part is a name that the user chooses, such as ``shocks.NAME.week``."""


def known_names() -> tuple[str, ...]:
    """Return every fixed name that may stand before ``=`` (shocks and schedules have free names)."""
    return (*FILE_CHOICES, *RUN_SETTINGS, *setting_names())


def nearest(name: str, names: tuple[str, ...] | list[str]) -> str | None:
    """Return the nearest valid name, or None.

    A right last part with a wrong or missing front part counts as nearest.

    >>> nearest("leadershp", ["enabling.leadership", "seed"])
    'enabling.leadership'
    """
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return close[0]
    tails = {full.rpartition(".")[2]: full for full in names}
    last = get_close_matches(name.rpartition(".")[2], list(tails), n=1, cutoff=0.75)
    return tails[last[0]] if last else None


def problems_of(values: Mapping[str, object]) -> list[str]:
    """Return one line for each name that is unknown and each value that is not allowed.

    Parameters
    ----------
    values : mapping of str to object
        Dotted names and plain values; None means "not set".
    """
    found: list[str] = []
    for name, value in values.items():
        setting = _setting_of(name)
        if setting is not None:
            found += value_problems(name, setting, value)
        elif name in FREE_TREES or _is_named_whole(name):
            found += _whole_problems(name, value)
        elif name not in setting_names():
            found.append(unknown_line(name))
        elif value is not None and not (name == "null_model" and value == "null"):
            try:
                check({name: value})
            except ParameterError as error:
                found += error.problems
    return found


def _setting_of(name: str) -> Setting | None:
    """Return the row that governs a name, or None when it belongs to the parameter table."""
    if name in RUN_SETTINGS:
        return RUN_SETTINGS[name]
    parts = name.split(".")
    if len(parts) == 3 and parts[0] in FIELDS:
        return FIELDS[parts[0]].get(parts[2])
    return None


def _is_named_whole(name: str) -> bool:
    parts = name.split(".")
    return len(parts) == 2 and parts[0] in FIELDS


def _whole_problems(name: str, value: object) -> list[str]:
    """Check a whole shock or schedule entry, such as ``shocks.cut={kind: funding_cut, week: 9}``."""
    tree = name.split(".")[0]
    if value is None:
        return []
    if not isinstance(value, Mapping):
        example = "{kind: funding_cut, week: 100}" if tree == "shocks" else "{lever: leadership, week: 100, value: 0.8}"
        return [f"{name} must be a mapping such as {example}, or null to remove it; got {show(value)}"]
    return problems_of({f"{name}.{key}": item for key, item in value.items()})


def unknown_line(name: str) -> str:
    """Say that a setting does not exist, with the nearest one that does."""
    parts = name.split(".")
    if parts[0] in FIELDS and len(parts) >= 2:
        fields = list(FIELDS[parts[0]])
        close = get_close_matches(parts[-1], fields, n=1)
        hint = f"; did you mean '{parts[0]}.{parts[1]}.{close[0]}'?" if close else f"; allowed: {', '.join(fields)}"
        return f"unknown setting '{name}'{hint}"
    close_name = nearest(name, known_names())
    if close_name is None:
        return f"unknown setting '{name}'; 'partnersim list parameters' and 'partnersim list levers' show all"
    return f"unknown setting '{name}'; did you mean '{close_name}'?"


def value_problems(name: str, setting: Setting, value: object) -> list[str]:
    """Return the line that tells why a value is not allowed, or an empty list."""
    if value is None:
        return []
    if value == "":
        return [f"{name} {setting.rule()}; got nothing"]
    return [] if _allowed(setting, value) else [f"{name} {setting.rule()}; got {show(value)}"]


def _allowed(setting: Setting, value: object) -> bool:
    if setting.kind == "word":
        return value in setting.choices
    if setting.kind == "text":
        return not isinstance(value, (list, Mapping))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    if setting.kind == "whole number" and not isinstance(value, int):
        return False
    return math.isfinite(value) and setting.low <= value <= setting.high


def show(value: object) -> str:
    """Write a received value for a message: words in quotes, numbers bare."""
    return f"'{value}'" if isinstance(value, str) else str(value)
