"""Context (section 6 and 7.1)."""

from __future__ import annotations

import math

from sim.core.scenario import Shock
from sim.core.vocabulary import Lever, Purpose, Role, ShockKind
from tests.reference.common import (
    KINDS,
    THEMES,
    Settings,
    World,
    active_size,
    churn_of,
    clip,
    is_rival,
    lever,
    members_of,
    normalised,
    whole_weeks,
)
from tests.reference.philox import Draw, normal

LASTING = (
    ShockKind.FUNDING_CUT,
    ShockKind.LOST_MEETINGS,
    ShockKind.RIVAL_PRIORITY,
    ShockKind.ONLINE_MEETINGS,
)
"""Kinds of shock that last."""

UNDATED = (
    ShockKind.FUNDING_CUT,
    ShockKind.POLICY_REFORM,
    ShockKind.MERGER,
    ShockKind.PERSON_LEAVES,
    ShockKind.LOST_MEETINGS,
    ShockKind.RIVAL_PRIORITY,
)
"""Kinds of shock that also strike at random."""


# --- shocks ------------------------------------------------------------------------------------------------


def strike(world: World, settings: Settings, shock: Shock, week: int) -> None:
    """Let one shock strike (section 6)."""
    if shock.kind in LASTING:
        strike_lasting(world, shock, week)
    elif shock.kind == ShockKind.POLICY_REFORM:
        strike_reform(world, settings, shock)
        move_people(world, shock, settings["parameters"]["reform_churn"], week)
    elif shock.kind == ShockKind.MERGER:
        strike_merger(world, settings, shock)
        move_people(world, shock, settings["parameters"]["merger_churn"], week)
    elif shock.kind == ShockKind.DISSOLUTION:
        strike_dissolution(world, settings, shock)
    elif shock.kind == ShockKind.PERSON_LEAVES:
        strike_persons(world, shock)
    elif shock.kind == ShockKind.ROLE_WITHDRAWN:
        strike_persons(world, shock)
        closed = world["context"]["closed_until"]
        for role in roles_struck(shock):
            closed[role] = max(closed[role], week + shock.duration)


def roles_struck(shock: Shock) -> list[int]:
    """Return the role of a shock, or all roles."""
    return list(range(len(Role))) if shock.role == -1 else [int(shock.role)]


def role_moved(shock: Shock) -> int:
    """Return the role of a shock that strikes decision makers where none is named."""
    return int(Role.DECISION_MAKER) if shock.role == -1 else int(shock.role)


def organisations_of(world: World, role: int) -> list[int]:
    """Return the organisations that have a member of a role."""
    state = world["state"]
    homes = {state["organisation_id"][i] for i in members_of(world) if state["role"][i] == role}
    return sorted(homes - {-1})


def move_people(world: World, shock: Shock, factor: float, week: int) -> None:
    """Let people of a role move on more for as long as a shock lasts: churn."""
    context, role = world["context"], role_moved(shock)
    context["churn"][role] = max(factor * shock.size, churn_of(world, role, week))
    context["churn_until"][role] = max(context["churn_until"][role], week + shock.duration)


def strike_lasting(world: World, shock: Shock, week: int) -> None:
    """Start a lasting shock, or add to the one that is active."""
    context, kind = world["context"], shock.kind
    if week < context["shock_until"][kind]:
        context["shock_size"][kind] = 1.0 - (1.0 - context["shock_size"][kind]) * (1.0 - shock.size)
        context["shock_until"][kind] = max(context["shock_until"][kind], week + shock.duration)
    else:
        context["shock_size"][kind] = shock.size
        context["shock_until"][kind] = week + shock.duration


def strike_reform(world: World, settings: Settings, shock: Shock) -> None:
    """Exchange weight between the dominant theme and another; policy fits less."""
    context = world["context"]
    base = context["need_base"]
    dominant = base.index(max(base))
    rising = base.index(min(base)) if shock.theme == -1 else int(shock.theme)
    if dominant != rising:
        for weights in (context["need_base"], context["need"]):
            falling_weight, rising_weight = weights[dominant], weights[rising]
            weights[dominant] = (1.0 - shock.size) * falling_weight + shock.size * rising_weight
            weights[rising] = (1.0 - shock.size) * rising_weight + shock.size * falling_weight
    shield = settings["parameters"]["policy_shield"] * lever(world, Lever.POLICY_ALIGNMENT)
    context["policy_fit"] *= 1.0 - shock.size * (1.0 - shield)
    make_obsolete(world, settings, shock.size)


def make_obsolete(world: World, settings: Settings, size: float) -> None:
    """Let members lose part of what they know, whom they know and what they stand for."""
    for i in members_of(world):
        for kind in range(len(KINDS)):
            if not is_rival(settings, kind):
                lost = settings["parameters"]["reform_obsolescence"] * size
                world["state"]["holdings"][i][kind] *= 1.0 - lost


def strike_merger(world: World, settings: Settings, shock: Shock) -> None:
    """Shake the persons of a role and the backing of their organisations."""
    parameters, chance, role = settings["parameters"], world["context"]["exit_chance"], role_moved(shock)
    chance[role] = 1.0 - (1.0 - chance[role]) * (1.0 - parameters["merger_at_once"] * shock.size)
    for g in organisations_of(world, role):
        world["state"]["backing"][g] *= 1.0 - parameters["merger_backing"] * shock.size


def strike_dissolution(world: World, settings: Settings, shock: Shock) -> None:
    """Let organisations become part of a successor body, which knows and backs the partnership less."""
    state = world["state"]
    named = organisations_of(world, role_moved(shock)) if shock.organisation == -1 else [shock.organisation]
    for g in named:
        if state["is_organisation"][g]:
            state["organisation_tenure"][g] = 0
            state["memory"][g] = [(1.0 - shock.size) * known for known in state["memory"][g]]
            for name in ("backing", "backing_base"):
                new = settings["parameters"]["each_backing"]
                state[name][g] = (1.0 - shock.size) * state[name][g] + shock.size * new
            state["successions"] += 1


def strike_persons(world: World, shock: Shock) -> None:
    """Raise the chance of leaving this week."""
    chance = world["context"]["exit_chance"]
    for role in roles_struck(shock):
        chance[role] = 1.0 - (1.0 - chance[role]) * (1.0 - shock.size)


# --- context -----------------------------------------------------------------------------------------------


def context(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let the surroundings change."""
    for shock in settings["shocks"]:
        if shock.week == week:
            strike(world, settings, shock, week)
            if shock.kind == ShockKind.POLICY_REFORM:
                world["context"]["changed_week"] = week
    random_shocks(world, settings, draw, week)
    if week % whole_weeks(settings["parameters"]["need_drift_every"]) == 0:
        drift_need(world, settings, draw, week)
    drift_climate(world, settings, draw, week)
    move_policy(world, settings, draw, week)
    move_backing(world, settings, week)


def random_shocks(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let undated shocks strike."""
    parameters = settings["parameters"]
    for kind in UNDATED:
        uniforms = draw(week, Purpose.RANDOM_SHOCK, kind, 0)
        if uniforms[0] < parameters["random_shock_rate"] / 52:
            further = math.floor(parameters["random_weeks_range"] * uniforms[2])
            shock = Shock(
                name="random",
                kind=kind,
                week=week,
                size=parameters["random_size"] + parameters["random_size_range"] * uniforms[1],
                duration=math.floor(parameters["random_weeks"] + further),
                role=math.floor(len(Role) * uniforms[3]) if kind == ShockKind.PERSON_LEAVES else -1,
                theme=math.floor(len(THEMES) * uniforms[3]),
            )
            strike(world, settings, shock, week)


def drift_need(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let the need profile drift around its base."""
    need, base = world["context"]["need"], world["context"]["need_base"]
    back, size = settings["parameters"]["need_return"], settings["parameters"]["need_drift"]
    weights = []
    for d in range(len(THEMES)):
        z = normal(draw(week, Purpose.DRIFT, d, 0))
        stays = need[d] > 0
        weights.append(need[d] ** (1.0 - back) * base[d] ** back * math.exp(size * z) if stays else 0.0)
    world["context"]["need"] = normalised(weights)


def drift_climate(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let the funding climate drift around 1."""
    surroundings, parameters = world["context"], settings["parameters"]
    z = normal(draw(week, Purpose.CLIMATE, 0, 0))
    climate = surroundings["climate"]
    climate += parameters["climate_return"] * (1.0 - climate) + parameters["climate_drift"] * z
    surroundings["climate"] = clip(climate, parameters["climate_low"], parameters["climate_high"])


def move_policy(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let policy move on, and the partnership align with it."""
    state, surroundings, parameters = world["state"], world["context"], settings["parameters"]
    surroundings["policy_fit"] *= 1.0 - parameters["policy_decay"]
    missed = 1.0
    for i in members_of(world):
        if state["role"][i] == Role.DECISION_MAKER:
            missed *= 1.0 - parameters["policy_reach"] * state["engagement"][i]
    base = parameters["policy_base"]
    work = base + (1.0 - base) * lever(world, Lever.POLICY_ALIGNMENT)
    chance = parameters["policy_rate"] * work * (1.0 - missed)
    if draw(week, Purpose.ALIGNMENT, 0, 0)[0] < chance:
        surroundings["policy_fit"] += parameters["policy_step"] * (1.0 - surroundings["policy_fit"])


def move_backing(world: World, settings: Settings, week: int) -> None:
    """Let backing follow what organisations decide."""
    state, parameters = world["state"], settings["parameters"]
    rival = active_size(world, ShockKind.RIVAL_PRIORITY, week)
    won = parameters["backing_gain"] * lever(world, Lever.ORGANISATIONAL_BACKING)
    for g in range(len(state["is_organisation"])):
        if state["is_organisation"][g]:
            base = state["backing_base"][g]
            target = (base + (1.0 - base) * won) * (1.0 - parameters["rival_backing"] * rival)
            state["backing"][g] += parameters["backing_rate"] * (target - state["backing"][g])
