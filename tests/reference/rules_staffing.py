"""Staffing (7.0a): who is paid to do what, what each lever amounts to, and who leads."""

from __future__ import annotations

from sim.core.parameters import LEVERS
from sim.core.vocabulary import Lever, Resource, Role, ShockKind, words
from tests.reference.common import (
    Settings,
    World,
    active_size,
    approaches_a_week,
    burden,
    clip,
    give_time,
    members_of,
)
from tests.reference.philox import Draw
from tests.reference.posts import open_posts, price_of_posts, remember_pay

NOBODY = -1
"""Value of the flow ``leader`` where there are no members."""


def staffing(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Advance the clocks, pay those who are paid, find what each lever amounts to, and who leads."""
    advance_clocks(world)
    open_posts(world, settings, week)
    receive_income(world, settings, week)
    facilitator = scheduled(settings, "facilitator_hours", week)
    world["flows"]["paid"] = pay_staff(world, settings, week, facilitator)
    remember_pay(world, settings, week)
    work_on_project(world, settings)
    staff_levers(world, settings, week, world["flows"]["paid"] * facilitator)
    lead(world, settings)


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


def scheduled(settings: Settings, name: str, week: int) -> float:
    """Return a setting's base value, or the latest change of it that has come."""
    value = settings["enabling"][name] if name in LEVERS else settings["parameters"][name]
    latest = 0
    for change in settings["schedule"]:
        if change.setting == name and latest <= change.week <= week:
            value, latest = float(change.value), change.week
    return value


# --- money -------------------------------------------------------------------------------------------------


def receive_income(world: World, settings: Settings, week: int) -> None:
    """Add the grant of the week to the purse."""
    state, context, parameters = world["state"], world["context"], settings["parameters"]
    if week >= state["grant_until"]:
        return
    income = (
        state["grant_level"]
        * parameters["grant_per_week"]
        * context["climate"]
        * max(0.0, 1.0 + parameters["grant_policy"] * (context["policy_fit"] - parameters["policy_middle"]))
        * (1.0 - active_size(world, ShockKind.FUNDING_CUT, week - 1))
    )
    state["pool"][Resource.FUNDING] += income
    state["inflow"] += income


def pay_staff(world: World, settings: Settings, week: int, facilitator: float) -> float:
    """Pay posts and facilitator as far as the purse allows; return the share paid."""
    state = world["state"]
    price = price_of_posts(world, settings, week) + settings["parameters"]["facilitator_price"] * facilitator
    paid = clip(state["pool"][Resource.FUNDING] / price, 0.0, 1.0) if price > 0.0 else 1.0
    state["pool"][Resource.FUNDING] -= paid * price
    state["spent"] += paid * price
    return paid


def work_on_project(world: World, settings: Settings) -> None:
    """Spend part of what is left on the work itself; some of it pays members."""
    state = world["state"]
    project = settings["parameters"]["project_share"] * max(0.0, state["pool"][Resource.FUNDING])
    state["pool"][Resource.FUNDING] -= project
    state["spent"] += project - contract_members(world, settings, project)
    world["flows"]["project"] = project


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


# --- hours -------------------------------------------------------------------------------------------------


def coordinator_hours(world: World, settings: Settings) -> float:
    """Return H_c: hours of coordinators as far as they are paid, less while they learn."""
    state, parameters = world["state"], settings["parameters"]
    start, learning = parameters["coordinator_start"], parameters["coordinator_learning"]
    strength = 0.0
    for i in members_of(world):
        if state["role"][i] == Role.COORDINATOR:
            learnt = min(1.0, state["tenure"][i] / learning) if learning > 0 else 1.0
            strength += world["flows"]["paid_share"][i] * (start + (1.0 - start) * learnt)
    return parameters["coordinator_hours"] * strength


def demands(world: World, settings: Settings, asked: dict[str, float]) -> tuple[float, float]:
    """Return the hours that interpersonal levers ask for, and those that all else asks for."""
    parameters = settings["parameters"]
    base = parameters["size_base"]
    crowd = base + (1.0 - base) * len(members_of(world)) / parameters["usual_size"]
    interpersonal, rest = 0.0, 0.0
    for name, row in LEVERS.items():
        if row.level == "interpersonal":
            interpersonal += row.hours * asked[name] * crowd
        else:
            rest += row.hours * asked[name] * crowd
    return interpersonal, rest + parameters["approach_hours"] * approaches_a_week(world, settings)


def staff_levers(world: World, settings: Settings, week: int, facilitator: float) -> None:
    """Share hours among levers and find the effective levers; ``facilitator`` is H_f."""
    asked = {name: scheduled(settings, name, week) for name in LEVERS}
    interpersonal, rest = demands(world, settings, asked)
    by_coordinators = coordinator_hours(world, settings)
    world["flows"]["facilitated"] = facilitator
    world["flows"]["staffed"] = by_coordinators + facilitator
    world["state"]["staff_hours"] += by_coordinators + facilitator

    facilitated = min(interpersonal, facilitator)
    left = interpersonal - facilitated + rest
    share = min(1.0, by_coordinators / left) if left > 0 else 1.0
    served = facilitated + share * (interpersonal - facilitated)
    cover_interpersonal = served / interpersonal if interpersonal > 0 else 1.0
    for which in Lever:
        name = words(Lever)[which]
        is_interpersonal = LEVERS[name].level == "interpersonal"
        effort = asked[name] * (cover_interpersonal if is_interpersonal else share)
        world["practice"][which] = effect_of(settings, effort)
    demand = interpersonal + rest
    world["flows"]["cover"] = (facilitated + share * left) / demand if demand > 0 else 1.0


def effect_of(settings: Settings, effort: float) -> float:
    """Return what an effort comes to: returns flatten."""
    saturation = settings["parameters"]["lever_saturation"]
    return effort * (1.0 + saturation) / (effort + saturation) if effort > 0 else 0.0


# --- leading -----------------------------------------------------------------------------------------------


def strength_of(world: World, i: int) -> float:
    """Return how strongly a member would lead."""
    state = world["state"]
    return state["leading"][i] * state["engagement"][i] * (1.0 - state["wear"][i])


def lead(world: World, settings: Settings) -> None:
    """Let the strongest member lead, whom it wears and costs hours; all others recover."""
    state, flows, parameters = world["state"], world["flows"], settings["parameters"]
    leader = NOBODY
    for i in members_of(world):
        if leader == NOBODY or strength_of(world, i) > strength_of(world, leader):
            leader = i
    flows["leader"] = leader
    flows["leadership"] = 0.0 if leader == NOBODY else strength_of(world, leader)
    for i in members_of(world):
        state["wear"][i] *= 1.0 - parameters["wear_recovery"]
    if leader == NOBODY:
        return
    gain = parameters["wear_gain"] * (1.0 - parameters["wear_relief"] * flows["cover"])
    state["wear"][leader] += gain * (1.0 - state["wear"][leader])
    flows["hours"][leader] += parameters["lead_hours"] * burden(world, settings, leader)
    give_time(world, leader, parameters["lead_hours"])
