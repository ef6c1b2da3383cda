"""Turnover of persons and organisations (7.2)."""

from __future__ import annotations

import math

from sim.core.traits import EXPOSURE, START_EXPERIENCE
from sim.core.vocabulary import Experience, LeavingCause, Lever, Purpose, Resource, Ring, Role, words
from tests.reference.common import (
    KINDS,
    THEMES,
    Settings,
    World,
    active_churn,
    active_post,
    approaches_a_week,
    behind,
    brought_experience,
    clip,
    endowment_of,
    expect,
    is_rival,
    lever,
    mean,
    members_of,
    new_tie,
    pay_of,
    structural_power,
    vantage,
)
from tests.reference.philox import Draw


def turnover(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let persons and organisations leave, and others come."""
    persons_leave(world, settings, draw, week)
    organisations_leave(world, settings, draw, week)
    successors_come(world, settings, draw, week)
    recruit(world, settings, draw, week)
    seatless_organisations_leave(world)
    world["context"]["exit_chance"] = [0.0] * len(Role)
    for memory in world["state"]["memory"]:
        for k in range(len(KINDS)):
            memory[k] *= 1.0 - settings["parameters"]["memory_fade"]


# --- persons leave -----------------------------------------------------------------------------------------


def external_push(world: World, settings: Settings, i: int, week: int) -> float:
    """Return X_i."""
    role, parameters = world["state"]["role"][i], settings["parameters"]
    push = EXPOSURE[words(Role)[role]] * (parameters["push_backing"] - behind(world, settings, i))
    push *= 1.0 + active_churn(world, role, week)
    if world["state"]["organisation_id"][i] == -1 and world["flows"]["paid_share"][i] == 0.0:
        push *= 1.0 + parameters["push_unsupported"] * (1.0 - lever(world, Lever.PARTICIPATION_SUPPORT))
    return push


def pull(settings: Settings, net: float, share: float) -> float:
    """Return how net benefit changes a rate of leaving."""
    parameters = settings["parameters"]
    factor = math.exp(-share * parameters["hazard_benefit"] * (net - parameters["net_reference"]))
    return clip(factor, parameters["pull_low"], parameters["pull_high"])


def chances_of_leaving(world: World, settings: Settings, i: int, week: int) -> list[float]:
    """Return the weekly chances of a member's leaving: moving on, unpaid, disengaged, by an event."""
    state, parameters, cause = world["state"], settings["parameters"], settings["cause"]
    rate = parameters["hazard_person"] * parameters["mobility"]
    if cause != "benefit":
        rate *= external_push(world, settings, i, week)
    if cause != "exogenous":
        rate *= pull(settings, state["benefit"][i] - state["drawback"][i], 1.0)
    unpaid, disengaged = 0.0, 0.0
    if state["role"][i] == Role.COORDINATOR:
        unpaid = min(1.0, parameters["exit_unpaid"] * (1.0 - state["pay"][i]) ** 2)
    if cause != "exogenous" and state["engagement"][i] < parameters["active_level"]:
        disengaged = min(1.0, parameters["hazard_drift_out"])
    return [min(1.0, rate / 52), unpaid, disengaged, world["context"]["exit_chance"][state["role"][i]]]


def persons_leave(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let members leave, each for a cause."""
    for i in members_of(world):
        chances = chances_of_leaving(world, settings, i, week)
        total = 1.0 - math.prod(1.0 - chance for chance in chances)
        number = draw(week, Purpose.DEPARTURE, i, 0)[0]
        if number < total:
            reached = [c for c in range(len(chances)) if number * sum(chances) < total * sum(chances[: c + 1])]
            world["state"]["left_for"][reached[0] if reached else len(chances) - 1] += 1
            leave(world, settings, i)


def leave(world: World, settings: Settings, i: int) -> None:
    """Empty a seat; the organisation remembers what the person had learnt."""
    state = world["state"]
    state["is_member"][i] = False
    state["vacant_weeks"][i] = 0
    state["leavers"] += 1
    world["flows"]["departures"] += 1
    g = state["organisation_id"][i]
    if g == -1:
        withdraw_funding(world, i)
    elif settings["buffer"] in ("organisation", "both"):
        share = settings["parameters"]["succession_organisation"] * state["backing"][g]
        for k in range(len(KINDS)):
            if not is_rival(settings, k):
                learnt = max(0.0, state["holdings"][i][k] - state["endowment"][i][k])
                state["memory"][g][k] = max(state["memory"][g][k], share * learnt)


def withdraw_funding(world: World, i: int) -> None:
    """Take the funding of a seat out of the partnership."""
    state = world["state"]
    state["withdrawn"] += state["holdings"][i][Resource.FUNDING]
    state["holdings"][i][Resource.FUNDING] = 0.0


def give_up(world: World, i: int) -> None:
    """Close a seat."""
    withdraw_funding(world, i)
    world["state"]["is_seat"][i] = False
    world["state"]["is_member"][i] = False
    world["state"]["is_post"][i] = False
    world["state"]["holdings"][i] = [0.0] * len(KINDS)


# --- organisations leave -----------------------------------------------------------------------------------


def organisations_leave(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let organisations leave with all their seats."""
    state = world["state"]
    for g in range(len(state["is_organisation"])):
        if state["is_organisation"][g]:
            rate = organisation_rate(world, settings, g)
            if draw(week, Purpose.ORGANISATION_EXIT, g, 0)[0] < min(1.0, rate / 52):
                organisation_leaves(world, g)


def organisation_rate(world: World, settings: Settings, g: int) -> float:
    """Return the yearly rate at which an organisation leaves."""
    state, parameters, cause = world["state"], settings["parameters"], settings["cause"]
    nets = [state["benefit"][i] - state["drawback"][i] for i in members_of(world) if state["organisation_id"][i] == g]
    rate = parameters["hazard_organisation"]
    newness = math.exp(-state["organisation_tenure"][g] / parameters["newness_weeks"])
    rate *= 1.0 + parameters["organisation_newness"] * newness
    if cause != "exogenous":
        rate *= pull(settings, mean(nets), parameters["hazard_benefit_organisation"])
    return rate


def organisation_leaves(world: World, g: int) -> None:
    """Close an organisation's place and its seats."""
    state = world["state"]
    state["is_organisation"][g] = False
    state["memory"][g] = [0.0] * len(KINDS)
    world["flows"]["organisation_exits"] += 1
    for i in range(len(state["is_seat"])):
        if state["organisation_id"][i] == g:
            state["is_post"][i] = False
        if state["is_seat"][i] and state["organisation_id"][i] == g:
            if state["is_member"][i]:
                state["leavers"] += 1
                state["left_for"][LeavingCause.ORGANISATION_LEFT] += 1
                world["flows"]["departures"] += 1
            give_up(world, i)


# --- others come -------------------------------------------------------------------------------------------


def seatless_organisations_leave(world: World) -> None:
    """Count out organisations none of whose seats is left."""
    state = world["state"]
    for g, there in enumerate(state["is_organisation"]):
        kept = [seat or post for seat, post in zip(state["is_seat"], state["is_post"], strict=True)]
        seats = [i for i, is_kept in enumerate(kept) if is_kept and state["organisation_id"][i] == g]
        if there and not seats:
            organisation_leaves(world, g)


def is_closed(world: World, role: int, week: int) -> bool:
    """Tell whether a role is closed."""
    return week < world["context"]["closed_until"][role]


def successors_come(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Fill or give up empty seats."""
    state, parameters = world["state"], settings["parameters"]
    for i in range(len(state["is_seat"])):
        if not state["is_seat"][i] or state["is_member"][i] or state["vacant_weeks"][i] < 1:
            continue
        too_long = state["vacant_weeks"][i] > parameters["vacancy_limit"] and not has_post_ahead(
            world, settings, i, week
        )
        if too_long or is_closed(world, state["role"][i], week):
            give_up(world, i)
            continue
        if draw(week, Purpose.REPLACEMENT, i, 0)[0] < chance_of_successor(world, settings, i, week):
            seat_person(world, settings, draw, week, i, handed_on(world, settings, i), is_new_seat=False)


def has_post_ahead(world: World, settings: Settings, i: int, week: int) -> bool:
    """Tell whether a slot has a post that lasts to this week or longer, or is still to come."""
    return world["state"]["is_post"][i] and any(post.of(i) and post.to_week >= week for post in settings["posts"])


def chance_of_successor(world: World, settings: Settings, i: int, week: int) -> float:
    """Return the weekly chance that an empty seat is filled."""
    parameters = settings["parameters"]
    if world["state"]["role"][i] == Role.COORDINATOR:
        return chance_of_hiring(world, settings, i, week)
    if world["state"]["organisation_id"][i] == -1:
        active_inclusion = lever(world, Lever.INCLUSIVE_DECISIONS) * lever(world, Lever.PARTICIPATION_SUPPORT)
        return parameters["invitation_rate"] * active_inclusion
    return parameters["replacement_rate"] * behind(world, settings, i)


def chance_of_hiring(world: World, settings: Settings, i: int, week: int) -> float:
    """Return the weekly chance that a coordinator is hired, or seconded."""
    post, parameters = active_post(world, settings, i, week), settings["parameters"]
    if post is None:
        return 0.0
    needed = 0.0 if post.seconded else parameters["hire_weeks"] * pay_of(settings, post)
    can_be_paid = post.seconded or world["state"]["pool"][Resource.FUNDING] >= needed
    return parameters["hiring_rate"] if can_be_paid else 0.0


def handed_on(world: World, settings: Settings, i: int) -> float:
    """Return the share of knowledge and ties that a successor is handed."""
    state, parameters, buffer = world["state"], settings["parameters"], settings["buffer"]
    by_organisation, by_coordinator = 0.0, 0.0
    if state["organisation_id"][i] != -1 and buffer in ("organisation", "both"):
        by_organisation = parameters["succession_organisation"] * behind(world, settings, i)
    if buffer in ("coordinator", "both"):
        longest = 0
        for j in members_of(world):
            if j != i and state["role"][j] == Role.COORDINATOR:
                longest = max(longest, state["tenure"][j])
        by_coordinator = parameters["succession_coordinator"] * min(1.0, longest / parameters["succession_weeks"])
    return 1.0 - (1.0 - by_organisation) * (1.0 - by_coordinator)


def recruit(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Approach a possible new member."""
    uniforms = draw(week, Purpose.RECRUITMENT, 0, 0)
    if uniforms[0] >= world["flows"]["cover"] * approaches_a_week(world, settings):
        return
    role = role_approached(world, settings, uniforms[1], week)
    if role == -1 or uniforms[2] >= chance_of_acceptance(world, settings):
        return
    taken = zip(world["state"]["is_seat"], world["state"]["is_post"], strict=True)
    seat = first_false([is_seat or is_post for is_seat, is_post in taken], 0)
    organisation = -1
    if role != Role.PATIENT:
        organisation = first_false(world["state"]["is_organisation"], settings["n_founding_organisations"])
    if seat == -1 or (organisation == -1 and role != Role.PATIENT):
        return
    open_seat(world, settings, seat, role, organisation)
    seat_person(world, settings, draw, week, seat, 0.0, is_new_seat=True)


def first_false(flags: list[bool], start: int) -> int:
    """Return the lowest place from start on that is not in use, or -1."""
    for place in range(start, len(flags)):
        if not flags[place]:
            return place
    return -1


def role_approached(world: World, settings: Settings, uniform: float, week: int) -> int:
    """Return the role that the partnership looks for, or -1."""
    belief, activity = world["state"]["belief"], world["state"]["activity"]
    weights = []
    for role in range(len(Role)):
        gap = sum(vantage(role, d) * max(0.0, belief[d] - activity[d]) for d in range(len(THEMES)))
        weight = settings["recruiting"][role] * (1.0 + settings["parameters"]["recruit_gap"] * gap)
        weights.append(0.0 if is_closed(world, role, week) else weight)
    total, so_far = sum(weights), 0.0
    for role in range(len(Role)):
        so_far += weights[role]
        if uniform * total < so_far:
            return role
    return -1


def chance_of_acceptance(world: World, settings: Settings) -> float:
    """Return the chance that an approach is accepted."""
    state, parameters = world["state"], settings["parameters"]
    reputation = parameters["memory_weeks"] * state["win_memory"]
    reputation += state["pool"][Resource.LEGITIMACY] + state["pool"][Resource.CONNECTIONS]
    base = parameters["recruit_accept"]
    return base + (1.0 - base) * (1.0 - math.exp(-parameters["recruit_reputation"] * reputation))


def open_seat(world: World, settings: Settings, seat: int, role: int, organisation: int) -> None:
    """Make a new seat, with a new organisation if there is one."""
    state = world["state"]
    if organisation != -1:
        state["is_organisation"][organisation] = True
        state["backing"][organisation] = settings["parameters"]["each_backing"]
        state["backing_base"][organisation] = settings["parameters"]["each_backing"]
        state["organisation_tenure"][organisation] = 0
        state["memory"][organisation] = [0.0] * len(KINDS)
    state["role"][seat] = int(role)
    state["ring"][seat] = int(Ring.CORE_TEAM)
    state["organisation_id"][seat] = organisation
    state["is_seat"][seat] = True
    state["n_slots"] = max(state["n_slots"], seat + 1)


def seat_person(
    world: World, settings: Settings, draw: Draw, week: int, i: int, keep: float, *, is_new_seat: bool
) -> None:
    """Seat a new person, who is handed the share ``keep``."""
    state, parameters = world["state"], settings["parameters"]
    before = members_of(world)
    world["flows"]["arrivals"] += 1
    new_holdings(world, settings, draw, week, i, keep, is_new_seat=is_new_seat)
    state["person_id"][i] = state["people_ever"]
    state["people_ever"] += 1
    state["is_member"][i] = True
    state["tenure"][i] = 0
    state["vacant_weeks"][i] = 0
    state["wear"][i] = 0.0
    state["pay"][i] = 1.0 if state["role"][i] == Role.COORDINATOR else 0.0
    state["leading"][i] = brought_experience(state["role"][i], settings, draw, week, i)
    kept = parameters["standing_kept"] * keep
    state["standing"][i] = parameters["standing_start"] + (1.0 - parameters["standing_start"]) * kept
    state["experience"][i] = what_is_told(world, settings, before)
    state["power"][i] = structural_power(world, settings, members_of(world))[i]
    for j in range(state["n_slots"]):
        if j != i and state["is_seat"][j]:
            new_tie(world, settings, i, j, keep, is_new_seat=is_new_seat)
            new_tie(world, settings, j, i, keep, is_new_seat=is_new_seat)
    expect(world, settings, i)
    state["understanding"] *= 1.0 - parameters["newcomer_dilution"] * (1.0 - keep) / (len(before) + 1)


def what_is_told(world: World, settings: Settings, members: list[int]) -> list[float]:
    """Return the experience that members tell a newcomer of, or what founders expect where nobody is there to tell."""
    start = [float(START_EXPERIENCE[name]) for name in words(Experience)]
    if not members:
        return start
    met = [mean([world["state"]["experience"][j][x] for j in members]) for x in range(len(start))]
    return [start[x] + settings["parameters"]["hearsay"] * (met[x] - start[x]) for x in range(len(start))]


def new_holdings(
    world: World, settings: Settings, draw: Draw, week: int, i: int, keep: float, *, is_new_seat: bool
) -> None:
    """Give a new person an endowment and what is handed on."""
    state = world["state"]
    old, old_endowment = state["holdings"][i], state["endowment"][i]
    learnt = [0.0 if is_new_seat else max(0.0, old[k] - old_endowment[k]) for k in range(len(KINDS))]
    g = state["organisation_id"][i]
    memory = [0.0] * len(KINDS) if g == -1 else state["memory"][g]
    endowment = endowment_of(state["role"][i], settings, draw, week, Purpose.NEWCOMER, i)
    holdings = [0.0] * len(KINDS)
    for k in range(len(KINDS)):
        if k == Resource.FUNDING:
            holdings[k] = 0.0 if is_new_seat else old[k]
        elif is_rival(settings, k):
            holdings[k] = endowment[k]
        else:
            holdings[k] = endowment[k] + max(keep * learnt[k], memory[k])
    state["endowment"][i] = endowment
    state["holdings"][i] = holdings
