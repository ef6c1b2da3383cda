"""Week 0: the founding partnership (docs/model/model.md §5)."""

from __future__ import annotations

import numpy as np

from sim.core._jit import entry_kernel, inner_kernel
from sim.core.rules._common import (
    appraise,
    are_colleagues,
    draw_endowment,
    mean_raw_power,
    prior_trust,
    raw_power,
    start_experience,
)
from sim.core.state import N_RESOURCES, N_THEMES
from sim.core.vocabulary import Purpose, Resource, Trait

_FOUNDING = int(Purpose.FOUNDING)
_FUNDING = int(Resource.FUNDING)
_RIVAL = int(Trait.RIVAL)


@entry_kernel
def found(state, context, founding, params, key):
    """Fill an empty State and Context with the founding partnership; changes both in place.

    Parameters
    ----------
    state, context : State, Context
        Freshly allocated.
    founding : Founding
        Composition, arrays of the founding seats and organisations.
    params : record RECORD
        Settings.
    key : tuple of two int64
        Seed and replicate.
    """
    now = (key[0], key[1], np.int64(0))
    _found_rulers(state, params)
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
def _found_organisations(state, founding, params):
    state.n_founding_organisations = founding.backing.shape[0]
    for g in range(founding.backing.shape[0]):
        state.is_organisation[g] = 1
        state.backing[g] = founding.backing[g]
        state.backing_base[g] = founding.backing[g]
        state.organisation_tenure[g] = int(params.founding_weeks)


@inner_kernel
def _found_seats(state, founding, params, now):
    n = founding.role.shape[0]
    state.n_slots = n
    state.people_ever = n
    state.n_founders = n
    for i in range(n):
        state.role[i] = founding.role[i]
        state.ring[i] = founding.ring[i]
        state.organisation_id[i] = founding.organisation[i]
        state.person_id[i] = i
        state.is_seat[i] = 1
        state.is_member[i] = 1
        state.standing[i] = 1.0
        state.engagement[i] = params.start_engagement
        draw_endowment(state, params, now, _FOUNDING, i)
        for k in range(N_RESOURCES):
            state.holdings[i, k] = state.endowment[i, k]
        start_experience(state, params, i)


@inner_kernel
def _found_ties(state, params):
    n = state.n_slots
    mean = mean_raw_power(state, params)
    for i in range(n):
        state.power[i] = raw_power(state, params, i) / mean
        for j in range(n):
            if i != j:
                state.trust[i, j] = prior_trust(params, are_colleagues(state, i, j))
                state.familiarity[i, j] = params.founding_familiarity
    for i in range(n):
        appraise(state, params, i, n)
        state.aspiration[i] = state.benefit[i]


@inner_kernel
def _found_whole(state, context, params):
    state.ended_week = -1
    state.ambition = params.start_ambition
    state.understanding = params.start_understanding
    state.coordination = params.start_coordination
    state.pool[_FUNDING] = params.start_purse
    context.climate = 1.0
    context.policy_fit = params.policy_start
    view = np.zeros(N_THEMES)
    for i in range(state.n_slots):
        for d in range(N_THEMES):
            view[d] += params.vantage[state.role[i], d]
    total = 0.0
    for d in range(N_THEMES):
        total += view[d]
    for d in range(N_THEMES):
        context.need[d] = params.need_start[d]
        context.need_base[d] = params.need_start[d]
        known = (1.0 - params.founding_need) * view[d] / total
        state.activity[d] = params.founding_need * params.need_start[d] + known
        state.belief[d] = state.activity[d]
        state.plan[d] = state.activity[d]
