"""What the figures of the experiments share: size, colours that colour-blind readers tell apart, quiet axes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.report.style import COLOURS, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, GREEN, ORANGE, _, GREY = COLOURS
OF_CASE = {"pccp": BLUE, "chrp": ORANGE}


def colour_of(case: str) -> str:
    """Return the colour of a case; a case of one's own is grey."""
    return OF_CASE.get(case, GREY)


def blank(rows: int, columns: int, size: tuple[float, float], title: str, **more: Any) -> tuple[Figure, Any]:
    """Return a figure and its axes, (rows, columns), quiet and with room for a title in one line."""
    figure, axes = figure_of(*size, rows, columns, **more)
    figure.suptitle(title, x=0.01, ha="left", fontsize=12.5, fontweight="bold")
    for axis in axes.flat:
        quiet(axis)
    return figure, axes


def quiet(axis: Axes) -> None:
    """Take away what is no data."""
    axis.set_axisbelow(True)
    axis.grid(color="0.92", linewidth=0.8)
    axis.tick_params(labelsize=9, length=2)
    axis.spines[["top", "right"]].set_visible(False)


def name_lines(axis: Axes, colours: Mapping[str, str], x: float, y: float, step: float, **how: Any) -> None:
    """Write what lines are called in their own colours, one name above the other; places as shares of the axis."""
    for place, (words, colour) in enumerate(colours.items()):
        axis.text(x, y + step * place, words, color=colour, transform=axis.transAxes, **{"fontweight": "bold"} | how)


def colours_of(cases: Iterable[str]) -> dict[str, str]:
    """Return the colours of cases by their names in capitals."""
    return {case.upper(): colour_of(case) for case in cases}


def save(figure: Figure, path: Path) -> None:
    """Write the picture with 96 colours, which look the same and take a third of the room."""
    from PIL import Image

    held = io.BytesIO()
    figure.savefig(held, dpi=110)
    Image.open(held).convert("RGB").quantize(96, dither=Image.Dither.NONE).save(path, optimize=True)
