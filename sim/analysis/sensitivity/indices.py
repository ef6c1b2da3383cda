"""Measures of sensitivity, by SALib, on places in [0, 1] of the settings' ranges: pure arithmetic, no runs.

Designs are scaled to [0, 1], so that an effect is that of the whole range of a setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.sweeps.extras import needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.float64]

LEVELS = 4
SLICES = 10
RESAMPLES = 200
NORMAL = 1.959964
"""97.5th percentile of the standard normal."""

Indices = dict[str, "NDArray[np.float64]"]


def problem(names: Sequence[str], groups: Sequence[str] | None = None) -> dict[str, Any]:
    """Return settings in the form of SALib, with a group for each when asked."""
    content: dict[str, Any] = {"num_vars": len(names), "names": list(names), "bounds": [[0.0, 1.0]] * len(names)}
    return content if groups is None else content | {"groups": list(groups)}


def morris_points(k: int, trajectories: int, seed: int) -> Places:
    """Return the places of a Morris design, (trajectories * (k + 1), k)."""
    method = _salib("sample.morris")
    return np.asarray(method.sample(problem(_plain(k)), trajectories, LEVELS, seed=seed))


def morris(places: Places, values: NDArray[np.float64], seed: int) -> Indices:
    """Return the mean size of elementary effects over the whole range, its half interval, and their spread.

    Parameters
    ----------
    places : (n, k) float64
        As ``morris_points`` returns them.
    values : (n,) float64
        What came out, without NaN.
    seed : int
        Of the bootstrap.
    """
    method = _salib("analyze.morris")
    shown = problem(_plain(places.shape[1]))
    found = method.analyze(shown, places, values, num_levels=LEVELS, num_resamples=RESAMPLES, seed=seed)
    effect, half = np.asarray(found["mu_star"]), np.asarray(found["mu_star_conf"])
    return {"effect": effect, "half": half, "spread": np.asarray(found["sigma"])}


def sobol_points(k: int, base: int, seed: int, groups: Sequence[str] | None = None) -> Places:
    """Return Saltelli's places for first-order and total shares, (base * (k or groups + 2), k)."""
    method = _salib("sample.sobol")
    return np.asarray(method.sample(problem(_plain(k), groups), base, calc_second_order=False, seed=seed))


def sobol(values: NDArray[np.float64], names: Sequence[str], seed: int) -> Indices:
    """Return first-order and total shares of the variance with their bootstrap half intervals (95%).

    Parameters
    ----------
    values : (n,) float64
        What came out at ``sobol_points``, without NaN.
    names : sequence of str
        Settings, or groups in the order in which they first appear.
    seed : int
        Of the bootstrap.
    """
    k = len(names)
    if np.ptp(values) == 0:
        return {name: np.zeros(k) for name in ("first", "first_half", "total", "total_half")}
    method = _salib("analyze.sobol")
    # SALib's estimator of the totals is safest for values around 0.
    scaled = (values - values.mean()) / values.std()
    found = method.analyze(problem(_plain(k)), scaled, calc_second_order=False, num_resamples=RESAMPLES, seed=seed)
    names_there = {"first": "S1", "first_half": "S1_conf", "total": "ST", "total_half": "ST_conf"}
    return {ours: np.asarray(found[theirs], dtype=np.float64) for ours, theirs in names_there.items()}


def pawn(places: Places, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the median over slices of each setting of how far the distribution of what came out is shifted, (k,).

    Distances are those of Kolmogorov and Smirnov: 0 for a setting that does nothing, but for chance.

    Parameters
    ----------
    places : (n, k) float64
        A random sample.
    values : (n,) float64
        What came out of one run at each, without NaN.
    """
    method = _salib("analyze.pawn")
    return np.asarray(method.analyze(problem(_plain(places.shape[1])), places, values, S=SLICES)["median"])


def alone(places: Places, values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the share of variance that each setting explains alone, and its standard error, from a random sample.

    Between-slice variance over the whole, less what chance puts there. The error is that of a correlation ratio.

    Parameters
    ----------
    places : (n, k) float64
        A random sample; settings may go together.
    values : (n,) float64
        What came out, without NaN.
    """
    n, k = places.shape
    centred = values - values.mean()
    whole = float(centred @ centred)
    share = np.zeros(k)
    if whole == 0:
        return share, share.copy()
    for place in range(k):
        slices = np.array_split(np.argsort(places[:, place], kind="stable"), SLICES)
        between = 0.0
        for rows in slices:
            if len(rows):
                between += float(centred[rows].sum()) ** 2 / len(rows)
        share[place] = (between - (SLICES - 1) * (whole - between) / (n - SLICES)) / whole
    share = np.clip(share, 0.0, 1.0)
    chance = 2 * (SLICES - 1) / n**2
    return share, np.sqrt(4 * share * (1 - share) ** 2 / n + chance)


def ranks_together(
    drawn: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Return the rank correlation of each parameter with an outcome over draws, its error, and the most of chance.

    Parameters
    ----------
    drawn : (D, k) float64
        Draws of the parameters.
    values : (D,) float64
        Mean outcome of each draw.

    Returns
    -------
    correlation, error : (k,) float64
        Of Fisher's transform, brought back.
    most : float
        What the largest of k that do nothing shows in one table of D draws in twenty.
    """
    stats = needed("scipy.stats", "scipy", "sweeps", "a sensitivity analysis")
    ranked = stats.rankdata(np.column_stack([drawn, values]), axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.nan_to_num(np.corrcoef(ranked, rowvar=False)[-1, :-1])
    n, k = drawn.shape
    error = (1 - found**2) / np.sqrt(n - 3)
    return found, error, float(np.tanh(stats.norm.ppf(1 - 0.025 / k) / np.sqrt(n - 3)))


def chance(n: int, k: int) -> float:
    """Return what the largest of k settings that do nothing explains alone in one sample of n in twenty.

    >>> round(chance(4000, 100), 4)
    0.0052
    """
    stats = needed("scipy.stats", "scipy", "sweeps", "a sensitivity analysis")
    return float((stats.chi2.ppf(1 - 0.05 / k, SLICES - 1) - (SLICES - 1)) / n)


def _plain(k: int) -> list[str]:
    return [f"x{place}" for place in range(k)]


def _salib(module: str) -> Any:
    return needed(f"SALib.{module}", "SALib", "sweeps", "a sensitivity analysis")
