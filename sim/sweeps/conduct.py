"""Drives a sweep: what is not done yet goes to an engine, what comes back goes into the ledger."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sim.core.errors import UserError
from sim.results.folder import write_json
from sim.sweeps.chunk import plain_folder
from sim.sweeps.dataset import content_hashes, failed_rows
from sim.sweeps.engines import find_engine
from sim.sweeps.folder import FINISHED, SweepFolder
from sim.sweeps.parts import Entry, Ledger, is_valid, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class DriveOptions:
    """How a sweep is driven; nothing here changes a result.

    Attributes
    ----------
    engine : str
        Where chunks are run.
    workers : int
        How many at a time.
    failures : str
        One of ``sim.config.sweep_settings.POLICIES``.
    retry_failed : bool
        Whether chunks with failed runs are run again.
    part : tuple of two int, optional
        (k, n): only the k-th of n slices of the plan, counted from 1.
    order : int, optional
        Shuffles the order of chunks, for tests.
    """

    engine: str = "threads"
    workers: int = 1
    failures: str = "finish"
    retry_failed: bool = False
    part: tuple[int, int] | None = None
    order: int | None = None

    def part_name(self) -> str | None:
        """Return the name of the slice, or None for the whole."""
        return None if self.part is None else f"{self.part[0]}-of-{self.part[1]}"


@dataclass
class Progressed:
    """How far a sweep is.

    Attributes
    ----------
    runs, done, failed : int
        Runs asked for, done (failed ones among them) and failed.
    redone : tuple of int
        Chunks whose parts were missing or damaged and are run again.
    complete : bool
        Whether every chunk of the whole plan is done.
    """

    runs: int
    done: int = 0
    failed: int = 0
    redone: tuple[int, ...] = ()
    complete: bool = False


OnProgress = Callable[[Progressed], None]


def conduct(sweep: SweepFolder, how: DriveOptions, tell: OnProgress = lambda progress: None) -> Progressed:
    """Run what is missing of a sweep.

    Parameters
    ----------
    sweep : SweepFolder
        The sweep; only one driver works on it at a time.
    how : DriveOptions
        Engine, workers, what to do about failures.
    tell : callable
        Called with the progress, at the start and after every chunk.

    Returns
    -------
    Progressed
        How far it came.

    Raises
    ------
    UserError
        When the plan, the settings or the model have changed, another process is at work, or the disk is full.
    KeyboardInterrupt
        On Ctrl-C; what is done stays done.
    """
    with sweep.locked(how.part_name()):
        sweep.check_same()
        chunks = _slice(sweep.n_chunks, how.part)
        shown = sweep.done()
        done = {c: shown[c] for c in chunks if c in shown and is_valid(sweep.path, shown[c])}
        redone = tuple(chunk for chunk in chunks if chunk in shown and chunk not in done)
        if how.retry_failed:
            done = {chunk: entry for chunk, entry in done.items() if not entry.failed}
        if how.part is None:
            remove_leftovers(sweep.path)
        left = [chunk for chunk in chunks if chunk not in done]
        progress = Progressed(sum(sweep.size_of(chunk) for chunk in chunks), redone=redone)
        for entry in done.values():
            _count(progress, entry)
        tell(progress)
        try:
            for entry in _new_entries(sweep, how, left):
                _count(progress, entry)
                tell(progress)
                if progress.failed and how.failures == "stop":
                    break
        except OSError as error:
            raise _cannot_write(sweep.path, progress, error) from error
        progress.complete = how.part is None and progress.done == sweep.n_runs
        if progress.complete:
            _finish(sweep, progress)
    return progress


def _slice(n: int, part: tuple[int, int] | None) -> Sequence[int]:
    return range(n) if part is None else range(part[0] - 1, n, part[1])


def _count(progress: Progressed, entry: Entry) -> None:
    progress.done += entry.runs
    progress.failed += entry.failed


def _new_entries(sweep: SweepFolder, how: DriveOptions, left: list[int]) -> Iterator[Entry]:
    """Run chunks and yield their lines once they are in the ledger."""
    if not left:
        return
    if how.order is not None:
        left.sort(key=lambda chunk: hashlib.sha256(f"{how.order} {chunk}".encode()).digest())
    ledger = Ledger(sweep.path / ("done.jsonl" if how.part is None else f"done-{how.part_name()}.jsonl"))
    began = time.monotonic()
    found = find_engine(how.engine)(plain_folder(sweep.path), left, how.workers)
    try:
        for entry in found:
            dated = replace(entry, since=round(time.monotonic() - began, 3))
            ledger.append(dated)
            yield dated
    finally:
        found.close()


def _finish(sweep: SweepFolder, progress: Progressed) -> None:
    """Write the content hash of the whole dataset, and the failed runs as a table for people."""
    if (sweep.path / FINISHED).exists() and not progress.redone and _told_failed(sweep.path) == progress.failed:
        return
    failed_rows(sweep.path, progress.failed)
    hashes = content_hashes(sweep)
    write_json(sweep.path / FINISHED, {"runs": progress.done, "failed": progress.failed, "content_hash": hashes})


def _told_failed(folder: Path) -> int:
    import json

    return int(json.loads((folder / FINISHED).read_text(encoding="utf-8"))["failed"])


def _cannot_write(folder: Path, progress: Progressed, error: OSError) -> UserError:
    return UserError(
        f"cannot write to '{folder}': {error.strerror or error}; {progress.done} of {progress.runs} runs are kept; "
        f"when that is mended: partnersim resume {folder}"
    )
