"""Rule 4: ties fade; attendees deal with each other in pairs."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from experiments.benchmark.mesa_version.formulas import clip
from sim.core.vocabulary import ShockKind

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.agents import StakeholderAgent
    from experiments.benchmark.mesa_version.model import MesaPartnership
    from experiments.benchmark.mesa_version.settings import Parameters
    from experiments.benchmark.mesa_version.ties import Tie


class Occasion(NamedTuple):
    """What all encounters of one meeting share.

    Attributes
    ----------
    talk, personal : float
        Chances that two understand each other, and have a personal moment.
    conflict : float
        Chance of conflict among strangers, per unit of difference and of ``conflict_equal`` + gap in power.
    handling : float
        What effort adds to the chance of handling a conflict, among those who trust each other.
    evidence : float
        Evidence of an ordinary encounter among people who understand each other this well.
    """

    talk: float
    personal: float
    conflict: float
    handling: float
    evidence: float


def encounter(model: MesaPartnership) -> None:
    """Let ties fade, and let attendees meet in pairs."""
    p, flows = model.settings.parameters, model.flows
    healed, kept = 1.0 - p.strain_heal, 1.0 - p.familiarity_fade
    for tie in model.roster.ties:
        tie.trust += p.trust_fade * (tie.prior - tie.trust)
        tie.strain *= healed
        tie.familiarity *= kept
    model.understanding *= 1.0 - p.understanding_fade
    present = len(flows.attendees)
    if present < 2:
        return
    longer = p.forum_hours / p.meeting_hours if flows.is_forum else 1.0
    chance, uniform = min(1.0, p.encounters_per_meeting * longer / (present - 1)), model.random.random
    flows.pairs_met = [pair for pair in combinations(flows.attendees, 2) if uniform() < chance]
    occasion = occasion_of(model)
    communicated = sum([deal_with_each_other(model, one, other, occasion) for one, other in flows.pairs_met])
    before = model.understanding
    gained = p.understanding_gain * communicated / present * (1.0 - before)
    broken = p.understanding_break * flows.n_unhandled / present * before
    model.understanding = clip(before + gained - broken, 0.0, 1.0)


def occasion_of(model: MesaPartnership) -> Occasion:
    """Return what all encounters of this week's meeting share."""
    p, levers = model.settings.parameters, model.levers
    online = model.surroundings.active_size(ShockKind.ONLINE_MEETINGS, model.week)
    talk = p.communication_base + (1.0 - p.communication_base) * levers.communication
    personal = p.personal_base + (1.0 - p.personal_base) * levers.relationship_building
    handling = 1.0 - (1.0 - levers.conflict_handling) * (1.0 - p.lead_conflict * model.flows.led)
    return Occasion(
        talk=talk * (1.0 - p.online_communication * online),
        personal=personal * (1.0 - p.online_personal * online),
        conflict=p.conflict_rate * (1.0 - p.conflict_understanding * model.understanding),
        handling=(1.0 - p.handling_base) * handling,
        evidence=p.evidence_base + p.evidence_understanding * model.understanding,
    )


def deal_with_each_other(
    model: MesaPartnership, one: StakeholderAgent, other: StakeholderAgent, occasion: Occasion
) -> bool:
    """Let two attendees deal with each other; return whether they communicated."""
    p, uniform = model.settings.parameters, model.random.random
    tie = one.ties[other]
    lead = (other.power - one.power) / (one.power + other.power)
    gap = abs(lead)
    difference = p.difference_role * (one.role != other.role)
    difference += p.difference_organisation * (one.home is None or one.home is not other.home)
    communicates = uniform() < occasion.talk
    known = 0.5 * (tie.familiarity + tie.back.familiarity)
    calm = 1.0 - p.conflict_familiarity * known
    conflict = uniform() < occasion.conflict * difference * calm * (p.conflict_equal + gap)
    handled = conflict and uniform() < handling_chance(p, tie, occasion)
    personal = uniform() < occasion.personal
    one.partners += 1
    other.partners += 1
    share = p.familiarity_personal
    growth = p.familiarity_gain * ((1.0 - share) * communicates + share * personal)
    evidence = occasion.evidence - p.evidence_power * gap
    if personal:
        evidence += p.evidence_personal
    if handled:
        evidence += p.evidence_handled
    elif conflict:
        evidence -= p.evidence_unhandled
        model.flows.n_unhandled += 1
    one.respond(tie, growth, evidence, max(0.0, lead), conflict=conflict, handled=handled)
    other.respond(tie.back, growth, evidence, max(0.0, -lead), conflict=conflict, handled=handled)
    return communicates


def handling_chance(p: Parameters, tie: Tie, occasion: Occasion) -> float:
    """Return the chance that a conflict is handled well: trust lends effort its power."""
    mutual = 0.5 * (tie.trust + tie.back.trust)
    return p.handling_base + occasion.handling * (1.0 - p.handling_trust + p.handling_trust * mutual)
