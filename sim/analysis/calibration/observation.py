"""How a simulated quantity is compared with a target: the observation model.

What is coded is the simulated quantity plus an error: of the coding (how far the passage may be off) and of the
model (its discrepancy from any real partnership). Bands and presences enter as the probability that the quantity
with its error falls where the passage says; numbers as a density. All constants here are assumed and explained in
``docs/model/calibration-codebook.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from sim.analysis.calibration.targets import Target
from sim.config.target_quantities import TARGET_QUANTITIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

HALF_WIDTH_SD = 1.645
"""The range that a number is coded with is read as 90% of its error."""


def spread(target: Target, scale: float = 1.0) -> float:
    """Return the standard deviation of the error with which a target is compared; ``scale`` multiplies it."""
    coding = (target.high - target.low) / 2 / HALF_WIDTH_SD if target.type == "number" else 0.0
    return scale * float(np.hypot(coding, TARGET_QUANTITIES[target.quantity].discrepancy))


def ends(target: Target) -> tuple[float, float]:
    """Return the ends of a band; one that lies at the end of what is possible is open.

    A share of 1 with an error is no less a share of 1: nothing above it could have been seen.
    """
    row = TARGET_QUANTITIES[target.quantity].metric
    low = -np.inf if target.low <= row.low else target.low
    high = np.inf if target.high >= row.high else target.high
    return float(low), float(high)


def log_likelihood(target: Target, simulated: NDArray[np.float64], scale: float = 1.0) -> NDArray[np.float64]:
    """Return how well each simulated quantity agrees with a target, on a scale whose best is 0.

    Parameters
    ----------
    target : Target
        What is known.
    simulated : (n,) float64
        The quantity in each run; missing counts as disagreement.
    scale : float
        Multiplies the error, to see what hangs on it.

    Returns
    -------
    (n,) float64
        Logarithm of the probability (of the density over its peak, for a number).
    """
    error = spread(target, scale)
    if target.type == "number":
        return _missing_to_never(-0.5 * ((simulated - target.value) / error) ** 2)
    if target.type in ("band", "window"):
        low, high = ends(target)
        inside = norm.cdf((high - simulated) / error) - norm.cdf((low - simulated) / error)
        best = norm.cdf((high - low) / 2 / error) * 2 - 1
        return _missing_to_never(np.log(np.maximum(inside / best, _TINY)))
    threshold = TARGET_QUANTITIES[target.quantity].threshold
    sign = 1.0 if target.value > 0 else -1.0
    return _missing_to_never(norm.logcdf(sign * (simulated - threshold) / error))


_TINY = 1e-12


def _missing_to_never(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.nan_to_num(values, nan=float(np.log(_TINY)))


def weigh(
    targets: Iterable[Target],
    simulated: Mapping[str, NDArray[np.float64]],
    full_weight: bool = False,
    scale: float = 1.0,
) -> NDArray[np.float64]:
    """Return the log weight of each run: targets together, each with its share.

    Parameters
    ----------
    targets : iterable of Target
        What is fitted.
    simulated : mapping of str to (n,) float64
        Quantities by name.
    full_weight : bool
        Whether every target counts fully, as in simulation-based calibration.
    scale : float
        Multiplies the error of observation.

    Returns
    -------
    (n,) float64
        A read target counts with its weight as a power; an inferred one holds with its weight as a probability.
    """
    total: NDArray[np.float64] | float = 0.0
    for target in targets:
        one = log_likelihood(target, simulated[target.quantity], scale)
        if full_weight:
            total = total + one
        elif target.status == "inferred":
            total = total + np.log(1 - target.weight + target.weight * np.exp(one))
        else:
            total = total + target.weight * one
    return np.asarray(total, dtype=np.float64)


def observe(target: Target, simulated: float, luck: np.random.Generator) -> Target:
    """Return the target as it would have been coded had this run been the real partnership.

    Parameters
    ----------
    target : Target
        Which kind of target, and how wide its coding is.
    simulated : float
        The quantity in the run.
    luck : Generator
        Draws the error and, for a band, where its ends fall.
    """
    seen = simulated + luck.normal(0.0, spread(target))
    if target.type == "number":
        half = (target.high - target.low) / 2
        return replace(target, value=seen, low=seen - half, high=seen + half)
    if target.type in ("band", "window"):
        if ends(target) != (target.low, target.high):
            return _open_band(target, seen)
        width = target.high - target.low
        low = seen - luck.uniform(0.0, width)
        return replace(target, value=low + width / 2, low=low, high=low + width)
    value = 1.0 if seen > TARGET_QUANTITIES[target.quantity].threshold else (-1.0 if target.type == "order" else 0.0)
    return replace(target, value=value, low=value, high=value)


def _open_band(target: Target, seen: float) -> Target:
    """Return an open band as it would have been coded: what was seen lies in it, or beyond its closed end."""
    low, high = ends(target)
    if low <= seen <= high:
        return target
    beyond = (-np.inf, low) if seen < low else (high, np.inf)
    return replace(target, low=beyond[0], high=beyond[1])
