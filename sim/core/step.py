"""One week: staffing, then the rules in their one order."""

from __future__ import annotations

import numpy as np

from sim.core._jit import entry_kernel, kernel
from sim.core.inputs import founding_arrays, settings_of_runs
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
from sim.core.rules.staffing import staffing
from sim.core.rules.turnover import turnover_rule
from sim.core.scenario import Scenario
from sim.core.state import N_LEVERS, N_RESOURCES, blank_world
from sim.core.vocabulary import Rule

_CONTEXT, _TURNOVER, _MEETINGS, _ENCOUNTERS, _EXCHANGE = 0, 1, 2, 3, 4
_INTEGRATION, _APPRAISAL, _PROGRESS, _ADAPTATION, _ENDING = 5, 6, 7, 8, 9

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


def new_world(scenario: Scenario, seed: int, replicate: int):
    """Return (state, context, flows, practice, params) of a scenario at week 0, ready for ``step``."""
    founding = founding_arrays(scenario)
    table = settings_of_runs(scenario, np.array([replicate]))
    blank = blank_world(scenario.capacity)
    state, context, flows = blank.state[0], blank.context[0], blank.flows[0]
    found(state, context, founding, table[0], (seed, replicate))
    return state, context, flows, np.zeros(N_LEVERS), table[0]
