"""What a run reads besides the world: parameters by name, tables by number, choices, what happens when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, make_dataclass

from sim.core.parameters import LEVERS, PARAMETERS
from sim.core.scenario import Change, Post, Scenario, Shock
from sim.core.traits import ENDOWMENT, EXPOSURE, LEADING, RELEVANCE, STAKE, TRAITS, VANTAGE
from sim.core.vocabulary import Resource, words

KINDS = words(Resource)
FUNDING, INFORMATION = int(Resource.FUNDING), int(Resource.INFORMATION)
CONNECTIONS, LEGITIMACY = int(Resource.CONNECTIONS), int(Resource.LEGITIMACY)

RULES_OFF_UNDER_TURNOVER_ONLY = ("encounters", "exchange", "integration", "appraisal", "progress", "adaptation")

# Tables of roles and kinds as rows in the order of the vocabulary.
ROLE_ENDOWMENT = [list(column) for column in zip(*(row.values() for row in ENDOWMENT.values()), strict=True)]
ROLE_VANTAGE = [list(row.values()) for row in VANTAGE.values()]
ROLE_STAKE = list(STAKE.values())
ROLE_EXPOSURE = list(EXPOSURE.values())
ROLE_LEADING = list(LEADING.values())
KIND_RELEVANCE = [list(row.values()) for row in RELEVANCE.values()]


Parameters = make_dataclass("Parameters", list(PARAMETERS), slots=True)
"""Every row of the parameter table as an attribute; with slots, for they are read millions of times."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind of resource and its traits in this run."""

    number: int
    is_rival: bool
    fade: float
    renewal: float
    ease: float
    ceiling: float
    cost: float
    relevance: list[float]


def kind_of(number: int, scenario: Scenario) -> Kind:
    """Return a kind of resource with the traits that a scenario gives it."""
    name = KINDS[number]
    traits = {trait: float(scenario.traits.get(f"{name}.{trait}", value)) for trait, value in TRAITS[name].items()}
    return Kind(number, traits.pop("rival") > 0.0, **traits, relevance=KIND_RELEVANCE[number])


class Settings:
    """Settings of one run, read from a scenario once.

    Attributes
    ----------
    parameters : Parameters
        Every row of the parameter table by name, as float.
    enabling : dict of str to float
        Levers at the start.
    kinds, nonrival : list of Kind
        All kinds of resource, and those that can be shared without loss.
    shocks, changes : dict of int to list
        Dated events by week, in the order of the scenario.
    rules_off : set of str
        Rules that do not act.
    """

    def __init__(self, scenario: Scenario) -> None:
        values = {name: scenario.parameters.get(name, row.default) for name, row in PARAMETERS.items()}
        self.parameters = Parameters(**{name: float(value) for name, value in values.items()})
        self.enabling = {name: float(scenario.enabling.get(name, row.default)) for name, row in LEVERS.items()}
        self.kinds = [kind_of(number, scenario) for number in range(len(KINDS))]
        self.nonrival = [kind for kind in self.kinds if not kind.is_rival]
        self.cause = scenario.cause
        self.route = scenario.route
        self.organisations_hand_on = scenario.buffer in ("organisation", "both")
        self.coordinators_hand_on = scenario.buffer in ("coordinator", "both")
        self.is_exchange_random = scenario.null_model == "random_exchange"
        self.recruiting = [float(weight) for weight in scenario.recruiting]
        self.capacity = scenario.capacity
        self.rules_off = set(scenario.rules_off)
        if scenario.null_model == "turnover_only":
            self.rules_off.update(RULES_OFF_UNDER_TURNOVER_ONLY)
        self.shocks: defaultdict[int, list[Shock]] = defaultdict(list)
        for shock in scenario.shocks:
            self.shocks[shock.week].append(shock)
        self.changes: defaultdict[int, list[Change]] = defaultdict(list)
        for change in scenario.schedule:
            self.changes[change.week].append(change)
        self._posts: tuple[Post, ...] = scenario.paid_posts
        self.questionnaire_weeks = frozenset(scenario.questionnaire_weeks)

    def posts_of(self, place: int) -> list[Post]:
        """Return the posts of a founding seat."""
        return [post for post in self._posts if post.of(place)]
