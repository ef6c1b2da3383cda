"""The whole fit: tables read, posteriors weighed, what was learnt and what it predicts, in plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.calibration.checks import agreement
from sim.analysis.calibration.posterior import Posterior, fit_all, fit_joint, fit_one, with_order
from sim.sweeps.prior_ranges import block_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.calibration.reference import Reference
    from sim.analysis.calibration.targets import Target

MOVED = 0.2
"""From which contraction on a parameter counts as moved by the evidence."""

AGREED = 0.5
QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Learnt:
    """What became of one parameter.

    Attributes
    ----------
    name, block, case : str
        Parameter, its block, and whose it is (empty for a shared one).
    low, high : float
        Ends of its prior.
    mean, sd : float
        Posterior, as places in the prior range from 0 to 1.
    contraction : float
        1 less posterior over prior variance.
    noise : float
        Contraction that as many random draws would show: below it nothing was learnt.
    """

    name: str
    block: str
    case: str
    low: float
    high: float
    mean: float
    sd: float
    contraction: float
    noise: float

    def title(self) -> str:
        """Return the name, with the case of a parameter that is not shared."""
        return f"{self.name} of {self.case}" if self.case else self.name


@dataclass(frozen=True)
class Predicted:
    """One target before and after the fit.

    Attributes
    ----------
    target : Target
        What is known.
    prior, posterior : tuple of three float
        5th, 50th and 95th percentile of the simulated quantity.
    agreement_prior, agreement : float
        How far runs with the error of observation agree with it.
    """

    target: Target
    prior: tuple[float, ...]
    posterior: tuple[float, ...]
    agreement_prior: float
    agreement: float


@dataclass(frozen=True)
class Fit:
    """A posterior and what is reported of it.

    Attributes
    ----------
    cases : tuple of str
        One case, or both.
    posterior : Posterior
        Weights on the rows.
    learnt : list of Learnt
        Every parameter.
    predicted : list of Predicted
        Every target.
    """

    cases: tuple[str, ...]
    posterior: Posterior
    learnt: list[Learnt]
    predicted: list[Predicted]

    def agreed(self) -> int:
        """Return how many fitted targets agree with at least half of the runs."""
        return sum(row.agreement >= AGREED for row in self.predicted if row.target.role == "calibrate")

    def moved(self) -> list[Learnt]:
        """Return the parameters that the evidence moved, the most moved first."""
        found = [row for row in self.learnt if row.contraction > max(MOVED, row.noise)]
        return sorted(found, key=lambda row: -row.contraction)

    def blocks(self) -> dict[str, tuple[int, int, float]]:
        """Return per block how many parameters it has, how many moved, and the largest contraction."""
        moved = {(row.name, row.case) for row in self.moved()}
        found: dict[str, tuple[int, int, float]] = {}
        for row in self.learnt:
            n, m, most = found.get(row.block, (0, 0, 0.0))
            found[row.block] = (n + 1, m + ((row.name, row.case) in moved), max(most, row.contraction))
        return found


def fit(tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]]) -> Fit:
    """Fit one case, or both together.

    Parameters
    ----------
    tables : mapping of str to Reference
        Reference tables by case.
    targets : mapping of str to sequence of Target
        Targets by case.
    """
    return describe(tables, targets, fit_all(tables, targets))


def describe(tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]], posterior: Posterior) -> Fit:
    """Return what is reported of a posterior.

    Parameters
    ----------
    tables, targets : mapping
        As for ``fit``.
    posterior : Posterior
        Weights on the rows.
    """
    names = tuple(tables)
    learnt = [row for name in names for row in _learnt(tables[name], posterior, name, name == names[0])]
    predicted = [row for name in names for row in _predicted(tables, targets[name], name, posterior)]
    return Fit(names, posterior, learnt, predicted)


def transfer(
    tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]], known: str, asked: str
) -> list[Predicted]:
    """Fit one case and predict the other: only founders, cadence and outside events differ, levers stay unknown.

    Parameters
    ----------
    tables, targets : mapping
        As for ``fit``, of both cases.
    known, asked : str
        The case that is fitted, and the one that is predicted with the shared parameters so learnt.
    """
    posterior = fit_one(tables[known], targets[known])
    own = [target for target in targets[asked] if target.type != "order"]
    return _predicted({asked: tables[asked]}, own, asked, posterior)


def leave_one_out(tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]]) -> list[Predicted]:
    """Return each fitted target as the fit without it predicts it.

    Parameters
    ----------
    tables, targets : mapping
        As for ``fit``.
    """
    found = []
    for name in tables:
        for target in targets[name]:
            if target.role != "calibrate" or (target.type == "order" and len(tables) == 1):
                continue
            rest = {case: [other for other in some if not _same(target, other)] for case, some in targets.items()}
            found += _predicted(tables, [target], name, fit_all(tables, rest))
    return found


@dataclass(frozen=True)
class Varied:
    """The fit under another coding: what is assumed about errors and weights halved or doubled.

    Attributes
    ----------
    label : str
        What was changed.
    effective : float
        Effective runs.
    moved : list of str
        Parameters that moved.
    parameter, shift : str and float
        The one whose posterior mean went furthest, and how far, in standard deviations of the main posterior.
    agreed : int
        Fitted targets that agree with at least half of the runs.
    """

    label: str
    effective: float
    moved: list[str]
    parameter: str
    shift: float
    agreed: int


def sensitivity(tables: Mapping[str, Reference], targets: Mapping[str, Sequence[Target]], main: Fit) -> list[Varied]:
    """Fit again with errors and weights halved and doubled, and without inferred targets.

    Parameters
    ----------
    tables, targets : mapping
        As for ``fit``.
    main : Fit
        The fit to compare with.
    """
    found = []
    for label, changed, scale in (
        ("errors halved", targets, 0.5),
        ("errors doubled", targets, 2.0),
        ("weights halved", _weighted(targets, 0.5), 1.0),
        ("weights doubled", _weighted(targets, 2.0), 1.0),
        ("inferred targets left out", _read_only(targets), 1.0),
    ):
        found.append(vary(label, main, describe(tables, targets, fit_joint(tables, changed, scale=scale))))
    return found


def vary(label: str, main: Fit, other: Fit) -> Varied:
    """Return what another fit changes.

    Parameters
    ----------
    label : str
        What was changed.
    main, other : Fit
        The fit to compare with, and the other one.
    """
    pairs = zip(main.learnt, other.learnt, strict=True)
    shifts = {was.title(): abs(now.mean - was.mean) / was.sd for was, now in pairs}
    furthest = max(shifts, key=lambda name: shifts[name])
    moved = [row.name for row in other.moved()]
    return Varied(label, other.posterior.effective, moved, furthest, shifts[furthest], other.agreed())


def _weighted(targets: Mapping[str, Sequence[Target]], factor: float) -> dict[str, list[Target]]:
    """Multiply weights; one that is a probability stays one."""
    return {
        name: [
            replace(one, weight=min(one.weight * factor, 1.0) if one.status == "inferred" else one.weight * factor)
            for one in some
        ]
        for name, some in targets.items()
    }


def _read_only(targets: Mapping[str, Sequence[Target]]) -> dict[str, list[Target]]:
    return {name: [one for one in some if one.status != "inferred"] for name, some in targets.items()}


def _same(target: Target, other: Target) -> bool:
    """Tell whether two targets are one piece of evidence: an order is known from both cases."""
    return target.name == other.name and (target.case == other.case or target.type == "order")


def _learnt(table: Reference, posterior: Posterior, case: str, with_shared: bool) -> list[Learnt]:
    means, sds = posterior.mean(table.places), posterior.sd(table.places)
    contractions = posterior.contraction(table.places)
    # The variance of a sample of m uniform draws is off by about sqrt(0.8 / m) of itself (kurtosis 1.8).
    noise = 2.0 * float(np.sqrt(0.8 / posterior.effective))
    return [
        Learnt(
            axis.name,
            block_of(axis.name),
            "" if place < table.n_shared else case,
            axis.low,
            axis.high,
            float(means[place]),
            float(sds[place]),
            float(contractions[place]),
            noise,
        )
        for place, axis in enumerate(table.axes)
        if with_shared or place >= table.n_shared
    ]


def _predicted(
    tables: Mapping[str, Reference], targets: Sequence[Target], name: str, posterior: Posterior
) -> list[Predicted]:
    table = tables[name]
    parts = [target for target in targets if target.type != "order" or target.other_case in tables]
    found = with_order(table, tables, parts)
    even = Posterior(np.full(table.n, 1.0 / table.n))
    return [
        Predicted(
            target,
            _quantiles(even, found[target.quantity]),
            _quantiles(posterior, found[target.quantity]),
            agreement(target, found[target.quantity], even),
            agreement(target, found[target.quantity], posterior),
        )
        for target in parts
    ]


def _quantiles(posterior: Posterior, values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in posterior.quantile(values, QUANTILES))
