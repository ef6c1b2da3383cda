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
    approaches_a_week,
    behind,
    churn_of,
    clip,
    endowment_of,
    expect,
    first_pay,
    is_rival,
    leading_of,
    lever,
    mean,
    members_of,
    prior_trust,
    structural_power,
    vantage,
)
from tests.reference.philox import Draw
from tests.reference.posts import can_be_paid, is_kept_for_post, set_new_ties


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
    state, parameters = world["state"], settings["parameters"]
    role = state["role"][i]
    push = EXPOSURE[words(Role)[role]] * (parameters["push_backing"] - behind(world, settings, i))
    push *= 1.0 + churn_of(world, role, week)
    if state["organisation_id"][i] == -1 and world["flows"]["paid_share"][i] == 0.0:
        push *= 1.0 + parameters["push_unsupported"] * (1.0 - lever(world, Lever.PARTICIPATION_SUPPORT))
    return push


def pull(settings: Settings, net: float, share: float) -> float:
    """Return how net benefit changes a rate of leaving."""
    parameters = settings["parameters"]
    factor = math.exp(-share * parameters["hazard_benefit"] * (net - parameters["net_reference"]))
    return clip(factor, parameters["pull_low"], parameters["pull_high"])


def chance_of_moving_on(world: World, settings: Settings, i: int, week: int) -> float:
    """Return q1, the weekly chance that a member moves on."""
    state, parameters = world["state"], settings["parameters"]
    rate = parameters["hazard_person"] * parameters["mobility"]
    if settings["cause"] != "benefit":
        rate *= external_push(world, settings, i, week)
    if settings["cause"] != "exogenous":
        rate *= pull(settings, state["benefit"][i] - state["drawback"][i], 1.0)
    return min(1.0, rate / 52)


def chances_of_leaving(world: World, settings: Settings, i: int, week: int) -> list[float]:
    """Return q1 to q4, the weekly chances of a member's leaving, in the order of their causes."""
    state, parameters = world["state"], settings["parameters"]
    unpaid, disengaged = 0.0, 0.0
    if state["role"][i] == Role.COORDINATOR:
        unpaid = min(1.0, parameters["exit_unpaid"] * (1.0 - state["pay"][i]) ** 2)
    if settings["cause"] != "exogenous" and state["engagement"][i] < parameters["active_level"]:
        disengaged = min(1.0, parameters["hazard_drift_out"])
    event = world["context"]["exit_chance"][state["role"][i]]
    return [chance_of_moving_on(world, settings, i, week), unpaid, disengaged, event]


def persons_leave(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let members leave, each for one cause."""
    for i in members_of(world):
        chances = chances_of_leaving(world, settings, i, week)
        total = 1.0 - math.prod(1.0 - chance for chance in chances)
        uniform = draw(week, Purpose.DEPARTURE, i, 0)[0]
        if uniform < total:
            leave(world, settings, i, cause_of_leaving(chances, total, uniform))


def cause_of_leaving(chances: list[float], total: float, uniform: float) -> int:
    """Return which of the causes it was: each in the share that its chance has of all."""
    so_far = 0.0
    for cause, chance in enumerate(chances):
        so_far += chance
        if uniform * sum(chances) < total * so_far:
            return cause
    return len(chances) - 1


def leave(world: World, settings: Settings, i: int, cause: int) -> None:
    """Empty a seat; the organisation remembers what the person had learnt."""
    state = world["state"]
    state["is_member"][i] = False
    state["vacant_weeks"][i] = 0
    count_leaver(world, cause)
    g = state["organisation_id"][i]
    if g == -1:
        withdraw_funding(world, i)
    elif settings["buffer"] in ("organisation", "both"):
        share = settings["parameters"]["succession_organisation"] * state["backing"][g]
        for k in range(len(KINDS)):
            if not is_rival(settings, k):
                learnt = max(0.0, state["holdings"][i][k] - state["endowment"][i][k])
                state["memory"][g][k] = max(state["memory"][g][k], share * learnt)


def count_leaver(world: World, cause: int) -> None:
    """Count a person who leaves, by cause."""
    world["state"]["leavers"] += 1
    world["state"]["left_for"][cause] += 1
    world["flows"]["departures"] += 1


def withdraw_funding(world: World, i: int) -> None:
    """Take the funding of a seat out of the partnership."""
    state = world["state"]
    state["withdrawn"] += state["holdings"][i][Resource.FUNDING]
    state["holdings"][i][Resource.FUNDING] = 0.0


def give_up(world: World, i: int) -> None:
    """Close a seat, and what post it may have had."""
    withdraw_funding(world, i)
    world["state"]["is_post"][i] = False
    world["state"]["is_seat"][i] = False
    world["state"]["is_member"][i] = False
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
            if state["is_member"][i]:
                count_leaver(world, LeavingCause.ORGANISATION_LEFT)
            if state["is_seat"][i]:
                give_up(world, i)


# --- others come -------------------------------------------------------------------------------------------


def seatless_organisations_leave(world: World) -> None:
    """Count out organisations none of whose seats is left, and for which no slot is kept for a post."""
    state = world["state"]
    for g, there in enumerate(state["is_organisation"]):
        slots = [i for i, home in enumerate(state["organisation_id"]) if home == g]
        if there and not any(state["is_seat"][i] or state["is_post"][i] for i in slots):
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
        too_long = state["vacant_weeks"][i] > parameters["vacancy_limit"]
        too_long = too_long and not is_kept_for_post(world, settings, i, week)
        if too_long or is_closed(world, state["role"][i], week):
            give_up(world, i)
            continue
        if draw(week, Purpose.REPLACEMENT, i, 0)[0] < chance_of_successor(world, settings, i, week):
            seat_person(world, settings, draw, week, i, handed_on(world, settings, i), is_new_seat=False)


def chance_of_successor(world: World, settings: Settings, i: int, week: int) -> float:
    """Return the weekly chance that an empty seat is filled."""
    parameters = settings["parameters"]
    if world["state"]["role"][i] == Role.COORDINATOR:
        return parameters["hiring_rate"] if can_be_paid(world, settings, i, week) else 0.0
    if world["state"]["organisation_id"][i] == -1:
        inclusion = lever(world, Lever.INCLUSIVE_DECISIONS) * lever(world, Lever.PARTICIPATION_SUPPORT)
        return parameters["invitation_rate"] * inclusion
    return parameters["replacement_rate"] * behind(world, settings, i)


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
    seat = first_free_slot(world)
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


def first_free_slot(world: World) -> int:
    """Return the lowest slot that is neither a seat nor kept for a post, or -1."""
    state = world["state"]
    return first_false([seat or post for seat, post in zip(state["is_seat"], state["is_post"], strict=True)], 0)


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
    state["pay"][i] = first_pay(state["role"][i])
    state["leading"][i] = leading_of(state["role"][i], settings, draw, week, i)
    kept = parameters["standing_kept"] * keep
    state["standing"][i] = parameters["standing_start"] + (1.0 - parameters["standing_start"]) * kept
    state["experience"][i] = what_is_told(world, settings, before)
    state["power"][i] = structural_power(world, settings, members_of(world))[i]
    if is_new_seat:
        set_new_ties(world, settings, i)
    else:
        hand_on_ties(world, settings, i, keep)
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


def hand_on_ties(world: World, settings: Settings, i: int, keep: float) -> None:
    """Leave to a new person the share ``keep`` of the ties that the seat had."""
    for j in range(world["state"]["n_slots"]):
        if j != i and world["state"]["is_seat"][j]:
            hand_on_tie(world, settings, i, j, keep)
            hand_on_tie(world, settings, j, i, keep)


def hand_on_tie(world: World, settings: Settings, i: int, j: int, keep: float) -> None:
    """Leave the share ``keep`` of the tie from i to j."""
    state = world["state"]
    prior = prior_trust(world, settings, i, j)
    state["trust"][i][j] = prior + keep * (state["trust"][i][j] - prior)
    for name in ("familiarity", "balance", "use"):
        state[name][i][j] *= keep
    state["strain"][i][j] *= settings["parameters"]["strain_kept"] * keep
