"""The partnership: what it is at the start, and what a week does to it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, NamedTuple

import mesa
import numpy as np

from experiments.benchmark.mesa_version.adaptation import adapt
from experiments.benchmark.mesa_version.agents import StakeholderAgent
from experiments.benchmark.mesa_version.encounters import encounter
from experiments.benchmark.mesa_version.exchange import exchange
from experiments.benchmark.mesa_version.flows import NO_MEETING, Flows, Ledger
from experiments.benchmark.mesa_version.formulas import normalised
from experiments.benchmark.mesa_version.integration import integrate
from experiments.benchmark.mesa_version.meetings import meet
from experiments.benchmark.mesa_version.metrics import observe
from experiments.benchmark.mesa_version.organisation import Organisation
from experiments.benchmark.mesa_version.progress import progress
from experiments.benchmark.mesa_version.questionnaire import ANSWER_COLUMNS, survey_members
from experiments.benchmark.mesa_version.roster import Roster
from experiments.benchmark.mesa_version.settings import KINDS, Settings
from experiments.benchmark.mesa_version.staffing import staff
from experiments.benchmark.mesa_version.surroundings import Surroundings, change_context
from experiments.benchmark.mesa_version.turnover import turn_over
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.traits import START_EXPERIENCE
from sim.core.vocabulary import LeavingCause, Role, Status, Theme

if TYPE_CHECKING:
    from sim.core.scenario import Post, Scenario, Seat


def appraise(model: MesaPartnership) -> None:
    """Rule 7: members weigh what they met."""
    for member in model.roster.members:
        member.appraise()


def end(model: MesaPartnership) -> None:
    """Rule 10: find whether the partnership ends, and why."""
    p = model.settings.parameters
    active = sum([member.engagement >= p.active_level for member in model.roster.members])
    model.weeks_inactive = model.weeks_inactive + 1 if active < p.min_active else 0
    if model.weeks_inactive > p.grace_weeks:
        model.status = Status.FAILED
    elif model.weeks_without_meeting > p.meeting_gap:
        model.status = Status.FAILED if model.meeting_owed else Status.DORMANT
    is_renewed = model.outcome < model.aim or takes_up_a_higher_aim(model)
    if model.status == Status.ALIVE and not is_renewed:
        model.status = Status.FULFILLED
    if model.status != Status.ALIVE:
        model.ended_week = model.week
        model.running = False


def takes_up_a_higher_aim(model: MesaPartnership) -> bool:
    """Count a purpose that is met, and find whether members, by how engaged they are, take up a higher one."""
    p, members = model.settings.parameters, model.roster.members
    model.purposes += 1
    willing = sum([member.engagement for member in members]) / (len(members) or 1)
    if model.random.random() >= willing:
        return False
    model.aim += p.purpose * (1.0 + p.renewal_higher * model.purposes)
    return True


class PostToCome(NamedTuple):
    """A coordinator's founding seat that opens with the first of its posts."""

    seat: Seat
    home: Organisation | None
    posts: list[Post]


RULES = {
    "context": change_context,
    "turnover": turn_over,
    "meetings": meet,
    "encounters": encounter,
    "exchange": exchange,
    "integration": integrate,
    "appraisal": appraise,
    "progress": progress,
    "adaptation": adapt,
    "ending": end,
}
"""The ten rules of a week, in the order in which they act."""


class MesaPartnership(mesa.Model):
    """One partnership, after docs/model/model.md.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    seed : int, optional
        Seed of Mesa's generators.
    rng : int, optional
        The same, under the name that newer Mesa prefers; give one of the two.

    Attributes
    ----------
    datacollector : mesa.DataCollector
        Tables ``weekly`` (a row per week that it was alive, the start first) and ``answers`` (a row per wave).
        Tables, because the metrics of a week share passes over agents and ties: a reporter each would make 44,
        and the collector deep-copies what reporters return (13 µs a week against 3 for a row).
    status, ended_week : Status, int
        Alive or why it ended, and when (-1).
    """

    def __init__(self, scenario: Scenario, seed: int | None = None, rng: int | None = None) -> None:
        super().__init__(seed=seed, rng=rng)
        self.settings = Settings(scenario)
        self.weeks = scenario.weeks
        self.rules = [rule for name, rule in RULES.items() if name not in self.settings.rules_off]
        self.datacollector = mesa.DataCollector(tables={"weekly": OBSERVED_NAMES, "answers": ANSWER_COLUMNS})
        self.week = 0
        self.status = Status.ALIVE
        self.ended_week = -1
        self._start_state(scenario)
        self._found_seats(scenario)
        self._found_work(scenario)
        self._collect()

    def step(self) -> None:
        """Let one week pass."""
        if self.status != Status.ALIVE:
            return
        self.week += 1
        self.flows = Flows()
        staff(self)
        for rule in self.rules:
            rule(self)
        if self.status == Status.ALIVE:
            self._collect()
        if self.week == self.weeks:
            self.running = False

    def _collect(self) -> None:
        """Write the metrics of the week, and the answers if the questionnaire is due."""
        self.activity_history[self.week] = self.activity
        self.need_history[self.week] = self.surroundings.need
        self.datacollector.add_table_row("weekly", observe(self))
        if self.week in self.settings.questionnaire_weeks:
            self.datacollector.add_table_row("answers", survey_members(self))

    # --- the start -----------------------------------------------------------------------------------------

    def _start_state(self, scenario: Scenario) -> None:
        """Set everything that does not depend on who founds the partnership."""
        p = self.settings.parameters
        self.surroundings = Surroundings(scenario.need, p.policy_start)
        self.flows, self.ledger = Flows(), Ledger()
        self.enabling = dict(self.settings.enabling)
        self.levers = SimpleNamespace(**dict.fromkeys(self.enabling, 0.0))
        self.facilitator_hours = p.facilitator_hours
        self.grant_until, self.grant_level, self.grants_won = int(p.funding_end_week), 1.0, 0
        self.staff_hours = self.member_hours = 0.0
        self.left_for = dict.fromkeys(LeavingCause, 0)
        self.posts_to_come: list[PostToCome] = []
        self.meeting_owed = NO_MEETING
        self.meetings = self.forums = self.guests_ever = 0
        self.purse = p.start_purse
        self.pool = [0.0] * len(KINDS)
        self.pipeline = [0.0, 0.0, 0.0]
        self.understanding, self.coordination = p.start_understanding, p.start_coordination
        self.ambition = p.start_ambition
        self.aim, self.purposes = p.purpose, 0
        self.turnout: float | None = None
        self.offering: float | None = None
        self.changed_week = -1
        self.outcome = self.win_progress = self.win_memory = 0.0
        self.wins = self.leavers = self.people_ever = 0
        self.weeks_without_meeting = self.weeks_inactive = 0
        self.activity_history = np.empty((scenario.weeks + 1, len(Theme)))
        self.need_history = np.empty((scenario.weeks + 1, len(Theme)))

    def _found_seats(self, scenario: Scenario) -> None:
        """Fill the founding seats, in the order of the case."""
        p = self.settings.parameters
        self.organisations = [
            Organisation(home.backing, home.backing, int(p.founding_weeks), place)
            for place, home in enumerate(scenario.organisations)
        ]
        self.n_founding_organisations = len(scenario.organisations)
        self.roster = Roster(p, scenario.capacity)
        for place, seat in enumerate(scenario.seats):
            home = self.organisations[seat.organisation] if seat.organisation >= 0 else None
            posts = self.settings.posts_of(place)
            if seat.role == Role.COORDINATOR and posts and min(post.from_week for post in posts) > 1:
                self.posts_to_come.append(PostToCome(seat, home, posts))
                continue
            agent = StakeholderAgent(self, seat.role, seat.ring, home)
            agent.draw_endowment()
            agent.holdings = list(agent.endowment)
            agent.posts = posts
            agent.seat_person(self.people_ever, 1.0, START_EXPERIENCE)
            self.people_ever += 1
        self.n_founders = self.people_ever
        self.roster.count()
        mean_power = sum(self.agents.map("raw_power")) / len(self.agents)
        for tie in self.roster.ties:
            tie.familiarity, tie.use = p.founding_familiarity, p.founding_use
        for member in self.agents:
            member.power = member.raw_power() / mean_power
        self.agents.do("begin")

    def _found_work(self, scenario: Scenario) -> None:
        """Let people do what they know: in part what is needed, in part what founders see."""
        share = self.settings.parameters.founding_need
        seen = normalised([sum(views) for views in zip(*self.agents.get("vantage"), strict=True)])
        self.activity = [share * n + (1.0 - share) * v for n, v in zip(self.surroundings.need, seen, strict=True)]
        self.belief, self.plan = list(self.activity), list(self.activity)
