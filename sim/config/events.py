"""Shocks and scheduled changes as wholes: what only several fields together show.

Used by ``sim.config.schema`` for a file and by ``sim.config.build`` for a row that several layers made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from sim.config.settings import SCHEDULE_FIELDS, SHOCK_FIELDS, STAFF, show
from sim.core.parameters import LEVERS, PARAMETERS
from sim.core.scenario import SCHEDULED
from sim.core.shocks import SHOCKS

SOMETIMES_READ = ("duration", "role", "theme", "organisation")
"""Fields that some kinds of shock read and others do not."""

TARGETS = ("lever", "staff")
"""Fields of a schedule's entry of which it gives exactly one."""


def reads(kind: str, field: str) -> bool:
    """Tell whether a kind of shock reads a field.

    >>> reads("merger", "duration"), reads("person_leaves", "duration")
    (True, False)
    """
    return field not in SOMETIMES_READ or bool(getattr(SHOCKS[kind], field))


def unread_problems(where: str, kind: object, given: Mapping[str, Any], case: bool = False) -> list[str]:
    """Return one line for each given field that the kind of shock does not read and that would do nothing.

    Parameters
    ----------
    where : str
        Dotted name of the shock.
    kind : object
        Its kind; an unknown one has no problems here.
    given : mapping
        Fields and plain values. What says the same as nothing (``role: any``, ``duration: 1``) may stand.
    case : bool
        Whether a case gives them: its numbers have ranges, so each must act.
    """
    if kind not in SHOCKS:
        return []
    kind = str(kind)
    used = ", ".join(name for name in SHOCK_FIELDS if name != "kind" and reads(kind, name))
    idle = [name for name, value in given.items() if value is not None and not reads(kind, name)]
    return [
        f"{where}.{name} {show(given[name])} would do nothing: a shock of kind {kind} reads {used}"
        for name in idle
        if given[name] != SHOCK_FIELDS[name].default or (case and name == "duration")
    ]


def both_problems(where: str, row: Mapping[str, Any]) -> list[str]:
    """Return the line that says that a shock names an organisation and a role, of which the role would do nothing."""
    if row.get("organisation") and row.get("role", "any") != "any":
        return [f"{where} names an organisation and a role; give only the one that is struck"]
    return []


def target_of(row: Mapping[str, Any]) -> str:
    """Return what an entry of a schedule changes, a name of ``sim.core.scenario.SCHEDULED``."""
    return str(row.get("lever") or row.get("staff"))


def change_problems(where: str, row: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with an entry of a schedule as far as it is given: what it changes, and how far.

    Parameters
    ----------
    where : str
        Dotted name of the entry.
    row : mapping
        Those of its fields that are given.
    """
    given = [field for field in TARGETS if row.get(field) is not None]
    if wrong := [field for field in given if row[field] not in SCHEDULE_FIELDS[field].choices]:
        return [_cannot_change(f"{where}.{field}", row[field]) for field in wrong]
    if len(given) > 1:
        return [f"{where} gives lever: {row['lever']} and staff: {row['staff']}; give one of them"]
    if "value" not in row or row["value"] is None:
        return []
    setting = SCHEDULE_FIELDS["value"]
    if given:
        limits = LEVERS.get(row[given[0]]) or PARAMETERS[row[given[0]]]
        setting = replace(setting, low=limits.low, high=limits.high, unit=limits.unit)
    line = setting.problem(row["value"], f"{where}.value")
    return [line] if line else []


def _cannot_change(where: str, name: object) -> str:
    places = {**dict.fromkeys(LEVERS, "lever"), **dict.fromkeys(STAFF, "staff")}
    close = next(iter(get_close_matches(str(name), places, n=1, cutoff=0.75)), None)
    hint = f"; did you mean '{places[close]}: {close}'?" if close else ""
    listed = f"lever: {', '.join(LEVERS)}; staff: {', '.join(STAFF)}"
    return f"{where} {show(name)} cannot be scheduled; what can is {listed}{hint}"


def missing_of_change(where: str, row: Mapping[str, Any]) -> list[str]:
    """Return one line for each part that an entry of a schedule lacks."""
    lines = []
    if not any(row.get(field) for field in TARGETS):
        lines.append(
            f"{where} must give lever: NAME or staff: {STAFF[0]}; what can be scheduled is {', '.join(SCHEDULED)}"
        )
    return lines + [f"{where}.{key} is missing" for key in ("week", "value") if key not in row]
