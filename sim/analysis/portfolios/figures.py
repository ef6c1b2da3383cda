"""Pictures of portfolios: what can be had together, and which mixes give it."""

from __future__ import annotations

from itertools import combinations
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.portfolios.choose import BALANCED
from sim.analysis.portfolios.mixes import LEVELS, NAMES
from sim.core.parameters import LEVERS
from sim.report.style import COLOURS, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.analysis.portfolios.question import Aim
    from sim.analysis.portfolios.result import PortfolioResult
    from sim.analysis.study import Drawn

CLOUD, FRONT = "#C8C8C8", COLOURS[0]
LEVEL_MAPS = dict(zip(LEVELS, ("Blues", "Greens", "Purples"), strict=True))
LABEL = 46
"""Letters of a line of a mix's names."""
YARDSTICK_MARKS = ("s", "^", "v", "P")


def figures(result: PortfolioResult) -> Drawn:
    """Return the figures, by name, with a sentence on how to read each.

    Parameters
    ----------
    result : PortfolioResult
        A finished search.
    """
    drawn: Drawn = {}
    if len(result.question.aims) > 1:
        drawn["front"] = (
            _draw_front(result),
            "Every mix that the search tried (grey), and those that no other beats, tried again in other worlds (blue, "
            "with a line from what the search promised). Better is up and to the right.",
        )
    drawn["mixes"] = (
        _draw_mixes(result),
        "Hours a week that each mix gives to each enabling process; the darker, the nearer to full effort.",
    )
    return drawn


def _draw_front(result: PortfolioResult) -> Any:
    pairs = list(combinations(range(len(result.question.aims)), 2))
    figure, axes = figure_of(4.3 * len(pairs), 4.6, 1, len(pairs))
    for axis, (one, other) in zip(axes.flat, pairs, strict=True):
        _draw_pair(axis, result, result.question.aims[one], result.question.aims[other])
    handles, labels = axes.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, frameon=False, fontsize=8)
    return figure


def _draw_pair(axis: Axes, result: PortfolioResult, one: Aim, other: Aim) -> None:
    """Draw two aims against each other."""
    judged, aims = result.question.options["judged"], (one, other)
    tried, fresh = result.tried.scores(aims, judged), result.fresh.scores(aims, judged)
    axis.plot(*tried.T, ".", color=CLOUD, markersize=4, zorder=1, label="tried in the search")
    front = [result.tried.hours[row] for row in result.chosen.front]
    for hours in front:
        before, after = tried[result.tried.place(hours)], fresh[result.fresh.place(hours)]
        axis.plot(*np.stack([before, after]).T, color=FRONT, linewidth=0.7, alpha=0.5, zorder=2)
    after = np.array([fresh[result.fresh.place(hours)] for hours in front])
    axis.plot(*after.T, "o", color=FRONT, markersize=5, zorder=3, label="not beaten, tried again")
    plain = [pick for pick in result.chosen.picks if not pick.judged]
    for pick, mark in zip(plain, YARDSTICK_MARKS, strict=False):
        place = fresh[result.fresh.place(pick.hours)]
        axis.plot(*place, mark, color="0.15", markersize=6, zorder=4, linestyle="none", label=pick.name)
    chosen = next((pick for pick in result.chosen.picks if pick.name == BALANCED and pick.judged == judged), None)
    if chosen is not None:
        place = fresh[result.fresh.place(chosen.hours)]
        axis.plot(
            *place, "*", color=COLOURS[2], markersize=13, zorder=5, linestyle="none", label="balanced, tried again"
        )
    axis.set_xlabel(_axis_title(one), fontsize=9)
    axis.set_ylabel(_axis_title(other), fontsize=9)
    for aim, turn in ((one, axis.invert_xaxis), (other, axis.invert_yaxis)):
        if not aim.up:
            turn()
    axis.tick_params(labelsize=8)
    axis.grid(color="0.93")
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)


def _axis_title(aim: Aim) -> str:
    return f"{aim.name} ({aim.unit}{'' if aim.up else '; fewer is better'})"


def _draw_mixes(result: PortfolioResult) -> Any:
    """Draw mixes as rows and levers as columns, grouped by level."""
    picks = result.named()
    figure, axes = figure_of(10.5, 0.42 * len(picks) + 1.8)
    axis = axes[0, 0]
    from matplotlib import colormaps

    for line, pick in enumerate(picks):
        for column, (hours, row) in enumerate(zip(pick.hours, LEVERS.values(), strict=True)):
            share = hours / row.hours
            colour = colormaps[LEVEL_MAPS[row.level]](0.04 + 0.76 * share)
            axis.add_patch(_box(column, line, colour))
            axis.text(
                column, line, str(hours), ha="center", va="center", fontsize=8, color="w" if share > 0.6 else "0.3"
            )
        axis.text(len(NAMES) - 0.3, line, f"{pick.hours.sum()} h", va="center", fontsize=8)
    labels = [f"{name.replace('_', ' ')} ({row.hours:g})" for name, row in LEVERS.items()]
    axis.set_xticks(range(len(NAMES)), labels, rotation=40, ha="left", fontsize=8)
    axis.xaxis.tick_top()
    axis.set_yticks(range(len(picks)), [fill(pick.name, LABEL) for pick in picks], fontsize=8)
    axis.set_xlim(-0.5, len(NAMES) + 0.6)
    axis.set_ylim(len(picks) - 0.5, -0.5)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    return figure


def _box(column: int, line: int, colour: Any) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((column - 0.5, line - 0.5), 1, 1, facecolor=colour, edgecolor="w")
