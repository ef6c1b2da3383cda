"""Worlds for tests: the kernels' records of a scenario, advanced week by week and shaken within their ranges."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np
from hypothesis import Phase
from numpy.typing import NDArray

from sim.core._jit import kernel
from sim.core.lanes.records import Record
from sim.core.loop import SURVEY
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.metrics import OBSERVED, observe
from sim.core.rules.adaptation import adaptation_rule
from sim.core.rules.appraisal import appraisal_rule
from sim.core.rules.context import context_rule
from sim.core.rules.encounters import encounters_rule
from sim.core.rules.ending import ending_rule
from sim.core.rules.exchange import exchange_rule
from sim.core.rules.integration import integration_rule
from sim.core.rules.meetings import meetings_rule
from sim.core.rules.progress import progress_rule
from sim.core.rules.questionnaire import survey_members
from sim.core.rules.staffing import staffing
from sim.core.rules.turnover import turnover_rule
from sim.core.scenario import Scenario
from sim.core.state import CONTEXT_FIELDS, FLOW_FIELDS, STATE_FIELDS, moment
from sim.core.step import clear, step
from sim.core.vocabulary import Resource
from sim.core.world import World as Records
from sim.core.world import new_world

COMPILED = os.environ.get("NUMBA_DISABLE_JIT") != "1"
# Interpreted, an example takes long: a failure is shown as it was met, and fewer examples are tried.
PHASES = tuple(Phase) if COMPILED else (Phase.explicit, Phase.generate)


def few(examples: int) -> int:
    """Return how many examples to try: all, or a quarter where the compiler is off."""
    return examples if COMPILED else max(1, examples // 4)


Now = tuple[int, int, int]
"""Seed, replicate and week."""

KERNELS: dict[str, Callable[..., None]] = {
    "staffing": staffing,
    "context": context_rule,
    "turnover": turnover_rule,
    "meetings": meetings_rule,
    "encounters": encounters_rule,
    "exchange": exchange_rule,
    "integration": integration_rule,
    "appraisal": appraisal_rule,
    "progress": progress_rule,
    "adaptation": adaptation_rule,
    "ending": ending_rule,
}
"""Staffing and the rules in their order."""


def founded(scenario: Scenario, seed: int = 1, replicate: int = 0) -> Records:
    """Return the records at week 0."""
    return new_world(scenario, seed, replicate)


def pass_week(world: Records, now: Now) -> None:
    """Let one week pass."""
    step(world.state, world.context, world.flows, world.params, world.practice, moment(*now))


def advanced(scenario: Scenario, weeks: int, seed: int = 1, replicate: int = 0) -> Records:
    """Return the records after some weeks."""
    world = founded(scenario, seed, replicate)
    for week in range(1, weeks + 1):
        pass_week(world, (seed, replicate, week))
    return world


def weekly(scenario: Scenario, seed: int = 1, replicate: int = 0) -> Iterator[Records]:
    """Yield the same records, changed in place, after each week."""
    world = founded(scenario, seed, replicate)
    for week in range(1, scenario.weeks + 1):
        pass_week(world, (seed, replicate, week))
        yield world


def apply_rule(name: str, world: Records, now: Now) -> None:
    """Let one kernel act alone."""
    if name == "appraisal":
        appraisal_rule(world.state, world.flows, world.params)
    elif name == "ending":
        ending_rule(world.state, world.params, moment(*now))
    else:
        KERNELS[name](world.state, world.context, world.flows, world.params, world.practice, moment(*now))


def advance_to_rule(name: str, world: Records, now: Now) -> None:
    """Begin a week and let every rule before ``name`` act."""
    world.state.week = now[2]
    clear(world.flows, world.state.n_slots)
    for earlier in KERNELS:
        if earlier == name:
            return
        apply_rule(earlier, world, now)


def metrics_of(world: Records) -> dict[str, float]:
    """Return what is observed of the records now."""
    row = Record(OBSERVED, 1)
    observe(world.state, world.context, world.flows, row)
    return dict(zip(OBSERVED_NAMES, row.first_run().all.tolist(), strict=True))


@kernel
def _ask(state, now, survey):
    survey_members(state, now, survey.answers[0], survey.respondents[0])


def answers_of(world: Records, now: Now) -> NDArray[np.float64]:
    """Return what members would answer now: the mean per dimension, last the number who answer."""
    survey = Record(SURVEY, 1, t=1)
    _ask(world.state, moment(*now), survey)
    return np.array(survey.first_run().answers[0])


def twin_of(world: Records) -> Records:
    """Return a copy of the records."""
    return deepcopy(world)


def snapshot(world: Records) -> dict[str, NDArray[Any]]:
    """Return a copy of every field, by name (``state.trust``, ``context.need``, ``flows.gain``, ...)."""
    parts = (("state", world.state, STATE_FIELDS), ("context", world.context, CONTEXT_FIELDS))
    parts = (*parts, ("flows", world.flows, FLOW_FIELDS))
    return {f"{part}.{f.name}": np.array(record[f.name]) for part, record, fields in parts for f in fields}


# --- shaking -----------------------------------------------------------------------------------------------

SHARES_OF_SEATS = ("standing", "engagement", "benefit", "drawback", "aspiration", "leading", "wear", "pay")
SHARES_OF_TIES = ("trust", "strain", "familiarity", "use")
SHARES_OF_ORGANISATIONS = ("backing", "backing_base")
SHARES = ("understanding", "coordination", "ambition", "outcome", "win_memory", "aim", "turnout", "offering")
PROFILES = ("activity", "belief", "plan")


def shake(world: Records, seed: int) -> None:
    """Set a random half of the fields anew, within their ranges; in place."""
    luck = np.random.default_rng(seed)
    state, n = world.state, int(world.state.n_slots)
    half = Shaker(luck)
    for name in SHARES_OF_SEATS:
        half.fill(state[name][:n], 0, 1)
    half.fill(state.power[:n], 0.2, 3)
    half.fill(state.holdings[:n], 0, 2)
    half.fill(state.endowment[:n], 0, 1)
    half.fill(state.experience[:n], 0, 1)
    _shake_ties(state, half, n)
    groups = np.flatnonzero(state.is_organisation)
    for name in SHARES_OF_ORGANISATIONS:
        half.fill_rows(state[name], groups, 1)
    half.fill_rows(state.memory, groups, 0.5)
    for name in SHARES:
        if half.wants():
            setattr(state, name, luck.random())
    half.fill(state.pool, 0, 1)
    if half.wants():
        state.pool[Resource.FUNDING] = luck.uniform(0, 30)
    half.fill(state.pipeline, 0, 0.2)
    for name in PROFILES:
        half.fill_profile(state[name])
    _shake_clocks(state, half, n)
    _shake_context(world.context, half, int(state.week))


class Shaker:
    """Fills arrays with random numbers, each with chance one half."""

    def __init__(self, luck: np.random.Generator) -> None:
        self.luck = luck

    def wants(self) -> bool:
        """Tell whether the next field is to be changed."""
        return bool(self.luck.random() < 0.5)

    def fill(self, field: NDArray[np.float64], low: float, high: float) -> None:
        """Fill an array, in place."""
        if self.wants():
            field[...] = self.luck.uniform(low, high, field.shape)

    def fill_rows(self, field: NDArray[np.float64], rows: NDArray[np.int64], high: float) -> None:
        """Fill some rows of an array, in place."""
        if self.wants():
            field[rows] = self.luck.uniform(0, high, field[rows].shape)

    def fill_profile(self, field: NDArray[np.float64]) -> None:
        """Fill an array with shares that sum to 1, in place."""
        if self.wants():
            field[...] = self.luck.dirichlet(np.ones(field.size))


def _shake_ties(state: Any, half: Shaker, n: int) -> None:
    """Set ties between seats; those to slots that are no seats, and to oneself, stay as they are."""
    pairs = np.outer(state.is_seat[:n], state.is_seat[:n]).astype(bool) & ~np.eye(n, dtype=bool)
    for name in SHARES_OF_TIES:
        if half.wants():
            state[name][:n, :n][pairs] = half.luck.random((n, n))[pairs]
    if half.wants():
        state.balance[:n, :n][pairs] = half.luck.normal(0, 0.5, (n, n))[pairs]


def _shake_clocks(state: Any, half: Shaker, n: int) -> None:
    """Set clocks, and empty some seats."""
    luck = half.luck
    if half.wants():
        state.tenure[:n] = luck.integers(0, 200, n)
    if half.wants():
        emptied = luck.random(n) < 0.2
        state.is_member[:n][emptied] = 0
    if half.wants():
        state.vacant_weeks[:n] = luck.integers(0, 80, n)
    if half.wants():
        state.weeks_without_meeting = luck.integers(0, 20)
        state.weeks_inactive = luck.integers(0, 10)
    if half.wants():
        state.win_progress = luck.uniform(0, 60)
    if half.wants():
        state.wins = luck.integers(0, 6)
    if half.wants():
        state.purposes = luck.integers(0, 4)


def _shake_context(context: Any, half: Shaker, week: int) -> None:
    luck = half.luck
    half.fill_profile(context.need)
    half.fill_profile(context.need_base)
    if half.wants():
        context.climate = luck.uniform(0.3, 1.7)
    if half.wants():
        context.policy_fit = luck.random()
    half.fill(context.shock_size, 0, 1)
    half.fill(context.exit_chance, 0, 0.3)
    if half.wants():
        context.shock_until[...] = week + luck.choice((0, 1, 1, 2, 9), context.shock_until.size)
    if half.wants():
        context.closed_until[...] = week + luck.integers(-20, 20, context.closed_until.size)
