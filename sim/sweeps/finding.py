"""One sentence on what came out of a sweep: which varied setting the composite follows most."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from sim.core.metric_table import END_WORDS, ENDS
from sim.sweeps.dataset import read_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.sweeps.folder import SweepFolder

TARGET = "synergy_last_year"
FEW = 3
MOST_RUNS = 200_000


def sentence(sweep: SweepFolder) -> str:
    """Return a sentence on the synergy of the runs and what it follows most.

    Parameters
    ----------
    sweep : SweepFolder
        A sweep whose runs are done.
    """
    names = [name for name in sweep.record["varied"] if name != "seed"]
    table = read_parts(sweep.parts("runs"), [TARGET, *ENDS, "point", *names], MOST_RUNS)
    values, *ends = (table[name].to_numpy(zero_copy_only=False).astype(float) for name in (TARGET, *ENDS))
    shares = ", ".join(f"{np.nanmean(one):.0%} {word}" for one, word in zip(ends, END_WORDS.values(), strict=True))
    there = np.isfinite(values)
    if not there.any():
        return "In no run were there enough members to speak of synergy."
    low, middle, high = np.percentile(values[there], (5, 50, 95))
    text = (
        f"Synergy in the last year: median {middle:.2f} (90% of runs {low:.2f} to {high:.2f} standard deviations); "
        f"at the end, of all partnerships: {shares}."
    )
    point = table["point"].to_numpy()
    numeric = {name: table[name].to_numpy(zero_copy_only=False) for name in names}
    strengths = {
        name: abs(_rank_correlation(_point_means(column.astype(float), point), _point_means(values, point)))
        for name, column in numeric.items()
        if column.dtype.kind in "fi"
    }
    strengths = {name: strength for name, strength in strengths.items() if np.isfinite(strength)}
    points = np.unique(point).size
    if not strengths or points <= FEW:
        return text
    best = max(strengths, key=lambda name: strengths[name])
    if strengths[best] <= chance(points, len(strengths)):
        return f"{text} Across points it follows none of the settings more than chance would show."
    return f"{text} Across points it follows {best} most (rank correlation {strengths[best]:.2f} in size)."


def chance(points: int, settings: int) -> float:
    """Return the correlation that the strongest of some settings reaches by chance in one of twenty sweeps.

    >>> round(chance(1000, 13), 2), chance(5, 1) < 1
    (0.09, True)
    """
    return NormalDist().inv_cdf(1 - 0.025 / settings) / float(np.sqrt(points - 1))


def _point_means(values: NDArray[np.float64], point: NDArray[np.int64]) -> NDArray[np.float64]:
    there = np.isfinite(values)
    total = np.bincount(point[there], values[there], minlength=int(point.max()) + 1)
    count = np.bincount(point[there], minlength=int(point.max()) + 1)
    means: NDArray[np.float64] = np.divide(total, count, out=np.full(total.size, np.nan), where=count > 0)
    return means


def _rank_correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    from scipy.stats import spearmanr

    there = np.isfinite(one) & np.isfinite(other)
    if there.sum() <= FEW or not np.ptp(one[there]) * np.ptp(other[there]):
        return float("nan")
    return float(spearmanr(one[there], other[there]).statistic)
