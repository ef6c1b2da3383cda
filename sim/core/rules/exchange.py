"""Rule 5, exchange: seats that met give, refuse, teach; holdings are kept up (docs/model/model.md §7.5)."""

from __future__ import annotations

import math

import numpy as np

from sim.core._elementary import tanh
from sim.core._jit import inner_kernel, kernel
from sim.core.rng import draw
from sim.core.rules._common import backing_of, scale_row, sigmoid
from sim.core.state import N_RESOURCES, N_THEMES
from sim.core.vocabulary import Lever, Null, Purpose, Resource, Trait

_EXCHANGE = int(Purpose.EXCHANGE)
_MATCHING = int(Lever.RESOURCE_MATCHING)
_RANDOM_EXCHANGE = int(Null.RANDOM_EXCHANGE)
_FUNDING = int(Resource.FUNDING)
_FADE, _RENEWAL = int(Trait.FADE), int(Trait.RENEWAL)
_EASE, _CEILING, _COST = int(Trait.EASE), int(Trait.CEILING), int(Trait.COST)
NOTHING, REFUSED = -1, N_RESOURCES
"""Codes of ``offer`` beside the kinds: nothing was requested, and what is added to a kind that was refused."""


@kernel
def exchange_rule(state, context, flows, params, practice, now):
    """Let pairs that met exchange; changes state and flows in place (arguments as in ``staffing``)."""
    n = state.n_slots
    _fade(state, params)
    if flows.n_encounters > 0:
        relevance = _relevance(state, params)
        for i in range(n):
            for j in range(n):
                if flows.met[i, j]:
                    _decide(state, flows, params, practice, now, i, j, relevance)
        for i in range(n):
            for j in range(n):
                if flows.met[i, j] and flows.offer[i, j] != NOTHING:
                    _settle(state, flows, params, i, j)
        for j in range(n):
            for k in range(N_RESOURCES):
                state.holdings[j, k] += flows.taught[j, k]
    for i in range(n):
        if state.is_member[i]:
            _keep_up(state, params, i)


@inner_kernel
def _fade(state, params):
    """Let ties among members fall out of use and what is owed be forgotten."""
    idle, forget = 1.0 - params.use_fade, 1.0 - params.balance_fade
    n, there = state.n_slots, state.is_member
    for i in range(n):
        if there[i]:
            scale_row(state.use[i], there, n, idle)
            scale_row(state.balance[i], there, n, forget)


@inner_kernel
def _relevance(state, params):
    """Return how much each kind of resource serves the need as the partnership sees it, (R,) float64."""
    serves = np.zeros(N_RESOURCES)
    for k in range(N_RESOURCES):
        for d in range(N_THEMES):
            serves[k] += state.belief[d] * params.relevance[k, d]
    return serves


@inner_kernel
def _lack_and_spare(state, flows, params, i, j, k):
    """Return what ``j`` lacks of kind ``k`` that ``i`` has, and what ``i`` can spare."""
    if state.is_rival[k]:
        spare = max(0.0, state.holdings[i, k] - params.rival_keep) / (params.rival_spread * flows.partners[i])
        return max(0.0, params.rival_want - state.holdings[j, k]), spare
    lack = max(0.0, params.traits[k, _CEILING] * state.holdings[i, k] - state.holdings[j, k])
    return lack, state.holdings[i, k]


@inner_kernel
def _decide(state, flows, params, practice, now, i, j, relevance):
    """Decide what seat i gives seat j, from the state at the start; writes only ``offer`` and ``amount``."""
    u = draw(now, _EXCHANGE, i, j)
    flows.offer[i, j] = NOTHING
    unknown = (1.0 - state.familiarity[i, j]) * (1.0 - params.notice_matching * practice[_MATCHING])
    if not u[0] < params.notice_base + (1.0 - params.notice_base) * (1.0 - unknown):
        return
    if params.null_model == _RANDOM_EXCHANGE:
        kind = int(math.floor(N_RESOURCES * u[2]))
        lack, spare = _lack_and_spare(state, flows, params, i, j, kind)
        if min(lack, spare) > 0.0:
            flows.offer[i, j] = kind if u[1] < params.null_accept else REFUSED + kind
            flows.amount[i, j] = u[3] * params.traits[kind, _EASE] * min(lack, spare)
        return
    best, kind, lack, moved = -1.0, 0, 0.0, 0.0
    for k in range(N_RESOURCES):
        lack_k, spare_k = _lack_and_spare(state, flows, params, i, j, k)
        worth = min(lack_k, spare_k) * params.traits[k, _EASE] * (params.worth_base + relevance[k])
        if worth > best:
            best, kind, lack, moved = worth, k, lack_k, min(lack_k, spare_k)
    if moved <= params.exchange_floor:
        return
    given = u[1] < _giving_chance(state, params, i, j, kind, lack)
    flows.offer[i, j] = kind if given else REFUSED + kind
    flows.amount[i, j] = params.traits[kind, _EASE] * moved


@inner_kernel
def _giving_chance(state, params, i, j, kind, lack):
    back = 0.0
    for k in range(N_RESOURCES):
        if not state.is_rival[k]:
            back = max(back, params.traits[k, _CEILING] * state.holdings[j, k] - state.holdings[i, k])
    return sigmoid(
        params.accept_base
        + params.accept_trust * state.trust[i, j]
        + params.accept_balance * tanh(state.balance[i, j] / params.balance_scale)
        + params.accept_dependence * lack / (lack + state.holdings[j, kind] + params.dependence_scale)
        + params.accept_return * back
        - params.accept_strain * state.strain[i, j]
        - params.traits[kind, _COST]
    )


@inner_kernel
def _settle(state, flows, params, i, j):
    """Carry out what was decided between giver i and taker j."""
    kind = flows.offer[i, j]
    if kind >= REFUSED:
        flows.n_refused += 1
        flows.frustration[j] += params.frustration_refusal
        rate = min(1.0, params.trust_gain * params.trust_loss_ratio * params.refusal_weight)
        state.trust[j, i] -= rate * max(0.0, state.trust[j, i] - params.refused)
        return
    amount = flows.amount[i, j]
    flows.n_given += 1
    flows.volume[kind] += amount
    if state.is_rival[kind]:
        state.holdings[i, kind] -= amount
        state.holdings[j, kind] += amount
    else:
        flows.taught[j, kind] = max(flows.taught[j, kind], amount)
    if kind == _FUNDING:
        flows.funded[j] += amount
    else:
        flows.received[j] += amount
    state.use[i, j] += params.use_gain * (1.0 - state.use[i, j])
    state.balance[i, j] -= amount
    state.balance[j, i] += amount
    ceiling = params.delivered * (1.0 - params.trust_strain * state.strain[j, i])
    state.trust[j, i] += params.trust_gain * max(0.0, ceiling - state.trust[j, i])


@inner_kernel
def _keep_up(state, params, i):
    """Let what was taught fade towards one's own endowment, and one's own endowment renew."""
    for k in range(N_RESOURCES):
        gap = state.endowment[i, k] - state.holdings[i, k]
        if not state.is_rival[k]:
            state.holdings[i, k] += (params.traits[k, _FADE] if gap < 0.0 else params.traits[k, _RENEWAL]) * gap
            continue
        renewed = params.traits[k, _RENEWAL] * backing_of(state, params, i) * max(0.0, gap)
        faded = params.traits[k, _FADE] * (state.holdings[i, k] + renewed)
        state.holdings[i, k] += renewed - faded
        if k == _FUNDING:
            state.inflow += renewed
            state.spent += faded
