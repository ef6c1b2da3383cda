"""Runs a slice of a plan in the compiled core and returns its tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sim.config.target_quantities import MEASURED
from sim.core.metric_table import OBSERVED_NAMES, RESPONDENT_COLUMNS, SEAT_COLUMNS, SEAT_SUMMARIES, Metric
from sim.results.panels import SEAT_KEYS, Piece, answer_columns, answer_piece, joined, no_rows, seat_piece
from sim.results.summaries import run_columns, summary
from sim.results.tables import number_column
from sim.sweeps.group import Group, Shape, shape_of
from sim.sweeps.pieces import seat_summaries, weekly_piece

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.engine import Ensemble, Recorded
    from sim.core.scenario import Scenario
    from sim.sweeps.plan import RecordOptions

BLOCK_BYTES = 20_000_000
"""Weekly metrics that are in memory at one time, per worker."""

Tables = dict[str, pa.Table]
LEFT_OUT = ("variant",)
QUANTITY_COLUMNS = {row.column().name: row.column() for row in MEASURED.values()}


@dataclass(frozen=True)
class Failure:
    """A run that could not be done, and why."""

    run: int
    reason: str


class Evaluator:
    """Runs rows of a plan.

    Parameters
    ----------
    variants : sequence of Scenario
        Scenarios to which the plan's rows refer.
    want : RecordOptions
        What is recorded.
    """

    def __init__(self, variants: Sequence[Scenario], want: RecordOptions) -> None:
        self._variants = variants
        self._want = want

    @cached_property
    def columns(self) -> dict[str, Metric]:
        """Columns of ``runs`` that are results, over all variants."""
        found: dict[str, Metric] = {}
        for scenario in self._variants:
            found |= run_columns(scenario if self._want.shocks else replace(scenario, shocks=()))
        found |= SEAT_SUMMARIES if self._want.seats else {}
        return found | (QUANTITY_COLUMNS if self._want.quantities else {})

    def block_runs(self) -> int:
        """Return how many runs are evaluated together, so that what is recorded of them needs little memory."""
        weeks = max(scenario.weeks for scenario in self._variants) + 1
        room = max(shape_of(scenario, self._want)[1] for scenario in self._variants)
        numbers = weeks * len(OBSERVED_NAMES)
        if self._want.seats:
            numbers += len(self._want.seat_weeks(weeks)) * room * len(SEAT_COLUMNS)
        if self._want.respondents:
            waves = max(len(scenario.questionnaire_weeks) for scenario in self._variants)
            numbers += waves * room * len(RESPONDENT_COLUMNS)
        return max(1, BLOCK_BYTES // (numbers * 8))

    def evaluate(self, rows: pa.Table) -> tuple[Tables, list[Failure]]:
        """Run some rows of the plan.

        Parameters
        ----------
        rows : Table
            Rows of ``plan.parquet``, at most ``block_runs`` of them.

        Returns
        -------
        tables : dict of str to Table
            ``runs`` and what else is recorded, in the order of the rows.
        failures : list of Failure
            Runs that could not be done; they are in no table.
        """
        try:
            tables = self._run(rows)
        except Exception as error:
            if rows.num_rows == 1:
                reason = f"{type(error).__name__}: {next(iter(str(error).splitlines()), '')}"
                return self.nothing(rows), [Failure(rows["run"][0].as_py(), reason)]
            # One of them fails: halves, until it stands alone.
            half = rows.num_rows // 2
            parts = [self.evaluate(part) for part in (rows.slice(0, half), rows.slice(half))]
            both = {name: pa.concat_tables([part[0][name] for part in parts]) for name in parts[0][0]}
            return both, parts[0][1] + parts[1][1]
        return tables, []

    def nothing(self, rows: pa.Table) -> Tables:
        """Return the tables of no runs."""
        runs = np.empty((0, len(self.columns)))
        weekly = no_rows(("run", "week"), len(self._want.weekly_columns()))
        keys, columns = answer_columns(self._want.respondents)
        answers = no_rows(keys, len(columns))
        return self._tables(rows.slice(0, 0), runs, [weekly], [no_rows(SEAT_KEYS, len(SEAT_COLUMNS))], [answers])

    def _run(self, rows: pa.Table) -> Tables:
        groups: dict[Shape, list[int]] = {}
        for place, variant in enumerate(rows["variant"].to_pylist()):
            groups.setdefault(self._shapes[variant], []).append(place)
        names = list(self.columns)
        runs = np.full((rows.num_rows, len(names)), np.nan)
        found: list[tuple[Piece, Piece, Piece]] = []
        for places in groups.values():
            members = np.array(places)
            group = Group(rows.take(members), self._variants, self._want)
            ensemble, recorded = group.run()
            _put(runs, members, names, tuple(run_columns(ensemble.scenario)), summary(ensemble, group.run_again))
            if self._want.seats:
                _put(runs, members, names, tuple(SEAT_SUMMARIES), seat_summaries(recorded.seats))
            if self._want.quantities:
                _put(runs, members, names, tuple(QUANTITY_COLUMNS), group.quantities(ensemble))
            found.append(self._pieces(group.numbers, ensemble, recorded))
        _refuse_infinite(runs, names)
        return self._tables(rows, runs, *(list(pieces) for pieces in zip(*found, strict=True)))

    @cached_property
    def _shapes(self) -> list[Shape]:
        return [shape_of(scenario, self._want) for scenario in self._variants]

    def _pieces(self, numbers: NDArray[np.int64], ensemble: Ensemble, recorded: Recorded) -> tuple[Piece, Piece, Piece]:
        want, scenario = self._want, ensemble.scenario
        return (
            weekly_piece(numbers, ensemble, want) if want.weekly else {},
            seat_piece(numbers, recorded.seats, want.seat_weeks(scenario.weeks)) if want.seats else {},
            answer_piece(numbers, recorded, scenario.questionnaire_weeks, want.respondents) if want.answers else {},
        )

    def _tables(
        self,
        rows: pa.Table,
        runs: NDArray[np.float64],
        weekly: list[Piece],
        seats: list[Piece],
        answers: list[Piece],
    ) -> Tables:
        results = {name: number_column(runs[:, i]) for i, name in enumerate(self.columns)}
        kept = {name: rows[name] for name in rows.column_names if name not in LEFT_OUT}
        tables = {"runs": pa.table(kept | results).combine_chunks()}
        if self._want.weekly:
            tables["weekly"] = joined(weekly, ("run", "week"), self._want.weekly_columns())
        if self._want.seats:
            tables["seats"] = joined(seats, SEAT_KEYS, tuple(SEAT_COLUMNS))
        if self._want.answers:
            keys, columns = answer_columns(self._want.respondents)
            tables["answers"] = joined(answers, keys, tuple(columns))
        return tables


def _put(
    table: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: Sequence[str],
    names: Sequence[str],
    values: NDArray[np.float64],
) -> None:
    """Write values into some rows and the named columns of a table, in place."""
    table[np.ix_(rows, np.array([columns.index(name) for name in names]))] = values


def _refuse_infinite(runs: NDArray[np.float64], names: list[str]) -> None:
    bad = np.argwhere(np.isinf(runs))
    if bad.size:
        raise ArithmeticError(f"{names[bad[0, 1]]} is not a finite number")
