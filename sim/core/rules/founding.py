"""Week 0: the founding partnership (docs/model/model.md §5)."""

from __future__ import annotations

import numpy as np

from sim.core._jit import entry_kernel, inner_kernel
from sim.core.inputs import MAX_POSTS
from sim.core.lanes.values import floor, where, zeros
from sim.core.rules._common import (
    are_colleagues,
    begin,
    draw_endowment,
    draw_leading,
    mean_raw_power,
    prior_trust,
    raw_power,
    start_experience,
)
from sim.core.state import N_RESOURCES, N_THEMES
from sim.core.vocabulary import Purpose, Resource, Role, Trait

_FOUNDING = np.int64(Purpose.FOUNDING)
_FUNDING = int(Resource.FUNDING)
_COORDINATOR = int(Role.COORDINATOR)
_RIVAL = int(Trait.RIVAL)


@entry_kernel
def found(state, context, flows, founding, params, now):
    """Fill blank records with the founding partnership; changes state, context and flows in place.

    Parameters
    ----------
    state, context, flows : State, Context, Flows
        Blank.
    founding : Record FOUNDING
        Composition: the founding seats and organisations.
    params : Record PARAMS
        Settings.
    now : Record NOW
        Seed and replicate; the week is 0.
    """
    _found_rulers(state, params)
    _found_blanks(state, flows)
    _found_organisations(state, founding, params)
    _found_seats(state, founding, params, now)
    _found_ties(state, params)
    _found_whole(state, context, params)


@inner_kernel
def _found_rulers(state, params):
    """Write what rules and observers must judge alike; observers are given no settings."""
    state.active_level = params.active_level
    for k in range(N_RESOURCES):
        state.is_rival[k] = params.traits[k, _RIVAL] > 0.0


@inner_kernel
def _found_blanks(state, flows):
    """Write what stands for none."""
    flows.leader = -1.0
    for i in range(len(state.is_seat)):
        state.organisation_id[i] = -1.0
        state.person_id[i] = -1.0
        for j in range(len(state.is_seat)):
            flows.offer[i, j] = -1.0


@inner_kernel
def _found_organisations(state, founding, params):
    state.n_founding_organisations = founding.n_organisations
    for g in range(founding.most_organisations):
        there = founding.n_organisations > g
        state.is_organisation[g] = there
        state.backing[g] = where(there, founding.backing[g], 0.0)
        state.backing_base[g] = where(there, founding.backing[g], 0.0)
        state.organisation_tenure[g] = where(there, floor(params.founding_weeks), 0.0)


@inner_kernel
def _found_seats(state, founding, params, now):
    state.n_slots = founding.most_seats
    state.people_ever = 0.0
    for i in range(founding.most_seats):
        placed = founding.n_seats > i
        state.is_seat[i] = placed & (founding.is_open[i] > 0.0)
        there = state.is_seat[i]  # read back: LLVM fails to copy such a mask of a single lane
        _keep_for_posts(state, params, i)
        state.role[i] = founding.role[i]
        state.ring[i] = founding.ring[i]
        state.organisation_id[i] = where(placed, founding.organisation[i], -1.0)
        state.person_id[i] = where(there, state.people_ever, -1.0)
        state.people_ever += where(there, 1.0, 0.0)
        state.is_member[i] = there
        state.standing[i] = where(there, 1.0, 0.0)
        state.pay[i] = where(there & (state.role[i] == _COORDINATOR), 1.0, 0.0)
        draw_leading(state, params, now, i, there)
        draw_endowment(state, params, now, _FOUNDING, i, there)
        for k in range(N_RESOURCES):
            state.holdings[i, k] = state.endowment[i, k]
        start_experience(state, params, i, there)
    state.n_founders = state.people_ever


@inner_kernel
def _keep_for_posts(state, params, i):
    """Keep the slot of a founding seat for the posts of the plan."""
    for c in range(MAX_POSTS):
        named = (params.n_posts > c) & (params.post_seat[c] <= i) & (params.post_seat[c] + params.post_seats[c] > i)
        state.is_post[i] = state.is_post[i] | named


@inner_kernel
def _found_ties(state, params):
    n = state.n_slots
    mean = mean_raw_power(state, params)
    for i in range(n):
        state.power[i] = where(state.is_seat[i], raw_power(state, params, i) / mean, 0.0)
        for j in range(n):
            if i != j:
                both = state.is_seat[i] & state.is_seat[j]
                state.trust[i, j] = where(both, prior_trust(params, are_colleagues(state, i, j)), 0.0)
                state.familiarity[i, j] = where(both, params.founding_familiarity, 0.0)
                state.use[i, j] = where(both, params.founding_use, 0.0)


@inner_kernel
def _found_whole(state, context, params):
    state.ended_week = -1.0
    state.ambition = params.start_ambition
    state.aim = params.purpose
    state.grant_until = floor(params.funding_end_week)
    state.grant_level = 1.0
    state.turnout = state.offering = -1.0
    state.understanding = params.start_understanding
    state.coordination = params.start_coordination
    state.pool[_FUNDING] = params.start_purse
    context.climate = 1.0
    context.policy_fit = params.policy_start
    view, total = zeros(state, N_THEMES), 0.0
    for i in range(state.n_slots):
        for d in range(N_THEMES):
            view[d] += where(state.is_seat[i], params.vantage[state.role[i], d], 0.0)
    for d in range(N_THEMES):
        total += view[d]
    for d in range(N_THEMES):
        context.need[d] = params.need_start[d]
        context.need_base[d] = params.need_start[d]
        known = (1.0 - params.founding_need) * view[d] / total
        state.activity[d] = params.founding_need * params.need_start[d] + known
        state.belief[d] = state.activity[d]
        state.plan[d] = state.activity[d]
    context.changed_week = -1.0
    for i in range(state.n_slots):
        begin(state, params, i, state.is_seat[i])
