"""What is recorded of runs besides their summary: the weekly metrics as columns, and what seats add to the summary."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.core.metric_table import METRICS, SEAT_COLUMNS, SEAT_SUMMARIES
from sim.core.vocabulary import Role
from sim.results.means import mean_there
from sim.results.summaries import weekly_metrics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.engine import Ensemble
    from sim.results.panels import Piece
    from sim.sweeps.plan import RecordOptions


def weekly_piece(numbers: NDArray[np.int64], ensemble: Ensemble, want: RecordOptions) -> Piece:
    """Return the metrics that are kept, one row per run and week of the period."""
    period, places = want.weekly, [_METRIC[name] for name in want.weekly_columns()]
    weekly = weekly_metrics(replace(ensemble, weekly=ensemble.weekly[:, ::period]))[:, :, places]
    n, weeks, _ = weekly.shape
    return {
        "run": np.repeat(numbers, weeks),
        "week": np.tile(np.arange(weeks) * period, n),
        "values": weekly.reshape(n * weeks, -1),
    }


def seat_summaries(seats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what the seat panel adds to the row of a run.

    Parameters
    ----------
    seats : (n, K, room, N_SEAT_COLUMNS) float64
        Seats at each recorded week; NaN after an ending.

    Returns
    -------
    (n, 4) float64
        In the order of ``SEAT_SUMMARIES``; NaN where missing.
    """
    n, records = seats.shape[:2]
    if records == 0:
        return np.full((n, len(SEAT_SUMMARIES)), np.nan)
    alive = np.asarray(np.isfinite(seats[..., _PLACE["role"]]).any(axis=2))
    last = records - 1 - alive[:, ::-1].argmax(axis=1)
    now = seats[np.arange(n), last]
    member = np.isfinite(now[..., _PLACE["person"]])
    active = member & (now[..., _PLACE["active"]] == 1)
    role = now[..., _PLACE["role"]]
    coordinator = member & (role == Role.COORDINATOR)
    benefit, drawback = now[..., _PLACE["benefit"]], now[..., _PLACE["drawback"]]
    sectors = np.sum([(active & (role == float(code))).any(axis=1) for code in Role], axis=0)
    share = np.divide(benefit, benefit + drawback, out=np.zeros(benefit.shape), where=member & (benefit + drawback > 0))
    return np.column_stack(
        [
            mean_there(active.astype(float), 1, member),
            np.where(np.asarray(alive.any(axis=1)), sectors.astype(np.float64), np.nan),
            mean_there(now[..., _PLACE["tenure"]], 1, coordinator),
            mean_there(share, 1, member & (benefit + drawback > 0)),
        ]
    )


_METRIC = {name: place for place, name in enumerate(METRICS)}
_PLACE = {name: place for place, name in enumerate(SEAT_COLUMNS)}
