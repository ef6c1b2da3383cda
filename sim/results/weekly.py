"""Weekly metrics of an ensemble by name, and the weeks in which its partnerships were alive."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.core.metric_table import OBSERVED_NAMES
from sim.core.vocabulary import WEEKS_PER_YEAR, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.engine import Ensemble


def curve(ensemble: Ensemble, name: str) -> NDArray[np.float64]:
    """Return a weekly metric, (n, T + 1) float64; NaN after an ending."""
    return ensemble.weekly[:, :, OBSERVED_NAMES.index(name)]


def curves(ensemble: Ensemble) -> dict[str, NDArray[np.float64]]:
    """Return every observed weekly metric by its name, as ``curve`` does."""
    return {name: curve(ensemble, name) for name in OBSERVED_NAMES}


def last_alive(ensemble: Ensemble) -> NDArray[np.int64]:
    """Return the last week in which each partnership was alive, (n,) int64."""
    end = ensemble.weekly.shape[1] - 1
    return np.where(ensemble.status == Status.ALIVE, end, ensemble.ended_week - 1)


def last_year(ensemble: Ensemble) -> NDArray[np.bool_]:
    """Return which weeks are among the last 52 in which each partnership was alive, (n, T + 1) bool."""
    last, weeks = last_alive(ensemble)[:, None], np.arange(ensemble.weekly.shape[1])
    return np.asarray((weeks <= last) & (weeks > last - WEEKS_PER_YEAR))
