"""The picture of one run: the four components of synergy and the members over the weeks, shocks marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.report.style import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

SHOCK_COLOUR = "#222222"
OUTER, INNER = (5, 95), (25, 75)
LETTERS = "ABCDEFGHIJKL"


@dataclass(frozen=True)
class Panel:
    """One panel: a title, a unit, a range to show and the values.

    Attributes
    ----------
    title, unit : str
        What is drawn.
    values : (k, weeks + 1) float64
        One row per replicate; NaN where missing.
    low, high : float
        Range of the axis; NaN lets the data decide.
    """

    title: str
    unit: str
    values: NDArray[np.float64]
    low: float = np.nan
    high: float = np.nan


@dataclass(frozen=True)
class Mark:
    """A dated outside change: its name, its week and how many weeks it lasts."""

    name: str
    week: int
    duration: int


def draw_run(path: Path, title: str, panels: Sequence[Panel], marks: Sequence[Mark], start: date) -> None:
    """Draw a run as ``run_figure`` does, and write the picture to a PNG file."""
    run_figure(title, panels, marks, start).savefig(path, dpi=130)


def run_figure(title: str, panels: Sequence[Panel], marks: Sequence[Mark], start: date) -> Figure:
    """Return a picture of the panels with median and bands.

    Parameters
    ----------
    title : str
        One line above all panels.
    panels : sequence of Panel
        One or three or five; the place after them explains the signs.
    marks : sequence of Mark
        Shocks, marked in every panel by a letter and named in the legend.
    start : date
        Date of week 0.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = -(-(len(panels) + 1) // 2)
    height = 3.5 * rows
    # Fixed margins: the automatic layout costs half a second of a run.
    figure = Figure(figsize=(11, height))
    FigureCanvasAgg(figure)
    figure.suptitle(title, x=0.07, y=1 - 0.26 / height, ha="left", fontsize=13, fontweight="bold")
    axes = figure.subplots(rows, 2)
    figure.subplots_adjust(left=0.07, right=0.97, bottom=0.58 / height, top=1 - 1.0 / height, hspace=0.42, wspace=0.16)
    for axis, panel, colour in zip(axes.flat, panels, COLOURS, strict=False):
        _draw_panel(axis, panel, colour)
        _draw_marks(axis, marks)
        _add_years(axis, start, panel.values.shape[1] - 1)
    _draw_legend(axes.flat[len(panels)], marks, start)
    return figure


def _draw_panel(axis: Axes, panel: Panel, colour: str) -> None:
    weeks = np.arange(panel.values.shape[1])
    levels = (OUTER[0], INNER[0], 50, INNER[1], OUTER[1])
    low, lower, middle, upper, high = percentiles(panel.values, levels)
    axis.fill_between(weeks, low, high, color=colour, alpha=0.18, linewidth=0)
    axis.fill_between(weeks, lower, upper, color=colour, alpha=0.35, linewidth=0)
    axis.plot(weeks, middle, color=colour, linewidth=2)
    axis.set_title(panel.title, loc="left", fontsize=11, pad=20)
    axis.set_axisbelow(True)
    axis.set_ylabel(panel.unit)
    axis.set_xlabel("weeks since the start")
    axis.set_xlim(0, weeks[-1])
    bottom, top = axis.get_ylim()
    if panel.low == 0:
        axis.set_ylim(0, top)
    elif panel.low < 0 and bottom < 0 < top:
        axis.axhline(0, color="0.5", linewidth=0.8)
    axis.grid(axis="y", color="0.9")
    axis.spines[["top", "right"]].set_visible(False)


def percentiles(values: NDArray[np.float64], levels: Sequence[float]) -> NDArray[np.float64]:
    """Return percentiles over replicates for each week, NaN where fewer than three values are there.

    Parameters
    ----------
    values : (k, weeks + 1) float64
        One row per replicate; NaN where missing.
    levels : sequence of float
        Percentiles in [0, 100].

    Returns
    -------
    (len(levels), weeks + 1) float64
    """
    result = np.full((len(levels), values.shape[1]), np.nan)
    enough = np.isfinite(values).sum(axis=0) >= min(3, len(values))
    if enough.any():
        result[:, enough] = np.nanpercentile(values[:, enough], levels, axis=0)
    return result


def _draw_marks(axis: Axes, marks: Sequence[Mark]) -> None:
    """Mark each shock by a line and a letter at the top; a lasting one is shaded."""
    for letter, mark in zip(LETTERS, marks, strict=False):
        axis.axvline(mark.week, color=SHOCK_COLOUR, linewidth=1, linestyle=(0, (4, 2)), zorder=1.5)
        if mark.duration > 1:
            axis.axvspan(mark.week, mark.week + mark.duration, color="0.93", linewidth=0, zorder=0)
        axis.annotate(
            letter,
            (mark.week, 0.965),
            xycoords=("data", "axes fraction"),
            ha="center",
            va="center",
            fontsize=8,
            bbox={"boxstyle": "circle,pad=0.2", "facecolor": "white", "edgecolor": SHOCK_COLOUR},
        )


def _add_years(axis: Axes, start: date, weeks: int) -> None:
    """Write calendar years along the top, at the weeks in which they begin."""
    years = range(start.year + 1, (start + timedelta(weeks=weeks)).year + 1)
    top = axis.secondary_xaxis("top")
    top.set_xticks([(date(year, 1, 1) - start).days / 7 for year in years], [str(year) for year in years])
    top.tick_params(labelsize=8, colors="0.4", length=3)
    top.spines["top"].set_color("0.8")


def _named(mark: Mark, start: date) -> str:
    """Return a shock's name with its week and month."""
    return f"{mark.name.replace('_', ' ')} (week {mark.week}, {start + timedelta(weeks=mark.week):%b %Y})"


def _draw_legend(axis: Axes, marks: Sequence[Mark], start: date) -> None:
    """Explain line, bands and letters in the free place."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    axis.axis("off")
    signs: list[Line2D | Patch] = [
        Line2D([], [], color="0.3", linewidth=2, label="median of all runs still going"),
        Patch(color="0.3", alpha=0.5, linewidth=0, label="half of the runs"),
        Patch(color="0.3", alpha=0.18, linewidth=0, label="nine in ten runs"),
    ]
    signs += [
        Line2D(
            [],
            [],
            color=SHOCK_COLOUR,
            linestyle="none",
            marker=f"${letter}$",
            markersize=8,
            label=_named(mark, start),
        )
        for letter, mark in zip(LETTERS, marks, strict=False)
    ]
    axis.legend(handles=signs, loc="upper left", frameon=False, fontsize=9.5, title="How to read", alignment="left")
    axis.text(
        0.02,
        -0.08,
        "Grey ground: while a change lasts. Runs that ended (fulfilled, failed, dormant) are missing, not zero.\n"
        "Scores are on the model's own scale: compare times and scenarios, not levels.",
        transform=axis.transAxes,
        fontsize=8.5,
        color="0.35",
        va="bottom",
    )
