"""What a search for portfolios says, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.analysis.portfolios.choose import BALANCED, KEEPING, Pick, robust_gain
from sim.analysis.portfolios.mixes import NAMES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.portfolios.question import Aim
    from sim.analysis.portfolios.result import PortfolioResult

NAMED = 4
DIGITS = {"synergy": 2, "recovery": 1, "fairness": 3}


def portfolio_sentences(result: PortfolioResult) -> list[str]:
    """Return a sentence per aim, on recovery that costs no synergy, balance, robustness and the luck of the search."""
    question = result.question
    case = str(question.options["case"]).upper()
    picks = {pick.title(): pick for pick in result.chosen.picks}
    parts = []
    for place, aim in enumerate(question.aims):
        pick = picks[f"best for {aim.name}, mean"]
        parts.append(
            f"{case}, {aim.meaning} within {question.options['hours']} hours a week: {largest(pick.hours)}; "
            f"{_against_even(result, pick, place)}."
        )
    if f"{KEEPING}, mean" in picks:
        pick = picks[f"{KEEPING}, mean"]
        parts.append(f"{case}, {KEEPING} than the even mix: {largest(pick.hours)}; {_at_all(result, pick)}.")
    if f"{BALANCED}, mean" in picks:
        pick = picks[f"{BALANCED}, mean"]
        parts.append(f"{case}, balanced: {largest(pick.hours)}; {_at_all(result, pick)}.")
    parts += [_robust(result, aim, picks) for aim in question.aims]
    parts.append(_luck(result))
    return parts


def largest(hours: Sequence[int] | NDArray[np.int64]) -> str:
    """Return the levers of a mix that get most hours, given those of all levers."""
    order = np.argsort(-np.asarray(hours), kind="stable")[:NAMED]
    named = [f"{NAMES[place].replace('_', ' ')} {hours[place]} h" for place in order if hours[place]]
    return ", ".join(named) + f" (of {sum(hours)} h)"


def number(aim: Aim, value: float) -> str:
    """Write a difference in the unit of an aim, with its sign."""
    return f"{round(value, DIGITS[aim.name]) + 0.0:+.{DIGITS[aim.name]}f} {aim.unit}"


def _against_even(result: PortfolioResult, pick: Pick, place: int) -> str:
    """Tell what a mix gains on the even one at one aim."""
    if np.array_equal(pick.hours, result.even().hours):
        return "no mix was found that is better than the even one"
    gain = result.gains(pick)[place]
    aim = gain.aim
    return (
        f"against an even mix {number(aim, gain.again * aim.sign)} (give or take {gain.half:.{DIGITS[aim.name]}f}), "
        f"better in {gain.better:.0%} of the parameter sets that were tried, luck left in"
    )


def _at_all(result: PortfolioResult, pick: Pick) -> str:
    """Tell what a mix gains on the even one at every aim."""
    return ", ".join(
        f"{gain.aim.name} {_between(gain.aim, (gain.again * gain.aim.sign, gain.half))}" for gain in result.gains(pick)
    )


def _robust(result: PortfolioResult, aim: Aim, picks: dict[str, Pick]) -> str:
    """Say whether judging by the worst tenth of draws leads to another mix, and what that changes."""
    by_mean, by_worst = picks[f"best for {aim.name}, mean"], picks[f"best for {aim.name}, worst"]
    case = str(result.question.options["case"]).upper()
    if np.array_equal(by_mean.hours, by_worst.hours):
        return f"{case}, {aim.name}: judged by the worst tenth of plausible parameter sets the same mix is best."
    worst, mean = (robust_gain(aim, by_worst, by_mean, result.fresh, judged) for judged in ("worst", "mean"))
    return (
        f"{case}, {aim.name}: judged by the worst tenth of plausible parameter sets another mix is picked "
        f"({largest(by_worst.hours)}): {_between(aim, worst)} in the worst tenth, {_between(aim, mean)} on average, "
        "tried again."
    )


def _between(aim: Aim, shown: tuple[float, float]) -> str:
    value, half = shown
    return f"{number(aim, value)} (give or take {half:.{DIGITS[aim.name]}f})"


def _luck(result: PortfolioResult) -> str:
    """Say how much of what the search promised was its luck."""
    picks = {pick.title(): pick for pick in result.chosen.picks}
    parts = []
    for place, aim in enumerate(result.question.aims):
        gain = result.gains(picks[f"best for {aim.name}, mean"])[place]
        before, after = (number(aim, value * aim.sign) for value in (gain.in_search, gain.again))
        shrunk = f", {gain.shrunk:.0%} less" if gain.shrunk > 0 else ""
        parts.append(f"{aim.name} {before} in the search, {after} in other worlds{shrunk}")
    return f"Winner's curse, gain of the best mix on the even one: {'; '.join(parts)}."
