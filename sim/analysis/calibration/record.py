"""What a calibration leaves: its record, and draws of the posterior as a table of settings."""

from __future__ import annotations

from collections.abc import Mapping
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

    from sim.analysis.calibration.calibrated import Calibrated
    from sim.analysis.calibration.checks import Calibration
    from sim.analysis.calibration.fit import Fit
    from sim.analysis.calibration.posterior import Posterior
    from sim.analysis.calibration.reference import Reference

DRAWS = 1_000
TAKEN = 200
"""Draws that runs take from: as many as a run has replicates by default."""


def fit_record(found: Calibrated, points: int) -> dict[str, Any]:
    """Return the record of a calibration on tables of so many points, as plain data."""
    made_with = {
        "targets_hash": targets_hash(target for some in found.targets.values() for target in some),
        "model_hash": model_hash(),
        "points": points,
        "version": code_identity().get("version"),
        "numpy": package_version("numpy"),
        "numba": package_version("numba"),
    }
    answers = found.survey and {"answers": {**found.survey.answers.in_plain(), "errors_widened": found.survey.widened}}
    return {
        "made_with": made_with,
        "fits": [_fit_in_plain(fit) for fit in found.fits],
        "transfers": {title: [asdict(row) for row in rows] for title, rows in found.transfers.items()},
        "left_out": [asdict(row) for row in found.left_out],
        "varied": [asdict(row) for row in found.varied],
        "passed": [asdict(row) for row in found.passed],
        "halves": asdict(found.halves),
        "screened": found.screened,
        "checks": {name: _check_in_plain(check) for name, check in found.checked.items()},
        **(answers or {}),
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
    columns = _columns(tables, rows, "/")
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
    write_table(pa.table({"row": rows, **_columns(tables, rows, ".")}), path)


def _columns(tables: Mapping[str, Reference], rows: NDArray[np.int64], mark: str) -> dict[str, NDArray[np.float64]]:
    """Return all parameters in some rows; what belongs to a case has its name and a mark in front."""
    found: dict[str, NDArray[np.float64]] = {}
    for name, table in tables.items():
        for place, axis in enumerate(table.axes):
            label = axis.name if place < table.n_shared else f"{name}{mark}{axis.name}"
            found.setdefault(label, np.array(axis.values(table.places[rows, place]), dtype=np.float64))
    return found
