"""Before the rules of a week: clocks, the grant, who is paid, and what each lever then amounts to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.benchmark.mesa_version.agents import StakeholderAgent
from experiments.benchmark.mesa_version.formulas import clip
from experiments.benchmark.mesa_version.settings import FUNDING
from sim.core.parameters import LEVERS
from sim.core.vocabulary import WEEKS_PER_YEAR, ShockKind

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.model import MesaPartnership

INTERPERSONAL = tuple(name for name, row in LEVERS.items() if row.level == "interpersonal")
OTHERS = tuple(name for name, row in LEVERS.items() if row.level != "interpersonal")


def staff(model: MesaPartnership) -> None:
    """Advance the clocks, pay those who are paid, and find the effective levers."""
    for seat in model.roster.seats():
        if seat.is_member:
            seat.tenure += 1
            seat.begin_week()
        else:
            seat.vacant_weeks += 1
    for organisation in model.organisations:
        organisation.tenure += 1
    open_posts(model)
    for change in model.settings.changes.get(model.week, ()):
        if change.setting in model.enabling:
            model.enabling[change.setting] = change.value
        else:
            model.facilitator_hours = change.value
    receive_income(model)
    pay(model)
    staff_levers(model)
    lead(model)


def open_posts(model: MesaPartnership) -> None:
    """Make an empty seat of each coordinator's post that begins, where there was no seat yet."""
    for coming in list(model.posts_to_come):
        if any(post.from_week <= model.week <= post.to_week for post in coming.posts):
            model.posts_to_come.remove(coming)
            seat = StakeholderAgent(model, coming.seat.role, coming.seat.ring, coming.home)
            seat.posts = coming.posts


def receive_income(model: MesaPartnership) -> None:
    """Add the grant of the week to the purse."""
    p, around = model.settings.parameters, model.surroundings
    if model.week >= model.grant_until:
        return
    income = model.grant_level * p.grant_per_week * around.climate
    income *= max(0.0, 1.0 + p.grant_policy * (around.policy_fit - p.policy_middle))
    income *= 1.0 - around.active_size(ShockKind.FUNDING_CUT, model.week - 1)
    model.purse += income
    model.ledger.inflow += income


def pay(model: MesaPartnership) -> None:
    """Pay staff and facilitator as far as the purse reaches, then spend a share on the work itself."""
    p, flows = model.settings.parameters, model.flows
    posts = {member: post for member in model.roster.members if (post := member.active_post()) is not None}
    price = p.facilitator_price * model.facilitator_hours
    price += sum([member.price_of(post) for member, post in posts.items()])
    flows.paid = clip(model.purse / price, 0.0, 1.0) if price > 0.0 else 1.0
    model.purse -= flows.paid * price
    flows.project = p.project_share * max(0.0, model.purse)
    model.purse -= flows.project
    model.ledger.spent += flows.paid * price + flows.project - contract(model)
    for seat in model.roster.seats():
        seat.paid_share = 0.0
    for member in model.roster.members:
        post = posts.get(member)
        received = 0.0 if post is None else 1.0 if post.seconded else flows.paid
        member.paid_share = 0.0 if post is None else post.share * received
        member.pay += (received - member.pay) / p.pay_memory
    flows.facilitated = flows.paid * model.facilitator_hours
    flows.staffed = flows.facilitated + coordinator_hours(model)
    model.staff_hours += flows.staffed


def contract(model: MesaPartnership) -> float:
    """Pay members for their part of the work, by what they do; return what they got."""
    members = model.roster.members
    parts = [member.engagement * member.standing for member in members]
    if sum(parts) <= 0.0:
        return 0.0
    contracted = model.settings.parameters.contract_share * model.flows.project
    for member, part in zip(members, parts, strict=True):
        payment = contracted * part / sum(parts)
        member.holdings[FUNDING] += payment
        member.funded += payment
    return contracted


def coordinator_hours(model: MesaPartnership) -> float:
    """Return the hours that coordinators have for enabling processes."""
    p, strength = model.settings.parameters, 0.0
    for member in model.roster.members:
        if member.is_coordinator:
            learnt = min(1.0, member.tenure / p.coordinator_learning) if p.coordinator_learning > 0.0 else 1.0
            strength += member.paid_share * (p.coordinator_start + (1.0 - p.coordinator_start) * learnt)
    return p.coordinator_hours * strength


def staff_levers(model: MesaPartnership) -> None:
    """Share hours among levers: the facilitator serves interpersonal work, coordinators what is left."""
    p, flows, enabling = model.settings.parameters, model.flows, model.enabling
    crowd = p.size_base + (1.0 - p.size_base) * len(model.roster.members) / p.usual_size
    interpersonal = crowd * sum([LEVERS[name].hours * enabling[name] for name in INTERPERSONAL])
    rest = crowd * sum([LEVERS[name].hours * enabling[name] for name in OTHERS])
    rest += p.approach_hours * approaches_per_week(model)
    facilitated = min(interpersonal, flows.facilitated)
    left = interpersonal - facilitated + rest
    share = min(1.0, (flows.staffed - flows.facilitated) / left) if left > 0.0 else 1.0
    cover = (facilitated + share * (interpersonal - facilitated)) / interpersonal if interpersonal > 0.0 else 1.0
    demand = interpersonal + rest
    flows.cover = (facilitated + share * left) / demand if demand > 0.0 else 1.0
    for names, staffed in ((INTERPERSONAL, cover), (OTHERS, share)):
        for name in names:
            effort = enabling[name] * staffed
            effect = effort * (1.0 + p.lever_saturation) / (effort + p.lever_saturation) if effort > 0.0 else 0.0
            setattr(model.levers, name, effect)


def approaches_per_week(model: MesaPartnership) -> float:
    """Return how often a possible new member is approached: less and less as the group fills."""
    p = model.settings.parameters
    return p.approaches_per_year / WEEKS_PER_YEAR * max(0.0, 1.0 - len(model.roster.members) / p.recruit_full)


def lead(model: MesaPartnership) -> None:
    """Let the one with most to give lead; leading wears and takes hours of one's own."""
    p, flows, members = model.settings.parameters, model.flows, model.roster.members
    if not members:
        return
    leader = max(members, key=lambda member: member.strength)
    flows.leader, flows.leadership = leader, leader.strength
    for member in members:
        member.wear *= 1.0 - p.wear_recovery
    leader.wear += p.wear_gain * (1.0 - p.wear_relief * flows.cover) * (1.0 - leader.wear)
    leader.give_hours(p.lead_hours)
