"""Rule 2, turnover: persons leave, organisations leave, successors and recruits arrive (docs/model/model.md §7.2)."""

from __future__ import annotations

import numpy as np

from sim.core._jit import inner_kernel, kernel
from sim.core.elementary import exp
from sim.core.inputs import MAX_POSTS
from sim.core.lanes.values import any_of, maximum, minimum, where
from sim.core.rng import draw, uniform
from sim.core.rules._common import (
    active_churn,
    approaches_per_week,
    backing_of,
    begin,
    close_seat,
    count_members,
    draw_endowment,
    draw_leading,
    hand_on_ties,
    hear_from_members,
    is_active,
    mean_raw_power,
    raw_power,
)
from sim.core.state import N_CAUSES, N_RESOURCES, N_ROLES, N_THEMES
from sim.core.vocabulary import (
    WEEKS_PER_YEAR,
    LeavingCause,
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
_MOVED_ON, _UNPAID = int(LeavingCause.MOVED_ON), int(LeavingCause.UNPAID)
_DISENGAGED, _EVENT = int(LeavingCause.DISENGAGED), int(LeavingCause.EVENT)
_ORGANISATION_LEFT = int(LeavingCause.ORGANISATION_LEFT)
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
def weekly_exit_chances(state, context, flows, params, practice, i, week):
    """Return the chances that member ``i`` leaves this week: moving on, unpaid, disengaged, by an event."""
    role = state.role[i]
    push = params.exposure[role] * (params.push_backing - backing_of(state, params, i))
    push *= 1.0 + active_churn(context, role, week)
    unpaid = (state.organisation_id[i] < 0.0) & (flows.paid_share[i] == 0.0)
    push *= where(unpaid, 1.0 + params.push_unsupported * (1.0 - practice.participation_support), 1.0)
    rate, passive = params.hazard_person * params.mobility, 0.0
    if params.cause != _BENEFIT:
        rate *= push
    if params.cause != _EXOGENOUS:
        rate *= pull_to_leave(state.benefit[i] - state.drawback[i], params.hazard_benefit, params)
        passive = where(is_active(state, i), 0.0, minimum(1.0, params.hazard_drift_out))
    missing = 1.0 - state.pay[i]
    unpaid_work = where(role == _COORDINATOR, minimum(1.0, params.exit_unpaid * missing * missing), 0.0)
    return minimum(1.0, rate / WEEKS_PER_YEAR), unpaid_work, passive, context.exit_chance[role]


@kernel
def pull_to_leave(net, strength, params):
    """Return the factor by which ``net`` benefit multiplies a rate of leaving, within ``pull_low``, ``pull_high``."""
    return minimum(maximum(exp(-strength * (net - params.net_reference)), params.pull_low), params.pull_high)


@inner_kernel
def _persons_leave(state, context, flows, params, practice, now):
    for i in range(state.n_slots):
        if any_of(state.is_member[i]):
            q1, q2, q3, q4 = weekly_exit_chances(state, context, flows, params, practice, i, now.week)
            chance = 1.0 - (1.0 - q1) * (1.0 - q2) * (1.0 - q3) * (1.0 - q4)
            u = uniform(now, _DEPARTURE, i, 0)
            leaves = state.is_member[i] & (u < chance)
            if any_of(leaves):
                reached = u * (q1 + q2 + q3 + q4)
                passive = where(reached < chance * (q1 + q2 + q3), _DISENGAGED, _EVENT)
                unpaid = where(reached < chance * (q1 + q2), _UNPAID, passive)
                cause = where(reached < chance * q1, _MOVED_ON, unpaid)
                _leave(state, flows, params, i, cause, leaves)


@inner_kernel
def _leave(state, flows, params, i, cause, who):
    for c in range(N_CAUSES):
        state.left_for[c] += where(who & (cause == c), 1.0, 0.0)
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
        at_home = (state.is_seat[i] | state.is_post[i]) & (state.organisation_id[i] >= 0.0)
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
            state.left_for[_ORGANISATION_LEFT] += gone
            flows.departures += gone
            close_seat(state, i, closed)
        state.is_post[i] = state.is_post[i] & ~(who & (state.organisation_id[i] == g))


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
    for i in range(state.n_slots):
        empty = state.is_seat[i] & ~state.is_member[i] & (state.vacant_weeks[i] >= 1.0)
        if not any_of(empty):
            continue
        closed = context.closed_until[state.role[i]] > now.week
        too_long = (state.vacant_weeks[i] > params.vacancy_limit) & ~_has_post_ahead(state, params, i, now.week)
        given_up = empty & (too_long | closed)
        close_seat(state, i, given_up)
        chance = _filling_chance(state, flows, params, practice, i)
        filled = empty & ~given_up & (uniform(now, _REPLACEMENT, i, 0) < chance)
        if any_of(filled):
            _seat_person(state, flows, params, now, i, handed_on(state, params, i), _SUCCESSOR, filled)


@kernel
def _filling_chance(state, flows, params, practice, i):
    """Return the chance that the empty seat ``i`` is filled: hired, sent by its organisation, or invited."""
    in_purse = params.hire_weeks * flows.post_pay[i] <= state.pool[_FUNDING]
    hired = where((flows.post_share[i] > 0.0) & in_purse, params.hiring_rate, 0.0)
    invited = params.invitation_rate * practice.inclusive_decisions * practice.participation_support
    sent = params.replacement_rate * backing_of(state, params, i)
    others = where(state.organisation_id[i] >= 0.0, sent, invited)
    return where(state.role[i] == _COORDINATOR, hired, others)


@inner_kernel
def _has_post_ahead(state, params, i, week):
    """Tell whether seat ``i`` has a post that is active or still to come."""
    ahead = False
    if any_of(state.is_post[i]):
        for c in range(MAX_POSTS):
            named = (params.n_posts > c) & (params.post_seat[c] <= i) & (params.post_seat[c] + params.post_seats[c] > i)
            ahead = ahead | (named & (params.post_to[c] >= week))
    return state.is_post[i] & ahead


@inner_kernel
def _recruit(state, context, flows, params, now):
    u0, u1, u2, _ = draw(now, _RECRUITMENT, 0, 0)
    approached = u0 < flows.cover * approaches_per_week(params, count_members(state))
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
        free = (params.room > i) & ~state.is_seat[i] & ~state.is_post[i]
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
    state.wear[i] = where(who, 0.0, state.wear[i])
    state.pay[i] = where(who, where(state.role[i] == _COORDINATOR, 1.0, 0.0), state.pay[i])
    draw_leading(state, params, now, i, who)
    standing = params.standing_start + (1.0 - params.standing_start) * params.standing_kept * keep
    state.standing[i] = where(who, standing, state.standing[i])
    power = raw_power(state, params, i) / mean_raw_power(state, params)
    state.power[i] = where(who, power, state.power[i])
    hand_on_ties(state, params, i, keep, who)
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
