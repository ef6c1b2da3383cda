"""What a calibration leaves: its record, and draws of the posterior as a table of settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sim.analysis.calibration.checks import LEVELS, band_of_uniform
from sim.analysis.calibration.targets import targets_hash
from sim.config.version import code_identity, package_version
from sim.core.posterior import Draws, numbers_hash
from sim.core.sources import model_hash
from sim.results.folder import write_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.calibration.checks import Calibration
    from sim.analysis.calibration.fit import Fit, Predicted, Varied
    from sim.analysis.calibration.patterns import HardChecks
    from sim.analysis.calibration.posterior import Posterior
    from sim.analysis.calibration.reference import Reference
    from sim.analysis.calibration.targets import Target

DRAWS = 1_000
TAKEN = 200
"""Draws that runs take from: as many as a run has replicates by default."""


def fit_record(
    fits: Sequence[Fit],
    checked: Mapping[str, Calibration],
    targets: Mapping[str, Sequence[Target]],
    options: Mapping[str, Any],
    transfers: Mapping[str, Sequence[Predicted]],
    left_out: Sequence[Predicted],
    varied: Sequence[Varied],
    hard: HardChecks,
) -> dict[str, Any]:
    """Return the record of a calibration, as plain data.

    Parameters
    ----------
    fits : sequence of Fit
        Of each case alone and of both.
    checked : mapping of str to Calibration
        Simulation-based calibration by case.
    targets : mapping of str to sequence of Target
        What was fitted.
    options : mapping
        Settings of the command.
    transfers : mapping of str to sequence of Predicted
        What the fit of one case says about the other.
    left_out : sequence of Predicted
        Each fitted target as the fit without it predicts it.
    varied : sequence of Varied
        The fit under other errors and weights.
    hard : HardChecks
        Pass rates, halves of the tables, inert parameters.
    """
    made_with = {
        "targets_hash": targets_hash(target for some in targets.values() for target in some),
        "model_hash": model_hash(),
        "points": options["points"],
        "version": code_identity().get("version"),
        "numpy": package_version("numpy"),
        "numba": package_version("numba"),
    }
    return {
        "made_with": made_with,
        "fits": [_fit_in_plain(fit) for fit in fits],
        "transfers": {title: [asdict(row) for row in rows] for title, rows in transfers.items()},
        "left_out": [asdict(row) for row in left_out],
        "varied": [asdict(row) for row in varied],
        "passed": [asdict(row) for row in hard.passed],
        "halves": asdict(hard.halves),
        "screened": hard.screened,
        "checks": {name: _check_in_plain(found) for name, found in checked.items()},
    }


def _fit_in_plain(fit: Fit) -> dict[str, Any]:
    return {
        "cases": list(fit.cases),
        "effective_runs": fit.posterior.effective,
        "moved": [row.name for row in fit.moved()],
        "blocks": {
            block: dict(zip(("n", "moved", "most"), shown, strict=True)) for block, shown in fit.blocks().items()
        },
        "learnt": [asdict(row) for row in fit.learnt],
        "predicted": [asdict(row) for row in fit.predicted],
    }


def _check_in_plain(found: Calibration) -> dict[str, Any]:
    far = found.furthest()
    return {
        "datasets": len(found.ranks),
        "within_band": int((far <= band_of_uniform(len(found.ranks))).sum()),
        "parameters": len(far),
        "coverage": {str(level): float(found.coverage(level).mean()) for level in LEVELS},
        "effective_median": float(np.median(found.effective)),
        "correlation": dict(zip(found.names, map(float, found.correlation()), strict=True)),
        "contraction": dict(zip(found.names, map(float, found.contractions.mean(axis=0)), strict=True)),
    }


def draws_to_run(tables: Mapping[str, Reference], posterior: Posterior, made_with: Mapping[str, Any]) -> Draws:
    """Return draws that ``posterior=FILE`` takes.

    Parameters
    ----------
    tables : mapping of str to Reference
        Reference tables of the fit.
    posterior : Posterior
        Weights on their rows.
    made_with : mapping
        Hashes of model and targets.
    """
    rows = posterior.rows(TAKEN)
    # Systematic resampling goes through the table in order; replicates must not.
    rows = np.random.default_rng(1).permutation(rows)
    columns: dict[str, NDArray[np.float64]] = {}
    for name, table in tables.items():
        for place, axis in enumerate(table.axes):
            label = axis.name if place < table.n_shared else f"{name}/{axis.name}"
            columns[label] = np.array(axis.values(table.places[rows, place]), dtype=np.float64)
    cases = {name: numbers_hash(table.case) for name, table in tables.items()}
    kept = {key: made_with[key] for key in ("model_hash", "targets_hash", "points")}
    return Draws(tuple(columns), np.column_stack(list(columns.values())), kept | {"cases": cases})


def write_draws(path: Path, tables: Mapping[str, Reference], posterior: Posterior) -> None:
    """Write draws of the posterior, one row each; what belongs to a case has its name in front.

    Parameters
    ----------
    path : Path
        Parquet file.
    tables : mapping of str to Reference
        Reference tables of the fit.
    posterior : Posterior
        Weights on their rows.
    """
    rows = posterior.rows(DRAWS)
    columns: dict[str, Any] = {"row": rows}
    for number, (name, table) in enumerate(tables.items()):
        for place, axis in enumerate(table.axes):
            if place < table.n_shared and number:
                continue
            label = axis.name if place < table.n_shared else f"{name}.{axis.name}"
            columns[label] = np.array(axis.values(table.places[rows, place]), dtype=np.float64)
    write_table(pa.table(columns), path)
