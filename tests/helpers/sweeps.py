"""Small sweeps for tests: planned and started with chunks of a fixed size."""

from __future__ import annotations

import json
from pathlib import Path

from sim.sweeps.conduct import DriveOptions, Progressed, conduct
from sim.sweeps.folder import FINISHED, SweepFolder
from sim.sweeps.planning import plan_sweep
from sim.sweeps.start import Measured, start

WORDS = (
    "case=pccp,chrp",
    "weeks=60",
    "enabling.leadership=0.2,0.8",
    "design=grid",
    "replicates=6",
    "weekly=20",
    "seats=30",
    "questionnaire=[39,60]",
)
"""24 runs, with every kind of table."""


def begin(target: Path, words: tuple[str, ...] = WORDS, chunk: int = 5) -> SweepFolder:
    """Write the folder of a sweep; nothing of it is run."""
    planned = plan_sweep(words)
    return start(planned, target, Measured(None, 100.0, chunk, -(-planned.plan.n_runs // chunk)))


def run(target: Path, words: tuple[str, ...] = WORDS, chunk: int = 5, how: DriveOptions | None = None) -> Progressed:
    """Begin a sweep and run all of it."""
    return conduct(begin(target, words, chunk), how or DriveOptions())


def hashes(target: Path) -> dict[str, str]:
    """Return the content hashes of a finished sweep."""
    found: dict[str, str] = json.loads((target / FINISHED).read_text())["content_hash"]
    return found
