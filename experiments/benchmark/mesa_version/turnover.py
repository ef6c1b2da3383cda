"""Rule 2: persons and organisations leave, successors and recruits come."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from experiments.benchmark.mesa_version.agents import StakeholderAgent
from experiments.benchmark.mesa_version.formulas import clip
from experiments.benchmark.mesa_version.organisation import Organisation
from experiments.benchmark.mesa_version.settings import (
    CONNECTIONS,
    FUNDING,
    KINDS,
    LEGITIMACY,
    ROLE_VANTAGE,
)
from experiments.benchmark.mesa_version.staffing import approaches_per_week
from sim.core.traits import START_EXPERIENCE
from sim.core.vocabulary import WEEKS_PER_YEAR, LeavingCause, Ring, Role

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.model import MesaPartnership


def turn_over(model: MesaPartnership) -> None:
    """Let persons and organisations leave, and others come."""
    persons_leave(model)
    organisations_leave(model)
    successors_come(model)
    recruit(model)
    seatless_organisations_leave(model)
    model.surroundings.exit_chance = [0.0] * len(Role)
    kept = 1.0 - model.settings.parameters.memory_fade
    for organisation in model.organisations:
        organisation.memory = [kept * learnt for learnt in organisation.memory]


# --- persons and organisations leave -----------------------------------------------------------------------


def pull_to_leave(model: MesaPartnership, net: float, share: float) -> float:
    """Return how net benefit changes a rate of leaving."""
    p = model.settings.parameters
    return clip(math.exp(-share * p.hazard_benefit * (net - p.net_reference)), p.pull_low, p.pull_high)


def chances_of_leaving(model: MesaPartnership, member: StakeholderAgent) -> dict[LeavingCause, float]:
    """Return a member's weekly chances of leaving, by cause."""
    p, cause, around = model.settings.parameters, model.settings.cause, model.surroundings
    rate, passive, unpaid = p.hazard_person * p.mobility, 0.0, 0.0
    if cause != "benefit":
        rate *= member.exposure * (p.push_backing - member.backing)
        rate *= 1.0 + around.active_churn(member.role, model.week)
        if member.home is None and member.paid_share == 0.0:
            rate *= 1.0 + p.push_unsupported * (1.0 - model.levers.participation_support)
    if cause != "exogenous":
        rate *= pull_to_leave(model, member.net, 1.0)
        passive = p.hazard_drift_out if member.engagement < p.active_level else 0.0
    if member.is_coordinator:
        unpaid = min(1.0, p.exit_unpaid * (1.0 - member.pay) ** 2)
    return {
        LeavingCause.MOVED_ON: min(1.0, rate / WEEKS_PER_YEAR),
        LeavingCause.UNPAID: unpaid,
        LeavingCause.DISENGAGED: passive,
        LeavingCause.EVENT: around.exit_chance[member.role],
    }


def persons_leave(model: MesaPartnership) -> None:
    """Let members leave."""
    leaving = []
    for member in model.roster.members:
        chances = chances_of_leaving(model, member)
        if model.random.random() < 1.0 - math.prod([1.0 - chance for chance in chances.values()]):
            (cause,) = model.random.choices(tuple(chances), tuple(chances.values()))
            model.left_for[cause] += 1
            leaving.append(member)
    for member in leaving:
        leave(model, member)
    if leaving:
        model.roster.count()


def leave(model: MesaPartnership, member: StakeholderAgent) -> None:
    """Empty a seat; its organisation remembers what the person had learnt."""
    member.is_member = False
    member.vacant_weeks = 0
    model.leavers += 1
    home = member.home
    if home is None:
        withdraw_funding(model, member)
    elif model.settings.organisations_hand_on:
        share = model.settings.parameters.succession_organisation * home.backing
        for kind in model.settings.nonrival:
            k = kind.number
            learnt = max(0.0, member.holdings[k] - member.endowment[k])
            home.memory[k] = max(home.memory[k], share * learnt)


def withdraw_funding(model: MesaPartnership, seat: StakeholderAgent) -> None:
    """Take the funding of a seat out of the partnership."""
    model.ledger.withdrawn += seat.holdings[FUNDING]
    seat.holdings[FUNDING] = 0.0


def give_up(model: MesaPartnership, seat: StakeholderAgent) -> None:
    """Close a seat: its agent is gone."""
    withdraw_funding(model, seat)
    seat.is_member = False
    model.roster.remove(seat)
    seat.remove()


def organisations_leave(model: MesaPartnership) -> None:
    """Let organisations leave, by what their members have of it."""
    p, cause = model.settings.parameters, model.settings.cause
    nets: dict[Organisation, list[float]] = {organisation: [] for organisation in model.organisations}
    for member in model.roster.members:
        if member.home is not None:
            nets[member.home].append(member.net)
    for organisation, felt in nets.items():
        rate = p.hazard_organisation * (1.0 + p.organisation_newness * math.exp(-organisation.tenure / p.newness_weeks))
        if cause != "exogenous":
            net = sum(felt) / len(felt) if felt else 0.0
            rate *= pull_to_leave(model, net, p.hazard_benefit_organisation)
        if model.random.random() < min(1.0, rate / WEEKS_PER_YEAR):
            organisation_leaves(model, organisation)


def organisation_leaves(model: MesaPartnership, organisation: Organisation) -> None:
    """Let an organisation go, and close all its seats."""
    model.organisations.remove(organisation)
    for seat in model.roster.seats():
        if seat.home is organisation:
            model.leavers += seat.is_member
            model.left_for[LeavingCause.ORGANISATION_LEFT] += seat.is_member
            give_up(model, seat)
    model.posts_to_come = [coming for coming in model.posts_to_come if coming.home is not organisation]
    model.roster.count()


def seatless_organisations_leave(model: MesaPartnership) -> None:
    """Count out organisations none of whose seats is left."""
    homes = {seat.home for seat in (*model.roster.seats(), *model.posts_to_come)}
    model.organisations = [organisation for organisation in model.organisations if organisation in homes]


# --- successors --------------------------------------------------------------------------------------------


def successors_come(model: MesaPartnership) -> None:
    """Fill or give up seats that were empty before this week, ascending by slot."""
    p = model.settings.parameters
    for seat in model.roster.seats():
        if seat.is_member or seat.vacant_weeks < 1:
            continue
        is_needed = any(post.to_week >= model.week for post in seat.posts)
        if (seat.vacant_weeks > p.vacancy_limit and not is_needed) or is_closed(model, seat.role):
            give_up(model, seat)
            continue
        if model.random.random() < chance_of_filling(model, seat):
            seat_person(model, seat, handed_on(model, seat))


def chance_of_filling(model: MesaPartnership, seat: StakeholderAgent) -> float:
    """Return the weekly chance that an empty seat is filled: by hiring, by its organisation, or by invitation."""
    p, levers = model.settings.parameters, model.levers
    if seat.is_coordinator:
        post = seat.active_post()
        can_be_paid = post is not None and model.purse >= p.hire_weeks * seat.price_of(post)
        return p.hiring_rate if can_be_paid else 0.0
    if seat.home is None:
        return p.invitation_rate * levers.inclusive_decisions * levers.participation_support
    return p.replacement_rate * seat.backing


def is_closed(model: MesaPartnership, role: int) -> bool:
    """Tell whether a role may not be filled now."""
    return model.week < model.surroundings.closed_until[role]


def handed_on(model: MesaPartnership, seat: StakeholderAgent) -> float:
    """Return the share of knowledge and ties that a successor is handed."""
    p, settings = model.settings.parameters, model.settings
    by_organisation = by_coordinator = 0.0
    if settings.organisations_hand_on and seat.home is not None:
        by_organisation = p.succession_organisation * seat.backing
    if settings.coordinators_hand_on:
        tenures = [member.tenure for member in model.roster.members if member.is_coordinator]
        by_coordinator = p.succession_coordinator * min(1.0, max(tenures, default=0) / p.succession_weeks)
    return 1.0 - (1.0 - by_organisation) * (1.0 - by_coordinator)


def seat_person(model: MesaPartnership, seat: StakeholderAgent, keep: float) -> None:
    """Seat a new person, who is handed the share ``keep`` of what the last one knew and whom they knew."""
    p, roster = model.settings.parameters, model.roster
    before = len(roster.members)
    hand_on_knowledge(model, seat, keep)
    standing = p.standing_start + (1.0 - p.standing_start) * p.standing_kept * keep
    seat.seat_person(model.people_ever, standing, hearsay(model))
    model.people_ever += 1
    roster.count()
    for tie in seat.ties.values():
        tie.hand_over(keep, p.strain_kept)
        tie.back.hand_over(keep, p.strain_kept)
    raw = [member.raw_power() for member in roster.members]
    seat.power = seat.raw_power() / (sum(raw) / len(raw))
    seat.begin()
    model.understanding *= 1.0 - p.newcomer_dilution * (1.0 - keep) / (before + 1)


def hearsay(model: MesaPartnership) -> dict[str, float]:
    """Return what a newcomer expects: what founders expected, and what members say that they met."""
    share, members = model.settings.parameters.hearsay, model.roster.members
    if not members:
        return dict(START_EXPERIENCE)
    expected = {}
    for name, usual in START_EXPERIENCE.items():
        met = sum([member.experience[name] for member in members]) / len(members)
        expected[name] = usual + share * (met - usual)
    return expected


def hand_on_knowledge(model: MesaPartnership, seat: StakeholderAgent, keep: float) -> None:
    """Give a new person an endowment and what is handed on; funding stays with the seat."""
    old, old_endowment = seat.holdings, seat.endowment
    seat.draw_endowment()
    seat.holdings = list(seat.endowment)
    seat.holdings[FUNDING] = old[FUNDING]
    memory = [0.0] * len(KINDS) if seat.home is None else seat.home.memory
    for kind in model.settings.nonrival:
        k = kind.number
        learnt = max(0.0, old[k] - old_endowment[k])
        seat.holdings[k] = seat.endowment[k] + max(keep * learnt, memory[k])


# --- recruitment -------------------------------------------------------------------------------------------


def recruit(model: MesaPartnership) -> None:
    """Approach a possible new member, who comes with a new organisation unless a patient."""
    p, uniform = model.settings.parameters, model.random.random
    if uniform() >= model.flows.cover * approaches_per_week(model):
        return
    role = role_approached(model)
    if role is None or uniform() >= chance_of_acceptance(model):
        return
    if model.roster.is_full(len(model.posts_to_come)):
        return
    home = None
    if role != Role.PATIENT:
        home = Organisation(p.each_backing, p.each_backing)
        model.organisations.append(home)
    seat_person(model, StakeholderAgent(model, role, Ring.CORE_TEAM, home), 0.0)


def role_approached(model: MesaPartnership) -> Role | None:
    """Return the role that the partnership looks for: the gaps that it sees steer it. None if nobody is wanted."""
    gaps = [max(0.0, b - a) for b, a in zip(model.belief, model.activity, strict=True)]
    weights = []
    for role in Role:
        uncovered = sum([sees * gap for sees, gap in zip(ROLE_VANTAGE[role], gaps, strict=True)])
        weight = model.settings.recruiting[role] * (1.0 + model.settings.parameters.recruit_gap * uncovered)
        weights.append(0.0 if is_closed(model, role) else weight)
    if sum(weights) <= 0.0:
        return None
    return model.random.choices(tuple(Role), weights)[0]


def chance_of_acceptance(model: MesaPartnership) -> float:
    """Return the chance that an approach is accepted: wins and the pool's standing help."""
    p = model.settings.parameters
    reputation = p.memory_weeks * model.win_memory + model.pool[LEGITIMACY] + model.pool[CONNECTIONS]
    return p.recruit_accept + (1.0 - p.recruit_accept) * (1.0 - math.exp(-p.recruit_reputation * reputation))
