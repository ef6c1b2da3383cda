"""Rule 8, progress and wins: outcomes come late, small wins early (docs/model/model.md §7.8)."""

from __future__ import annotations

from sim.core._elementary import exp
from sim.core._jit import inner_kernel, kernel
from sim.core.rng import draw
from sim.core.rules._common import total_variation
from sim.core.state import N_RESOURCES, N_STAGES
from sim.core.vocabulary import Experience, Lever, Purpose, Resource

_WIN_DRAW = int(Purpose.WIN)
_COMMUNICATION = int(Lever.COMMUNICATION)
_FUNDING = int(Resource.FUNDING)
_WIN = int(Experience.WIN)


@kernel
def progress_rule(state, context, flows, params, practice, now):
    """Turn joint output into progress and wins; changes state and flows in place (arguments as in ``staffing``)."""
    missed = params.match_sharpness * total_variation(state.activity, context.need)
    flows.output = flows.joint * max(0.0, 1.0 - missed)
    effect = flows.output * _leverage(state, context, flows, params)
    _deliver(state, params, effect)
    state.win_progress += effect
    due = state.win_progress >= params.win_threshold * (1.0 + params.win_ambition * state.ambition)
    u0, _, _, _ = draw(now, _WIN_DRAW, 0, 0)
    if due and u0 < params.win_chance:
        flows.win = 1
        state.wins += 1
        state.win_progress = 0.0
        state.ambition += params.ambition_gain * (1.0 - state.ambition)
        context.policy_fit += params.policy_win * (1.0 - context.policy_fit)
        _see_win(state, flows, params, practice, now)
    else:
        state.ambition *= 1.0 - params.ambition_fade
    rate = 1.0 / params.memory_weeks
    state.win_memory += rate * (flows.win - state.win_memory)
    for i in range(state.n_slots):
        if state.is_member[i]:
            state.experience[i, _WIN] += rate * (flows.win_seen[i] - state.experience[i, _WIN])


@inner_kernel
def _leverage(state, context, flows, params):
    """Return the share of output that takes effect: with policy behind it, a pool to draw on and money for the work."""
    pooled = 0.0
    for k in range(N_RESOURCES):
        if k != _FUNDING:
            pooled += state.pool[k]
    helped = 1.0 - exp(-pooled / (N_RESOURCES - 1) / params.pool_scale)
    funded = 1.0 - exp(-flows.project / params.project_scale)
    leverage = 1.0 - params.progress_policy + params.progress_policy * context.policy_fit
    leverage *= 1.0 - params.progress_pool + params.progress_pool * helped
    return leverage * (1.0 - params.progress_funding + params.progress_funding * funded)


@inner_kernel
def _deliver(state, params, effect):
    moving = params.progress_rate * effect
    passed = 1.0 / (1.0 + params.outcome_delay / N_STAGES)
    for s in range(N_STAGES):
        state.pipeline[s] += moving
        moving = passed * state.pipeline[s]
        state.pipeline[s] -= moving
    state.outcome += moving


@inner_kernel
def _see_win(state, flows, params, practice, now):
    n = state.n_slots
    hears = params.seen_base + (1.0 - params.seen_base) * practice[_COMMUNICATION]
    for i in range(n):
        if state.is_member[i]:
            u0, _, _, _ = draw(now, _WIN_DRAW, i, 1)
            if flows.attends[i] or u0 < hears:
                flows.win_seen[i] = 1
    for i in range(n):
        for j in range(n):
            if i != j and flows.win_seen[i] and flows.win_seen[j]:
                ceiling = 1.0 - params.trust_strain * state.strain[i, j]
                state.trust[i, j] += params.win_trust * max(0.0, ceiling - state.trust[i, j])
