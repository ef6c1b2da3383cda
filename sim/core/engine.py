"""The engine: many runs at once, in groups of lanes and in threads, each by the compiled loop of ``sim.core.loop``.

No run depends on another: each writes its own rows, draws its random numbers by address and shares nothing with the
runs beside it. So the bits are the same for any number of lanes and threads, any companions and any order.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from sim.core._jit import is_compiled, most_threads
from sim.core.asked import EVERYTHING, Asked
from sim.core.inputs import (
    FOUNDING,
    PARAMS,
    Foundings,
    as_numbers,
    fill_founding,
    fill_settings,
    room_for,
    settings_of_runs,
    stack_foundings,
    structures,
)
from sim.core.lanes.records import Record
from sim.core.loop import SURVEY, run_group
from sim.core.metric_table import N_OBSERVED, RESPONDENT_COLUMNS, SEAT_COLUMNS
from sim.core.metrics import HISTORY, OBSERVED, WEEKLY, asked_record
from sim.core.rng import MAX_SEED
from sim.core.rules.questionnaire import N_DIMENSIONS
from sim.core.scenario import Scenario, ScenarioError
from sim.core.seat_panel import PANEL
from sim.core.state import CONTEXT, FLOWS, NOW, PRACTICE, STATE, blank_records, room_in_memory

__all__ = [
    "Batch",
    "Ensemble",
    "Recorded",
    "check_key",
    "is_compiled",
    "most_threads",
    "run_batch",
    "run_many",
]

WIDTH = 8
"""Runs side by side: as many doubles as the widest registers hold. Results do not depend on it."""

NARROW = 1
"""Runs side by side where eight would need too much memory: the one other number of lanes that is compiled anyway."""

BENCH_BYTES = 64_000_000
"""Memory for the records of one thread, which grow with the square of the seats: more than that, and runs go one by
one, each in as much as it needs (57 MB with 1,000 seats)."""


@dataclass(frozen=True)
class Batch:
    """Runs that share their length and what is recorded of them, ready for the compiled loop.

    Attributes
    ----------
    table : (1,) or (n,) record array
        Settings, one row for all runs or one per run (``sim.core.inputs``).
    foundings : Foundings
        Founding compositions.
    which : (n,) int64
        Row of ``foundings`` of each run.
    keys : (n, 2) int64
        Seed and replicate of each run, each from 0 to 2**32 - 1.
    room : int
        Seats that there is room for.
    weeks : int
        Length of the runs.
    waves, seat_weeks : (W,) and (K,) int64
        Weeks after which members are surveyed and after which seats are recorded.
    asked : Asked
        Which metrics are observed, and in which weeks.
    respondents : bool
        Whether the answers of each respondent are kept, beside their means.
    """

    table: NDArray[np.void]
    foundings: Foundings
    which: NDArray[np.int64]
    keys: NDArray[np.int64]
    room: int
    weeks: int
    waves: NDArray[np.int64]
    seat_weeks: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    asked: Asked = EVERYTHING
    respondents: bool = False

    @property
    def respondent_room(self) -> int:
        """Seats whose answers there is room for: all, or none."""
        return self.room if self.respondents else 0


@dataclass(frozen=True)
class Recorded:
    """What was recorded of a batch; NaN is missing.

    Attributes
    ----------
    weekly : (n, T + 1, N_OBSERVED) float64
        Observed metrics; missing where not asked for.
    answers : (n, W, 11) float64
        Mean answers to the questionnaire and number returned, per wave.
    seats : (n, K, room, N_SEAT_COLUMNS) float64
        Each seat at each of the weeks of the batch.
    ends : (n, 2) int64
        ``Status`` and week of ending (-1 if alive).
    respondents : (n, W, room, N_RESPONDENT_COLUMNS) float64
        Each respondent at each wave, where that is asked for; no seats where not.
    """

    weekly: NDArray[np.float64]
    answers: NDArray[np.float64]
    seats: NDArray[np.float64]
    ends: NDArray[np.int64]
    respondents: NDArray[np.float64] = field(default_factory=lambda: _no_respondents())


def bench_bytes(batch: Batch, width: int) -> int:
    """Return the memory that the records of a bench take."""
    room, weeks = room_in_memory(batch.room), batch.weeks + 1
    by_seats = (STATE, CONTEXT, FLOWS, PRACTICE, PARAMS, FOUNDING)
    by_weeks = HISTORY.bytes(width, 0, weeks) + WEEKLY.bytes(width, 0, weeks)
    survey = SURVEY.bytes(width, batch.respondent_room, batch.waves.size)
    panel = PANEL.bytes(width, room, batch.seat_weeks.size)
    return sum(layout.bytes(width, room, 0) for layout in by_seats) + by_weeks + survey + panel


def width_for(batch: Batch) -> int:
    """Return how many runs are done side by side: few where many would need too much memory."""
    return WIDTH if bench_bytes(batch, WIDTH) <= BENCH_BYTES else NARROW


def _no_respondents() -> NDArray[np.float64]:
    return np.empty((0, 0, 0, len(RESPONDENT_COLUMNS)))


class Bench:
    """Records for one group at a time; each thread has its own."""

    def __init__(self, batch: Batch, width: int) -> None:
        self._batch, self._width = batch, width
        self._settings = as_numbers(batch.table)
        self.partnership = blank_records(width, batch.room)
        room = self.partnership.state._n
        self.params, self.founding = Record(PARAMS, width), Record(FOUNDING, width, room)
        self.now, self.observed = Record(NOW, width), Record(OBSERVED, width)
        self._asked = asked_record(batch.asked, width)
        self._history = Record(HISTORY, width, t=batch.weeks + 1)
        self._weekly = Record(WEEKLY, width, t=batch.weeks + 1)
        self._survey = Record(SURVEY, width, batch.respondent_room, batch.waves.size)
        self._panel = Record(PANEL, width, room, batch.seat_weeks.size)
        self._survey._views["week"][:] = batch.waves[:, None]
        self._panel._views["week"][:] = batch.seat_weeks[:, None]
        self._filled: tuple[bytes, bytes] = (b"", b"")

    def run(self, rows: NDArray[np.int64], recorded: Recorded) -> None:
        """Run rows of the batch side by side; what is recorded of each goes into its own rows."""
        batch = self._batch
        self.fill(rows)
        side_by_side = len(rows) == self._width == rows[-1] - rows[0] + 1
        weekly = recorded.weekly[rows[0] : rows[-1] + 1] if side_by_side else self._blank_weekly()
        self._weekly.rest_on(weekly)
        state, context, flows, practice = self.partnership
        run_group(
            state,
            context,
            flows,
            self.params,
            practice,
            self.now,
            self.founding,
            self._asked,
            self.observed,
            self._history,
            self._weekly,
            self._survey,
            self._panel,
        )
        n = len(rows)
        if not side_by_side:
            recorded.weekly[rows] = weekly[:n]
        if batch.waves.size:
            recorded.answers[rows] = _by_run(self._survey.answers)[:n]
            if batch.respondents:
                recorded.respondents[rows] = _by_run(self._survey.respondents)[:n, :, : batch.room]
        if batch.seat_weeks.size:
            recorded.seats[rows] = _by_run(self._panel.seats)[:n, :, : batch.room]
        recorded.ends[rows, 0], recorded.ends[rows, 1] = state.status[:n], state.ended_week[:n]

    def _blank_weekly(self) -> NDArray[np.float64]:
        return np.full((self._width, self._batch.weeks + 1, N_OBSERVED), np.nan)

    def fill(self, rows: NDArray[np.int64]) -> None:
        """Write into the lanes what the rows begin with; what is there from the group before stays."""
        batch = self._batch
        for record in self.partnership:
            record.clear()
        settings = self._settings[rows] if len(self._settings) > 1 else self._settings
        which = batch.which[rows]
        filled = (settings.tobytes(), self._lanes(which).tobytes())
        if filled[0] != self._filled[0]:
            fill_settings(self.params, settings)
        if filled[1] != self._filled[1]:
            fill_founding(self.founding, batch.foundings, which)
        self._filled = filled
        self.now.seed, self.now.replicate = self._lanes(batch.keys[rows, 0]), self._lanes(batch.keys[rows, 1])
        if batch.waves.size:
            self._survey.answers[:] = np.nan
            self._survey.respondents[:] = np.nan
        if batch.seat_weeks.size:
            self._panel.seats[:] = np.nan
            self._panel.tally[:] = 0.0
            self._panel.recorded = 0

    def _lanes(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return one value per lane; lanes without a run do what the first does."""
        return np.concatenate([values, np.full(self._width - len(values), values[0])])


def _by_run(lanes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a field with the lanes, its last axis, as the first axis."""
    return np.moveaxis(np.asarray(lanes), -1, 0)


def groups(batch: Batch, width: int) -> Iterator[NDArray[np.int64]]:
    """Yield rows that can run side by side: at most ``width`` rows of one structure, in the order of the batch."""
    n = len(batch.keys)
    _, structure = np.unique(structures(batch.table), axis=0, return_inverse=True)
    structure = np.broadcast_to(structure.reshape(-1), n)
    for one in range(structure.max(initial=-1) + 1):
        rows = np.flatnonzero(structure == one)
        for start in range(0, len(rows), width):
            yield rows[start : start + width]


def run_batch(batch: Batch, threads: int | None = None, width: int | None = None) -> Recorded:
    """Run a batch.

    Parameters
    ----------
    batch : Batch
        The runs.
    threads : int, optional
        Threads to use; by default all. Results do not depend on it.
    width : int, optional
        Runs side by side; by default as many as memory allows (``width_for``). Results do not depend on it.
    """
    width = width or width_for(batch)
    n = len(batch.keys)
    recorded = Recorded(
        np.full((n, batch.weeks + 1, N_OBSERVED), np.nan),
        np.full((n, batch.waves.size, N_DIMENSIONS + 1), np.nan),
        np.full((n, batch.seat_weeks.size, batch.room, len(SEAT_COLUMNS)), np.nan),
        np.empty((n, 2), dtype=np.int64),
        np.full((n, batch.waves.size, batch.respondent_room, len(RESPONDENT_COLUMNS)), np.nan),
    )
    waiting = list(groups(batch, width))
    workers = min(threads or most_threads(), most_threads(), max(len(waiting), 1))
    if workers == 1:
        bench = Bench(batch, width)
        for rows in waiting:
            bench.run(rows, recorded)
        return recorded
    benches: queue.SimpleQueue[Bench] = queue.SimpleQueue()
    for _ in range(workers):
        benches.put(Bench(batch, width))

    def work(rows: NDArray[np.int64]) -> None:
        bench = benches.get()
        try:
            bench.run(rows, recorded)
        finally:
            benches.put(bench)

    pool = ThreadPoolExecutor(workers)
    try:
        for done in [pool.submit(work, rows) for rows in waiting]:
            done.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return recorded


@dataclass(frozen=True)
class Ensemble:
    """Results of many runs of one scenario.

    Attributes
    ----------
    scenario : Scenario
        What was run.
    seed : int
        Seed of all runs.
    replicates : (n,) int64
        Replicate of each run.
    weekly : (n, T + 1, N_OBSERVED) float64
        Observed metrics; NaN is missing.
    answers : (n, W, 11) float64
        Mean answers to the questionnaire and number returned, per wave.
    status, ended_week : (n,) int64
        ``Status`` and week of ending (-1 if alive).
    seats : (n, K, room, N_SEAT_COLUMNS) float64
        Each seat at each of the weeks for which seats were wanted; K may be 0.
    respondents : (n, W, room, N_RESPONDENT_COLUMNS) float64
        Each respondent at each wave, where that was wanted; NaN where nobody answered.
    """

    scenario: Scenario
    seed: int
    replicates: NDArray[np.int64]
    weekly: NDArray[np.float64]
    answers: NDArray[np.float64]
    status: NDArray[np.int64]
    ended_week: NDArray[np.int64]
    seats: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0, 0, len(SEAT_COLUMNS))))
    respondents: NDArray[np.float64] = field(default_factory=lambda: _no_respondents())


def check_key(seed: int, replicates: NDArray[np.int64]) -> None:
    """Refuse a seed or replicate that does not fit in 32 bits.

    Raises
    ------
    ScenarioError
        When the seed or a replicate is outside 0 to 2**32 - 1.
    """
    if not 0 <= seed <= MAX_SEED:
        raise ScenarioError([f"seed must be a whole number from 0 to {MAX_SEED}; got {seed}"])
    if replicates.size and not (replicates.min() >= 0 and replicates.max() <= MAX_SEED):
        raise ScenarioError([f"replicates must be whole numbers from 0 to {MAX_SEED}"])


def run_many(
    scenario: Scenario,
    seed: int,
    replicates: NDArray[np.int64] | Sequence[int],
    threads: int | None = None,
    table: NDArray[np.void] | None = None,
    seat_weeks: Sequence[int] = (),
    asked: Asked = EVERYTHING,
    respondents: bool = False,
) -> Ensemble:
    """Run replicates of a scenario.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    seed : int
        From 0 to 2**32 - 1. Two scenarios with one seed and replicate draw the same numbers.
    replicates : sequence of int
        Numbers of the replicates, each from 0 to 2**32 - 1; any order.
    threads : int, optional
        Threads to use; by default all. Results do not depend on it.
    table : (1,) or (n,) record array, optional
        Settings in place of the scenario's own, one row for all runs or one per run (``sim.core.inputs``).
    seat_weeks : sequence of int, optional
        Weeks after which every seat is recorded, increasing; by default none.
    asked : Asked, optional
        Which metrics are observed, and in which weeks; by default all in every week. The others are missing.
    respondents : bool
        Whether the answers of each respondent to the questionnaire are kept, beside their means.

    Returns
    -------
    Ensemble
        Rows in the order of ``replicates``.

    Raises
    ------
    ScenarioError
        When seed or replicates are out of range, or events do not fit a record.
    """
    chosen = np.ascontiguousarray(replicates, dtype=np.int64)
    check_key(seed, chosen)
    batch = replace(batch_of(scenario, seed, chosen, table, seat_weeks, asked), respondents=respondents)
    done = run_batch(batch, threads)
    status, ended_week = done.ends.T.copy()
    return Ensemble(scenario, seed, chosen, done.weekly, done.answers, status, ended_week, done.seats, done.respondents)


def batch_of(
    scenario: Scenario,
    seed: int,
    replicates: NDArray[np.int64],
    table: NDArray[np.void] | None = None,
    seat_weeks: Sequence[int] = (),
    asked: Asked = EVERYTHING,
) -> Batch:
    """Return replicates of a scenario as a batch; arguments as for ``run_many``."""
    return Batch(
        table=settings_of_runs(scenario, replicates) if table is None else _one_row_each(table, replicates.size),
        foundings=stack_foundings([scenario]),
        which=np.zeros(replicates.size, dtype=np.int64),
        keys=np.column_stack([np.full(replicates.size, seed), replicates]),
        room=room_for([scenario]),
        weeks=scenario.weeks,
        waves=np.array(scenario.questionnaire_weeks, dtype=np.int64),
        seat_weeks=np.array(seat_weeks, dtype=np.int64),
        asked=asked,
    )


def _one_row_each(table: NDArray[np.void], n: int) -> NDArray[np.void]:
    """Return one row of settings for all runs, or one per run; a shorter table is repeated."""
    return table if len(table) in (1, n) else table[np.arange(n) % len(table)]
