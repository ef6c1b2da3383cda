"""Between the kernels' records and the reference model's dictionaries, and a comparison of the two."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sim.core.state import CONTEXT_FIELDS, FLOW_FIELDS, STATE_FIELDS

SCRATCH = {
    "offer",
    "amount",
    "taught",
    "in_favour",
    "spare",
    "reach",
    "share",
    "home_net",
    "home_seats",
    "post_share",
    "post_pay",
}
"""Fields of the flows in which a kernel does its sums; the document does not name them."""


def to_dict(record: Any, fields: tuple) -> dict[str, Any]:
    """Return a record as a dictionary of numbers and nested lists, whole numbers as ints."""
    kinds = {np.float64: float, np.int64: int, np.uint8: int}
    return {f.name: np.asarray(record[f.name]).astype(kinds[f.kind]).tolist() for f in fields}


def to_world(state: Any, context: Any, flows: Any, practice: Any, capacity: int, organisations: int) -> dict[str, Any]:
    """Return the reference model's world for the kernels' records, cut to the scenario's capacity."""
    world = {"state": to_dict(state, STATE_FIELDS), "context": to_dict(context, CONTEXT_FIELDS)}
    world["flows"] = to_dict(flows, FLOW_FIELDS)
    world["practice"] = practice.level.tolist()
    for part, fields in (("state", STATE_FIELDS), ("flows", FLOW_FIELDS)):
        for field in fields:
            value = world[part][field.name]
            if field.shape.startswith("n"):
                value = value[:capacity]
            if field.shape == "nn":
                value = [row[:capacity] for row in value]
            if field.shape.startswith("G"):
                value = value[:organisations]
            if field.name.startswith("is_"):
                value = [bool(one) for one in value]
            world[part][field.name] = value
    return world


def differences(kernel: dict[str, Any], reference: dict[str, Any], rtol: float = 1e-12) -> list[str]:
    """Return a line for each field in which two worlds differ: integers exactly, floats within ``rtol``."""
    found = []
    for part in ("state", "context", "flows"):
        for name, value in kernel[part].items():
            if name in SCRATCH or name not in reference[part]:
                continue
            other = reference[part][name]
            if not _alike(value, other, rtol):
                found.append(f"{part}.{name}: kernel {_first(value, other, rtol)}")
    return found


def _flat(value: Any) -> list[float]:
    if isinstance(value, list):
        return [leaf for one in value for leaf in _flat(one)]
    return [float(value)]


def _close(a: float, b: float, rtol: float) -> bool:
    return a == b or math.isclose(a, b, rel_tol=rtol, abs_tol=1e-13)


def _alike(value: Any, other: Any, rtol: float) -> bool:
    left, right = _flat(value), _flat(other)
    return len(left) == len(right) and all(_close(a, b, rtol) for a, b in zip(left, right, strict=True))


def _first(value: Any, other: Any, rtol: float) -> str:
    left, right = _flat(value), _flat(other)
    if len(left) != len(right):
        return f"has {len(left)} values, reference {len(right)}"
    where = next(k for k, (a, b) in enumerate(zip(left, right, strict=True)) if not _close(a, b, rtol))
    return f"{left[where]!r}, reference {right[where]!r} at {where}"
