"""What happened in a run: who sat where and how long, who came and left, shocks, changes of levers, small wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core.vocabulary import LeavingCause, Role, ShockKind, Status, word, words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.lab.trace import Trace

Spell = list[int]
"""Seat, first week, week after the last, person (-1: empty), role, ring, organisation."""


def spells(trace: Trace) -> list[Spell]:
    """Return for every seat who was in it from when to when, in order of seats and weeks.

    Parameters
    ----------
    trace : Trace
        The run.
    """
    columns = [trace.seat(name) for name in ("person", "role", "ring", "organisation")]
    last = _last_week(trace)
    found: list[Spell] = []
    for seat in range(trace.seats.shape[1]):
        whole = np.stack([column[: last + 1, seat] for column in columns], axis=1)
        found += [[seat, *spell] for spell in _stretches(whole)]
    return found


def _last_week(trace: Trace) -> int:
    return trace.scenario.weeks if trace.status == Status.ALIVE else trace.ended_week - 1


def _stretches(rows: NDArray[np.float64]) -> list[list[int]]:
    """Return stretches of weeks in which the same person, or nobody, is in a seat; closed seats are left out."""
    there = np.isfinite(rows[:, 1])
    plain = np.where(np.isfinite(rows), rows, -1).astype(np.int64)
    changes = np.flatnonzero((plain[1:] != plain[:-1]).any(axis=1)) + 1
    starts = [0, *changes.tolist()]
    ends = [*changes.tolist(), len(rows)]
    return [[start, end, *plain[start].tolist()] for start, end in zip(starts, ends, strict=True) if there[start]]


def happenings(trace: Trace) -> list[dict[str, Any]]:
    """Return dated events in the order of weeks.

    Parameters
    ----------
    trace : Trace
        The run.

    Returns
    -------
    list of dict
        Each with ``week`` and ``kind`` (shock, lever, left, came, closed, win, ended) and what belongs to it.
    """
    found = [*_settings(trace), *_persons(trace), *_wins(trace)]
    if trace.status != Status.ALIVE:
        found = [event for event in found if event["week"] < trace.ended_week]
        found.append({"week": trace.ended_week, "kind": "ended", "reason": word(Status(trace.status))})
    return sorted(found, key=lambda event: event["week"])


def _settings(trace: Trace) -> list[dict[str, Any]]:
    scenario = trace.scenario
    shocks = [
        {"week": s.week, "kind": "shock", "name": s.name, "what": word(ShockKind(s.kind)), "duration": s.duration}
        for s in scenario.shocks
    ]
    levers = [
        {"week": c.week, "kind": "lever", "lever": c.setting, "value": c.value}
        for c in scenario.schedule
        if 0 < c.week <= scenario.weeks
    ]
    return [*shocks, *levers]


def _persons(trace: Trace) -> list[dict[str, Any]]:
    """Return departures with the weeks that the seat then stood empty, arrivals, and seats given up."""
    found = []
    end = _last_week(trace) + 1
    rows, causes = spells(trace), _causes(trace)
    for place, (seat, start, until, person, role, _, _) in enumerate(rows):
        about = {"seat": seat, "person": person, "role": word(Role(role))}
        after = _followed_by(rows, place)
        if person >= 0 and start > 0:
            found.append({"week": start, "kind": "came", **about})
        if person >= 0 and until < end:
            empty = 0 if after is None or after[3] >= 0 else after[2] - until
            filled = after is not None and (after[3] >= 0 or _followed_by(rows, place + 1) is not None)
            why = {"cause": causes[until]} if until in causes else {}
            found.append({"week": until, "kind": "left", **about, "empty": empty, "filled": filled, **why})
        if until < end and after is None:
            found.append({"week": until, "kind": "closed", **about})
    return found


def _causes(trace: Trace) -> dict[int, str]:
    """Return why people left, by week; weeks in which some left for one cause and some for another are left out."""
    left = np.column_stack([np.diff(np.nan_to_num(trace.metric(f"left_{cause}"))) for cause in words(LeavingCause)])
    alone = np.flatnonzero((left > 0).sum(axis=1) == 1)
    return {int(week) + 1: word(LeavingCause(int(left[week].argmax()))) for week in alone}


def _followed_by(rows: list[Spell], place: int) -> Spell | None:
    """Return the spell that follows at once in the same seat and role, or None."""
    if place + 1 == len(rows):
        return None
    spell, after = rows[place], rows[place + 1]
    same = after[0] == spell[0] and after[1] == spell[2] and after[4] == spell[4]
    return after if same else None


def _wins(trace: Trace) -> list[dict[str, Any]]:
    won = np.diff(np.nan_to_num(trace.metric("wins")))
    return [{"week": int(week) + 1, "kind": "win"} for week in np.flatnonzero(won > 0)]
