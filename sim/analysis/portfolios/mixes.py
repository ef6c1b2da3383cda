"""Mixes of enabling processes: whole hours a week for each lever, never more than the budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sim.core.parameters import LEVERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Hours = NDArray[np.int64]

NAMES = tuple(LEVERS)
MOST = np.array([row.hours for row in LEVERS.values()])
"""Hours a week of each lever at full effort, in a partnership of the usual size."""

LEVELS = tuple(dict.fromkeys(row.level for row in LEVERS.values()))
SPENT = "spent"
GENES = (*NAMES, SPENT)
"""What the optimiser chooses: how much is wanted of each lever, and which share of the budget may be spent."""

LEAST_SPENT = 0.5


def hours_of(genes: Mapping[str, float], budget: int) -> Hours:
    """Return the hours a week of each lever, (13,) int64, that genes stand for.

    What is wanted is scaled down to what may be spent, then rounded to whole hours with the sum kept: the budget is
    never exceeded, whatever the genes.

    Parameters
    ----------
    genes : mapping of str to float
        By ``GENES``, each in [0, 1].
    budget : int
        Hours a week.
    """
    wanted = np.array([genes[name] for name in NAMES]) * MOST
    limit = min(budget * genes[SPENT], MOST.sum())
    if wanted.sum() > limit:
        wanted *= limit / wanted.sum()
    return _whole(wanted, min(round(wanted.sum()), budget))


def _whole(wanted: NDArray[np.float64], total: int) -> Hours:
    """Round to whole hours that sum to ``total`` or, where levers are full, less: largest remainders first."""
    hours = np.floor(wanted + 1e-9).astype(np.int64)
    for place in np.argsort(hours - wanted, kind="stable"):
        if hours.sum() < total and hours[place] < MOST[place]:
            hours[place] += 1
    return hours


def levels_of(hours: Hours) -> NDArray[np.float64]:
    """Return the settings of the levers, in [0, 1], of mixes (..., 13)."""
    return np.asarray(hours / MOST)


def yardsticks(budget: int) -> dict[str, dict[str, float]]:
    """Return plain mixes to compare with, as genes: all levers evenly, and the levers of one level only.

    Parameters
    ----------
    budget : int
        Hours a week.
    """
    whole = MOST.sum()
    found = {"even": {name: min(1.0, budget / whole) for name in NAMES} | {SPENT: 1.0}}
    for level in LEVELS:
        own = {name: float(row.level == level) for name, row in LEVERS.items()}
        found[f"{level} only"] = own | {SPENT: 1.0}
    return found
