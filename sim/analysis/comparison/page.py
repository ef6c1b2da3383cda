"""The report of a comparison: one page that opens anywhere, pictures inside, made to be printed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.comparison.figures import CAPTIONS, drawn
from sim.analysis.comparison.outcome_words import QUESTIONNAIRE, in_words
from sim.analysis.comparison.sentences import findings
from sim.report.html import STYLE, picture, text

if TYPE_CHECKING:
    from sim.analysis.comparison.answer import Comparison
    from sim.analysis.comparison.differences import Difference

HEADINGS = {
    "differences": "Everything at a glance",
    "bands": "Over the weeks",
    "over time": "How the difference comes about",
    "roles": "Whose benefit",
    "shocks": "What each shock does",
}
MORE_STYLE = """
.says{font-size:18px;border-left:4px solid #0072B2;padding:.2rem 1rem;background:#eef4f9}
tr.clear td{font-weight:600}td small{font-weight:400;color:#555}
figure{margin:1rem 0;break-inside:avoid}figcaption{font-size:14px;color:#444}
"""
SURE = (
    "Sure: share of plausible parameter sets under which the difference goes that way, luck taken out. Luck: share of "
    "runs within one set in which it goes the other way. Both are given where a difference is told apart from none: "
    "the first row by itself, the others adjusted together for their number (Holm). Bold rows differ by more than a "
    "tenth of the spread between single runs. Intervals of the first week with an outcome and of gains after a shock, "
    "which few runs decide, were found too narrow."
)


def comparison_page(comparison: Comparison, record: Mapping[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    comparison : Comparison
        What came out.
    record : mapping
        Where it came from; shown at the end.
    """
    labels = [plan.label for plan in comparison.question.plans]
    case = str(comparison.question.options["case"]).upper()
    title = f"{' or '.join(labels)}?" + (
        "" if any(plan.kind == "case" for plan in comparison.question.plans) else f" ({case})"
    )
    title = title[:1].upper() + title[1:]
    parts = [f"<h1>{text(title)}</h1>", summary(comparison)]
    for kind, figure in drawn(comparison).items():
        caption = CAPTIONS[kind]
        parts.append(
            f"<h2>{text(HEADINGS[kind])}</h2><figure>{picture(figure, caption)}"
            f"<figcaption>{text(caption)}</figcaption></figure>"
        )
    parts.append(f"<h2>All outcomes</h2><p>{text(SURE)}</p>")
    parts += [_table(comparison, label) for label in comparison.rows]
    shown = {name: value for name, value in record.items() if name != "says"}
    lines = "<br>".join(f"{text(name)}: {text(value)}" for name, value in shown.items())
    parts.append(f"<footer><p>{lines}</p></footer>")
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8>"
        f'<meta name=viewport content="width=device-width,initial-scale=1"><title>{text(title)}</title>'
        f"<style>{STYLE}{MORE_STYLE}</style>" + "\n".join(parts) + "</html>\n"
    )


def summary(comparison: Comparison) -> str:
    """Return the sentences as a part of a page, what must be borne in mind apart."""
    n = len(findings(comparison))
    says = "".join(f"<p>{text(line)}</p>" for line in comparison.sentences[:n])
    limits = " ".join(text(line) for line in comparison.sentences[n:])
    return f"<div class=says>{says}</div><p class=limits>{limits}</p>"


def _table(comparison: Comparison, label: str) -> str:
    head = ("outcome", comparison.reference, label, "difference (95% interval)", "sure", "luck", "pairs")
    rows = [row for row in comparison.rows[label] if not row.outcome.startswith(QUESTIONNAIRE)]
    lines = ["<tr>" + "".join(f"<th>{text(cell)}</th>" for cell in head) + "</tr>"]
    lines += [_row(row) for row in rows if np.isfinite(row.mean)]
    return f"<table>{''.join(lines)}</table>"


def _interval(row: Difference) -> str:
    if np.isfinite(row.low):
        return f"{row.mean:+.2g} ({row.low:+.2g} to {row.high:+.2g})"
    return "the same in every pair" if row.mean == 0 else f"{row.mean:+.2g} (too few pairs differ)"


def _row(row: Difference) -> str:
    words = in_words(row.outcome)
    told = row.told
    share = told.higher if row.mean > 0 else 1 - told.higher
    way = words.better if row.mean > 0 else words.lesser
    sure = f"{way} under {share:.0%}" if np.isfinite(share) and row.clear else "–"
    luck = f"{told.reversed_by_luck:.0%}" if np.isfinite(told.reversed_by_luck) and row.clear else "–"
    cells = (
        f"{text(words.title)} <small>{text(words.unit)}</small>",
        f"{row.reference:.3g}",
        f"{row.other:.3g}",
        _interval(row),
        sure,
        luck,
        f"{row.pairs:,}",
    )
    name = " class=clear" if row.clear and not row.small else ""
    return f"<tr{name}>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
