"""What is recorded of runs besides their summary: the weekly metrics, the seats, the answers, as columns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sim.core.metric_table import METRICS, QUESTIONNAIRE, SEAT_COLUMNS, SEAT_SUMMARIES
from sim.core.vocabulary import Role
from sim.results.means import mean_there
from sim.results.summaries import weekly_metrics
from sim.results.tables import number_column, whole_number_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.engine import Ensemble
    from sim.sweeps.plan import RecordOptions

ANSWER_COLUMNS = (*(row.name for row in QUESTIONNAIRE), "returned")
Piece = dict[str, "NDArray[Any]"]
"""Columns ``run``, ``week``, perhaps ``seat`` (k,) int64, and ``values`` (k, n_columns) float64."""


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


def seat_piece(numbers: NDArray[np.int64], seats: NDArray[np.float64], period: int) -> Piece:
    """Return one row per run, recorded week and seat; slots that are no seat are left out."""
    run, record, seat = np.nonzero(np.isfinite(seats[:, :, :, 0]))
    return {"run": numbers[run], "week": (record + 1) * period, "seat": seat, "values": seats[run, record, seat]}


def answer_piece(numbers: NDArray[np.int64], ensemble: Ensemble) -> Piece:
    """Return one row per run and wave of the questionnaire."""
    waves = np.array(ensemble.scenario.questionnaire_weeks, dtype=np.int64)
    n = numbers.size
    values = ensemble.answers.reshape(n * waves.size, -1)
    return {"run": np.repeat(numbers, waves.size), "week": np.tile(waves, n), "values": values}


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


def joined(pieces: list[Piece], keys: tuple[str, ...], names: tuple[str, ...]) -> pa.Table:
    """Join the pieces of all groups, in the order of the runs."""
    run = np.concatenate([piece["run"] for piece in pieces])
    order = np.argsort(run, kind="stable")
    columns = {key: whole_number_column(np.concatenate([piece[key] for piece in pieces])[order]) for key in keys}
    values = np.concatenate([piece["values"] for piece in pieces])[order]
    return pa.table(columns | {name: number_column(values[:, i]) for i, name in enumerate(names)})


def no_weeks(columns: int) -> Piece:
    """Return the metrics of no run."""
    return {"run": _NO_RUN, "week": _NO_RUN, "values": np.empty((0, columns))}


def no_seats() -> Piece:
    """Return the seats of no run."""
    return {"run": _NO_RUN, "week": _NO_RUN, "seat": _NO_RUN, "values": np.empty((0, len(SEAT_COLUMNS)))}


def no_answers() -> Piece:
    """Return the answers of no run."""
    return {"run": _NO_RUN, "week": _NO_RUN, "values": np.empty((0, len(ANSWER_COLUMNS)))}


_NO_RUN = np.empty(0, dtype=np.int64)
