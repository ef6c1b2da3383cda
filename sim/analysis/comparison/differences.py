"""Paired differences between two plans, nested: lucks within draws of the posterior.

What is not known (which parameters hold) and what nobody could know (luck) are kept apart. The mean difference and its
interval rest on the means of the draws, for lucks within a draw say nothing about other parameters. This is the
analysis of a random effect with one level (Searle, Casella and McCulloch 1992, chapter 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALPHA = 0.05
FEWEST_DIFFERING = 10
"""Where fewer parameter sets differ at all, an interval would be that of what happened to be tried."""

SMALL = 0.1
"""Differences below this share of the spread between single runs are reported as too small to speak of."""


@dataclass(frozen=True)
class Nested:
    """Differences of pairs, taken apart into parameter sets and luck.

    Attributes
    ----------
    mean, error : float
        Mean over parameter sets, and its standard error; over lucks when there is one set only.
    freedom : int
        Degrees of freedom of the error.
    between, within : float
        Standard deviations between sets with luck taken out, and between lucks of one set; NaN where untold.
    higher : float
        Share of sets whose difference, luck taken out, is above 0; NaN with a single set or one luck of each.
    reversed_by_luck : float
        Share of lucks that go against their own set's difference; NaN where no set has two.
    draws : int
        Parameter sets.
    """

    mean: float
    error: float
    freedom: int
    between: float
    within: float
    higher: float
    reversed_by_luck: float
    draws: int


def nested(values: NDArray[np.float64], draw: NDArray[np.int64]) -> Nested:
    """Take differences apart.

    Parameters
    ----------
    values : (n,) float64
        Differences of pairs, none missing.
    draw : (n,) int64
        Parameter set of each.

    Examples
    --------
    >>> found = nested(np.array([1.0, 3.0, 5.0, 7.0]), np.array([0, 0, 1, 1]))
    >>> found.mean, found.draws, round(found.within, 3), round(found.between, 3)
    (4.0, 2, 1.414, 2.646)
    """
    if values.size < 2:
        mean = float(values[0]) if values.size else np.nan
        return Nested(mean, np.nan, 0, np.nan, np.nan, np.nan, np.nan, values.size)
    _, place, count = np.unique(draw, return_inverse=True, return_counts=True)
    means = np.bincount(place, values) / count
    n_draws, spare = len(means), values.size - len(means)
    left = values - means[place]
    within = float(np.sqrt((left**2).sum() / spare)) if spare else np.nan
    sure = _without_luck(means, within, count)
    # Residuals of few lucks are shorter than luck is; a pair that agrees to the bit goes neither way.
    full = left * np.sqrt(count / np.maximum(count - 1, 1))[place] if spare else left
    against = float((((sure[place] + full) * sure[place] < 0) & (values != 0)).mean()) if spare else np.nan
    if n_draws == 1:
        error = within / np.sqrt(values.size)
        return Nested(float(means[0]), error, values.size - 1, np.nan, within, np.nan, against, 1)
    of_means = float(means.var(ddof=1))
    return Nested(
        mean=float(means.mean()),
        error=float(np.sqrt(of_means / n_draws)),
        freedom=n_draws - 1,
        between=float(sure.std(ddof=1)) if spare else np.nan,
        within=within,
        higher=float((sure > 0).mean() + (sure == 0).mean() / 2) if spare else np.nan,
        reversed_by_luck=against,
        draws=n_draws,
    )


def without_luck(values: NDArray[np.float64], draw: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the means of the parameter sets, drawn together so that they spread no further than the sets do.

    Parameters
    ----------
    values : (n,) float64
        Differences of pairs, none missing.
    draw : (n,) int64
        Parameter set of each.

    Returns
    -------
    (n_sets,) float64
        In the order of the sets; NaN where no set has two lucks, so that luck cannot be measured.
    """
    _, place, count = np.unique(draw, return_inverse=True, return_counts=True)
    means = np.bincount(place, values) / count
    spare = values.size - len(means)
    if not spare:
        return np.full(len(means), np.nan)
    return _without_luck(means, float(np.sqrt(((values - means[place]) ** 2).sum() / spare)), count)


def _without_luck(means: NDArray[np.float64], within: float, count: NDArray[np.int64]) -> NDArray[np.float64]:
    if not np.isfinite(within) or len(means) < 2:
        return means
    of_means = float(means.var(ddof=1))
    between = np.sqrt(max(of_means - within**2 * (1 / count).mean(), 0.0))
    return np.asarray(means.mean() + (between / np.sqrt(of_means) if of_means > 0 else 1.0) * (means - means.mean()))


@dataclass(frozen=True)
class Difference:
    """How one outcome differs between a plan and the reference.

    Attributes
    ----------
    outcome : str
        Name of a column of ``runs.parquet``.
    reference, other : float
        Means over the pairs in which both have a value, each parameter set counting alike.
    low, high : float
        Ends of the 95% interval of the mean difference; NaN where too few sets differ at all (``FEWEST_DIFFERING``, or
        half of fewer than twice as many).
    p : float
        Probability of a mean at least so far from 0 if there were no difference (two-sided t test); NaN likewise.
    clear : bool
        Whether it is distinguished from no difference, adjusted for how many outcomes are looked at.
    spread : float
        Standard deviation of the outcome between single runs of the reference.
    estimate : Nested
        The difference taken apart.
    pairs, dropped : int
        Pairs with both values, and pairs left out because one had none.
    """

    outcome: str
    reference: float
    other: float
    low: float
    high: float
    p: float
    clear: bool
    spread: float
    estimate: Nested
    pairs: int
    dropped: int

    @property
    def mean(self) -> float:
        """The mean difference: other less reference."""
        return self.estimate.mean

    @property
    def small(self) -> bool:
        """Whether the difference is too small to speak of."""
        return bool(abs(self.mean) < SMALL * self.spread)


def difference(
    outcome: str, reference: NDArray[np.float64], other: NDArray[np.float64], draw: NDArray[np.int64]
) -> Difference:
    """Return how an outcome differs, not yet adjusted for other outcomes.

    Parameters
    ----------
    outcome : str
        Its name.
    reference, other : (n,) float64
        Values of the pairs; NaN where a run has none.
    draw : (n,) int64
        Parameter set of each pair.
    """
    from scipy.stats import t

    there = np.isfinite(reference) & np.isfinite(other)
    known = reference[np.isfinite(reference)]
    estimate = nested((other - reference)[there], draw[there])
    if estimate.draws and differing((other - reference)[there], draw[there]) < _fewest(estimate.freedom + 1):
        half, p = np.nan, np.nan
    elif estimate.error > 0:
        half = float(t.ppf(1 - ALPHA / 2, estimate.freedom)) * estimate.error
        p = float(2 * t.sf(abs(estimate.mean) / estimate.error, estimate.freedom))
    elif estimate.freedom:
        # All sets differ by the same to the bit: signs are all that is left to test (1 of 2 for each of them).
        p = 2.0**-estimate.freedom
        half = 0.0 if p < ALPHA else np.nan
    else:
        half, p = np.nan, np.nan
    return Difference(
        outcome=outcome,
        reference=mean_of_sets(reference[there], draw[there]),
        other=mean_of_sets(other[there], draw[there]),
        low=estimate.mean - half,
        high=estimate.mean + half,
        p=p,
        clear=bool(p < ALPHA),
        spread=float(known.std()) if known.size else np.nan,
        estimate=estimate,
        pairs=int(there.sum()),
        dropped=int((~there).sum()),
    )


def differing(values: NDArray[np.float64], draw: NDArray[np.int64]) -> int:
    """Return in how many parameter sets anything differs, or in how many pairs where there is one set.

    >>> differing(np.array([0.0, 0.0, 0.0, 2.0]), np.array([0, 0, 1, 1])), differing(np.ones(3), np.zeros(3, int))
    (1, 3)
    """
    there = draw[values != 0]
    return len(there) if np.unique(draw).size == 1 else np.unique(there).size


def _fewest(n: int) -> int:
    """Return how many of n sets (or pairs) must differ for an interval."""
    return min(FEWEST_DIFFERING, -(-n // 2))


def mean_of_sets(values: NDArray[np.float64], draw: NDArray[np.int64]) -> float:
    """Return the mean over parameter sets of their means over lucks, as of the differences; NaN of none.

    >>> mean_of_sets(np.array([1.0, 3.0, 4.0]), np.array([0, 0, 1]))
    3.0
    """
    if not values.size:
        return np.nan
    _, place, count = np.unique(draw, return_inverse=True, return_counts=True)
    return float((np.bincount(place, values) / count).mean())


def differences(
    reference: Mapping[str, NDArray[np.float64]],
    other: Mapping[str, NDArray[np.float64]],
    draw: NDArray[np.int64],
    primary: str,
) -> list[Difference]:
    """Return how each outcome that both have differs, the primary one first.

    The primary outcome stands for itself; the others are adjusted together (Holm 1979), so that a whole table of no
    differences flags one in at most a tenth of cases.

    Parameters
    ----------
    reference, other : mapping of str to (n,) float64
        Outcomes of the runs, pair by pair.
    draw : (n,) int64
        Parameter set of each pair.
    primary : str
        The outcome that the question is about.
    """
    names = [primary, *(name for name in reference if name in other and name != primary)]
    first, *rest = (difference(name, reference[name], other[name], draw) for name in names)
    return [first, *_holm(rest)]


def holm(chances: Mapping[str, float], alpha: float) -> set[str]:
    """Return what is distinguished from chance when many are looked at together (Holm 1979).

    Parameters
    ----------
    chances : mapping of str to float
        Probability of each under no difference, 0 to 1.
    alpha : float
        Chance that any is wrongly distinguished.

    Examples
    --------
    >>> sorted(holm({"a": 0.01, "b": 0.04, "c": 0.02}, 0.05)), sorted(holm({"a": 0.02, "b": 0.04}, 0.03))
    (['a', 'b', 'c'], [])
    """
    passed: set[str] = set()
    for place, name in enumerate(sorted(chances, key=lambda name: chances[name])):
        if chances[name] >= alpha / (len(chances) - place):
            break
        passed.add(name)
    return passed


def _holm(rows: Sequence[Difference]) -> list[Difference]:
    """Return the rows with ``clear`` adjusted for their number; rows without a test are never clear."""
    passed = holm({row.outcome: row.p for row in rows if np.isfinite(row.p)}, ALPHA)
    return [replace(row, clear=row.outcome in passed) for row in rows]
