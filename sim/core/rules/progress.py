"""Rule 8, progress and wins: outcomes come late, small wins early (docs/model/model.md §7.8)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.elementary import exp
from sim.core.lanes.values import any_of, floor, maximum, where
from sim.core.rng import uniform
from sim.core.rules._common import total_variation
from sim.core.shocks import MAX_WEEKS
from sim.core.state import N_RESOURCES, N_STAGES
from sim.core.vocabulary import Experience, Purpose, Resource

_WIN_DRAW, _FOLLOW_ON = int(Purpose.WIN), int(Purpose.FOLLOW_ON)
_FUNDING = int(Resource.FUNDING)
_WIN = int(Experience.WIN)


@kernel
def progress_rule(state, context, flows, params, practice, now):
    """Turn joint output into progress and wins; changes state and flows in place (arguments as in ``staffing``)."""
    missed = params.match_sharpness * total_variation(state.activity, context.need)
    flows.output = flows.joint * maximum(0.0, 1.0 - missed)
    effect = flows.output * _leverage(state, context, flows, params)
    _deliver(state, params, effect)
    state.win_progress += effect
    harder = 1.0 + params.win_growth * state.wins
    due = state.win_progress >= params.win_threshold * harder * (1.0 + params.win_ambition * state.ambition)
    won = due & (uniform(now, _WIN_DRAW, 0, 0) < params.win_chance)
    flows.win = where(won, 1.0, 0.0)
    state.wins += flows.win
    state.win_progress = where(won, 0.0, state.win_progress)
    ambition = state.ambition
    higher = ambition + params.ambition_gain * (1.0 - ambition)
    state.ambition = where(won, higher, ambition * (1.0 - params.ambition_fade))
    context.policy_fit += where(won, params.policy_win * (1.0 - context.policy_fit), 0.0)
    if any_of(won):
        _see_win(state, flows, params, practice, now, won)
    rate = 1.0 / params.memory_weeks
    state.win_memory += rate * (flows.win - state.win_memory)
    for i in range(state.n_slots):
        seen = where(flows.win_seen[i], 1.0, 0.0)
        moved = rate * (seen - state.experience[i, _WIN])
        state.experience[i, _WIN] += where(state.is_member[i], moved, 0.0)
    _ask_for_money(state, context, flows, params, now)


@inner_kernel
def _ask_for_money(state, context, flows, params, now):
    """Ask for follow-on money around the end of the grant: won by record, fit with policy and leadership."""
    every = floor(params.follow_on_every + 0.5)
    asked = (params.funding_end_week <= MAX_WEEKS) & (floor(now.week / every) * every == now.week)
    asked = asked & (abs(now.week - state.grant_until) <= params.follow_on_window)
    if not any_of(asked):
        return
    record = 1.0 - exp(-state.wins / params.follow_on_wins)
    led = params.follow_on_unled + (1.0 - params.follow_on_unled) * flows.leadership
    won = asked & (uniform(now, _FOLLOW_ON, 0, 0) < params.follow_on_chance * record * context.policy_fit * led)
    until = maximum(state.grant_until, now.week + 1.0) + floor(params.follow_on_weeks)
    state.grant_until = where(won, until, state.grant_until)
    state.grant_level = where(won, params.follow_on_level, state.grant_level)
    state.grants_won += where(won, 1.0, 0.0)


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
def _see_win(state, flows, params, practice, now, won):
    n = state.n_slots
    hears = params.seen_base + (1.0 - params.seen_base) * practice.communication
    for i in range(n):
        informed = flows.attends[i] | (uniform(now, _WIN_DRAW, i, 1) < hears)
        flows.win_seen[i] = won & state.is_member[i] & informed
    for i in range(n):
        for j in range(n):
            both = flows.win_seen[i] & flows.win_seen[j]
            if i != j and any_of(both):
                ceiling = 1.0 - params.trust_strain * state.strain[i, j]
                gained = params.win_trust * maximum(0.0, ceiling - state.trust[i, j])
                state.trust[i, j] += where(both, gained, 0.0)
