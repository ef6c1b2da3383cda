"""The continuous quantities behind the targets, measured in simulated runs. No value of a target is read here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from sim.core.metric_table import COMPONENTS, OBSERVED_NAMES, Metric
from sim.results.summaries import OUTCOME_SEEN
from sim.core.scenario import WEEKS_PER_YEAR
from sim.core.vocabulary import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.engine import Ensemble

SPELL_WEEKS = 26
"""A manifestation of synergy is present when it stays above the null's bar for half a year (charter of the model)."""

NEEDED_MANIFESTATIONS = 3
YEAR_2018 = (222, 260)
EARLY = (1, 78)
LATE = (182, 260)
"""Windows in weeks of the case: the year of the counts, the beginning in which patients took part, the end."""

_INF = float("inf")
_ROWS = (
    Metric("members_at_2018", "persons", 0, 1000, "none", "Mean members in weeks 222 to 260; 0 after an ending."),
    Metric("people_ever", "persons", 0, _INF, "none", "Persons ever involved."),
    Metric("exits_per_member_year", "per member-year", 0, _INF, "down", "Persons who left over member-years lived."),
    Metric("organisations_kept_share", "share", 0, 1, "up", "Founding organisations still there when last seen."),
    Metric("patients_present_early", "persons", 0, 1000, "none", "Mean patient partners in weeks 1 to 78."),
    Metric("patients_present_late", "persons", 0, 1000, "none", "Mean patient partners in weeks 182 to 260."),
    Metric("alive_2018", "0 or 1", 0, 1, "up", "Whether the partnership was there in week 222."),
    *(
        Metric(
            f"synergy_present_{name}",
            "margin",
            -2,
            2,
            "up",
            f"How far above the null's bar the {name} stayed for half a year at best.",
        )
        for name in ("integration", "atmosphere", "benefits", "adaptation")
    ),
    Metric(
        "synergy_before_outcome", "weeks", -520, 521, "none", "Weeks from synergy to outcome; missing without synergy."
    ),
)
QUANTITIES: dict[str, Metric] = {row.name: row for row in _ROWS}
"""What the targets of a case are compared with, in each run."""

NAMES = tuple(QUANTITIES)


def quantities(ensemble: Ensemble, bars: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return the quantities of each run.

    Parameters
    ----------
    ensemble : Ensemble
        Runs of one case.
    bars : (T + 1, 4) float64
        95th percentile of each manifestation of synergy in the null, week by week (``sim.results.null_bars``).

    Returns
    -------
    dict of str to (n,) float64
        By the names of ``NAMES``. A presence is measured as a margin: how far above the bar the manifestation
        stays for half a year at best; negative when it never does. After an ending members and patients are 0.
    """
    end = ensemble.weekly.shape[1] - 1
    alive = ensemble.status == Status.ALIVE
    last = np.where(alive, end, ensemble.ended_week - 1)
    at_last = (np.arange(len(last)), last)
    curves = {name: ensemble.weekly[:, :, place] for place, name in enumerate(OBSERVED_NAMES)}
    member_years = np.nansum(curves["members"][:, 1:], axis=1) / WEEKS_PER_YEAR
    margins = {name: margin(curves[name], bars[:, place]) for place, name in enumerate(COMPONENTS)}
    return {
        "members_at_2018": mean_over(curves["members"], YEAR_2018),
        "people_ever": curves["people_ever"][at_last],
        "exits_per_member_year": curves["leavers"][at_last] / np.maximum(member_years, 1 / WEEKS_PER_YEAR),
        "organisations_kept_share": curves["organisations_kept"][at_last],
        "patients_present_early": mean_over(curves["patients"], EARLY),
        "patients_present_late": mean_over(curves["patients"], LATE),
        "alive_2018": (last >= min(YEAR_2018[0], end)).astype(np.float64),
        "synergy_present_integration": margins["integration"].max(axis=1),
        "synergy_present_atmosphere": margins["atmosphere"].max(axis=1),
        "synergy_present_benefits": margins["benefit"].max(axis=1),
        "synergy_present_adaptation": margins["adaptation"].max(axis=1),
        "synergy_before_outcome": lead(margins, curves["outcome"], end),
    }


def mean_over(curve: NDArray[np.float64], window: tuple[int, int]) -> NDArray[np.float64]:
    """Return the mean over the weeks of a window, as far as the run goes; an ended partnership counts as 0."""
    first, last = min(window[0], curve.shape[1] - 1), min(window[1], curve.shape[1] - 1)
    mean: NDArray[np.float64] = np.nan_to_num(curve[:, first : last + 1]).mean(axis=1)
    return mean


def margin(curve: NDArray[np.float64], bar: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return, week by week, how far above the bar a curve has stayed over the last half year.

    Parameters
    ----------
    curve : (n, T + 1) float64
        A manifestation of synergy; missing counts as far below.
    bar : (T + 1,) float64
        The null's bar.

    Returns
    -------
    (n, T + 2 - 26) float64
        Least difference of each spell of 26 weeks.
    """
    above = np.nan_to_num(curve - bar, nan=-1.0)
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
