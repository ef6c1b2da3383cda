"""Small formulas that several rules share (docs/model/model.md §5 and §7.0)."""

from __future__ import annotations

from sim.core._jit import inner_kernel
from sim.core.elementary import exp, sigmoid
from sim.core.lanes.values import any_of, maximum, minimum, where, zeros
from sim.core.rng import draw
from sim.core.state import N_EXPERIENCES, N_RESOURCES, N_THEMES
from sim.core.vocabulary import Experience, Resource, Ring, Role

_FUNDING = int(Resource.FUNDING)
_LEGITIMACY = int(Resource.LEGITIMACY)
_CONNECTIONS = int(Resource.CONNECTIONS)
_RESEARCH_TEAM = int(Ring.RESEARCH_TEAM)
_RECEIVED, _FUNDED = int(Experience.RECEIVED), int(Experience.FUNDED)
_USED, _WIN, _CONTACT = int(Experience.USED), int(Experience.WIN), int(Experience.CONTACT)
_HEARD, _UNHEARD = int(Experience.HEARD), int(Experience.UNHEARD)
_HOURS, _FRUSTRATION = int(Experience.HOURS), int(Experience.FRUSTRATION)
_ABSENT = int(Experience.ABSENT)
_COORDINATOR = int(Role.COORDINATOR)
_BLOCKS = -(-N_RESOURCES // 4)


@inner_kernel
def active_size(context, kind, week):
    """Return the size of a lasting shock of ``kind`` if it is active in ``week``, else 0."""
    return where(context.shock_until[kind] > week, context.shock_size[kind], 0.0)


@inner_kernel
def count_members(state):
    """Return the number of filled seats."""
    n = 0.0
    for i in range(state.n_slots):
        n += where(state.is_member[i], 1.0, 0.0)
    return n


@inner_kernel
def is_active(state, i):
    """Tell whether a member in seat ``i`` gives energy to the partnership."""
    return state.is_member[i] & (state.engagement[i] >= state.active_level)


@inner_kernel
def backing_of(state, params, i):
    """Return the backing behind seat ``i``: its organisation's, or what a person alone has."""
    g = state.organisation_id[i]
    return where(g >= 0.0, state.backing[maximum(g, 0.0)], params.own_backing)


@inner_kernel
def prior_trust(params, colleagues):
    """Return the trust of one seat in another before they have met; ``colleagues`` share an organisation."""
    return minimum(1.0, params.trust_prior + where(colleagues, params.trust_same_organisation, 0.0))


@inner_kernel
def are_colleagues(state, i, j):
    """Tell whether two seats belong to one organisation."""
    g = state.organisation_id[i]
    return (g >= 0.0) & (g == state.organisation_id[j])


@inner_kernel
def total_variation(p, q):
    """Return half the sum of absolute differences of two profiles over the themes."""
    total = 0.0
    for d in range(N_THEMES):
        total += abs(p[d] - q[d])
    return 0.5 * total


@inner_kernel
def raw_power(state, params, i):
    """Return the structural power of seat ``i`` before it is divided by the mean (§7.3)."""
    ring = where(state.ring[i] == _RESEARCH_TEAM, params.power_ring, 0.0)
    standing = 0.5 * (state.holdings[i, _LEGITIMACY] + state.holdings[i, _CONNECTIONS])
    return params.power_base + ring + params.power_resources * standing


@inner_kernel
def mean_raw_power(state, params):
    """Return the mean structural power of the members, 1 if there are none."""
    total, n = 0.0, 0.0
    for i in range(state.n_slots):
        total += where(state.is_member[i], raw_power(state, params, i), 0.0)
        n += where(state.is_member[i], 1.0, 0.0)
    return where(n > 0.0, total / n, 1.0)


@inner_kernel
def mean_trust_and_strain(state, i, n):
    """Return the means of the trust and strain of seat ``i``, one of ``n`` members, towards others; 0 if alone."""
    trust, strain = 0.0, 0.0
    trusts, strains = state.trust[i], state.strain[i]
    for j in range(state.n_slots):
        trust += where(state.is_member[j], trusts[j], 0.0)
        strain += where(state.is_member[j], strains[j], 0.0)
    others = maximum(n - 1.0, 1.0)
    return trust / others, strain / others


@inner_kernel
def weigh(state, params, i):
    """Return the sums of what seat ``i`` has met: for and against (§7.7)."""
    x = state.experience[i]
    gained = (
        params.benefit_received * (x[_RECEIVED] + x[_FUNDED])
        + params.benefit_win * x[_WIN]
        + params.benefit_contact * x[_CONTACT]
        + params.benefit_heard * x[_HEARD]
        + params.benefit_used * x[_USED]
    )
    borne = (
        params.drawback_hours * x[_HOURS]
        + params.drawback_frustration * x[_FRUSTRATION]
        + params.drawback_control * x[_UNHEARD]
        + params.drawback_absent * x[_ABSENT]
    )
    return gained, borne


@inner_kernel
def perceived(amount, scale):
    """Return how much of an ``amount`` of at least 0 is perceived, in [0, 1): more of it counts less and less."""
    return 1.0 - exp(-amount / scale)


@inner_kernel
def appraise(state, params, i, who):
    """Set benefit and drawback of seat ``i`` by what it has met (§7.7); in place."""
    gained, borne = weigh(state, params, i)
    state.benefit[i] = where(who, perceived(gained, params.benefit_scale), state.benefit[i])
    state.drawback[i] = where(who, perceived(borne, params.drawback_scale), state.drawback[i])


@inner_kernel
def eagerness(state, params, i, felt):
    """Return the engagement, in [0, 1], that ``felt`` net benefit calls for in seat ``i`` (§7.7)."""
    pull = params.engagement_base + params.engagement_ambition * state.ambition
    return sigmoid(pull + params.engagement_net * felt + params.engagement_stake * params.stake[state.role[i]])


@inner_kernel
def begin(state, params, i, who):
    """Let a person who has just come to seat ``i`` weigh what is expected, and be as engaged as that; in place."""
    appraise(state, params, i, who)
    benefit, drawback = state.benefit[i], state.drawback[i]
    state.aspiration[i] = where(who, benefit, state.aspiration[i])
    state.engagement[i] = where(who, eagerness(state, params, i, benefit - drawback), state.engagement[i])


@inner_kernel
def permitted(state, params, i):
    """Return the share of its time for the partnership that seat ``i`` is allowed: what backs it decides (§7.0)."""
    return params.unbacked_hours + (1.0 - params.unbacked_hours) * backing_of(state, params, i)


@inner_kernel
def burden(state, flows, params, practice, i):
    """Return the weight of an hour that seat ``i`` gives: less where it is paid, backed or supported (§7.0)."""
    at_home = state.organisation_id[i] >= 0.0
    supported = params.support_relief * practice.participation_support
    relief = where(at_home, params.backing_relief * backing_of(state, params, i), supported)
    return 1.0 - where(state.role[i] == _COORDINATOR, flows.paid, relief)


@inner_kernel
def draw_endowment(state, params, now, purpose, i, who):
    """Set the endowment of seat ``i`` to its role's, varied by the person (§5); changes state in place."""
    for block in range(_BLOCKS):
        u0, u1, u2, u3 = draw(now, purpose, i, block)
        _endow(state, params, i, 4 * block, u0, who)
        _endow(state, params, i, 4 * block + 1, u1, who)
        _endow(state, params, i, 4 * block + 2, u2, who)
        _endow(state, params, i, 4 * block + 3, u3, who)


@inner_kernel
def _endow(state, params, i, k, u, who):
    if k < N_RESOURCES:
        personal = 1.0 + params.endowment_spread * (2.0 * u - 1.0)
        usual = params.endowment[k, state.role[i]]
        state.endowment[i, k] = where(who, usual * personal, state.endowment[i, k])


@inner_kernel
def start_experience(state, params, i, who):
    """Set the experience of seat ``i`` to what a newcomer expects; changes state in place."""
    for x in range(N_EXPERIENCES):
        state.experience[i, x] = where(who, params.start_experience[x], state.experience[i, x])


@inner_kernel
def hear_from_members(state, params, i, n, who):
    """Let a newcomer to seat ``i`` expect what the ``n`` members met, as far as it hears of it; in place."""
    start_experience(state, params, i, who)
    met = zeros(state, N_EXPERIENCES)
    for j in range(state.n_slots):
        there = state.is_member[j]
        if any_of(there):
            for x in range(N_EXPERIENCES):
                met[x] += where(there, state.experience[j, x], 0.0)
    share = where(n > 0.0, params.hearsay, 0.0)
    for x in range(N_EXPERIENCES):
        expected = state.experience[i, x]
        heard = expected + share * (met[x] / maximum(n, 1.0) - expected)
        state.experience[i, x] = where(who, heard, expected)


@inner_kernel
def close_seat(state, i, who):
    """Give up seat ``i``: its funding leaves the partnership (ledger), its holdings are void; in place."""
    state.withdrawn += where(who, state.holdings[i, _FUNDING], 0.0)
    for k in range(N_RESOURCES):
        state.holdings[i, k] = where(who, 0.0, state.holdings[i, k])
    state.is_seat[i] = state.is_seat[i] & ~who
    state.is_member[i] = state.is_member[i] & ~who
