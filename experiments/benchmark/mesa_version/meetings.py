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
    flows, due = model.flows, meeting_due(model)
    if due != NO_MEETING:
        invited = [member for member in model.roster.members if due == CORE_MEETING or member.in_research_team]
        flows.n_invited = len(invited)
        is_lost = model.random.random() < model.surroundings.active_size(ShockKind.LOST_MEETINGS, model.week)
        coming = [] if is_lost else who_comes(model, invited)
        if len(coming) >= 2:
            flows.meeting, flows.attendees = due, coming
            pay_for_meeting(model)
            take_part(model)
    model.weeks_without_meeting = 0 if flows.meeting else model.weeks_without_meeting + 1


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
    rival = around.active_size(ShockKind.RIVAL_PRIORITY, model.week)
    online = around.active_size(ShockKind.ONLINE_MEETINGS, model.week)
    usual = p.attend_base + p.attend_leadership * levers.leadership
    usual += p.online_attendance * online - p.rival_attendance * rival
    support = p.attend_support * levers.participation_support
    uniform, coming = model.random.random, []
    for member in invited:
        odds = usual + p.attend_engagement * (member.engagement - p.attend_middle) + p.attend_stake * member.stake
        odds += (support if member.home is None else 0.0) - p.attend_drawback * member.drawback
        if uniform() < logistic(odds):
            coming.append(member)
    return coming


def pay_for_meeting(model: MesaPartnership) -> None:
    """Pay for the meeting, and for those whose time is not paid, as far as the purse reaches."""
    p, attendees = model.settings.parameters, model.flows.attendees
    unpaid = sum([member.home is None for member in attendees])
    price = p.meeting_price * len(attendees) + p.support_price * model.levers.participation_support * unpaid
    paid = min(price, max(0.0, model.purse))
    model.purse -= paid
    model.ledger.spent += paid


def take_part(model: MesaPartnership) -> None:
    """Let attendees spend hours, be heard or not, and become full members."""
    p, levers, flows = model.settings.parameters, model.levers, model.flows
    online = model.surroundings.active_size(ShockKind.ONLINE_MEETINGS, model.week)
    hours = p.meeting_hours * (1.0 - p.online_hours * online)
    supported = 1.0 - p.support_relief * levers.participation_support
    welcome = min(1.0, p.orientation_base + p.orientation_gain * levers.orientation)
    company, rate = len(flows.attendees) / flows.n_invited, 1.0 / p.memory_meetings
    uniform = model.random.random
    for member in flows.attendees:
        member.attends = True
        if member.is_coordinator:
            member.hours = hours * (1.0 - flows.paid)  # hours that are paid are no burden
        else:
            member.hours = hours * supported if member.home is None else hours
        odds = p.heard_base + p.heard_power * (member.power - 1.0) + p.heard_sharing * levers.power_sharing
        if not member.in_research_team:
            odds += p.heard_inclusive * levers.inclusive_decisions
        member.heard = uniform() < logistic(odds)
        is_in_order = uniform() < model.coordination
        if member.heard:
            member.power += p.power_step * (1.0 - member.power)
        member.standing += welcome * (1.0 - member.standing)
        met = member.experience
        met["heard"] += rate * (member.heard - met["heard"])
        met["unheard"] += rate * ((not member.heard) - met["unheard"])
        met["company"] += rate * (company - met["company"])
        met["order"] += rate * (is_in_order - met["order"])
