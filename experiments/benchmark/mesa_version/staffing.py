"""Before the rules of a week: clocks, the grant, who is paid, and what each lever then amounts to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.benchmark.mesa_version.formulas import clip
from experiments.benchmark.mesa_version.settings import FUNDING
from sim.core.parameters import LEVERS
from sim.core.vocabulary import ShockKind, word

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
    for change in model.settings.changes.get(model.week, ()):
        model.enabling[word(change.lever)] = change.value
    receive_income(model)
    pay(model)
    staff_levers(model)


def receive_income(model: MesaPartnership) -> None:
    """Add the grant of the week to the purse."""
    p, around = model.settings.parameters, model.surroundings
    if model.week >= p.funding_end_week:
        return
    income = p.grant_per_week * around.climate
    income *= max(0.0, 1.0 + p.grant_policy * (around.policy_fit - p.policy_middle))
    income *= 1.0 - around.active_size(ShockKind.FUNDING_CUT, model.week - 1)
    model.purse += income
    model.ledger.inflow += income


def pay(model: MesaPartnership) -> None:
    """Pay coordinators and facilitator as far as the purse reaches, then spend a share on the work itself."""
    p, flows = model.settings.parameters, model.flows
    coordinators = sum([member.is_coordinator for member in model.roster.members])
    price = p.salary * coordinators + p.facilitator_price * p.facilitator_hours
    flows.paid = clip(model.purse / price, 0.0, 1.0) if price > 0.0 else 1.0
    model.purse -= flows.paid * price
    flows.project = p.project_share * max(0.0, model.purse)
    model.purse -= flows.project
    model.ledger.spent += flows.paid * price + flows.project - contract(model)


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
            strength += p.coordinator_start + (1.0 - p.coordinator_start) * learnt
    return model.flows.paid * p.coordinator_hours * strength


def staff_levers(model: MesaPartnership) -> None:
    """Share hours among levers: the facilitator serves interpersonal work, coordinators what is left."""
    p, flows, enabling = model.settings.parameters, model.flows, model.enabling
    crowd = p.size_base + (1.0 - p.size_base) * len(model.roster.members) / p.usual_size
    interpersonal = crowd * sum([LEVERS[name].hours * enabling[name] for name in INTERPERSONAL])
    rest = crowd * sum([LEVERS[name].hours * enabling[name] for name in OTHERS])
    facilitated = min(interpersonal, flows.paid * p.facilitator_hours)
    left = interpersonal - facilitated + rest
    share = min(1.0, coordinator_hours(model) / left) if left > 0.0 else 1.0
    cover = (facilitated + share * (interpersonal - facilitated)) / interpersonal if interpersonal > 0.0 else 1.0
    demand = interpersonal + rest
    flows.cover = (facilitated + share * left) / demand if demand > 0.0 else 1.0
    for names, staffed in ((INTERPERSONAL, cover), (OTHERS, share)):
        for name in names:
            effort = enabling[name] * staffed
            effect = effort * (1.0 + p.lever_saturation) / (effort + p.lever_saturation) if effort > 0.0 else 0.0
            setattr(model.levers, name, effect)
