"""What a comparison leaves: a table, a page, a record."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.comparison.outcome_words import in_words
from sim.analysis.comparison.question import SETTINGS
from sim.results.folder import RECORD, check_claim, claim, write_json
from sim.results.provenance import made_with

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.comparison.question import ComparisonQuestion
    from sim.analysis.comparison.result import ComparisonResult

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
    from sim.analysis.comparison.page import comparison_page

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
