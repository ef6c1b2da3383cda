"""Pictures of tables of results, for notebooks and scripts: a run over the weeks, a sweep over what was varied."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.config.settings import nearest
from sim.core.errors import UserError
from sim.core.metric_table import METRICS, RUN_COLUMNS
from sim.report.run_figure import Mark, Panel, run_figure
from sim.report.style import COLOURS
from sim.results.story import COMPONENTS, MEMBERS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from sim.core.scenario import Scenario

SHOWN = "synergy_last_year"
MOST_POINTS, MOST_MARKS = 12, 12
COLUMNS = 3


def plot_result(scenario: Scenario, seed: int, weekly: pd.DataFrame, kind: str | None) -> Figure:
    """Return a picture of many runs of a scenario over the weeks.

    Parameters
    ----------
    scenario : Scenario
        What was run.
    seed : int
        Its luck.
    weekly : DataFrame
        One row per replicate and week.
    kind : str or None
        A metric; None shows the four components of synergy and the members.

    Raises
    ------
    UserError
        When there is no such metric.
    """
    if kind is not None and kind not in METRICS:
        raise UserError(_unknown(kind, list(METRICS), "metric"))
    shown = COMPONENTS | {MEMBERS: "members"} if kind is None else {kind: kind.replace("_", " ")}
    replicates = weekly["replicate"].nunique()
    panels = [
        Panel(title.capitalize(), METRICS[name].unit, weekly[name].to_numpy(dtype=float).reshape(replicates, -1),
              METRICS[name].low, METRICS[name].high)
        for name, title in shown.items()
    ]  # fmt: skip
    marks = [Mark(shock.name, shock.week, shock.duration) for shock in sorted(scenario.shocks, key=lambda s: s.week)]
    title = f"{scenario.case}, {scenario.name.replace('_', ' ')}: {replicates} replicates, seed {seed}"
    return run_figure(title, panels, marks[:MOST_MARKS], date.fromisoformat(scenario.start))


def plot_sweep(runs: pd.DataFrame, kind: str | None) -> Figure:
    """Return a picture of an outcome beside everything that was varied, one panel each.

    Parameters
    ----------
    runs : DataFrame
        One row per run, what was varied before what came out.
    kind : str or None
        An outcome; None shows synergy in the last year.

    Raises
    ------
    UserError
        When there is no such outcome, or nothing was varied.
    """
    from matplotlib.figure import Figure

    outcome = kind or SHOWN
    known = [name for name in RUN_COLUMNS if name in runs.columns]
    if outcome not in known:
        raise UserError(_unknown(outcome, known, "outcome of this sweep"))
    varied = [
        name for name in runs.columns if ("." in name or name in ("case", "scenario")) and runs[name].nunique() > 1
    ]
    if not varied:
        raise UserError("nothing was varied in this sweep, so that there is nothing to draw it beside")
    columns = min(len(varied), COLUMNS)
    rows = -(-len(varied) // columns)
    figure = Figure(figsize=(3.8 * columns, 3.2 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharey=True)
    for axis, name in zip(axes.flat, varied, strict=False):
        _draw_axis(axis, runs[name], runs[outcome], runs["point"])
        axis.set_xlabel(name.rpartition(".")[2].replace("_", " "))
    for axis in axes.flat[len(varied) :]:
        axis.axis("off")
    figure.supylabel(f"{outcome.replace('_', ' ')} ({RUN_COLUMNS[outcome].unit})", fontsize=9)
    return figure


def _draw_axis(axis: Axes, values: pd.Series[Any], outcome: pd.Series[Any], point: pd.Series[Any]) -> None:
    """Draw means with their 95% intervals, in bins where there are many values."""
    import pandas as pd

    numeric = pd.api.types.is_numeric_dtype(values)
    groups = pd.qcut(values, MOST_POINTS, duplicates="drop") if values.nunique() > MOST_POINTS and numeric else values
    where = values.groupby(groups, observed=True).mean() if numeric else np.arange(groups.nunique())
    middle, half = means_of_points(outcome, groups, point).T
    axis.errorbar(where, middle, yerr=half, fmt="o-", color=COLOURS[0], linewidth=2)
    if not numeric:
        axis.set_xticks(range(len(middle)), sorted(groups.unique().astype(str)))
    axis.grid(axis="y", color="0.9")
    axis.spines[["top", "right"]].set_visible(False)


def means_of_points(outcome: pd.Series[Any], groups: pd.Series[Any], point: pd.Series[Any]) -> NDArray[np.float64]:
    """Return mean and half 95% interval of each group, (groups, 2) float64.

    Points of a design are what the interval counts, where a group has several of them: replicates of one point say
    nothing of the others. With one point in every group, replicates are.

    Parameters
    ----------
    outcome, groups, point : (n,) Series
        Of the runs.
    """
    from scipy.stats import t

    several = point.groupby(groups, observed=True).nunique().min() > 1
    units = outcome.groupby([groups, point], observed=True).mean() if several else outcome
    by = units.groupby(level=0, observed=True) if several else units.groupby(groups, observed=True)
    shown = by.agg(["mean", "sem", "count"])
    half = t.ppf(0.975, np.maximum(shown["count"] - 1, 1)) * shown["sem"].fillna(0)
    return np.column_stack([shown["mean"], half])


def _unknown(name: str, known: list[str], what: str) -> str:
    close = nearest(name, known)
    return f"no {what} called '{name}'" + (f"; did you mean '{close}'?" if close else f"; there is {', '.join(known)}")
