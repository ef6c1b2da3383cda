"""What pages are built of: tables, pictures that stand in the page itself, and text that may stand in it."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Any

from sim.report.style import inline

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:1rem 0;font-size:14px}
td,th{border-bottom:1px solid #ccc;padding:.25rem .6rem;text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums}img{max-width:100%}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
.limits{background:#f4f0e8;padding:.8rem 1rem;border-left:4px solid #D55E00}
footer{font-size:13px;color:#555;margin-top:3rem}
@media print{body{max-width:none}}
"""


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
