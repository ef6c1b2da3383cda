"""How much of an outcome's variance lies between levers, between draws of the parameters, and in luck.

Mixes of levers are crossed with draws; in each cell a few runs have luck of their own. The two-way random-effects
model gives each part its variance by equating mean squares with what they are expected to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.sensitivity.indices import NORMAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARTS = ("levers", "parameters drawn", "levers with parameters", "luck")


@dataclass(frozen=True)
class Split:
    """Shares of the variance of single runs.

    Attributes
    ----------
    shares : (4,) float64
        In the order of ``PARTS``; they sum to 1, or are all 0 when nothing varies.
    half : (4,) float64
        Half 95% intervals: the jackknife over mixes and that over draws, added.
    variance : float
        Of single runs.
    """

    shares: NDArray[np.float64]
    half: NDArray[np.float64]
    variance: float

    def interval(self, part: int) -> tuple[float, float]:
        """Return the 95% interval of a share, within 0 and 1."""
        low, high = self.shares[part] - self.half[part], self.shares[part] + self.half[part]
        return float(max(low, 0.0)), float(min(high, 1.0))


def split(values: NDArray[np.float64]) -> Split:
    """Split the variance of runs.

    Parameters
    ----------
    values : (L, D, R) float64
        L mixes of levers crossed with D draws, R runs each with luck of their own; at least 3, 3 and 2.
    """
    parts = components(values)
    mixes = _jackknife([_shares(components(np.delete(values, i, axis=0))) for i in range(values.shape[0])])
    draws = _jackknife([_shares(components(np.delete(values, j, axis=1))) for j in range(values.shape[1])])
    return Split(_shares(parts), NORMAL * np.sqrt(mixes + draws), float(parts.sum()))


def components(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the variances in the order of ``PARTS``, (4,); one that comes out negative is 0.

    >>> components(np.array([[[0.0, 0], [0, 0], [0, 0]], [[1, 1], [1, 1], [1, 1]], [[2, 2], [2, 2], [2, 2]]]))
    array([1., 0., 0., 0.])
    """
    n_mixes, n_draws, n_luck = values.shape
    cells = values.mean(axis=2)
    mixes, draws, whole = cells.mean(axis=1), cells.mean(axis=0), cells.mean()
    of_luck = ((values - cells[:, :, None]) ** 2).sum() / (n_mixes * n_draws * (n_luck - 1))
    rest = cells - mixes[:, None] - draws[None, :] + whole
    of_both = n_luck * (rest**2).sum() / ((n_mixes - 1) * (n_draws - 1))
    of_mixes = n_luck * n_draws * ((mixes - whole) ** 2).sum() / (n_mixes - 1)
    of_draws = n_luck * n_mixes * ((draws - whole) ** 2).sum() / (n_draws - 1)
    found = (
        (of_mixes - of_both) / (n_luck * n_draws),
        (of_draws - of_both) / (n_luck * n_mixes),
        (of_both - of_luck) / n_luck,
        of_luck,
    )
    return np.asarray(np.maximum(found, 0.0))


def _shares(parts: NDArray[np.float64]) -> NDArray[np.float64]:
    whole = parts.sum()
    return parts / whole if whole > 0 else np.zeros(len(parts))


def _jackknife(without: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the variance of shares from those with one row left out at a time."""
    table = np.array(without)
    n = len(table)
    return np.asarray((n - 1) / n * ((table - table.mean(axis=0)) ** 2).sum(axis=0))
