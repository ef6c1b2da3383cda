"""The compiled loop over weeks and runs: step, observe, record."""

from __future__ import annotations

import numpy as np

from sim.core._jit import block_kernel, entry_kernel, kernel
from sim.core.inputs import Founding
from sim.core.metrics import observe, skill
from sim.core.rules.founding import found
from sim.core.rules.questionnaire import survey_members
from sim.core.seat_panel import N_TALLIES, observe_seats, tally_week
from sim.core.state import N_LEVERS, N_THEMES
from sim.core.step import step


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
        Weeks after which members are surveyed.
    key : tuple of two int64
        Seed and replicate.
    activity, need : (D, T + 1) float64
        Profiles so far; this week's column is written.
    weekly : (T + 1,) record array OBSERVED
        This week's record, filled with NaN, is written.
    answers : (W, 11) float64
        Rows of this week's waves are written.
    """
    for d in range(N_THEMES):
        activity[d, week] = state.activity[d]
        need[d, week] = context.need[d]
    observed = weekly[week]
    observe(state, context, flows, observed)
    if week > 0:
        observed.adaptation = skill(activity, need, week)
    for w in range(waves.shape[0]):
        if waves[w] == week:
            survey_members(state, (key[0], key[1], np.int64(week)), answers[w])


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
        Weeks after which members are surveyed.
    seat_weeks : (K,) int64
        Weeks after which every seat is recorded, increasing; empty for none.
    weekly : (T + 1,) record array OBSERVED
        Written: metrics per week, row 0 the start. This and what follows come filled with NaN, which stays where
        nothing is observed.
    answers : (W, 11) float64
        Written: mean answers and number returned per wave.
    seats : (K, n) record array SEAT
        Written: each seat at each of ``seat_weeks``.

    Returns
    -------
    tuple of two int64
        Status and week of ending (-1 if alive).
    """
    state, context, flows = states[0], contexts[0], flowses[0]
    practice = np.zeros(N_LEVERS)
    weeks = weekly.shape[0] - 1
    activity, need = np.empty((N_THEMES, weeks + 1)), np.empty((N_THEMES, weeks + 1))
    tally = np.zeros((seats.shape[1], N_TALLIES))
    recorded = 0
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
