"""What a comparison leaves: a table, a page, a record."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.comparison.outcome_words import in_words
from sim.analysis.comparison.question import SETTINGS
from sim.config.version import code_identity, package_version
from sim.core.sources import model_hash
from sim.errors import UserError
from sim.results.folder import read_json, write_json

if TYPE_CHECKING:
    import pandas as pd

    from sim.analysis.comparison.answer import Comparison
    from sim.analysis.comparison.question import ComparisonQuestion

RECORD, REPORT, TABLE = "record.json", "report.html", "differences.csv"
FREE = ("threads", "output", "draws", "lucks")
FOLDER = Path("results") / "comparison"
DIGITS = 4


def table(comparison: Comparison) -> pd.DataFrame:
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
                    "share of parameter sets higher": row.told.higher,
                    "luck against": row.told.reversed_by_luck,
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
    try:
        missing = [place for place in (folder, *folder.parents) if not place.exists()]
        files = [place for place in (folder, *folder.parents) if place.is_file()]
    except OSError as error:
        raise UserError(f"cannot write to '{folder}': {error.strerror or error}; give another output=FOLDER") from error
    if files:
        raise UserError(f"cannot write to '{folder}': '{files[0]}' is a file; give another output=FOLDER")
    if not missing and any(folder.iterdir()):
        held = read_json(folder / RECORD) if (folder / RECORD).is_file() else {}
        again = held.get("again") if isinstance(held, dict) else None
        if not again:
            raise UserError(f"'{folder}' holds something else; give another output=FOLDER")
        if again != command(question):
            raise UserError(f"'{folder}' holds another comparison ({again}); give another output=FOLDER")
    _make(folder)
    for place in missing:
        place.rmdir()


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write to '{folder}': {error.strerror or error}; give another output=FOLDER") from error


def save(comparison: Comparison, folder: Path) -> Path:
    """Write table, page and record; a comparison that lies there already is replaced.

    Parameters
    ----------
    comparison : Comparison
        What came out.
    folder : Path
        Where to.

    Raises
    ------
    UserError
        When the folder cannot be written or holds something else.
    """
    from sim.analysis.comparison.page import comparison_page

    check_folder(folder, comparison.question)
    _make(folder)
    table(comparison).to_csv(folder / TABLE, index=False)
    record = record_of(comparison)
    (folder / REPORT).write_text(comparison_page(comparison, record), encoding="utf-8")
    write_json(folder / RECORD, record)
    return folder / REPORT


def record_of(comparison: Comparison) -> dict[str, Any]:
    """Return what is needed to know where a comparison came from and to make it again."""
    question, design = comparison.question, comparison.design
    options = {name: value for name, value in question.options.items() if name not in FREE}
    return {
        "plans": {plan.label: plan.word for plan in question.plans},
        "settings": options | {name: _typed(value) for name, value in question.settings.items()},
        "draws": len(set(design.draw.tolist())),
        "runs_of_each_plan": design.n,
        "again": command(question),
        "says": list(comparison.sentences),
        "model_hash": model_hash(),
        "code": code_identity(),
        "packages": {name: package_version(name) for name in ("numpy", "numba", "scipy")},
    }
