"""Rule 3: power drifts, a meeting that is due is held or lost, those who come are heard or not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from experiments.benchmark.mesa_version.flows import CORE_MEETING, NO_MEETING, RESEARCH_MEETING
from experiments.benchmark.mesa_version.formulas import logistic
from sim.core.vocabulary import ShockKind

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.agents import StakeholderAgent
    from experiments.benchmark.mesa_version.model import MesaPartnership


def meet(model: MesaPartnership) -> None:
    """Let power drift, and hold the meeting that is due."""
    drift_power(model)
    flows, due = model.flows, max(meeting_due(model), model.meeting_owed)
    is_convened = due != NO_MEETING and model.random.random() < chance_of_convening(model)
    model.meeting_owed = NO_MEETING if is_convened else due
    if is_convened:
        invited = [member for member in model.roster.members if due == CORE_MEETING or member.in_research_team]
        flows.n_invited = len(invited)
        is_lost = model.random.random() < model.surroundings.active_size(ShockKind.LOST_MEETINGS, model.week)
        coming = [] if is_lost else who_comes(model, invited)
        if len(coming) >= 2:
            flows.meeting, flows.attendees = due, coming
            model.meetings += 1
            if due == CORE_MEETING and is_time_for_a_forum(model):
                flows.is_forum = model.random.random() < organising(model)
            model.forums += flows.is_forum
            model.guests_ever += guests(model)
            pay_for_meeting(model)
            take_part(model)
        note_absence(model, invited)
    model.weeks_without_meeting = 0 if flows.meeting else model.weeks_without_meeting + 1


def organising(model: MesaPartnership) -> float:
    """Return how far the staffed hours suffice to convene and organise."""
    return 1.0 - math.exp(-model.flows.staffed / model.settings.parameters.convene_hours)


def chance_of_convening(model: MesaPartnership) -> float:
    """Return the chance that staff, the one who leads or somebody else convenes what is due."""
    nobody = (1.0 - model.settings.parameters.convene_self) * (1.0 - organising(model))
    return 1.0 - nobody * (1.0 - model.flows.leadership)


def is_time_for_a_forum(model: MesaPartnership) -> bool:
    """Tell whether the next forum is due."""
    every = model.settings.parameters.forum_every
    return every > 0 and model.week >= every * (model.forums + 1)


def guests(model: MesaPartnership) -> int:
    """Return how many guests come this week."""
    return int(model.settings.parameters.forum_guests + 0.5) if model.flows.is_forum else 0


def drift_power(model: MesaPartnership) -> None:
    """Let power return to its structural share."""
    members = model.roster.members
    if not members:
        return
    raw = [member.raw_power() for member in members]
    mean, drift = sum(raw) / len(raw), model.settings.parameters.power_drift
    for member, structural in zip(members, raw, strict=True):
        member.power += drift * (structural / mean - member.power)


def meeting_due(model: MesaPartnership) -> int:
    """Return which meeting is due this week."""
    p = model.settings.parameters
    if model.week % math.floor(p.meeting_every_core + 0.5) == 0:
        return CORE_MEETING
    if model.week % math.floor(p.meeting_every_research + 0.5) == 0:
        return RESEARCH_MEETING
    return NO_MEETING


def who_comes(model: MesaPartnership, invited: list[StakeholderAgent]) -> list[StakeholderAgent]:
    """Return those of the invited who would come."""
    p, levers, around = model.settings.parameters, model.levers, model.surroundings
    online = around.active_size(ShockKind.ONLINE_MEETINGS, model.week)
    usual = p.attend_base + p.attend_leadership * levers.leadership + p.online_attendance * online
    support = p.attend_support * levers.participation_support
    uniform, coming = model.random.random, []
    for member in invited:
        odds = usual + p.attend_engagement * (member.engagement - p.attend_middle) + p.attend_stake * member.stake
        odds += (support if member.home is None else 0.0) - p.attend_drawback * member.drawback
        if uniform() < logistic(odds) and uniform() < member.permitted:
            coming.append(member)
    return coming


def note_absence(model: MesaPartnership, invited: list[StakeholderAgent]) -> None:
    """Let those invited remember whether they were away, and the partnership how many came."""
    rate = 1.0 / model.settings.parameters.memory_meetings
    for member in invited:
        met = member.experience
        met["absent"] += rate * ((not member.attends) - met["absent"])
    if invited:
        came = len(model.flows.attendees) / len(invited)
        model.turnout = came if model.turnout is None else model.turnout + rate * (came - model.turnout)


def pay_for_meeting(model: MesaPartnership) -> None:
    """Pay for the meeting, and for those whose time is not paid, as far as the purse reaches."""
    p, attendees = model.settings.parameters, model.flows.attendees
    unpaid = sum([member.home is None for member in attendees])
    price = p.meeting_price * (len(attendees) + guests(model))
    price += p.support_price * model.levers.participation_support * unpaid
    paid = min(price, max(0.0, model.purse))
    model.purse -= paid
    model.ledger.spent += paid


def take_part(model: MesaPartnership) -> None:
    """Let attendees spend hours, be heard or not, and become full members."""
    p, levers, flows = model.settings.parameters, model.levers, model.flows
    online = model.surroundings.active_size(ShockKind.ONLINE_MEETINGS, model.week)
    hours = (p.forum_hours if flows.is_forum else p.meeting_hours) * (1.0 - p.online_hours * online)
    learn_to_lead(model)
    welcome = min(1.0, p.orientation_base + p.orientation_gain * levers.orientation)
    company, rate = len(flows.attendees) / flows.n_invited, 1.0 / p.memory_meetings
    uniform = model.random.random
    for member in flows.attendees:
        member.attends = True
        member.give_hours(hours)
        odds = p.heard_base + p.heard_power * (member.power - 1.0) + p.heard_sharing * levers.power_sharing
        if not member.in_research_team:
            odds += p.heard_inclusive * levers.inclusive_decisions
        member.heard = uniform() < logistic(odds)
        is_in_order = uniform() < model.coordination
        if member.heard:
            member.power += p.power_step * max(0.0, 1.0 - member.power)
        is_used = member.heard and uniform() < say_in_the_work(model, member)
        member.standing += welcome * (1.0 - member.standing)
        met = member.experience
        met["heard"] += rate * (member.heard - met["heard"])
        met["unheard"] += rate * ((not member.heard) - met["unheard"])
        met["used"] += rate * (is_used - met["used"])
        met["company"] += rate * (company - met["company"])
        met["order"] += rate * (is_in_order - met["order"])


def learn_to_lead(model: MesaPartnership) -> None:
    """Let the one who leads gain experience if there, and the others learn from them."""
    p, flows = model.settings.parameters, model.flows
    if flows.leader not in flows.attendees:
        return
    flows.led, shown = flows.leadership, flows.leader.leading
    for member in flows.attendees:
        if member is flows.leader:
            member.leading += p.lead_gain * (1.0 - member.leading)
        else:
            member.leading += p.lead_share * model.levers.leadership * max(0.0, shown - member.leading)


def say_in_the_work(model: MesaPartnership, member: StakeholderAgent) -> float:
    """Return how far the partnership works on what a member's role sees."""
    seen = sum([share * sees for share, sees in zip(model.activity, member.vantage, strict=True)])
    return seen / max(member.vantage)
