"""Exchange (7.5): who lacks what, who notices, who gives, and what becomes of holdings and ties."""

from __future__ import annotations

import math
from typing import Any

from sim.core.vocabulary import Lever, Purpose, Resource
from tests.reference.common import (
    KINDS,
    THEMES,
    Settings,
    World,
    behind,
    is_rival,
    lever,
    logistic,
    members_of,
    relevance,
    trait,
)
from tests.reference.philox import Draw

Answer = dict[str, Any]


def exchange(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let those who met ask and give; all is decided before anything is applied."""
    fade_use(world, settings)
    members = members_of(world)
    answers = []
    for giver in members:
        for taker in members:
            if giver != taker and world["flows"]["met"][giver][taker]:
                answer = answer_of(world, settings, draw, week, giver, taker)
                if answer is not None:
                    answers.append(answer)
    transfer(world, settings, answers)
    for answer in answers:
        if answer["given"]:
            settle_given(world, settings, answer)
        else:
            settle_refused(world, settings, answer)
    remember_offering(world, settings)
    for i in members:
        keep_up(world, settings, i)


def fade_use(world: World, settings: Settings) -> None:
    """Let working ties and the memory of give and take fade."""
    state, parameters = world["state"], settings["parameters"]
    for i in members_of(world):
        for j in members_of(world):
            if i != j:
                state["use"][i][j] *= 1.0 - parameters["use_fade"]
                state["balance"][i][j] *= 1.0 - parameters["balance_fade"]


def lack_of(world: World, settings: Settings, giver: int, taker: int, kind: int) -> float:
    """Return what the taker lacks that the giver could mend."""
    holdings = world["state"]["holdings"]
    if is_rival(settings, kind):
        return max(0.0, settings["parameters"]["rival_want"] - holdings[taker][kind])
    ceiling = trait(settings, kind, "ceiling")
    return max(0.0, ceiling * holdings[giver][kind] - holdings[taker][kind])


def spare_of(world: World, settings: Settings, giver: int, kind: int) -> float:
    """Return what the giver has to spare for one partner."""
    held = world["state"]["holdings"][giver][kind]
    if is_rival(settings, kind):
        return max(0.0, held - settings["parameters"]["rival_keep"]) / (
            settings["parameters"]["rival_spread"] * world["flows"]["partners"][giver]
        )
    return held


def worth_of(world: World, settings: Settings, giver: int, taker: int, kind: int) -> float:
    """Return what asking for a kind is worth."""
    belief = world["state"]["belief"]
    fits = sum(belief[d] * relevance(kind, d) for d in range(len(THEMES)))
    amount = min(lack_of(world, settings, giver, taker, kind), spare_of(world, settings, giver, kind))
    return amount * trait(settings, kind, "ease") * (settings["parameters"]["worth_base"] + fits)


def best_kind(world: World, settings: Settings, giver: int, taker: int) -> int:
    """Return the kind most worth asking for, the first if tied."""
    best, most = 0, worth_of(world, settings, giver, taker, 0)
    for kind in range(1, len(KINDS)):
        worth = worth_of(world, settings, giver, taker, kind)
        if worth > most:
            best, most = kind, worth
    return best


def answer_of(world: World, settings: Settings, draw: Draw, week: int, giver: int, taker: int) -> Answer | None:
    """Return what becomes of a lack, None if nothing happens."""
    parameters = settings["parameters"]
    uniforms = draw(week, Purpose.EXCHANGE, giver, taker)
    is_random = settings["null_model"] == "random_exchange"
    kind = math.floor(len(KINDS) * uniforms[2]) if is_random else best_kind(world, settings, giver, taker)
    lack = lack_of(world, settings, giver, taker, kind)
    amount = min(lack, spare_of(world, settings, giver, kind))
    ease = trait(settings, kind, "ease")
    answer = {"giver": giver, "taker": taker, "kind": kind}
    base = parameters["notice_base"]
    missed = 1.0 - world["state"]["familiarity"][giver][taker]
    missed *= 1.0 - parameters["notice_matching"] * lever(world, Lever.RESOURCE_MATCHING)
    if uniforms[0] >= base + (1.0 - base) * (1.0 - missed):
        return None
    if is_random and ease * amount == 0.0:
        return None
    if is_random:
        return answer | {"given": uniforms[1] < parameters["null_accept"], "amount": uniforms[3] * ease * amount}
    if amount <= parameters["exchange_floor"] or worth_of(world, settings, giver, taker, kind) == 0.0:
        return None
    odds = log_odds_of_giving(world, settings, giver, taker, kind, lack)
    return answer | {"given": uniforms[1] < logistic(odds), "amount": ease * amount}


def log_odds_of_giving(world: World, settings: Settings, giver: int, taker: int, kind: int, lack: float) -> float:
    """Return the log-odds that a noticed lack is met."""
    state, parameters = world["state"], settings["parameters"]
    could_return = 0.0
    for other in range(len(KINDS)):
        if not is_rival(settings, other):
            could_return = max(could_return, lack_of(world, settings, taker, giver, other))
    odds = parameters["accept_base"] + parameters["accept_trust"] * state["trust"][giver][taker]
    felt = math.tanh(state["balance"][giver][taker] / parameters["balance_scale"])
    odds += parameters["accept_balance"] * felt
    dependence = lack / (lack + state["holdings"][taker][kind] + parameters["dependence_scale"])
    odds += parameters["accept_dependence"] * dependence
    odds += parameters["accept_return"] * could_return
    odds -= parameters["accept_strain"] * state["strain"][giver][taker]
    return odds - trait(settings, kind, "cost")


def transfer(world: World, settings: Settings, answers: list[Answer]) -> None:
    """Move holdings: of several teachers the best counts, what is rival changes hands."""
    holdings = world["state"]["holdings"]
    taught: dict[tuple[int, int], float] = {}
    for answer in answers:
        if not answer["given"]:
            continue
        giver, taker, kind, amount = answer["giver"], answer["taker"], answer["kind"], answer["amount"]
        if is_rival(settings, kind):
            holdings[giver][kind] -= amount
            holdings[taker][kind] += amount
        else:
            taught[taker, kind] = max(taught.get((taker, kind), 0.0), amount)
    for (taker, kind), amount in taught.items():
        holdings[taker][kind] += amount


def settle_given(world: World, settings: Settings, answer: Answer) -> None:
    """Let what was given work on the tie and on the taker."""
    state, flows, parameters = world["state"], world["flows"], settings["parameters"]
    giver, taker, kind, amount = answer["giver"], answer["taker"], answer["kind"], answer["amount"]
    size = min(1.0, amount / parameters["gift_scale"])
    state["use"][giver][taker] += parameters["use_gain"] * size * (1.0 - state["use"][giver][taker])
    state["balance"][giver][taker] -= amount
    state["balance"][taker][giver] += amount
    trust, strain = state["trust"][taker], state["strain"][taker]
    evidence = parameters["delivered"] * (1.0 - parameters["trust_strain"] * strain[giver])
    trust[giver] += parameters["trust_gain"] * size * max(0.0, evidence - trust[giver])
    flows["received"][taker] += amount
    flows["volume"][kind] += amount
    flows["n_given"] += 1


def settle_refused(world: World, settings: Settings, answer: Answer) -> None:
    """Let a refusal work on the taker."""
    flows, parameters = world["flows"], settings["parameters"]
    giver, taker = answer["giver"], answer["taker"]
    trust = world["state"]["trust"][taker]
    speed = parameters["trust_gain"] * parameters["trust_loss_ratio"] * parameters["refusal_weight"]
    trust[giver] -= min(1.0, speed) * max(0.0, trust[giver] - parameters["refused"])
    flows["frustration"][taker] += parameters["frustration_refusal"]
    flows["n_refused"] += 1


def remember_offering(world: World, settings: Settings) -> None:
    """Let the partnership remember in what share of dealings one gave."""
    state, flows = world["state"], world["flows"]
    if flows["n_encounters"] > 0:
        share = flows["n_given"] / (2 * flows["n_encounters"])
        length = settings["parameters"]["memory_meetings"]
        first = state["offering"] < 0.0
        state["offering"] = share if first else state["offering"] + (share - state["offering"]) / length


def keep_up(world: World, settings: Settings, i: int) -> None:
    """Let what a member holds fade and be renewed."""
    state = world["state"]
    holdings, endowment = state["holdings"][i], state["endowment"][i]
    for kind in range(len(KINDS)):
        fade, renewal = trait(settings, kind, "fade"), trait(settings, kind, "renewal")
        if not is_rival(settings, kind):
            rate = fade if holdings[kind] > endowment[kind] else renewal
            holdings[kind] += rate * (endowment[kind] - holdings[kind])
            continue
        renewed = renewal * behind(world, settings, i) * max(0.0, endowment[kind] - holdings[kind])
        holdings[kind] += renewed
        faded = fade * holdings[kind]
        holdings[kind] -= faded
        if kind == Resource.FUNDING:
            state["inflow"] += renewed
            state["spent"] += faded
