"""What each run would have shown, coded as the cases are: the data of estimators that know no likelihood.

The likelihood of the targets (``sim.analysis.calibration.observation``) is turned round into what it is the likelihood
*of*. A number is the simulated quantity plus the error of observation, continuous. Every other target either is met or
is not: a run meets it with the probability that the likelihood gives to it, and the cases met all of theirs. A weight
below 1 is a power: it widens the error of a number by its root, and raises the probability of being met. So at the
observation the coded data have, up to a constant, the likelihood by which ``posterior`` weighs the same runs, partial
weights included, and estimators can be compared parameter by parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.calibration.observation import spread, weigh
from sim.analysis.calibration.posterior import compared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.calibration.reference import Reference
    from sim.analysis.calibration.targets import Target

MET = 1.0
FAR = 10.0
"""How many errors below all others a missing number is put: no observation is taken for it."""


@dataclass(frozen=True)
class Coded:
    """Coded data of every run, and of the cases.

    Attributes
    ----------
    names : tuple of str
        Targets.
    shown : (n, d) float64
        What each run would have shown.
    observed : (d,) float64
        What the cases showed.
    """

    names: tuple[str, ...]
    shown: NDArray[np.float64]
    observed: NDArray[np.float64]

    def scale(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return coded data (..., d) with mean 0 and standard deviation 1 over the runs."""
        width = self.shown.std(axis=0)
        return np.asarray((values - self.shown.mean(axis=0)) / np.where(width > 0, width, 1.0))

    def share_further_out(self) -> float:
        """Return the share of runs that lie further from the middle of all runs than the cases do (Mahalanobis).

        Near 0 the cases are unlike anything that was simulated.
        """
        shown = self.scale(self.shown)
        turned = np.linalg.pinv(shown.T @ shown / len(shown), hermitian=True)
        distance = ((shown @ turned) * shown).sum(axis=1)
        observed = self.scale(self.observed)
        # A column that never varies has no direction to lie out in, unless the observation differs in it.
        constant = self.shown.std(axis=0) == 0
        if (self.shown[0] != self.observed)[constant].any():
            return 0.0
        return float((distance > observed @ turned @ observed).mean())


def code(
    tables: Mapping[str, Reference],
    targets: Mapping[str, Sequence[Target]],
    seed: int = 1,
    full_weight: bool = False,
) -> Coded:
    """Return what each run of some tables would have shown of the targets that are fitted.

    Parameters
    ----------
    tables, targets : mapping
        By case, as for ``sim.analysis.calibration.posterior.fit_joint``; one case alone is coded without its orders.
    seed : int
        Which errors of observation.
    full_weight : bool
        Whether every target counts fully.
    """
    luck = np.random.default_rng(seed)
    names, columns, observed = [], [], []
    for own, simulated in compared(tables, targets):
        for target in own:
            if target.weight <= 0 and not full_weight:
                continue
            names.append(target.title())
            columns.append(_column(target, simulated[target.quantity], luck, full_weight))
            observed.append(target.value if _is_shown_as_number(target) else MET)
    return Coded(tuple(names), np.column_stack(columns), np.array(observed))


def _is_shown_as_number(target: Target) -> bool:
    """Tell whether a target is shown as a number; one that only perhaps holds is met or not."""
    return target.type == "number" and target.status != "inferred"


def _column(
    target: Target, simulated: NDArray[np.float64], luck: np.random.Generator, full_weight: bool
) -> NDArray[np.float64]:
    if _is_shown_as_number(target):
        error = spread(target) / (1.0 if full_weight else float(np.sqrt(target.weight)))
        missing = min(np.nanmin(simulated, initial=target.value), target.value) - FAR * error
        return np.nan_to_num(simulated, nan=missing) + luck.normal(0.0, error, len(simulated))
    met = np.exp(weigh([target], {target.quantity: simulated}, full_weight))
    return (luck.random(len(simulated)) < met).astype(np.float64)
