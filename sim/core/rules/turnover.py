"""Rule 2, turnover: persons leave, organisations leave, successors and recruits arrive (docs/model/model.md §7.2)."""

from __future__ import annotations

import numpy as np

from sim.core._elementary import exp
from sim.core._jit import inlined_kernel, inner_kernel, kernel
from sim.core.rng import draw, draw_each
from sim.core.rules._common import (
    active_size,
    appraise,
    are_colleagues,
    backing_of,
    close_seat,
    count_members,
    draw_endowment,
    is_active,
    mean_raw_power,
    prior_trust,
    raw_power,
    start_experience,
)
from sim.core.state import N_RESOURCES, N_ROLES, N_THEMES
from sim.core.vocabulary import (
    WEEKS_PER_YEAR,
    Lever,
    Purpose,
    Resource,
    Ring,
    Role,
    ShockKind,
    TurnoverBuffer,
    TurnoverCause,
)

_DEPARTURE, _ORGANISATION_EXIT = int(Purpose.DEPARTURE), int(Purpose.ORGANISATION_EXIT)
_REPLACEMENT, _RECRUITMENT, _NEWCOMER = (
    int(Purpose.REPLACEMENT),
    int(Purpose.RECRUITMENT),
    int(Purpose.NEWCOMER),
)
_EXOGENOUS, _BENEFIT = int(TurnoverCause.EXOGENOUS), int(TurnoverCause.BENEFIT)
_NO_BUFFER, _BY_ORGANISATION = int(TurnoverBuffer.NONE), int(TurnoverBuffer.ORGANISATION)
_BY_COORDINATOR = int(TurnoverBuffer.COORDINATOR)
_COORDINATOR, _PATIENT = int(Role.COORDINATOR), int(Role.PATIENT)
_CORE_TEAM = int(Ring.CORE_TEAM)
_FUNDING, _IN_KIND = int(Resource.FUNDING), int(Resource.IN_KIND)
_LEGITIMACY, _CONNECTIONS = int(Resource.LEGITIMACY), int(Resource.CONNECTIONS)
_INCLUSIVE, _SUPPORT = int(Lever.INCLUSIVE_DECISIONS), int(Lever.PARTICIPATION_SUPPORT)
_RIVAL_PRIORITY = int(ShockKind.RIVAL_PRIORITY)


@kernel
def turnover_rule(state, context, flows, params, practice, now):
    """Let persons and organisations come and go; changes state and flows in place (arguments as in ``staffing``)."""
    _persons_leave(state, context, flows, params, practice, now)
    _organisations_leave(state, context, flows, params, now)
    _successors_arrive(state, context, flows, params, practice, now)
    _recruit(state, context, flows, params, now)
    _drop_seatless_organisations(state, flows)
    for g in range(N_ROLES):
        context.exit_chance[g] = 0.0
    for g in range(_last_organisation(state) + 1):
        for k in range(N_RESOURCES):
            state.memory[g, k] *= 1.0 - params.memory_fade


@kernel
def weekly_exit_chance(state, flows, params, practice, i, rival, pull):
    """Return the chance that member ``i`` leaves this week, dated shocks apart; ``pull`` is ``pull_to_leave``."""
    push = params.exposure[state.role[i]] * (1.0 + rival) * (params.push_backing - backing_of(state, params, i))
    if state.role[i] == _COORDINATOR:
        push *= params.push_unpaid - flows.paid
    if state.organisation_id[i] < 0:
        push *= 1.0 - params.push_support * practice[_SUPPORT]
    rate = params.hazard_person
    if params.cause != _BENEFIT:
        rate *= push
    drift_out = 0.0
    if params.cause != _EXOGENOUS:
        rate *= pull
        if not is_active(state, i):
            drift_out = params.hazard_drift_out
    return min(1.0, rate / WEEKS_PER_YEAR + drift_out)


@inlined_kernel
def pull_to_leave(net, strength, params):
    """Return the factor by which ``net`` benefit multiplies a rate of leaving, within ``pull_low``, ``pull_high``."""
    return min(max(exp(-strength * (net - params.net_reference)), params.pull_low), params.pull_high)


@inner_kernel
def _persons_leave(state, context, flows, params, practice, now):
    rival = active_size(context, _RIVAL_PRIORITY, now[2])
    u, pull = np.empty(state.n_slots), np.empty(state.n_slots)
    draw_each(now, _DEPARTURE, 0, u)
    for i in range(state.n_slots):
        net = state.benefit[i] - state.drawback[i]
        pull[i] = pull_to_leave(net, params.hazard_benefit, params)
    for i in range(state.n_slots):
        if state.is_member[i]:
            chance = weekly_exit_chance(state, flows, params, practice, i, rival, pull[i])
            if u[i] < 1.0 - (1.0 - chance) * (1.0 - context.exit_chance[state.role[i]]):
                _leave(state, flows, params, i)


@inner_kernel
def _leave(state, flows, params, i):
    state.is_member[i] = 0
    state.vacant_weeks[i] = 0
    state.leavers += 1
    flows.departures += 1
    g = state.organisation_id[i]
    if g < 0:
        state.withdrawn += state.holdings[i, _FUNDING]
        state.holdings[i, _FUNDING] = 0.0
    elif params.buffer != _NO_BUFFER and params.buffer != _BY_COORDINATOR:
        share = params.succession_organisation * state.backing[g]
        for k in range(N_RESOURCES):
            if not state.is_rival[k]:
                learnt = max(0.0, state.holdings[i, k] - state.endowment[i, k])
                state.memory[g, k] = max(state.memory[g, k], share * learnt)


@inner_kernel
def _organisations_leave(state, context, flows, params, now):
    rival = active_size(context, _RIVAL_PRIORITY, now[2])
    last = _last_organisation(state) + 1
    u, net, seats, newness = np.empty(last), np.zeros(last), np.zeros(last), np.empty(last)
    draw_each(now, _ORGANISATION_EXIT, 0, u)
    for i in range(state.n_slots):
        g = state.organisation_id[i]
        if g >= 0 and state.is_member[i]:
            net[g] += state.benefit[i] - state.drawback[i]
            seats[g] += 1.0
    strength = params.hazard_benefit_organisation * params.hazard_benefit
    for g in range(last):
        net[g] = pull_to_leave(net[g] / max(seats[g], 1.0), strength, params)
        newness[g] = exp(-state.organisation_tenure[g] / params.newness_weeks)
    for g in range(last):
        rate = params.hazard_organisation * (1.0 + params.organisation_newness * newness[g])
        if params.cause != _BENEFIT:
            rate *= 1.0 + rival
        if params.cause != _EXOGENOUS:
            rate *= net[g]
        if state.is_organisation[g] and u[g] < min(1.0, rate / WEEKS_PER_YEAR):
            _withdraw_organisation(state, flows, g)


@inner_kernel
def _last_organisation(state):
    """Return the highest index of an organisation that takes part, -1 if none does."""
    last = -1
    for g in range(state.is_organisation.shape[0]):
        if state.is_organisation[g]:
            last = g
    return last


@inner_kernel
def _drop_seatless_organisations(state, flows):
    """Count out organisations none of whose seats is left."""
    seats = np.zeros(_last_organisation(state) + 1, dtype=np.uint8)
    for i in range(state.n_slots):
        if state.is_seat[i] and state.organisation_id[i] >= 0:
            seats[state.organisation_id[i]] = 1
    for g in range(seats.size):
        if state.is_organisation[g] and not seats[g]:
            _withdraw_organisation(state, flows, g)


@inner_kernel
def _withdraw_organisation(state, flows, g):
    state.is_organisation[g] = 0
    flows.organisation_exits += 1
    for k in range(N_RESOURCES):
        state.memory[g, k] = 0.0
    for i in range(state.n_slots):
        if state.is_seat[i] and state.organisation_id[i] == g:
            if state.is_member[i]:
                state.leavers += 1
                flows.departures += 1
            close_seat(state, i)


@kernel
def handed_on(state, params, i):
    """Return the share of knowledge and ties that the next person in seat ``i`` takes over."""
    by_organisation, by_coordinator = 0.0, 0.0
    g = state.organisation_id[i]
    if g >= 0 and params.buffer != _NO_BUFFER and params.buffer != _BY_COORDINATOR:
        by_organisation = params.succession_organisation * state.backing[g]
    if params.buffer != _NO_BUFFER and params.buffer != _BY_ORGANISATION:
        longest = 0
        for j in range(state.n_slots):
            if j != i and state.is_member[j] and state.role[j] == _COORDINATOR:
                longest = max(longest, state.tenure[j])
        by_coordinator = params.succession_coordinator * min(1.0, longest / params.succession_weeks)
    return 1.0 - (1.0 - by_organisation) * (1.0 - by_coordinator)


@inner_kernel
def _successors_arrive(state, context, flows, params, practice, now):
    for i in range(state.n_slots):
        if not state.is_seat[i] or state.is_member[i] or state.vacant_weeks[i] < 1:
            continue
        if state.vacant_weeks[i] > params.vacancy_limit or now[2] < context.closed_until[state.role[i]]:
            close_seat(state, i)
            continue
        if state.organisation_id[i] >= 0:
            chance = params.replacement_rate * backing_of(state, params, i)
        else:
            chance = params.invitation_rate * 0.5 * (practice[_INCLUSIVE] + practice[_SUPPORT])
        u0, _, _, _ = draw(now, _REPLACEMENT, i, 0)
        if u0 < chance:
            _seat_person(state, flows, params, now, i, handed_on(state, params, i), False)


@inner_kernel
def _recruit(state, context, flows, params, now):
    u0, u1, u2, _ = draw(now, _RECRUITMENT, 0, 0)
    if not u0 < params.approaches_per_year / WEEKS_PER_YEAR * flows.cover:
        return
    role = _approached_role(state, context, params, u1, now[2])
    reputation = params.memory_weeks * state.win_memory + state.pool[_LEGITIMACY] + state.pool[_CONNECTIONS]
    won = 1.0 - exp(-params.recruit_reputation * reputation)
    if role < 0 or not u2 < params.recruit_accept + (1.0 - params.recruit_accept) * won:
        return
    i = _free_slot(state, params)
    g = -1 if role == _PATIENT else _free_organisation(state)
    if i < 0 or (g < 0 and role != _PATIENT):
        return
    if g >= 0:
        state.is_organisation[g] = 1
        state.backing[g] = params.each_backing
        state.backing_base[g] = params.each_backing
        state.organisation_tenure[g] = 0
        for k in range(N_RESOURCES):
            state.memory[g, k] = 0.0
    state.role[i] = role
    state.ring[i] = _CORE_TEAM
    state.organisation_id[i] = g
    state.n_slots = max(state.n_slots, i + 1)
    _seat_person(state, flows, params, now, i, 0.0, True)


@inner_kernel
def _role_weight(state, context, params, g, week):
    if week < context.closed_until[g]:
        return 0.0
    uncovered = 0.0
    for d in range(N_THEMES):
        uncovered += params.vantage[g, d] * max(0.0, state.belief[d] - state.activity[d])
    return params.recruiting[g] * (1.0 + params.recruit_gap * uncovered)


@inner_kernel
def _approached_role(state, context, params, u, week):
    total = 0.0
    for g in range(N_ROLES):
        total += _role_weight(state, context, params, g, week)
    reached = 0.0
    for g in range(N_ROLES):
        reached += _role_weight(state, context, params, g, week)
        if u * total < reached:
            return g
    return -1


@inner_kernel
def _free_slot(state, params):
    for i in range(params.room):
        if not state.is_seat[i]:
            return i
    return -1


@inner_kernel
def _free_organisation(state):
    for g in range(state.n_founding_organisations, state.is_organisation.shape[0]):
        if not state.is_organisation[g]:
            return g
    return -1


@inner_kernel
def _seat_person(state, flows, params, now, i, keep, is_new):
    """Seat a new person in slot ``i``; ``keep`` is the share of the predecessor's knowledge and ties."""
    n_before = count_members(state)
    flows.arrivals += 1
    _hand_on_knowledge(state, params, now, i, keep, is_new)
    state.person_id[i] = state.people_ever
    state.people_ever += 1
    state.is_seat[i] = 1
    state.is_member[i] = 1
    state.tenure[i] = 0
    state.vacant_weeks[i] = 0
    state.standing[i] = params.standing_start + (1.0 - params.standing_start) * params.standing_kept * keep
    state.engagement[i] = params.start_engagement
    start_experience(state, params, i)
    state.power[i] = raw_power(state, params, i) / mean_raw_power(state, params)
    _hand_on_ties(state, params, i, keep, is_new)
    appraise(state, params, i, n_before + 1)
    state.aspiration[i] = state.benefit[i]
    state.understanding *= 1.0 - params.newcomer_dilution * (1.0 - keep) / (n_before + 1)


@inner_kernel
def _hand_on_knowledge(state, params, now, i, keep, is_new):
    g = state.organisation_id[i]
    for k in range(N_RESOURCES):
        if not state.is_rival[k]:
            inherited = 0.0 if is_new else keep * max(0.0, state.holdings[i, k] - state.endowment[i, k])
            if g >= 0:
                inherited = max(inherited, state.memory[g, k])
            state.holdings[i, k] = inherited
        elif k != _FUNDING or is_new:
            state.holdings[i, k] = 0.0
    draw_endowment(state, params, now, _NEWCOMER, i)
    for k in range(N_RESOURCES):
        if k != _FUNDING:
            state.holdings[i, k] += state.endowment[i, k]


@inner_kernel
def _hand_on_ties(state, params, i, keep, is_new):
    share = 0.0 if is_new else keep
    for j in range(state.n_slots):
        if j == i or not state.is_seat[j]:
            continue
        prior = prior_trust(params, are_colleagues(state, i, j))
        state.trust[i, j] = prior + share * (state.trust[i, j] - prior)
        state.trust[j, i] = prior + share * (state.trust[j, i] - prior)
        state.strain[i, j] *= params.strain_kept * share
        state.strain[j, i] *= params.strain_kept * share
        state.familiarity[i, j] *= share
        state.familiarity[j, i] *= share
        state.balance[i, j] *= share
        state.balance[j, i] *= share
        state.use[i, j] *= share
        state.use[j, i] *= share
