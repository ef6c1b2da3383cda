"""What a comparison leaves: a table, a report, a record."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.comparison.figures import CAPTIONS, drawn
from sim.analysis.comparison.outcome_words import QUESTIONNAIRE, in_words, signed
from sim.analysis.comparison.question import SETTINGS
from sim.report.html import page, paragraph, picture, section, table
from sim.results.folder import RECORD, check_claim, claim, write_json
from sim.results.provenance import made_with

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.comparison.differences import Difference
    from sim.analysis.comparison.question import ComparisonQuestion
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
        return f"{signed(row.mean)} ({signed(row.low)} to {signed(row.high)})"
    return "the same in every pair" if row.mean == 0 else f"{signed(row.mean)} (too few pairs differ)"


REPORT, TABLE = "report.html", "differences.csv"
FREE = ("threads", "output", "draws", "lucks")
FOLDER = Path("results") / "comparison"
DIGITS = 4


def comparison_table(comparison: ComparisonResult) -> pd.DataFrame:
    """Return one row per plan and outcome, rounded for reading."""
    import pandas as pd

    rows = []
    for label, found in comparison.rows.items():
        for row in found:
            words = in_words(row.outcome)
            rows.append(
                {
                    "plan": label,
                    "outcome": words.title,
                    "unit": words.unit,
                    "reference": row.reference,
                    "with the plan": row.other,
                    "difference": row.mean,
                    "low": row.low,
                    "high": row.high,
                    "told apart": row.clear,
                    "share of parameter sets higher": row.estimate.higher,
                    "luck against": row.estimate.reversed_by_luck,
                    "pairs": row.pairs,
                    "column": row.outcome,
                }
            )
    return pd.DataFrame(rows).round(DIGITS)


def command(question: ComparisonQuestion) -> str:
    """Return the command that makes the comparison again."""
    given = {name: value for name, value in question.options.items() if value != SETTINGS[name].default}
    given.pop("output", None)
    words = [plan.word for plan in question.plans]
    settings = [f"{name}={_typed(value)}" for name, value in (given | question.settings).items()]
    return shlex.join(["partnersim", "compare", *words, *settings])


def _typed(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def default_folder(question: ComparisonQuestion) -> Path:
    """Return the folder whose name follows from what is compared; more than names of plans end in a hash of it all."""
    case = Path(str(question.options["case"])).stem
    plain = "-".join([case, *(plan.word for plan in question.plans)])
    name = re.sub(r"[^\w.]+", "-", plain)[:80]
    whole = command(question)
    usual = shlex.join(["partnersim", "compare", *(plan.word for plan in question.plans)])
    if name == plain and whole in (usual, f"{usual} case={case}"):
        return FOLDER / name
    return FOLDER / f"{name}-{hashlib.sha256(whole.encode()).hexdigest()[:6]}"


def check_folder(folder: Path, question: ComparisonQuestion) -> None:
    """Refuse a folder that cannot be written, or that holds something else than this very comparison.

    Raises
    ------
    UserError
        One line; nothing has been written.
    """
    check_claim(folder, {"again": command(question)}, None)


def write(folder: Path, comparison: ComparisonResult, findings: Sequence[str], limits: Sequence[str]) -> Path:
    """Write table, page and record, and return the page; the same comparison that is there already is replaced.

    Parameters
    ----------
    folder : Path
        Where to.
    comparison : ComparisonResult
        Result.
    findings, limits : sequence of str
        Its sentences.

    Raises
    ------
    UserError
        When the folder cannot be written or holds something else.
    """
    claim(folder, {"again": command(comparison.question)}, None)
    comparison_table(comparison).to_csv(folder / TABLE, index=False)
    record = comparison_record(comparison, [*findings, *limits])
    (folder / REPORT).write_text(comparison_page(comparison, findings, limits, record), encoding="utf-8")
    write_json(folder / RECORD, record)
    return folder / REPORT


def comparison_record(comparison: ComparisonResult, says: Sequence[str]) -> dict[str, Any]:
    """Return what is needed to know where a comparison came from and to make it again."""
    question, design = comparison.question, comparison.design
    options = {name: value for name, value in question.options.items() if name not in FREE}
    return {
        "plans": {plan.label: plan.word for plan in question.plans},
        "settings": options | {name: _typed(value) for name, value in question.settings.items()},
        "draws": len(set(design.draw.tolist())),
        "runs_of_each_plan": design.n,
        "again": command(question),
        "says": list(says),
        **made_with("numpy", "numba", "scipy"),
    }
