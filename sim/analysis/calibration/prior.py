"""Draws from the prior: independent, over the ranges of the tables and of the case files.

Shared parameters are the same in both cases. Levers and context are drawn for each case apart, with the same prior in
both cases unless a source gives each its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from sim.core.elementary import plain_exp, plain_log
from sim.core.gate import numeric_range
from sim.sweeps.designs import Axis, Columns, Design, make_points
from sim.sweeps.prior_ranges import case_axes, composition_axes, shared_axes

COMPOSITIONS = 64
"""Founding compositions that a table of a case has: each needs a bar of the null of its own."""


def scaled(axis: Axis, width: float) -> Axis:
    """Return a prior made wider or narrower about its middle, within what the gate allows.

    >>> scaled(Axis("enabling.leadership", 0.2, 0.6), 0.5)
    Axis(name='enabling.leadership', low=0.3, high=0.5, log=False, whole=False)
    """
    if width == 1.0:
        return axis
    # A role's weight in recruiting has no row of its own: it is at least 0.
    least, most, _ = numeric_range(axis.name) or (0.0, axis.high * max(width, 1.0), "")
    low, high = (plain_log(axis.low), plain_log(axis.high)) if axis.log else (axis.low, axis.high)
    middle, half = (low + high) / 2, (high - low) / 2 * width
    ends = (plain_exp(middle - half), plain_exp(middle + half)) if axis.log else (middle - half, middle + half)
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
