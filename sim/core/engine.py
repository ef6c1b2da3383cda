"""The engine: ``step`` is the rules in their one order, ``run_many`` loops it in compiled code over runs.

No run depends on another: each writes its own rows, draws its luck by address and shares nothing. So the bits
are the same for any number of threads and any order of replicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sim.core._jit import block_kernel, entry_kernel, is_compiled, kernel, most_threads
from sim.core.inputs import Founding, Foundings, founding_arrays, settings_of_runs, stack_foundings
from sim.core.metric_table import N_OBSERVED, SEAT_COLUMNS
from sim.core.metrics import ADAPTATION_COLUMN, observe, skill
from sim.core.rng import MAX_SEED
from sim.core.rules.adaptation import adaptation_rule
from sim.core.rules.appraisal import appraisal_rule
from sim.core.rules.context import context_rule
from sim.core.rules.encounters import encounters_rule
from sim.core.rules.ending import ending_rule
from sim.core.rules.exchange import exchange_rule
from sim.core.rules.founding import found
from sim.core.rules.integration import integration_rule
from sim.core.rules.meetings import meetings_rule
from sim.core.rules.progress import progress_rule
from sim.core.rules.questionnaire import N_DIMENSIONS, ask
from sim.core.rules.staffing import staffing
from sim.core.rules.turnover import turnover_rule
from sim.core.scenario import Scenario, ScenarioError
from sim.core.seat_panel import N_TALLIES, observe_seats, tally_week
from sim.core.state import N_RESOURCES, N_THEMES, World, blank_world
from sim.core.vocabulary import Lever, Rule

__all__ = ["Batch", "Ensemble", "is_compiled", "known_answer", "most_threads", "run_batch", "run_many", "step"]

_CONTEXT, _TURNOVER, _MEETINGS, _ENCOUNTERS, _EXCHANGE = 0, 1, 2, 3, 4
_INTEGRATION, _APPRAISAL, _PROGRESS, _ADAPTATION, _ENDING = 5, 6, 7, 8, 9
_N_LEVERS = len(Lever)

if tuple(Rule) != tuple(range(10)):
    raise AssertionError("the order of rules and the vocabulary disagree")


@kernel
def clear(flows, n):
    """Empty the flows of the first ``n`` seats for a new week; changes them in place."""
    pairs_met = flows.n_encounters > 0
    flows.paid = flows.cover = flows.project = flows.alone = flows.gain = flows.cost = 0.0
    flows.joint = flows.potential = flows.output = 0.0
    flows.departures = flows.arrivals = flows.organisation_exits = 0
    flows.meeting = flows.n_invited = flows.n_attends = 0
    flows.n_encounters = flows.n_conflicts = flows.n_unhandled = 0
    flows.n_given = flows.n_refused = flows.win = flows.decided = 0
    for k in range(N_RESOURCES):
        flows.volume[k] = 0.0
    for i in range(n):
        flows.invited[i] = flows.attends[i] = flows.heard[i] = flows.win_seen[i] = flows.in_favour[i] = 0
        flows.partners[i] = 0
        flows.hours[i] = flows.received[i] = flows.funded[i] = 0.0
        flows.frustration[i] = flows.contact[i] = flows.joint_credit[i] = 0.0
        for k in range(N_RESOURCES):
            flows.taught[i, k] = 0.0
        if pairs_met:
            for j in range(n):
                flows.met[i, j] = 0
                flows.offer[i, j] = -1
                flows.amount[i, j] = 0.0


@entry_kernel
def step(state, context, flows, params, practice, now):
    """Let one week pass: the rules in their one order; changes state, context, flows and practice in place.

    Parameters
    ----------
    state, context, flows : State, Context, Flows
        The partnership, its surroundings and the record of the week.
    params : record RECORD
        Settings of the run.
    practice : (P,) float64
        Effective levers of the week; scratch, made anew here.
    now : tuple of three int64
        Seed, replicate and week (1, 2, ...).
    """
    if state.status > 0:
        return
    state.week = now[2]
    on = params.rule_on
    clear(flows, state.n_slots)
    staffing(state, context, flows, params, practice, now)
    if on[_CONTEXT]:
        context_rule(state, context, flows, params, practice, now)
    if on[_TURNOVER]:
        turnover_rule(state, context, flows, params, practice, now)
    if on[_MEETINGS]:
        meetings_rule(state, context, flows, params, practice, now)
    if on[_ENCOUNTERS]:
        encounters_rule(state, context, flows, params, practice, now)
    if on[_EXCHANGE]:
        exchange_rule(state, context, flows, params, practice, now)
    if on[_INTEGRATION]:
        integration_rule(state, context, flows, params, practice, now)
    if on[_APPRAISAL]:
        appraisal_rule(state, flows, params)
    if on[_PROGRESS]:
        progress_rule(state, context, flows, params, practice, now)
    if on[_ADAPTATION]:
        adaptation_rule(state, context, flows, params, practice, now)
    if on[_ENDING]:
        ending_rule(state, params, now[2])


@entry_kernel
def record_week(state, context, flows, week, waves, key, activity, need, weekly, answers):
    """Write what is observed of one week; changes nothing of the partnership.

    Parameters
    ----------
    state, context, flows : State, Context, Flows
        After the week (0: the founding), and not ended.
    week : int
        Row and column to write.
    waves : (W,) int64
        Weeks after which the questionnaire is handed out.
    key : tuple of two int64
        Seed and replicate.
    activity, need : (D, T + 1) float64
        Profiles so far; this week's column is written.
    weekly : (T + 1, N_OBSERVED) float64
        This week's row is written.
    answers : (W, 11) float64
        Rows of this week's waves are written.
    """
    for d in range(N_THEMES):
        activity[d, week] = state.activity[d]
        need[d, week] = context.need[d]
    observe(state, context, flows, weekly[week])
    if week > 0:
        weekly[week, ADAPTATION_COLUMN] = skill(activity, need, week)
    for w in range(waves.shape[0]):
        if waves[w] == week:
            ask(state, (key[0], key[1], np.int64(week)), answers[w])


@kernel
def run_one(states, contexts, flowses, params, founding, key, waves, seat_weeks, weekly, answers, seats):
    """Run one replicate and record it.

    Parameters
    ----------
    states, contexts, flowses : (1,) record arrays
        Blank records, changed in place. Arrays, because a reference to a record does not keep its memory alive.
    params : record RECORD
        Settings of the run.
    founding : Founding
        Founding composition.
    key : tuple of two int64
        Seed and replicate.
    waves : (W,) int64
        Weeks after which the questionnaire is handed out.
    seat_weeks : (K,) int64
        Weeks after which every seat is recorded, increasing; empty for none.
    weekly : (T + 1, N_OBSERVED) float64
        Written: metrics per week, row 0 the start; NaN after an ending.
    answers : (W, 11) float64
        Written: mean answers and number returned per wave.
    seats : (K, n, N_SEAT_COLUMNS) float64
        Written: each seat at each of ``seat_weeks``; NaN where there is none.

    Returns
    -------
    tuple of two int64
        Status and week of ending (-1 if alive).
    """
    state, context, flows = states[0], contexts[0], flowses[0]
    practice = np.zeros(_N_LEVERS)
    weeks = weekly.shape[0] - 1
    activity, need = np.empty((N_THEMES, weeks + 1)), np.empty((N_THEMES, weeks + 1))
    tally = np.zeros((seats.shape[1], N_TALLIES))
    recorded = 0
    weekly[:] = np.nan
    answers[:] = np.nan
    seats[:] = np.nan
    found(state, context, founding, params, key)
    record_week(state, context, flows, 0, waves, key, activity, need, weekly, answers)
    for week in range(1, weeks + 1):
        step(state, context, flows, params, practice, (key[0], key[1], np.int64(week)))
        if state.status > 0:
            break
        record_week(state, context, flows, week, waves, key, activity, need, weekly, answers)
        if recorded < seat_weeks.shape[0]:
            tally_week(state, flows, tally)
            if seat_weeks[recorded] == week:
                observe_seats(state, tally, seats[recorded])
                recorded += 1
    return state.status, state.ended_week


@block_kernel
def run_block(table, foundings, which, blank, keys, waves, seat_weeks, weekly, answers, seats, ends):
    """Run one run after another, each into its own rows (shapes as in ``run_one``, with a leading run axis).

    ``table`` holds one row of settings for all runs, or one per run; ``which`` (n,) names each run's row of
    ``foundings``, ``keys`` (n, 2) its seed and replicate; ``ends`` is (n, 2) int64.
    """
    n_rows = table.shape[0]
    for r in range(keys.shape[0]):
        states, contexts, flowses = blank.state.copy(), blank.context.copy(), blank.flows.copy()
        f = which[r]
        n, homes = foundings.n_seats[f], foundings.n_organisations[f]
        founding = Founding(
            foundings.role[f][:n], foundings.ring[f][:n], foundings.organisation[f][:n], foundings.backing[f][:homes]
        )
        key = (keys[r, 0], keys[r, 1])
        params = table[r % n_rows]
        ends[r] = run_one(
            states, contexts, flowses, params, founding, key, waves, seat_weeks, weekly[r], answers[r], seats[r]
        )


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
        Weeks after which the questionnaire is handed out and after which seats are recorded.
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
        Each seat at each week asked for.
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
        np.empty((n, batch.weeks + 1, N_OBSERVED)),
        np.empty((n, batch.waves.size, N_DIMENSIONS + 1)),
        np.empty((n, batch.seat_weeks.size, room, len(SEAT_COLUMNS))),
        np.empty((n, 2), dtype=np.int64),
    )

    def work(block: slice) -> None:
        run_block(
            batch.table if len(batch.table) == 1 else batch.table[block],
            batch.foundings,
            batch.which[block],
            batch.blank,
            batch.keys[block],
            batch.waves,
            batch.seat_weeks,
            recorded.weekly[block],
            recorded.answers[block],
            recorded.seats[block],
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
    """

    scenario: Scenario
    seed: int
    replicates: NDArray[np.int64]
    weekly: NDArray[np.float64]
    answers: NDArray[np.float64]
    status: NDArray[np.int64]
    ended_week: NDArray[np.int64]


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
) -> Ensemble:
    """Run replicates of a scenario.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    seed : int
        From 0 to 2**32 - 1. Two scenarios with one seed and replicate share their luck.
    replicates : sequence of int
        Numbers of the replicates, each from 0 to 2**32 - 1; any order.
    threads : int, optional
        Threads to use; by default all. Results do not depend on it.
    table : (1,) or (n,) record array, optional
        Settings in place of the scenario's own, one row for all runs or one per run (``sim.core.inputs``).

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
    )
    done = run_batch(batch, threads)
    return Ensemble(scenario, seed, chosen, done.weekly, done.answers, done.ends[:, 0].copy(), done.ends[:, 1].copy())


def _one_row_each(table: NDArray[np.void], n: int) -> NDArray[np.void]:
    """Return one row of settings for all runs, or one per run; shorter tables are gone through again and again."""
    return table if len(table) in (1, n) else table[np.arange(n) % len(table)]


def new_world(scenario: Scenario, seed: int, replicate: int):
    """Return (state, context, flows, practice, params) of a scenario at week 0, ready for ``step``."""
    founding = founding_arrays(scenario)
    table = settings_of_runs(scenario, np.array([replicate]))
    blank = blank_world(scenario.capacity)
    state, context, flows = blank.state[0], blank.context[0], blank.flows[0]
    found(state, context, founding, table[0], (seed, replicate))
    return state, context, flows, np.zeros(_N_LEVERS), table[0]


def known_answer() -> str:
    """Return the hash of a small fixed run, for ``partnersim doctor``.

    Metrics are rounded to nine digits first, so that the last bit of a library's exponential does not matter.
    """
    import hashlib

    from sim.core.scenario import Organisation, Seat
    from sim.core.vocabulary import Ring, Role

    seats = tuple(
        Seat("all", role, Ring.RESEARCH_TEAM if role in (2, 3) else Ring.CORE_TEAM, role if role < 5 else -1)
        for role in Role
    )
    organisations = tuple(Organisation(f"organisation {g}", 0.6) for g in range(5))
    scenario = Scenario("known answer", "none", 104, seats + seats, organisations)
    ensemble = run_many(scenario, 1, range(4))
    rounded = np.array([float(f"{value:.9g}") for value in ensemble.weekly.ravel()])
    return hashlib.sha256(rounded.tobytes()).hexdigest()[:16]
