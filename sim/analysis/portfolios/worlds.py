"""Mixes tried in many worlds: a world is a draw of the posterior and a luck, and every mix lives in the same ones.

Each mix is run twice in each world, with the shock and without it. Worlds are numbered, so what came out does not
depend on what else is run, in which order or on how many threads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.portfolios.mixes import NAMES, levels_of
from sim.analysis.portfolios.question import PortfolioQuestion, n_draws
from sim.core.engine import Ensemble, run_many
from sim.core.inputs import settings_of_runs, write_numbers
from sim.core.metric_table import COMPONENTS, ENDS
from sim.core.scenario import Scenario
from sim.results.means import mean_there
from sim.results.summaries import ends_of, shock_effects, synergy
from sim.results.weekly import curve, curves, last_year

if TYPE_CHECKING:
    from numpy.typing import NDArray

OUTCOMES = ("synergy", "recovery_weeks", "worst_off", *COMPONENTS, "loss", "recovered", *ENDS, "staff_cover")
"""What is kept of each mix: the aims, the parts of synergy, weeks of output lost in the shock, whether it came back,
whether the partnership was still going at the end, or had been fulfilled, failed or gone dormant, and which share of
the hours asked for was staffed (both without the shock). A partnership that puts nothing out when the shock comes has
not come back: were it left out, a mix under which the weak ones end would seem to recover fast."""

BLOCK = 240
"""Runs whose weekly metrics are in memory at one time."""

WORST = 0.1


@dataclass(frozen=True)
class Worlds:
    """Draws and lucks that every mix meets.

    Attributes
    ----------
    draws : (D,) int64
        Numbers of draws of the posterior.
    lucks : int
        Worlds of each draw.
    seed : int
        Of the luck.
    """

    draws: NDArray[np.int64]
    lucks: int
    seed: int

    @property
    def n(self) -> int:
        """How many worlds there are."""
        return len(self.draws) * self.lucks


def search_and_fresh(question: PortfolioQuestion) -> tuple[Worlds, Worlds]:
    """Return the worlds of the search, and others, of which the search knew nothing, for the second trial.

    Parameters
    ----------
    question : PortfolioQuestion
        What is asked.
    """
    options = question.options
    there = n_draws(str(options["posterior"]), question.shocked.case)
    order = np.random.default_rng(options["seed"]).permutation(there)
    n = options["draws"]
    known = Worlds(np.sort(order[:n]), options["lucks"], options["seed"])
    return known, Worlds(np.sort(order[n : n + there // 2]), options["fresh"], options["seed"] + 1)


def try_mixes(
    question: PortfolioQuestion, hours: NDArray[np.int64], worlds: Worlds, threads: int, tell: Callable[[int], None]
) -> NDArray[np.float64]:
    """Run mixes in all worlds.

    Parameters
    ----------
    question : PortfolioQuestion
        Scenario with and without the shock.
    hours : (M, 13) int64
        Hours a week of each lever.
    worlds : Worlds
        Where they are tried.
    threads : int
        Threads to use; results do not depend on it.
    tell : callable
        Called with how many more runs were done.

    Returns
    -------
    (M, len(OUTCOMES), D) float64
        Means over the lucks of each draw; NaN where no run has a value.
    """
    mixes = np.repeat(np.arange(len(hours)), worlds.n)
    draws = np.tile(np.repeat(worlds.draws, worlds.lucks), len(hours))
    lucks = np.tile(np.arange(worlds.n), len(hours))
    found = np.empty((len(mixes), len(OUTCOMES)))
    for first in range(0, len(mixes), BLOCK):
        part = slice(first, first + BLOCK)
        levels = levels_of(hours[mixes[part]])
        with_it = _run(question.shocked, worlds.seed, draws[part], lucks[part], levels, threads)
        without = _run(question.calm, worlds.seed, draws[part], lucks[part], levels, threads)
        found[part] = outcomes(question, with_it, without)
        tell(2 * len(levels))
    return mean_there(found.reshape(len(hours), len(worlds.draws), worlds.lucks, -1), 2).transpose(0, 2, 1)


def _run(scenario: Scenario, seed: int, draws: NDArray[np.int64], replicates: NDArray[np.int64],
         levels: NDArray[np.float64], threads: int) -> Ensemble:  # fmt: skip
    table = settings_of_runs(scenario, draws)
    write_numbers(table, {f"enabling.{name}": levels[:, place] for place, name in enumerate(NAMES)})
    return run_many(replace(scenario, questionnaire_weeks=()), seed, replicates, threads, table)


def outcomes(question: PortfolioQuestion, with_it: Ensemble, without: Ensemble) -> NDArray[np.float64]:
    """Return what is kept of each run, (n, len(OUTCOMES)) float64, in their order."""
    there = curves(without)
    year = last_year(without)
    shock = next(one for one in question.shocked.shocks if one.name == question.shock)
    hit = shock_effects(shock, curve(with_it, "output"), there["output"])
    kept = {name.removeprefix(f"shock_{shock.name}_"): values for name, values in hit.items()}
    rows = {
        "synergy": mean_there(synergy(without.weekly), 1, year),
        "worst_off": mean_there(there["benefit_worst_role"], 1, year),
        "staff_cover": mean_there(there["staff_cover"], 1),
        **ends_of(without.status),
        **{name: mean_there(there[name], 1, year) for name in COMPONENTS},
        "loss": kept["loss"],
        "recovery_weeks": np.nan_to_num(kept["recovery_weeks"], nan=question.shocked.weeks - shock.week + 1),
        "recovered": np.nan_to_num(kept["recovered"], nan=0.0),
    }
    return np.column_stack([rows[name] for name in OUTCOMES])


def mean_and_worst(values: NDArray[np.float64], sign: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean over draws, and the mean of the worst tenth of them.

    Parameters
    ----------
    values : (M, D) float64
        By mix and draw; NaN is left out.
    sign : int
        1 where more is better, else -1.

    Examples
    --------
    >>> mean_and_worst(np.arange(20.0)[None], 1), mean_and_worst(np.arange(20.0)[None], -1)
    ((array([9.5]), array([0.5])), (array([9.5]), array([18.5])))
    """
    worst_first = np.sort(values * sign, axis=1)
    there = np.isfinite(worst_first).sum(axis=1)
    few = np.maximum(np.ceil(WORST * there), 1)
    inside = np.arange(values.shape[1])[None, :] < few[:, None]
    return mean_there(values, 1), mean_there(worst_first, 1, inside) * sign
