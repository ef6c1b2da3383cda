"""The context: need, climate, policy, and the shocks that strike."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from experiments.benchmark.mesa_version.formulas import clip, normal, normalised
from sim.core.scenario import Shock
from sim.core.shocks import SHOCKS
from sim.core.vocabulary import WEEKS_PER_YEAR, Role, ShockKind, Theme, word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experiments.benchmark.mesa_version.model import MesaPartnership
    from experiments.benchmark.mesa_version.organisation import Organisation

LASTING = frozenset(kind for kind in ShockKind if SHOCKS[word(kind)].lasts)
RANDOM_KINDS = tuple(kind for kind in ShockKind if SHOCKS[word(kind)].random)


class Surroundings:
    """What the partnership does not decide.

    Attributes
    ----------
    need, need_base : list of float
        What is needed now, and what the need returns to.
    climate, policy_fit : float
        Funding climate (1 is normal) and fit of the work with policy.
    exit_chance : list of float
        This week's extra chance of leaving, per role.
    closed_until : list of int
        First week in which a role may be filled again.
    """

    def __init__(self, need: Sequence[float], policy_fit: float) -> None:
        self.need = normalised(need)
        self.need_base = list(self.need)
        self.climate = 1.0
        self.policy_fit = policy_fit
        self.exit_chance = [0.0] * len(Role)
        self.closed_until = [0] * len(Role)
        self._churn = [(0.0, 0)] * len(Role)
        self._lasting: dict[ShockKind, tuple[float, int]] = {}

    def active_size(self, kind: ShockKind, week: int) -> float:
        """Return the size of a lasting shock if it is active in ``week``, else 0."""
        size, until = self._lasting.get(kind, (0.0, 0))
        return size if week < until else 0.0

    def start_lasting(self, shock: Shock, week: int) -> None:
        """Start a lasting shock, or add to the one that is active."""
        size, until = self._lasting.get(shock.kind, (0.0, 0))
        end = week + shock.duration
        if week < until:
            self._lasting[shock.kind] = (1.0 - (1.0 - size) * (1.0 - shock.size), max(until, end))
        else:
            self._lasting[shock.kind] = (shock.size, end)

    def active_churn(self, role: int, week: int) -> float:
        """Return the extra push on a role while a merger or reform lasts."""
        size, until = self._churn[role]
        return size if week < until else 0.0

    def stir(self, role: int, size: float, week: int, duration: int) -> None:
        """Let the people of a role move on more readily for a time."""
        until = self._churn[role][1]
        self._churn[role] = (max(size, self.active_churn(role, week)), max(until, week + duration))

    def raise_exit_chance(self, roles: Sequence[int], size: float) -> None:
        """Raise this week's chance of leaving."""
        for role in roles:
            self.exit_chance[role] = 1.0 - (1.0 - self.exit_chance[role]) * (1.0 - size)

    def shift_need(self, size: float, theme: int) -> None:
        """Exchange weight between the dominant theme and another, the least one if none is given."""
        base = self.need_base
        falling = base.index(max(base))
        rising = base.index(min(base)) if theme < 0 else theme
        if falling == rising:
            return
        for weights in (self.need_base, self.need):
            first, second = weights[falling], weights[rising]
            weights[falling] = (1.0 - size) * first + size * second
            weights[rising] = (1.0 - size) * second + size * first


def change_context(model: MesaPartnership) -> None:
    """Rule 1: let shocks strike, need and climate drift, policy and backing move."""
    for shock in model.settings.shocks.get(model.week, ()):
        strike(model, shock)
        if shock.kind == ShockKind.POLICY_REFORM:
            model.changed_week = model.week
    strike_at_random(model)
    p, around = model.settings.parameters, model.surroundings
    if model.week % int(p.need_drift_every + 0.5) == 0:
        drift_need(model)
    climate = around.climate + p.climate_return * (1.0 - around.climate) + p.climate_drift * normal(model.random)
    around.climate = clip(climate, p.climate_low, p.climate_high)
    move_policy(model)
    move_backing(model)


def strike(model: MesaPartnership, shock: Shock) -> None:
    """Let one shock strike."""
    p, around, week = model.settings.parameters, model.surroundings, model.week
    managing = Role.DECISION_MAKER if shock.role < 0 else shock.role
    roles = range(len(Role)) if shock.role < 0 else [shock.role]
    if shock.kind in LASTING:
        around.start_lasting(shock, week)
    elif shock.kind == ShockKind.POLICY_REFORM:
        reform(model, shock)
        around.stir(managing, p.reform_churn * shock.size, week, shock.duration)
    elif shock.kind == ShockKind.MERGER:
        merge(model, managing, shock.size)
        around.stir(managing, p.merger_churn * shock.size, week, shock.duration)
    elif shock.kind == ShockKind.DISSOLUTION:
        dissolve(model, managing, shock)
    else:
        around.raise_exit_chance(roles, shock.size)
    if shock.kind == ShockKind.ROLE_WITHDRAWN:
        for role in roles:
            around.closed_until[role] = max(around.closed_until[role], week + shock.duration)


def reform(model: MesaPartnership, shock: Shock) -> None:
    """Let policy turn to another theme; what members knew of the old order is worth less."""
    p, around = model.settings.parameters, model.surroundings
    around.shift_need(shock.size, shock.theme)
    around.policy_fit *= 1.0 - shock.size * (1.0 - p.policy_shield * model.levers.policy_alignment)
    kept = 1.0 - p.reform_obsolescence * shock.size
    for member in model.roster.members:
        for kind in model.settings.nonrival:
            member.holdings[kind.number] *= kept


def merge(model: MesaPartnership, role: int, size: float) -> None:
    """Shake the people of a role, and the backing of their organisations."""
    p = model.settings.parameters
    model.surroundings.raise_exit_chance([role], p.merger_at_once * size)
    for home in homes_of(model, role):
        home.backing *= 1.0 - p.merger_backing * size


def homes_of(model: MesaPartnership, role: int) -> list[Organisation]:
    """Return the organisations of the members of a role, each once."""
    homes = [member.home for member in model.roster.members if member.role == role and member.home is not None]
    return list(dict.fromkeys(homes))


def dissolve(model: MesaPartnership, role: int, shock: Shock) -> None:
    """Let a successor body take over an organisation, or each one of a role: seats and people stay."""
    each = model.settings.parameters.each_backing
    founding = [home for home in model.organisations if home.place == shock.organisation]
    for home in homes_of(model, role) if shock.organisation < 0 else founding:
        home.tenure = 0
        home.memory = [(1.0 - shock.size) * learnt for learnt in home.memory]
        home.backing += shock.size * (each - home.backing)
        home.backing_base += shock.size * (each - home.backing_base)


def strike_at_random(model: MesaPartnership) -> None:
    """Let undated shocks strike."""
    p, uniform = model.settings.parameters, model.random.random
    chance = p.random_shock_rate / WEEKS_PER_YEAR
    for kind in RANDOM_KINDS:
        if uniform() < chance:
            size = p.random_size + p.random_size_range * uniform()
            duration = int(p.random_weeks + int(p.random_weeks_range * uniform()))
            u = uniform()
            role = int(len(Role) * u) if kind == ShockKind.PERSON_LEAVES else -1
            strike(model, Shock("random", kind, model.week, size, duration, role, int(len(Theme) * u)))


def drift_need(model: MesaPartnership) -> None:
    """Let the need profile drift around its base."""
    p, around = model.settings.parameters, model.surroundings
    back, weights = p.need_return, []
    for need, base in zip(around.need, around.need_base, strict=True):
        drift = math.exp(p.need_drift * normal(model.random))
        weights.append(need ** (1.0 - back) * base**back * drift if need > 0.0 else 0.0)
    around.need = normalised(weights)


def move_policy(model: MesaPartnership) -> None:
    """Let policy move on, and the partnership align with it through those who sit on both sides."""
    p, around = model.settings.parameters, model.surroundings
    around.policy_fit *= 1.0 - p.policy_decay
    missed = 1.0
    for member in model.roster.members:
        if member.is_decision_maker:
            missed *= 1.0 - p.policy_reach * member.engagement
    work = p.policy_base + (1.0 - p.policy_base) * model.levers.policy_alignment
    if model.random.random() < p.policy_rate * work * (1.0 - missed):
        around.policy_fit += p.policy_step * (1.0 - around.policy_fit)


def move_backing(model: MesaPartnership) -> None:
    """Let backing follow what organisations decide."""
    p = model.settings.parameters
    rival = model.surroundings.active_size(ShockKind.RIVAL_PRIORITY, model.week)
    won = p.backing_gain * model.levers.organisational_backing
    for organisation in model.organisations:
        base = organisation.backing_base
        target = (base + (1.0 - base) * won) * (1.0 - p.rival_backing * rival)
        organisation.backing += p.backing_rate * (target - organisation.backing)
