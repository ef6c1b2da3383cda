"""The engine: many runs at once, in threads, each by the compiled loop of ``sim.core.loop``.

No run depends on another: each writes its own rows, draws its random numbers by address and shares nothing. So the
bits are the same for any number of threads and any order of replicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.core._jit import is_compiled, most_threads
from sim.core.inputs import Foundings, settings_of_runs, stack_foundings
from sim.core.loop import run_block
from sim.core.metric_table import N_OBSERVED, SEAT_COLUMNS
from sim.core.metrics import OBSERVED, as_records
from sim.core.rng import MAX_SEED
from sim.core.rules.questionnaire import N_DIMENSIONS
from sim.core.scenario import Scenario, ScenarioError
from sim.core.seat_panel import SEAT
from sim.core.state import World, blank_world

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
    blank : World
        Blank records with room for the largest partnership.
    weeks : int
        Length of the runs.
    waves, seat_weeks : (W,) and (K,) int64
        Weeks after which members are surveyed and after which seats are recorded.
    """

    table: NDArray[np.void]
    foundings: Foundings
    which: NDArray[np.int64]
    keys: NDArray[np.int64]
    blank: World
    weeks: int
    waves: NDArray[np.int64]
    seat_weeks: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))


@dataclass(frozen=True)
class Recorded:
    """What was recorded of a batch; NaN is missing.

    Attributes
    ----------
    weekly : (n, T + 1, N_OBSERVED) float64
        Observed metrics.
    answers : (n, W, 11) float64
        Mean answers to the questionnaire and number returned, per wave.
    seats : (n, K, room, N_SEAT_COLUMNS) float64
        Each seat at each of the weeks of the batch.
    ends : (n, 2) int64
        ``Status`` and week of ending (-1 if alive).
    """

    weekly: NDArray[np.float64]
    answers: NDArray[np.float64]
    seats: NDArray[np.float64]
    ends: NDArray[np.int64]


BLOCKS_PER_THREAD = 8


def run_batch(batch: Batch, threads: int | None = None) -> Recorded:
    """Run a batch.

    Parameters
    ----------
    batch : Batch
        The runs.
    threads : int, optional
        Threads to use; by default all. Results do not depend on it.
    """
    n, room = len(batch.keys), batch.blank.state["role"].shape[1]
    recorded = Recorded(
        np.full((n, batch.weeks + 1, N_OBSERVED), np.nan),
        np.full((n, batch.waves.size, N_DIMENSIONS + 1), np.nan),
        np.full((n, batch.seat_weeks.size, room, len(SEAT_COLUMNS)), np.nan),
        np.empty((n, 2), dtype=np.int64),
    )
    weekly, seats = as_records(recorded.weekly, OBSERVED), as_records(recorded.seats, SEAT)

    def work(block: slice) -> None:
        run_block(
            batch.table if len(batch.table) == 1 else batch.table[block],
            batch.foundings,
            batch.which[block],
            batch.blank,
            batch.keys[block],
            batch.waves,
            batch.seat_weeks,
            weekly[block],
            recorded.answers[block],
            seats[block],
            recorded.ends[block],
        )

    workers = min(threads or most_threads(), most_threads(), max(n, 1))
    size = -(-max(n, 1) // (workers * BLOCKS_PER_THREAD)) if workers > 1 else n
    blocks = [slice(start, min(start + size, n)) for start in range(0, n, max(size, 1))]
    if workers == 1:
        for block in blocks:
            work(block)
        return recorded
    pool = ThreadPoolExecutor(workers)
    try:
        for done in [pool.submit(work, block) for block in blocks]:
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
    """

    scenario: Scenario
    seed: int
    replicates: NDArray[np.int64]
    weekly: NDArray[np.float64]
    answers: NDArray[np.float64]
    status: NDArray[np.int64]
    ended_week: NDArray[np.int64]
    seats: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0, 0, len(SEAT_COLUMNS))))


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
    batch = Batch(
        table=settings_of_runs(scenario, chosen) if table is None else _one_row_each(table, chosen.size),
        foundings=stack_foundings([scenario]),
        which=np.zeros(chosen.size, dtype=np.int64),
        keys=np.column_stack([np.full(chosen.size, seed), chosen]),
        blank=blank_world(scenario.capacity),
        weeks=scenario.weeks,
        waves=np.array(scenario.questionnaire_weeks, dtype=np.int64),
        seat_weeks=np.array(seat_weeks, dtype=np.int64),
    )
    done = run_batch(batch, threads)
    status, ended_week = done.ends.T.copy()
    return Ensemble(scenario, seed, chosen, done.weekly, done.answers, status, ended_week, done.seats)


def _one_row_each(table: NDArray[np.void], n: int) -> NDArray[np.void]:
    """Return one row of settings for all runs, or one per run; a shorter table is repeated."""
    return table if len(table) in (1, n) else table[np.arange(n) % len(table)]
