"""Targets: what is known of the cases, read from their files. The simulation never sees them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Target:
    """One thing known of a case.

    Attributes
    ----------
    case, name : str
        Whose it is, and its name there.
    type : {'number', 'band', 'order', 'presence', 'window'}
        How it is coded.
    quantity : str
        What is measured in a run (``sim.config.target_quantities``).
    value : float
        Coded value; the middle of a band.
    low, high : float
        Ends of a band, or how far the coding may be off.
    unit : str
        Unit of the three.
    status : str
        read, derived, inferred or assumed.
    source, locator : str
        Where it comes from.
    role : {'calibrate', 'validate', 'context'}
        Whether it is fitted, checked afterwards, or only reported.
    weight : float
        Share of one piece of evidence; the probability that an inferred target holds.
    other_case : str
        The other side of an order.
    """

    case: str
    name: str
    type: str
    quantity: str
    value: float
    low: float
    high: float
    unit: str
    status: str
    source: str
    locator: str
    role: str
    weight: float
    other_case: str = ""

    def title(self) -> str:
        """Return case and name."""
        return f"{self.case}: {self.name.replace('_', ' ')}"


def targets_of(case: Mapping[str, Any]) -> tuple[Target, ...]:
    """Return the targets of a case file.

    Parameters
    ----------
    case : mapping
        As ``sim.config.cases.load_case`` returns it.
    """
    found = []
    for name, row in case.get("targets", {}).items():
        low, high = float(row["low"]), float(row["high"])
        found.append(
            Target(
                case=str(case["name"]),
                name=name,
                type=row["type"],
                quantity=row["quantity"],
                value=float(row.get("value", (low + high) / 2)),
                low=low,
                high=high,
                unit=row["unit"],
                status=row["status"],
                source=row["source"],
                locator=row["locator"],
                role=row["role"],
                weight=float(row["weight"]),
                other_case=row.get("other_case", ""),
            )
        )
    return tuple(found)


def targets_hash(targets: Iterable[Target]) -> str:
    """Return the hash of targets, frozen before the first fit (``docs/model/calibration-codebook.md``)."""
    rows = sorted((asdict(target) for target in targets), key=lambda row: (row["case"], row["name"]))
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
