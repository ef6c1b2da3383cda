"""Rule 9, adaptation: sense the gap, deliberate, realign (docs/model/model.md §7.9)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.elementary import exp, sigmoid
from sim.core.lanes.values import any_of, maximum, minimum, where
from sim.core.rng import draw, uniform
from sim.core.rules._common import backing_of, count_members, total_variation
from sim.core.state import N_THEMES
from sim.core.vocabulary import Experience, Purpose, Resource, Ring

_VOTE = int(Purpose.VOTE)
_INFORMATION = int(Resource.INFORMATION)
_RESEARCH_TEAM = int(Ring.RESEARCH_TEAM)
_DECISION, _FRUSTRATION = int(Experience.DECISION), int(Experience.FRUSTRATION)
_CORE_MEETING = 2


@kernel
def adaptation_rule(state, context, flows, params, practice, now):
    """Sense, deliberate and realign; changes state and flows in place (arguments as in ``staffing``)."""
    met, core = flows.meeting > 0.0, flows.meeting == _CORE_MEETING
    if any_of(met):
        _sense(state, context, flows, params, practice, met)
    if any_of(core):
        gap = total_variation(state.belief, state.activity)
        voting = core & (gap > params.gap_threshold) & _on_agenda(flows, params, practice, now)
        if any_of(voting):
            _deliberate(state, context, flows, params, practice, now, voting)
    _realign(state, flows, params)


@inner_kernel
def _sense(state, context, flows, params, practice, met):
    watch = params.sensing_base + (1.0 - params.sensing_base) * practice.context_sensing
    total = 0.0
    for d in range(N_THEMES):
        missed = where(flows.forum, 1.0 - params.forum_view, 1.0)
        for i in range(state.n_slots):
            heard = flows.heard[i]
            if any_of(heard):
                informed = minimum(1.0, state.holdings[i, _INFORMATION])
                missed *= where(heard, 1.0 - params.vantage[state.role[i], d] * informed, 1.0)
        learnt = params.belief_rate * watch * (1.0 - missed) * (context.need[d] - state.belief[d])
        state.belief[d] += where(met, learnt, 0.0)
        total += state.belief[d]
    for d in range(N_THEMES):
        state.belief[d] = where(met, state.belief[d] / total, state.belief[d])


@inner_kernel
def _on_agenda(flows, params, practice, now):
    led = 1.0 - (1.0 - practice.leadership) * (1.0 - params.lead_agenda * flows.led)
    put = params.agenda_base + (1.0 - params.agenda_base) * led
    return uniform(now, _VOTE, 0, 1) < put


@inner_kernel
def _deliberate(state, context, flows, params, practice, now, voting):
    n = state.n_slots
    outer = params.core_say + (1.0 - params.core_say) * practice.inclusive_decisions
    present, favour = 0.0, 0.0
    for i in range(n):
        votes = voting & flows.attends[i]
        say = state.power[i] * where(state.ring[i] == _RESEARCH_TEAM, 1.0, outer)
        present += where(votes, say, 0.0)
        if any_of(votes):
            flows.in_favour[i] = votes & (uniform(now, _VOTE, i, 0) < favour_chance(state, flows, params, i))
            favour += where(flows.in_favour[i], say, 0.0)
    carried = voting & (favour >= params.decision_share * present)
    flows.decided = where(carried, 1.0, where(voting, -1.0, flows.decided))
    fits = params.allowed_base + (1.0 - params.allowed_base) * context.policy_fit
    allowed = carried & (draw(now, _VOTE, 0, 1)[1] < fits)
    for d in range(N_THEMES):
        state.plan[d] = where(allowed, state.belief[d], state.plan[d])
    for i in range(n):
        votes, x = voting & flows.attends[i], state.experience[i]
        x[_DECISION] += where(votes, (where(carried, 1.0, 0.0) - x[_DECISION]) / params.memory_meetings, 0.0)
        outvoted = votes & ~carried & flows.in_favour[i]
        x[_FRUSTRATION] += where(outvoted, params.frustration_decision / params.memory_weeks, 0.0)


@kernel
def favour_chance(state, flows, params, i):
    """Return the chance that attendee ``i`` favours moving the activity to the shared picture."""
    net, others = 0.0, 0.0
    for j in range(state.n_slots):
        if j != i:
            net += where(flows.attends[j], state.trust[i, j] - state.strain[i, j], 0.0)
            others += where(flows.attends[j], 1.0, 0.0)
    loss = 0.0
    for d in range(N_THEMES):
        loss += params.vantage[state.role[i], d] * maximum(0.0, state.activity[d] - state.belief[d])
    return sigmoid(
        params.vote_base
        + params.vote_trust * where(others > 0.0, net / others, 0.0)
        + params.vote_understanding * state.understanding
        + params.vote_heard * where(flows.heard[i], 1.0, 0.0)
        - params.vote_loss * loss
    )


@inner_kernel
def _realign(state, flows, params):
    backing, n = 0.0, count_members(state)
    for i in range(state.n_slots):
        backing += where(state.is_member[i], backing_of(state, params, i), 0.0)
    backing = where(n > 0.0, backing / n, 0.0)
    ordered = params.realign_base + (1.0 - params.realign_base) * state.coordination
    backed = params.realign_unbacked + (1.0 - params.realign_unbacked) * backing
    funded = 1.0 - exp(-flows.project / params.project_scale)
    paid_for = params.realign_unfunded + (1.0 - params.realign_unfunded) * funded
    rate = params.realign_rate * ordered * backed * paid_for
    for d in range(N_THEMES):
        state.activity[d] += rate * (state.plan[d] - state.activity[d])
