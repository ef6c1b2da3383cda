"""One run followed week by week: weekly metrics, seats, ties at intervals, transfers.

Metrics and seats are recorded by the compiled loop of every other run, ties and transfers by a second walk through
the same run (``sim.lab.walk``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.core.engine import run_many
from sim.core.metric_table import OBSERVED_NAMES, SEAT_COLUMNS
from sim.core.state import moment
from sim.core.world import new_world
from sim.lab.walk import walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.lanes.records import Alone
    from sim.core.scenario import Scenario

MOST_TIES = 45_000
"""Ties kept of one run: a large partnership is looked at less often."""


@dataclass(frozen=True)
class Trace:
    """One run, week by week.

    Attributes
    ----------
    scenario : Scenario
        What was run.
    weekly : (T + 1, N_OBSERVED) float64
        Metrics; NaN where missing and after an ending.
    seats : (T + 1, n, N_SEAT_COLUMNS) float64
        Every seat ever used, in every week (``sim.core.metric_table.SEAT_COLUMNS``); NaN where there is none.
    tie_weeks : (K,) int64
        Weeks after which ties were read.
    trust, strain : (K, n, n) float64
        Ties of row i to column j.
    transfers : (F, 4) int64
        Week, giver, taker and kind of each request that was granted; kind + number of kinds if it was refused.
    status, ended_week : int
        ``Status`` and week of ending (-1 if alive).
    """

    scenario: Scenario
    weekly: NDArray[np.float64]
    seats: NDArray[np.float64]
    tie_weeks: NDArray[np.int64]
    trust: NDArray[np.float64]
    strain: NDArray[np.float64]
    transfers: NDArray[np.int64]
    status: int
    ended_week: int

    def metric(self, name: str) -> NDArray[np.float64]:
        """Return one metric by week, (T + 1,) float64."""
        return self.weekly[:, OBSERVED_NAMES.index(name)]

    def seat(self, name: str) -> NDArray[np.float64]:
        """Return one column of the seats, (T + 1, n) float64."""
        return self.seats[:, :, tuple(SEAT_COLUMNS).index(name)]


def follow(scenario: Scenario, seed: int, replicate: int, every: int = 4) -> Trace:
    """Run one replicate and keep what the page shows of it.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    seed, replicate : int
        Seed and number of the replicate.
    every : int
        Weeks between two looks at the ties.
    """
    done = run_many(scenario, seed, [replicate], threads=1, seat_weeks=range(1, scenario.weeks + 1))
    status, ended = int(done.status[0]), int(done.ended_week[0])
    last = scenario.weeks if status == 0 else ended - 1
    state, context, flows, practice, params = new_world(scenario, seed, replicate)
    start = _founding_seats(state)
    n = max(len(start), _seats_used(done.seats[0]))
    every = max(every, -(-last * n * n // MOST_TIES))
    looks = np.unique([*range(0, last + 1, every), last])
    offers = np.empty((last, n, n), dtype=np.int8)
    trust, strain = np.empty((2, len(looks), n, n))
    walk(state, context, flows, params, practice, moment(seed, replicate, 0), every, offers, trust, strain)
    week, giver, taker = np.nonzero(offers >= 0)
    seats = np.concatenate([_padded(start, done.seats.shape[2])[None], done.seats[0]])
    return Trace(
        scenario=scenario,
        weekly=done.weekly[0],
        seats=seats[:, :n],
        tie_weeks=looks,
        trust=trust,
        strain=strain,
        transfers=np.column_stack([week + 1, giver, taker, offers[week, giver, taker]]).astype(np.int64),
        status=status,
        ended_week=ended,
    )


def _seats_used(seats: NDArray[np.float64]) -> int:
    """Return how many slots were a seat at some time."""
    used = np.flatnonzero(np.isfinite(seats[:, :, 0]).any(axis=0))
    return int(used.max(initial=-1)) + 1


def _founding_seats(state: Alone) -> NDArray[np.float64]:
    """Return the seats at the start in the columns of the seat panel; what has not happened yet is NaN."""
    seats = np.full((int(state["n_slots"]), len(SEAT_COLUMNS)), np.nan)
    fields = {"organisation": "organisation_id", "person": "person_id"}
    for column, name in enumerate(SEAT_COLUMNS):
        field = fields.get(name, name)
        if field in state:
            seats[:, column] = state[field][: len(seats)]
    return seats


def _padded(rows: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    full = np.full((n, rows.shape[1]), np.nan)
    full[: len(rows)] = rows
    return full
