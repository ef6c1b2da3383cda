"""Prior ranges: what is uncertain before any evidence, as axes of a design.

*Shared* parameters are mechanisms and hold in every case. *Levers* and *context* belong to a case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.config.schema import numbers_of
from sim.core.parameters import PARAMETERS
from sim.sweeps.designs import Axis
from sim.sweeps.plan import is_numeric


def shared_axes() -> list[Axis]:
    """Return the uncertain parameters with their plausible ranges."""
    rows = [row for row in PARAMETERS.values() if row.role == "uncertainty"]
    return [
        Axis(f"parameters.{row.name}", *row.plausible, log=row.scale == "log")
        for row in rows
        if row.plausible[0] < row.plausible[1]
    ]


def case_axes(case: Mapping[str, Any]) -> list[Axis]:
    """Return the levers and the uncertain numbers of a case, as wide as its file says."""
    levers = case.get("enabling", {})
    axes = [Axis(f"enabling.{name}", float(row["low"]), float(row["high"])) for name, row in levers.items()]
    for parameter, row in _case_numbers(case).items():
        if is_numeric(f"parameters.{parameter}"):
            axes.append(Axis(f"parameters.{parameter}", float(row["low"]), float(row["high"])))
    axes += [
        Axis(f"recruiting.roles.{role}", float(row["low"]), float(row["high"]))
        for role, row in case["recruiting"]["roles"].items()
    ]
    return [axis for axis in axes if axis.low < axis.high]


def _case_numbers(case: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the numbers of the parameter table that a case gives with a range."""
    numbers = numbers_of(case).items()
    return {name: row for name, row in numbers if isinstance(row, Mapping) and row.get("low") is not None}


def composition_axes(case: Mapping[str, Any]) -> list[Axis]:
    """Return what makes up the founding partnership, as wide as the case says: seats of groups, backing of homes."""
    axes = [
        Axis(f"founding.{group}.seats", row["seats"]["low"], row["seats"]["high"], whole=True)
        for group, row in case["founding"].items()
    ]
    axes += [
        Axis(f"parameters.{parameter}", float(row["low"]), float(row["high"]))
        for parameter, row in _case_numbers(case).items()
        if not is_numeric(f"parameters.{parameter}")
    ]
    return [axis for axis in axes if axis.low < axis.high]


def unit_place(axis: Axis, values: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return values as places in [0, 1] of their range, on the scale on which they are drawn."""
    if axis.log:
        return np.asarray(np.log(values / axis.low) / np.log(axis.high / axis.low))
    return np.asarray((values - axis.low) / (axis.high - axis.low))


def block_of(name: str) -> str:
    """Return the block of a setting: of a parameter its own, else levers or recruiting.

    >>> block_of("enabling.leadership"), block_of("recruiting.roles.patient")
    ('levers', 'turnover')
    """
    head, _, rest = name.partition(".")
    if head == "parameters":
        return PARAMETERS[rest].block
    return "levers" if head == "enabling" else "turnover"
