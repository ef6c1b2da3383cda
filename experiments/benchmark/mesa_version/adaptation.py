"""Rule 9: what is needed is sensed, a change of course is voted on, activity follows the plan."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from experiments.benchmark.mesa_version.flows import CORE_MEETING, NO_MEETING
from experiments.benchmark.mesa_version.formulas import logistic, normalised, variation
from experiments.benchmark.mesa_version.settings import INFORMATION

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.agents import StakeholderAgent
    from experiments.benchmark.mesa_version.model import MesaPartnership


def adapt(model: MesaPartnership) -> None:
    """Sense, deliberate, realign."""
    if model.flows.meeting != NO_MEETING:
        sense(model)
    if model.flows.meeting == CORE_MEETING and is_on_agenda(model):
        vote(model)
    realign(model)


def sense(model: MesaPartnership) -> None:
    """Move the shared picture of needs towards what those who were heard sense."""
    p = model.settings.parameters
    watch = p.sensing_base + (1.0 - p.sensing_base) * model.levers.context_sensing
    missed = [1.0 - p.forum_view if model.flows.is_forum else 1.0] * len(model.belief)
    for member in model.flows.attendees:
        if member.heard:
            eye = min(1.0, member.holdings[INFORMATION])
            missed = [m * (1.0 - sees * eye) for m, sees in zip(missed, member.vantage, strict=True)]
    model.belief = normalised(
        [
            b + p.belief_rate * watch * (1.0 - m) * (n - b)
            for b, m, n in zip(model.belief, missed, model.surroundings.need, strict=True)
        ]
    )


def is_on_agenda(model: MesaPartnership) -> bool:
    """Tell whether a gap between picture and activity is put to the vote."""
    p = model.settings.parameters
    if variation(model.belief, model.activity) <= p.gap_threshold:
        return False
    led = 1.0 - (1.0 - model.levers.leadership) * (1.0 - p.lead_agenda * model.flows.led)
    chance = p.agenda_base + (1.0 - p.agenda_base) * led
    return model.random.random() < chance


def odds_of_favour(model: MesaPartnership, voter: StakeholderAgent, losses: list[float]) -> float:
    """Return the log-odds that an attendee favours the change of course."""
    p, attendees = model.settings.parameters, model.flows.attendees
    ties = [voter.ties[other] for other in attendees if other is not voter]
    net = sum([tie.trust - tie.strain for tie in ties]) / len(ties)
    loss = sum([sees * lost for sees, lost in zip(voter.vantage, losses, strict=True)])
    odds = p.vote_base + p.vote_trust * net + p.vote_understanding * model.understanding
    return odds + p.vote_heard * voter.heard - p.vote_loss * loss


def vote(model: MesaPartnership) -> None:
    """Decide by say whether the plan becomes what is believed."""
    p, attendees, uniform = model.settings.parameters, model.flows.attendees, model.random.random
    core_say = p.core_say + (1.0 - p.core_say) * model.levers.inclusive_decisions
    says = [voter.power * (1.0 if voter.in_research_team else core_say) for voter in attendees]
    losses = [max(0.0, a - b) for a, b in zip(model.activity, model.belief, strict=True)]
    favours = [uniform() < logistic(odds_of_favour(model, voter, losses)) for voter in attendees]
    in_favour = sum([say for say, favour in zip(says, favours, strict=True) if favour])
    is_carried = in_favour >= p.decision_share * sum(says)
    fits = p.allowed_base + (1.0 - p.allowed_base) * model.surroundings.policy_fit
    if is_carried and uniform() < fits:
        model.plan = list(model.belief)
    for voter, favour in zip(attendees, favours, strict=True):
        met = voter.experience
        met["decision"] += (is_carried - met["decision"]) / p.memory_meetings
        if favour and not is_carried:
            met["frustration"] += p.frustration_decision / p.memory_weeks


def realign(model: MesaPartnership) -> None:
    """Move activity towards the plan."""
    p, members = model.settings.parameters, model.roster.members
    backing = sum([member.backing for member in members]) / len(members) if members else 0.0
    ordered = p.realign_base + (1.0 - p.realign_base) * model.coordination
    speed = p.realign_rate * ordered * (p.realign_unbacked + (1.0 - p.realign_unbacked) * backing)
    funded = 1.0 - math.exp(-model.flows.project / p.project_scale)
    speed *= p.realign_unfunded + (1.0 - p.realign_unfunded) * funded
    model.activity = [a + speed * (plan - a) for a, plan in zip(model.activity, model.plan, strict=True)]
