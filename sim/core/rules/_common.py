"""Small formulas that several rules share (docs/model/model.md §5 and §7.0)."""

from __future__ import annotations

from sim.core._elementary import exp
from sim.core._jit import inlined_kernel, inner_kernel
from sim.core.rng import draw
from sim.core.state import N_EXPERIENCES, N_RESOURCES, N_THEMES
from sim.core.vocabulary import Experience, Resource, Ring

_FUNDING = int(Resource.FUNDING)
_LEGITIMACY = int(Resource.LEGITIMACY)
_CONNECTIONS = int(Resource.CONNECTIONS)
_RESEARCH_TEAM = int(Ring.RESEARCH_TEAM)
_RECEIVED, _FUNDED = int(Experience.RECEIVED), int(Experience.FUNDED)
_JOINT, _WIN, _CONTACT = int(Experience.JOINT), int(Experience.WIN), int(Experience.CONTACT)
_HEARD, _UNHEARD = int(Experience.HEARD), int(Experience.UNHEARD)
_HOURS, _FRUSTRATION = int(Experience.HOURS), int(Experience.FRUSTRATION)


@inlined_kernel
def sigmoid(x):
    """Return 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + exp(-x))


@inner_kernel
def clip(x, low, high):
    """Return x held within [low, high]."""
    return min(max(x, low), high)


@inner_kernel
def active_size(context, kind, week):
    """Return the size of a lasting shock of ``kind`` if it is active in ``week``, else 0."""
    return context.shock_size[kind] if week < context.shock_until[kind] else 0.0


@inner_kernel
def count_members(state):
    """Return the number of filled seats."""
    n = 0
    for i in range(state.n_slots):
        if state.is_member[i]:
            n += 1
    return n


@inner_kernel
def is_active(state, i):
    """Tell whether a member in seat ``i`` gives energy to the partnership."""
    return state.is_member[i] and state.engagement[i] >= state.active_level


@inner_kernel
def backing_of(state, params, i):
    """Return the backing behind seat ``i``: its organisation's, or what a person alone has."""
    g = state.organisation_id[i]
    return state.backing[g] if g >= 0 else params.own_backing


@inner_kernel
def prior_trust(params, colleagues):
    """Return the trust of one seat in another before they have met; ``colleagues`` share an organisation."""
    return min(1.0, params.trust_prior + (params.trust_same_organisation if colleagues else 0.0))


@inner_kernel
def are_colleagues(state, i, j):
    """Tell whether two seats belong to one organisation."""
    return state.organisation_id[i] >= 0 and state.organisation_id[i] == state.organisation_id[j]


@inner_kernel
def total_variation(p, q):
    """Return half the sum of absolute differences of two profiles, each (D,) float64."""
    total = 0.0
    for d in range(N_THEMES):
        total += abs(p[d] - q[d])
    return 0.5 * total


@inner_kernel
def raw_power(state, params, i):
    """Return the structural power of seat ``i`` before it is divided by the mean (§7.3)."""
    ring = params.power_ring if state.ring[i] == _RESEARCH_TEAM else 0.0
    standing = 0.5 * (state.holdings[i, _LEGITIMACY] + state.holdings[i, _CONNECTIONS])
    return params.power_base + ring + params.power_resources * standing


@inner_kernel
def mean_raw_power(state, params):
    """Return the mean structural power of the members, 1 if there are none."""
    total, n = 0.0, 0
    for i in range(state.n_slots):
        if state.is_member[i]:
            total += raw_power(state, params, i)
            n += 1
    return total / n if n > 0 else 1.0


@inner_kernel
def mean_trust_and_strain(state, i, n):
    """Return the means of the trust and strain of seat ``i``, one of ``n`` members, towards others; 0 if alone."""
    trust, strain = 0.0, 0.0
    for j in range(state.n_slots):
        if state.is_member[j]:
            trust += state.trust[i, j]
            strain += state.strain[i, j]
    others = max(n - 1, 1)
    return trust / others, strain / others


@inner_kernel
def weigh(state, params, i, n):
    """Return the sums of what seat ``i``, one of ``n`` members, has met: for and against (§7.7)."""
    x = state.experience
    trust, strain = mean_trust_and_strain(state, i, n)
    gained = (
        params.benefit_received * (x[i, _RECEIVED] + x[i, _FUNDED])
        + params.benefit_joint * x[i, _JOINT]
        + params.benefit_win * x[i, _WIN]
        + params.benefit_contact * x[i, _CONTACT]
        + params.benefit_heard * x[i, _HEARD]
        + params.benefit_trust * trust
    )
    borne = (
        params.drawback_hours * x[i, _HOURS]
        + params.drawback_frustration * x[i, _FRUSTRATION]
        + params.drawback_control * x[i, _UNHEARD]
        + params.drawback_strain * strain
    )
    return max(0.0, gained), borne


@inlined_kernel
def perceived(amount, scale):
    """Return how much of an ``amount`` of at least 0 is perceived, in [0, 1): more of it counts less and less."""
    return 1.0 - exp(-amount / scale)


@inner_kernel
def appraise(state, params, i, n):
    """Set benefit and drawback of seat ``i``, one of ``n`` members, by what it has met (§7.7); in place."""
    gained, borne = weigh(state, params, i, n)
    state.benefit[i] = perceived(gained, params.benefit_scale)
    state.drawback[i] = perceived(borne, params.drawback_scale)


@inlined_kernel
def scale_row(row, chosen, n, factor):
    """Multiply those of the first ``n`` of ``row``, float64, that are ``chosen``, uint8, by ``factor``; in place.

    One row at a time and without branches, so that it runs in vector lanes.
    """
    for j in range(n):
        row[j] *= factor if chosen[j] else 1.0


@inner_kernel
def draw_endowment(state, params, now, purpose, i):
    """Set the endowment of seat ``i`` to its role's, varied by the person (§5); changes state in place."""
    role = state.role[i]
    for k in range(N_RESOURCES):
        u = draw(now, purpose, i, k // 4)[k % 4]
        personal = 1.0 + params.endowment_spread * (2.0 * u - 1.0)
        state.endowment[i, k] = params.endowment[k, role] * personal


@inner_kernel
def start_experience(state, params, i):
    """Set the experience of seat ``i`` to what a newcomer expects; changes state in place."""
    for x in range(N_EXPERIENCES):
        state.experience[i, x] = params.start_experience[x]


@inner_kernel
def close_seat(state, i):
    """Give up seat ``i``: its funding leaves the partnership (ledger), its holdings are void; in place."""
    state.withdrawn += state.holdings[i, _FUNDING]
    for k in range(N_RESOURCES):
        state.holdings[i, k] = 0.0
    state.is_seat[i] = 0
    state.is_member[i] = 0
