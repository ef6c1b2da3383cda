"""The compiled core against an idiomatic Mesa version and the reference model, on one thread.

All three do the same weeks of the same cases (260 weeks). Mesa version and core also record every weekly metric; the
reference records none. The Mesa version agrees with the core in distribution (tests/test_mesa_version.py), the
reference to 1e-12 week by week.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

from experiments.benchmark.mesa_version import MesaPartnership
from experiments.benchmark.scaling import GROWTH_WEEKS, of_size
from experiments.benchmark.timing import CASES, Times, case_of, core, side_by_side, warm
from sim.model import PartnershipModel
from sim.scenario import Scenario
from tests.reference.founding import found, settings_of
from tests.reference.step import step

CORE_RUNS = 200
SIZES = {10: 200, 20: 100, 40: 40, 100: 10, 200: 4}


def mesa_run(scenario: Scenario) -> Callable[[], object]:
    """Return a call that runs the idiomatic Mesa version once, with another seed each time."""
    seeds = itertools.count(1)

    def call() -> None:
        model = MesaPartnership(scenario, rng=next(seeds))
        while model.running:
            model.step()

    return call


def front_run(scenario: Scenario) -> Callable[[], object]:
    """Return a call that steps the Mesa front of the compiled core through one run, collecting as usual."""
    replicates = itertools.count()
    return lambda: PartnershipModel(scenario, next(replicates), seed=1).run_weeks(scenario.weeks)


def reference_run(scenario: Scenario) -> Callable[[], object]:
    """Return a call that runs the reference model once."""
    replicates = itertools.count()

    def call() -> None:
        replicate = next(replicates)
        world, settings = found(scenario, 1, replicate), settings_of(scenario)
        for week in range(1, scenario.weeks + 1):
            step(world, settings, 1, replicate, week)

    return call


def by_size(rounds: int = 2) -> dict[int, dict[str, Times]]:
    """Return times per run of two years, by seats of a partnership of fixed size, of the core and the Mesa version."""
    found_times = {}
    for seats, runs in SIZES.items():
        scenario = of_size(seats, GROWTH_WEEKS)
        warm(scenario)
        tasks = {"core": (core(scenario, runs), runs), "mesa": (mesa_run(scenario), 1)}
        found_times[seats] = side_by_side(tasks, rounds)
    return found_times


def measure(rounds: int = 5) -> dict[str, dict[str, Times]]:
    """Return times per run, by case and version."""
    found_times = {}
    for name in CASES:
        scenario = case_of(name)
        warm(scenario)
        front_run(scenario)()
        tasks = {
            "core": (core(scenario, CORE_RUNS), CORE_RUNS),
            "front": (front_run(scenario), 1),
            "mesa": (mesa_run(scenario), 1),
            "reference": (reference_run(scenario), 1),
        }
        found_times[name] = side_by_side(tasks, rounds)
    return found_times
