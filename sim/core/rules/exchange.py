"""Rule 5, exchange: seats that met give, refuse, teach; holdings are kept up (docs/model/model.md §7.5)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.elementary import sigmoid, tanh
from sim.core.lanes.values import any_of, floor, maximum, minimum, where, zeros
from sim.core.rng import draw
from sim.core.rules._common import backing_of
from sim.core.state import N_RESOURCES, N_THEMES
from sim.core.vocabulary import Null, Purpose, Resource, Trait

_EXCHANGE = int(Purpose.EXCHANGE)
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
    if any_of(flows.n_encounters > 0.0):
        worth = zeros(state, N_RESOURCES)
        _see_worth(state, params, worth)
        _take_stock(state, flows, params)
        for i in range(n):
            if any_of(flows.attends[i]):
                for j in range(n):
                    if any_of(flows.met[i, j]):
                        _decide(state, flows, params, practice, now, i, j, worth)
        for i in range(n):
            if any_of(flows.attends[i]):
                for j in range(n):
                    asked = flows.met[i, j] & (flows.offer[i, j] > NOTHING)
                    if any_of(asked):
                        _settle(state, flows, params, i, j, asked)
        made = flows.n_given / (2.0 * maximum(flows.n_encounters, 1.0))
        rate = 1.0 / params.memory_meetings
        moved = where(state.offering < 0.0, made, state.offering + rate * (made - state.offering))
        state.offering = where(flows.n_encounters > 0.0, moved, state.offering)
        for j in range(n):
            for k in range(N_RESOURCES):
                state.holdings[j, k] += flows.taught[j, k]
    for i in range(n):
        if any_of(state.is_member[i]):
            _keep_up(state, params, i)


@inner_kernel
def _fade(state, params):
    """Let ties among members fall out of use and what is owed be forgotten."""
    idle, forget = 1.0 - params.use_fade, 1.0 - params.balance_fade
    for i in range(state.n_slots):
        if any_of(state.is_member[i]):
            use, balance = state.use[i], state.balance[i]
            for j in range(state.n_slots):
                both = state.is_member[i] & state.is_member[j]
                use[j] *= where(both, idle, 1.0)
                balance[j] *= where(both, forget, 1.0)


@inner_kernel
def _see_worth(state, params, worth):
    """Fill how much a unit of each kind of resource is worth: more where it serves the need that is seen."""
    for k in range(N_RESOURCES):
        serves = 0.0
        for d in range(N_THEMES):
            serves += state.belief[d] * params.relevance[k, d]
        worth[k] = params.worth_base + serves


@inner_kernel
def _take_stock(state, flows, params):
    """Fill what each attendee could give each partner, and up to how much its partners would be brought."""
    for i in range(state.n_slots):
        if any_of(flows.attends[i]):
            shares = params.rival_spread * maximum(flows.partners[i], 1.0)
            for k in range(N_RESOURCES):
                mine, rival = state.holdings[i, k], state.is_rival[k]
                flows.spare[i, k] = where(rival, maximum(0.0, mine - params.rival_keep) / shares, mine)
                flows.reach[i, k] = where(rival, params.rival_want, params.traits[k, _CEILING] * mine)


@inner_kernel
def _lack(state, flows, i, j, k):
    """Return what ``j`` lacks of kind ``k`` that ``i`` could bring."""
    return maximum(0.0, flows.reach[i, k] - state.holdings[j, k])


@inner_kernel
def _decide(state, flows, params, practice, now, i, j, worth):
    """Decide what seat i gives seat j, from the state at the start; writes only ``offer`` and ``amount``."""
    u = draw(now, _EXCHANGE, i, j)
    flows.offer[i, j] = NOTHING
    unknown = (1.0 - state.familiarity[i, j]) * (1.0 - params.notice_matching * practice.resource_matching)
    noticed = flows.met[i, j] & (u[0] < params.notice_base + (1.0 - params.notice_base) * (1.0 - unknown))
    if not any_of(noticed):
        return
    if params.null_model == _RANDOM_EXCHANGE:
        _decide_at_random(state, flows, params, i, j, u, noticed)
        return
    best, kind, lack, moved = -1.0, 0.0, 0.0, 0.0
    for k in range(N_RESOURCES):
        lack_k = _lack(state, flows, i, j, k)
        amount = minimum(lack_k, flows.spare[i, k])
        value = amount * params.traits[k, _EASE] * worth[k]
        better = value > best
        best, kind = where(better, value, best), where(better, k, kind)
        lack, moved = where(better, lack_k, lack), where(better, amount, moved)
    asked = noticed & (moved > params.exchange_floor) & (best > 0.0)
    if any_of(asked):
        given = u[1] < _giving_chance(state, flows, params, i, j, kind, lack)
        flows.offer[i, j] = where(asked, where(given, kind, REFUSED + kind), NOTHING)
        flows.amount[i, j] = where(asked, params.traits[kind, _EASE] * moved, 0.0)


@inner_kernel
def _decide_at_random(state, flows, params, i, j, u, noticed):
    """Decide as the null model does: a random kind and a random amount, granted with a fixed chance."""
    chosen = floor(N_RESOURCES * u[2])
    for kind in range(N_RESOURCES):
        most = minimum(_lack(state, flows, i, j, kind), flows.spare[i, kind])
        asked = noticed & (chosen == kind) & (most * params.traits[kind, _EASE] > 0.0)
        answer = where(u[1] < params.null_accept, kind, REFUSED + kind)
        flows.offer[i, j] = where(asked, answer, flows.offer[i, j])
        amount = u[3] * params.traits[kind, _EASE] * most
        flows.amount[i, j] = where(asked, amount, flows.amount[i, j])


@inner_kernel
def _giving_chance(state, flows, params, i, j, kind, lack):
    back = 0.0
    for k in range(N_RESOURCES):
        offered = maximum(back, flows.reach[j, k] - state.holdings[i, k])
        back = where(state.is_rival[k], back, offered)
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
def _settle(state, flows, params, i, j, asked):
    """Carry out what was decided between giver i and taker j."""
    code, trust = flows.offer[i, j], state.trust[j, i]
    refused, given = asked & (code >= REFUSED), asked & (code < REFUSED)
    flows.n_refused += where(refused, 1.0, 0.0)
    flows.frustration[j] += where(refused, params.frustration_refusal, 0.0)
    rate = minimum(1.0, params.trust_gain * params.trust_loss_ratio * params.refusal_weight)
    state.trust[j, i] -= where(refused, rate * maximum(0.0, trust - params.refused), 0.0)
    if any_of(given):
        amount = where(given, flows.amount[i, j], 0.0)
        flows.n_given += where(given, 1.0, 0.0)
        _hand_over(state, flows, i, j, where(given, code, NOTHING), amount)
        flows.received[j] += amount
        size = minimum(1.0, amount / params.gift_scale)
        state.use[i, j] += params.use_gain * size * (1.0 - state.use[i, j])
        state.balance[i, j] -= amount
        state.balance[j, i] += amount
        ceiling = params.delivered * (1.0 - params.trust_strain * state.strain[j, i])
        state.trust[j, i] += params.trust_gain * size * maximum(0.0, ceiling - trust)


@inner_kernel
def _hand_over(state, flows, i, j, kind, amount):
    """Move what is rival, note what is taught; ``kind`` is ``NOTHING`` where nothing is given."""
    for k in range(N_RESOURCES):
        of_kind = kind == k
        if any_of(of_kind):
            part = where(of_kind, amount, 0.0)
            flows.volume[k] += part
            moved = where(state.is_rival[k], part, 0.0)
            state.holdings[i, k] -= moved
            state.holdings[j, k] += moved
            flows.taught[j, k] = maximum(flows.taught[j, k], where(state.is_rival[k], 0.0, part))


@inner_kernel
def _keep_up(state, params, i):
    """Let what was taught fade towards one's own endowment, and one's own endowment renew."""
    there, backing = state.is_member[i], backing_of(state, params, i)
    for k in range(N_RESOURCES):
        held, fade, renewal = state.holdings[i, k], params.traits[k, _FADE], params.traits[k, _RENEWAL]
        gap = state.endowment[i, k] - held
        drifted = where(gap < 0.0, fade, renewal) * gap
        renewed = renewal * backing * maximum(0.0, gap)
        faded = fade * (held + renewed)
        change = where(state.is_rival[k], renewed - faded, drifted)
        state.holdings[i, k] = held + where(there, change, 0.0)
        if k == _FUNDING:
            state.inflow += where(there & state.is_rival[k], renewed, 0.0)
            state.spent += where(there & state.is_rival[k], faded, 0.0)
