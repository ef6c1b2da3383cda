"""Which parameters do anything to what the targets measure? The share of variance that each explains by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.sweeps.prior_ranges import block_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.calibration.reference import Reference

BINS = 16
INERT = 0.002
"""A parameter that explains less of every quantity is called inert; chance alone explains (bins − 1) / rows."""


def main_effects(table: Reference) -> NDArray[np.float64]:
    """Return the correlation ratio of each parameter with each quantity.

    Parameters
    ----------
    table : Reference
        A reference table of a case.

    Returns
    -------
    (k, q) float64
        Share of the variance of a quantity that lies between 16 bins of a parameter, less what chance puts there;
        0 for a quantity that does not vary.
    """
    values = np.column_stack(list(table.quantities.values()))
    # A missing value is put in the middle: it speaks for no bin.
    centred = np.nan_to_num(values - np.nanmean(values, axis=0))
    total = (centred**2).sum(axis=0)
    bins = np.minimum(table.places * BINS, BINS - 1).astype(np.uint8)
    between = np.zeros((len(table.axes), len(total)))
    for place in range(len(table.axes)):
        order = np.argsort(bins[:, place], kind="stable")
        first = np.searchsorted(bins[order, place], np.arange(BINS))
        count = np.diff([*first, table.n])
        there = count > 0
        sums = np.add.reduceat(centred[order], first[there], axis=0)
        between[place] = (sums**2 / count[there, None]).sum(axis=0)
    share = np.divide(between, total, out=np.zeros_like(between), where=total > 0)
    return np.asarray(np.maximum(0.0, share - (BINS - 1) / table.n))


def screened(table: Reference) -> dict[str, tuple[int, int]]:
    """Return, by block, how many parameters there are and how many are not inert."""
    content: dict[str, tuple[int, int]] = {}
    for axis, moves in zip(table.axes, active(table), strict=True):
        n, some = content.get(block_of(axis.name), (0, 0))
        content[block_of(axis.name)] = (n + 1, some + int(moves))
    return content


def active(table: Reference) -> NDArray[np.bool_]:
    """Return which parameters are not inert, (k,)."""
    return np.asarray(main_effects(table).max(axis=1) >= INERT)
