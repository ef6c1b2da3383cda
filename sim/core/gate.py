"""The gate: the one place that judges the names and the ranges of settings, by the tables of parameters and kinds.

The way of ``enabling.leadership=1.4`` from the command line to its message: ``sim.commands.run`` hands the arguments to
``sim.config.resolve``, which composes them with the case and the scenario; ``sim.config.build`` makes a ``Scenario`` of
that, and the ``Scenario`` calls ``check`` here, whose line ``check_number`` writes. The line climbs back as one of the
``problems`` of a ``UserError``, together with all others, and ``sim.commands.cli`` prints it.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping

from sim.core.errors import UserError
from sim.core.parameters import CHOICES, LEVERS, PARAMETERS, TRAIT_RANGES
from sim.core.traits import TRAITS
from sim.core.vocabulary import Rule, words


class ParameterError(UserError):
    """Settings that break a rule of the table."""


def numeric_range(name: str) -> tuple[float, float, str] | None:
    """Return (low, high, unit) of a dotted numeric setting, or None when there is no such setting.

    Parameters
    ----------
    name : str
        ``parameters.NAME``, ``enabling.NAME`` or ``traits.KIND.TRAIT``.

    Examples
    --------
    >>> numeric_range("enabling.leadership")
    (0.0, 1.0, 'share of full effort')
    """
    head, _, rest = name.partition(".")
    if head == "parameters" and rest in PARAMETERS:
        row = PARAMETERS[rest]
        return (row.low, row.high, row.unit)
    if head == "enabling" and rest in LEVERS:
        lever = LEVERS[rest]
        return (lever.low, lever.high, lever.unit)
    if head == "traits":
        kind, _, trait = rest.partition(".")
        if kind in TRAITS and trait in TRAIT_RANGES:
            return TRAIT_RANGES[trait]
    return None


def setting_names() -> tuple[str, ...]:
    """Return the dotted names of all settings of these tables, in the order of the tables."""
    return (
        *(f"enabling.{name}" for name in LEVERS),
        *(f"parameters.{name}" for name in PARAMETERS),
        *(f"traits.{kind}.{trait}" for kind in TRAITS for trait in TRAIT_RANGES),
        *CHOICES,
        *(f"rules.{name}" for name in words(Rule)),
    )


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return ``"; did you mean 'x'?"`` for the most similar name, or an empty string."""
    found = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f"; did you mean '{found[0]}'?" if found else ""


def plain(number: float) -> str:
    """Write a number without needless digits.

    >>> plain(1.0), plain(0.25)
    ('1', '0.25')
    """
    return f"{number:g}"


def check_number(name: str, value: object, low: float, high: float, unit: str) -> str | None:
    """Return a one-line complaint when ``value`` is not a number in [low, high], else None."""
    rule = f"{name} must be a number from {plain(low)} to {plain(high)} ({unit})"
    if isinstance(value, bool) or not isinstance(value, int | float):
        shown = "nothing" if value is None or value == "" else f"{value!r}"
        return f"{rule}; got {shown}"
    if not math.isfinite(value) or not low <= value <= high:
        return f"{rule}; got {plain(float(value))}"
    return None


def _check_one(name: str, value: object, names: tuple[str, ...]) -> str | None:
    limits = numeric_range(name)
    if limits is not None:
        return check_number(name, value, *limits)
    if name in CHOICES:
        if value in CHOICES[name]:
            return None
        allowed = ", ".join(CHOICES[name])
        return f"{name} must be one of {allowed}; got {value!r}{did_you_mean(str(value), CHOICES[name])}"
    if name.startswith("rules.") and name in names:
        return None if isinstance(value, bool) else f"{name} must be true or false; got {value!r}"
    return f"unknown setting '{name}'{did_you_mean(name, names)}"


def check(values: Mapping[str, object]) -> dict[str, float | str | bool]:
    """Check settings against the tables, or refuse them with all their mistakes.

    Parameters
    ----------
    values : Mapping[str, object]
        Dotted names (``parameters.trust_gain``, ``enabling.leadership``, ``traits.skills.fade``,
        ``turnover.cause``, ``rules.exchange``) and their values.

    Returns
    -------
    dict
        The same names; numbers as float.

    Raises
    ------
    ParameterError
        With one line per unknown name, wrong type or value out of range.

    Examples
    --------
    >>> check({"enabling.leadership": 1})
    {'enabling.leadership': 1.0}
    """
    names = setting_names()
    problems = [line for name, value in values.items() if (line := _check_one(name, value, names))]
    if problems:
        raise ParameterError(problems)
    return {
        name: float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value  # type: ignore[misc]
        for name, value in values.items()
    }
