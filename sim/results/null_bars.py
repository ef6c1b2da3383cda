"""The null's bar: how far each manifestation of synergy gets by turnover alone, with the same founders."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sim.core.asked import Asked
from sim.core.engine import run_many
from sim.core.metric_table import COMPONENTS, OBSERVED_NAMES
from sim.core.scenario_json import from_line, to_line
from sim.core.vocabulary import Null, word

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.scenario import Scenario

BAR_RUNS = 300
BAR_SEED = 20_180_101
BAR_PERCENTILE = 95.0


def null_bars(scenario: Scenario) -> NDArray[np.float64]:
    """Return the bars of a case: the 95th percentile of each manifestation over runs of the null, by week.

    The null is *turnover only*: people come, meet nobody, exchange and learn nothing, and go. One bar serves all
    points that differ in numbers of the parameter table alone.

    Parameters
    ----------
    scenario : Scenario
        The case with its founders.

    Returns
    -------
    (T + 1, 4) float64
        0 where the null has no value (in a null nobody works together, so integration is 0 by definition).
    """
    plain = replace(scenario, questionnaire_weeks=(), null_model=word(Null.TURNOVER_ONLY))
    return _bars(to_line(plain))


@lru_cache(maxsize=512)
def _bars(line: str) -> NDArray[np.float64]:
    ensemble = run_many(from_line(line), BAR_SEED, range(BAR_RUNS), threads=1, asked=Asked(COMPONENTS))
    places = [OBSERVED_NAMES.index(name) for name in COMPONENTS]
    with warnings.catch_warnings():
        # A week in which nobody is left in any run has no percentile.
        warnings.simplefilter("ignore", RuntimeWarning)
        bars = np.nanpercentile(ensemble.weekly[:, :, places], BAR_PERCENTILE, axis=0)
    return np.nan_to_num(bars)
