"""What a sensitivity analysis leaves: tables, figures, a page, a record, and what it says in a few sentences."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.sensitivity.figures import figures
from sim.analysis.sensitivity.page import sensitivity_page
from sim.analysis.sensitivity.sentences import sensitivity_sentences
from sim.analysis.sensitivity.stages import POSTERIOR_SAMPLE, SCREEN, rows_of
from sim.config.version import code_identity, made_by_this_model, package_version
from sim.core.sources import model_hash
from sim.errors import UserError
from sim.results.folder import read_json, write_csv, write_json

if TYPE_CHECKING:
    from sim.analysis.sensitivity.question import SensitivityQuestion
    from sim.analysis.sensitivity.stages import SensitivityResult

RECORD = "record.json"
FREE = ("threads", "output")
"""Settings that change no result."""

FIELDS = ("belief", "stage", "output", "setting", "group", "measure", "value", "low", "high")


def asked(question: SensitivityQuestion) -> dict[str, Any]:
    """Return the settings that decide the result."""
    return {name: value for name, value in question.options.items() if name not in FREE}


def check_folder(folder: Path, question: SensitivityQuestion) -> None:
    """Refuse a folder that cannot be written or holds another analysis.

    Raises
    ------
    UserError
        One line; nothing has been written.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"cannot write to '{folder}': it is a file; give another output=FOLDER")
    record = folder / RECORD
    if record.exists():
        held = read_json(record)
        if (
            not isinstance(held, dict)
            or held.get("settings") != asked(question)
            or not made_by_this_model(held.get("model_hash"))
        ):
            raise UserError(f"'{folder}' holds another analysis; give another output=FOLDER")
    elif _holds_something_else(folder):
        raise UserError(f"'{folder}' holds something else; give another output=FOLDER")


def _holds_something_else(folder: Path) -> bool:
    began = any((folder / stage).is_dir() for stage in (SCREEN, POSTERIOR_SAMPLE))
    return folder.exists() and not began and any(folder.iterdir())


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
        "settings": asked(question),
        "model_hash": model_hash(),
        "again": f"partnersim {again}",
        "varied": [axis.name for axis in question.axes],
        "runs": found.runs,
        "missing": found.missing,
        "says": lines,
        "code": code_identity(),
        "packages": {name: package_version(name) for name in ("SALib", "numpy", "numba")},
    }
    (folder / "report.html").write_text(sensitivity_page(question, found, drawn, record), encoding="utf-8")
    write_json(folder / RECORD, record)
    return lines
