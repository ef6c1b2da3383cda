"""The result of a search for portfolios: what was tried, what was picked, what a second trial says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.portfolios.choose import EVEN, Chosen, Gain, Pick, choose, gain, to_try_again
from sim.analysis.portfolios.search import Tried, kept

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.portfolios.question import PortfolioQuestion

AGAIN = "again.npz"


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


def finish(
    question: PortfolioQuestion,
    folder: Path,
    tried: Tried,
    try_again: Callable[[NDArray[np.int64]], NDArray[np.float64]],
) -> PortfolioResult:
    """Choose mixes and try them again in worlds of which the search knew nothing.

    Parameters
    ----------
    question : PortfolioQuestion
        What was asked.
    folder : Path
        Where what came out is kept.
    tried : Tried
        All mixes of the search.
    try_again : callable
        Runs mixes in other worlds.
    """
    chosen = choose(question, tried)
    hours = to_try_again(tried, chosen)
    return PortfolioResult(question, tried, chosen, Tried(hours, kept(folder / AGAIN, hours, try_again)))
