"""Rule 6, integration: contributions are combined at a cost, against each worked alone (docs/model/model.md §7.6)."""

from __future__ import annotations

import math

import numpy as np

from sim.core._elementary import power
from sim.core._jit import inner_kernel, kernel
from sim.core.rules._common import active_size, clip, count_members
from sim.core.state import N_RESOURCES, N_ROLES
from sim.core.vocabulary import Lever, Resource, Route, ShockKind

_ADMINISTRATION = int(Lever.ADMINISTRATION)
_FUNDING = int(Resource.FUNDING)
_RIVAL_PRIORITY = int(ShockKind.RIVAL_PRIORITY)
_COMBINED, _EVERYTHING = 0, 1
_STRUCTURAL, _RELATIONAL = int(Route.STRUCTURAL), int(Route.RELATIONAL)


@kernel
def integration_rule(state, context, flows, params, practice, now):
    """Combine contributions; changes state and flows in place (arguments as in ``staffing``)."""
    _coordinate(state, params, practice)
    effort = 1.0 - params.rival_effort * active_size(context, _RIVAL_PRIORITY, now[2])
    n_slots = state.n_slots
    pieces = np.zeros((n_slots, N_RESOURCES))
    share, alone = np.zeros(n_slots), np.zeros(n_slots)
    views = np.zeros((2, N_ROLES * N_RESOURCES))
    n = count_members(state)
    strain = _share_out(state, params, n, share)
    _contribute(state, params, effort, share, pieces, views)
    _work_alone(pieces, params, alone)
    together, everything = _yields(views, params)
    flows.alone, shared = 0.0, 0.0
    for i in range(n_slots):
        flows.alone += alone[i]
        shared += share[i] * alone[i]
    if n > 1:
        flows.gain = together - shared
        size = (n - 1) / (n - 1 + params.cost_size)
        friction = (1.0 - state.coordination) * (1.0 + params.cost_strain * strain)
        flows.cost = params.coordination_cost * together * size * friction
    flows.joint = max(0.0, flows.alone + flows.gain - flows.cost)
    flows.potential = everything - flows.alone
    for i in range(n_slots):
        if state.is_member[i] and shared > 0.0:
            credit = (flows.gain - flows.cost) * share[i] / shared
            flows.joint_credit[i] = clip(credit, params.credit_low, params.credit_high)
    _fill_pool(state, params, views[_COMBINED], n)


@inner_kernel
def _coordinate(state, params, practice):
    n, new = 0, 0.0
    for i in range(state.n_slots):
        if state.is_member[i]:
            n += 1
            new += 1.0 - state.standing[i]
    load = n / (n + params.cost_size) * (1.0 + params.load_newcomer * new / n) if n > 0 else 0.0
    work = params.coordination_base + (1.0 - params.coordination_base) * practice[_ADMINISTRATION]
    up = params.coordination_gain * work * (1.0 - state.coordination)
    state.coordination = clip(state.coordination + up - params.coordination_loss * load * state.coordination, 0.0, 1.0)


@inner_kernel
def _share_out(state, params, n, share):
    """Fill the combined share of every member; return the mean strain over ordered pairs."""
    strain = 0.0
    for i in range(state.n_slots):
        if state.is_member[i]:
            share[i], own_strain = combined_share(state, params, i, n)
            strain += own_strain
    return strain / (n * (n - 1)) if n > 1 else 0.0


@inner_kernel
def _contribute(state, params, effort, share, pieces, views):
    """Fill each seat's pieces, and the combined and the whole contribution seen from each role."""
    for i in range(state.n_slots):
        if state.is_member[i]:
            given = params.contribution_rate * state.engagement[i] * state.standing[i] * effort
            first = state.role[i] * N_RESOURCES
            for k in range(N_RESOURCES):
                piece = given * state.holdings[i, k]
                pieces[i, k] = piece
                views[_COMBINED, first + k] += share[i] * piece
                views[_EVERYTHING, first + k] += piece


@inner_kernel
def _work_alone(pieces, params, alone):
    """Fill what each seat's pieces yield by themselves, (n,) float64; ``pieces`` is used up."""
    raise_all(pieces.reshape(pieces.size), params.elasticity_kinds)
    for i in range(alone.size):
        total = 0.0
        for k in range(N_RESOURCES):
            total += pieces[i, k]
        alone[i] = raised(total / N_RESOURCES, 1.0 / params.elasticity_kinds)


@inner_kernel
def _yields(views, params):
    """Return the yields of combined and of whole contributions: constant returns, imperfect substitutes."""
    by_kind, by_role = params.elasticity_kinds, params.elasticity_roles
    worth = views.copy().reshape(views.size)
    raise_all(worth, by_role)
    kinds = np.zeros(2 * N_RESOURCES)
    for row in range(2):
        for g in range(N_ROLES):
            for k in range(N_RESOURCES):
                kinds[row * N_RESOURCES + k] += worth[(row * N_ROLES + g) * N_RESOURCES + k]
    raise_all(kinds, by_kind / by_role)
    together, everything = 0.0, 0.0
    for k in range(N_RESOURCES):
        together += kinds[k]
        everything += kinds[N_RESOURCES + k]
    return raised(together / N_RESOURCES, 1.0 / by_kind), raised(everything / N_RESOURCES, 1.0 / by_kind)


@kernel
def combined_share(state, params, i, n):
    """Return the combined share of the contribution of seat ``i``, one of ``n`` members, and its summed strain."""
    close, worked, strain = 0.0, 0.0, 0.0
    if n < 2:
        return close, strain
    for j in range(state.n_slots):
        if state.is_member[j]:
            use = 0.5 * (state.use[i, j] + state.use[j, i])
            worked += use
            close += state.familiarity[i, j] * state.trust[i, j] * (1.0 - state.strain[i, j]) * use
            strain += state.strain[i, j]
    relational = math.sqrt(close / (n - 1))
    structural = state.coordination * math.sqrt(worked / (n - 1))
    if params.route == _STRUCTURAL:
        return structural, strain
    if params.route == _RELATIONAL:
        return relational, strain
    return 1.0 - (1.0 - relational) * (1.0 - structural), strain


@kernel
def raised(x, exponent):
    """Return x to a power; the usual elasticity of one half takes a root, which costs a fifth of a general power."""
    if exponent == 0.5:
        return math.sqrt(x)
    if exponent == 2.0:
        return x * x
    return power(x, exponent)


@inner_kernel
def raise_all(values, exponent):
    """Raise every one of ``values``, (m,) float64, to a power, in place and in vector lanes."""
    if exponent == 0.5:
        for m in range(values.size):
            values[m] = math.sqrt(values[m])
    else:
        for m in range(values.size):
            values[m] = power(values[m], exponent)


@inner_kernel
def _fill_pool(state, params, combined, n):
    for k in range(N_RESOURCES):
        if k != _FUNDING:
            content = 0.0
            for g in range(N_ROLES):
                content += combined[g * N_RESOURCES + k]
            state.pool[k] += params.pool_rate * (content / max(n, 1) - state.pool[k])
    for i in range(state.n_slots):
        if state.is_member[i]:
            paid = params.funding_share * state.engagement[i] * state.standing[i] * state.holdings[i, _FUNDING]
            state.holdings[i, _FUNDING] -= paid
            state.pool[_FUNDING] += paid
