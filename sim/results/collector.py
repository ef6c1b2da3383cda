"""Takes the results of part after part: the weekly table goes to disk, what sentences need is kept."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sim.core.errors import UserError
from sim.core.metric_table import METRICS
from sim.results.summaries import run_columns
from sim.results.story import COMPONENTS, MEMBERS, Kept
from sim.results.tables import ContentHasher, runs_table, weekly_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.config.resolve import Resolved

KEPT_CURVES = 2000
"""Replicates whose curves are kept for the picture and the sentences; more hardly move a percentile."""

BYTES_PER_NUMBER = 8


class Collector:
    """Results of one run, part by part in the order of the replicates.

    Parameters
    ----------
    resolved : Resolved
        What is run.
    folder : Path
        Where ``weekly.parquet`` is written.

    Attributes
    ----------
    done : int
        Replicates collected so far.
    columns : dict of str to Metric
        Columns of ``runs.parquet``.
    """

    def __init__(self, resolved: Resolved, folder: Path) -> None:
        self._resolved = resolved
        self._path = folder / "weekly.parquet"
        self._hasher = ContentHasher()
        self._numbers: list[NDArray[np.int64]] = []
        self._runs: list[NDArray[np.float64]] = []
        self._at_end: list[NDArray[np.float64]] = []
        self._curves: list[NDArray[np.float64]] = []
        self._writer: object = None
        self.done = 0
        self.columns = run_columns(resolved.scenario)
        _check_space(resolved, folder)

    def add(self, numbers: NDArray[np.int64], weekly: NDArray[np.float64], runs: NDArray[np.float64]) -> None:
        """Take one part.

        Parameters
        ----------
        numbers : (k,) int64
            Numbers of the replicates.
        weekly : (k, weeks + 1, n_metrics) float64
            Metrics by week.
        runs : (k, n_columns) float64
            One row per replicate.
        """
        table = weekly_table(self._resolved.case, self._resolved.scenario_name, numbers, weekly, tuple(METRICS))
        self._write(table)
        self._hasher.update(table)
        if self.done < KEPT_CURVES:
            wanted = [tuple(METRICS).index(name) for name in (*COMPONENTS, MEMBERS)]
            self._curves.append(weekly[:, :, wanted])
        self._numbers.append(numbers)
        self._runs.append(runs)
        self._at_end.append(weekly[:, -1, :].copy())
        self.done += len(numbers)

    def _write(self, table: pa.Table) -> None:
        import pyarrow.parquet as pq

        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)  # type: ignore[attr-defined]

    def close(self) -> None:
        """Finish the weekly file."""
        if self._writer is not None:
            self._writer.close()  # type: ignore[attr-defined]
            self._writer = None

    def weekly_hash(self) -> str:
        """Return the content hash of the weekly table."""
        return self._hasher.hexdigest()

    def runs(self) -> NDArray[np.float64]:
        """Return the run columns, shape (done, n_columns)."""
        return np.concatenate(self._runs)

    def at_end(self) -> NDArray[np.float64]:
        """Return the metrics in the last week, shape (done, n_metrics)."""
        return np.concatenate(self._at_end)

    def runs_table(self) -> pa.Table:
        """Return ``runs.parquet`` as a table."""
        names = (self._resolved.case, self._resolved.scenario_name)
        return runs_table(*names, np.concatenate(self._numbers), self.runs(), tuple(self.columns))

    def kept(self) -> Kept:
        """Return what the sentences and the picture need."""
        curves = np.concatenate(self._curves)
        runs = self.runs()
        return Kept(
            {name: curves[:, :, i] for i, name in enumerate((*COMPONENTS, MEMBERS))},
            {name: runs[:, i] for i, name in enumerate(self.columns)},
        )


def _check_space(resolved: Resolved, folder: Path) -> None:
    """Refuse a run whose weekly table would not fit on the disk."""
    rows = resolved.replicates * (resolved.scenario.weeks + 1)
    needed = rows * len(METRICS) * BYTES_PER_NUMBER
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise UserError(
            f"replicates={resolved.replicates} may need {needed / 1e9:.0f} GB on the disk, which has "
            f"{free / 1e9:.0f} GB free; give fewer replicates or another output=FOLDER"
        )
