"""How many runs a precision takes: more parameter sets while there are any, then more lucks of each."""

from __future__ import annotations

import math

import numpy as np

from sim.analysis.comparison.differences import ALPHA, Nested
from sim.core.errors import UserError

MOST_RUNS = 100_000
"""Upper limit of runs of one plan."""
FEWEST_DRAWS, FEWEST_LUCKS = 30, 2
"""With fewer, shares of parameter sets say little, and luck cannot be separated from them."""


def enough(pilot: Nested, precision: float, draws: int, name: str) -> tuple[int, int]:
    """Return how many draws, and how many lucks of each, give an interval of a half width.

    Parameters
    ----------
    pilot : Nested
        The difference as a pilot showed it, with several lucks per draw.
    precision : float
        Half width of the 95% interval that is asked for.
    draws : int
        Parameter sets that there are.
    name : str
        The outcome, for what is said when it cannot be reached.

    Raises
    ------
    UserError
        When what is not known of the parameters, or patience, does not allow it (it says what can be reached), or when
        the pilot had too few values.
    """
    between = pilot.between if draws > 1 else 0.0
    if not np.isfinite(between + pilot.within):
        raise UserError(f"precision: too few runs have a value of {name}; give draws and lucks")

    def half(chosen: int, lucks: int) -> float:
        return _half(between, pilot.within, chosen, lucks)

    for chosen in range(min(draws, FEWEST_DRAWS), draws + 1, 4) if draws > 1 else ():
        if half(chosen, FEWEST_LUCKS) <= precision:
            return chosen, FEWEST_LUCKS
    best = half(draws, MOST_RUNS // draws)
    if best > precision:
        raise UserError(
            f"precision={precision:g} of {name} cannot be reached: {draws} parameter sets of "
            f"{MOST_RUNS // draws:,} runs would leave ±{best:.2g}; give precision={_up(best):g} or more"
        )
    return draws, next(n for n in range(FEWEST_LUCKS, MOST_RUNS // draws + 1) if half(draws, n) <= precision)


def _half(between: float, within: float, draws: int, lucks: int) -> float:
    """Return the half width of the interval."""
    from scipy.stats import t

    freedom = draws - 1 if draws > 1 else lucks - 1
    if not freedom:
        return math.inf
    error = math.sqrt((between**2 + within**2 / lucks) / draws)
    return float(t.ppf(1 - ALPHA / 2, freedom)) * error


def _up(number: float) -> float:
    """Return a number with two digits that is not below another.

    >>> _up(0.01234)
    0.013
    """
    step = 10.0 ** (math.floor(math.log10(number)) - 1) if number > 0 else 1.0
    return float(f"{math.ceil(number / step) * step:.2g}")
