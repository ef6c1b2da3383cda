"""What a sensitivity analysis leaves: a table, figures, a page and a record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.sensitivity.figures import figures
from sim.analysis.sensitivity.page import sensitivity_page
from sim.analysis.sensitivity.result import POSTERIOR_SAMPLE, SCREEN, rows_of
from sim.analysis.sensitivity.sentences import sensitivity_sentences
from sim.core.sources import model_hash
from sim.results.folder import RECORD, claim, write_csv, write_json
from sim.results.provenance import made_with

if TYPE_CHECKING:
    from sim.analysis.sensitivity.question import SensitivityQuestion
    from sim.analysis.sensitivity.result import SensitivityResult

FREE = ("threads", "output")
"""Settings that change no result."""

FIELDS = ("belief", "stage", "output", "setting", "group", "measure", "value", "low", "high")


def asked(question: SensitivityQuestion) -> dict[str, Any]:
    """Return what decides the result, as the record has it."""
    return {"settings": {name: value for name, value in question.options.items() if name not in FREE}}


def begin(folder: Path, question: SensitivityQuestion) -> None:
    """Make the folder of an analysis, or see that it is the one to resume.

    Raises
    ------
    UserError
        One line, when it cannot be written or holds something else.
    """
    claim(folder, asked(question), model_hash(), (SCREEN, POSTERIOR_SAMPLE))


def write(folder: Path, question: SensitivityQuestion, found: SensitivityResult, again: str) -> list[str]:
    """Write tables, figures, page and record, and return what they say.

    Parameters
    ----------
    folder : Path
        Where the stages lie already.
    question : SensitivityQuestion
        What was asked.
    found : SensitivityResult
        What came out.
    again : str
        The command.
    """
    lines = sensitivity_sentences(question, found)
    write_csv(folder / "effects.csv", FIELDS, list(rows_of(found.effects)))
    drawn = figures(question, found)
    for name, (figure, _) in drawn.items():
        figure.savefig(folder / f"{name}.png", dpi=130)
    record = {
        **asked(question),
        "again": f"partnersim {again}",
        "varied": [axis.name for axis in question.axes],
        "runs": found.runs,
        "missing": found.missing,
        "says": lines,
        **made_with("SALib", "numpy", "numba"),
    }
    (folder / "report.html").write_text(sensitivity_page(question, found, drawn, record), encoding="utf-8")
    write_json(folder / RECORD, record)
    return lines
