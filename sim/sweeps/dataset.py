"""The parts of a sweep as one dataset: its content hash, its data dictionary, questions in SQL."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.core.errors import UserError
from sim.core.gate import numeric_range
from sim.core.metric_table import METRICS, SEAT_COLUMNS, Metric
from sim.results.folder import COLUMN_FIELDS, column_row, write_csv
from sim.results.panels import answer_columns
from sim.results.tables import ContentHasher
from sim.sweeps.extras import needed

if TYPE_CHECKING:
    from sim.sweeps.folder import SweepFolder

TABLES = ("runs", "weekly", "seats", "answers", "failed")

_KEYS = {
    "run": ("count", "Number of the run in the plan."),
    "point": ("count", "Number of the design point: runs of one point differ in their random numbers alone."),
    "replicate": ("count", "Number of the replicate."),
    "seed": ("count", "Random seed."),
    "key": (
        "count",
        "Second half of the address of random numbers: runs with the same seed and key draw the same ones.",
    ),
    "case": ("", "Name of the case."),
    "scenario": ("", "Name of the scenario."),
    "week": ("weeks", "Weeks since the start of the partnership."),
    "seat": ("count", "Number of the seat."),
}


def parts(folder: Path, table: str) -> list[Path]:
    """Return the parts of a table, in the order of the plan."""
    return sorted((folder / table).glob("part-*.parquet"))


def read_parts(found: Iterable[Path], columns: Sequence[str] | None = None, enough: float = math.inf) -> pa.Table:
    """Return parts as one table, or some columns of it; no further part is read once there are enough rows."""
    read: list[pa.Table] = []
    for part in found:
        if sum(table.num_rows for table in read) >= enough:
            break
        read.append(pq.read_table(part, columns=columns, partitioning=None))
    return pa.concat_tables(read)


def content_hashes(sweep: SweepFolder) -> dict[str, str]:
    """Return the hash of each table: columns, types and values in plan order, whatever wrote it and in which parts."""
    hashes = {}
    for table in sweep.tables():
        hasher = ContentHasher()
        for part in sweep.parts(table):
            hasher.update(pq.read_table(part, partitioning=None))
        hashes[table] = hasher.hexdigest()
    return hashes


def failed_rows(folder: Path, expected: int) -> None:
    """Write ``failed.csv``, the failed runs with settings, key and reason, or remove it when there are none."""
    path = folder / "failed.csv"
    if not expected:
        path.unlink(missing_ok=True)
        return
    table = read_parts(parts(folder, "failed"))
    write_csv(path, table.column_names, table.to_pylist())


def dictionary(sweep: SweepFolder) -> list[dict[str, object]]:
    """Return the data dictionary: one row per column of each table."""
    settings = [name for name in sweep.record["varied"] if name not in _KEYS]
    front = ("run", "point", "replicate", "seed", "key", "case", "scenario")
    rows = _key_rows("runs", front) + [_setting_row(name) for name in settings]
    rows += _metric_rows("runs", sweep.evaluator.columns)
    if "weekly" in sweep.tables():
        kept = {name: METRICS[name] for name in sweep.want.weekly_columns()}
        rows += _key_rows("weekly", ("run", "week")) + _metric_rows("weekly", kept)
    if "seats" in sweep.tables():
        rows += _key_rows("seats", ("run", "week", "seat")) + _metric_rows("seats", SEAT_COLUMNS)
    if "answers" in sweep.tables():
        keys, columns = answer_columns(sweep.want.respondents)
        rows += _key_rows("answers", keys) + _metric_rows("answers", columns)
    return rows


def _key_rows(table: str, names: Iterable[str]) -> list[dict[str, object]]:
    return [column_row(name, table, _KEYS[name][1], _KEYS[name][0]) for name in names]


def _setting_row(name: str) -> dict[str, object]:
    low, high, unit = numeric_range(name) or ("", "", "")
    return column_row(name, "runs", "Setting that the design varies (partnersim explain tells more).", unit, low, high)


def _metric_rows(table: str, metrics: dict[str, Metric]) -> list[dict[str, object]]:
    return [column_row(row.name, table, row.meaning, row.unit, row.low, row.high, row.good) for row in metrics.values()]


def write_dictionary(sweep: SweepFolder) -> None:
    """Write the data dictionary as ``columns.csv``."""
    write_csv(sweep.path / "columns.csv", COLUMN_FIELDS, dictionary(sweep))


def ask(folder: Path, question: str) -> Any:
    """Answer a question in SQL over the tables of a sweep.

    Parameters
    ----------
    folder : Path
        Folder of the sweep.
    question : str
        A ``select``; the tables are ``runs``, ``plan``, ``weekly``, ``seats``, ``answers`` and ``failed``, as far
        as they were written. A setting is written as on the command line: ``enabling.leadership``.

    Returns
    -------
    DuckDBPyRelation
        The answer, not yet fetched.

    Raises
    ------
    UserError
        One line, when DuckDB is missing or does not understand the question.
    """
    duckdb = needed("duckdb", "duckdb", "sweeps", "a query")
    base = duckdb.connect()
    there = [table for table in TABLES if parts(folder, table)]
    for table in there:
        _add_view(base, table, str(folder / table / "part-*.parquet"))
    _add_view(base, "plan", str(folder / "plan.parquet"))
    try:
        answer = base.sql(question)
    except duckdb.Error as error:
        line = next(iter(str(error).splitlines()), "")
        raise UserError(f"the question was not understood: {line}; tables: {', '.join((*there, 'plan'))}") from error
    if answer is None:
        raise UserError("a question must be a select")
    # The connection lives as long as the answer.
    return _Answer(base, answer)


class _Answer:
    """An answer and the connection that it needs."""

    def __init__(self, base: Any, relation: Any) -> None:
        self._base = base
        self.relation = relation


def _add_view(base: Any, table: str, pattern: str) -> None:
    """Make a view in which dotted settings are structures, so that ``enabling.leadership`` can be written."""
    quoted = pattern.replace("'", "''")
    source = f"read_parquet('{quoted}', hive_partitioning = false)"
    names = [row[0] for row in base.execute(f"describe select * from {source}").fetchall()]
    dotted = [name for name in names if "." in name]
    trees: dict[str, list[str]] = {}
    for name in dotted:
        trees.setdefault(name.partition(".")[0], []).append(name)
    kept = [f'"{name}"' for name in names if name not in dotted and name not in trees]
    packed = [f"{_packed(members, 0)} as {head}" for head, members in trees.items()]
    whole = [f'"{name}" as "{name}"' for name in dotted]
    base.execute(f"create view {table} as select {', '.join((*kept, *packed, *whole))} from {source}")


def _packed(names: list[str], depth: int) -> str:
    """Return the SQL of a structure that holds dotted columns under their last words."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(name.split(".")[depth + 1], []).append(name)
    members = []
    for word, inner in groups.items():
        leaf = len(inner) == 1 and len(inner[0].split(".")) == depth + 2
        members.append(f'"{word}" := ' + (f'"{inner[0]}"' if leaf else _packed(inner, depth + 1)))
    return f"struct_pack({', '.join(members)})"
