"""Staffing (7.0a) and context (section 6 and 7.1)."""

from __future__ import annotations

import math

from sim.core.parameters import LEVERS
from sim.core.scenario import Shock
from sim.core.vocabulary import Lever, Purpose, Resource, Role, ShockKind, words
from tests.reference.common import (
    KINDS,
    THEMES,
    Settings,
    World,
    active_size,
    clip,
    is_rival,
    lever,
    members_of,
    normalised,
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


# --- staffing ----------------------------------------------------------------------------------------------


def staffing(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Advance the clocks, pay those who are paid, and find what each lever amounts to."""
    advance_clocks(world)
    receive_income(world, settings, week)
    paid = pay(world, settings)
    world["flows"]["paid"] = paid
    staff_levers(world, settings, week, paid)


def advance_clocks(world: World) -> None:
    """Count a week more for persons, empty seats and organisations."""
    state = world["state"]
    for i in range(len(state["is_seat"])):
        if state["is_member"][i]:
            state["tenure"][i] += 1
        elif state["is_seat"][i]:
            state["vacant_weeks"][i] += 1
    for g in range(len(state["is_organisation"])):
        if state["is_organisation"][g]:
            state["organisation_tenure"][g] += 1


def receive_income(world: World, settings: Settings, week: int) -> None:
    """Add the grant of the week to the purse."""
    state, context, parameters = world["state"], world["context"], settings["parameters"]
    if week >= parameters["funding_end_week"]:
        return
    income = (
        parameters["grant_per_week"]
        * context["climate"]
        * max(0.0, 1.0 + parameters["grant_policy"] * (context["policy_fit"] - parameters["policy_middle"]))
        * (1.0 - active_size(world, ShockKind.FUNDING_CUT, week - 1))
    )
    state["pool"][Resource.FUNDING] += income
    state["inflow"] += income


def pay(world: World, settings: Settings) -> float:
    """Pay coordinators and facilitator as far as the purse allows; return the share paid."""
    state, parameters = world["state"], settings["parameters"]
    coordinators = [i for i in members_of(world) if state["role"][i] == Role.COORDINATOR]
    price = parameters["salary"] * len(coordinators)
    price += parameters["facilitator_price"] * parameters["facilitator_hours"]
    paid = clip(state["pool"][Resource.FUNDING] / price, 0.0, 1.0) if price > 0.0 else 1.0
    state["pool"][Resource.FUNDING] -= paid * price
    project = parameters["project_share"] * max(0.0, state["pool"][Resource.FUNDING])
    state["pool"][Resource.FUNDING] -= project
    state["spent"] += paid * price + project - contract_members(world, settings, project)
    world["flows"]["project"] = project
    return paid


def contract_members(world: World, settings: Settings, project: float) -> float:
    """Pay members for their part of the work; return what was paid."""
    state, members = world["state"], members_of(world)
    weights = {i: state["engagement"][i] * state["standing"][i] for i in members}
    total = sum(weights.values())
    if total == 0.0:
        return 0.0
    contracts = settings["parameters"]["contract_share"] * project
    for i in members:
        part = contracts * weights[i] / total
        state["holdings"][i][Resource.FUNDING] += part
        world["flows"]["funded"][i] += part
    return contracts


def coordinator_hours(world: World, settings: Settings, paid: float) -> float:
    """Return H_c."""
    state, parameters = world["state"], settings["parameters"]
    strength = 0.0
    for i in members_of(world):
        if state["role"][i] == Role.COORDINATOR:
            learning = parameters["coordinator_learning"]
            learnt = min(1.0, state["tenure"][i] / learning) if learning > 0 else 1.0
            strength += parameters["coordinator_start"] + (1.0 - parameters["coordinator_start"]) * learnt
    return paid * parameters["coordinator_hours"] * strength


def scheduled(settings: Settings, which: Lever, week: int) -> float:
    """Return L_p: the base value, or the latest change that has come."""
    value = settings["enabling"][words(Lever)[which]]
    latest = 0
    for change in settings["schedule"]:
        if change.lever == which and latest <= change.week <= week:
            value, latest = float(change.value), change.week
    return value


def staff_levers(world: World, settings: Settings, week: int, paid: float) -> None:
    """Share hours among levers and find the effective levers."""
    parameters = settings["parameters"]
    names = words(Lever)
    base = parameters["size_base"]
    crowd = base + (1.0 - base) * len(members_of(world)) / parameters["usual_size"]
    asked = [scheduled(settings, which, week) for which in Lever]
    demand_interpersonal, demand_rest = 0.0, 0.0
    for which in Lever:
        row = LEVERS[names[which]]
        if row.level == "interpersonal":
            demand_interpersonal += row.hours * asked[which] * crowd
        else:
            demand_rest += row.hours * asked[which] * crowd
    facilitated = min(demand_interpersonal, paid * parameters["facilitator_hours"])
    left = demand_interpersonal - facilitated + demand_rest
    share = min(1.0, coordinator_hours(world, settings, paid) / left) if left > 0 else 1.0
    interpersonal = 1.0
    if demand_interpersonal > 0:
        served = facilitated + share * (demand_interpersonal - facilitated)
        interpersonal = served / demand_interpersonal
    saturation = parameters["lever_saturation"]
    for which in Lever:
        cover = interpersonal if LEVERS[names[which]].level == "interpersonal" else share
        effort = asked[which] * cover
        effect = effort * (1.0 + saturation) / (effort + saturation) if effort > 0 else 0.0
        world["practice"][which] = effect
    demand = demand_interpersonal + demand_rest
    world["flows"]["cover"] = (facilitated + share * left) / demand if demand > 0 else 1.0


# --- shocks ------------------------------------------------------------------------------------------------


def strike(world: World, settings: Settings, shock: Shock, week: int) -> None:
    """Let one shock strike (section 6)."""
    if shock.kind in LASTING:
        strike_lasting(world, shock, week)
    elif shock.kind == ShockKind.POLICY_REFORM:
        strike_reform(world, settings, shock)
    elif shock.kind == ShockKind.MERGER:
        strike_merger(world, settings, shock)
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
    state, chance = world["state"], world["context"]["exit_chance"]
    role = int(Role.DECISION_MAKER) if shock.role == -1 else int(shock.role)
    chance[role] = 1.0 - (1.0 - chance[role]) * (1.0 - shock.size)
    struck = set()
    for i in members_of(world):
        if state["role"][i] == role and state["organisation_id"][i] >= 0:
            struck.add(state["organisation_id"][i])
    for g in sorted(struck):
        state["backing"][g] *= 1.0 - settings["parameters"]["merger_backing"] * shock.size


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
    if week % math.floor(settings["parameters"]["need_drift_every"] + 0.5) == 0:
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
