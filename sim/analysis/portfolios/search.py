"""The search: an optimiser for several aims proposes a batch of mixes, learns how good they are, proposes the next.

A generation that was tried is kept in a file. The optimiser is deterministic, so a search that is resumed asks
the same questions again and finds the answers there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.portfolios.mixes import GENES, LEAST_SPENT, SPENT, hours_of, yardsticks
from sim.analysis.portfolios.question import JUDGED
from sim.analysis.portfolios.worlds import OUTCOMES, mean_and_worst
from sim.core.errors import UserError
from sim.sweeps.extras import needed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.portfolios.question import Aim, PortfolioQuestion

GENERATIONS = "generations"
Try = Callable[["NDArray[np.int64]"], "NDArray[np.float64]"]
"""Takes hours (M, 13) and returns outcomes (M, len(OUTCOMES), D)."""


@dataclass(frozen=True)
class Tried:
    """Mixes and what came out.

    Attributes
    ----------
    hours : (M, 13) int64
        Hours a week of each lever; no mix stands there twice.
    found : (M, len(OUTCOMES), D) float64
        By outcome and draw.
    """

    hours: NDArray[np.int64]
    found: NDArray[np.float64]

    def scores(self, aims: Sequence[Aim], judged: str) -> NDArray[np.float64]:
        """Return how good each mix is at each aim, (M, aims), in the unit of the outcome."""
        which = JUDGED.index(judged)
        columns = [mean_and_worst(self.found[:, OUTCOMES.index(aim.outcome)], aim.sign)[which] for aim in aims]
        return np.column_stack(columns)

    def mean(self, outcome: str) -> NDArray[np.float64]:
        """Return the mean over draws of an outcome, (M,)."""
        return mean_and_worst(self.found[:, OUTCOMES.index(outcome)], 1)[0]

    def place(self, hours: NDArray[np.int64]) -> int:
        """Return the row of a mix."""
        return int(np.flatnonzero((self.hours == hours).all(axis=1))[0])


def search(question: PortfolioQuestion, folder: Path, try_mixes: Try) -> Tried:
    """Search for mixes, or resume a search.

    Parameters
    ----------
    question : PortfolioQuestion
        What is asked.
    folder : Path
        Where generations are kept.
    try_mixes : callable
        Runs mixes.

    Returns
    -------
    Tried
        Every mix that was tried, in the order in which it was.
    """
    options = question.options
    optuna = needed("optuna", "optuna", "portfolios", "a search for portfolios")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(
        directions=["maximize" if aim.up else "minimize" for aim in question.aims],
        sampler=optuna.samplers.NSGAIISampler(population_size=options["population"], seed=options["seed"]),
    )
    ranges = {name: optuna.distributions.FloatDistribution(LEAST_SPENT if name == SPENT else 0, 1) for name in GENES}
    for genes in yardsticks(options["hours"]).values():
        study.enqueue_trial(genes)
    known: dict[tuple[int, ...], NDArray[np.float64]] = {}
    for generation in range(options["generations"]):
        trials = [study.ask(ranges) for _ in range(options["population"])]
        mixes = [tuple(map(int, hours_of(trial.params, options["hours"]))) for trial in trials]
        new = [mix for mix in dict.fromkeys(mixes) if mix not in known]
        if new:
            place = folder / GENERATIONS / f"{generation + 1:04d}.npz"
            known |= zip(new, kept(place, np.array(new), try_mixes), strict=True)
        tried = Tried(np.array(mixes), np.array([known[mix] for mix in mixes]))
        for trial, score in zip(trials, tried.scores(question.aims, options["judged"]), strict=True):
            _tell(study, trial, score)
    return Tried(np.array(list(known)), np.array(list(known.values())))


def _tell(study: Any, trial: Any, score: NDArray[np.float64]) -> None:
    """Tell the optimiser how good a mix is; one without a score has failed."""
    from optuna.trial import TrialState

    if np.isfinite(score).all():
        study.tell(trial, [float(value) for value in score])
    else:
        study.tell(trial, state=TrialState.FAIL)


def kept(place: Path, hours: NDArray[np.int64], try_mixes: Try) -> NDArray[np.float64]:
    """Return what came out of mixes: from a file when they were tried before, else tried now and written."""
    if place.exists():
        with np.load(place, allow_pickle=False) as held:
            if not np.array_equal(held["hours"], hours):
                raise UserError(f"'{place}' holds other mixes; give another output=FOLDER")
            return np.asarray(held["found"])
    found = try_mixes(hours)
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_suffix(".partial.npz")
    np.savez_compressed(partial, hours=hours, found=found)
    partial.replace(place)
    return found
