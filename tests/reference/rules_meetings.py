"""Meetings (7.3) and encounters (7.4)."""

from __future__ import annotations

import math

from sim.core.traits import STAKE
from sim.core.vocabulary import Experience, Lever, Purpose, Resource, Ring, ShockKind
from tests.reference.common import (
    ROLES,
    THEMES,
    Settings,
    World,
    active_size,
    burden,
    clip,
    give_time,
    lever,
    logistic,
    members_of,
    move,
    permitted,
    prior_trust,
    structural_power,
    vantage,
    whole_weeks,
)
from tests.reference.philox import Draw

NONE_HELD, RESEARCH, CORE = 0, 1, 2
"""Values of the flow ``meeting``."""


# --- meetings ----------------------------------------------------------------------------------------------


def meetings(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let power drift, and hold the meeting that is due, if somebody convenes it."""
    state, flows = world["state"], world["flows"]
    drift_power(world, settings)
    due = max(meeting_due(settings, week), state["meeting_owed"])
    if due != NONE_HELD:
        uniforms = draw(week, Purpose.ATTENDANCE, 0, 1)
        is_convened = uniforms[1] < chance_of_convening(world, settings)
        state["meeting_owed"] = NONE_HELD if is_convened else due
        if is_convened:
            hold(world, settings, draw, week, due, uniforms)
    if flows["meeting"] == NONE_HELD:
        state["weeks_without_meeting"] += 1
    else:
        state["weeks_without_meeting"] = 0


def organised(world: World, settings: Settings) -> float:
    """Return c: how far staff hours see to it that people come together."""
    return 1.0 - math.exp(-world["flows"]["staffed"] / settings["parameters"]["convene_hours"])


def chance_of_convening(world: World, settings: Settings) -> float:
    """Return the chance that somebody convenes a meeting: of itself, staff, or the one who leads."""
    missed = 1.0 - settings["parameters"]["convene_self"]
    missed *= 1.0 - organised(world, settings)
    return 1.0 - missed * (1.0 - world["flows"]["leadership"])


def hold(world: World, settings: Settings, draw: Draw, week: int, due: int, uniforms: list[float]) -> None:
    """Invite to a meeting that is convened, and hold it where it is not lost."""
    flows = world["flows"]
    invite(world, due)
    if uniforms[0] >= active_size(world, ShockKind.LOST_MEETINGS, week):
        attend(world, settings, draw, week)
    remember_absence(world, settings)
    if flows["n_attends"] > 0:
        flows["meeting"] = due
        world["state"]["meetings"] += 1
        if due == CORE and is_forum(world, settings, week, uniforms[2]):
            flows["forum"] = 1
            world["state"]["forums"] += 1
            world["state"]["guests_ever"] += guests_of(settings)
        pay_for_meeting(world, settings)
        practise_leading(world, settings)
        take_part(world, settings, draw, week)


def is_forum(world: World, settings: Settings, week: int, uniform: float) -> bool:
    """Tell whether a core meeting is a forum: the next one is due, and organised."""
    every = settings["parameters"]["forum_every"]
    is_time = every > 0 and week >= every * (world["state"]["forums"] + 1)
    return is_time and uniform < organised(world, settings)


def guests_of(settings: Settings) -> int:
    """Return how many people come to a forum for the day."""
    return math.floor(settings["parameters"]["forum_guests"] + 0.5)


def drift_power(world: World, settings: Settings) -> None:
    """Let power return to its structural share."""
    power = world["state"]["power"]
    structural = structural_power(world, settings, members_of(world))
    for i, share in structural.items():
        power[i] += settings["parameters"]["power_drift"] * (share - power[i])


def meeting_due(settings: Settings, week: int) -> int:
    """Return which meeting this week's cadence asks for."""
    parameters = settings["parameters"]
    if week % whole_weeks(parameters["meeting_every_core"]) == 0:
        return CORE
    if week % whole_weeks(parameters["meeting_every_research"]) == 0:
        return RESEARCH
    return NONE_HELD


def invite(world: World, due: int) -> None:
    """Invite all members, or the research team."""
    for i in members_of(world):
        if due == CORE or world["state"]["ring"][i] == Ring.RESEARCH_TEAM:
            world["flows"]["invited"][i] = True
            world["flows"]["n_invited"] += 1


def log_odds_of_coming(world: World, settings: Settings, i: int, week: int) -> float:
    """Return the log-odds that an invited member comes."""
    state, parameters = world["state"], settings["parameters"]
    odds = parameters["attend_base"]
    odds += parameters["attend_engagement"] * (state["engagement"][i] - parameters["attend_middle"])
    odds += parameters["attend_stake"] * STAKE[ROLES[state["role"][i]]]
    odds += parameters["attend_leadership"] * lever(world, Lever.LEADERSHIP)
    if state["organisation_id"][i] == -1:
        odds += parameters["attend_support"] * lever(world, Lever.PARTICIPATION_SUPPORT)
    odds -= parameters["attend_drawback"] * state["drawback"][i]
    odds += parameters["online_attendance"] * active_size(world, ShockKind.ONLINE_MEETINGS, week)
    return odds


def attend(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Find who comes; a meeting of fewer than two is none."""
    flows = world["flows"]
    coming = []
    for i in members_of(world):
        if flows["invited"][i]:
            chance = logistic(log_odds_of_coming(world, settings, i, week))
            uniforms = draw(week, Purpose.ATTENDANCE, i, 0)
            if uniforms[0] < chance and uniforms[1] < permitted(world, settings, i):
                coming.append(i)
    if len(coming) >= 2:
        for i in coming:
            flows["attends"][i] = True
        flows["n_attends"] = len(coming)


def remember_absence(world: World, settings: Settings) -> None:
    """Let those invited remember whether they were away, and the partnership how many came."""
    state, flows, length = world["state"], world["flows"], settings["parameters"]["memory_meetings"]
    for i in members_of(world):
        if flows["invited"][i]:
            move(state["experience"][i], Experience.ABSENT, float(not flows["attends"][i]), length)
    if flows["n_invited"] > 0:
        share = flows["n_attends"] / flows["n_invited"]
        first = state["turnout"] < 0.0
        state["turnout"] = share if first else state["turnout"] + (share - state["turnout"]) / length


def view_used(world: World, i: int) -> float:
    """Return the chance that what an attendee sees is used, once it is heard."""
    role, activity = world["state"]["role"][i], world["state"]["activity"]
    best = max(vantage(role, d) for d in range(len(THEMES)))
    return sum(activity[d] * vantage(role, d) for d in range(len(THEMES))) / best


def pay_for_meeting(world: World, settings: Settings) -> None:
    """Pay for the meeting, and for those whose time is not paid, as far as the purse reaches."""
    state, flows, parameters = world["state"], world["flows"], settings["parameters"]
    unpaid = [i for i in members_of(world) if flows["attends"][i] and state["organisation_id"][i] == -1]
    guests = guests_of(settings) if flows["forum"] else 0
    price = parameters["meeting_price"] * (flows["n_attends"] + guests)
    price += parameters["support_price"] * lever(world, Lever.PARTICIPATION_SUPPORT) * len(unpaid)
    paid = min(price, max(0.0, state["pool"][Resource.FUNDING]))
    state["pool"][Resource.FUNDING] -= paid
    state["spent"] += paid


def log_odds_of_hearing(world: World, settings: Settings, i: int) -> float:
    """Return the log-odds that an attendee is heard."""
    state, parameters = world["state"], settings["parameters"]
    odds = parameters["heard_base"] + parameters["heard_power"] * (state["power"][i] - 1.0)
    odds += parameters["heard_sharing"] * lever(world, Lever.POWER_SHARING)
    if state["ring"][i] == Ring.CORE_TEAM:
        odds += parameters["heard_inclusive"] * lever(world, Lever.INCLUSIVE_DECISIONS)
    return odds


def practise_leading(world: World, settings: Settings) -> None:
    """Let the one who leads, if there, learn by doing, and share it with those who are there."""
    state, flows, parameters = world["state"], world["flows"], settings["parameters"]
    leader = flows["leader"]
    if leader == -1 or not flows["attends"][leader]:
        return
    flows["led"] = flows["leadership"]
    example = state["leading"][leader]
    mentoring = parameters["lead_share"] * lever(world, Lever.LEADERSHIP)
    for j in members_of(world):
        if flows["attends"][j] and j != leader:
            state["leading"][j] += mentoring * max(0.0, example - state["leading"][j])
    state["leading"][leader] += parameters["lead_gain"] * (1.0 - example)


def hours_of_meeting(world: World, settings: Settings, week: int) -> float:
    """Return the hours that the meeting takes an attendee, by the clock."""
    parameters = settings["parameters"]
    length = parameters["forum_hours"] if world["flows"]["forum"] else parameters["meeting_hours"]
    return length * (1.0 - parameters["online_hours"] * active_size(world, ShockKind.ONLINE_MEETINGS, week))


def take_part(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let attendees spend hours, be heard or not, and become full members."""
    state, flows, parameters = world["state"], world["flows"], settings["parameters"]
    hours = hours_of_meeting(world, settings, week)
    welcome = parameters["orientation_gain"] * lever(world, Lever.ORIENTATION)
    welcome = min(1.0, parameters["orientation_base"] + welcome)
    length = parameters["memory_meetings"]
    for i in members_of(world):
        if not flows["attends"][i]:
            continue
        flows["hours"][i] += hours * burden(world, settings, i)
        give_time(world, i, hours)
        uniforms = draw(week, Purpose.HEARD, i, 0)
        heard = uniforms[0] < logistic(log_odds_of_hearing(world, settings, i))
        in_order = uniforms[1] < state["coordination"]
        used = heard and uniforms[2] < view_used(world, i)
        flows["heard"][i] = heard
        if heard:
            state["power"][i] += parameters["power_step"] * max(0.0, 1.0 - state["power"][i])
        state["standing"][i] += welcome * (1.0 - state["standing"][i])
        met = state["experience"][i]
        move(met, Experience.HEARD, float(heard), length)
        move(met, Experience.UNHEARD, float(not heard), length)
        move(met, Experience.USED, float(used), length)
        move(met, Experience.COMPANY, flows["n_attends"] / flows["n_invited"], length)
        move(met, Experience.ORDER, float(in_order), length)


# --- encounters --------------------------------------------------------------------------------------------


def encounters(world: World, settings: Settings, draw: Draw, week: int) -> None:
    """Let ties fade, and let attendees meet in pairs."""
    state, flows, parameters = world["state"], world["flows"], settings["parameters"]
    fade_ties(world, settings)
    attendees = [i for i in members_of(world) if flows["attends"][i]]
    if len(attendees) < 2:
        return
    longer = parameters["forum_hours"] / parameters["meeting_hours"] if flows["forum"] else 1.0
    chance = min(1.0, parameters["encounters_per_meeting"] * longer / (len(attendees) - 1))
    communicated = 0
    for i in attendees:
        for j in attendees:
            if i < j and draw(week, Purpose.ENCOUNTER, i, j)[0] < chance:
                communicated += encounter(world, settings, draw, week, i, j)
    before = state["understanding"]
    gain = parameters["understanding_gain"] * communicated / len(attendees) * (1.0 - before)
    loss = parameters["understanding_break"] * world["flows"]["n_unhandled"] / len(attendees) * before
    state["understanding"] = clip(before + gain - loss, 0.0, 1.0)


def fade_ties(world: World, settings: Settings) -> None:
    """Let trust return to its prior, strain heal, familiarity and understanding fade."""
    state, parameters = world["state"], settings["parameters"]
    for i in members_of(world):
        for j in members_of(world):
            if i != j:
                prior = prior_trust(world, settings, i, j)
                state["trust"][i][j] += parameters["trust_fade"] * (prior - state["trust"][i][j])
                state["strain"][i][j] *= 1.0 - parameters["strain_heal"]
                state["familiarity"][i][j] *= 1.0 - parameters["familiarity_fade"]
    state["understanding"] *= 1.0 - parameters["understanding_fade"]


def difference_between(world: World, settings: Settings, i: int, j: int) -> float:
    """Return how unlike two seats are."""
    role, organisation = world["state"]["role"], world["state"]["organisation_id"]
    apart = organisation[i] != organisation[j] or organisation[i] == -1 or organisation[j] == -1
    parameters = settings["parameters"]
    return parameters["difference_role"] * (role[i] != role[j]) + parameters["difference_organisation"] * apart


def encounter(world: World, settings: Settings, draw: Draw, week: int, i: int, j: int) -> int:
    """Let two attendees deal with each other; return 1 if they understand each other."""
    state, flows, parameters = world["state"], world["flows"], settings["parameters"]
    uniforms = draw(week, Purpose.ENCOUNTER, i, j)
    back = draw(week, Purpose.ENCOUNTER, j, i)
    online = active_size(world, ShockKind.ONLINE_MEETINGS, week)
    power = state["power"]
    total = power[i] + power[j]
    gap = abs(power[i] - power[j]) / total if total > 0 else 0.0

    base = parameters["communication_base"]
    chance = base + (1.0 - base) * lever(world, Lever.COMMUNICATION)
    chance *= 1.0 - parameters["online_communication"] * online
    communicates = uniforms[1] < chance

    chance = parameters["conflict_rate"] * difference_between(world, settings, i, j)
    chance *= 1.0 - parameters["conflict_understanding"] * state["understanding"]
    known = 0.5 * (state["familiarity"][i][j] + state["familiarity"][j][i])
    chance *= 1.0 - parameters["conflict_familiarity"] * known
    conflict = uniforms[2] < chance * (parameters["conflict_equal"] + gap)

    base, weight = parameters["handling_base"], parameters["handling_trust"]
    trusted = 1.0 - weight + weight * 0.5 * (state["trust"][i][j] + state["trust"][j][i])
    helped = 1.0 - (1.0 - lever(world, Lever.CONFLICT_HANDLING)) * (1.0 - parameters["lead_conflict"] * flows["led"])
    handled = conflict and uniforms[3] < base + (1.0 - base) * helped * trusted

    base = parameters["personal_base"]
    chance = base + (1.0 - base) * lever(world, Lever.RELATIONSHIP_BUILDING)
    personal = back[0] < chance * (1.0 - parameters["online_personal"] * online)

    for one, other in ((i, j), (j, i)):
        grow_familiarity(world, settings, one, other, communicates, personal)
        change_strain(world, settings, one, other, conflict, handled)
        change_trust(world, settings, one, other, gap, personal, conflict, handled)
        flows["met"][one][other] = True
        flows["partners"][one] += 1
        if conflict and not handled:
            flows["frustration"][one] += 1
    flows["n_encounters"] += 1
    flows["n_conflicts"] += int(conflict)
    flows["n_unhandled"] += int(conflict and not handled)
    return int(communicates)


def grow_familiarity(world: World, settings: Settings, i: int, j: int, communicates: bool, personal: bool) -> None:
    """Let i get to know j better."""
    familiarity, parameters = world["state"]["familiarity"], settings["parameters"]
    share = parameters["familiarity_personal"]
    strength = (1.0 - share) * communicates + share * personal
    gain = parameters["familiarity_gain"] * strength * (1.0 - familiarity[i][j])
    familiarity[i][j] += gain
    world["flows"]["contact"][i] += gain


def change_strain(world: World, settings: Settings, i: int, j: int, conflict: bool, handled: bool) -> None:
    """Change the strain that i feels towards j."""
    strain, power, parameters = world["state"]["strain"], world["state"]["power"], settings["parameters"]
    if handled:
        strain[i][j] *= 1.0 - parameters["strain_relief"]
    elif conflict:
        strain[i][j] += parameters["strain_gain"] * (1.0 - strain[i][j])
    total = power[i] + power[j]
    weaker = max(0.0, (power[j] - power[i]) / total) if total > 0 else 0.0
    strain[i][j] += parameters["strain_power"] * weaker * (1.0 - strain[i][j])


def change_trust(
    world: World,
    settings: Settings,
    i: int,
    j: int,
    gap: float,
    personal: bool,
    conflict: bool,
    handled: bool,
) -> None:
    """Move the trust of i in j to the evidence."""
    state, parameters = world["state"], settings["parameters"]
    evidence = parameters["evidence_base"]
    if personal:
        evidence += parameters["evidence_personal"]
    evidence += parameters["evidence_understanding"] * state["understanding"]
    felt = math.tanh(state["balance"][i][j] / parameters["balance_scale"])
    evidence += parameters["evidence_balance"] * felt
    evidence += parameters["evidence_given"] * state["use"][j][i]
    evidence -= parameters["evidence_power"] * gap
    if handled:
        evidence += parameters["evidence_handled"]
    elif conflict:
        evidence -= parameters["evidence_unhandled"]
    evidence = clip(evidence, 0.0, 1.0) * (1.0 - parameters["trust_strain"] * state["strain"][i][j])
    trust = state["trust"][i]
    speed = parameters["trust_gain"]
    if evidence < trust[j]:
        speed = min(1.0, parameters["trust_gain"] * parameters["trust_loss_ratio"])
    trust[j] += speed * (evidence - trust[j])
