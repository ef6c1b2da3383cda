"""A partnership as a ``mesa.Model``: it calls the same compiled step as an ensemble, and does no arithmetic of its own.

Importing this module imports Mesa, which sets the start method of new processes to *spawn* for the whole
program; so nothing else in the package imports it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.core.asked import EVERYTHING
from sim.core.engine import check_key
from sim.core.gate import did_you_mean
from sim.core.lanes.records import Record
from sim.core.loop import SURVEY, record_week
from sim.core.metric_table import METRICS, N_OBSERVED, OBSERVED_NAMES
from sim.core.metrics import HISTORY, OBSERVED, WEEKLY, asked_record
from sim.core.scenario import Scenario
from sim.core.state import moment
from sim.core.step import step
from sim.core.vocabulary import Status, word
from sim.core.world import new_world
from sim.mesa_front.stakeholder import Stakeholder, columns_of

Reporters = Mapping[str, str | Callable[[Any], Any]]

AGENT_REPORTERS = {
    "row": "row",
    "person": "person",
    "engagement": "engagement",
    "own_benefit": "benefit",
    "own_drawback": "drawback",
    "power": "power",
    "standing": "standing",
    "tenure": "tenure",
}
"""What is collected of stakeholders by default, beside the word for the role.

No name is that of a metric, because ``mesa.batch_run`` puts both into one row.
"""


class PartnershipModel(mesa.Model):
    """One run of one scenario, stepped by Mesa; equal to the bit to the same run in an ensemble.

    Parameters
    ----------
    scenario : Scenario
        What to run (``sim.make_scenario("pccp")``).
    replicate : int
        Number of the replicate, 0 to 2**32 - 1.
    run_seed : int, optional
        Random seed, 0 to 2**32 - 1. (Not called ``seed``: ``mesa.batch_run`` of newer Mesa overwrites a
        parameter of that name.)
    model_reporters, agent_reporters : mapping, optional
        As for ``mesa.DataCollector``; by default ``metric_reporters()`` and ``stakeholder_reporters()``. To add to
        them: ``model_reporters=metric_reporters() | {"mine": mine}``.
    rng : int, optional
        The same as ``run_seed``, under the name by which newer Mesa hands over seeds. When neither is given a seed is
        drawn and kept in ``seed``. Mesa's own generators are seeded by it, but no rule uses them.

    Attributes
    ----------
    seed : int
        Seed of the run, given or drawn.
    simulated : Scenario
        What is run. (Newer Mesa keeps the name ``scenario`` for an object of its own.)
    state, context, flows : records
        The memory of the compiled rules: the next step sees what is written to it.
    columns : dict of str to array
        Views of those fields that have a row per seat.
    weekly : (T + 1, N_OBSERVED) float64
        Metrics per week so far; NaN is missing or still to come.
    today : list of float
        This week's row of it.
    answers : (W, 11) float64
        Mean answers to the questionnaire and number returned, per wave.
    status : Status
        Alive, or why the partnership ended.

    Raises
    ------
    ScenarioError
        When seed or replicate is out of range.
    TypeError
        When ``scenario`` is something else, such as the name of a case.
    ValueError
        When both ``run_seed`` and ``rng`` are given.

    Examples
    --------
    >>> import sim
    >>> model = PartnershipModel(sim.make_scenario("pccp"), replicate=3, run_seed=1)
    >>> model.run_weeks(52)
    >>> len(model.agents.select(lambda member: member.engagement >= 0.15)) > 0
    True
    """

    def __init__(
        self,
        scenario: Scenario,
        replicate: int = 0,
        run_seed: int | None = None,
        model_reporters: Reporters | None = None,
        agent_reporters: Reporters | None = None,
        rng: int | None = None,
    ) -> None:
        if not isinstance(scenario, Scenario):
            raise TypeError(f"scenario must be made first, as in sim.make_scenario('pccp'); got {scenario!r}")
        if run_seed is not None and rng is not None:
            raise ValueError("give run_seed or rng, not both: they are the same seed")
        given = rng if run_seed is None else run_seed
        self.seed = int.from_bytes(os.urandom(4)) if given is None else int(given)
        self.replicate = int(replicate)
        check_key(self.seed, np.array([self.replicate]))
        super().__init__(rng=self.seed)
        self.simulated = scenario
        self._now = moment(self.seed, self.replicate, 0)
        self.state, self.context, self.flows, self.practice, self.params = new_world(
            scenario, self.seed, self.replicate
        )
        self.columns = columns_of(self.state, self.flows)
        self.weekly = np.full((scenario.weeks + 1, N_OBSERVED), np.nan)
        self._records = self._recorders(scenario)
        self._in_row: dict[int, Stakeholder] = {}
        self.datacollector = mesa.DataCollector(
            model_reporters=metric_reporters() if model_reporters is None else dict(model_reporters),
            agent_reporters=stakeholder_reporters() if agent_reporters is None else dict(agent_reporters),
        )
        self._observe()

    @property
    def week(self) -> int:
        """Weeks simulated so far."""
        return int(self.state.week)

    @property
    def status(self) -> Status:
        """Alive, or why the partnership ended."""
        return Status(int(self.state.status))

    def step(self) -> None:
        """Advance one week, then collect; ``running`` is False after the last week and after an ending."""
        if self.week >= self.simulated.weeks or self.status != Status.ALIVE:
            self.running = False
            return
        self._now.week = self.week + 1
        step(self.state, self.context, self.flows, self.params, self.practice, self._now)
        self._observe()
        self.running = self.week < self.simulated.weeks and self.status == Status.ALIVE

    def run_weeks(self, weeks: int) -> None:
        """Step up to ``weeks`` times, until the run ends."""
        for _ in range(weeks):
            if not self.running:
                return
            self.step()

    def metric(self, name: str) -> float:
        """Return a metric of this week (a name of ``OBSERVED_NAMES``); NaN where missing.

        Raises
        ------
        ValueError
            When there is no metric of that name; the line says which one is nearest.
        """
        if name not in OBSERVED_NAMES:
            known = f"{name} is worked out after a run: see sim.run(...).weekly" if name in METRICS else None
            raise ValueError(known or f"no weekly metric '{name}'{did_you_mean(name, OBSERVED_NAMES)}")
        return self.today[OBSERVED_NAMES.index(name)]

    def seat_now(self, row: int) -> str:
        """Say in words who is in a seat."""
        if not self.state.is_seat[row]:
            return "the seat is closed"
        if not self.state.is_member[row]:
            return "the seat is empty"
        return f"person {int(self.state.person_id[row])} is in it now"

    def _recorders(self, scenario: Scenario) -> tuple[Record, Record, Record, Record, Record]:
        """Return the records that ``record_week`` writes; two of them write into ``weekly`` and ``answers``."""
        weekly, survey = Record(WEEKLY, 1, t=scenario.weeks + 1), Record(SURVEY, 1, t=len(scenario.questionnaire_weeks))
        weekly.rest_on(self.weekly)
        survey.first_run().week[:] = scenario.questionnaire_weeks
        self.answers: NDArray[np.float64] = survey.first_run().answers
        self.answers[:] = np.nan
        history = Record(HISTORY, 1, t=scenario.weeks + 1)
        return asked_record(EVERYTHING, 1), Record(OBSERVED, 1), history, weekly, survey

    def _observe(self) -> None:
        """Record the week, let agents come and go with the persons, and collect."""
        if self.status == Status.ALIVE:
            record_week(self.state, self.context, self.flows, self._now, *self._records)
        self.today: list[float] = self.weekly[self.week].tolist()
        self._follow_persons()
        self.datacollector.collect(self)

    def _follow_persons(self) -> None:
        present = {int(row): int(self.state.person_id[row]) for row in np.flatnonzero(self.state.is_member)}
        for row, stakeholder in list(self._in_row.items()):
            if present.get(row) != stakeholder.person:
                self._in_row.pop(row).leave(self.week)
        for row, person in present.items():
            if row not in self._in_row:
                self._in_row[row] = Stakeholder(self, row, person)

    def __repr__(self) -> str:
        where = f"week {self.week} of {self.simulated.weeks}, {word(self.status)}"
        return f"<PartnershipModel {self.simulated.case}/{self.simulated.name}, {where}, {len(self.agents)} members>"


def metric_reporters() -> dict[str, Callable[[PartnershipModel], float]]:
    """Return a Mesa reporter for every weekly metric, under its name."""
    return {name: partial(_read_metric, column=column) for column, name in enumerate(OBSERVED_NAMES)}


def _read_metric(model: PartnershipModel, column: int) -> float:
    return model.today[column]


def stakeholder_reporters() -> dict[str, str | Callable[[Stakeholder], str]]:
    """Return the Mesa reporters of stakeholders that are used by default."""
    return {"role": _read_role, **AGENT_REPORTERS}


def _read_role(stakeholder: Stakeholder) -> str:
    return word(stakeholder.role)
