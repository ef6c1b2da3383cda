"""Folders of results: of a run, moved into place when it is whole; of an analysis, claimed so that it can be resumed."""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.config.version import made_by_this_model
from sim.core.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

RESULTS = Path("results") / "run"
BEGUN, RECORD = "begun.json", "record.json"
SUMMARY_FIELDS = ("scope", "name", "mean", "p5", "p50", "p95", "share_missing", "unit", "meaning")
ADVICE = "give another with output=FOLDER"
ANOTHER = "give another output=FOLDER"
COLUMN_FIELDS = ("name", "file", "meaning", "unit", "low", "high", "good")


def output_problem(folder: str) -> str | None:
    """Say in one line why results cannot be written to a folder, or return None.

    Parameters
    ----------
    folder : str
        The folder to be made; it must not exist yet.
    """
    path = Path(folder)
    if path.exists() or path.is_symlink():
        return f"output '{folder}' exists already{_what_it_holds(path)}; {ADVICE}, or remove it"
    parent = path.absolute().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir():
        return f"cannot write to '{folder}': '{_short(parent)}' is a file, not a folder; {ADVICE}"
    if not os.access(parent, os.W_OK | os.X_OK):
        return f"cannot write to '{folder}': no permission in '{_short(parent)}'; {ADVICE}"
    return None


def _what_it_holds(path: Path) -> str:
    """Say that an existing folder holds an interrupted run, when its record says so."""
    try:
        record = json.loads((path / "record.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    if not isinstance(record, dict) or not record.get("interrupted"):
        return ""
    return f" and holds an interrupted run ({record.get('completed')} of {record.get('replicates')} replicates)"


def _short(path: Path) -> str:
    """Write a path relative to the current folder when it lies inside."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield a temporary sibling of ``target`` and move it there at the end; leave nothing on failure.

    Parameters
    ----------
    target : Path
        The folder to be made; its parents are made when needed.

    Raises
    ------
    UserError
        When the folder cannot be written, or appeared meanwhile.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
        partial.chmod(0o777 & ~_umask())
    except OSError as error:
        raise UserError(f"cannot write to '{target}': {error.strerror or error}") from error
    try:
        yield partial
        problem = output_problem(str(target))
        if problem:
            raise UserError(problem)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def claim(folder: Path, asked: Mapping[str, object], model: str | None, parts: Sequence[str] = ()) -> None:
    """Claim a folder for an analysis: make it, or see that it holds the same analysis, which is then resumed.

    Parameters
    ----------
    folder : Path
        Where the analysis is to be.
    asked : mapping of str to object
        What decides the result, under the names of the record.
    model : str or None
        Hash of the model; None when results of another model are replaced instead of resumed.
    parts : sequence of str
        Names of subfolders by which an analysis is known that has left no record yet.

    Raises
    ------
    UserError
        One line, when the folder cannot be written or holds something else; nothing has been changed then.
    """
    check_claim(folder, asked, model, parts)
    _make(folder)
    if not (folder / BEGUN).exists():
        write_json(folder / BEGUN, {**asked, "model_hash": model})


def check_claim(folder: Path, asked: Mapping[str, object], model: str | None, parts: Sequence[str] = ()) -> None:
    """Refuse a folder that an analysis cannot claim, as ``claim`` does, and leave everything as it was."""
    try:
        missing = [place for place in (folder, *folder.parents) if not place.exists()]
        files = [place for place in (folder, *folder.parents) if place.is_file()]
    except OSError as error:
        raise UserError(f"cannot write to '{folder}': {error.strerror or error}; {ANOTHER}") from error
    if files:
        raise UserError(f"cannot write to '{folder}': '{files[0]}' is a file; {ANOTHER}")
    if not missing and any(folder.iterdir()):
        problem = _held_problem(folder, asked, model, parts)
        if problem:
            raise UserError(f"'{folder}' holds {problem}; {ANOTHER}")
    _make(folder)
    for place in missing:
        place.rmdir()


def _held_problem(folder: Path, asked: Mapping[str, object], model: str | None, parts: Sequence[str]) -> str | None:
    """Return what a folder holds instead of the analysis that claims it, or None."""
    path = next((folder / name for name in (BEGUN, RECORD) if (folder / name).is_file()), None)
    if path is None:
        return None if any((folder / part).is_dir() for part in parts) else "something else"
    held = read_json(path)
    if not isinstance(held, dict) or not asked.keys() <= held.keys():
        return "something else"
    if any(held[name] != value for name, value in asked.items()):
        return f"other results ({held['again']})" if "again" in held else "other results"
    if model is not None and not made_by_this_model(held.get("model_hash")):
        return "results of another version of the model"
    return None


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write to '{folder}': {error.strerror or error}; {ANOTHER}") from error


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table as parquet."""
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd")


def summary_rows(
    at_end: NDArray[np.float64],
    runs: NDArray[np.float64],
    metrics: Mapping[str, Any],
    run_columns: Mapping[str, Any],
) -> list[dict[str, object]]:
    """Return one row per metric at the end of the run and one per run column.

    Parameters
    ----------
    at_end : (k, n_metrics) float64
        Metrics in the last week; NaN where missing.
    runs : (k, n_columns) float64
        Columns of ``runs.parquet``.
    metrics, run_columns : mapping of str to Metric
        The metric tables, in the order of the last axes.
    """
    rows = [_summary_row("last week", row, at_end[:, i]) for i, row in enumerate(metrics.values())]
    return rows + [_summary_row("whole run", row, runs[:, i]) for i, row in enumerate(run_columns.values())]


def _summary_row(scope: str, row: Any, values: NDArray[np.float64]) -> dict[str, object]:
    import numpy as np

    there = values[np.isfinite(values)]
    numbers: dict[str, object] = dict.fromkeys(("mean", "p5", "p50", "p95"), "")
    if there.size:
        p5, p50, p95 = np.percentile(there, (5, 50, 95))
        numbers = {"mean": f"{there.mean():.6g}", "p5": f"{p5:.6g}", "p50": f"{p50:.6g}", "p95": f"{p95:.6g}"}
    missing = 1 - there.size / values.size if values.size else 1.0
    head: dict[str, object] = {"scope": scope, "name": row.name}
    return head | numbers | {"share_missing": f"{missing:.4g}", "unit": row.unit, "meaning": row.meaning}


def column_rows(metrics: Mapping[str, Any], run_columns: Mapping[str, Any]) -> list[dict[str, object]]:
    """Return the data dictionary: one row per column of each file."""
    both = "weekly.parquet runs.parquet"
    rows: list[dict[str, object]] = [
        column_row("case", both, "Name of the case."),
        column_row("scenario", both, "Name of the scenario."),
        column_row("replicate", both, "Number of the replicate; same number and seed, same luck.", "count", 0),
        column_row("week", "weekly.parquet", "Weeks since the start of the partnership.", "weeks", 0),
    ]
    for file, table in (("weekly.parquet", metrics), ("runs.parquet", run_columns)):
        rows += [
            column_row(row.name, file, row.meaning, row.unit, row.low, row.high, row.good) for row in table.values()
        ]
    return rows


def column_row(
    name: str,
    file: str,
    meaning: str,
    unit: str = "",
    low: object = "",
    high: object = "",
    good: str = "none",
) -> dict[str, object]:
    """Return one row of a data dictionary."""
    return dict(zip(COLUMN_FIELDS, (name, file, meaning, unit, low, high, good), strict=True))


def write_csv(path: Path, fields: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows as CSV with a header, for spreadsheets."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=fields)
        writer.writeheader()
        writer.writerows(rows)


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write a record as indented JSON."""
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Return what a record holds.

    Raises
    ------
    UserError
        When it is damaged.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: it is damaged; {ANOTHER}") from error
