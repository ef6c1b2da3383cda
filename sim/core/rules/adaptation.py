"""Rule 9, adaptation: sense the gap, deliberate, realign (docs/model/model.md §7.9)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.rng import draw
from sim.core.rules._common import backing_of, sigmoid, total_variation
from sim.core.state import N_THEMES
from sim.core.vocabulary import Experience, Lever, Purpose, Resource, Ring

_VOTE = int(Purpose.VOTE)
_SENSING, _LEADERSHIP = int(Lever.CONTEXT_SENSING), int(Lever.LEADERSHIP)
_INCLUSIVE = int(Lever.INCLUSIVE_DECISIONS)
_INFORMATION = int(Resource.INFORMATION)
_RESEARCH_TEAM = int(Ring.RESEARCH_TEAM)
_DECISION, _FRUSTRATION = int(Experience.DECISION), int(Experience.FRUSTRATION)
_CORE_MEETING = 2


@kernel
def adaptation_rule(state, context, flows, params, practice, now):
    """Sense, deliberate and realign; changes state and flows in place (arguments as in ``staffing``)."""
    if flows.meeting > 0:
        _sense(state, context, flows, params, practice)
    if flows.meeting == _CORE_MEETING:
        gap = total_variation(state.belief, state.activity)
        if gap > params.gap_threshold and _on_agenda(context, params, practice, now):
            _deliberate(state, flows, params, practice, now)
    _realign(state, params)


@inner_kernel
def _sense(state, context, flows, params, practice):
    watch = params.sensing_base + (1.0 - params.sensing_base) * practice[_SENSING]
    total = 0.0
    for d in range(N_THEMES):
        missed = 1.0
        for i in range(state.n_slots):
            if flows.heard[i]:
                informed = min(1.0, state.holdings[i, _INFORMATION]) * state.standing[i]
                missed *= 1.0 - params.vantage[state.role[i], d] * informed * watch
        state.belief[d] += params.belief_rate * (1.0 - missed) * (context.need[d] - state.belief[d])
        total += state.belief[d]
    for d in range(N_THEMES):
        state.belief[d] /= total


@inner_kernel
def _on_agenda(context, params, practice, now):
    u0, _, _, _ = draw(now, _VOTE, 0, 1)
    put = params.agenda_base + (1.0 - params.agenda_base) * practice[_LEADERSHIP]
    return u0 < put * (1.0 - params.agenda_policy * (1.0 - context.policy_fit))


@inner_kernel
def _deliberate(state, flows, params, practice, now):
    n = state.n_slots
    outer = params.core_say + (1.0 - params.core_say) * practice[_INCLUSIVE]
    present, favour = 0.0, 0.0
    for i in range(n):
        flows.in_favour[i] = 0
        if flows.attends[i]:
            say = state.power[i] * (1.0 if state.ring[i] == _RESEARCH_TEAM else outer)
            present += say
            u0, _, _, _ = draw(now, _VOTE, i, 0)
            if u0 < favour_chance(state, flows, params, i):
                favour += say
                flows.in_favour[i] = 1
    carried = favour >= params.decision_share * present
    flows.decided = 1 if carried else -1
    if carried:
        for d in range(N_THEMES):
            state.plan[d] = state.belief[d]
    x = state.experience
    for i in range(n):
        if flows.attends[i]:
            x[i, _DECISION] += ((1.0 if carried else 0.0) - x[i, _DECISION]) / params.memory_meetings
            if not carried and flows.in_favour[i]:
                x[i, _FRUSTRATION] += params.frustration_decision / params.memory_weeks


@kernel
def favour_chance(state, flows, params, i):
    """Return the chance that attendee ``i`` favours moving the activity to the shared picture."""
    net, others = 0.0, 0
    for j in range(state.n_slots):
        if j != i and flows.attends[j]:
            net += state.trust[i, j] - state.strain[i, j]
            others += 1
    if others > 0:
        net /= others
    loss = 0.0
    for d in range(N_THEMES):
        loss += params.vantage[state.role[i], d] * max(0.0, state.activity[d] - state.belief[d])
    return sigmoid(
        params.vote_base
        + params.vote_trust * net
        + params.vote_understanding * state.understanding
        + params.vote_heard * flows.heard[i]
        - params.vote_loss * loss
    )


@inner_kernel
def _realign(state, params):
    backing, n = 0.0, 0
    for i in range(state.n_slots):
        if state.is_member[i]:
            backing += backing_of(state, params, i)
            n += 1
    if n > 0:
        backing /= n
    ordered = params.realign_base + (1.0 - params.realign_base) * state.coordination
    backed = params.realign_unbacked + (1.0 - params.realign_unbacked) * backing
    rate = params.realign_rate * ordered * backed
    for d in range(N_THEMES):
        state.activity[d] += rate * (state.plan[d] - state.activity[d])
