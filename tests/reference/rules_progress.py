"""Progress and wins (7.8), adaptation (7.9) and ending (7.10)."""

from __future__ import annotations

import math

from sim.core.vocabulary import Experience, Lever, Purpose, Resource, Ring, Status
from tests.reference.common import (
    KINDS,
    THEMES,
    Settings,
    World,
    behind,
    lever,
    logistic,
    mean,
    members_of,
    move,
    normalised,
    vantage,
    variation,
    whole_weeks,
)
from tests.reference.philox import Draw
from tests.reference.rules_meetings import CORE, NONE_HELD

LAST_WEEK = 520
"""Last week in which a grant can end; one that ends later never does."""

# --- progress ----------------------------------------------------------------------------------------------


def progress(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Turn joint work into output, delayed outcome and small wins."""
    effect = find_output(world, settings) * leverage(world, settings)
    delay_outcome(world, settings, settings["parameters"]["progress_rate"] * effect)
    won = try_win(world, settings, draw, week, effect)
    see_win(world, settings, draw, week, won)
    if settings["parameters"]["funding_end_week"] <= LAST_WEEK:
        ask_for_money(world, settings, draw, week)


def find_output(world: World, settings: Settings) -> float:
    """Return Q, joint output that matches need."""
    apart = variation(world["state"]["activity"], world["context"]["need"])
    match = max(0.0, 1.0 - settings["parameters"]["match_sharpness"] * apart)
    world["flows"]["output"] = world["flows"]["joint"] * match
    return world["flows"]["output"]


def leverage(world: World, settings: Settings) -> float:
    """Return the share of the week's output that takes effect."""
    parameters, pool = settings["parameters"], world["state"]["pool"]
    policy, pooled = parameters["progress_policy"], parameters["progress_pool"]
    content = mean([pool[k] / parameters["pool_scale"] for k in range(len(KINDS)) if k != Resource.FUNDING])
    share = 1.0 - policy + policy * world["context"]["policy_fit"]
    share *= 1.0 - pooled + pooled * (1.0 - math.exp(-content))
    funding, spending = (
        parameters["progress_funding"],
        world["flows"]["project"] / parameters["project_scale"],
    )
    return share * (1.0 - funding + funding * (1.0 - math.exp(-spending)))


def delay_outcome(world: World, settings: Settings, work: float) -> None:
    """Pass work through three stages into outcome."""
    state = world["state"]
    rate = 1.0 / (1.0 + settings["parameters"]["outcome_delay"] / 3.0)
    inflow = work
    for stage in range(3):
        state["pipeline"][stage] += inflow
        inflow = rate * state["pipeline"][stage]
        state["pipeline"][stage] -= inflow
    state["outcome"] += inflow


def try_win(world: World, settings: Settings, draw: Draw, week: int, effect: float) -> bool:
    """Gather effect towards a win, and let a win that is due show."""
    state, parameters = world["state"], settings["parameters"]
    state["win_progress"] += effect
    threshold = parameters["win_threshold"] * (1.0 + parameters["win_growth"] * state["wins"])
    threshold *= 1.0 + parameters["win_ambition"] * state["ambition"]
    shows = draw(week, Purpose.WIN, 0, 0)[0] < parameters["win_chance"]
    if state["win_progress"] >= threshold and shows:
        state["wins"] += 1
        state["win_progress"] = 0.0
        state["ambition"] += parameters["ambition_gain"] * (1.0 - state["ambition"])
        world["context"]["policy_fit"] += parameters["policy_win"] * (1.0 - world["context"]["policy_fit"])
        world["flows"]["win"] = 1
        return True
    state["ambition"] *= 1.0 - parameters["ambition_fade"]
    return False


def see_win(world: World, settings: Settings, draw: Draw, week: int, won: bool) -> None:
    """Let members see a win, or forget the last one."""
    state, parameters = world["state"], settings["parameters"]
    base = parameters["seen_base"]
    chance = base + (1.0 - base) * lever(world, Lever.COMMUNICATION)
    members = members_of(world)
    saw = []
    for i in members:
        if won and (world["flows"]["attends"][i] or draw(week, Purpose.WIN, i, 1)[0] < chance):
            saw.append(i)
            world["flows"]["win_seen"][i] = True
    for i in members:
        move(state["experience"][i], Experience.WIN, float(i in saw), parameters["memory_weeks"])
    state["win_memory"] += (float(won) - state["win_memory"]) / parameters["memory_weeks"]
    for i in saw:
        for j in saw:
            if i != j:
                room = (1.0 - parameters["trust_strain"] * state["strain"][i][j]) - state["trust"][i][j]
                state["trust"][i][j] += parameters["win_trust"] * max(0.0, room)


def ask_for_money(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Ask for follow-on money around the end of the grant: record, fit with policy and leadership win it."""
    state, parameters = world["state"], settings["parameters"]
    if week % whole_weeks(parameters["follow_on_every"]) != 0:
        return
    if abs(week - state["grant_until"]) > parameters["follow_on_window"]:
        return
    unled = parameters["follow_on_unled"]
    chance = parameters["follow_on_chance"] * (1.0 - math.exp(-state["wins"] / parameters["follow_on_wins"]))
    chance *= world["context"]["policy_fit"] * (unled + (1.0 - unled) * world["flows"]["leadership"])
    if draw(week, Purpose.FOLLOW_ON, 0, 0)[0] < chance:
        state["grant_until"] = max(state["grant_until"], week + 1) + math.floor(parameters["follow_on_weeks"])
        state["grant_level"] = parameters["follow_on_level"]
        state["grants_won"] += 1


# --- adaptation --------------------------------------------------------------------------------------------


def adaptation(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Sense, deliberate, realign."""
    if world["flows"]["meeting"] != NONE_HELD:
        sense(world, settings)
    if world["flows"]["meeting"] == CORE:
        deliberate(world, settings, draw, week)
    realign(world, settings)


def attendees_of(world: World) -> list[int]:
    """Return those who came to this week's meeting."""
    return [i for i in members_of(world) if world["flows"]["attends"][i]]


def sense(world: World, settings: Settings) -> None:
    """Move the shared picture of needs towards what is sensed."""
    state, need, parameters = world["state"], world["context"]["need"], settings["parameters"]
    base = parameters["sensing_base"]
    watch = base + (1.0 - base) * lever(world, Lever.CONTEXT_SENSING)
    belief = list(state["belief"])
    unseen = 1.0 - parameters["forum_view"] if world["flows"]["forum"] else 1.0
    for d in range(len(THEMES)):
        missed = unseen
        for i in attendees_of(world):
            if world["flows"]["heard"][i]:
                informed = min(1.0, state["holdings"][i][Resource.INFORMATION])
                missed *= 1.0 - vantage(state["role"][i], d) * informed
        belief[d] += parameters["belief_rate"] * watch * (1.0 - missed) * (need[d] - belief[d])
    state["belief"] = normalised(belief)


def deliberate(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Put a gap between picture and activity to the vote."""
    state, parameters = world["state"], settings["parameters"]
    if variation(state["belief"], state["activity"]) <= parameters["gap_threshold"]:
        return
    base = parameters["agenda_base"]
    led = 1.0 - parameters["lead_agenda"] * world["flows"]["led"]
    chance = base + (1.0 - base) * (1.0 - (1.0 - lever(world, Lever.LEADERSHIP)) * led)
    uniforms = draw(week, Purpose.VOTE, 0, 1)
    if uniforms[0] < chance:
        base = parameters["allowed_base"]
        vote(world, settings, draw, week, uniforms[1] < base + (1.0 - base) * world["context"]["policy_fit"])


def log_odds_of_favour(world: World, settings: Settings, i: int) -> float:
    """Return the log-odds that an attendee favours the realignment."""
    state, parameters = world["state"], settings["parameters"]
    others = [j for j in attendees_of(world) if j != i]
    odds = parameters["vote_base"]
    odds += parameters["vote_trust"] * mean([state["trust"][i][j] - state["strain"][i][j] for j in others])
    odds += parameters["vote_understanding"] * state["understanding"]
    if world["flows"]["heard"][i]:
        odds += parameters["vote_heard"]
    loss = 0.0
    for d in range(len(THEMES)):
        loss += vantage(state["role"][i], d) * max(0.0, state["activity"][d] - state["belief"][d])
    return odds - parameters["vote_loss"] * loss


def say_of(world: World, settings: Settings, i: int) -> float:
    """Return the weight of an attendee's vote."""
    power = world["state"]["power"][i]
    if world["state"]["ring"][i] == Ring.RESEARCH_TEAM:
        return power
    base = settings["parameters"]["core_say"]
    return power * (base + (1.0 - base) * lever(world, Lever.INCLUSIVE_DECISIONS))


def vote(world: World, settings: Settings, draw: Draw, week: int, is_allowed: bool) -> None:
    """Decide by say whether the plan becomes what is believed, where a change is allowed."""
    state, flows, parameters = world["state"], world["flows"], settings["parameters"]
    in_favour, present, favouring = 0.0, 0.0, []
    for i in attendees_of(world):
        present += say_of(world, settings, i)
        chance = logistic(log_odds_of_favour(world, settings, i))
        if draw(week, Purpose.VOTE, i, 0)[0] < chance:
            in_favour += say_of(world, settings, i)
            favouring.append(i)
            flows["in_favour"][i] = True
    carried = in_favour >= parameters["decision_share"] * present
    flows["decided"] = 1 if carried else -1
    if carried and is_allowed:
        state["plan"] = list(state["belief"])
    if not carried:
        for i in favouring:
            state["experience"][i][Experience.FRUSTRATION] += (
                parameters["frustration_decision"] / parameters["memory_weeks"]
            )
    for i in attendees_of(world):
        move(state["experience"][i], Experience.DECISION, float(carried), parameters["memory_meetings"])


def realign(world: World, settings: Settings) -> None:
    """Move activity towards the plan."""
    state = world["state"]
    backing = mean([behind(world, settings, i) for i in members_of(world)])
    base, unbacked = settings["parameters"]["realign_base"], settings["parameters"]["realign_unbacked"]
    speed = settings["parameters"]["realign_rate"] * (base + (1.0 - base) * state["coordination"])
    speed *= unbacked + (1.0 - unbacked) * backing
    unfunded = settings["parameters"]["realign_unfunded"]
    spending = world["flows"]["project"] / settings["parameters"]["project_scale"]
    speed *= unfunded + (1.0 - unfunded) * (1.0 - math.exp(-spending))
    for d in range(len(THEMES)):
        state["activity"][d] += speed * (state["plan"][d] - state["activity"][d])


# --- ending ------------------------------------------------------------------------------------------------


def ending(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Find whether the partnership ends, and why."""
    state, parameters = world["state"], settings["parameters"]
    active = [i for i in members_of(world) if state["engagement"][i] >= parameters["active_level"]]
    state["weeks_inactive"] = state["weeks_inactive"] + 1 if len(active) < parameters["min_active"] else 0
    is_silent = state["weeks_without_meeting"] > parameters["meeting_gap"]
    is_met = state["outcome"] >= state["aim"]
    is_renewed = is_met and renew_purpose(world, settings, draw, week)
    reason = Status.ALIVE
    if state["weeks_inactive"] > parameters["grace_weeks"]:
        reason = Status.FAILED
    elif is_silent:
        reason = Status.FAILED if state["meeting_owed"] > 0 else Status.DORMANT
    elif is_met and not is_renewed:
        reason = Status.FULFILLED
    if reason != Status.ALIVE:
        state["status"] = int(reason)
        state["ended_week"] = week


def renew_purpose(world: World, settings: Settings, draw: Draw, week: int) -> bool:
    """Count a purpose met; tell whether a further one is set."""
    state, parameters = world["state"], settings["parameters"]
    state["purposes"] += 1
    will = mean([state["engagement"][i] for i in members_of(world)])
    if draw(week, Purpose.RENEWAL, 0, 0)[0] >= will:
        return False
    state["aim"] += parameters["purpose"] * (1.0 + parameters["renewal_higher"] * state["purposes"])
    return True
