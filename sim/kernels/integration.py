"""Rule 6, integration: contributions are combined at a cost, against each worked alone (docs/model.md §7.6)."""

from __future__ import annotations

import math

import numpy as np

from sim.kernels._common import active_size, clip
from sim.kernels._jit import inner_kernel, kernel
from sim.state import N_RESOURCES, N_ROLES
from sim.vocabulary import Lever, Resource, Route, ShockKind

_ADMINISTRATION = int(Lever.ADMINISTRATION)
_FUNDING = int(Resource.FUNDING)
_RIVAL_PRIORITY = int(ShockKind.RIVAL_PRIORITY)
_STRUCTURAL, _RELATIONAL = int(Route.STRUCTURAL), int(Route.RELATIONAL)


@kernel
def integration_rule(state, context, flows, params, practice, now):
    """Combine contributions; changes state and flows in place (arguments as in ``staffing``)."""
    _coordinate(state, params, practice)
    effort = 1.0 - params.rival_effort * active_size(context, _RIVAL_PRIORITY, now[2])
    n_slots = state.n_slots
    combined = np.zeros((N_ROLES, N_RESOURCES))
    everything = np.zeros((N_ROLES, N_RESOURCES))
    alone = np.zeros(n_slots)
    share = np.zeros(n_slots)
    n, strain = _combine(state, params, effort, combined, everything, alone, share)
    together = yield_of(combined, params)
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
    flows.potential = yield_of(everything, params) - flows.alone
    for i in range(n_slots):
        if state.is_member[i] and shared > 0.0:
            flows.joint_credit[i] = clip((flows.gain - flows.cost) * share[i] / shared, -1.0, 2.0)
    _fill_pool(state, params, combined, n)


@inner_kernel
def _coordinate(state, params, practice):
    n, new = 0, 0.0
    for i in range(state.n_slots):
        if state.is_member[i]:
            n += 1
            new += 1.0 - state.standing[i]
    load = n / (n + params.cost_size) * (1.0 + 2.0 * new / n) if n > 0 else 0.0
    work = params.coordination_base + (1.0 - params.coordination_base) * practice[_ADMINISTRATION]
    up = params.coordination_gain * work * (1.0 - state.coordination)
    state.coordination = clip(state.coordination + up - params.coordination_loss * load * state.coordination, 0.0, 1.0)


@inner_kernel
def _combine(state, params, effort, combined, everything, alone, share):
    """Fill contributions by role and kind, yields alone and combined shares; return members and mean strain."""
    n, strain = 0, 0.0
    power = params.elasticity_kinds
    for i in range(state.n_slots):
        if not state.is_member[i]:
            continue
        n += 1
        share[i], own_strain = combined_share(state, params, i)
        strain += own_strain
        given = params.contribution_rate * state.engagement[i] * state.standing[i] * effort
        g = state.role[i]
        own = 0.0
        for k in range(N_RESOURCES):
            piece = given * state.holdings[i, k]
            everything[g, k] += piece
            combined[g, k] += share[i] * piece
            own += raised(piece, power)
        alone[i] = raised(own / N_RESOURCES, 1.0 / power)
    return n, strain / (n * (n - 1)) if n > 1 else 0.0


@kernel
def combined_share(state, params, i):
    """Return the share of seat ``i``'s contribution that is combined, and its summed strain towards others."""
    close, worked, strain, n = 0.0, 0.0, 0.0, 0
    for j in range(state.n_slots):
        if j == i or not state.is_member[j]:
            continue
        n += 1
        use = 0.5 * (state.use[i, j] + state.use[j, i])
        worked += use
        close += state.familiarity[i, j] * state.trust[i, j] * (1.0 - state.strain[i, j]) * use
        strain += state.strain[i, j]
    if n == 0:
        return 0.0, 0.0
    relational = math.sqrt(close / n)
    structural = state.coordination * math.sqrt(worked / n)
    if params.route == _STRUCTURAL:
        return structural, strain
    if params.route == _RELATIONAL:
        return relational, strain
    return 1.0 - (1.0 - relational) * (1.0 - structural), strain


@kernel
def raised(x, power):
    """Return x to a power; the usual elasticity of one half takes a root, which costs a fifth of a general power."""
    if power == 0.5:
        return math.sqrt(x)
    if power == 2.0:
        return x * x
    return x**power


@kernel
def yield_of(pieces, params):
    """Return the yield of pieces, (roles, R) float64: constant returns, imperfect substitutes in role and kind."""
    by_kind, by_role = params.elasticity_kinds, params.elasticity_roles
    total = 0.0
    for k in range(N_RESOURCES):
        views = 0.0
        for g in range(N_ROLES):
            if pieces[g, k] > 0.0:
                views += pieces[g, k] ** by_role
        if views > 0.0:
            total += views ** (by_kind / by_role)
    return raised(total / N_RESOURCES, 1.0 / by_kind)


@inner_kernel
def _fill_pool(state, params, combined, n):
    for k in range(N_RESOURCES):
        if k != _FUNDING:
            content = 0.0
            for g in range(N_ROLES):
                content += combined[g, k]
            state.pool[k] += params.pool_rate * (content / max(n, 1) - state.pool[k])
    for i in range(state.n_slots):
        if state.is_member[i]:
            paid = params.funding_share * state.engagement[i] * state.standing[i] * state.holdings[i, _FUNDING]
            state.holdings[i, _FUNDING] -= paid
            state.pool[_FUNDING] += paid
