"""The compiled core against an idiomatic Mesa version and the reference model, on one thread.

All do 260 weeks of the same cases, with every ending out of reach. Mesa version and core also record every weekly
metric; the reference records none. The Mesa version agrees with the core in distribution
(tests/experiments/test_mesa_version.py), the reference to 1e-12 week by week.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from experiments.benchmark.mesa_version import MesaPartnership
from experiments.benchmark.scaling import GROWTH_WEEKS, of_size
from experiments.benchmark.timing import CASES, Times, case_of, core, side_by_side, warm
from sim.core.scenario import Scenario
from sim.mesa_front import PartnershipModel
from tests.reference.founding import found, settings_of
from tests.reference.step import step

CORE_RUNS, MESA_RUNS, FRONT_RUNS, REFERENCE_RUNS = 200, 5, 3, 2
SIZES = {10: 200, 20: 100, 40: 40, 100: 10, 200: 4}


def unending(scenario: Scenario) -> Scenario:
    """Return the scenario with every ending out of reach, so that all runs live through all weeks."""
    return replace(scenario, parameters=scenario.parameters | {"min_active": 0, "meeting_gap": 260, "purpose": 100})


def mesa_runs(scenario: Scenario, runs: int) -> Callable[[], object]:
    """Return a call that runs the idiomatic Mesa version ``runs`` times, with the same seeds in every round."""

    def call() -> None:
        for seed in range(runs):
            model = MesaPartnership(scenario, rng=seed)
            while model.running:
                model.step()

    return call


def front_runs(scenario: Scenario, runs: int) -> Callable[[], object]:
    """Return a call that steps the Mesa front of the compiled core through runs, collecting as usual."""

    def call() -> None:
        for replicate in range(runs):
            PartnershipModel(scenario, replicate, run_seed=1).run_weeks(scenario.weeks)

    return call


def reference_runs(scenario: Scenario, runs: int) -> Callable[[], object]:
    """Return a call that runs the reference model."""

    def call() -> None:
        for replicate in range(runs):
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
        tasks = {"core": (core(scenario, runs), runs), "mesa": (mesa_runs(scenario, 1), 1)}
        found_times[seats] = side_by_side(tasks, rounds)
    return found_times


def measure(rounds: int = 5) -> dict[str, dict[str, Times]]:
    """Return times per run, by case and version."""
    found_times = {}
    for name in CASES:
        scenario = unending(case_of(name))
        warm(scenario)
        front_runs(scenario, 1)()
        tasks = {
            "core": (core(scenario, CORE_RUNS), CORE_RUNS),
            "front": (front_runs(scenario, FRONT_RUNS), FRONT_RUNS),
            "mesa": (mesa_runs(scenario, MESA_RUNS), MESA_RUNS),
            "reference": (reference_runs(scenario, REFERENCE_RUNS), REFERENCE_RUNS),
        }
        found_times[name] = side_by_side(tasks, rounds)
    return found_times
