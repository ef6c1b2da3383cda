"""Rule 8: joint work becomes output, delayed outcome and small wins."""

from __future__ import annotations

import math
from itertools import permutations
from typing import TYPE_CHECKING

from experiments.benchmark.mesa_version.formulas import variation
from experiments.benchmark.mesa_version.settings import FUNDING, KINDS
from sim.core.shocks import MAX_WEEKS

if TYPE_CHECKING:
    from experiments.benchmark.mesa_version.model import MesaPartnership


def progress(model: MesaPartnership) -> None:
    """Turn joint work into output; let wins show and be seen."""
    p, flows = model.settings.parameters, model.flows
    missed = p.match_sharpness * variation(model.activity, model.surroundings.need)
    flows.output = flows.joint * max(0.0, 1.0 - missed)
    effect = flows.output * leverage(model)
    delay_outcome(model, p.progress_rate * effect)
    try_win(model, effect)
    see_win(model)
    ask_for_money(model)


def ask_for_money(model: MesaPartnership) -> None:
    """Ask for follow-on money around the end of the grant: record, fit with policy and leadership win it."""
    p, week = model.settings.parameters, model.week
    is_time = week % math.floor(p.follow_on_every + 0.5) == 0 and abs(week - model.grant_until) <= p.follow_on_window
    if p.funding_end_week > MAX_WEEKS or not is_time:
        return
    led = p.follow_on_unled + (1.0 - p.follow_on_unled) * model.flows.leadership
    chance = p.follow_on_chance * (1.0 - math.exp(-model.wins / p.follow_on_wins)) * led
    if model.random.random() < chance * model.surroundings.policy_fit:
        model.grant_until = max(model.grant_until, week + 1) + int(p.follow_on_weeks)
        model.grant_level = p.follow_on_level
        model.grants_won += 1


def leverage(model: MesaPartnership) -> float:
    """Return the share of output that takes effect: with policy behind it, a pool to draw on and money."""
    p = model.settings.parameters
    pooled = sum([content for k, content in enumerate(model.pool) if k != FUNDING]) / (len(KINDS) - 1)
    helped = 1.0 - math.exp(-pooled / p.pool_scale)
    funded = 1.0 - math.exp(-model.flows.project / p.project_scale)
    share = 1.0 - p.progress_policy + p.progress_policy * model.surroundings.policy_fit
    share *= 1.0 - p.progress_pool + p.progress_pool * helped
    return share * (1.0 - p.progress_funding + p.progress_funding * funded)


def delay_outcome(model: MesaPartnership, work: float) -> None:
    """Pass work through three stages into outcome."""
    rate = 1.0 / (1.0 + model.settings.parameters.outcome_delay / len(model.pipeline))
    moving = work
    for stage in range(len(model.pipeline)):
        model.pipeline[stage] += moving
        moving = rate * model.pipeline[stage]
        model.pipeline[stage] -= moving
    model.outcome += moving


def try_win(model: MesaPartnership, effect: float) -> None:
    """Gather effect towards a win, and let a win that is due show."""
    p, around = model.settings.parameters, model.surroundings
    model.win_progress += effect
    threshold = p.win_threshold * (1.0 + p.win_growth * model.wins) * (1.0 + p.win_ambition * model.ambition)
    is_due = model.win_progress >= threshold
    if is_due and model.random.random() < p.win_chance:
        model.flows.has_won = True
        model.wins += 1
        model.win_progress = 0.0
        model.ambition += p.ambition_gain * (1.0 - model.ambition)
        around.policy_fit += p.policy_win * (1.0 - around.policy_fit)
    else:
        model.ambition *= 1.0 - p.ambition_fade


def see_win(model: MesaPartnership) -> None:
    """Let members see a win, or forget the last one; those who saw it trust each other more."""
    p, members, has_won = model.settings.parameters, model.roster.members, model.flows.has_won
    for member in members:
        member.experience["win"] -= member.experience["win"] / p.memory_weeks
    model.win_memory += (has_won - model.win_memory) / p.memory_weeks
    if not has_won:
        return
    shown, uniform = p.seen_base + (1.0 - p.seen_base) * model.levers.communication, model.random.random
    saw = [member for member in members if member.attends or uniform() < shown]
    for member in saw:
        member.experience["win"] += 1.0 / p.memory_weeks
    for one, other in permutations(saw, 2):
        tie = one.ties[other]
        tie.trust += p.win_trust * max(0.0, 1.0 - p.trust_strain * tie.strain - tie.trust)
