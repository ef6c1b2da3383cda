"""Results of ``partnersim run`` that are there already, read as one side of a comparison."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sim.analysis.comparison.runs import CURVES, LEFT_OUT, Design, Outcomes
from sim.config.version import made_by_this_model
from sim.core.errors import UserError
from sim.core.metric_table import RUN_COLUMNS
from sim.core.posterior import PosteriorError, drawn
from sim.core.sources import model_hash

SAME = ("case", "seed", "weeks", "posterior")
"""What two sides of a comparison must share, so that their replicates are pairs."""


@dataclass(frozen=True)
class Held:
    """A folder of a run.

    Attributes
    ----------
    path : Path
        The folder.
    shared : dict of str to object
        What it must share with the others: the entries of ``SAME`` and the number of replicates.
    design : Design
        Its runs.
    """

    path: Path
    shared: dict[str, Any]
    design: Design

    def outcomes(self) -> Outcomes:
        """Return what came out of its runs."""
        runs = self._read("runs.parquet", [name for name in RUN_COLUMNS if name not in LEFT_OUT])
        weekly = self._read("weekly.parquet", list(CURVES))
        n = self.design.n
        shocks = [name for name in self._names("runs.parquet") if name.startswith("shock_")]
        columns = runs | self._read("runs.parquet", shocks)
        curves = {name: values.reshape(n, -1).astype(np.float32) for name, values in weekly.items()}
        return Outcomes({name: values.astype(np.float64) for name, values in columns.items()}, curves, {})

    def _read(self, file: str, names: list[str]) -> dict[str, np.ndarray[Any, Any]]:
        import pyarrow.parquet as pq

        path = self.path / file
        if not path.is_file():
            raise UserError(f"'{self.path}' holds no {file}; run it again")
        lacking = sorted(set(names) - set(self._names(file)))
        if lacking:
            raise UserError(f"{path} lacks the column {', '.join(lacking)}; run it again")
        table = pq.read_table(path, columns=names)
        return {name: table[name].to_numpy(zero_copy_only=False) for name in names}

    def _names(self, file: str) -> list[str]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return list(pq.read_schema(self.path / file).names)
        except (pa.ArrowException, OSError) as error:
            raise UserError(f"{self.path / file} cannot be read: it is damaged; run it again") from error


def read_folder(path: Path) -> Held:
    """Return what a folder of a run holds.

    Parameters
    ----------
    path : Path
        The folder.

    Raises
    ------
    UserError
        When it holds no run, an interrupted one, or one of another model.
    """
    try:
        record = json.loads((path / "record.json").read_text(encoding="utf-8"))
        settings, made_by = record["settings"], record["model_hash"]
        shared = {"case": settings["case"], "seed": record["seed"], "weeks": settings["weeks"],
                  "posterior": settings["posterior"], "replicates": record["completed"]}  # fmt: skip
        given = frozenset(settings["given"])
        interrupted = bool(record.get("interrupted", False))
    except FileNotFoundError:
        raise UserError(f"'{path}' holds no run: there is no record.json in it") from None
    except (ValueError, KeyError, TypeError, OSError):
        raise UserError(f"'{path}' holds no run that can be compared: its record.json is of another kind") from None
    if not made_by_this_model(made_by):
        raise UserError(
            f"'{path}' was made by another version of the model ({made_by}, now {model_hash()}); run it again"
        )
    if interrupted:
        raise UserError(f"'{path}' holds an interrupted run of {shared['replicates']} replicates; run it again")
    try:
        columns = drawn(shared["posterior"], shared["case"], given)
    except PosteriorError as error:
        raise UserError(f"'{path}' was run with draws that are gone; {error}") from error
    cycle = len(next(iter(columns.values()))) if columns else 1
    replicates = np.arange(shared["replicates"], dtype=np.int64)
    return Held(path, shared, Design(shared["seed"], replicates, replicates % cycle))


def shared_by_all(held: list[Held]) -> Held:
    """Return the first folder, after all others were seen to share what pairs need.

    Raises
    ------
    UserError
        One line that names the first difference.
    """
    first, *rest = held
    for other in rest:
        for name in (*SAME, "replicates"):
            ours, theirs = first.shared[name], other.shared[name]
            if ours != theirs:
                raise UserError(f"'{first.path}' and '{other.path}' are not pairs: {name} is {ours} and {theirs}")
    return first
