"""Runs one chunk of a sweep and writes its parts: the unit of work of every engine."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from sim.sweeps.evaluate import Failure
from sim.sweeps.folder import SweepFolder, open_folder
from sim.sweeps.parts import Entry, part_path, write_part


class StoppedError(Exception):
    """Raised inside a chunk when the driver no longer wants it."""


def run_chunk(folder: str, chunk: int, stopped: Callable[[], bool] = lambda: False) -> Entry:
    """Run a chunk and write its parts.

    Parameters
    ----------
    folder : str
        Folder of the sweep.
    chunk : int
        Number of the chunk.
    stopped : callable
        Asked between blocks whether to give up.

    Returns
    -------
    Entry
        The line for the ledger.
    """
    clock = time.monotonic()
    sweep = open_folder(folder)
    rows = sweep.rows(chunk)
    evaluator = sweep.evaluator
    block = evaluator.block_runs()
    tables: dict[str, list[pa.Table]] = {}
    failures: list[Failure] = []
    for start in range(0, rows.num_rows, block):
        if stopped():
            raise StoppedError
        found, failed = evaluator.evaluate(rows.slice(start, block))
        failures += failed
        for name, table in found.items():
            tables.setdefault(name, []).append(table)
    joined = {name: pa.concat_tables(parts) for name, parts in tables.items()}
    return write_parts(sweep, chunk, rows, joined, failures, clock)


def fail_chunk(folder: str, chunk: int, reason: str) -> Entry:
    """Record all runs of a chunk as failed, because it cannot be run at all."""
    sweep = open_folder(folder)
    rows = sweep.rows(chunk)
    nothing = sweep.evaluator.nothing(rows)
    failures = [Failure(run, reason) for run in rows["run"].to_pylist()]
    return write_parts(sweep, chunk, rows, nothing, failures, time.monotonic())


def write_parts(
    sweep: SweepFolder,
    chunk: int,
    rows: pa.Table,
    tables: dict[str, pa.Table],
    failures: list[Failure],
    clock: float,
) -> Entry:
    """Write the parts of a chunk and return its line for the ledger."""
    if failures:
        tables = tables | {"failed": failed_table(rows, failures)}
    else:
        (sweep.path / part_path("failed", chunk)).unlink(missing_ok=True)
    files, total = {}, 0
    for name, table in tables.items():
        place = part_path(name, chunk)
        files[place], size = write_part(sweep.path, place, table)
        total += size
    return Entry(chunk, rows.num_rows, len(failures), round(time.monotonic() - clock, 3), files, total)


def failed_table(rows: pa.Table, failures: list[Failure]) -> pa.Table:
    """Return the failed runs with their settings, key and reason."""
    first = rows["run"][0].as_py()
    chosen = rows.take([failure.run - first for failure in failures])
    return chosen.append_column("reason", pa.array([failure.reason for failure in failures]))


def plain_folder(path: Path) -> str:
    """Return a folder's path as workers in other processes need it."""
    return str(path.resolve())
