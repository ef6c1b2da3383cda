"""Does the machinery tell the truth? Simulation-based calibration, coverage, recovery and predictive checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.calibration.observation import log_likelihood, observe, weigh
from sim.analysis.calibration.posterior import Posterior, normalised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.calibration.reference import Reference
    from sim.analysis.calibration.response import AnswerComparison
    from sim.analysis.calibration.targets import Target

LEVELS = (0.5, 0.8, 0.9)
NEGLIGIBLE = 1e-5


@dataclass(frozen=True)
class Calibration:
    """Ranks of the truth in posteriors of pseudo-data.

    Attributes
    ----------
    names : tuple of str
        Parameters.
    ranks : (m, k) float64
        Share of the posterior below the truth, per pseudo-dataset and parameter; uniform when all is well.
    means : (m, k) float64
        Posterior means, as places in the prior range.
    truths : (m, k) float64
        What the pseudo-data were made with.
    contractions : (m, k) float64
        1 less posterior over prior variance.
    effective : (m,) float64
        Effective rows of each posterior.
    """

    names: tuple[str, ...]
    ranks: NDArray[np.float64]
    means: NDArray[np.float64]
    truths: NDArray[np.float64]
    contractions: NDArray[np.float64]
    effective: NDArray[np.float64]

    def coverage(self, level: float) -> NDArray[np.float64]:
        """Return, per parameter, how often the central interval of a level held the truth."""
        half = level / 2
        return np.asarray((np.abs(self.ranks - 0.5) <= half).mean(axis=0))

    def furthest(self) -> NDArray[np.float64]:
        """Return, per parameter, the largest distance of the ranks' distribution from uniform."""
        m = len(self.ranks)
        ordered = np.sort(self.ranks, axis=0)
        steps = np.arange(1, m + 1)[:, None] / m
        return np.asarray(np.maximum(np.abs(steps - ordered), np.abs(steps - 1 / m - ordered)).max(axis=0))

    def correlation(self) -> NDArray[np.float64]:
        """Return, per parameter, the correlation of posterior mean and truth."""
        return np.array([np.corrcoef(self.means[:, i], self.truths[:, i])[0, 1] for i in range(len(self.names))])


def simulation_based_calibration(
    table: Reference,
    targets: Sequence[Target],
    datasets: int,
    seed: int = 1,
    compared: AnswerComparison | None = None,
) -> Calibration:
    """Fit pseudo-data made from rows of the table itself, each row left out of its own fit.

    Parameters
    ----------
    table : Reference
        The reference table.
    targets : sequence of Target
        What would be known; every one counts fully, for a weighted likelihood is not one of data.
    datasets : int
        How many rows play the real partnership.
    seed : int
        Which rows, and the errors of their coding.
    compared : AnswerComparison, optional
        Answers of the runs, when answers are fitted too; only runs that could answer play the real partnership.
    """
    luck = np.random.default_rng(seed)
    able = np.arange(table.n) if compared is None else np.flatnonzero(compared.there)
    datasets = min(datasets, able.size)
    chosen = luck.choice(able, datasets, replace=False)
    k = len(table.axes)
    ranks, means, contractions = (np.empty((datasets, k)) for _ in range(3))
    effective = np.empty(datasets)
    for place, row in enumerate(chosen):
        posterior = _pseudo_posterior(table, targets, int(row), luck, compared)
        # Rows that weigh next to nothing are many, and cost most of the time.
        kept = posterior.weights > NEGLIGIBLE * posterior.weights.max()
        some = Posterior(posterior.weights[kept] / posterior.weights[kept].sum())
        places = table.places[kept]
        ranks[place] = some.weights @ (places < table.places[row])
        means[place] = some.mean(places)
        contractions[place] = some.contraction(places)
        effective[place] = posterior.effective
    return Calibration(table.names(), ranks, means, table.places[chosen], contractions, effective)


def _pseudo_posterior(
    table: Reference, targets: Sequence[Target], row: int, luck: np.random.Generator, compared: AnswerComparison | None
) -> Posterior:
    seen = [observe(target, float(table.quantities[target.quantity][row]), luck) for target in targets]
    log_weights = np.zeros(table.n) + weigh(seen, table.quantities, full_weight=True)
    if compared is not None:
        log_weights += compared.log_likelihood(compared.observe(row, luck))
    log_weights[row] = -np.inf
    return normalised(log_weights)


def band_of_uniform(datasets: int, level: float = 0.95) -> float:
    """Return how far ranks of so many datasets may lie from uniform (Kolmogorov, at a level)."""
    from scipy.stats import kstwo

    return float(kstwo.ppf(level, datasets))


def agreement(target: Target, simulated: NDArray[np.float64], posterior: Posterior) -> float:
    """Return the share of posterior runs, with the error of observation, that agree with a target.

    For a number: the probability of a coded value at least as far off as the coded one (two-sided).
    """
    if target.type == "number":
        from sim.analysis.calibration.observation import spread

        middle = posterior.mean(simulated)
        off = float(np.hypot(posterior.sd(simulated), spread(target)))
        from scipy.stats import norm

        return float(2 * norm.sf(abs(target.value - middle) / off))
    return float(posterior.mean(np.exp(log_likelihood(target, simulated))))
