"""Rule 6, integration: contributions are combined at a cost, against each worked alone (docs/model/model.md §7.6)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.elementary import raised
from sim.core.lanes.values import any_of, clip, maximum, sqrt, where, zeros
from sim.core.rules._common import burden, count_members, give_hours, permitted
from sim.core.state import N_RESOURCES, N_ROLES
from sim.core.vocabulary import Resource, Route

_FUNDING = int(Resource.FUNDING)
_STRUCTURAL, _RELATIONAL = int(Route.STRUCTURAL), int(Route.RELATIONAL)


@kernel
def integration_rule(state, context, flows, params, practice, now):
    """Combine contributions; changes state and flows in place (arguments as in ``staffing``)."""
    _coordinate(state, params, practice)
    n = count_members(state)
    combined, everything = zeros(state, N_ROLES, N_RESOURCES), zeros(state, N_ROLES, N_RESOURCES)
    shared, strain = _contribute(state, flows, params, practice, n, combined, everything)
    together, whole = yielded(combined, params), yielded(everything, params)
    several = n > 1.0
    size = (n - 1.0) / (n - 1.0 + params.cost_size)
    friction = (1.0 - state.coordination) * (1.0 + params.cost_strain * strain)
    flows.gain = where(several, together - shared, 0.0)
    flows.cost = where(several, params.coordination_cost * together * size * friction, 0.0)
    flows.joint = maximum(0.0, flows.alone + flows.gain - flows.cost)
    flows.potential = whole - flows.alone
    _fill_pool(state, params, combined, n)


@inner_kernel
def _coordinate(state, params, practice):
    n, new = count_members(state), 0.0
    for i in range(state.n_slots):
        new += where(state.is_member[i], 1.0 - state.standing[i], 0.0)
    load = where(n > 0.0, n / (n + params.cost_size) * (1.0 + params.load_newcomer * new / n), 0.0)
    work = params.coordination_base + (1.0 - params.coordination_base) * practice.administration
    up = params.coordination_gain * work * (1.0 - state.coordination)
    state.coordination = clip(state.coordination + up - params.coordination_loss * load * state.coordination, 0.0, 1.0)


@inner_kernel
def _contribute(state, flows, params, practice, n, combined, everything):
    """Add up what members contribute, by role and kind: the combined part, and all of it.

    Returns the yield of the combined parts had each been worked alone, and the mean strain over ordered pairs.
    """
    several, shared, strain, full = n > 1.0, 0.0, 0.0, 0.0
    flows.alone = 0.0
    for i in range(state.n_slots):
        there = state.is_member[i]
        if any_of(there):
            share, own_strain = combined_share(state, params, i, n)
            share = where(there & several, share, 0.0)
            flows.share[i] = share
            strain += where(there & several, own_strain, 0.0)
            effort = where(there, state.engagement[i] * permitted(state, params, i), 0.0)
            full += effort
            flows.hours[i] += params.work_hours * effort * burden(state, flows, params, practice, i)
            give_hours(state, i, params.work_hours * effort, there)
            given = params.contribution_rate * effort * state.standing[i]
            total = 0.0
            for k in range(N_RESOURCES):
                total += raised(given * state.holdings[i, k], params.elasticity_kinds)
            for g in range(N_ROLES):
                here = there & (state.role[i] == g)
                if any_of(here):
                    _add(state, combined[g], everything[g], i, where(here, given, 0.0), share)
            alone = raised(total / N_RESOURCES, 1.0 / params.elasticity_kinds)
            flows.alone += alone
            shared += share * alone
    flows.effort = where(n > 0.0, full / n, 0.0)
    return shared, where(several, strain / (n * (n - 1.0)), 0.0)


@inner_kernel
def _add(state, combined, everything, i, given, share):
    """Add what seat ``i`` contributes to the sums of a role."""
    for k in range(N_RESOURCES):
        piece = given * state.holdings[i, k]
        combined[k] += share * piece
        everything[k] += piece


@inner_kernel
def yielded(contributed, params):
    """Return the yield of contributions by role and kind: constant returns, imperfect substitutes."""
    by_kind, by_role = params.elasticity_kinds, params.elasticity_roles
    total = 0.0
    for k in range(N_RESOURCES):
        worth = 0.0
        for g in range(N_ROLES):
            if any_of(contributed[g, k] > 0.0):
                worth += raised(contributed[g, k], by_role)
        total += raised(worth, by_kind / by_role)
    return raised(total / N_RESOURCES, 1.0 / by_kind)


@kernel
def combined_share(state, params, i, n):
    """Return the combined share of the contribution of seat ``i``, one of ``n`` > 1 members, and its summed strain."""
    close, worked, strain = 0.0, 0.0, 0.0
    trusts, strains, known, uses = state.trust[i], state.strain[i], state.familiarity[i], state.use[i]
    for j in range(state.n_slots):
        there = state.is_member[j]
        use = 0.5 * (uses[j] + state.use[j, i])
        worked += where(there, use, 0.0)
        close += where(there, known[j] * trusts[j] * (1.0 - strains[j]) * use, 0.0)
        strain += where(there, strains[j], 0.0)
    relational = sqrt(close / (n - 1.0))
    structural = state.coordination * sqrt(worked / (n - 1.0))
    if params.route == _STRUCTURAL:
        return structural, strain
    if params.route == _RELATIONAL:
        return relational, strain
    return 1.0 - (1.0 - relational) * (1.0 - structural), strain


@inner_kernel
def _fill_pool(state, params, combined, n):
    for k in range(N_RESOURCES):
        if k != _FUNDING:
            content = 0.0
            for g in range(N_ROLES):
                content += combined[g, k]
            state.pool[k] += params.pool_rate * (content / maximum(n, 1.0) - state.pool[k])
    for i in range(state.n_slots):
        paid = params.funding_share * state.engagement[i] * state.standing[i] * state.holdings[i, _FUNDING]
        paid = where(state.is_member[i], paid, 0.0)
        state.holdings[i, _FUNDING] -= paid
        state.pool[_FUNDING] += paid
