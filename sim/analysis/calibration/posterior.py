"""What is believed after the cases were looked at: weights on the rows of reference tables.

With an explicit observation model each run of a table is a draw of parameters and luck, and its weight the
probability of the targets given that run: importance sampling from the prior, exact but for the size of the table
(Wilkinson 2013: approximate Bayesian computation is exact under its own error model). The joint posterior takes row
i of both tables together, which have the same shared parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.calibration.observation import weigh
from sim.analysis.calibration.targets import Target
from sim.config.target_quantities import ORDER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.calibration.reference import Reference

PRIOR_VARIANCE = 1.0 / 12.0


@dataclass(frozen=True)
class Posterior:
    """Weights on rows of reference tables.

    Attributes
    ----------
    weights : (n,) float64
        Add up to 1.
    """

    weights: NDArray[np.float64]

    @property
    def effective(self) -> float:
        """Effective number of rows."""
        return float(1.0 / (self.weights**2).sum())

    def rows(self, n: int, seed: int = 1) -> NDArray[np.int64]:
        """Return numbers of rows drawn with the weights, evenly (systematic resampling)."""
        start = np.random.default_rng(seed).random()
        places = (np.arange(n) + start) / n
        return np.searchsorted(np.cumsum(self.weights), places).clip(max=len(self.weights) - 1)

    def mean(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the posterior mean of columns (n, k) or of one column (n,)."""
        return np.asarray(self.weights @ values)

    def sd(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the posterior standard deviation of columns."""
        return np.sqrt(np.maximum(self.weights @ (values - self.mean(values)) ** 2, 0.0))

    def contraction(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return 1 less posterior over prior variance of places in [0, 1]; 0 is nothing learnt."""
        return 1.0 - self.sd(places) ** 2 / PRIOR_VARIANCE

    def quantile(self, values: NDArray[np.float64], at: Sequence[float]) -> NDArray[np.float64]:
        """Return weighted quantiles of one column, missing values left out."""
        there = np.isfinite(values)
        order = np.argsort(values[there])
        cumulated = np.cumsum(self.weights[there][order])
        if not cumulated.size or cumulated[-1] <= 0:
            return np.full(len(at), np.nan)
        places = np.searchsorted(cumulated / cumulated[-1], at).clip(max=cumulated.size - 1)
        return np.asarray(values[there][order][places])


def normalised(log_weights: NDArray[np.float64]) -> Posterior:
    """Return the posterior of log weights."""
    weights = np.exp(log_weights - log_weights.max())
    return Posterior(weights / weights.sum())


def fitted(targets: Sequence[Target]) -> list[Target]:
    """Return the targets that are fitted."""
    return [target for target in targets if target.role == "calibrate"]


def fit_one(table: Reference, targets: Sequence[Target], full_weight: bool = False) -> Posterior:
    """Return the posterior of one case alone; an order needs both cases and is left out.

    Parameters
    ----------
    table : Reference
        The reference table of the case.
    targets : sequence of Target
        Its targets.
    full_weight : bool
        Whether every target counts fully.
    """
    own = [target for target in fitted(targets) if target.type != "order"]
    return normalised(table.start() + weigh(own, table.quantities, full_weight))


def fit_all(tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]]) -> Posterior:
    """Return the posterior of all tables together, one or several."""
    if len(tables) > 1:
        return fit_joint(tables, targets)
    ((name, table),) = tables.items()
    return fit_one(table, targets[name])


def fit_joint(
    tables: Mapping[str, Reference],
    targets: Mapping[str, Sequence[Target]],
    full_weight: bool = False,
    scale: float = 1.0,
) -> Posterior:
    """Return the posterior of both cases together: row i of each has the same shared parameters.

    Parameters
    ----------
    tables, targets, full_weight, scale
        As for ``joint_log_weights``.
    """
    return normalised(joint_log_weights(tables, targets, full_weight, scale))


def joint_log_weights(
    tables: Mapping[str, Reference],
    targets: Mapping[str, Sequence[Target]],
    full_weight: bool = False,
    scale: float = 1.0,
) -> NDArray[np.float64]:
    """Return the log weight of each row of tables taken together.

    Parameters
    ----------
    tables : mapping of str to Reference
        By case, of one length.
    targets : mapping of str to sequence of Target
        By case. An order known from both cases is one piece of evidence and counts once.
    full_weight : bool
        Whether every target counts fully.
    scale : float
        Multiplies the error of observation.
    """
    total = np.sum([table.start() for table in tables.values()], axis=0)
    for own, simulated in compared(tables, targets):
        total += weigh(own, simulated, full_weight, scale)
    return np.asarray(total, dtype=np.float64)


def compared(
    tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]]
) -> Iterator[tuple[list[Target], dict[str, NDArray[np.float64]]]]:
    """Yield, case by case, the targets that are fitted and what they are compared with.

    Parameters
    ----------
    tables, targets : mapping
        As for ``fit_joint``. An order is left out when the other case is not there, or when it was counted already.
    """
    counted: set[frozenset[str]] = set()
    for name, table in tables.items():
        own = []
        for target in fitted(targets[name]):
            pair = frozenset((name, target.other_case))
            if target.type != "order":
                own.append(target)
            elif target.other_case in tables and pair not in counted:
                counted.add(pair)
                own.append(target)
        yield own, with_order(table, tables, own)


def with_order(
    table: Reference, tables: Mapping[str, Reference], targets: Sequence[Target]
) -> dict[str, NDArray[np.float64]]:
    """Return the quantities of a table, with the difference to the other case where an order asks for it."""
    found = dict(table.quantities)
    for target in targets:
        if target.type == "order":
            other = tables[target.other_case].quantities
            found[ORDER] = table.quantities["exits_per_member_year"] - other["exits_per_member_year"]
    return found
