"""Rule 2, turnover: persons leave, organisations leave, successors and recruits arrive (docs/model/model.md §7.2)."""

from __future__ import annotations

import numpy as np

from sim.core._jit import inner_kernel, kernel
from sim.core.elementary import exp
from sim.core.lanes.values import any_of, maximum, minimum, where
from sim.core.rng import draw, uniform
from sim.core.rules._common import (
    are_colleagues,
    backing_of,
    begin,
    close_seat,
    count_members,
    draw_endowment,
    hear_from_members,
    is_active,
    mean_raw_power,
    prior_trust,
    raw_power,
)
from sim.core.state import N_RESOURCES, N_ROLES, N_THEMES
from sim.core.vocabulary import (
    WEEKS_PER_YEAR,
    Purpose,
    Resource,
    Ring,
    Role,
    TurnoverBuffer,
    TurnoverCause,
)

_DEPARTURE, _ORGANISATION_EXIT = int(Purpose.DEPARTURE), int(Purpose.ORGANISATION_EXIT)
_REPLACEMENT, _RECRUITMENT = int(Purpose.REPLACEMENT), int(Purpose.RECRUITMENT)
_NEWCOMER = np.int64(Purpose.NEWCOMER)
_EXOGENOUS, _BENEFIT = int(TurnoverCause.EXOGENOUS), int(TurnoverCause.BENEFIT)
_NO_BUFFER, _BY_ORGANISATION = int(TurnoverBuffer.NONE), int(TurnoverBuffer.ORGANISATION)
_BY_COORDINATOR = int(TurnoverBuffer.COORDINATOR)
_COORDINATOR, _PATIENT = int(Role.COORDINATOR), int(Role.PATIENT)
_CORE_TEAM = int(Ring.CORE_TEAM)
_SUCCESSOR, _RECRUIT = np.int64(0), np.int64(1)  # numpy's: a function is compiled anew for each constant of Python's
_FUNDING = int(Resource.FUNDING)
_LEGITIMACY, _CONNECTIONS = int(Resource.LEGITIMACY), int(Resource.CONNECTIONS)


@kernel
def turnover_rule(state, context, flows, params, practice, now):
    """Let persons and organisations come and go; changes state and flows in place (arguments as in ``staffing``)."""
    _persons_leave(state, context, flows, params, practice, now)
    _organisations_leave(state, flows, params, now)
    _successors_arrive(state, context, flows, params, practice, now)
    _recruit(state, context, flows, params, now)
    _drop_seatless_organisations(state, flows)
    for g in range(N_ROLES):
        context.exit_chance[g] = 0.0
    for g in range(len(state.is_organisation)):
        if any_of(state.is_organisation[g]):
            for k in range(N_RESOURCES):
                state.memory[g, k] *= 1.0 - params.memory_fade


@kernel
def weekly_exit_chance(state, flows, params, practice, i, pull):
    """Return the chance that member ``i`` leaves this week, dated shocks apart; ``pull`` is ``pull_to_leave``."""
    role = state.role[i]
    push = params.exposure[role] * (params.push_backing - backing_of(state, params, i))
    push *= where(role == _COORDINATOR, params.push_unpaid - flows.paid, 1.0)
    alone = state.organisation_id[i] < 0.0
    push *= where(alone, 1.0 - params.push_support * practice.participation_support, 1.0)
    rate, drift_out = params.hazard_person, 0.0
    if params.cause != _BENEFIT:
        rate *= push
    if params.cause != _EXOGENOUS:
        rate *= pull
        drift_out = where(is_active(state, i), 0.0, params.hazard_drift_out)
    return minimum(1.0, rate / WEEKS_PER_YEAR + drift_out)


@kernel
def pull_to_leave(net, strength, params):
    """Return the factor by which ``net`` benefit multiplies a rate of leaving, within ``pull_low``, ``pull_high``."""
    return minimum(maximum(exp(-strength * (net - params.net_reference)), params.pull_low), params.pull_high)


@inner_kernel
def _persons_leave(state, context, flows, params, practice, now):
    for i in range(state.n_slots):
        if any_of(state.is_member[i]):
            pull = pull_to_leave(state.benefit[i] - state.drawback[i], params.hazard_benefit, params)
            chance = weekly_exit_chance(state, flows, params, practice, i, pull)
            shocked = 1.0 - (1.0 - chance) * (1.0 - context.exit_chance[state.role[i]])
            leaves = state.is_member[i] & (uniform(now, _DEPARTURE, i, 0) < shocked)
            if any_of(leaves):
                _leave(state, flows, params, i, leaves)


@inner_kernel
def _leave(state, flows, params, i, who):
    state.is_member[i] = state.is_member[i] & ~who
    state.vacant_weeks[i] = where(who, 0.0, state.vacant_weeks[i])
    state.leavers += where(who, 1.0, 0.0)
    flows.departures += where(who, 1.0, 0.0)
    alone = who & (state.organisation_id[i] < 0.0)
    state.withdrawn += where(alone, state.holdings[i, _FUNDING], 0.0)
    state.holdings[i, _FUNDING] = where(alone, 0.0, state.holdings[i, _FUNDING])
    if params.buffer != _NO_BUFFER and params.buffer != _BY_COORDINATOR:
        g = maximum(state.organisation_id[i], 0.0)
        share = params.succession_organisation * state.backing[g]
        for k in range(N_RESOURCES):
            kept = share * maximum(0.0, state.holdings[i, k] - state.endowment[i, k])
            written = who & ~alone & ~state.is_rival[k] & (kept > state.memory[g, k])
            state.memory[g, k] = where(written, kept, state.memory[g, k])


@inner_kernel
def _organisations_leave(state, flows, params, now):
    _sum_by_home(state, flows)
    strength = params.hazard_benefit_organisation * params.hazard_benefit
    for g in range(len(state.is_organisation)):
        if any_of(state.is_organisation[g]):
            newness = exp(-state.organisation_tenure[g] / params.newness_weeks)
            rate = params.hazard_organisation * (1.0 + params.organisation_newness * newness)
            if params.cause != _EXOGENOUS:
                net = flows.home_net[g] / maximum(flows.home_seats[g], 1.0)
                rate *= pull_to_leave(net, strength, params)
            chance = minimum(1.0, rate / WEEKS_PER_YEAR)
            leaves = state.is_organisation[g] & (uniform(now, _ORGANISATION_EXIT, g, 0) < chance)
            if any_of(leaves):
                _withdraw_organisation(state, flows, g, leaves)


@inner_kernel
def _sum_by_home(state, flows):
    """Sum the net benefit of members, and count them, by organisation; in place."""
    for g in range(len(state.is_organisation)):
        flows.home_net[g] = 0.0
        flows.home_seats[g] = 0.0
    for i in range(state.n_slots):
        there = state.is_member[i] & (state.organisation_id[i] >= 0.0)
        g = maximum(state.organisation_id[i], 0.0)
        flows.home_net[g] += where(there, state.benefit[i] - state.drawback[i], 0.0)
        flows.home_seats[g] += where(there, 1.0, 0.0)


@inner_kernel
def _drop_seatless_organisations(state, flows):
    """Count out organisations none of whose seats is left."""
    for g in range(len(state.is_organisation)):
        flows.home_seats[g] = 0.0
    for i in range(state.n_slots):
        at_home = state.is_seat[i] & (state.organisation_id[i] >= 0.0)
        flows.home_seats[maximum(state.organisation_id[i], 0.0)] += where(at_home, 1.0, 0.0)
    for g in range(len(state.is_organisation)):
        seatless = state.is_organisation[g] & (flows.home_seats[g] == 0.0)
        if any_of(seatless):
            _withdraw_organisation(state, flows, g, seatless)


@inner_kernel
def _withdraw_organisation(state, flows, g, who):
    state.is_organisation[g] = state.is_organisation[g] & ~who
    flows.organisation_exits += where(who, 1.0, 0.0)
    for k in range(N_RESOURCES):
        state.memory[g, k] = where(who, 0.0, state.memory[g, k])
    for i in range(state.n_slots):
        closed = who & state.is_seat[i] & (state.organisation_id[i] == g)
        if any_of(closed):
            gone = where(closed & state.is_member[i], 1.0, 0.0)
            state.leavers += gone
            flows.departures += gone
            close_seat(state, i, closed)


@kernel
def handed_on(state, params, i):
    """Return the share of knowledge and ties that the next person in seat ``i`` takes over."""
    by_organisation, by_coordinator = 0.0, 0.0
    g = state.organisation_id[i]
    if params.buffer != _NO_BUFFER and params.buffer != _BY_COORDINATOR:
        by_organisation = where(g >= 0.0, params.succession_organisation * state.backing[maximum(g, 0.0)], 0.0)
    if params.buffer != _NO_BUFFER and params.buffer != _BY_ORGANISATION:
        longest = 0.0
        for j in range(state.n_slots):
            if j != i:
                coordinates = state.is_member[j] & (state.role[j] == _COORDINATOR)
                longest = where(coordinates, maximum(longest, state.tenure[j]), longest)
        by_coordinator = params.succession_coordinator * minimum(1.0, longest / params.succession_weeks)
    return 1.0 - (1.0 - by_organisation) * (1.0 - by_coordinator)


@inner_kernel
def _successors_arrive(state, context, flows, params, practice, now):
    unpaid = params.invitation_rate * 0.5 * (practice.inclusive_decisions + practice.participation_support)
    for i in range(state.n_slots):
        empty = state.is_seat[i] & ~state.is_member[i] & (state.vacant_weeks[i] >= 1.0)
        if not any_of(empty):
            continue
        closed = context.closed_until[state.role[i]] > now.week
        given_up = empty & ((state.vacant_weeks[i] > params.vacancy_limit) | closed)
        close_seat(state, i, given_up)
        at_home = state.organisation_id[i] >= 0.0
        chance = where(at_home, params.replacement_rate * backing_of(state, params, i), unpaid)
        filled = empty & ~given_up & (uniform(now, _REPLACEMENT, i, 0) < chance)
        if any_of(filled):
            _seat_person(state, flows, params, now, i, handed_on(state, params, i), _SUCCESSOR, filled)


@inner_kernel
def _recruit(state, context, flows, params, now):
    u0, u1, u2, _ = draw(now, _RECRUITMENT, 0, 0)
    approached = u0 < params.approaches_per_year / WEEKS_PER_YEAR * flows.cover
    if not any_of(approached):
        return
    role = _approached_role(state, context, params, u1, now.week)
    reputation = params.memory_weeks * state.win_memory + state.pool[_LEGITIMACY] + state.pool[_CONNECTIONS]
    won = 1.0 - exp(-params.recruit_reputation * reputation)
    willing = u2 < params.recruit_accept + (1.0 - params.recruit_accept) * won
    seat, patient = _free_slot(state, params), role == _PATIENT
    home = where(patient, -1.0, _free_organisation(state))
    joins = approached & (role >= 0.0) & willing & (seat >= 0.0) & (patient | (home >= 0.0))
    if not any_of(joins):
        return
    for g in range(len(state.is_organisation)):
        founded = joins & (home == g)
        if any_of(founded):
            _join_organisation(state, params, g, founded)
    for i in range(len(state.is_seat)):
        seated = joins & (seat == i)
        if any_of(seated):
            state.role[i] = where(seated, role, state.role[i])
            state.ring[i] = where(seated, _CORE_TEAM, state.ring[i])
            state.organisation_id[i] = where(seated, home, state.organisation_id[i])
            state.n_slots = max(state.n_slots, i + 1)
            _seat_person(state, flows, params, now, i, 0.0 * u0, _RECRUIT, seated)


@inner_kernel
def _join_organisation(state, params, g, who):
    state.is_organisation[g] = state.is_organisation[g] | who
    state.backing[g] = where(who, params.each_backing, state.backing[g])
    state.backing_base[g] = where(who, params.each_backing, state.backing_base[g])
    state.organisation_tenure[g] = where(who, 0.0, state.organisation_tenure[g])
    for k in range(N_RESOURCES):
        state.memory[g, k] = where(who, 0.0, state.memory[g, k])


@inner_kernel
def _role_weight(state, context, params, g, week):
    uncovered = 0.0
    for d in range(N_THEMES):
        uncovered += params.vantage[g, d] * maximum(0.0, state.belief[d] - state.activity[d])
    weight = params.recruiting[g] * (1.0 + params.recruit_gap * uncovered)
    return where(context.closed_until[g] > week, 0.0, weight)


@inner_kernel
def _approached_role(state, context, params, u, week):
    """Return the role that is approached, -1 if every role is closed."""
    total = 0.0
    for g in range(N_ROLES):
        total += _role_weight(state, context, params, g, week)
    reached, role = 0.0, -1.0
    for g in range(N_ROLES):
        reached += _role_weight(state, context, params, g, week)
        role = where((role < 0.0) & (u * total < reached), g, role)
    return role


@inner_kernel
def _free_slot(state, params):
    """Return the first slot that is no seat, -1 if there is none."""
    found = -1.0
    for i in range(len(state.is_seat)):
        free = (params.room > i) & ~state.is_seat[i]
        found = where(free & (found < 0.0), i, found)
    return found


@inner_kernel
def _free_organisation(state):
    """Return the first index for an organisation that was not there at the founding, -1 if all are taken."""
    found = -1.0
    for g in range(len(state.is_organisation)):
        free = (state.n_founding_organisations <= g) & ~state.is_organisation[g]
        found = where(free & (found < 0.0), g, found)
    return found


@inner_kernel
def _seat_person(state, flows, params, now, i, keep, arrival, who):
    """Seat a new person in slot ``i``; ``keep`` is the share of the predecessor's knowledge and ties."""
    n_before = count_members(state)
    hear_from_members(state, params, i, n_before, who)
    flows.arrivals += where(who, 1.0, 0.0)
    _hand_on_knowledge(state, params, now, i, keep, arrival, who)
    state.person_id[i] = where(who, state.people_ever, state.person_id[i])
    state.people_ever += where(who, 1.0, 0.0)
    state.is_seat[i] = state.is_seat[i] | who
    state.is_member[i] = state.is_member[i] | who
    state.tenure[i] = where(who, 0.0, state.tenure[i])
    state.vacant_weeks[i] = where(who, 0.0, state.vacant_weeks[i])
    standing = params.standing_start + (1.0 - params.standing_start) * params.standing_kept * keep
    state.standing[i] = where(who, standing, state.standing[i])
    power = raw_power(state, params, i) / mean_raw_power(state, params)
    state.power[i] = where(who, power, state.power[i])
    _hand_on_ties(state, params, i, keep, arrival, who)
    begin(state, params, i, who)
    diluted = 1.0 - params.newcomer_dilution * (1.0 - keep) / (n_before + 1.0)
    state.understanding *= where(who, diluted, 1.0)


@inner_kernel
def _hand_on_knowledge(state, params, now, i, keep, arrival, who):
    at_home, g = state.organisation_id[i] >= 0.0, maximum(state.organisation_id[i], 0.0)
    for k in range(N_RESOURCES):
        held = state.holdings[i, k]
        taught = where(arrival == _RECRUIT, 0.0, keep * maximum(0.0, held - state.endowment[i, k]))
        inherited = where(at_home, maximum(taught, state.memory[g, k]), taught)
        rival = where(k != _FUNDING or arrival == _RECRUIT, 0.0, held)
        state.holdings[i, k] = where(who, where(state.is_rival[k], rival, inherited), held)
    draw_endowment(state, params, now, _NEWCOMER, i, who)
    for k in range(N_RESOURCES):
        if k != _FUNDING:
            state.holdings[i, k] += where(who, state.endowment[i, k], 0.0)


@inner_kernel
def _hand_on_ties(state, params, i, keep, arrival, who):
    share = where(arrival == _RECRUIT, 0.0, keep)
    for j in range(state.n_slots):
        if j != i:
            tied = who & state.is_seat[j]
            prior = prior_trust(params, are_colleagues(state, i, j))
            kept, strain_kept = where(tied, share, 1.0), where(tied, params.strain_kept * share, 1.0)
            state.trust[i, j] = where(tied, prior + share * (state.trust[i, j] - prior), state.trust[i, j])
            state.trust[j, i] = where(tied, prior + share * (state.trust[j, i] - prior), state.trust[j, i])
            state.strain[i, j] *= strain_kept
            state.strain[j, i] *= strain_kept
            state.familiarity[i, j] *= kept
            state.familiarity[j, i] *= kept
            state.balance[i, j] *= kept
            state.balance[j, i] *= kept
            state.use[i, j] *= kept
            state.use[j, i] *= kept
