"""The report of a comparison."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.comparison.figures import CAPTIONS, drawn
from sim.analysis.comparison.outcome_words import QUESTIONNAIRE, in_words
from sim.report.html import page, paragraph, picture, section, table

if TYPE_CHECKING:
    from sim.analysis.comparison.differences import Difference
    from sim.analysis.comparison.result import ComparisonResult

HEADINGS = {
    "differences": "Everything at a glance",
    "bands": "Over the weeks",
    "over time": "How the difference comes about",
    "roles": "Whose benefit",
    "shocks": "What each shock does",
}
SURE = (
    "Sure: share of plausible parameter sets under which the difference goes that way, luck taken out. Luck: share of "
    "runs within one set in which it goes the other way. Both are given where a difference is distinguished from none: "
    "the first row by itself, the others adjusted together for their number (Holm). Bold rows differ by more than a "
    "tenth of the spread between single runs. Intervals of the first week with an outcome and of gains after a shock, "
    "which few runs decide, were found too narrow."
)


def comparison_page(
    comparison: ComparisonResult, findings: Sequence[str], limits: Sequence[str], record: Mapping[str, Any]
) -> str:
    """Return the page.

    Parameters
    ----------
    comparison : ComparisonResult
        Result.
    findings, limits : sequence of str
        Its sentences.
    record : mapping of str to object
        Where it came from; shown at the end.
    """
    plans = comparison.question.plans
    title = f"{' or '.join(plan.label for plan in plans)}?"
    if not any(plan.kind == "case" for plan in plans):
        title += f" ({str(comparison.question.options['case']).upper()})"
    body = [section(HEADINGS[kind], picture(figure, CAPTIONS[kind])) for kind, figure in drawn(comparison).items()]
    body += [section("All outcomes", paragraph(SURE)), *(_outcomes(comparison, label) for label in comparison.rows)]
    return page(title[:1].upper() + title[1:], findings, " ".join(limits), body, record)


def _outcomes(comparison: ComparisonResult, label: str) -> str:
    head = ("outcome", "unit", comparison.reference, label, "difference (95% interval)", "sure", "luck", "pairs")
    rows = [
        row for row in comparison.rows[label] if not row.outcome.startswith(QUESTIONNAIRE) and np.isfinite(row.mean)
    ]
    bold = {place for place, row in enumerate(rows) if row.clear and not row.small}
    return table(head, map(outcome_cells, rows), bold)


def outcome_cells(row: Difference) -> tuple[str, ...]:
    """Return a difference as a row of the table: numbers, how sure it is, and how often luck reverses it."""
    words = in_words(row.outcome)
    found = row.estimate
    share = found.higher if row.mean > 0 else 1 - found.higher
    way = words.better if row.mean > 0 else words.lesser
    sure = f"{way} under {share:.0%}" if np.isfinite(share) and row.clear else "–"
    luck = f"{found.reversed_by_luck:.0%}" if np.isfinite(found.reversed_by_luck) and row.clear else "–"
    numbers = (f"{row.reference:.3g}", f"{row.other:.3g}", _interval(row))
    return (words.title, words.unit, *numbers, sure, luck, f"{row.pairs:,}")


def _interval(row: Difference) -> str:
    if np.isfinite(row.low):
        return f"{row.mean:+.2g} ({row.low:+.2g} to {row.high:+.2g})"
    return "the same in every pair" if row.mean == 0 else f"{row.mean:+.2g} (too few pairs differ)"
