"""Takes the results of part after part: large tables go to disk, what sentences need is kept."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sim.core.errors import UserError
from sim.config.kept import NOTHING
from sim.config.kept import Kept as KeptTables
from sim.core.metric_table import METRICS
from sim.results.panels import panel_tables
from sim.results.summaries import run_columns
from sim.results.story import COMPONENTS, MEMBERS, Kept
from sim.results.tables import GrowingTable, runs_table, weekly_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.config.resolve import Resolved
    from sim.core.engine import Ensemble

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
        Where ``weekly.parquet`` is written, and what else is kept.
    tables : KeptTables
        Which tables are kept besides.

    Attributes
    ----------
    done : int
        Replicates collected so far.
    columns : dict of str to Metric
        Columns of ``runs.parquet``.
    """

    def __init__(self, resolved: Resolved, folder: Path, tables: KeptTables = NOTHING) -> None:
        self._resolved = resolved
        self._kept_tables = tables
        self._files = {name: GrowingTable(folder / f"{name}.parquet") for name in ("weekly", *tables.tables())}
        self._numbers: list[NDArray[np.int64]] = []
        self._runs: list[NDArray[np.float64]] = []
        self._at_end: list[NDArray[np.float64]] = []
        self._curves: list[NDArray[np.float64]] = []
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
        self._files["weekly"].add(weekly_table(*self._names, numbers, weekly, tuple(METRICS)))
        if self.done < KEPT_CURVES:
            wanted = [tuple(METRICS).index(name) for name in (*COMPONENTS, MEMBERS)]
            self._curves.append(weekly[:, :, wanted])
        self._numbers.append(numbers)
        self._runs.append(runs)
        self._at_end.append(weekly[:, -1, :].copy())
        self.done += len(numbers)

    def add_panels(self, numbers: NDArray[np.int64], ensemble: Ensemble) -> None:
        """Take what is kept of the seats and answers of one part."""
        for name, table in panel_tables(*self._names, numbers, ensemble, self._kept_tables).items():
            self._files[name].add(table)

    @property
    def _names(self) -> tuple[str, str]:
        return self._resolved.case, self._resolved.scenario_name

    def close(self) -> None:
        """Finish the files."""
        for file in self._files.values():
            file.close()

    def hashes(self) -> dict[str, str]:
        """Return the content hash of each table that was written, by file."""
        return {f"{name}.parquet": file.hexdigest() for name, file in self._files.items()}

    def runs(self) -> NDArray[np.float64]:
        """Return the run columns, shape (done, n_columns)."""
        return np.concatenate(self._runs)

    def at_end(self) -> NDArray[np.float64]:
        """Return the metrics in the last week, shape (done, n_metrics)."""
        return np.concatenate(self._at_end)

    def runs_table(self) -> pa.Table:
        """Return ``runs.parquet`` as a table."""
        return runs_table(*self._names, np.concatenate(self._numbers), self.runs(), tuple(self.columns))

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
