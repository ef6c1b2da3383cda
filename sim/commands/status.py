"""``partnersim status FOLDER``: the progress of a sweep, from any terminal, at any time."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands.exit_status import ExitStatus
from sim.core.errors import UserError
from sim.progress import duration

if TYPE_CHECKING:
    from sim.sweeps.folder import SweepFolder
    from sim.sweeps.parts import Entry

RECENT = 40


def status(words: Sequence[str]) -> int:
    """Print how far a sweep is.

    Parameters
    ----------
    words : sequence of str
        The folder.
    """
    from sim.sweeps.folder import FINISHED, SweepFolder

    if len(words) != 1:
        raise UserError("status needs one folder: partnersim status FOLDER")
    sweep = SweepFolder(Path(words[0]))
    entries = sweep.done()
    done = sum(entry.runs for entry in entries.values())
    failed = sum(entry.failed for entry in entries.values())
    size = sum(entry.bytes for entry in entries.values())
    held = sweep.is_held()
    state = "running" if held else "complete" if done == sweep.n_runs else "stopped"
    print(f"{state}: {done:,} of {sweep.n_runs:,} runs done ({done / sweep.n_runs:.0%}), {failed:,} failed")
    print(f"{len(entries):,} of {sweep.n_chunks:,} chunks, {size / 1e6:.1f} MB")
    if held and (rate := _rate(entries)) > 0:
        print(f"{rate:,.0f} runs/s, about {duration((sweep.n_runs - done) / rate)} left")
    finished = sweep.path / FINISHED
    if finished.exists() and not held:
        for table, shown in json.loads(finished.read_text(encoding="utf-8"))["content_hash"].items():
            print(f"content hash of {table}: {shown}")
    if state == "stopped":
        print(f"resume with: partnersim resume {shlex.quote(sweep.path.as_posix())}")
    return _exit_status(sweep, failed)


def _exit_status(sweep: SweepFolder, failed: int) -> int:
    policy = sweep.record["driven_by"]["failures"]
    return ExitStatus.SOME_RUNS_FAILED if failed and policy != "record" else ExitStatus.DONE


def _rate(entries: dict[int, Entry]) -> float:
    """Return runs per second over the latest chunks, by their driver's own clock."""
    latest = list(entries.values())
    latest.sort(key=lambda entry: entry.since)
    recent = latest[-RECENT:]
    passed = recent[-1].since - recent[0].since if len(recent) > 1 else 0.0
    return sum(entry.runs for entry in recent[1:]) / passed if passed > 0 else 0.0
