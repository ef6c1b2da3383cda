"""What all pictures share: the colours, a figure without a screen, and a picture as part of a page."""

from __future__ import annotations

import base64
import io
from typing import Any, Literal

# Okabe and Ito's palette: colour-blind readers can tell the colours apart, also in grey print.
COLOURS = ("#0072B2", "#009E73", "#D55E00", "#CC79A7", "#555555")

Shared = bool | Literal["none", "all", "row", "col"]


def figure_of(
    width: float, height: float, rows: int = 1, columns: int = 1, sharex: Shared = False, sharey: Shared = False
) -> tuple[Any, Any]:
    """Return a figure and its axes, (rows, columns), drawn without a screen; sizes in inches."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, squeeze=False, sharex=sharex, sharey=sharey)


def inline(figure: Any) -> str:
    """Return a figure as a data address that a page can hold."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return png_address(buffer.getvalue())


def png_address(content: bytes) -> str:
    """Return the content of a PNG file as a data address that a page can hold."""
    return "data:image/png;base64," + base64.b64encode(content).decode()
