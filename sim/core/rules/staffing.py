"""Staffing: hours and money are finite, a lever gets what is staffed (docs/model/model.md §7.0a)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.inputs import MAX_CHANGES, MAX_POSTS
from sim.core.lanes.values import any_of, clip, maximum, minimum, where
from sim.core.rules._common import active_size, approaches_per_week, burden, count_members, give_hours, hand_on_ties
from sim.core.vocabulary import Level, Lever, Resource, Role, ShockKind

_N_LEVERS = len(Lever)
_INTERPERSONAL = int(Level.INTERPERSONAL)
_COORDINATOR = int(Role.COORDINATOR)
_FUNDING = int(Resource.FUNDING)
_FACILITATOR = _N_LEVERS  # its place in SCHEDULED, after the levers
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
    _fill_posts(state, flows, params, now.week)
    _pay(state, context, flows, params, now.week)
    _share_hours(state, flows, params, practice, now.week)
    _lead(state, flows, params, practice)


@inner_kernel
def _advance_clocks(state):
    for i in range(state.n_slots):
        state.tenure[i] += where(state.is_member[i], 1.0, 0.0)
        state.vacant_weeks[i] += where(state.is_seat[i] & ~state.is_member[i], 1.0, 0.0)
    for g in range(len(state.is_organisation)):
        state.organisation_tenure[g] += where(state.is_organisation[g], 1.0, 0.0)


@inner_kernel
def _fill_posts(state, flows, params, week):
    """Look up each seat's active post; open the coordinators' seats whose first post begins."""
    for i in range(state.n_slots):
        if not any_of(state.is_post[i]):
            continue
        for c in range(MAX_POSTS):
            first = params.post_seat[c]
            named = state.is_post[i] & (params.n_posts > c) & (first <= i) & (first + params.post_seats[c] > i)
            active = named & (params.post_from[c] <= week) & (params.post_to[c] >= week)
            if any_of(active):
                pay = where(params.post_pay[c] >= 0.0, params.post_pay[c], params.salary) * params.post_share[c]
                flows.post_share[i] = where(active, params.post_share[c], flows.post_share[i])
                flows.post_pay[i] = where(active, where(params.post_seconded[c] > 0.0, -1.0, pay), flows.post_pay[i])
        opens = (flows.post_share[i] > 0.0) & (state.role[i] == _COORDINATOR) & ~state.is_seat[i]
        if any_of(opens):
            state.is_seat[i] = state.is_seat[i] | opens
            state.vacant_weeks[i] = where(opens, 0.0, state.vacant_weeks[i])
            hand_on_ties(state, params, i, 0.0 * state.pay[i], opens)


@inner_kernel
def _pay(state, context, flows, params, week):
    """Take the week's income, pay staff and facilitator and spend on the work; count the hours that are staffed."""
    policy = maximum(0.0, 1.0 + params.grant_policy * (context.policy_fit - params.policy_middle))
    cut = active_size(context, _FUNDING_CUT, week - 1)
    granted = state.grant_level * params.grant_per_week * context.climate * policy * (1.0 - cut)
    income = where(state.grant_until > week, granted, 0.0)
    state.pool[_FUNDING] += income
    state.inflow += income
    facilitated = scheduled_value(params, _FACILITATOR, params.facilitator_hours, week)
    price = params.facilitator_price * facilitated
    for i in range(state.n_slots):
        price += where(state.is_member[i], maximum(0.0, flows.post_pay[i]), 0.0)
    paid = where(price > 0.0, clip(state.pool[_FUNDING] / price, 0.0, 1.0), 1.0)
    flows.project = params.project_share * maximum(0.0, state.pool[_FUNDING] - paid * price)
    contracted = _contract(state, flows, params)
    state.pool[_FUNDING] -= paid * price + flows.project
    state.spent += paid * price + flows.project - contracted
    flows.paid = paid
    flows.facilitated = paid * facilitated
    flows.staffed = flows.facilitated + params.coordinator_hours * _paid_strength(state, flows, params)
    state.staff_hours += flows.staffed


@inner_kernel
def _paid_strength(state, flows, params):
    """Return how many full-time, experienced coordinators' work is paid for; note how each seat is paid, in place."""
    strength = 0.0
    for i in range(state.n_slots):
        share = where(state.is_member[i], flows.post_share[i], 0.0)
        received = where(share > 0.0, where(flows.post_pay[i] < 0.0, 1.0, flows.paid), 0.0)
        flows.paid_share[i] = share * received
        staff = state.is_member[i] & (state.role[i] == _COORDINATOR)
        if any_of(staff):
            state.pay[i] += where(staff, (received - state.pay[i]) / params.pay_memory, 0.0)
            start, weeks = params.coordinator_start, params.coordinator_learning
            learnt = start + (1.0 - start) * minimum(1.0, state.tenure[i] / weeks)
            strength += where(staff, flows.paid_share[i] * where(weeks > 0.0, learnt, 1.0), 0.0)
    return strength


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
def scheduled_value(params, what, base, week):
    """Return the value of a setting in ``week``: ``base``, or its latest change; ``what`` is its place in SCHEDULED."""
    value, latest = base, -1.0
    for c in range(MAX_CHANGES):
        if not any_of(params.n_changes > c):
            break
        since = params.change_week[c]
        holds = (params.n_changes > c) & (params.change_lever[c] == what) & (latest <= since) & (since <= week)
        value = where(holds, params.change_value[c], value)
        latest = where(holds, since, latest)
    return value


@inner_kernel
def _share_hours(state, flows, params, practice, week):
    n = count_members(state)
    size = params.size_base + (1.0 - params.size_base) * n / params.usual_size
    inner, rest = 0.0, params.approach_hours * approaches_per_week(params, n)
    for p in range(_N_LEVERS):
        level = scheduled_value(params, p, params.levers[p], week)
        practice.level[p] = level
        demand = params.lever_hours[p] * level * size
        interpersonal = params.lever_level[p] == _INTERPERSONAL
        inner += where(interpersonal, demand, 0.0)
        rest += where(interpersonal, 0.0, demand)
    facilitated = minimum(inner, flows.facilitated)
    left = inner - facilitated + rest
    cover = where(left > 0.0, minimum(1.0, (flows.staffed - flows.facilitated) / left), 1.0)
    inner_cover = where(inner > 0.0, (facilitated + cover * (inner - facilitated)) / inner, 1.0)
    flows.cover = where(inner + rest > 0.0, (facilitated + cover * left) / (inner + rest), 1.0)
    half = params.lever_saturation
    for p in range(_N_LEVERS):
        x = practice.level[p] * where(params.lever_level[p] == _INTERPERSONAL, inner_cover, cover)
        practice.level[p] = x * (1.0 + half) / (x + half)


@inner_kernel
def _lead(state, flows, params, practice):
    """Let the one with most to give lead; leading wears and takes hours of one's own."""
    flows.leader, best = -1.0, -1.0
    for i in range(state.n_slots):
        strength = state.leading[i] * state.engagement[i] * (1.0 - state.wear[i])
        leads = state.is_member[i] & (strength > best)
        flows.leader = where(leads, i, flows.leader)
        best = where(leads, strength, best)
        state.wear[i] *= where(state.is_member[i], 1.0 - params.wear_recovery, 1.0)
    flows.leadership = maximum(0.0, best)
    worn = params.wear_gain * (1.0 - params.wear_relief * flows.cover)
    for i in range(state.n_slots):
        leads = flows.leader == i
        if any_of(leads):
            state.wear[i] += where(leads, worn * (1.0 - state.wear[i]), 0.0)
            flows.hours[i] += where(leads, params.lead_hours * burden(state, flows, params, practice, i), 0.0)
            give_hours(state, i, params.lead_hours, leads)
