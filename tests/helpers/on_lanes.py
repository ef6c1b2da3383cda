"""Functions on lanes, called from Python: compiled where the compiler is on, on numpy arrays where it is off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.core._jit import kernel
from sim.core.lanes.records import Layout, Record

DOOR = Layout(
    "door", [*((name, "f", ()) for name in ("a", "b", "c", "found")), *((name, "b", ()) for name in ("m", "yes"))]
)


@cache
def _door(function: Callable[..., Any], names: str, result: str) -> Callable[[Record], None]:
    """Return a kernel that applies ``function`` to fields of a record and writes one of them."""
    code = f"def door(lanes):\n    lanes.{result} = function({', '.join('lanes.' + name for name in names)})\n"
    scope = {"function": function}
    exec(code, scope)
    return kernel(scope["door"])


def on_lanes(
    function: Callable[..., Any],
    *values: Sequence[float] | NDArray[np.float64],
    names: str = "",
    result: str = "found",
) -> NDArray[Any]:
    """Return what a function finds in each lane.

    Parameters
    ----------
    function : callable
        On lanes.
    *values : sequences of one length
        Its arguments, a number per lane.
    names : str
        The field for each argument: a, b and c hold floats, m holds a mask. By default a, b, c in order.
    result : str
        ``found`` for floats, ``yes`` for a mask.
    """
    lanes = Record(DOOR, len(values[0]))
    names = names or "abc"[: len(values)]
    for name, row in zip(names, values, strict=True):
        setattr(lanes, name, row)
    _door(function, names, result)(lanes)
    return np.array(getattr(lanes, result))
