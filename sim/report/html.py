"""What every report is built of: the page, its sections with pictures, and tables."""

from __future__ import annotations

import html
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from sim.report.style import inline

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
table{border-collapse:collapse;margin:1rem 0;font-size:14px}
td,th{border-bottom:1px solid #ccc;padding:.25rem .6rem;text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums}img{max-width:100%}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
.says{font-size:18px;border-left:4px solid #0072B2;padding:.2rem 1rem;background:#eef4f9}
.limits{background:#f4f0e8;padding:.8rem 1rem;border-left:4px solid #D55E00}
tr.bold td{font-weight:600}
figure{margin:1rem 0;break-inside:avoid}figcaption{font-size:14px;color:#444}
footer{font-size:13px;color:#555;margin-top:3rem}
@media print{body{max-width:none}}
"""

NOT_SHOWN = ("says", "limits", "want", "parts", "varied", "missing")
"""Parts of a record that the page shows elsewhere, or that are too long for it."""


def page(title: str, summary: Sequence[str], limits: str, body: Sequence[str], record: Mapping[str, Any]) -> str:
    """Return a page that opens anywhere: the findings, their limits, then pictures and tables, the record last.

    Parameters
    ----------
    title : str
        Title of the page.
    summary : sequence of str
        The findings, a paragraph each.
    limits : str
        What they cannot say.
    body : sequence of str
        Parts of the page, as HTML.
    record : mapping of str to object
        What is needed to make the results again.
    """
    rows = (f"{text(name)}: {text(value)}" for name, value in record.items() if name not in NOT_SHOWN)
    parts = [f"<h1>{text(title)}</h1>", opening(summary, limits), *body, f"<footer><p>{'<br>'.join(rows)}</p></footer>"]
    return (
        '<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width,initial-'
        f'scale=1"><title>{text(title)}</title><style>{STYLE}</style>' + "\n".join(parts) + "</html>\n"
    )


def opening(summary: Sequence[str], limits: str) -> str:
    """Return the findings and their limits as the opening part of a page."""
    return f"<div class=says>{''.join(map(paragraph, summary))}</div><p class=limits>{text(limits)}</p>"


def section(heading: str, *parts: str) -> str:
    """Return a part of a page under a heading; parts are HTML."""
    return f"<h2>{text(heading)}</h2>" + "".join(parts)


def paragraph(line: str) -> str:
    """Return a paragraph."""
    return f"<p>{text(line)}</p>"


def picture(figure: Any, caption: str) -> str:
    """Return a figure inside the page, with its caption."""
    return png_picture(inline(figure), caption)


def png_picture(address: str, caption: str) -> str:
    """Return a picture, given as a data address, with its caption."""
    return f'<figure><img src="{address}" alt="{text(caption)}"><figcaption>{text(caption)}</figcaption></figure>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]], bold: Container[int] = ()) -> str:
    """Return a table with numbers on the right; ``bold`` holds the numbers of the rows that stand out."""
    lines = ["<tr>" + "".join(f"<th>{text(cell)}</th>" for cell in head) + "</tr>"]
    for place, row in enumerate(rows):
        cells = (f"<td{' class=n' if _is_number(cell) else ''}>{text(cell)}</td>" for cell in row)
        lines.append(f"<tr{' class=bold' if place in bold else ''}>{''.join(cells)}</tr>")
    return f"<table>{''.join(lines)}</table>"


def _is_number(cell: str) -> bool:
    return cell == "–" or cell.replace(".", "").replace("%", "").replace("-", "").isdecimal()


def text(value: object) -> str:
    """Return a value as text that is safe inside a page."""
    return html.escape(str(value))
