"""Pictures of a calibration: targets before and after, what was learnt, whether the machinery tells the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.calibration.checks import band_of_uniform
from sim.config.target_quantities import TARGET_QUANTITIES
from sim.report.style import COLOURS, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.analysis.calibration.checks import Calibration
    from sim.analysis.calibration.fit import Fit, Predicted

PRIOR_COLOUR, POSTERIOR_COLOUR, TARGET_COLOUR = "#999999", COLOURS[0], COLOURS[2]
MOST_ROWS = 24


def draw_targets(predicted: Sequence[Predicted]) -> Any:
    """Draw each target with the simulated quantity before and after the fit, a small panel each."""
    columns = 3
    rows = -(-len(predicted) // columns)
    figure, axes = figure_of(11, 1.15 * rows + 0.4, rows, columns)
    for axis, row in zip(axes.flat, predicted, strict=False):
        _draw_target(axis, row)
    for axis in list(axes.flat)[len(predicted) :]:
        axis.axis("off")
    return figure


def _draw_target(axis: Axes, row: Predicted) -> None:
    for height, shown, colour in ((1, row.prior, PRIOR_COLOUR), (0, row.posterior, POSTERIOR_COLOUR)):
        axis.plot([shown[0], shown[2]], [height, height], color=colour, linewidth=4, solid_capstyle="butt")
        axis.plot(shown[1], height, "o", color=colour, markersize=7)
    target = row.target
    if target.type in ("presence", "order"):
        threshold = TARGET_QUANTITIES[target.quantity].threshold
        left, right = axis.get_xlim()
        ends = (threshold, max(right, threshold)) if target.value > 0 else (min(left, threshold), threshold)
        axis.axvspan(*ends, color=TARGET_COLOUR, alpha=0.18)
    else:
        axis.axvspan(target.low, target.high, color=TARGET_COLOUR, alpha=0.25)
    axis.set_ylim(-0.7, 1.7)
    axis.set_yticks([])
    axis.tick_params(labelsize=8)
    axis.set_title(f"{target.title()} ({target.role})", fontsize=9, loc="left")
    axis.spines[["top", "left", "right"]].set_visible(False)


def draw_learnt(fit: Fit) -> Any:
    """Draw the contraction of the parameters that moved most, with the line below which nothing was learnt."""
    rows = sorted(fit.learnt, key=lambda row: row.contraction)[-MOST_ROWS:]
    figure, axes = figure_of(9, 0.26 * len(rows) + 1.0)
    axis = axes[0, 0]
    names = [f"{row.name.partition('.')[2]}{f' ({row.case})' if row.case else ''} [{row.block}]" for row in rows]
    axis.barh(range(len(rows)), [max(row.contraction, 0) for row in rows], color=POSTERIOR_COLOUR)
    axis.axvline(rows[0].noise, color=TARGET_COLOUR, linestyle="--", label="what chance alone would show")
    axis.set_yticks(range(len(rows)), names, fontsize=8)
    axis.set_xlim(0, 1)
    axis.set_xlabel("contraction: share of the prior variance that the evidence removed")
    axis.legend(loc="lower right", frameon=False)
    return figure


def draw_ranks(found: Calibration) -> Any:
    """Draw how far the ranks of the truth lie from uniform, every parameter a line, with the band of chance."""
    figure, axes = figure_of(6.5, 4.2)
    axis = axes[0, 0]
    m = len(found.ranks)
    steps = np.arange(1, m + 1) / m
    for place in range(len(found.names)):
        ordered = np.sort(found.ranks[:, place])
        axis.plot(ordered, steps - ordered, color=POSTERIOR_COLOUR, alpha=0.15, linewidth=0.8)
    band = band_of_uniform(m)
    axis.axhspan(-band, band, color=PRIOR_COLOUR, alpha=0.3, label="95% band of chance, one parameter")
    axis.set_xlabel("rank of the truth in the posterior")
    axis.set_ylabel("distance from uniform")
    axis.legend(loc="upper right", frameon=False)
    return figure
