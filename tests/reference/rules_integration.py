"""Integration (7.6) and appraisal (7.7)."""

from __future__ import annotations

import math

from sim.core.vocabulary import Experience, Lever, Resource
from tests.reference.common import (
    KINDS,
    ROLES,
    Settings,
    World,
    burden,
    clip,
    eagerness,
    feel,
    give_time,
    lever,
    mean,
    members_of,
    move,
    permitted,
)
from tests.reference.philox import Draw

# --- integration -------------------------------------------------------------------------------------------


def integration(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Combine contributions, at a cost, and fill the pool."""
    members = members_of(world)
    change_coordination(world, settings)
    efforts = take_on_work(world, settings)
    pieces = {i: contribution(world, settings, i, efforts[i]) for i in members}
    alone = {i: yield_of(world, settings, {i: pieces[i]}) for i in members}
    shares = {i: combined_share(world, settings, i) for i in members}
    find_joint_work(world, settings, pieces, alone, shares)
    fill_pool(world, settings, pieces, shares)
    pay_into_purse(world, settings)


def change_coordination(world: World, settings: Settings) -> None:
    """Let administration build coordination, and the load wear it."""
    state, parameters = world["state"], settings["parameters"]
    members = members_of(world)
    new = mean([1.0 - state["standing"][i] for i in members])
    load = len(members) / (len(members) + parameters["cost_size"]) * (1.0 + parameters["load_newcomer"] * new)
    before = state["coordination"]
    base = parameters["coordination_base"]
    work = base + (1.0 - base) * lever(world, Lever.ADMINISTRATION)
    gain = parameters["coordination_gain"] * work * (1.0 - before)
    loss = parameters["coordination_loss"] * load * before
    state["coordination"] = clip(before + gain - loss, 0.0, 1.0)


def take_on_work(world: World, settings: Settings) -> dict[int, float]:
    """Return the effort of each member, which takes hours from it."""
    state, flows = world["state"], world["flows"]
    efforts = {i: state["engagement"][i] * permitted(world, settings, i) for i in members_of(world)}
    for i, effort in efforts.items():
        hours = settings["parameters"]["work_hours"] * effort
        flows["hours"][i] += hours * burden(world, settings, i)
        give_time(world, i, hours)
    flows["effort"] = mean(list(efforts.values()))
    return efforts


def contribution(world: World, settings: Settings, i: int, effort: float) -> list[float]:
    """Return x_ik, what a seat contributes of each kind."""
    state = world["state"]
    rate = settings["parameters"]["contribution_rate"] * effort * state["standing"][i]
    return [rate * held for held in state["holdings"][i]]


def yield_of(world: World, settings: Settings, pieces: dict[int, list[float]]) -> float:
    """Return Y of contributions, each in the row of its seat's role."""
    by_kinds = settings["parameters"]["elasticity_kinds"]
    by_roles = settings["parameters"]["elasticity_roles"]
    total = 0.0
    for k in range(len(KINDS)):
        rows = [0.0] * len(ROLES)
        for i, piece in pieces.items():
            rows[world["state"]["role"][i]] += piece[k]
        views = sum(row**by_roles for row in rows) ** (1.0 / by_roles)
        total += views**by_kinds
    return (total / len(KINDS)) ** (1.0 / by_kinds)


def combined_share(world: World, settings: Settings, i: int) -> float:
    """Return m_i, the share of a seat's contribution that is combined with others'."""
    state, route = world["state"], settings["route"]
    warm, used = [], []
    for j in members_of(world):
        if j != i:
            use = 0.5 * (state["use"][i][j] + state["use"][j][i])
            tie = state["familiarity"][i][j] * state["trust"][i][j] * (1.0 - state["strain"][i][j])
            warm.append(tie * use)
            used.append(use)
    relational = math.sqrt(mean(warm))
    structural = state["coordination"] * math.sqrt(mean(used))
    if route == "relational":
        return relational
    if route == "structural":
        return structural
    return 1.0 - (1.0 - relational) * (1.0 - structural)


def mean_strain(world: World) -> float:
    """Return the mean strain over ordered pairs of members."""
    members = members_of(world)
    return mean([world["state"]["strain"][i][j] for i in members for j in members if i != j])


def scaled(pieces: dict[int, list[float]], shares: dict[int, float]) -> dict[int, list[float]]:
    """Return the combined parts of contributions."""
    return {i: [shares[i] * amount for amount in piece] for i, piece in pieces.items()}


def find_joint_work(
    world: World,
    settings: Settings,
    pieces: dict[int, list[float]],
    alone: dict[int, float],
    shares: dict[int, float],
) -> None:
    """Compare work done together with the same contributions worked alone."""
    state, flows, parameters = world["state"], world["flows"], settings["parameters"]
    n = len(pieces)
    together = yield_of(world, settings, scaled(pieces, shares))
    apart = sum(shares[i] * alone[i] for i in pieces)
    gain, cost = 0.0, 0.0
    if n > 1:
        gain = together - apart
        cost = parameters["coordination_cost"] * together * (n - 1) / (n - 1 + parameters["cost_size"])
        cost *= (1.0 - state["coordination"]) * (1.0 + parameters["cost_strain"] * mean_strain(world))
    flows["alone"] = sum(alone.values())
    flows["gain"] = gain
    flows["cost"] = cost
    flows["joint"] = max(0.0, flows["alone"] + gain - cost)
    flows["potential"] = yield_of(world, settings, pieces) - flows["alone"]


def fill_pool(world: World, settings: Settings, pieces: dict[int, list[float]], shares: dict[int, float]) -> None:
    """Let the common pool follow what is combined."""
    pool = world["state"]["pool"]
    for k in range(len(KINDS)):
        if k != Resource.FUNDING:
            combined = mean([shares[i] * pieces[i][k] for i in pieces])
            pool[k] += settings["parameters"]["pool_rate"] * (combined - pool[k])


def pay_into_purse(world: World, settings: Settings) -> None:
    """Let members pay some of their funding into the purse."""
    state = world["state"]
    for i in members_of(world):
        share = settings["parameters"]["funding_share"] * state["engagement"][i] * state["standing"][i]
        payment = share * state["holdings"][i][Resource.FUNDING]
        state["holdings"][i][Resource.FUNDING] -= payment
        state["pool"][Resource.FUNDING] += payment


# --- appraisal ---------------------------------------------------------------------------------------------


def appraisal(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let members weigh what they met."""
    for i in members_of(world):
        remember_week(world, settings, i)
        appraise(world, settings, i)


def remember_week(world: World, settings: Settings, i: int) -> None:
    """Move weekly experience towards the week's flows."""
    met, flows = world["state"]["experience"][i], world["flows"]
    length = settings["parameters"]["memory_weeks"]
    move(met, Experience.RECEIVED, flows["received"][i], length)
    move(met, Experience.FUNDED, flows["funded"][i], length)
    move(met, Experience.CONTACT, flows["contact"][i], length)
    move(met, Experience.HOURS, flows["hours"][i], length)
    move(met, Experience.FRUSTRATION, flows["frustration"][i], length)


def appraise(world: World, settings: Settings, i: int) -> None:
    """Set benefit, drawback, aspiration and engagement of a member."""
    state, parameters = world["state"], settings["parameters"]
    benefit, drawback = feel(world, settings, i)
    state["benefit"][i] = benefit
    state["drawback"][i] = drawback
    state["aspiration"][i] += parameters["aspiration_rate"] * (benefit - state["aspiration"][i])
    felt = benefit - drawback + parameters["aspiration_weight"] * (benefit - state["aspiration"][i])
    eager = eagerness(world, settings, i, felt)
    state["engagement"][i] += parameters["engagement_rate"] * (eager - state["engagement"][i])
