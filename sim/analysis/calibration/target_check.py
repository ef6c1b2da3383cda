"""Targets that cannot be fitted: reported before anything is run, or as soon as the runs show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.calibration.observation import spread
from sim.config.target_quantities import ORDER, TARGET_QUANTITIES
from sim.core.errors import UserError

if TYPE_CHECKING:
    from sim.analysis.calibration.reference import Reference
    from sim.analysis.calibration.targets import Target

FAR = 4.0
"""Errors by which a target may lie beyond all runs; beyond that no weight of a run means anything."""

CODES = {"presence": (0.0, 1.0), "order": (-1.0, 1.0)}


def target_problems(targets: Sequence[Target], name: str) -> list[str]:
    """Return one line for each target that no run could ever meet.

    Parameters
    ----------
    targets : sequence of Target
        Of one case.
    name : str
        How the case is called in messages.
    """
    return [f"{name}: targets.{target.name} {problem}" for target in targets for problem in _problems(target)]


def _problems(target: Target) -> list[str]:
    if (target.quantity == ORDER) != (target.type == "order"):
        return [f"measures {target.quantity}, but is of type {target.type}; {ORDER} and order belong together"]
    if target.type in CODES:
        allowed = CODES[target.type]
        line = f"must have the value {allowed[0]:g} or {allowed[1]:g} (type {target.type}); got {target.value:g}"
        return [] if target.value in allowed else [line]
    row = TARGET_QUANTITIES[target.quantity].metric
    if row.low <= target.low and target.high <= row.high:
        return []
    got = f"{target.low:g} to {target.high:g}"
    return [f"is outside what can be: {target.quantity} lies from {row.low:g} to {row.high:g} ({row.unit}); got {got}"]


def refuse_unreachable(tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]]) -> None:
    """Refuse targets that lie beyond every run of the reference table.

    Parameters
    ----------
    tables : mapping of str to Reference
        By case.
    targets : mapping of str to sequence of Target
        By case.

    Raises
    ------
    UserError
        One line for each of them.
    """
    problems = [line for name, table in tables.items() for line in _unreachable(table, targets[name], name)]
    if problems:
        raise UserError(problems)


def _unreachable(table: Reference, targets: Sequence[Target], name: str) -> list[str]:
    found = []
    for target in targets:
        if target.role != "calibrate" or target.type not in ("number", "band", "window"):
            continue
        simulated = table.quantities[target.quantity]
        low, high = float(np.nanmin(simulated)), float(np.nanmax(simulated))
        reach = FAR * spread(target)
        if target.low > high + reach or target.high < low - reach:
            found.append(
                f"{name}: targets.{target.name} is outside what the model can do: {target.low:g} to {target.high:g} "
                f"{target.unit}, but no run went beyond {low:.3g} to {high:.3g}; check the target, or widen the case"
            )
    return found
