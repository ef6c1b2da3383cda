"""Worlds in which scenarios are compared: a world is a draw of the posterior and a luck.

Every scenario lives in the same worlds, so that a difference is the scenario's and not that of luck. What is said of a
difference keeps two things apart: how sure its mean is (95% interval), and over which range it lies in nine of ten
draws, that is, how much it hangs on numbers that nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.comparison.differences import nested, without_luck
from sim.analysis.portfolios.worlds import Worlds as DrawsAndLucks
from sim.core.engine import Ensemble, run_many
from sim.core.errors import UserError
from sim.core.inputs import settings_of_runs
from sim.core.posterior import SHIPPED, read_draws
from sim.core.scenario import Scenario
from sim.progress import Progress
from sim.results.means import mean_there
from sim.results.summaries import run_columns, summary

RANGE = "(range of nine draws in ten, luck taken out; *draws alike* where luck explains all of it)"
"""What stands in brackets behind a mean."""

Numbers = NDArray[np.float64]
Change = Callable[[NDArray[np.void]], None]


@dataclass(frozen=True)
class Worlds(DrawsAndLucks):
    """Draws and lucks, and how many threads to use; results do not depend on the latter."""

    threads: int


def worlds_of(settings: Mapping[str, Any]) -> Worlds:
    """Return the worlds that the settings ask for.

    Parameters
    ----------
    settings : mapping
        With ``draws``, ``lucks``, ``seed`` and ``threads``.

    Raises
    ------
    UserError
        When there are not so many draws.
    """
    there = len(read_draws(SHIPPED).values)
    if settings["draws"] > there:
        raise UserError(f"draws must be from 1 to {there} (draws of the posterior); got {settings['draws']}")
    order = np.random.default_rng(settings["seed"]).permutation(there)
    return Worlds(np.sort(order[: settings["draws"]]), settings["lucks"], settings["seed"], settings["threads"])


class Telling(Progress):
    """Progress that counts for itself, scenario by scenario."""

    def __init__(self, total: int) -> None:
        super().__init__(total, "scenarios")
        self.done = 0

    def one_more(self) -> None:
        """Tell that another scenario has lived."""
        self.done += 1
        self.update(self.done)
        if self.done == self.total:
            self.close()


def live(scenario: Scenario, worlds: Worlds, change: Change | None = None, tell: Telling | None = None) -> Ensemble:
    """Run a scenario in every world, draw by draw.

    Parameters
    ----------
    scenario : Scenario
        What lives there.
    worlds : Worlds
        Where.
    change : callable, optional
        Changes the settings of the runs in place, for what a scenario cannot say (a drawn number made larger).
    tell : Telling, optional
        Called when it is done.
    """
    table = settings_of_runs(scenario, np.repeat(worlds.draws, worlds.lucks))
    if change:
        change(table)
    ensemble = run_many(scenario, worlds.seed, np.arange(worlds.n), worlds.threads, table)
    if tell:
        tell.one_more()
    return ensemble


def row_of(ensemble: Ensemble) -> dict[str, Numbers]:
    """Return one number per world for each column of ``runs``, but for what shocks did (it costs runs of its own)."""
    plain = replace(ensemble, scenario=replace(ensemble.scenario, shocks=()))
    rows = summary(plain, lambda scenario: plain)
    return {name: rows[:, place] for place, name in enumerate(run_columns(plain.scenario))}


def by_draw(values: Numbers, worlds: Worlds) -> Numbers:
    """Return means over the lucks of each draw, (D,) float64; a draw without any value is missing."""
    return mean_there(values.reshape(len(worlds.draws), worlds.lucks), 1)


def estimate(values: Numbers, worlds: Worlds) -> dict[str, float]:
    """Return mean, its 95% interval, the range of nine draws in ten, and in which share of draws it is above 0.

    The range and the share are those of draws with luck taken out (``sim.analysis.comparison.differences``); with one
    luck of each draw that cannot be done, and they are missing.

    Parameters
    ----------
    values : (n,) float64
        One number per world, such as a difference between two scenarios.
    worlds : Worlds
        Whose they are.
    """
    from scipy.stats import t

    there = np.isfinite(values)
    draw = np.repeat(np.arange(len(worlds.draws)), worlds.lucks)[there]
    if not there.any():
        return dict.fromkeys(("mean", "error", "low", "high", "up"), float("nan"))
    one = nested(values[there], draw)
    low, high = np.percentile(without_luck(values[there], draw), [5, 95])
    error = float(t.ppf(0.975, one.freedom)) * one.error if one.freedom else float("nan")
    return {"mean": one.mean, "error": error, "low": float(low), "high": float(high), "up": one.higher}


def of_draws(values: Numbers) -> dict[str, float]:
    """Return mean and 95% interval of numbers that belong to draws, (D,) float64; luck cannot be taken out of them."""
    means = values[np.isfinite(values)]
    return estimate(means, Worlds(np.arange(means.size), 1, 0, 1))


def amount(row: Mapping[str, float], digits: int) -> str:
    """Return mean with interval and range, without signs."""
    mean, error, low, high = (f"{row[name]:.{digits}f}" for name in ("mean", "error", "low", "high"))
    return f"{mean} ± {error} ({low} to {high})"


def in_words(row: Mapping[str, float], digits: int = 3) -> str:
    """Return mean with interval and range: ``+0.120 ± 0.010 (+0.050 to +0.210)``, or that draws do not differ."""
    mean, low, high = (f"{row[name]:+.{digits}f}" for name in ("mean", "low", "high"))
    spread = f"({low} to {high})" if row["low"] != row["high"] else "(draws alike)"
    return f"{mean} ± {row['error']:.{digits}f} {spread}"
