"""Hard checks beside the weights: runs that show all patterns at once, and how far halves of a table agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.calibration.observation import ends
from sim.analysis.calibration.posterior import Posterior, fit_all, fitted, with_order
from sim.analysis.calibration.reference import Reference
from sim.config.target_quantities import TARGET_QUANTITIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.calibration.targets import Target


def shows(target: Target, simulated: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which runs show a pattern: within what was coded, give or take the model's discrepancy.

    Parameters
    ----------
    target : Target
        The pattern.
    simulated : (n,) float64
        Its quantity in each run; a missing one shows nothing.
    """
    slack = TARGET_QUANTITIES[target.quantity].discrepancy
    if target.type == "number":
        return np.asarray((simulated >= target.low - slack) & (simulated <= target.high + slack))
    if target.type in ("band", "window"):
        low, high = ends(target)
        return np.asarray((simulated >= low - slack) & (simulated <= high + slack))
    threshold = TARGET_QUANTITIES[target.quantity].threshold
    return np.asarray(simulated > threshold if target.value > 0 else simulated < threshold)


@dataclass(frozen=True)
class Passed:
    """How many runs show the fitted patterns.

    Attributes
    ----------
    label : str
        Of which case, or both together.
    patterns : int
        How many are asked for.
    prior_all, posterior_all : float
        Share of runs that show every one.
    prior_mean, posterior_mean : float
        Mean share of patterns that a run shows.
    """

    label: str
    patterns: int
    prior_all: float
    posterior_all: float
    prior_mean: float
    posterior_mean: float


def pass_rates(
    tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]], posterior: Posterior
) -> list[Passed]:
    """Return the pass rates of each case and, when there are several, of all together.

    Parameters
    ----------
    tables, targets : mapping
        By case.
    posterior : Posterior
        Weights on the rows.
    """
    found, every = [], []
    for name, table in tables.items():
        own = [one for one in fitted(targets[name]) if one.type != "order" or one.other_case in tables]
        if not own:
            continue
        quantities = with_order(table, tables, own)
        shown = np.column_stack([shows(one, quantities[one.quantity]) for one in own])
        found.append(_passed(name.upper(), shown, posterior))
        every.append(shown)
    return found if len(found) < 2 else [*found, _passed("both", np.column_stack(every), posterior)]


def _passed(label: str, shown: NDArray[np.bool_], posterior: Posterior) -> Passed:
    whole, share = shown.all(axis=1).astype(float), shown.mean(axis=1)
    means = (float(whole.mean()), float(posterior.mean(whole)), float(share.mean()), float(posterior.mean(share)))
    return Passed(label, shown.shape[1], *means)


@dataclass(frozen=True)
class Halves:
    """How far the posterior means of two halves of the tables lie apart, in posterior standard deviations.

    Attributes
    ----------
    effective : tuple of two float
        Effective runs of each half.
    median, largest : float
        Over all parameters.
    parameter : str
        The one that lies furthest apart.
    """

    effective: tuple[float, float]
    median: float
    largest: float
    parameter: str


def halves(tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]], posterior: Posterior) -> Halves:
    """Fit each half of the tables by itself.

    Parameters
    ----------
    tables, targets : mapping
        By case.
    posterior : Posterior
        That of the whole.
    """
    parts = [{name: _half(table, first) for name, table in tables.items()} for first in (0, 1)]
    posteriors = [fit_all(part, targets) for part in parts]
    apart: dict[str, float] = {}
    for name, table in tables.items():
        means = [one.mean(part[name].places) for one, part in zip(posteriors, parts, strict=True)]
        distance = np.abs(means[0] - means[1]) / posterior.sd(table.places)
        apart |= {f"{axis.name} of {name}": float(far) for axis, far in zip(table.axes, distance, strict=True)}
    furthest = max(apart, key=lambda key: apart[key])
    both = (posteriors[0].effective, posteriors[1].effective)
    return Halves(both, float(np.median(list(apart.values()))), apart[furthest], furthest)


def _half(table: Reference, first: int) -> Reference:
    quantities = {name: values[first::2] for name, values in table.quantities.items()}
    evidence = None if table.evidence is None else table.evidence[first::2]
    return replace(table, places=table.places[first::2], quantities=quantities, answers=None, evidence=evidence)
