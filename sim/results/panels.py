"""Tables beside the row of a run, on request: each seat at some weeks, answers to the questionnaire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sim.core.metric_table import QUESTIONNAIRE, RESPONDENT_COLUMNS, SEAT_COLUMNS, Metric
from sim.results.folder import column_row
from sim.results.tables import number_column, repeated_column, whole_number_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.config.kept import Kept
    from sim.core.engine import Ensemble, Recorded

Piece = dict[str, "NDArray[Any]"]
"""Columns ``run``, ``week``, perhaps ``seat`` (k,) int64, and ``values`` (k, n_columns) float64."""

RETURNED = Metric("returned", "count", 0, 1000, "none", "Questionnaires returned.")
MEAN_COLUMNS: dict[str, Metric] = {row.name: row for row in (*QUESTIONNAIRE, RETURNED)}
"""Means of a wave."""

SEAT_KEYS, MEAN_KEYS = ("run", "week", "seat"), ("run", "week")


def answer_columns(by_seat: bool) -> tuple[tuple[str, ...], dict[str, Metric]]:
    """Return the keys and the columns of the table of answers: of each respondent, or means of each wave."""
    return (SEAT_KEYS, RESPONDENT_COLUMNS) if by_seat else (MEAN_KEYS, MEAN_COLUMNS)


def seat_piece(numbers: NDArray[np.int64], seats: NDArray[np.float64], weeks: Sequence[int]) -> Piece:
    """Return one row per run, recorded week and seat; slots that are no seat, or gave no answers, are left out.

    Parameters
    ----------
    numbers : (n,) int64
        Numbers of the runs.
    seats : (n, K, room, columns) float64
        Each seat at each of the weeks, as ``Ensemble.seats`` and ``Ensemble.respondents`` hold them; the role, which
        is never missing, first.
    weeks : sequence of int
        The K weeks.
    """
    run, record, seat = np.nonzero(np.isfinite(seats[:, :, :, 0]))
    when = np.array(weeks, dtype=np.int64)[record]
    return {"run": numbers[run], "week": when, "seat": seat, "values": seats[run, record, seat]}


def answer_piece(
    numbers: NDArray[np.int64], found: Recorded | Ensemble, waves: Sequence[int], by_seat: bool
) -> Piece:
    """Return the answers to the questionnaire.

    Parameters
    ----------
    numbers : (n,) int64
        Numbers of the runs.
    found : Recorded or Ensemble
        What was recorded of them.
    waves : sequence of int
        Weeks of the questionnaire.
    by_seat : bool
        Whether there is one row per run, wave and respondent, in place of means and the number returned of each wave.
    """
    if by_seat:
        return seat_piece(numbers, found.respondents, waves)
    n, k = found.answers.shape[:2]
    week = np.tile(np.array(waves, dtype=np.int64), n)
    return {"run": np.repeat(numbers, k), "week": week, "values": found.answers.reshape(n * k, -1)}


def no_rows(keys: Sequence[str], columns: int) -> Piece:
    """Return a piece without rows."""
    return {key: np.empty(0, dtype=np.int64) for key in keys} | {"values": np.empty((0, columns))}


def joined(pieces: Sequence[Piece], keys: Sequence[str], names: Sequence[str]) -> pa.Table:
    """Join pieces into a table, in the order of the runs."""
    run = np.concatenate([piece["run"] for piece in pieces])
    order = np.argsort(run, kind="stable")
    columns = {key: whole_number_column(np.concatenate([piece[key] for piece in pieces])[order]) for key in keys}
    values = np.concatenate([piece["values"] for piece in pieces])[order]
    return pa.table(columns | {name: number_column(values[:, i]) for i, name in enumerate(names)})


def panel_tables(case: str, scenario: str, numbers: NDArray[np.int64], found: Ensemble, kept: Kept) -> dict[str, pa.Table]:
    """Return what is kept of replicates of one scenario, as tables by their names: seats, answers.

    Parameters
    ----------
    case, scenario : str
        Names, repeated in every row.
    numbers : (n,) int64
        Numbers of the replicates.
    found : Ensemble
        What was recorded of them.
    kept : Kept
        What is kept.
    """
    tables = {}
    weeks, waves = found.scenario.weeks, found.scenario.questionnaire_weeks
    if kept.seats:
        tables["seats"] = joined([seat_piece(numbers, found.seats, kept.seat_weeks(weeks))], SEAT_KEYS, tuple(SEAT_COLUMNS))
    if kept.answers:
        by_seat = kept.answers == "seats"
        keys, columns = answer_columns(by_seat)
        tables["answers"] = joined([answer_piece(numbers, found, waves, by_seat)], keys, tuple(columns))
    return {name: _of_replicates(case, scenario, table) for name, table in tables.items()}


def _of_replicates(case: str, scenario: str, table: pa.Table) -> pa.Table:
    """Return a table whose runs are replicates of one scenario."""
    front = {"case": repeated_column(case, table.num_rows), "scenario": repeated_column(scenario, table.num_rows)}
    return pa.table(front | {"replicate" if name == "run" else name: table[name] for name in table.column_names})


def panel_column_rows(kept: Kept) -> list[dict[str, object]]:
    """Return the data dictionary of what is kept: one row per column of each file."""
    tables = {"seats": (SEAT_KEYS, SEAT_COLUMNS), "answers": answer_columns(kept.answers == "seats")}
    rows: list[dict[str, object]] = []
    for name in kept.tables():
        keys, columns = tables[name]
        rows += [column_row(key, f"{name}.parquet", meaning, unit, 0) for key, unit, meaning in _FRONT if key in keys]
        rows += [
            column_row(row.name, f"{name}.parquet", row.meaning, row.unit, row.low, row.high, row.good)
            for row in columns.values()
        ]
    return rows


_FRONT = (("week", "weeks", "Weeks since the start of the partnership."), ("seat", "count", "Number of the seat."))
