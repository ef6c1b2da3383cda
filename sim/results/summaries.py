"""What is worked out from the weekly metrics of an ensemble: the composite, and one row per replicate.

Reads metrics only, never a state or a setting of the model; the effect of a shock is the difference to the
same run with the same luck without it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from sim.config.target_quantities import OUTCOME_SEEN
from sim.core.asked import Asked
from sim.core.metric_table import (
    COMPONENTS,
    COSTS,
    ENDS,
    LEAVING,
    METRICS,
    OBSERVED_NAMES,
    QUESTIONNAIRE,
    RUN_COLUMNS,
    SHOCK_MEASURES,
    Metric,
)
from sim.core.scenario import Scenario, Shock
from sim.core.vocabulary import WEEKS_PER_YEAR, Status
from sim.results.means import mean_there
from sim.results.weekly import curve, curves, last_alive, last_year

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.engine import Ensemble

SMOOTH_WEEKS, BACK_WITHIN, BACK_WEEKS = 4, 0.05, 8
"""Recovery: means over 4 weeks, back within 5% for 8 weeks (conventions, assumed)."""

NEEDED_COMPONENTS = 3
SUMMARY_CHUNK = 400

COUNTS = (*COSTS, "meetings_held", "guests_ever", "grants_won", *(f"left_{cause}" for cause in LEAVING))
"""Running totals that the row of a run takes as they stand when it was last seen alive."""

NEEDED = (
    "members",
    "patients",
    "people_ever",
    "leavers",
    "organisations_kept",
    "outcome",
    "wins",
    "purposes_met",
    *COUNTS,
    *COMPONENTS,
)
"""Weekly metrics from which the row of a run is made. A last year is known only when a run is over: each week counts."""

NEEDED_OF_SHOCKS = ("output",)

Runs = dict[str, "NDArray[np.float64]"]


@cache
def reference_population() -> dict[str, tuple[float, float]]:
    """Return mean and standard deviation of each component in the stated reference population.

    Empty when the table is not there; the composite is missing then.
    """
    path = files("sim") / "data" / "reference_population.csv"
    if not path.is_file():
        return {}
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return {row["name"]: (float(row["mean"]), float(row["sd"])) for row in rows}


def weekly_metrics(ensemble: Ensemble) -> NDArray[np.float64]:
    """Return all weekly metrics, those worked out appended.

    Parameters
    ----------
    ensemble : Ensemble
        Results of the engine.

    Returns
    -------
    (n, T + 1, n_metrics) float64
        In the order of ``METRICS``.
    """
    weekly = np.full((*ensemble.weekly.shape[:2], len(METRICS)), np.nan)
    weekly[:, :, : len(OBSERVED_NAMES)] = ensemble.weekly
    weekly[:, :, tuple(METRICS).index("synergy")] = synergy(ensemble.weekly)
    return weekly


def synergy(weekly: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the composite: mean of the standardised components, missing unless three are there.

    Parameters
    ----------
    weekly : (n, T + 1, N_OBSERVED) float64
        Observed metrics.
    """
    known = reference_population()
    if not all(name in known for name in COMPONENTS):
        return np.full(weekly.shape[:2], np.nan)
    places = [OBSERVED_NAMES.index(name) for name in COMPONENTS]
    mean, sd = np.array([known[name] for name in COMPONENTS]).T
    scores = (weekly[:, :, places] - mean) / sd
    return mean_there(scores, 2, least=NEEDED_COMPONENTS)


def run_columns(scenario: Scenario) -> dict[str, Metric]:
    """Return the columns of ``runs.parquet``: those of every run, then five for each dated shock."""
    columns = dict(RUN_COLUMNS)
    for shock in scenario.shocks:
        for row in SHOCK_MEASURES:
            name = f"shock_{shock.name}_{row.name}"
            columns[name] = replace(row, name=name, meaning=f"{shock.name}: {row.meaning}")
    return columns


def needed(scenario: Scenario) -> tuple[str, ...]:
    """Return the weekly metrics that the row of a run needs."""
    return (*NEEDED, *NEEDED_OF_SHOCKS) if scenario.shocks else NEEDED


def summary(ensemble: Ensemble, run_again: Callable[[Scenario], Ensemble]) -> NDArray[np.float64]:
    """Return one row per replicate.

    Parameters
    ----------
    ensemble : Ensemble
        Results of the engine, in which at least what is ``needed`` was observed each week.
    run_again : callable
        Runs a changed scenario with the same seed and replicates, and observes ``NEEDED_OF_SHOCKS`` each week.

    Returns
    -------
    (n, n_columns) float64
        In the order of ``run_columns``; NaN where missing.
    """
    there = curves(ensemble)
    rows = _ends(ensemble, there) | _answers(ensemble)
    inside, components = last_year(ensemble), there | {"synergy": synergy(ensemble.weekly)}
    rows |= {f"{name}_last_year": mean_there(components[name], 1, inside) for name in (*COMPONENTS, "synergy")}
    scenario = ensemble.scenario
    for shock in scenario.shocks:
        without = replace(scenario, shocks=tuple(other for other in scenario.shocks if other != shock))
        rows |= shock_effects(shock, there["output"], curve(run_again(without), "output"))
    return np.column_stack([rows[name] for name in run_columns(scenario)])


def summaries(
    scenario: Scenario,
    seed: int,
    replicates: NDArray[np.int64] | Sequence[int],
    threads: int | None = None,
    chunk: int = SUMMARY_CHUNK,
) -> NDArray[np.float64]:
    """Run replicates and keep one row of each, in memory that does not grow with the weeks.

    Parameters
    ----------
    scenario : Scenario
        What to run; each dated shock costs a second run, without it.
    seed : int
        From 0 to 2**32 - 1.
    replicates : sequence of int
        Numbers of the replicates.
    threads : int, optional
        Threads to use; by default all. Results do not depend on it, nor on ``chunk``.
    chunk : int
        Replicates whose weekly metrics are in memory at one time.

    Returns
    -------
    (n, n_columns) float64
        In the order of ``run_columns``; NaN where missing.
    """
    from sim.core.engine import run_many

    chosen = np.asarray(replicates, dtype=np.int64)
    first, further = Asked(needed(scenario)), Asked(NEEDED_OF_SHOCKS)
    rows = np.empty((chosen.size, len(run_columns(scenario))))
    for start in range(0, chosen.size, chunk):
        part = chosen[start : start + chunk]
        ensemble = run_many(scenario, seed, part, threads, asked=first)
        again = partial(run_many, seed=seed, replicates=part, threads=threads, asked=further)
        rows[start : start + part.size] = summary(ensemble, again)
    return rows


def ends_of(status: NDArray[np.int64]) -> Runs:
    """Return how runs ended, told apart: 1 in one of ``ENDS``, 0 in the others.

    Parameters
    ----------
    status : (n,) int64
        ``Status`` of each run.
    """
    return {name: (status == Status[name.upper()]).astype(np.float64) for name in ENDS}


def _ends(ensemble: Ensemble, there: Mapping[str, NDArray[np.float64]]) -> Runs:
    """Return how each run ended and what it had when last seen alive."""
    alive = ensemble.status == Status.ALIVE
    last = last_alive(ensemble)
    ended = np.where(alive, np.nan, ensemble.ended_week.astype(np.float64))
    member_years = np.nansum(there["members"][:, 1:], axis=1) / WEEKS_PER_YEAR
    leavers = _at(there["leavers"], last)
    renewals = _at(there["purposes_met"], last)
    seen = there["outcome"] >= OUTCOME_SEEN
    rows = {
        **ends_of(ensemble.status),
        "purposes_met": renewals + (ensemble.status == Status.FULFILLED),
        "renewals": renewals,
        "ended_week": ended,
        "reason": ensemble.status.astype(np.float64),
        "members_end": np.where(alive, _at(there["members"], last), 0.0),
        "patients_end": np.where(alive, _at(there["patients"], last), 0.0),
        "leavers": leavers,
        "exits_per_member_year": np.divide(
            leavers, member_years, out=np.full(alive.size, np.nan), where=member_years > 0
        ),
        "outcome_week": np.where(seen.any(axis=1), seen.argmax(axis=1), np.nan),
    }
    same = ("people_ever", "organisations_kept", "outcome", "wins", *COUNTS)
    return rows | {name: _at(there[name], last) for name in same}


def _answers(ensemble: Ensemble) -> Runs:
    """Return the mean answers of the last wave of the questionnaire."""
    n = ensemble.status.size
    last = ensemble.answers[:, -1] if ensemble.answers.shape[1] else np.full((n, len(QUESTIONNAIRE) + 1), np.nan)
    return {row.name: last[:, i] for i, row in enumerate(QUESTIONNAIRE)}


def _at(values: NDArray[np.float64], week: NDArray[np.int64]) -> NDArray[np.float64]:
    return values[np.arange(len(values)), week]


def shock_effects(shock: Shock, output: NDArray[np.float64], without: NDArray[np.float64]) -> Runs:
    """Return what a shock did to Q(t), against the same luck without it.

    Parameters
    ----------
    shock : Shock
        The shock.
    output, without : (n, T + 1) float64
        Q(t) with and without the shock; an ended partnership puts out nothing.

    Returns
    -------
    dict of str to (n,) float64
        The measures of ``SHOCK_MEASURES``; missing where there was nothing to lose.
    """
    ours, theirs = (_smooth(np.nan_to_num(values[:, shock.week :])) for values in (output, without))
    usual = theirs.mean(axis=1)
    lively = usual > 0
    change = np.divide(ours - theirs, theirs, out=np.zeros(ours.shape), where=theirs > 0)
    back, weeks = _recovery(change)
    per_week = np.divide(ours - theirs, usual[:, None], out=np.zeros(ours.shape), where=lively[:, None])
    measures = {
        "depth": np.clip(0.0 - change.min(axis=1), 0.0, 1.0),
        "recovery_weeks": weeks,
        "recovered": back,
        "loss": np.maximum(-per_week, 0).sum(axis=1),
        "gain": np.maximum(per_week, 0).sum(axis=1),
    }
    return {f"shock_{shock.name}_{name}": np.where(lively, values, np.nan) for name, values in measures.items()}


def _smooth(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return means over the last four weeks (fewer at the start)."""
    total = np.cumsum(values, axis=1)
    total[:, SMOOTH_WEEKS:] -= total[:, :-SMOOTH_WEEKS].copy()
    return total / np.minimum(np.arange(1, values.shape[1] + 1), SMOOTH_WEEKS)


def _recovery(change: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return whether the loss stays within 5% for 8 weeks, and after how many (never lost: 0 weeks)."""
    within = change >= -BACK_WITHIN
    n, weeks = within.shape
    never = np.asarray(within.all(axis=1))
    first_lost = (~within).argmax(axis=1)
    if weeks < BACK_WEEKS:
        return never.astype(np.float64), np.full(n, float(weeks)) * ~never
    count = np.cumsum(np.column_stack([np.zeros(n), within]), axis=1)
    calm = count[:, BACK_WEEKS:] - count[:, :-BACK_WEEKS] == BACK_WEEKS
    calm &= np.arange(calm.shape[1]) > first_lost[:, None]
    back = never | calm.any(axis=1)
    after = np.where(never, 0, np.where(back, calm.argmax(axis=1), weeks))
    return back.astype(np.float64), after.astype(np.float64)
