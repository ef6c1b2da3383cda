"""The quantities behind the targets of the cases, measured in simulated runs: one function for each kind of measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.config.target_quantities import MEASURED, OUTCOME_SEEN, TargetQuantity
from sim.core.metric_table import COMPONENTS
from sim.core.vocabulary import WEEKS_PER_YEAR
from sim.results.weekly import curve, curves, last_alive

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.engine import Ensemble

SPELL_WEEKS = 26
"""A manifestation of synergy is present when it stays above the null's bar for half a year (charter of the model)."""

NEEDED_MANIFESTATIONS = 3


NEEDED = tuple(dict.fromkeys(("members", *COMPONENTS, *(row.of for row in MEASURED.values() if row.of))))
"""Weekly metrics from which quantities are measured."""


@dataclass(frozen=True)
class MeasuredRuns:
    """What quantities are measured from.

    Attributes
    ----------
    curves : dict of str to (n, T + 1) float64
        Weekly metrics; NaN where missing.
    last : (n,) int64
        Last week in which each partnership was alive.
    margins : dict of str to (n, T + 2 - 26) float64
        How far each component of synergy stayed above the null's bar (``margin``).
    """

    curves: Mapping[str, NDArray[np.float64]]
    last: NDArray[np.int64]
    margins: Mapping[str, NDArray[np.float64]]

    @property
    def end(self) -> int:
        """Last week of the runs."""
        return int(self.curves["members"].shape[1] - 1)

    def at_last(self, name: str) -> NDArray[np.float64]:
        """Return a metric in the last week alive."""
        return self.curves[name][np.arange(len(self.last)), self.last]


def quantities(ensemble: Ensemble, bars: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return the quantities of each run.

    Parameters
    ----------
    ensemble : Ensemble
        Runs of one case, in which at least what is ``NEEDED`` was observed each week.
    bars : (T + 1, 4) float64
        95th percentile of each manifestation of synergy in the null, week by week (``sim.results.null_bars``).

    Returns
    -------
    dict of str to (n,) float64
        By the names of ``MEASURED``. A presence is measured as a margin: how far above the bar the manifestation
        stays for half a year at best; negative when it never does. After an ending members and patients are 0.
    """
    margins = {name: margin(curve(ensemble, name), bars[:, place]) for place, name in enumerate(COMPONENTS)}
    runs = MeasuredRuns(curves(ensemble), last_alive(ensemble), margins)
    return {name: MEASURES[row.measure](runs, row) for name, row in MEASURED.items()}


def mean_over(values: NDArray[np.float64], window: tuple[int, int]) -> NDArray[np.float64]:
    """Return the mean over the weeks of a window, as far as the run goes; an ended partnership counts as 0."""
    first, last = (min(week, values.shape[1] - 1) for week in window)
    mean: NDArray[np.float64] = np.nan_to_num(values[:, first : last + 1]).mean(axis=1)
    return mean


def margin(values: NDArray[np.float64], bar: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, week by week, how far above the bar a curve has stayed over the last half year.

    Parameters
    ----------
    values : (n, T + 1) float64
        A manifestation of synergy; missing counts as far below.
    bar : (T + 1,) float64
        The null's bar.

    Returns
    -------
    (n, T + 2 - 26) float64
        Least difference of each spell of 26 weeks.
    """
    above = np.nan_to_num(values - bar, nan=-1.0)
    spell = min(SPELL_WEEKS, above.shape[1])
    windows = np.lib.stride_tricks.sliding_window_view(above, spell, axis=1)
    least: NDArray[np.float64] = windows.min(axis=2)
    return least


def lead(margins: Mapping[str, NDArray[np.float64]], outcome: NDArray[np.float64], end: int) -> NDArray[np.float64]:
    """Return weeks from synergy (three manifestations begun) to outcome; missing without synergy.

    An outcome that is not seen within the run counts as seen the week after it.
    """
    never = np.inf
    begun = np.column_stack(
        [np.where((least > 0).any(axis=1), (least > 0).argmax(axis=1), never) for least in margins.values()]
    )
    third = np.sort(begun, axis=1)[:, NEEDED_MANIFESTATIONS - 1]
    seen = np.nan_to_num(outcome) >= OUTCOME_SEEN
    week = np.where(seen.any(axis=1), seen.argmax(axis=1), end + 1)
    return np.where(np.isfinite(third), week - np.where(np.isfinite(third), third, 0), np.nan)


def _per_member_year(runs: MeasuredRuns, row: TargetQuantity) -> NDArray[np.float64]:
    """Return a count in the last week alive, over the years that members lived through."""
    member_years = np.nansum(runs.curves["members"][:, 1:], axis=1) / WEEKS_PER_YEAR
    rate: NDArray[np.float64] = runs.at_last(row.of) / np.maximum(member_years, 1 / WEEKS_PER_YEAR)
    return rate


def _alive(runs: MeasuredRuns, row: TargetQuantity) -> NDArray[np.float64]:
    """Return 1 where the partnership was there in the first of the weeks, else 0."""
    return np.asarray(runs.last >= min(row.weeks[0], runs.end), dtype=np.float64)


MEASURES: dict[str, Callable[[MeasuredRuns, TargetQuantity], NDArray[np.float64]]] = {
    "mean": lambda runs, row: mean_over(runs.curves[row.of], row.weeks),
    "last": lambda runs, row: runs.at_last(row.of),
    "per member-year": _per_member_year,
    "alive": _alive,
    "best margin": lambda runs, row: np.asarray(runs.margins[row.of].max(axis=1)),
    "lead of synergy": lambda runs, row: lead(runs.margins, runs.curves[row.of], runs.end),
}
"""Kinds of measure by the word for them in the table of quantities."""
