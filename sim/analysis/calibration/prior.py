"""What is believed before the cases are looked at: ranges of the tables and of the case files, drawn independently.

*Shared* parameters are mechanisms: the same in both cases. *Levers* and *context* belong to a case: the same prior in
both cases unless a source tells them apart, drawn for each case apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sim.config.schema import CASE_NUMBERS
from sim.core._elementary import exp, log
from sim.core.parameters import PARAMETERS, numeric_range
from sim.sweeps.designs import Axis, Columns, Design, make_points
from sim.sweeps.plan import is_numeric

COMPOSITIONS = 64
"""Founding compositions that a table of a case has: each needs a bar of the null of its own."""


def shared_axes() -> list[Axis]:
    """Return the uncertain parameters with their plausible ranges."""
    rows = [row for row in PARAMETERS.values() if row.role == "uncertainty"]
    return [
        Axis(f"parameters.{row.name}", *row.plausible, log=row.scale == "log")
        for row in rows
        if row.plausible[0] < row.plausible[1]
    ]


def case_axes(case: Mapping[str, Any]) -> list[Axis]:
    """Return the levers and the uncertain numbers of a case, as wide as its file says."""
    levers = case.get("enabling", {})
    axes = [Axis(f"enabling.{name}", float(row["low"]), float(row["high"])) for name, row in levers.items()]
    for parameter, row in _case_numbers(case).items():
        if is_numeric(f"parameters.{parameter}"):
            axes.append(Axis(f"parameters.{parameter}", float(row["low"]), float(row["high"])))
    axes += [
        Axis(f"recruiting.roles.{role}", float(row["low"]), float(row["high"]))
        for role, row in case["recruiting"]["roles"].items()
    ]
    return [axis for axis in axes if axis.low < axis.high]


def _case_numbers(case: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the numbers of the parameter table that a case gives with a range."""
    found = {}
    for place, parameter in CASE_NUMBERS.items():
        row: Any = case
        for key in place.split("."):
            row = row.get(key, {}) if isinstance(row, Mapping) else {}
        if isinstance(row, Mapping) and row.get("low") is not None:
            found[parameter] = row
    return found


def composition_axes(case: Mapping[str, Any]) -> list[Axis]:
    """Return what makes up the founding partnership, as wide as the case says: seats of groups, backing of homes."""
    axes = [
        Axis(f"founding.{group}.seats", row["seats"]["low"], row["seats"]["high"], whole=True)
        for group, row in case["founding"].items()
    ]
    axes += [
        Axis(f"parameters.{parameter}", float(row["low"]), float(row["high"]))
        for parameter, row in _case_numbers(case).items()
        if not is_numeric(f"parameters.{parameter}")
    ]
    return [axis for axis in axes if axis.low < axis.high]


def scaled(axis: Axis, width: float) -> Axis:
    """Return a prior made wider or narrower about its middle, within what the gate allows.

    >>> scaled(Axis("enabling.leadership", 0.2, 0.6), 0.5)
    Axis(name='enabling.leadership', low=0.3, high=0.5, log=False, whole=False)
    """
    if width == 1.0:
        return axis
    # A role's weight in recruiting has no row of its own: it is at least 0.
    least, most, _ = numeric_range(axis.name) or (0.0, axis.high * max(width, 1.0), "")
    low, high = (log(axis.low), log(axis.high)) if axis.log else (axis.low, axis.high)
    middle, half = (low + high) / 2, (high - low) / 2 * width
    ends = (exp(middle - half), exp(middle + half)) if axis.log else (middle - half, middle + half)
    return replace(axis, low=round(max(ends[0], least), 12), high=round(min(ends[1], most), 12))


def draw_shared(n: int, seed: int, width: float = 1.0) -> Columns:
    """Return draws of the shared parameters: row i belongs to row i of every case."""
    return make_points(Design("population", n, seed), [scaled(axis, width) for axis in shared_axes()], ())


def draw_case(case: Mapping[str, Any], n: int, seed: int, width: float = 1.0) -> Columns:
    """Return draws of what belongs to a case: levers, context and one of a few founding compositions.

    Parameters
    ----------
    case : mapping
        As ``sim.config.cases.load_case`` returns it.
    n : int
        How many.
    seed : int
        Which; two cases must not have the same.
    width : float
        Multiplies how wide the priors of levers and context are.
    """
    columns = make_points(Design("population", n, seed), [scaled(axis, width) for axis in case_axes(case)], ())
    founding = composition_axes(case)
    if not founding:
        return columns
    few = make_points(Design("population", min(COMPOSITIONS, n), seed + 1), founding, ())
    # Neighbours share a composition, so that few bars of the null are needed at a time.
    chosen = np.arange(n) * len(next(iter(few.values()))) // n
    return columns | {name: [values[i] for i in chosen] for name, values in few.items()}


def unit_place(axis: Axis, values: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return values as places in [0, 1] of their range, on the scale on which they are drawn."""
    if axis.log:
        return np.asarray(np.log(values / axis.low) / np.log(axis.high / axis.low))
    return np.asarray((values - axis.low) / (axis.high - axis.low))


def block_of(name: str) -> str:
    """Return the block of a setting: of a parameter its own, else levers or recruiting.

    >>> block_of("enabling.leadership"), block_of("recruiting.roles.patient")
    ('levers', 'turnover')
    """
    head, _, rest = name.partition(".")
    if head == "parameters":
        return PARAMETERS[rest].block
    return "levers" if head == "enabling" else "turnover"
