"""A posterior as ArviZ ``InferenceData``, with all that is needed to read it without this package.

Shared parameters have the dimensions (chain, draw); what belongs to a case, and every simulated quantity, has the
dimension ``case`` besides. The draws are the rows of ``posterior.parquet`` in the same order: one row of the reference
table may be drawn many times, one after the other, so ArviZ's effective sample size sees the repetitions.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.calibration.observation import spread, weigh
from sim.analysis.calibration.posterior import compared, with_order
from sim.analysis.calibration.record import DRAWS
from sim.analysis.calibration.targets import targets_hash
from sim.config.version import package_version
from sim.core.parameters import LEVERS, PARAMETERS
from sim.core.sources import model_hash
from sim.sweeps.extras import needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.calibration.posterior import Posterior
    from sim.analysis.calibration.reference import Reference
    from sim.analysis.calibration.targets import Target
    from sim.sweeps.designs import Axis

EXTRA = "calibration"
DRAWN = ("chain", "draw")
STORED = ("case", "quantity", "type", "role", "status", "unit", "value", "low", "high", "weight", "source", "locator")
"""What is stored of each target."""


def write_inference_data(
    path: Path, tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]], posterior: Posterior
) -> None:
    """Write a posterior to a netCDF file that ``arviz.from_netcdf`` reads.

    Parameters
    ----------
    path : Path
        File; one that is there is replaced.
    tables, targets : mapping
        By case, those of the fit.
    posterior : Posterior
        Weights on the rows of the tables.

    Raises
    ------
    UserError
        When the extra is not installed.
    """
    unfinished = path.with_name(path.name + ".part")
    inference_data(tables, targets, posterior).to_netcdf(str(unfinished), engine="h5netcdf")
    unfinished.replace(path)


def inference_data(
    tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]], posterior: Posterior
) -> Any:
    """Return a posterior as ``arviz.InferenceData``.

    Groups: posterior, prior, posterior_predictive, prior_predictive, observed_data (coded values by quantity),
    constant_data (all that is known of the targets), log_likelihood (of each fitted target, with its weight) and
    sample_stats (row of the table, and its weight).

    Parameters
    ----------
    tables, targets : mapping
        By case, those of the fit.
    posterior : Posterior
        Weights on the rows of the tables.
    """
    arviz = _arviz()
    xarray = needed("xarray", "xarray", EXTRA, "writing InferenceData")
    rows = posterior.rows(DRAWS)
    n = len(posterior.weights)
    even = np.arange(min(DRAWS, n)) * n // min(DRAWS, n)
    attributes = {
        "model_hash": model_hash(),
        "targets_hash": targets_hash(target for some in targets.values() for target in some),
        "inference_library": "partnersim",
        "inference_library_version": package_version("partnersim") or "",
        "estimator": "importance weights on a reference table",
        "points": n,
        "effective_runs": posterior.effective,
        "cases": json.dumps(list(tables)),
    }
    simulated = _simulated(tables, targets)
    groups = {
        "posterior": _parameters(tables, rows),
        "prior": _parameters(tables, even),
        "posterior_predictive": _quantities(simulated, rows),
        "prior_predictive": _quantities(simulated, even),
        "observed_data": _observed(targets, list(simulated)),
        "constant_data": _told(targets),
        "log_likelihood": _log_likelihood(tables, targets, rows),
        "sample_stats": {"row": (DRAWN, rows[None]), "weight": (DRAWN, posterior.weights[rows][None])},
    }
    made = {}
    for name, variables in groups.items():
        data = xarray.Dataset(variables, attrs=attributes)
        made[name] = data.assign_coords(case=list(tables)) if "case" in data.dims else data
    return arviz.InferenceData(**made)


def _arviz() -> Any:
    """Import ArviZ without its daily notice.

    Versions 0.2x announce their successor once a day and machine: a ``FutureWarning``, which may be an error here, and
    a stamp file. Two processes that write the stamp at the same time get in each other's way; the second attempt finds
    it written.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"\s*ArviZ is undergoing a major refactor", FutureWarning)
        try:
            return needed("arviz", "arviz", EXTRA, "writing InferenceData")
        except OSError:
            return needed("arviz", "arviz", EXTRA, "writing InferenceData")


def _parameters(tables: Mapping[str, Reference], rows: NDArray[np.int64]) -> dict[str, Any]:
    """Return the values of the parameters in some rows; missing for a case that does not have one."""
    first = next(iter(tables.values()))
    found: dict[str, Any] = {
        axis.name: (DRAWN, _values(first, axis, rows)[None], _about(axis)) for axis in first.axes[: first.n_shared]
    }
    own = {axis.name: axis for table in tables.values() for axis in table.axes[table.n_shared :]}
    nothing = np.full(len(rows), np.nan)
    for name, axis in own.items():
        each = [_values(table, axis, rows) if name in table.names() else nothing for table in tables.values()]
        found[name] = ((*DRAWN, "case"), np.stack(each, axis=-1)[None], _about(axis))
    return found


def _values(table: Reference, axis: Axis, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the values of one parameter, on the range that it has in this table."""
    place = table.names().index(axis.name)
    return np.array(table.axes[place].values(table.places[rows, place]), dtype=np.float64)


def _about(axis: Axis) -> dict[str, Any]:
    head, _, name = axis.name.partition(".")
    row = PARAMETERS.get(name) if head == "parameters" else LEVERS.get(name)
    content = {} if row is None else {"units": row.unit, "long_name": row.meaning}
    return content | {"scale": "log" if axis.log else "linear"}


def _simulated(
    tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]]
) -> dict[str, dict[str, NDArray[np.float64]]]:
    """Return every simulated quantity by name and case."""
    found: dict[str, dict[str, NDArray[np.float64]]] = {}
    for case, table in tables.items():
        parts = [target for target in targets[case] if target.type != "order" or target.other_case in tables]
        for name, values in with_order(table, tables, parts).items():
            found.setdefault(name, {})[case] = values
    return {name: by_case for name, by_case in found.items() if len(by_case) == len(tables)}


def _quantities(simulated: Mapping[str, Mapping[str, NDArray[np.float64]]], rows: NDArray[np.int64]) -> dict[str, Any]:
    return {
        name: ((*DRAWN, "case"), np.stack([values[rows] for values in by_case.values()], axis=-1)[None])
        for name, by_case in simulated.items()
    }


def _observed(targets: Mapping[str, Sequence[Target]], names: Sequence[str]) -> dict[str, Any]:
    """Return the coded value of each quantity: the middle of a band, 1 for present; missing where none is known."""
    known = {(target.case, target.quantity): target.value for some in targets.values() for target in some}
    return {name: ("case", np.array([known.get((case, name), np.nan) for case in targets])) for name in names}


def _told(targets: Mapping[str, Sequence[Target]]) -> dict[str, Any]:
    rows = [target for some in targets.values() for target in some]
    content = {name: ("target", [getattr(target, name) for target in rows]) for name in STORED}
    content["error"] = ("target", [spread(target) for target in rows])
    content["target"] = ("target", [target.title() for target in rows])
    return content | {"case_of": content.pop("case")}


def _log_likelihood(
    tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]], rows: NDArray[np.int64]
) -> dict[str, Any]:
    fitted = [(target, simulated) for own, simulated in compared(tables, targets) for target in own]
    values = [weigh([target], {target.quantity: simulated[target.quantity][rows]}) for target, simulated in fitted]
    titles = [target.title() for target, _ in fitted]
    return {
        "agreement": ((*DRAWN, "target"), np.stack(values, axis=-1)[None] if values else np.empty((1, len(rows), 0))),
        "target": ("target", titles),
    }
