"""Draws of a posterior, whichever estimator made them, and how far two estimators are apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from sim.analysis.calibration.posterior import Posterior

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.calibration.reference import Reference


@dataclass(frozen=True)
class Draws:
    """Weighted draws of parameters.

    Attributes
    ----------
    names : tuple of str
        Parameters; what belongs to a case has its name in front.
    places : (n, k) float64
        Places in [0, 1] of their prior ranges.
    posterior : Posterior
        Weights of the draws.
    """

    names: tuple[str, ...]
    places: NDArray[np.float64]
    posterior: Posterior

    def mean(self) -> NDArray[np.float64]:
        """Return the posterior mean of each parameter."""
        return self.posterior.mean(self.places)

    def sd(self) -> NDArray[np.float64]:
        """Return the posterior standard deviation of each parameter."""
        return self.posterior.sd(self.places)

    def contraction(self) -> NDArray[np.float64]:
        """Return 1 less posterior over prior variance of each parameter."""
        return self.posterior.contraction(self.places)

    def error(self) -> NDArray[np.float64]:
        """Return the Monte-Carlo error of each mean: how far it moves with other draws of the same posterior."""
        return np.asarray(np.sqrt(self.posterior.weights**2 @ (self.places - self.mean()) ** 2))

    def only(self, names: tuple[str, ...]) -> Draws:
        """Return the draws of some parameters."""
        chosen = [self.names.index(name) for name in names]
        return Draws(names, self.places[:, chosen], self.posterior)


def drawn(tables: Mapping[str, Reference]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return names and places of all that was drawn for some cases: what they share once, then what is each one's.

    Parameters
    ----------
    tables : mapping of str to Reference
        By case; row i has the same shared parameters in each.
    """
    first = next(iter(tables.values()))
    names = list(first.names()[: first.n_shared])
    columns = [first.places[:, : first.n_shared]]
    for case, table in tables.items():
        names += [f"{case}.{name}" for name in table.names()[table.n_shared :]]
        columns.append(table.places[:, table.n_shared :])
    return tuple(names), np.hstack(columns)


def weighted_rows(tables: Mapping[str, Reference], posterior: Posterior) -> Draws:
    """Return the rows of the tables with the weights of a posterior, as draws.

    Parameters
    ----------
    tables : mapping of str to Reference
        By case.
    posterior : Posterior
        Weights on their rows.
    """
    return Draws(*drawn(tables), posterior)


def apart(one: Draws, other: Draws) -> NDArray[np.float64]:
    """Return per parameter of ``other`` how far its mean lies above that of ``one``, in posterior SDs of ``one``.

    Parameters
    ----------
    one, other : Draws
        Of two estimators; ``one`` has every parameter of ``other``.
    """
    same = one.only(other.names)
    return np.asarray((other.mean() - same.mean()) / same.sd())


def scores(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return places in [0, 1] as normal scores: without bounds, and standard normal where places are uniform."""
    return np.asarray(ndtri(np.clip(places, _EDGE, 1 - _EDGE)))


def from_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the places of normal scores, which lie in [0, 1] whatever the scores.

    >>> from_scores(scores(np.array([0.1, 0.5]))).round(12).tolist()
    [0.1, 0.5]
    """
    return np.asarray(ndtr(values))


_EDGE = 1e-9
