"""The result of a search for portfolios: what was tried, what was picked, what a second trial says of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.portfolios.choose import EVEN, Chosen, Gain, Pick, choose, gain, to_try_again
from sim.analysis.portfolios.search import Tried, Try, kept, search
from sim.analysis.portfolios.worlds import Worlds, search_and_fresh, try_mixes
from sim.progress import adding

if TYPE_CHECKING:
    from sim.analysis.portfolios.question import PortfolioQuestion
    from sim.analysis.study import Tell

AGAIN = "again.npz"
SEARCH, SECOND = "search", "second trial"


@dataclass(frozen=True)
class PortfolioResult:
    """A finished search.

    Attributes
    ----------
    question : PortfolioQuestion
        What was asked.
    tried : Tried
        All mixes of the search.
    chosen : Chosen
        What was picked.
    fresh : Tried
        Picks and front, tried again in other worlds.
    """

    question: PortfolioQuestion
    tried: Tried
    chosen: Chosen
    fresh: Tried

    def even(self) -> Pick:
        """Return the mix with which others are compared."""
        return next(pick for pick in self.chosen.picks if pick.name == EVEN)

    def named(self) -> list[Pick]:
        """Return the picks, each mix once under all its names."""
        names: dict[tuple[int, ...], list[str]] = {}
        for pick in self.chosen.picks:
            names.setdefault(tuple(map(int, pick.hours)), []).append(pick.title())
        return [Pick("; ".join(some), "", np.array(hours)) for hours, some in names.items()]

    def gains(self, pick: Pick) -> list[Gain]:
        """Return what a pick gains on the even mix at each aim."""
        return [gain(aim, pick, self.even(), self.tried, self.fresh) for aim in self.question.aims]


def searched(question: PortfolioQuestion, folder: Path, threads: int, tell: Tell) -> PortfolioResult:
    """Search, choose mixes and try them again in worlds of which the search knew nothing; or resume all that.

    Parameters
    ----------
    question : PortfolioQuestion
        What is asked.
    folder : Path
        Where what came out is kept.
    threads : int
        Threads to use; results do not depend on it.
    tell : callable
        Called with the stage, ``SEARCH`` or ``SECOND``, and the progress.
    """
    known, fresh = search_and_fresh(question)

    def trying(worlds: Worlds, stage: str, mixes: int) -> Try:
        add = adding(partial(tell, stage), 2 * worlds.n * mixes)
        add(0)
        return lambda hours: try_mixes(question, hours, worlds, threads, add)

    mixes = question.options["population"] * question.options["generations"]
    tried = search(question, folder, trying(known, SEARCH, mixes))
    chosen = choose(question, tried)
    hours = to_try_again(tried, chosen)
    again = kept(folder / AGAIN, hours, trying(fresh, SECOND, len(hours)))
    return PortfolioResult(question, tried, chosen, Tried(hours, again))
