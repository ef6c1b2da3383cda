"""Small formulas that several rules share (docs/model/model.md §5 and §7.0)."""

from __future__ import annotations

from sim.core._jit import inner_kernel
from sim.core.elementary import exp, sigmoid
from sim.core.lanes.values import any_of, maximum, minimum, where, zeros
from sim.core.rng import draw, uniform
from sim.core.state import N_EXPERIENCES, N_RESOURCES, N_THEMES
from sim.core.vocabulary import WEEKS_PER_YEAR, Experience, Purpose, Resource, Ring, Role, ShockKind

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
_LEADERSHIP = int(Purpose.LEADERSHIP)
_ONLINE = int(ShockKind.ONLINE_MEETINGS)
_BLOCKS = -(-N_RESOURCES // 4)


@inner_kernel
def active_size(context, kind, week):
    """Return the size of a lasting shock of ``kind`` if it is active in ``week``, else 0."""
    return where(context.shock_until[kind] > week, context.shock_size[kind], 0.0)


@inner_kernel
def active_churn(context, g, week):
    """Return the extra push on role ``g`` after a merger or reform that lasts, 0 without."""
    return where(context.churn_until[g] > week, context.churn[g], 0.0)


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
    backed = 1.0 - params.backing_relief * backing_of(state, params, i)
    own_time = params.unpaid_weight * (1.0 - params.support_relief * practice.participation_support)
    weight = where(state.role[i] == _COORDINATOR, 1.0, where(at_home, backed, own_time))
    return (1.0 - flows.paid_share[i]) * weight


@inner_kernel
def approaches_per_week(params, n):
    """Return how often a possible new member is approached in a week, by ``n`` members: ever less as it fills."""
    return params.approaches_per_year / WEEKS_PER_YEAR * maximum(0.0, 1.0 - n / params.recruit_full)


@inner_kernel
def meeting_length(context, flows, params, week):
    """Return the hours that this week's meeting takes each who attends."""
    online = active_size(context, _ONLINE, week)
    return where(flows.forum, params.forum_hours, params.meeting_hours) * (1.0 - params.online_hours * online)


@inner_kernel
def give_hours(state, i, hours, who):
    """Count hours on the clock of whoever in seat ``i`` is not staff; in place."""
    state.member_hours += where(who & ~(state.role[i] == _COORDINATOR), hours, 0.0)


@inner_kernel
def draw_leading(state, params, now, i, who):
    """Give the person in seat ``i`` the experience as a leader that they bring (§5); in place."""
    personal = 1.0 + params.endowment_spread * (2.0 * uniform(now, _LEADERSHIP, i, 0) - 1.0)
    state.leading[i] = where(who, minimum(1.0, params.leading[state.role[i]] * personal), state.leading[i])


@inner_kernel
def hand_on_ties(state, params, i, share, who):
    """Keep a ``share`` of the ties of seat ``i``; the rest is as between people who have not met; in place."""
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
    """Give up seat ``i`` and its posts: its funding leaves (ledger), its holdings are void; in place."""
    state.withdrawn += where(who, state.holdings[i, _FUNDING], 0.0)
    for k in range(N_RESOURCES):
        state.holdings[i, k] = where(who, 0.0, state.holdings[i, k])
    state.is_seat[i] = state.is_seat[i] & ~who
    state.is_member[i] = state.is_member[i] & ~who
    state.is_post[i] = state.is_post[i] & ~who
