"""Starts a sweep: what its runs will cost, the size of its chunks, and its folder with plan and record."""

from __future__ import annotations

import platform
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.config.sweep_settings import DRIVEN_BY
from sim.config.version import code_identity, package_version
from sim.core.errors import UserError
from sim.results.folder import new_folder, output_problem
from sim.results.provenance import PACKAGES, program_words
from sim.results.story import limits
from sim.sweeps.dataset import write_dictionary
from sim.sweeps.folder import RECORD, SweepFolder, write_plan
from sim.sweeps.pilot import cost

if TYPE_CHECKING:
    from sim.sweeps.planning import PlannedSweep

PILOT_RUNS = 24
SECONDS_PER_CHUNK = 4.0
CHUNKS_PER_WORKER = 4
GUESSED_BYTES = 500.0


@dataclass(frozen=True)
class Measured:
    """What a few runs of the plan cost, and the chunks that follow from it.

    Attributes
    ----------
    seconds : float or None
        Of one run on one thread; None when it was not measured.
    bytes_per_run : float
        On disk.
    chunk_runs, chunks : int
        Runs of a chunk, and how many chunks there are.
    """

    seconds: float | None
    bytes_per_run: float
    chunk_runs: int
    chunks: int


def measure(planned: PlannedSweep, workers: int) -> Measured:
    """Do a few runs from all over the plan, to know what the others will cost."""
    seconds, size = cost(planned.plan, PILOT_RUNS)
    fair = -(-planned.plan.n_runs // (CHUNKS_PER_WORKER * workers))
    return _with_chunks(planned, seconds, size, min(int(SECONDS_PER_CHUNK / max(seconds, 1e-5)), fair))


def guessed(planned: PlannedSweep) -> Measured:
    """Return the sentence for a sweep in which no run was done."""
    return _with_chunks(planned, None, GUESSED_BYTES, 1)


def _with_chunks(planned: PlannedSweep, seconds: float | None, size: float, runs: int) -> Measured:
    shown = planned.arguments.options["chunk"]
    chosen = int(shown) if shown else max(1, runs)
    return Measured(seconds, size, chosen, -(-planned.plan.n_runs // chosen))


def start(planned: PlannedSweep, target: Path, measured: Measured) -> SweepFolder:
    """Write the folder of a sweep: plan, record and data dictionary.

    Parameters
    ----------
    planned : PlannedSweep
        What is to be run.
    target : Path
        The folder, which must not exist yet.
    measured : Measured
        Size of chunks, and of the results on disk.

    Raises
    ------
    UserError
        When the folder cannot be written or the results would not fit on the disk.
    """
    free = shutil.disk_usage(_existing(target)).free
    needed = measured.bytes_per_run * planned.plan.n_runs
    if needed > free:
        raise UserError(
            f"the sweep needs about {size_in_words(needed)} on the disk, which has {size_in_words(free)} free; "
            "give another output=FOLDER, or record less"
        )
    about = {
        "words": list(planned.words),
        "repeat": shlex.join([*program_words(), "sweep", *planned.words]),
        "design": planned.arguments.design,
        "driven_by": {name: planned.arguments.options[name] for name in DRIVEN_BY},
        "limits": limits(planned.plan.variants[0]),
        "code": code_identity(),
        "packages": {name: package_version(name) for name in PACKAGES},
        "python": platform.python_version(),
    }
    with new_folder(target) as folder:
        write_plan(folder, planned.plan, measured.chunk_runs, about)
        write_dictionary(SweepFolder(folder))
    return SweepFolder(target)


def open_or_start(planned: PlannedSweep, target: Path, measured: Callable[[], Measured]) -> SweepFolder:
    """Return the folder of a sweep: the one that is there, when it holds this very sweep, else a new one.

    Parameters
    ----------
    planned : PlannedSweep
        What is to be run.
    target : Path
        The folder.
    measured : callable
        Gives the size of chunks and results, should it be a new one.

    Raises
    ------
    UserError
        When the folder holds something else, or as ``start``.
    """
    if (target / RECORD).exists():
        sweep = SweepFolder(target)
        if not sweep.holds(planned.plan):
            raise UserError(f"'{target}' holds another sweep; give another output=FOLDER")
        return sweep
    if problem := output_problem(str(target)):
        raise UserError(problem)
    return start(planned, target, measured())


def size_in_words(size: float) -> str:
    """Write a size on disk.

    >>> size_in_words(2.4e7), size_in_words(3.1e9)
    ('24.0 MB', '3.1 GB')
    """
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(size / 1e6, 0.1):.1f} MB"


def _existing(path: Path) -> Path:
    path = path.absolute()
    while not path.exists():
        path = path.parent
    return path
