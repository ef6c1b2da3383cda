"""Rule 4, encounters: familiarity, conflict, strain, trust, shared understanding (docs/model/model.md §7.4)."""

from __future__ import annotations

from sim.core._elementary import tanh
from sim.core._jit import inlined_kernel, inner_kernel, kernel
from sim.core.rng import draw
from sim.core.rules._common import active_size, clip, prior_trust, scale_row
from sim.core.vocabulary import Lever, Purpose, ShockKind

_ENCOUNTER = int(Purpose.ENCOUNTER)
_ONLINE = int(ShockKind.ONLINE_MEETINGS)
_COMMUNICATION, _CONFLICT_HANDLING = int(Lever.COMMUNICATION), int(Lever.CONFLICT_HANDLING)
_RELATIONSHIPS = int(Lever.RELATIONSHIP_BUILDING)
_NO_HOME = -2  # never equal to another seat's: those without an organisation are no colleagues


@kernel
def encounters_rule(state, context, flows, params, practice, now):
    """Let ties fade and attendees deal with each other; in place (arguments as in ``staffing``)."""
    _fade(state, params)
    state.understanding *= 1.0 - params.understanding_fade
    if flows.n_attends < 2:
        return
    chance = min(1.0, params.encounters_per_meeting / (flows.n_attends - 1))
    online = active_size(context, _ONLINE, now[2])
    n_communicated = 0
    for i in range(state.n_slots):
        if not flows.attends[i]:
            continue
        for j in range(i + 1, state.n_slots):
            if flows.attends[j]:
                u = draw(now, _ENCOUNTER, i, j)
                if u[0] < chance:
                    n_communicated += _meet(state, flows, params, practice, now, (i, j), u, online)
    grown = params.understanding_gain * n_communicated / flows.n_attends * (1.0 - state.understanding)
    broken = params.understanding_break * flows.n_unhandled / flows.n_attends * state.understanding
    state.understanding = clip(state.understanding + grown - broken, 0.0, 1.0)


@inner_kernel
def _fade(state, params):
    """Let ties among members fade."""
    heal, forget = 1.0 - params.strain_heal, 1.0 - params.familiarity_fade
    n, there = state.n_slots, state.is_member
    for i in range(n):
        if there[i]:
            _fade_trust(state, params, i)
            scale_row(state.strain[i], there, n, heal)
            scale_row(state.familiarity[i], there, n, forget)


@inlined_kernel
def _fade_trust(state, params, i):
    stranger, colleague = prior_trust(params, False), prior_trust(params, True)
    own = state.organisation_id[i] if state.organisation_id[i] >= 0 else _NO_HOME
    row = state.trust[i]
    for j in range(state.n_slots):
        prior = colleague if state.organisation_id[j] == own else stranger
        row[j] += params.trust_fade * (prior - row[j]) if state.is_member[j] else 0.0
    row[i] = 0.0


@inner_kernel
def _meet(state, flows, params, practice, now, pair, u, online):
    """Let two attendees deal with each other; return 1 if they communicated, else 0."""
    i, j = pair
    flows.met[i, j] = 1
    flows.met[j, i] = 1
    flows.partners[i] += 1
    flows.partners[j] += 1
    flows.n_encounters += 1
    gap = abs(state.power[i] - state.power[j]) / (state.power[i] + state.power[j])
    communicates = u[1] < _communication_chance(state, params, practice, i, j, online)
    conflict = u[2] < _conflict_chance(state, params, i, j, gap)
    handled = conflict and u[3] < _handling_chance(state, params, practice, i, j)
    v0, _, _, _ = draw(now, _ENCOUNTER, j, i)
    base = params.personal_base
    personal = v0 < (base + (1.0 - base) * practice[_RELATIONSHIPS]) * (1.0 - params.online_personal * online)
    if conflict:
        flows.n_conflicts += 1
    if conflict and not handled:
        flows.n_unhandled += 1
        flows.frustration[i] += 1.0
        flows.frustration[j] += 1.0
    evidence = params.evidence_base + params.evidence_understanding * state.understanding
    evidence -= params.evidence_power * gap
    if personal:
        evidence += params.evidence_personal
    if handled:
        evidence += params.evidence_handled
    elif conflict:
        evidence -= params.evidence_unhandled
    for a, b in ((i, j), (j, i)):
        _get_to_know(state, flows, params, a, b, communicates, personal)
        _move_strain(state, params, a, b, conflict, handled)
        _move_trust(state, params, a, b, evidence)
    return 1 if communicates else 0


@inner_kernel
def _communication_chance(state, params, practice, i, j, online):
    base = params.communication_base
    effort = (base + (1.0 - base) * practice[_COMMUNICATION]) * (1.0 - params.online_communication * online)
    newcomer = params.communication_newcomer
    return effort * (newcomer + (1.0 - newcomer) * min(state.standing[i], state.standing[j]))


@inner_kernel
def _conflict_chance(state, params, i, j, gap):
    g = state.organisation_id[i]
    difference = params.difference_role if state.role[i] != state.role[j] else 0.0
    if g < 0 or g != state.organisation_id[j]:
        difference += params.difference_organisation
    known = 0.5 * (state.familiarity[i, j] + state.familiarity[j, i])
    calm = (1.0 - params.conflict_understanding * state.understanding) * (1.0 - params.conflict_familiarity * known)
    return params.conflict_rate * difference * calm * (params.conflict_equal + gap)


@inner_kernel
def _handling_chance(state, params, practice, i, j):
    base = params.handling_base
    rest = 1.0 - params.handling_trust + params.handling_trust * 0.5 * (state.trust[i, j] + state.trust[j, i])
    return base + (1.0 - base) * practice[_CONFLICT_HANDLING] * rest


@inner_kernel
def _get_to_know(state, flows, params, i, j, communicates, personal):
    by_talk = 1.0 - params.familiarity_personal if communicates else 0.0
    by_person = params.familiarity_personal if personal else 0.0
    grown = params.familiarity_gain * (by_talk + by_person) * (1.0 - state.familiarity[i, j])
    state.familiarity[i, j] += grown
    flows.contact[i] += grown


@inner_kernel
def _move_strain(state, params, i, j, conflict, handled):
    strain = state.strain[i, j]
    if handled:
        strain *= 1.0 - params.strain_relief
    elif conflict:
        strain += params.strain_gain * (1.0 - strain)
    weaker = max(0.0, (state.power[j] - state.power[i]) / (state.power[i] + state.power[j]))
    state.strain[i, j] = strain + params.strain_power * weaker * (1.0 - strain)


@kernel
def _move_trust(state, params, i, j, evidence):
    """Move trust of i in j to the evidence: slowly up, fast down; what strain there is caps it."""
    owed = params.evidence_balance * tanh(state.balance[i, j] / params.balance_scale)
    target = clip(evidence + owed, 0.0, 1.0) * (1.0 - params.trust_strain * state.strain[i, j])
    rate = params.trust_gain
    if target < state.trust[i, j]:
        rate = min(1.0, rate * params.trust_loss_ratio)
    state.trust[i, j] += rate * (target - state.trust[i, j])
