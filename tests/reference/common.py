"""Small things that several rules share: tables by number, means, priors, power, time, what is felt and expected."""

from __future__ import annotations

import math
from typing import Any

from sim.core.traits import ENDOWMENT, LEADING, RELEVANCE, STAKE, VANTAGE
from sim.core.vocabulary import Experience, Lever, Purpose, Resource, Ring, Role, ShockKind, Theme, words
from tests.reference.philox import Draw

World = dict[str, Any]
Settings = dict[str, Any]

ROLES = words(Role)
KINDS = words(Resource)
THEMES = words(Theme)


def logistic(x: float) -> float:
    """Return the chance at log-odds x."""
    return 1.0 / (1.0 + math.exp(-x))


def clip(x: float, low: float, high: float) -> float:
    """Return x held between low and high."""
    return max(low, min(high, x))


def mean(values: list[float]) -> float:
    """Return the mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0


def normalised(weights: list[float]) -> list[float]:
    """Return weights that sum to 1."""
    total = sum(weights)
    return [weight / total for weight in weights]


def variation(first: list[float], second: list[float]) -> float:
    """Return the total variation distance of two profiles."""
    return 0.5 * sum(abs(a - b) for a, b in zip(first, second, strict=True))


def vantage(role: int, theme: int) -> float:
    """Return how well a role sees a theme."""
    return VANTAGE[ROLES[role]][THEMES[theme]]


def relevance(kind: int, theme: int) -> float:
    """Return how well a kind serves a theme."""
    return RELEVANCE[KINDS[kind]][THEMES[theme]]


def trait(settings: Settings, kind: int, name: str) -> float:
    """Return a trait of a kind of resource."""
    return settings["traits"][KINDS[kind]][name]


def is_rival(settings: Settings, kind: int) -> bool:
    """Tell whether a kind is rival."""
    return trait(settings, kind, "rival") > 0


def members_of(world: World) -> list[int]:
    """Return the filled seats, ascending."""
    filled = world["state"]["is_member"]
    return [i for i in range(len(filled)) if filled[i]]


def lever(world: World, which: Lever) -> float:
    """Return the effective lever of this week."""
    return world["practice"][which]


def active_size(world: World, kind: ShockKind, week: int) -> float:
    """Return the size of a lasting shock that is active, else 0 (section 6)."""
    context = world["context"]
    return context["shock_size"][kind] if week < context["shock_until"][kind] else 0.0


def behind(world: World, settings: Settings, i: int) -> float:
    """Return B_i: what stands behind a seat."""
    organisation = world["state"]["organisation_id"][i]
    if organisation < 0:
        return settings["parameters"]["own_backing"]
    return world["state"]["backing"][organisation]


def permitted(world: World, settings: Settings, i: int) -> float:
    """Return pi_i: how much time a seat is permitted to give (7.0)."""
    base = settings["parameters"]["unbacked_hours"]
    return base + (1.0 - base) * behind(world, settings, i)


def burden(world: World, settings: Settings, i: int) -> float:
    """Return beta_i: what an hour given weighs on a seat (7.0), of which the paid part weighs nothing."""
    return (1.0 - world["flows"]["paid_share"][i]) * burden_unpaid(world, settings, i)


def burden_unpaid(world: World, settings: Settings, i: int) -> float:
    """Return beta'_i: what an hour that no post pays for weighs on a seat (7.0)."""
    state, parameters = world["state"], settings["parameters"]
    if state["role"][i] == Role.COORDINATOR:
        return 1.0
    if state["organisation_id"][i] == -1:
        relief = parameters["support_relief"] * lever(world, Lever.PARTICIPATION_SUPPORT)
        return parameters["unpaid_weight"] * (1.0 - relief)
    return 1.0 - parameters["backing_relief"] * behind(world, settings, i)


def give_time(world: World, i: int, hours: float) -> None:
    """Count hours by the clock of a member whose own time it is: coordinators' hours are staff hours (7.6)."""
    if world["state"]["role"][i] != Role.COORDINATOR:
        world["state"]["member_hours"] += hours


def churn_of(world: World, role: int, week: int) -> float:
    """Return the active churn of a role: how much more its people move after a merger or a reform (section 6)."""
    context = world["context"]
    return context["churn"][role] if week < context["churn_until"][role] else 0.0


def approaches_a_week(world: World, settings: Settings) -> float:
    """Return how often the partnership would approach somebody: less often as the group fills (7.2)."""
    parameters = settings["parameters"]
    room = max(0.0, 1.0 - len(members_of(world)) / parameters["recruit_full"])
    return parameters["approaches_per_year"] / 52 * room


def whole_weeks(length: float) -> int:
    """Return a cadence in whole weeks (7.3)."""
    return math.floor(length + 0.5)


def prior_trust(world: World, settings: Settings, i: int, j: int) -> float:
    """Return the trust between two seats that have not met (section 5)."""
    organisation = world["state"]["organisation_id"]
    same = organisation[i] == organisation[j] and organisation[i] != -1
    parameters = settings["parameters"]
    return min(1.0, parameters["trust_prior"] + (parameters["trust_same_organisation"] if same else 0.0))


def structural_power(world: World, settings: Settings, group: list[int]) -> dict[int, float]:
    """Return s_i for every seat of a group, in equal shares of the group (7.3)."""
    state, parameters = world["state"], settings["parameters"]
    raw = {}
    for i in group:
        holdings = state["holdings"][i]
        raw[i] = parameters["power_base"] + parameters["power_resources"] * 0.5 * (
            holdings[Resource.LEGITIMACY] + holdings[Resource.CONNECTIONS]
        )
        if state["ring"][i] == Ring.RESEARCH_TEAM:
            raw[i] += parameters["power_ring"]
    middle = mean(list(raw.values()))
    return {i: value / middle for i, value in raw.items()}


def endowment_of(role: int, settings: Settings, draw: Draw, week: int, purpose: Purpose, i: int) -> list[float]:
    """Return the endowment of the person in seat i, from as many addressed fours of numbers as the kinds need."""
    spread = settings["parameters"]["endowment_spread"]
    fours = range(math.ceil(len(KINDS) / 4))
    numbers = [number for block in fours for number in draw(week, purpose, i, block)]
    return [ENDOWMENT[KINDS[k]][ROLES[role]] * (1.0 + spread * (2.0 * numbers[k] - 1.0)) for k in range(len(KINDS))]


def leading_of(role: int, settings: Settings, draw: Draw, week: int, i: int) -> float:
    """Return the experience as a leader that the person in seat i brings (section 5)."""
    uniforms = draw(week, Purpose.LEADERSHIP, i, 0)
    spread = settings["parameters"]["endowment_spread"]
    return min(1.0, LEADING[ROLES[role]] * (1.0 + spread * (2.0 * uniforms[0] - 1.0)))


def first_pay(role: int) -> float:
    """Return the recent pay with which a person begins: a coordinator counts on being paid (section 5)."""
    return 1.0 if role == Role.COORDINATOR else 0.0


def feel(world: World, settings: Settings, i: int) -> tuple[float, float]:
    """Return benefit and drawback of seat i from the events that it itself met (7.7)."""
    parameters, met = settings["parameters"], world["state"]["experience"][i]
    good = (
        parameters["benefit_received"] * (met[Experience.RECEIVED] + met[Experience.FUNDED])
        + parameters["benefit_win"] * met[Experience.WIN]
        + parameters["benefit_contact"] * met[Experience.CONTACT]
        + parameters["benefit_heard"] * met[Experience.HEARD]
        + parameters["benefit_used"] * met[Experience.USED]
    )
    bad = (
        parameters["drawback_hours"] * met[Experience.HOURS]
        + parameters["drawback_frustration"] * met[Experience.FRUSTRATION]
        + parameters["drawback_control"] * met[Experience.UNHEARD]
        + parameters["drawback_absent"] * met[Experience.ABSENT]
    )
    benefit = 1.0 - math.exp(-good / parameters["benefit_scale"])
    drawback = 1.0 - math.exp(-bad / parameters["drawback_scale"])
    return benefit, drawback


def eagerness(world: World, settings: Settings, i: int, felt: float) -> float:
    """Return how engaged seat i would come to be at what it feels (7.7)."""
    state, parameters = world["state"], settings["parameters"]
    odds = parameters["engagement_base"] + parameters["engagement_net"] * felt
    odds += parameters["engagement_ambition"] * state["ambition"]
    odds += parameters["engagement_stake"] * STAKE[ROLES[state["role"][i]]]
    return logistic(odds)


def expect(world: World, settings: Settings, i: int) -> None:
    """Let a founder or a newcomer weigh what it expects (5 and 7.2)."""
    state = world["state"]
    benefit, drawback = feel(world, settings, i)
    state["benefit"][i], state["drawback"][i], state["aspiration"][i] = benefit, drawback, benefit
    state["engagement"][i] = eagerness(world, settings, i, benefit - drawback)


def move(met: list[float], which: Experience, target: float, length: float) -> None:
    """Move one experience towards a target at rate 1/length."""
    met[which] += (target - met[which]) / length


def new_flows(capacity: int) -> dict[str, Any]:
    """Return the flows of a week in which nothing has happened yet."""
    scalars = (
        "paid", "cover", "staffed", "facilitated", "leadership", "led", "forum", "project",
        "departures", "organisation_exits", "arrivals", "n_invited", "n_attends", "meeting",
        "n_encounters", "n_conflicts", "n_unhandled", "n_given", "n_refused", "alone", "gain", "cost",
        "joint", "effort", "potential", "output", "win", "decided",
    )  # fmt: skip
    flows: dict[str, Any] = dict.fromkeys(scalars, 0)
    flows["leader"] = -1
    for name in ("invited", "attends", "heard", "win_seen", "in_favour"):
        flows[name] = [False] * capacity
    for name in ("paid_share", "hours", "contact", "partners", "frustration", "received", "funded"):
        flows[name] = [0.0] * capacity
    flows["met"] = [[False] * capacity for _ in range(capacity)]
    flows["volume"] = [0.0] * len(KINDS)
    return flows
