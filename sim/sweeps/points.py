"""Points of settings made elsewhere, run as a sweep that can be resumed, and read back as arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.results.means import mean_there
from sim.sweeps.conduct import DriveOptions, Progressed, conduct
from sim.sweeps.dataset import read_parts
from sim.sweeps.folder import SweepFolder
from sim.sweeps.planning import plan_sweep
from sim.sweeps.start import GUESSED_BYTES, Measured, open_or_start

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.sweeps.designs import Columns

CHUNK_RUNS = 500
"""Runs of a chunk: a second or two of work, so that little is lost when it is stopped."""


def run_points(
    words: Sequence[str],
    points: Columns,
    folder: Path,
    how: DriveOptions,
    tell: Callable[[Progressed], None] = lambda state: None,
    chunk_runs: int = CHUNK_RUNS,
    bytes_per_run: float = GUESSED_BYTES,
) -> SweepFolder:
    """Run points of settings, or resume them.

    Parameters
    ----------
    words : sequence of str
        Settings that all points share, as after ``partnersim sweep``.
    points : dict of str to list
        A column of values per setting, checked already.
    folder : Path
        Folder of the sweep; when it is there already, what is missing is run.
    how : DriveOptions
        Engine and workers.
    tell : callable
        Called with the progress.
    chunk_runs : int
        Runs of a chunk.
    bytes_per_run : float
        On disk, about.

    Raises
    ------
    UserError
        When the folder holds other points.
    """
    planned = plan_sweep(words, points=points)
    measured = Measured(None, bytes_per_run, chunk_runs, -(-planned.plan.n_runs // chunk_runs))
    sweep = open_or_start(planned, folder, lambda: measured)
    conduct(sweep, how, tell)
    return sweep


def run_values(sweep: SweepFolder, names: Sequence[str]) -> NDArray[np.float64]:
    """Return columns of a finished sweep, (runs, len(names)) float64, in the plan's order; NaN for a failed run."""
    found = np.full((sweep.n_runs, len(names)), np.nan)
    table = read_parts(sweep.parts("runs"), ["run", *names])
    for place, name in enumerate(names):
        found[table["run"].to_numpy(), place] = table[name].to_numpy()
    return found


def point_means(sweep: SweepFolder, names: Sequence[str], replicates: int) -> NDArray[np.float64]:
    """Return means over the replicates of each point, (points, len(names)) float64; NaN where none has a value."""
    return mean_there(run_values(sweep, names).reshape(-1, replicates, len(names)), 1)
