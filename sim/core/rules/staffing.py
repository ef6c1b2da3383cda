"""Staffing: hours and money are finite, a lever gets what is staffed (docs/model/model.md §7.0a)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.inputs import MAX_CHANGES
from sim.core.lanes.values import any_of, clip, maximum, minimum, where
from sim.core.rules._common import active_size, count_members
from sim.core.vocabulary import Level, Lever, Resource, Role, ShockKind

_N_LEVERS = len(Lever)
_INTERPERSONAL = int(Level.INTERPERSONAL)
_COORDINATOR = int(Role.COORDINATOR)
_FUNDING = int(Resource.FUNDING)
_FUNDING_CUT = int(ShockKind.FUNDING_CUT)


@kernel
def staffing(state, context, flows, params, practice, now):
    """Advance the clocks, take income, pay staff and set ``practice``; changes its arguments in place.

    Parameters
    ----------
    state, context, flows : State, Context, Flows
        The partnership, its surroundings and the week's (empty) flows.
    params : Record PARAMS
        Settings.
    practice : Record PRACTICE
        Effective levers of the week, set here.
    now : Record NOW
        Seed, replicate and week.
    """
    _advance_clocks(state)
    hours = _pay(state, context, flows, params, now.week)
    _share_hours(state, flows, params, practice, hours, now.week)


@inner_kernel
def _advance_clocks(state):
    for i in range(state.n_slots):
        state.tenure[i] += where(state.is_member[i], 1.0, 0.0)
        state.vacant_weeks[i] += where(state.is_seat[i] & ~state.is_member[i], 1.0, 0.0)
    for g in range(len(state.is_organisation)):
        state.organisation_tenure[g] += where(state.is_organisation[g], 1.0, 0.0)


@inner_kernel
def _pay(state, context, flows, params, week):
    """Return the coordinators' hours of the week; income in, salaries out."""
    policy = maximum(0.0, 1.0 + params.grant_policy * (context.policy_fit - params.policy_middle))
    cut = active_size(context, _FUNDING_CUT, week - 1)
    granted = params.grant_per_week * context.climate * policy * (1.0 - cut)
    income = where(params.funding_end_week > week, granted, 0.0)
    state.pool[_FUNDING] += income
    state.inflow += income
    coordinators, strength = 0.0, 0.0
    for i in range(state.n_slots):
        paid_here = state.is_member[i] & (state.role[i] == _COORDINATOR)
        if any_of(paid_here):
            start, weeks = params.coordinator_start, params.coordinator_learning
            learnt = start + (1.0 - start) * minimum(1.0, state.tenure[i] / weeks)
            coordinators += where(paid_here, 1.0, 0.0)
            strength += where(paid_here, where(weeks > 0.0, learnt, 1.0), 0.0)
    price = params.salary * coordinators + params.facilitator_price * params.facilitator_hours
    paid = where(price > 0.0, clip(state.pool[_FUNDING] / price, 0.0, 1.0), 1.0)
    flows.project = params.project_share * maximum(0.0, state.pool[_FUNDING] - paid * price)
    contracted = _contract(state, flows, params)
    state.pool[_FUNDING] -= paid * price + flows.project
    state.spent += paid * price + flows.project - contracted
    flows.paid = paid
    return paid * params.coordinator_hours * strength


@inner_kernel
def _contract(state, flows, params):
    """Let members be paid for a share of the work that money is spent on, by what they do; return what they got."""
    total = 0.0
    for i in range(state.n_slots):
        total += where(state.is_member[i], state.engagement[i] * state.standing[i], 0.0)
    contracted = where(total > 0.0, params.contract_share * flows.project, 0.0)
    for i in range(state.n_slots):
        part = where(state.is_member[i], contracted * state.engagement[i] * state.standing[i] / total, 0.0)
        part = where(total > 0.0, part, 0.0)
        state.holdings[i, _FUNDING] += part
        flows.funded[i] += part
    return contracted


@kernel
def lever_value(params, p, week):
    """Return the level at which lever ``p`` is set in ``week``: its base or its latest change."""
    value, latest = params.levers[p], -1.0
    for c in range(MAX_CHANGES):
        if not any_of(params.n_changes > c):
            break
        since = params.change_week[c]
        holds = (params.n_changes > c) & (params.change_lever[c] == p) & (latest <= since) & (since <= week)
        value = where(holds, params.change_value[c], value)
        latest = where(holds, since, latest)
    return value


@inner_kernel
def _share_hours(state, flows, params, practice, hours, week):
    size = params.size_base + (1.0 - params.size_base) * count_members(state) / params.usual_size
    inner, rest = 0.0, 0.0
    for p in range(_N_LEVERS):
        level = lever_value(params, p, week)
        practice.level[p] = level
        demand = params.lever_hours[p] * level * size
        interpersonal = params.lever_level[p] == _INTERPERSONAL
        inner += where(interpersonal, demand, 0.0)
        rest += where(interpersonal, 0.0, demand)
    facilitated = minimum(inner, flows.paid * params.facilitator_hours)
    left = inner - facilitated + rest
    cover = where(left > 0.0, minimum(1.0, hours / left), 1.0)
    inner_cover = where(inner > 0.0, (facilitated + cover * (inner - facilitated)) / inner, 1.0)
    flows.cover = where(inner + rest > 0.0, (facilitated + cover * left) / (inner + rest), 1.0)
    half = params.lever_saturation
    for p in range(_N_LEVERS):
        x = practice.level[p] * where(params.lever_level[p] == _INTERPERSONAL, inner_cover, cover)
        practice.level[p] = x * (1.0 + half) / (x + half)
