"""From many tried mixes to a few: which are not beaten, which are picked and why, what a second trial says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.portfolios.mixes import hours_of, yardsticks
from sim.analysis.portfolios.question import JUDGED
from sim.analysis.portfolios.search import Tried
from sim.analysis.portfolios.worlds import OUTCOMES, mean_and_worst

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.portfolios.question import Aim, PortfolioQuestion

EVEN = "even"
BALANCED = "balanced"
KEEPING = "fastest recovery without less synergy"
"""Than the even mix has: a mix under which little is put out has little to recover."""
NORMAL = 1.959964
RESAMPLES = 200


@dataclass(frozen=True)
class Pick:
    """A mix that was picked in the search.

    Attributes
    ----------
    name : str
        Why: best for an aim, balanced, or a yardstick.
    judged : str
        By the mean over draws or by the worst tenth; empty for a yardstick.
    hours : (13,) int64
        Hours a week.
    """

    name: str
    judged: str
    hours: NDArray[np.int64]

    def title(self) -> str:
        """Return the name with how it was judged."""
        return f"{self.name}, {self.judged}" if self.judged else self.name


@dataclass(frozen=True)
class Chosen:
    """What a search came to.

    Attributes
    ----------
    picks : list of Pick
        Yardsticks last.
    front : (m,) int64
        Rows of the search's mixes that no other beats, those tried again.
    whole_front : int
        How many no other beats.
    """

    picks: list[Pick]
    front: NDArray[np.int64]
    whole_front: int


def unbeaten(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the rows that no other row beats: as good everywhere and better somewhere; larger is better.

    >>> unbeaten(np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 1.0]]))
    array([0, 1])
    """
    as_good = (scores[:, None, :] <= scores[None, :, :]).all(axis=2)
    better = (scores[:, None, :] < scores[None, :, :]).any(axis=2)
    beaten: NDArray[np.bool_] = np.any(as_good & better, axis=1) | ~np.isfinite(scores).all(axis=1)
    return np.flatnonzero(~beaten)


def balanced(scores: NDArray[np.float64]) -> int:
    """Return the row nearest to the best in everything, each aim measured by its spread among the rows."""
    spread = np.ptp(scores, axis=0)
    away = (scores.max(axis=0) - scores) / np.where(spread > 0, spread, 1.0)
    return int(np.argmin((away**2).sum(axis=1)))


def choose(question: PortfolioQuestion, tried: Tried) -> Chosen:
    """Pick mixes: for each aim the best, and a balanced one, by the mean and by the worst tenth; and yardsticks.

    Parameters
    ----------
    question : PortfolioQuestion
        What was asked.
    tried : Tried
        All mixes of the search.
    """
    options = question.options
    picks: list[Pick] = []
    for judged in ("mean", "worst"):
        good = signed(tried, question.aims, judged)
        rows = unbeaten(good)
        for place, aim in enumerate(question.aims):
            picks.append(Pick(f"best for {aim.name}", judged, tried.hours[rows[np.argmax(good[rows, place])]]))
        picks += _keeping_synergy(question, tried, good, judged)
        if len(question.aims) > 1:
            picks.append(Pick(BALANCED, judged, tried.hours[rows[balanced(good[rows])]]))
    plain = yardsticks(options["hours"]).items()
    picks += [Pick(name, "", hours_of(genes, options["hours"])) for name, genes in plain]
    good = signed(tried, question.aims, options["judged"])
    rows = unbeaten(good)
    return Chosen(picks, rows[_spread(good[rows], options["front"])], len(rows))


def _keeping_synergy(question: PortfolioQuestion, tried: Tried, good: NDArray[np.float64], judged: str) -> list[Pick]:
    """Return the mix that recovers fastest among those with no less synergy than the even one, when both are aims."""
    names = [aim.name for aim in question.aims]
    if not {"synergy", "recovery"} <= set(names):
        return []
    synergy, recovery = good[:, names.index("synergy")], good[:, names.index("recovery")]
    budget = question.options["hours"]
    least = synergy[tried.place(hours_of(yardsticks(budget)[EVEN], budget))]
    return [Pick(KEEPING, judged, tried.hours[np.argmax(np.where(synergy >= least, recovery, -np.inf))])]


def signed(tried: Tried, aims: Sequence[Aim], judged: str) -> NDArray[np.float64]:
    """Return scores turned so that more is better, (M, aims)."""
    return np.asarray(tried.scores(aims, judged) * np.array([aim.sign for aim in aims]))


def _spread(scores: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """Return up to n rows that lie far from each other: the best of each aim, then always the farthest."""
    size = np.ptp(scores, axis=0)
    places = scores / np.where(size > 0, size, 1.0)
    chosen = list(dict.fromkeys(map(int, scores.argmax(axis=0))))[:n]
    while len(chosen) < min(n, len(scores)):
        away = ((places[:, None, :] - places[chosen][None, :, :]) ** 2).sum(axis=2).min(axis=1)
        chosen.append(int(np.argmax(away)))
    return np.array(sorted(chosen), dtype=np.int64)


def to_try_again(tried: Tried, chosen: Chosen) -> NDArray[np.int64]:
    """Return the mixes of the second trial, each once, (m, 13) int64."""
    wanted = [*(pick.hours for pick in chosen.picks), *tried.hours[chosen.front]]
    return np.array(list(dict.fromkeys(tuple(map(int, hours)) for hours in wanted)))


@dataclass(frozen=True)
class Gain:
    """What a pick gains on the even mix, in the search and when tried again; positive is better.

    Attributes
    ----------
    aim : Aim
        For what.
    in_search, again, half : float
        Mean over draws of the difference, and the half 95% interval of the second (ignorance and luck).
    better : float
        Share of draws, in the second trial, in which its mean over lucks is better than that of the even mix. Luck is
        left in, so that a gain that is the same in every draw may stay below 1.
    """

    aim: Aim
    in_search: float
    again: float
    half: float
    better: float

    @property
    def shrunk(self) -> float:
        """Share of the gain that was the luck of the search; NaN where there was none."""
        return 1 - self.again / self.in_search if self.in_search > 0 else np.nan


def gain(aim: Aim, pick: Pick, even: Pick, tried: Tried, fresh: Tried) -> Gain:
    """Return what a pick gains on the even mix at an aim, paired by world.

    Parameters
    ----------
    aim : Aim
        For what.
    pick, even : Pick
        The mix, and the one to compare with.
    tried, fresh : Tried
        The search, and the second trial.
    """
    before = _difference(aim, tried, pick.hours, even.hours)
    after = _difference(aim, fresh, pick.hours, even.hours)
    there = after[np.isfinite(after)]
    half = t_half(there)
    better = float((there > 0).mean() + 0.5 * (there == 0).mean()) if there.size else np.nan
    return Gain(aim, float(np.nanmean(before)), float(np.nanmean(after)), half, better)


def t_half(values: NDArray[np.float64]) -> float:
    """Return half the 95% interval of a mean, NaN of fewer than two values.

    >>> round(t_half(np.array([0.0, 2.0])), 2)
    12.71
    """
    from scipy.stats import t

    n = values.size
    return float(t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan


def robust_gain(aim: Aim, pick: Pick, other: Pick, fresh: Tried, judged: str) -> tuple[float, float]:
    """Return how far a pick differs from another in the second trial, in the aim's unit, and half the 95% interval.

    Parameters
    ----------
    aim : Aim
        For what.
    pick, other : Pick
        Two mixes.
    fresh : Tried
        The second trial.
    judged : {'mean', 'worst'}
        By the mean over draws, or by the worst tenth of each mix's own.
    """
    pair = fresh.found[[fresh.place(pick.hours), fresh.place(other.hours)], OUTCOMES.index(aim.outcome)]
    which = JUDGED.index(judged)
    luck, n = np.random.default_rng(0), pair.shape[1]
    resampled = [mean_and_worst(pair[:, luck.integers(n, size=n)], aim.sign)[which] for _ in range(RESAMPLES)]
    ours, theirs = mean_and_worst(pair, aim.sign)[which]
    return float(ours - theirs), NORMAL * float(np.std(np.diff(resampled, axis=1)))


def _difference(aim: Aim, tried: Tried, hours: NDArray[np.int64], even: NDArray[np.int64]) -> NDArray[np.float64]:
    values = tried.found[:, OUTCOMES.index(aim.outcome)]
    return np.asarray((values[tried.place(hours)] - values[tried.place(even)]) * aim.sign)
