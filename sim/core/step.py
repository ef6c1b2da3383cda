"""One week: staffing, then the rules in their one order."""

from __future__ import annotations

from sim.core._jit import entry_kernel, kernel
from sim.core.lanes.values import any_of
from sim.core.rules.adaptation import adaptation_rule
from sim.core.rules.appraisal import appraisal_rule
from sim.core.rules.context import context_rule
from sim.core.rules.encounters import encounters_rule
from sim.core.rules.ending import ending_rule
from sim.core.rules.exchange import exchange_rule
from sim.core.rules.integration import integration_rule
from sim.core.rules.meetings import meetings_rule
from sim.core.rules.progress import progress_rule
from sim.core.rules.staffing import staffing
from sim.core.rules.turnover import turnover_rule
from sim.core.state import N_RESOURCES
from sim.core.vocabulary import Rule

_CONTEXT, _TURNOVER, _MEETINGS, _ENCOUNTERS, _EXCHANGE = 0, 1, 2, 3, 4
_INTEGRATION, _APPRAISAL, _PROGRESS, _ADAPTATION, _ENDING = 5, 6, 7, 8, 9

if tuple(Rule) != tuple(range(10)):
    raise AssertionError("the order of rules and the vocabulary disagree")


@kernel
def clear(flows, n):
    """Empty the flows of the first ``n`` seats for a new week; changes them in place."""
    pairs_met = any_of(flows.n_encounters > 0.0)
    flows.paid = flows.cover = flows.project = flows.alone = flows.gain = flows.cost = 0.0
    flows.joint = flows.potential = flows.output = flows.effort = 0.0
    flows.staffed = flows.leadership = flows.led = 0.0
    flows.leader = -1.0
    flows.forum = False
    flows.departures = flows.arrivals = flows.organisation_exits = 0.0
    flows.meeting = flows.n_invited = flows.n_attends = 0.0
    flows.n_encounters = flows.n_conflicts = flows.n_unhandled = 0.0
    flows.n_given = flows.n_refused = flows.win = flows.decided = 0.0
    for k in range(N_RESOURCES):
        flows.volume[k] = 0.0
    for i in range(n):
        flows.invited[i] = flows.attends[i] = flows.heard[i] = flows.win_seen[i] = flows.in_favour[i] = False
        flows.partners[i] = 0.0
        flows.hours[i] = flows.received[i] = flows.funded[i] = 0.0
        flows.frustration[i] = flows.contact[i] = flows.share[i] = 0.0
        flows.post_share[i] = flows.post_pay[i] = flows.paid_share[i] = 0.0
        for k in range(N_RESOURCES):
            flows.taught[i, k] = 0.0
        if pairs_met:
            for j in range(n):
                if any_of(flows.met[i, j]):
                    flows.met[i, j] = False
                    flows.offer[i, j] = -1.0
                    flows.amount[i, j] = 0.0


@entry_kernel
def step(state, context, flows, params, practice, now):
    """Let one week pass: the rules in their one order; changes state, context, flows and practice in place.

    A lane whose run has ended goes idle: what it computes is not recorded.

    Parameters
    ----------
    state, context, flows : State, Context, Flows
        The partnership, its surroundings and the record of the week.
    params : Record PARAMS
        Settings of the run.
    practice : Record PRACTICE
        Effective levers of the week; made anew here.
    now : Record NOW
        Seed, replicate and week (1, 2, ...).
    """
    if not any_of(state.status == 0.0):
        return
    state.week = now.week
    on = params.rule_on
    clear(flows, state.n_slots)
    staffing(state, context, flows, params, practice, now)
    if on[_CONTEXT] == 1:
        context_rule(state, context, flows, params, practice, now)
    if on[_TURNOVER] == 1:
        turnover_rule(state, context, flows, params, practice, now)
    if on[_MEETINGS] == 1:
        meetings_rule(state, context, flows, params, practice, now)
    if on[_ENCOUNTERS] == 1:
        encounters_rule(state, context, flows, params, practice, now)
    if on[_EXCHANGE] == 1:
        exchange_rule(state, context, flows, params, practice, now)
    if on[_INTEGRATION] == 1:
        integration_rule(state, context, flows, params, practice, now)
    if on[_APPRAISAL] == 1:
        appraisal_rule(state, flows, params)
    if on[_PROGRESS] == 1:
        progress_rule(state, context, flows, params, practice, now)
    if on[_ADAPTATION] == 1:
        adaptation_rule(state, context, flows, params, practice, now)
    if on[_ENDING] == 1:
        ending_rule(state, params, now)
