"""What pages are built of: tables, pictures that stand in the page itself, and text that may stand in it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

from sim.analysis.calibration.figures import inline


def picture(figure: Any, meaning: str) -> str:
    """Return a picture that stands in the page itself."""
    return f'<img src="{inline(figure)}" alt="{text(meaning)}">'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; numbers stand to the right."""
    lines = ["<tr>" + "".join(f"<th>{text(cell)}</th>" for cell in head) + "</tr>"]
    for row in rows:
        cells = (f"<td{' class=n' if _is_number(cell) else ''}>{text(cell)}</td>" for cell in row)
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table>{''.join(lines)}</table>"


def _is_number(cell: str) -> bool:
    return cell == "–" or cell.replace(".", "").replace("%", "").replace("-", "").isdecimal()


def text(value: object) -> str:
    """Return what may stand in a page."""
    return html.escape(str(value))
