"""What is observed of the reference model (docs/model/model.md, section 8), and what respondents perceive."""

from __future__ import annotations

import math

from sim.core.rulers import RULERS
from sim.core.vocabulary import Experience
from tests.reference.common import World, clip, mean, members_of, variation

MISSING = math.nan
FIRST_WEEKS = 26
"""Weeks after a dated change before the answer to it is judged."""


class Observer:
    """Watches a run from week 0 on: skill is judged by what went before."""

    def __init__(self, world: World) -> None:
        self.activity: list[list[float]] = []
        self.need: list[list[float]] = []
        self.watch(world)

    def watch(self, world: World) -> dict[str, float]:
        """Take note of the week that has gone by; return what is observed of it."""
        self.activity.append(list(world["state"]["activity"]))
        self.need.append(list(world["context"]["need"]))
        return (
            observed_of_joint_work(world)
            | observed_of_ties(world)
            | observed_of_benefits(world)
            | {
                "adaptation": self.adaptation(),
                "adaptation_to_change": self.answer(world["context"]["changed_week"]),
                "vitality": vitality(world),
                "output": world["flows"]["output"],
            }
            | costs_of(world)
        )

    def skill_since(self, first: int) -> float:
        """Return the skill since a week against a twin that has stood still."""
        weeks = range(first + 1, len(self.need))
        still = [variation(self.activity[first], self.need[s]) for s in weeks]
        if mean(still) < RULERS["skill_least_error"]:
            return MISSING
        error = sum(variation(self.activity[s], self.need[s]) for s in weeks)
        return max(-1.0, 1.0 - error / sum(still))

    def adaptation(self) -> float:
        """Return the skill over the window, missing in the first weeks."""
        week = len(self.need) - 1
        if week < RULERS["skill_from_week"]:
            return MISSING
        return self.skill_since(max(0, week - int(RULERS["skill_window"])))

    def answer(self, changed: int) -> float:
        """Return the skill since a dated change, missing too soon after it, too late and without one."""
        week = len(self.need) - 1
        if changed < 0 or not changed + FIRST_WEEKS <= week <= changed + RULERS["change_window"]:
            return MISSING
        return self.skill_since(changed)


def observed_of_joint_work(world: World) -> dict[str, float]:
    """Return integration of resources."""
    joint, alone = world["flows"]["joint"], world["flows"]["alone"]
    most = max(joint, alone)
    share = (joint - alone) / most if most > 0 else 0.0
    return {"integration": share if members_of(world) else MISSING}


def costs_of(world: World) -> dict[str, float]:
    """Return what a plan has cost so far, in money and in hours."""
    state = world["state"]
    return {
        "money_spent": state["spent"],
        "staff_hours": state["staff_hours"],
        "member_hours": state["member_hours"],
    }


def spread_of(values: list[float]) -> float:
    """Return the standard deviation of all there are."""
    middle = mean(values)
    return math.sqrt(mean([(value - middle) ** 2 for value in values]))


def observed_of_ties(world: World) -> dict[str, float]:
    """Return partnership atmosphere and its spread."""
    state = world["state"]
    active = [i for i in members_of(world) if state["engagement"][i] >= state["active_level"]]
    if len(active) < 2:
        return {"atmosphere": MISSING, "atmosphere_spread": MISSING}
    own = [mean([state["trust"][i][j] - state["strain"][i][j] for j in active if j != i]) for i in active]
    return {"atmosphere": mean(own), "atmosphere_spread": spread_of(own)}


def observed_of_benefits(world: World) -> dict[str, float]:
    """Return perceived benefits, their spread, and the mean of the worst-off role."""
    state, members = world["state"], members_of(world)
    if not members:
        return dict.fromkeys(("benefit", "benefit_spread", "benefit_worst_role"), MISSING)
    net = {i: state["benefit"][i] - state["drawback"][i] for i in members}
    roles = {state["role"][i] for i in members}
    by_role = [mean([net[i] for i in members if state["role"][i] == role]) for role in roles]
    values = list(net.values())
    return {"benefit": mean(values), "benefit_spread": spread_of(values), "benefit_worst_role": min(by_role)}


def vitality(world: World) -> float:
    """Return vitality, by behaviour."""
    state, members = world["state"], members_of(world)
    if not members or state["turnout"] < 0 or state["offering"] < 0:
        return MISSING
    filled = len(members) / sum(state["is_seat"])
    return mean([state["turnout"], state["offering"], world["flows"]["effort"], filled])


def perceived(world: World, i: int) -> dict[str, float]:
    """Return what a respondent perceives of each dimension (docs/model/questionnaire.md)."""
    state, met = world["state"], world["state"]["experience"][i]
    others = [j for j in members_of(world) if j != i]
    synergy = 0.5 * (1.0 - math.exp(-RULERS["perceived_used"] * met[Experience.USED]))
    synergy += 0.5 * (1.0 - math.exp(-RULERS["perceived_wins"] * met[Experience.WIN]))
    burden = RULERS["perceived_hours"] * met[Experience.HOURS]
    timely = math.exp(-met[Experience.FRUSTRATION]) * synergy / (synergy + burden) if synergy > 0 else 0.0
    say, decided = RULERS["perceived_say"], met[Experience.DECISION]
    ties = mean([state["trust"][i][j] for j in others]) - mean([state["strain"][i][j] for j in others])
    return {
        "synergy": synergy,
        "leadership": 0.5 * met[Experience.COMPANY] + 0.5 * decided,
        "efficiency": timely,
        "administration": met[Experience.ORDER],
        "nonfinancial_resources": 1.0 - math.exp(-RULERS["perceived_received"] * met[Experience.RECEIVED]),
        "decision_making": say * met[Experience.HEARD] + (1.0 - say) * decided,
        "trust": clip(0.5 + ties, 0.0, 1.0),
        "benefits": state["benefit"][i],
        "drawbacks": state["drawback"][i],
        "satisfaction": 0.5 + 0.5 * (state["benefit"][i] - state["drawback"][i]),
    }
