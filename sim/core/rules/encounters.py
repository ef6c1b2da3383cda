"""Rule 4, encounters: familiarity, conflict, strain, trust, shared understanding (docs/model/model.md §7.4)."""

from __future__ import annotations

from sim.core._jit import inner_kernel, kernel
from sim.core.elementary import tanh
from sim.core.lanes.values import any_of, clip, maximum, minimum, where
from sim.core.rng import draw, uniform
from sim.core.rules._common import active_size, prior_trust
from sim.core.vocabulary import Purpose, ShockKind

_ENCOUNTER = int(Purpose.ENCOUNTER)
_ONLINE = int(ShockKind.ONLINE_MEETINGS)
_NO_HOME = -2.0  # never equal to another seat's: those without an organisation are no colleagues


@kernel
def encounters_rule(state, context, flows, params, practice, now):
    """Let ties fade and attendees deal with each other; in place (arguments as in ``staffing``)."""
    _fade(state, params)
    state.understanding *= 1.0 - params.understanding_fade
    gathered = flows.n_attends >= 2.0
    if not any_of(gathered):
        return
    longer = where(flows.forum, params.forum_hours / params.meeting_hours, 1.0)
    chance = minimum(1.0, params.encounters_per_meeting * longer / (flows.n_attends - 1.0))
    online = active_size(context, _ONLINE, now.week)
    n_communicated = 0.0
    for i in range(state.n_slots):
        if not any_of(flows.attends[i]):
            continue
        for j in range(i + 1, state.n_slots):
            both = gathered & flows.attends[i] & flows.attends[j]
            if any_of(both):
                u = draw(now, _ENCOUNTER, i, j)
                met = both & (u[0] < chance)
                if any_of(met):
                    n_communicated += _meet(state, flows, params, practice, now, i, j, u, online, met)
    grown = params.understanding_gain * n_communicated / flows.n_attends * (1.0 - state.understanding)
    broken = params.understanding_break * flows.n_unhandled / flows.n_attends * state.understanding
    moved = clip(state.understanding + grown - broken, 0.0, 1.0)
    state.understanding = where(gathered, moved, state.understanding)


@inner_kernel
def _fade(state, params):
    """Let ties among members fade."""
    heal, forget = 1.0 - params.strain_heal, 1.0 - params.familiarity_fade
    stranger, colleague = prior_trust(params, False), prior_trust(params, True)
    for i in range(state.n_slots):
        if any_of(state.is_member[i]):
            own = where(state.organisation_id[i] >= 0.0, state.organisation_id[i], _NO_HOME)
            trust, strain, familiarity = state.trust[i], state.strain[i], state.familiarity[i]
            for j in range(state.n_slots):
                both = state.is_member[i] & state.is_member[j]
                prior = where(state.organisation_id[j] == own, colleague, stranger)
                trust[j] += where(both, params.trust_fade * (prior - trust[j]), 0.0)
                strain[j] *= where(both, heal, 1.0)
                familiarity[j] *= where(both, forget, 1.0)
            trust[i] = 0.0


@inner_kernel
def _meet(state, flows, params, practice, now, i, j, u, online, met):
    """Let two attendees deal with each other in the lanes of ``met``; return 1 where they communicated, else 0."""
    flows.met[i, j] = met
    flows.met[j, i] = met
    flows.partners[i] += where(met, 1.0, 0.0)
    flows.partners[j] += where(met, 1.0, 0.0)
    flows.n_encounters += where(met, 1.0, 0.0)
    gap = abs(state.power[i] - state.power[j]) / (state.power[i] + state.power[j])
    communicates = met & (u[1] < _communication_chance(params, practice, online))
    conflict = met & (u[2] < _conflict_chance(state, params, i, j, gap))
    handled = conflict & (u[3] < _handling_chance(state, flows, params, practice, i, j))
    unhandled = conflict & ~handled
    base = params.personal_base
    warmth = (base + (1.0 - base) * practice.relationship_building) * (1.0 - params.online_personal * online)
    personal = met & (uniform(now, _ENCOUNTER, j, i) < warmth)
    flows.n_conflicts += where(conflict, 1.0, 0.0)
    flows.n_unhandled += where(unhandled, 1.0, 0.0)
    flows.frustration[i] += where(unhandled, 1.0, 0.0)
    flows.frustration[j] += where(unhandled, 1.0, 0.0)
    evidence = params.evidence_base + params.evidence_understanding * state.understanding
    evidence -= params.evidence_power * gap
    evidence += where(personal, params.evidence_personal, 0.0)
    evidence += where(handled, params.evidence_handled, 0.0)
    evidence -= where(unhandled, params.evidence_unhandled, 0.0)
    happened = (met, communicates, personal, handled, unhandled)
    _change_tie(state, flows, params, i, j, evidence, happened)
    _change_tie(state, flows, params, j, i, evidence, happened)
    return where(communicates, 1.0, 0.0)


@inner_kernel
def _communication_chance(params, practice, online):
    base = params.communication_base
    return (base + (1.0 - base) * practice.communication) * (1.0 - params.online_communication * online)


@inner_kernel
def _conflict_chance(state, params, i, j, gap):
    g = state.organisation_id[i]
    difference = where(state.role[i] == state.role[j], 0.0, params.difference_role)
    colleagues = (g >= 0.0) & (g == state.organisation_id[j])
    difference += where(colleagues, 0.0, params.difference_organisation)
    known = 0.5 * (state.familiarity[i, j] + state.familiarity[j, i])
    calm = (1.0 - params.conflict_understanding * state.understanding) * (1.0 - params.conflict_familiarity * known)
    return params.conflict_rate * difference * calm * (params.conflict_equal + gap)


@inner_kernel
def _handling_chance(state, flows, params, practice, i, j):
    base = params.handling_base
    led = 1.0 - (1.0 - practice.conflict_handling) * (1.0 - params.lead_conflict * flows.led)
    rest = 1.0 - params.handling_trust + params.handling_trust * 0.5 * (state.trust[i, j] + state.trust[j, i])
    return base + (1.0 - base) * led * rest


@inner_kernel
def _change_tie(state, flows, params, i, j, evidence, happened):
    """Change what i knows of j, bears j and trusts j with, by what happened between them."""
    met, communicates, personal, handled, unhandled = happened
    _get_to_know(state, flows, params, i, j, communicates, personal)
    _move_strain(state, params, i, j, met, handled, unhandled)
    _move_trust(state, params, i, j, evidence, met)


@inner_kernel
def _get_to_know(state, flows, params, i, j, communicates, personal):
    by_talk = where(communicates, 1.0 - params.familiarity_personal, 0.0)
    by_person = where(personal, params.familiarity_personal, 0.0)
    grown = params.familiarity_gain * (by_talk + by_person) * (1.0 - state.familiarity[i, j])
    state.familiarity[i, j] += grown
    flows.contact[i] += grown


@inner_kernel
def _move_strain(state, params, i, j, met, handled, unhandled):
    before = state.strain[i, j]
    strain = where(handled, before * (1.0 - params.strain_relief), before)
    strain = where(unhandled, before + params.strain_gain * (1.0 - before), strain)
    weaker = maximum(0.0, (state.power[j] - state.power[i]) / (state.power[i] + state.power[j]))
    state.strain[i, j] = where(met, strain + params.strain_power * weaker * (1.0 - strain), before)


@kernel
def _move_trust(state, params, i, j, evidence, met):
    """Move trust of i in j to the evidence: slowly up, fast down; what strain there is caps it."""
    trust = state.trust[i, j]
    owed = params.evidence_balance * tanh(state.balance[i, j] / params.balance_scale)
    owed += params.evidence_given * state.use[j, i]
    target = clip(evidence + owed, 0.0, 1.0) * (1.0 - params.trust_strain * state.strain[i, j])
    falls = minimum(1.0, params.trust_gain * params.trust_loss_ratio)
    rate = where(target < trust, falls, params.trust_gain)
    state.trust[i, j] = where(met, trust + rate * (target - trust), trust)
