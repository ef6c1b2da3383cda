"""Pictures of a comparison, in the style of all others: the palette of Okabe and Ito, one question each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.comparison.differences import ALPHA, nested
from sim.analysis.comparison.outcome_words import OF_ROLE, QUESTIONNAIRE, in_words
from sim.report.run_figure import percentiles
from sim.report.style import COLOURS, figure_of
from sim.results.story import COMPONENTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sim.analysis.comparison.differences import Difference
    from sim.analysis.comparison.result import ComparisonResult

REFERENCE_COLOUR = "#555555"
PLAN_COLOURS = (COLOURS[0], COLOURS[2], COLOURS[1], COLOURS[3], "#E69F00", "#56B4E9")
MOST_BANDS = 3
BEFORE, AFTER = 13, 104
EVERY = 4


def colour_of(comparison: ComparisonResult, label: str) -> str:
    """Return the colour of a plan, the same in every picture."""
    if label == comparison.reference:
        return REFERENCE_COLOUR
    place = [plan.label for plan in comparison.question.plans[1:]].index(label)
    return PLAN_COLOURS[place % len(PLAN_COLOURS)]


def draw_differences(comparison: ComparisonResult) -> Any:
    """Draw every outcome: its difference in standard deviations between single runs, with its interval."""
    names = list(dict.fromkeys(row.outcome for rows in comparison.rows.values() for row in rows if _shown(row)))
    figure, axes = figure_of(9.5, 0.27 * len(names) + 1.3)
    axis = axes[0, 0]
    n = len(comparison.rows)
    reach = 0.5
    for place, (label, rows) in enumerate(comparison.rows.items()):
        shift = 0.5 * (place - (n - 1) / 2) / n
        colour = colour_of(comparison, label)
        for row in rows:
            if not _shown(row):
                continue
            y = names.index(row.outcome) + shift
            low, mean, high = (value / row.spread for value in (row.low, row.mean, row.high))
            reach = max(reach, abs(low), abs(high))
            axis.plot([low, high], [y, y], color=colour, linewidth=2, alpha=1 if row.clear else 0.45)
            axis.plot([mean], [y], "o", color=colour, markersize=5, markerfacecolor=colour if row.clear else "white")
        axis.plot([], [], "o-", color=colour, label=f"{label} less {comparison.reference}")
    axis.axvline(0, color="0.4", linewidth=0.9)
    axis.set_yticks(range(len(names)), [_titled(name) for name in names], fontsize=9)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.set_xlim(-1.08 * reach, 1.08 * reach)
    axis.axhspan(-0.5, 0.5, color="0.94", zorder=0)
    axis.set_xlabel("difference, in standard deviations between single runs (filled: distinguished from none)")
    axis.legend(frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=min(n, 2))
    axis.grid(axis="x", color="0.92")
    return figure


def _shown(row: Difference) -> bool:
    return bool(np.isfinite(row.low) and row.spread > 0 and not row.outcome.startswith(QUESTIONNAIRE))


def _titled(name: str) -> str:
    words = in_words(name)
    arrow = {"up": " ↑", "down": " ↓"}.get(words.good, "")
    return words.title + arrow


def draw_bands(comparison: ComparisonResult) -> Any:
    """Draw the four components of synergy over the weeks: median and nine in ten runs of each plan."""
    figure, axes = figure_of(11, 7, 2, 2)
    labels = [plan.label for plan in comparison.question.plans]
    for axis, (name, title) in zip(axes.flat, COMPONENTS.items(), strict=True):
        for label in labels:
            curve = comparison.outcomes[label].curves[name]
            low, middle, high = percentiles(curve.astype(np.float64), (5, 50, 95))
            weeks = np.arange(curve.shape[1])
            if len(labels) <= MOST_BANDS:
                axis.fill_between(weeks, low, high, color=colour_of(comparison, label), alpha=0.16, linewidth=0)
            style = "--" if label == comparison.reference else "-"
            axis.plot(weeks, middle, style, color=colour_of(comparison, label), linewidth=2, label=label)
        _weekly(axis, title.capitalize())
    axes[0, 0].legend(frameon=False, fontsize=9)
    return figure


def draw_over_time(comparison: ComparisonResult) -> Any:
    """Draw the mean difference of each component over the weeks, with its 95% interval."""
    figure, axes = figure_of(11, 7, 2, 2)
    draw = comparison.design.draw
    reference = comparison.outcomes[comparison.reference].curves
    for axis, (name, title) in zip(axes.flat, COMPONENTS.items(), strict=True):
        for label in comparison.rows:
            weeks = np.arange(0, reference[name].shape[1], EVERY)
            change = (comparison.outcomes[label].curves[name] - reference[name])[:, weeks].astype(np.float64)
            middle, half = _mean_and_half(change, draw)
            colour = colour_of(comparison, label)
            axis.fill_between(weeks, middle - half, middle + half, color=colour, alpha=0.25, linewidth=0)
            axis.plot(weeks, middle, color=colour, linewidth=2, label=f"{label} less {comparison.reference}")
        axis.axhline(0, color="0.4", linewidth=0.9)
        _weekly(axis, title.capitalize())
    axes[0, 0].legend(frameon=False, fontsize=9)
    return figure


def _mean_and_half(
    change: NDArray[np.float64], draw: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean of each column, and half of its 95% interval."""
    from scipy.stats import t

    parts = []
    for column in change.T:
        there = np.isfinite(column)
        one = nested(column[there], draw[there])
        parts.append((one.mean, t.ppf(1 - ALPHA / 2, one.freedom) * one.error if one.freedom else np.nan))
    middle, half = np.array(parts).T
    return middle, half


def draw_roles(comparison: ComparisonResult) -> Any:
    """Draw whose benefit changes: mean difference of net benefit by role, with its interval."""
    figure, axes = figure_of(8.5, 3.8)
    axis = axes[0, 0]
    n = len(comparison.rows)
    for place, (label, rows) in enumerate(comparison.rows.items()):
        shift = 0.5 * (place - (n - 1) / 2) / n
        colour = colour_of(comparison, label)
        for row in rows:
            if row.outcome in OF_ROLE and np.isfinite(row.low):
                y = list(OF_ROLE).index(row.outcome) + shift
                axis.plot([row.low, row.high], [y, y], color=colour, linewidth=2)
                axis.plot([row.mean], [y], "o", color=colour, markerfacecolor=colour if row.clear else "white")
        axis.plot([], [], "o-", color=colour, label=f"{label} less {comparison.reference}")
    axis.axvline(0, color="0.4", linewidth=0.9)
    axis.set_yticks(range(len(OF_ROLE)), list(OF_ROLE.values()))
    axis.set_ylim(len(OF_ROLE) - 0.5, -0.5)
    axis.set_xlabel("difference in net benefit, last year (filled: distinguished from none)")
    axis.legend(frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=min(n, 2))
    axis.grid(axis="x", color="0.92")
    return figure


def draw_shocks(comparison: ComparisonResult) -> Any:
    """Draw what each shock does under each plan: output beside that of the same luck without the shock."""
    plans = {
        plan.label: {shock.name: shock for shock in plan.scenario.shocks}
        for plan in comparison.question.plans
        if plan.scenario is not None
    }
    names = list(dict.fromkeys(name for shocks in plans.values() for name in shocks))
    columns = min(len(names), 2) or 1
    figure, axes = figure_of(
        5.5 * columns, 3.4 * (-(-len(names) // columns) or 1), -(-len(names) // columns) or 1, columns
    )
    for axis in axes.flat[len(names) :]:
        axis.axis("off")
    if not names:
        axes[0, 0].text(0.5, 0.5, "no dated shock in any plan", ha="center", transform=axes[0, 0].transAxes)
    for axis, name in zip(axes.flat, names, strict=False):
        for label, shocks in plans.items():
            if name in shocks:
                _triangle(axis, comparison, label, name, shocks[name].week)
        axis.axhline(1, color="0.4", linewidth=0.9)
        axis.axvline(0, color="0.4", linewidth=0.9, linestyle=(0, (4, 2)))
        axis.set_title(name.replace("_", " "), loc="left", fontsize=11)
        axis.set_xlabel("weeks since the shock")
        axis.set_ylabel("joint output, without it = 1")
        axis.legend(frameon=False, fontsize=9)
        axis.grid(axis="y", color="0.92")
    return figure


def _triangle(axis: Axes, comparison: ComparisonResult, label: str, name: str, week: int) -> None:
    """Draw the ratio of mean outputs; the area below 1 is the triangle of resilience."""
    outcomes = comparison.outcomes[label]
    ours, theirs = (np.nan_to_num(curve) for curve in (outcomes.curves["output"], outcomes.without[name]))
    first, last = max(0, week - BEFORE), min(ours.shape[1], week + AFTER + 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = ours.mean(axis=0)[first:last] / theirs.mean(axis=0)[first:last]
    weeks = np.arange(first, last) - week
    colour = colour_of(comparison, label)
    axis.plot(weeks, ratio, "--" if label == comparison.reference else "-", color=colour, linewidth=2, label=label)
    axis.fill_between(weeks, ratio, 1, where=ratio < 1, color=colour, alpha=0.15, linewidth=0)


def _weekly(axis: Axes, title: str) -> None:
    axis.set_title(title, loc="left", fontsize=11)
    axis.set_xlabel("weeks since the start")
    axis.grid(axis="y", color="0.92")
    axis.margins(x=0)


KINDS: dict[str, Callable[[ComparisonResult], Any]] = {
    "differences": draw_differences,
    "bands": draw_bands,
    "over time": draw_over_time,
    "roles": draw_roles,
    "shocks": draw_shocks,
}
"""Pictures by the word for them."""

CAPTIONS = {
    "differences": "All outcomes at a glance. Each difference is measured by how much single runs of the reference "
    "differ; bars are 95% intervals; filled points are distinguished from none (the first by itself, the others "
    "adjusted for their number). Arrows say which way is better.",
    "bands": "The four components of synergy: median (line) and nine in ten runs (shade), which hold both what is not "
    "known of the parameters and luck. Bands that overlap do not mean that plans do not differ: the pairs do the "
    "comparing.",
    "over time": "Mean difference between pairs, week by week, with its 95% interval.",
    "roles": "Whose benefit changes: net benefit of the seats of each role in the last year.",
    "shocks": "What each dated shock does to joint output under each plan, beside the same luck without it; the shaded "
    "area is what is lost.",
}


def drawn(comparison: ComparisonResult) -> dict[str, Any]:
    """Return the pictures that have something to show, by kind."""
    shocks = any(plan.scenario is not None and plan.scenario.shocks for plan in comparison.question.plans)
    held = any(plan.folder is not None for plan in comparison.question.plans)
    left_out = {kind for kind, out in (("shocks", not shocks), ("roles", held)) if out}
    return {kind: KINDS[kind](comparison) for kind in KINDS if kind not in left_out}
