"""How the answers of virtual respondents are compared with those of real ones: anchors unknown, contrasts kept.

``docs/guide/own-partnership.md`` gives the equation and the reasons for its constants.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.core.vocabulary import Dimension

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIDDLE = 3.0
"""Middle of the scale, in points."""

LEVEL_SD = 10.0
"""Where the middle of the whole scale lies, in points: as good as unknown, so that levels say nothing."""

DIMENSION_SD = 0.5
"""How far the middle of one dimension may lie from that, in points: items are worded differently."""

SCALE_SD = 0.3
"""How far the number of points per standard deviation may be off, as a share."""

DISCREPANCY = 0.3
"""Of the model, for each dimension and wave by itself, in points."""

SHARED = 0.5
"""Correlation of a respondent's answers: dimensions go together at .51 to .61 (cramm2011)."""

SIGN = np.array([-1.0 if dimension == Dimension.DRAWBACKS else 1.0 for dimension in Dimension])


class AnswerComparison:
    """Answers of many runs, made ready to be compared with what was, or might have been, answered.

    Parameters
    ----------
    simulated : (n, W, 10) float64
        Mean answers of the virtual respondents by wave and dimension, in points; NaN where nobody answered.
    error : (W, 10) float64
        Standard errors of the observed means; NaN where nothing was observed.
    scale : float
        Multiplies errors and discrepancy, to see what hangs on them.

    Attributes
    ----------
    there : (n,) bool
        Runs whose members answered wherever there is something to compare.
    """

    def __init__(self, simulated: NDArray[np.float64], error: NDArray[np.float64], scale: float = 1.0) -> None:
        self._cells = np.isfinite(error)
        self._runs = simulated[:, self._cells] - MIDDLE
        self.there = np.isfinite(self._runs).all(axis=1)
        self._error = scale * error
        self._errors = self._sampling() + np.eye(self._cells.sum()) * (scale * DISCREPANCY) ** 2
        self._root = np.linalg.cholesky(self._errors + self._anchors())
        self._white = np.linalg.solve(self._root, np.nan_to_num(self._runs).T).T
        self._squares = (self._white**2).sum(axis=1)

    def _sampling(self) -> NDArray[np.float64]:
        """Return the covariance of observed means: what a respondent feels in general is in all his answers."""
        wave, dimension = np.nonzero(self._cells)
        size = SIGN[dimension] * self._error[self._cells]
        same = np.where(np.eye(size.size, dtype=bool), 1.0, SHARED)
        return np.where(wave[:, None] == wave, same * np.outer(size, size), 0.0)

    def _anchors(self) -> NDArray[np.float64]:
        """Return what unknown middles of the scale and of its dimensions add to the covariance."""
        dimension = np.nonzero(self._cells)[1]
        same: NDArray[np.float64] = (dimension[:, None] == dimension).astype(np.float64)
        return LEVEL_SD**2 + DIMENSION_SD**2 * same

    def log_likelihood(self, observed: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how probable observed means are in each run, but for a constant.

        Parameters
        ----------
        observed : (W, 10) float64
            Mean answers in points.

        Returns
        -------
        (n,) float64
            Never (minus infinity) for a run whose members could not have answered.
        """
        seen = np.linalg.solve(self._root, observed[self._cells] - MIDDLE)
        across = self._white @ seen
        left = seen @ seen - 2 * across + self._squares
        # The unknown scale stretches what the run itself answered: a covariance of rank one (Sherman and Morrison).
        stretch = 1 + SCALE_SD**2 * self._squares
        found = -0.5 * (left - SCALE_SD**2 * (across - self._squares) ** 2 / stretch + np.log(stretch))
        return np.where(self.there, found, -np.inf)

    def observe(self, run: int, luck: np.random.Generator) -> NDArray[np.float64]:
        """Return the means (W, 10) that would have been observed had a run been the real partnership.

        Parameters
        ----------
        run : int
            Which; one of those that are ``there``.
        luck : Generator
            Draws the anchors and the errors.
        """
        dimension = np.nonzero(self._cells)[1]
        anchors = luck.normal(0, LEVEL_SD) + luck.normal(0, DIMENSION_SD, len(Dimension))[dimension]
        errors = np.linalg.cholesky(self._errors) @ luck.normal(size=len(self._errors))
        found = np.full(self._cells.shape, np.nan)
        found[self._cells] = MIDDLE + anchors + (1 + luck.normal(0, SCALE_SD)) * self._runs[run] + errors
        return found
