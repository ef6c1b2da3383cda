"""Rule 6: contributions are combined, at a cost; the pool fills."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from experiments.benchmark.mesa_version.formulas import clip
from experiments.benchmark.mesa_version.settings import FUNDING, KINDS
from sim.core.vocabulary import Role

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.agents import StakeholderAgent
    from experiments.benchmark.mesa_version.model import MesaPartnership
    from experiments.benchmark.mesa_version.settings import Parameters

Rows = list[list[float]]
"""Contributions by role and kind: a piece is a kind of resource seen from a role's viewpoint."""


def integrate(model: MesaPartnership) -> None:
    """Combine contributions, and fill pool and purse."""
    p, members, flows = model.settings.parameters, model.roster.members, model.flows
    change_coordination(model)
    shares = [combined_share(model, member) for member in members]
    given, combined = empty_rows(), empty_rows()
    alone = []
    for member, share in zip(members, shares, strict=True):
        member.give_hours(p.work_hours * member.effort)
        effort = p.contribution_rate * member.effort * member.standing
        joined = share * effort
        own_row, joint_row = given[member.role], combined[member.role]
        for k, held in enumerate(member.holdings):
            own_row[k] += effort * held
            joint_row[k] += joined * held
        # Of degree 1: the yield of a contribution is its effort times the yield of the holdings.
        alone.append(effort * yield_alone(member.holdings, p))
    flows.effort = sum([member.effort for member in members]) / (len(members) or 1)
    flows.alone = sum(alone)
    flows.potential = yield_of(given, p) - flows.alone
    find_joint_work(model, yield_of(combined, p), alone, shares)
    fill_pool(model, combined)


def empty_rows() -> Rows:
    """Return rows without contributions."""
    return [[0.0] * len(KINDS) for _ in Role]


def change_coordination(model: MesaPartnership) -> None:
    """Let administration build coordination, and the load of a large, new membership wear it."""
    p, members = model.settings.parameters, model.roster.members
    n, before = len(members), model.coordination
    newness = sum([1.0 - member.standing for member in members]) / n if n else 0.0
    load = n / (n + p.cost_size) * (1.0 + p.load_newcomer * newness)
    work = p.coordination_base + (1.0 - p.coordination_base) * model.levers.administration
    grown = p.coordination_gain * work * (1.0 - before)
    model.coordination = clip(before + grown - p.coordination_loss * load * before, 0.0, 1.0)


def yield_alone(contribution: list[float], p: Parameters) -> float:
    """Return the yield of one seat's contribution."""
    by_kinds = p.elasticity_kinds
    return (sum([amount**by_kinds for amount in contribution]) / len(KINDS)) ** (1.0 / by_kinds)


def yield_of(rows: Rows, p: Parameters) -> float:
    """Return the yield of contributions: views of one kind add to each other, then kinds do."""
    by_roles, total = p.elasticity_roles, 0.0
    for amounts in zip(*rows, strict=True):
        views = 0.0
        for amount in amounts:
            views += amount**by_roles
        total += views ** (p.elasticity_kinds / by_roles)
    return (total / len(KINDS)) ** (1.0 / p.elasticity_kinds)


def combined_share(model: MesaPartnership, member: StakeholderAgent) -> float:
    """Return the share of a member's contribution that is combined with others'."""
    warm = used = 0.0
    for tie in member.member_ties:
        use = 0.5 * (tie.use + tie.back.use)
        used += use
        warm += tie.familiarity * tie.trust * (1.0 - tie.strain) * use
    others = len(member.member_ties) or 1
    relational = math.sqrt(warm / others)
    structural = model.coordination * math.sqrt(used / others)
    route = model.settings.route
    if route == "relational":
        return relational
    if route == "structural":
        return structural
    return 1.0 - (1.0 - relational) * (1.0 - structural)


def find_joint_work(model: MesaPartnership, together: float, alone: list[float], shares: list[float]) -> None:
    """Compare work done together with the same contributions worked alone."""
    p, flows, members = model.settings.parameters, model.flows, model.roster.members
    n, same_alone = len(members), sum([m * a for m, a in zip(shares, alone, strict=True)])
    if n > 1:
        strain = sum([tie.strain for tie in model.roster.ties]) / (n * (n - 1))
        flows.gain = together - same_alone
        flows.cost = p.coordination_cost * together * (n - 1) / (n - 1 + p.cost_size)
        flows.cost *= (1.0 - model.coordination) * (1.0 + p.cost_strain * strain)
    flows.joint = max(0.0, flows.alone + flows.gain - flows.cost)


def fill_pool(model: MesaPartnership, combined: Rows) -> None:
    """Let the common pool follow what is combined, and members pay some of their funding into the purse."""
    p, members, pool = model.settings.parameters, model.roster.members, model.pool
    for k in range(len(KINDS)):
        if k != FUNDING:
            joined = sum([row[k] for row in combined])
            pool[k] += p.pool_rate * (joined / (len(members) or 1) - pool[k])
    for member in members:
        payment = p.funding_share * member.engagement * member.standing * member.holdings[FUNDING]
        member.holdings[FUNDING] -= payment
        model.purse += payment
