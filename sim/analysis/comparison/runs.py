"""The runs of a comparison: every plan meets the same parameter sets and the same lucks.

A replicate's number gives both: its draw of the posterior, and its luck by address. So plans are paired by number, and
what came out depends neither on what else is compared nor on threads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.core.engine import Ensemble, run_many
from sim.core.metric_table import COMPONENTS, SEAT_COLUMNS
from sim.core.posterior import drawn
from sim.core.vocabulary import Role, words
from sim.results.means import mean_there
from sim.results.summaries import run_columns, summary
from sim.results.weekly import curve

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.scenario import Scenario

PART = 240
"""Runs whose weekly metrics are in memory at one time."""

CURVES = (*COMPONENTS, "output", "members")
LEFT_OUT = ("reason", "ended_week")
"""Columns that are no outcome to be better or worse in."""

ROLES = words(Role)
LOOKS = 4
"""Weeks of the last year in which the benefits of roles are looked at."""

Tell = Callable[[int], None]


@dataclass(frozen=True)
class Design:
    """Which runs every plan is given.

    Attributes
    ----------
    seed : int
        Chooses the luck.
    replicates : (n,) int64
        Numbers of the runs.
    draw : (n,) int64
        Parameter set of each.
    """

    seed: int
    replicates: NDArray[np.int64]
    draw: NDArray[np.int64]

    @property
    def n(self) -> int:
        """Runs of each plan."""
        return len(self.replicates)


def n_draws(scenario: Scenario) -> int:
    """Return how many parameter sets there are for a scenario: 1 without a posterior."""
    columns = drawn(scenario.posterior, scenario.case, scenario.given)
    return len(next(iter(columns.values()))) if columns else 1


def laid_out(seed: int, cycle: int, draws: int, lucks: int) -> Design:
    """Return draws spread evenly over those that there are, each with some lucks.

    Parameters
    ----------
    seed : int
        Chooses the luck.
    cycle : int
        Parameter sets that there are; with one, all runs are lucks of it.
    draws, lucks : int
        How many.

    Examples
    --------
    >>> laid_out(1, 200, 2, 2).replicates.tolist(), laid_out(1, 1, 2, 2).draw.tolist()
    ([0, 200, 100, 300], [0, 0, 0, 0])
    """
    chosen = min(draws, cycle)
    each = lucks if cycle > 1 else draws * lucks
    draw = np.repeat(np.arange(chosen, dtype=np.int64) * cycle // chosen, each)
    return Design(seed, draw + cycle * np.tile(np.arange(each, dtype=np.int64), chosen), draw)


@dataclass(frozen=True)
class Outcomes:
    """What came out of the runs of one plan.

    Attributes
    ----------
    columns : dict of str to (n,) float64
        Outcomes of each run, by column of ``runs.parquet``, and the mean net benefit of each role.
    curves : dict of str to (n, T + 1) float32
        Weekly metrics; NaN where missing.
    without : dict of str to (n, T + 1) float32
        Output without each dated shock, by its name.
    """

    columns: dict[str, NDArray[np.float64]]
    curves: dict[str, NDArray[np.float32]]
    without: dict[str, NDArray[np.float32]]


def outcomes_of(
    scenario: Scenario, design: Design, threads: int | None, tell: Tell = lambda done: None, curves: bool = True
) -> Outcomes:
    """Run a plan.

    Parameters
    ----------
    scenario : Scenario
        The plan.
    design : Design
        Its runs.
    threads : int or None
        Threads to use; results do not depend on it.
    tell : callable
        Called with how many more runs were done.
    curves : bool
        Whether weekly metrics are kept, which takes memory.
    """
    parts = []
    for first in range(0, design.n, PART):
        part = design.replicates[first : first + PART]
        found = _part(scenario, design.seed, part, threads)
        parts.append(found if curves else replace(found, curves={}, without={}))
        tell(len(part))
    columns = {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns}
    weekly = {name: np.concatenate([part.curves[name] for part in parts]) for name in parts[0].curves}
    without = {name: np.concatenate([part.without[name] for part in parts]) for name in parts[0].without}
    return Outcomes(columns, weekly, without)


def _part(scenario: Scenario, seed: int, replicates: NDArray[np.int64], threads: int | None) -> Outcomes:
    ensemble = _run(scenario, seed, replicates, threads)
    outputs: list[NDArray[np.float32]] = []

    def again(other: Scenario) -> Ensemble:
        found = _run(other, seed, replicates, threads)
        outputs.append(curve(found, "output").astype(np.float32))
        return found

    rows = summary(ensemble, again)
    columns = {name: rows[:, place] for place, name in enumerate(run_columns(scenario)) if name not in LEFT_OUT}
    return Outcomes(
        columns=columns | _benefit_of_roles(ensemble.seats),
        curves={name: curve(ensemble, name).astype(np.float32) for name in CURVES},
        without={shock.name: output for shock, output in zip(scenario.shocks, outputs, strict=True)},
    )


def _run(scenario: Scenario, seed: int, replicates: NDArray[np.int64], threads: int | None) -> Ensemble:
    looks = np.unique(np.linspace(max(scenario.weeks - 51, 1), scenario.weeks, LOOKS).astype(np.int64))
    return run_many(scenario, seed, replicates, threads, seat_weeks=looks.tolist())


def _benefit_of_roles(seats: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return the mean net benefit of each role over the last year, NaN where nobody has the role."""
    place = {name: number for number, name in enumerate(SEAT_COLUMNS)}
    role, net = seats[..., place["role"]], seats[..., place["benefit"]] - seats[..., place["drawback"]]
    return {f"benefit_{name}": mean_there(net, (1, 2), role == number) for number, name in enumerate(ROLES)}
