"""The second estimator: runs that showed nearly what the cases show, corrected by regression for the rest.

Approximate Bayesian computation by rejection, with local-linear adjustment (Beaumont, Zhang and Balding 2002). What
is adjusted are normal scores of the parameters' places in their ranges: no corrected value can leave its range, and
under the uniform prior the scores are normal, as a regression would have them. The estimator sees coded data alone
(``experiments.calibration.coded``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.calibration.draws import Draws, from_scores, scores
from sim.analysis.calibration.posterior import Posterior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from experiments.calibration.coded import Coded

KEEP = 0.01
RIDGE = 1e-6
"""Keeps the regression solvable where a column hardly varies among the runs that are kept."""


def regress(names: tuple[str, ...], places: NDArray[np.float64], coded: Coded, keep: float = KEEP) -> Draws:
    """Return the draws nearest to the observation, each moved by what a regression says of its distance.

    Parameters
    ----------
    names : tuple of str
        Parameters.
    places : (n, k) float64
        Draws from the prior, as places in [0, 1].
    coded : Coded
        What each draw would have shown, and what was observed.
    keep : float
        Share of the draws that is kept.
    """
    off = coded.scale(coded.shown) - coded.scale(coded.observed)
    distance = np.linalg.norm(off, axis=1)
    kept = np.argsort(distance, kind="stable")[: max(round(keep * len(places)), 2)]
    # Epanechnikov: the furthest that is kept counts nothing.
    weights = 1.0 - (distance[kept] / max(distance[kept[-1]], np.finfo(float).tiny)) ** 2
    if weights.sum() <= 0:
        weights = np.ones(len(kept))
    posterior = Posterior(weights / weights.sum())
    return Draws(names, adjusted(places[kept], off[kept], posterior), posterior)


def adjusted(places: NDArray[np.float64], off: NDArray[np.float64], posterior: Posterior) -> NDArray[np.float64]:
    """Return places as they would have been, by a weighted linear regression, had nothing been off.

    Parameters
    ----------
    places : (m, k) float64
        Places in [0, 1].
    off : (m, d) float64
        Coded data less the observation.
    posterior : Posterior
        Weights.
    """
    values = scores(places)
    centred = off - posterior.mean(off)
    weighed = centred * posterior.weights[:, None]
    gram = weighed.T @ centred + RIDGE * np.eye(off.shape[1])
    slopes = np.linalg.solve(gram, weighed.T @ (values - posterior.mean(values)))
    return from_scores(values - off @ slopes)
