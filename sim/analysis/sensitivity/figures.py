"""Pictures of a sensitivity analysis: the screen, shares of variance, whole distributions, the split."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.sensitivity.question import short, titles
from sim.analysis.sensitivity.result import DUMMY, GROUPS, POSTERIOR_SAMPLE, SAMPLE, SCREEN, SHARES
from sim.analysis.sensitivity.split import PARTS
from sim.report.style import COLOURS, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.analysis.sensitivity.question import SensitivityQuestion
    from sim.analysis.sensitivity.result import Effect, SensitivityResult
    from sim.analysis.study import Drawn

SCREENED, SHIFTED = 14, 10
BLOCKS = ("interpersonal levers", "operational levers", "system levers")
BLOCK_COLOURS = (COLOURS[0], COLOURS[1], COLOURS[3])
PARAMETER_COLOUR = "#777777"
PART_COLOURS = (COLOURS[0], COLOURS[2], "#E8B08A", "#CCCCCC")
COLUMNS = 3


def figures(question: SensitivityQuestion, found: SensitivityResult) -> Drawn:
    """Return the figures of what was found, by name, with a sentence on how to read each.

    Parameters
    ----------
    question : SensitivityQuestion
        What was asked.
    found : SensitivityResult
        What came out.
    """
    drawn: Drawn = {}
    if SCREEN in found.runs:
        drawn["screen"] = (
            _draw_screen(question, found),
            "Screen over the ranges of the tables: mean size of the effect of a setting over its whole range, in "
            "standard deviations of the outcome over the screen.",
        )
    for stage, what in ((GROUPS, "groups of settings"), (SHARES, "the most influential settings, others at defaults")):
        if stage in found.runs:
            drawn[stage] = (
                _draw_shares(question, found, stage),
                f"Shares of variance, {what}: alone (filled) and with all that it takes part in (line, with its 95% "
                "interval).",
            )
    if found.splits:
        drawn["split"] = (
            _draw_split(question, found),
            "Given what fits the cases: where the variance of single runs lies. Levers are varied over their ranges, "
            "parameters are drawn.",
        )
    for stage, what in (
        (SAMPLE, "over the ranges of the tables"),
        (POSTERIOR_SAMPLE, "levers, given what fits the cases"),
    ):
        if stage in found.runs:
            drawn[stage] = (
                _draw_shifts(question, found, stage),
                f"Shift of the whole distribution of single runs, {what}: 0 is none, 1 the largest there can be. "
                "Dashed: what a setting that does not exist seems to do.",
            )
    return drawn


def colour_of(group: str) -> str:
    """Return the colour of a group: levers by level, all parameters one grey."""
    return BLOCK_COLOURS[BLOCKS.index(group)] if group in BLOCKS else PARAMETER_COLOUR


def _panels(question: SensitivityQuestion, rows: int, left: float = 0.0) -> tuple[Any, list[Axes]]:
    n = len(question.outputs)
    columns = min(COLUMNS, n)
    lines = -(-n // columns)
    figure, axes = figure_of(3.7 * columns + left, (0.24 * rows + 0.9) * lines + 0.4, lines, columns)
    for axis, title in zip(axes.flat, titles(question.outputs), strict=False):
        axis.set_title(title, loc="left", fontsize=10)
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.grid(axis="x", color="0.92")
        axis.set_axisbelow(True)
    for axis in list(axes.flat)[n:]:
        axis.axis("off")
    _explain_colours(figure)
    return figure, list(axes.flat)[:n]


def _explain_colours(figure: Any) -> None:
    from matplotlib.patches import Patch

    signs = [Patch(color=colour, label=name) for name, colour in zip(BLOCKS, BLOCK_COLOURS, strict=True)]
    signs.append(Patch(color=PARAMETER_COLOUR, label="parameters"))
    figure.legend(handles=signs, loc="outside lower center", ncols=4, frameon=False, fontsize=8)


def _draw_screen(question: SensitivityQuestion, found: SensitivityResult) -> Any:
    """Draw a map of effects, settings by outcomes, the largest on top."""
    by_output = [{row.setting: row for row in found.of(SCREEN, "effect", output)} for output in question.outputs]
    ordered = sorted(by_output[0], key=lambda name: -max(table[name].value for table in by_output))
    levers = [name for name in ordered if by_output[0][name].group in BLOCKS][:SCREENED]
    parameters = [name for name in ordered if by_output[0][name].group not in BLOCKS][:SCREENED]
    names = levers + parameters
    values = np.array([[table[name].value for table in by_output] for name in names])
    figure, axes = figure_of(1.25 * len(by_output) + 3.4, 0.28 * len(names) + 1.5)
    axis = axes[0, 0]
    axis.imshow(values, aspect="auto", cmap="Blues", vmin=0)
    for (line, column), value in np.ndenumerate(values):
        dark = value > 0.6 * values.max()
        axis.text(column, line, f"{value:.2f}", ha="center", va="center", fontsize=8, color="w" if dark else "0.2")
    if levers and parameters:
        axis.axhline(len(levers) - 0.5, color="w", linewidth=5)
    axis.set_yticks(range(len(names)), [_label(by_output[0][name]) for name in names], fontsize=8)
    wrapped = [title.replace(", ", ",\n").replace(" per ", "\nper ") for title in titles(question.outputs)]
    axis.set_xticks(range(len(by_output)), wrapped, fontsize=8)
    axis.xaxis.tick_top()
    axis.tick_params(length=0)
    for label, name in zip(axis.get_yticklabels(), names, strict=True):
        label.set_color(colour_of(by_output[0][name].group))
    axis.spines[:].set_visible(False)
    _explain_colours(figure)
    return figure


def _draw_shares(question: SensitivityQuestion, found: SensitivityResult, stage: str) -> Any:
    order = [row.setting for row in found.of(stage, "total", question.outputs[0])]
    figure, axes = _panels(question, len(order), 1.0)
    for place, (axis, output) in enumerate(zip(axes, question.outputs, strict=True)):
        totals = {row.setting: row for row in found.of(stage, "total", output)}
        firsts = {row.setting: row for row in found.of(stage, "first", output)}
        for height, name in enumerate(reversed(order)):
            row, colour = totals[name], colour_of(totals[name].group)
            axis.barh(height, np.clip(firsts[name].value, 0, 1), color=colour, alpha=0.55, height=0.62)
            axis.plot([max(row.low, 0), row.high], [height, height], color=colour, linewidth=1.6)
            axis.plot(max(row.value, 0), height, "o", color=colour, markersize=4.5)
        _name(axis, [totals[name] for name in reversed(order)], place, stage == GROUPS)
        axis.set_xlim(0, max(1.0, 1.05 * max(row.value for row in totals.values())))
        axis.set_xlabel("share of the variance", fontsize=8)
    return figure


def _draw_shifts(question: SensitivityQuestion, found: SensitivityResult, stage: str) -> Any:
    figure, axes = _panels(question, SHIFTED, 2.4)
    for axis, output in zip(axes, question.outputs, strict=True):
        everything = found.of(stage, "shift", output)
        chance = next(row.value for row in everything if row.setting == DUMMY)
        rows = [row for row in everything if row.setting != DUMMY][:SHIFTED][::-1]
        axis.barh(range(len(rows)), [row.value for row in rows], color=[colour_of(row.group) for row in rows])
        axis.axvline(chance, color="0.2", linestyle="--", linewidth=1)
        _name(axis, rows, 0, False)
        axis.set_xlabel("shift of the distribution", fontsize=8)
    return figure


def _draw_split(question: SensitivityQuestion, found: SensitivityResult) -> Any:
    n = len(question.outputs)
    figure, axes = figure_of(9, 0.45 * n + 1.3)
    axis = axes[0, 0]
    for line, output in enumerate(reversed(question.outputs)):
        left = 0.0
        for share, colour in zip(found.splits[output].shares, PART_COLOURS, strict=True):
            axis.barh(line, share, left=left, color=colour, edgecolor="w", height=0.7)
            if share >= 0.04:
                axis.text(left + share / 2, line, f"{share:.0%}", ha="center", va="center", fontsize=8, color="0.1")
            left += share
    axis.set_yticks(range(n), list(reversed(titles(question.outputs))), fontsize=9)
    axis.set_xlim(0, 1)
    axis.set_xticks([])
    axis.spines[:].set_visible(False)
    axis.tick_params(length=0)
    from matplotlib.patches import Patch

    signs = [Patch(color=colour, label=name) for name, colour in zip(PARTS, PART_COLOURS, strict=True)]
    figure.legend(handles=signs, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return figure


def _name(axis: Axes, rows: Sequence[Effect], place: int, whole: bool) -> None:
    """Name the lines of a panel; only the first panel of a line where all have the same."""
    labels = [row.setting if whole else _label(row) for row in rows]
    axis.set_yticks(range(len(rows)), labels if place % COLUMNS == 0 else [""] * len(rows), fontsize=8)
    axis.tick_params(axis="y", length=0)


def _label(row: Effect) -> str:
    name = short(row.setting).replace("_", " ")
    return name if row.group in BLOCKS else f"{name} [{row.group}]"
