"""Staffing: hours and money are finite, a lever gets what is staffed (docs/model/model.md §7.0a)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.rules._common import active_size, clip, count_members
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
    params : record RECORD
        Settings.
    practice : (P,) float64
        Effective levers of the week, set here.
    now : tuple of three int64
        Seed, replicate and week.
    """
    _advance_clocks(state)
    hours = _pay(state, context, flows, params, now[2])
    _share_hours(state, flows, params, practice, hours, now[2])


@inner_kernel
def _advance_clocks(state):
    for i in range(state.n_slots):
        if state.is_member[i]:
            state.tenure[i] += 1
        elif state.is_seat[i]:
            state.vacant_weeks[i] += 1
    for g in range(state.is_organisation.shape[0]):
        if state.is_organisation[g]:
            state.organisation_tenure[g] += 1


@inner_kernel
def _pay(state, context, flows, params, week):
    """Return the coordinators' hours of the week; income in, salaries out."""
    income = 0.0
    if week < params.funding_end_week:
        policy = max(0.0, 1.0 + params.grant_policy * (context.policy_fit - params.policy_middle))
        cut = active_size(context, _FUNDING_CUT, week - 1)
        income = params.grant_per_week * context.climate * policy * (1.0 - cut)
    state.pool[_FUNDING] += income
    state.inflow += income
    coordinators, strength = 0, 0.0
    for i in range(state.n_slots):
        if state.is_member[i] and state.role[i] == _COORDINATOR:
            coordinators += 1
            learnt = 1.0
            if params.coordinator_learning > 0.0:
                start = params.coordinator_start
                learnt = start + (1.0 - start) * min(1.0, state.tenure[i] / params.coordinator_learning)
            strength += learnt
    price = params.salary * coordinators + params.facilitator_price * params.facilitator_hours
    paid = clip(state.pool[_FUNDING] / price, 0.0, 1.0) if price > 0.0 else 1.0
    flows.project = params.project_share * max(0.0, state.pool[_FUNDING] - paid * price)
    state.pool[_FUNDING] -= paid * price + flows.project
    state.spent += paid * price + flows.project
    flows.paid = paid
    return paid * params.coordinator_hours * strength


@kernel
def lever_value(params, p, week):
    """Return the level at which lever ``p`` is set in ``week``: its base or its latest change."""
    value, latest = params.levers[p], -1
    for c in range(params.n_changes):
        if params.change_lever[c] == p and latest <= params.change_week[c] <= week:
            value, latest = params.change_value[c], params.change_week[c]
    return value


@inner_kernel
def _share_hours(state, flows, params, practice, hours, week):
    size = params.size_base + (1.0 - params.size_base) * count_members(state) / params.usual_size
    inner, rest = 0.0, 0.0
    for p in range(_N_LEVERS):
        practice[p] = lever_value(params, p, week)
        demand = params.lever_hours[p] * practice[p] * size
        if params.lever_level[p] == _INTERPERSONAL:
            inner += demand
        else:
            rest += demand
    facilitated = min(inner, flows.paid * params.facilitator_hours)
    left = inner - facilitated + rest
    cover = min(1.0, hours / left) if left > 0.0 else 1.0
    inner_cover = (facilitated + cover * (inner - facilitated)) / inner if inner > 0.0 else 1.0
    flows.cover = (facilitated + cover * left) / (inner + rest) if inner + rest > 0.0 else 1.0
    half = params.lever_saturation
    for p in range(_N_LEVERS):
        x = practice[p] * (inner_cover if params.lever_level[p] == _INTERPERSONAL else cover)
        practice[p] = x * (1.0 + half) / (x + half)
