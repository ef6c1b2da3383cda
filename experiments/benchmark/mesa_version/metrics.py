"""Weekly metrics under the names of the core's, collected in one pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from experiments.benchmark.mesa_version.flows import NO_MEETING
from experiments.benchmark.mesa_version.formulas import variation
from experiments.benchmark.mesa_version.settings import KINDS
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.rulers import RULERS
from sim.core.vocabulary import Role, word

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.model import MesaPartnership

SKILL_WINDOW, SKILL_FROM_WEEK = int(RULERS["skill_window"]), int(RULERS["skill_from_week"])
SKILL_LEAST_ERROR, CHANGE_WINDOW = RULERS["skill_least_error"], int(RULERS["change_window"])

Row = dict[str, float]


def observe(model: MesaPartnership) -> Row:
    """Return one week's metrics, NaN where missing."""
    row: Row = dict.fromkeys(OBSERVED_NAMES, math.nan)
    n = len(model.roster.members)
    observe_whole(model, row)
    if model.week > 0:
        observe_week(model, row)
        row["adaptation"] = skill(model)
        row["adaptation_to_change"] = answer_to_change(model)
    if n > 0:
        observe_seats(model, row)
        observe_knowledge(model, row)
    if n > 1:
        observe_ties(model, row)
        observe_atmosphere(model, row)
    return row


def observe_whole(model: MesaPartnership, row: Row) -> None:
    """Write what the partnership as a whole is."""
    row["members"] = len(model.roster.members)
    row["people_ever"] = model.people_ever
    row["leavers"] = model.leavers
    row["understanding"] = model.understanding
    row["purse"] = model.purse
    row["policy_fit"] = model.surroundings.policy_fit
    row["wins"] = model.wins
    row["outcome"] = model.outcome
    row["purposes_met"] = model.purposes
    row["meetings_held"], row["guests_ever"] = model.meetings, model.guests_ever
    row["grants_won"], row["money_spent"] = model.grants_won, model.ledger.spent
    row["staff_hours"], row["member_hours"] = model.staff_hours, model.member_hours
    for cause, count in model.left_for.items():
        row[f"left_{word(cause)}"] = count
    observe_staff(model, row)
    row["fit"] = 1.0 - variation(model.activity, model.surroundings.need)
    row["organisations"] = len(model.organisations)
    if model.n_founding_organisations > 0:
        kept = sum([organisation.place is not None for organisation in model.organisations])
        row["organisations_kept"] = kept / model.n_founding_organisations


def observe_staff(model: MesaPartnership, row: Row) -> None:
    """Write who is active, who leads, and how many posts are filled."""
    members, level = model.roster.members, model.settings.parameters.active_level
    if members:
        row["active_share"] = sum([member.engagement >= level for member in members]) / len(members)
    if model.week == 0:
        return
    row["lead_strength"] = model.flows.leadership
    filled = [seat.is_member for seat in model.roster.seats() if seat.active_post() is not None]
    if filled:
        row["posts_filled"] = sum(filled) / len(filled)


def observe_week(model: MesaPartnership, row: Row) -> None:
    """Write what happened in the week."""
    flows = model.flows
    row["staff_cover"] = flows.cover
    row["output"] = flows.output
    for kind, volume in zip(KINDS, flows.volume, strict=True):
        row[f"exchange_{kind}"] = volume
    if flows.meeting != NO_MEETING:
        row["attendance"] = len(flows.attendees) / flows.n_invited
    if flows.n_given + flows.n_refused > 0:
        row["refused"] = flows.n_refused / (flows.n_given + flows.n_refused)
    if model.roster.members:
        row["integration"] = integration(flows.joint, flows.alone)
        row["integration_potential"] = integration(flows.alone + flows.potential, flows.alone)
        if model.turnout is not None and model.offering is not None:
            filled = len(model.roster.members) / len(model.roster.seats())
            row["vitality"] = (model.turnout + model.offering + flows.effort + filled) / 4
        if flows.potential > 1e-9:
            row["integration_realised"] = flows.gain / flows.potential


def integration(joint: float, alone: float) -> float:
    """Return what combining adds, as a share of the larger yield."""
    most = max(joint, alone)
    return (joint - alone) / most if most > 0.0 else 0.0


def skill(model: MesaPartnership) -> float:
    """Return how much better activity tracked need than a twin that stood still for up to 104 weeks.

    The one place where numpy gains: a window of 104 weeks of six themes, anew each week, takes 6 µs against 55.
    """
    week = model.week
    return skill_since(model, max(0, week - SKILL_WINDOW)) if week >= SKILL_FROM_WEEK else math.nan


def answer_to_change(model: MesaPartnership) -> float:
    """Return the skill since the last dated change of need, in the weeks in which it is judged."""
    since = model.week - model.changed_week
    judged = model.changed_week >= 0 and SKILL_FROM_WEEK <= since <= CHANGE_WINDOW
    return skill_since(model, model.changed_week) if judged else math.nan


def skill_since(model: MesaPartnership, start: int) -> float:
    """Return the skill against a twin that stood still since the end of a week."""
    week = model.week
    need = model.need_history[start + 1 : week + 1]
    frozen = 0.5 * float(np.abs(model.activity_history[start] - need).sum())
    if frozen < SKILL_LEAST_ERROR * (week - start):
        return math.nan
    missed = 0.5 * float(np.abs(model.activity_history[start + 1 : week + 1] - need).sum())
    return max(-1.0, 1.0 - missed / frozen)


def mean_and_spread(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and standard deviation."""
    n = len(values)
    mean = sum(values) / n
    return mean, math.sqrt(max(0.0, sum([value * value for value in values]) / n - mean * mean))


def gini(values: Sequence[float]) -> float:
    """Return the Gini coefficient of values of at least 0, NaN if all are 0."""
    n, total = len(values), sum(values)
    if total <= 0.0:
        return math.nan
    return sum([(2 * rank - n + 1) * value for rank, value in enumerate(sorted(values))]) / (n * total)


def observe_seats(model: MesaPartnership, row: Row) -> None:
    """Write what members feel, and who they are."""
    members = model.roster.members
    n, nets = len(members), [member.net for member in members]
    row["benefit"], row["benefit_spread"] = mean_and_spread(nets)
    by_role: dict[int, list[float]] = {}
    for member, net in zip(members, nets, strict=True):
        by_role.setdefault(member.role, []).append(net)
    row["benefit_worst_role"] = min([sum(felt) / len(felt) for felt in by_role.values()])
    row["roles_present"] = len(by_role)
    blau = 1.0 - sum([(len(felt) / n) ** 2 for felt in by_role.values()])
    row["heterogeneity"] = blau / (1.0 - 1.0 / len(Role))
    row["patients"] = len(by_role.get(Role.PATIENT, ()))
    row["benefit_gini"] = gini([member.benefit for member in members])
    row["power_gini"] = gini([member.power for member in members])
    founders = sum([member.person_number < model.n_founders for member in members])
    row["founders_present"] = founders / model.n_founders


def observe_knowledge(model: MesaPartnership, row: Row) -> None:
    """Write what members know beyond their own endowment, and how differently."""
    members = model.roster.members
    learnt = apart = 0.0
    nonrival = [kind.number for kind in model.settings.nonrival]
    for k in nonrival:
        total = square = 0.0
        for member in members:
            held = member.holdings[k]
            total += held
            square += held * held
            beyond = held - member.endowment[k]
            if beyond > 0.0:
                learnt += beyond
        mean = total / len(members)
        if mean > 0.0:
            apart += math.sqrt(max(0.0, square / len(members) - mean * mean)) / mean
    row["knowledge"] = learnt / len(members)
    if nonrival:
        row["dispersion"] = apart / len(nonrival)


def observe_ties(model: MesaPartnership, row: Row) -> None:
    """Write means over ties among members."""
    trust = strain = familiarity = weaker = stronger = 0.0
    for tie in model.roster.ties:
        trust += tie.trust
        strain += tie.strain
        familiarity += tie.familiarity
        use, back = tie.use, tie.back.use
        if use < back:
            weaker += use
            stronger += back
        else:
            weaker += back
            stronger += use
    ties = len(model.roster.ties)
    row["trust"], row["strain"], row["familiarity"] = trust / ties, strain / ties, familiarity / ties
    if stronger > 1e-9:
        row["reciprocity"] = weaker / stronger
    met = [one.ties[other] for one, other in model.flows.pairs_met]
    if met:
        row["strain_met"] = sum([tie.strain + tie.back.strain for tie in met]) / (2 * len(met))


def observe_atmosphere(model: MesaPartnership, row: Row) -> None:
    """Write trust less strain among active members."""
    level = model.settings.parameters.active_level
    active = [member for member in model.roster.members if member.engagement >= level]
    if len(active) < 2:
        return
    nets = []
    for member in active:
        net = 0.0
        for other in active:
            if other is not member:
                tie = member.ties[other]
                net += tie.trust - tie.strain
        nets.append(net / (len(active) - 1))
    row["atmosphere"], row["atmosphere_spread"] = mean_and_spread(nets)
