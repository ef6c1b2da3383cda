"""Simulation-based calibration of estimators that give draws: runs of the table play the real partnership."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from experiments.calibration.regression import KEEP, regress
from sim.analysis.calibration.checks import Calibration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from experiments.calibration.coded import Coded
    from experiments.calibration.draws import Draws
    from experiments.calibration.neural import Network

NETWORK_DRAWS = 1_000


def calibration_of(
    estimate: Callable[[int], Draws], names: tuple[str, ...], places: NDArray[np.float64], rows: NDArray[np.int64]
) -> Calibration:
    """Return the ranks of the truth in posteriors of pseudo-data.

    Parameters
    ----------
    estimate : callable
        Gives the posterior that has seen what a row showed, and nothing else of that row.
    names : tuple of str
        Parameters.
    places : (n, k) float64
        Draws from the prior.
    rows : (m,) int64
        Rows that play the real partnership.
    """
    found = [(estimate(int(row)), places[row]) for row in rows]
    return Calibration(
        names,
        np.array([draws.posterior.weights @ (draws.places < truth) for draws, truth in found]),
        np.array([draws.mean() for draws, _ in found]),
        places[rows],
        np.array([draws.contraction() for draws, _ in found]),
        np.array([draws.posterior.effective for draws, _ in found]),
    )


def by_regression(
    names: tuple[str, ...], places: NDArray[np.float64], coded: Coded, keep: float = KEEP
) -> Callable[[int], Draws]:
    """Return the estimator of ``regression``, which leaves the row itself out.

    Parameters
    ----------
    names, places, coded, keep
        As for ``experiments.calibration.regression.regress``.
    """

    def estimate(row: int) -> Draws:
        rest = np.delete(np.arange(len(places)), row)
        return regress(names, places[rest], replace(coded, shown=coded.shown[rest], observed=coded.shown[row]), keep)

    return estimate


def by_network(network: Network, coded: Coded) -> Callable[[int], Draws]:
    """Return a trained network as an estimator; it must not have been trained on the rows that it is asked for.

    Parameters
    ----------
    network : Network
        As ``experiments.calibration.neural.train`` returns it.
    coded : Coded
        What every row of the table showed.
    """
    return lambda row: network.at(coded.shown[row], NETWORK_DRAWS, seed=row)
