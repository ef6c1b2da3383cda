"""Which parameters a difference hangs on: rank correlations over the parameter sets.

A mean over plausible sets does not say what one would have to know for a better answer. With some hundred sets and two
hundred parameters a few would look important by chance, so they are adjusted together (Holm 1979).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.comparison.differences import ALPHA, holm
from sim.core.parameters import PARAMETERS
from sim.core.posterior import SHARED, drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.scenario import Scenario

FEWEST_SETS = 30
"""Fewer parameter sets tell nothing of single parameters."""


@dataclass(frozen=True)
class Dependence:
    """A parameter that a difference hangs on.

    Attributes
    ----------
    name : str
        Its setting, such as ``parameters.trust_gain``.
    correlation : float
        Rank correlation of the difference with it over the parameter sets, -1 to 1.
    """

    name: str
    correlation: float

    @property
    def title(self) -> str:
        """Its name as people say it."""
        return self.name.rpartition(".")[2].replace("_", " ")

    @property
    def origin(self) -> str:
        """Where its number comes from: assumed, a source, or the partnership itself."""
        row = PARAMETERS.get(self.name.removeprefix(SHARED)) if self.name.startswith(SHARED) else None
        if row is None or row.role == "setting":
            return "a fact of this partnership"
        return "assumed" if row.source == "assumed" else "from a source"


def drawn_in_both(one: Scenario, other: Scenario) -> dict[str, NDArray[np.float64]]:
    """Return the numbers that runs of both plans draw, (n_draws,) float64 by setting; of two cases, none."""
    if (one.case, one.posterior) != (other.case, other.posterior):
        return {}
    return drawn(one.posterior, one.case, one.given | other.given)


def dependences(
    values: NDArray[np.float64], draw: NDArray[np.int64], columns: Mapping[str, NDArray[np.float64]]
) -> list[Dependence] | None:
    """Return the parameters that a difference hangs on, the strongest first; None where too few sets were tried.

    Parameters
    ----------
    values : (n,) float64
        Differences of pairs; NaN where one of the two has no value.
    draw : (n,) int64
        Parameter set of each pair.
    columns : mapping of str to (n_draws,) float64
        Numbers of all parameter sets.
    """
    from scipy.stats import rankdata, t

    there = np.isfinite(values)
    sets, place, count = np.unique(draw[there], return_inverse=True, return_counts=True)
    if len(sets) < FEWEST_SETS or not columns:
        return None
    means = np.bincount(place, values[there]) / count
    names = [name for name, column in columns.items() if np.ptp(column[sets]) > 0]
    if np.ptp(means) == 0 or not names:
        return None
    ranks = rankdata(np.column_stack([columns[name][sets] for name in names]), axis=0)
    r = np.corrcoef(ranks.T, rankdata(means))[-1, :-1]
    freedom = len(sets) - 2
    p = 2 * t.sf(np.abs(r) * np.sqrt(freedom / np.maximum(1 - r**2, 1e-12)), freedom)
    sure = holm(dict(zip(names, p.tolist(), strict=True)), ALPHA)
    found = [Dependence(name, float(value)) for name, value in zip(names, r, strict=True) if name in sure]
    return sorted(found, key=lambda one: -abs(one.correlation))
