"""How times are taken: tasks side by side in rounds of random order, in one process, the best of each kept.

The machine may be shared. So tasks that are compared run in the same rounds; the fastest time says what the machine
can do, and the median beside it how busy it was.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np

from sim.config.resolve import resolve
from sim.core.engine import run_many
from sim.core.scenario import Scenario

CASES = ("pccp", "chrp")


@dataclass(frozen=True)
class Times:
    """Seconds per unit of work of one task, over rounds."""

    best: float
    median: float

    def rate(self) -> float:
        """Units per second at best."""
        return 1.0 / self.best


def side_by_side(tasks: Mapping[str, tuple[Callable[[], object], int]], rounds: int) -> dict[str, Times]:
    """Time tasks in rounds of random order.

    Parameters
    ----------
    tasks : mapping
        Name to a callable and the units of work that one call does.
    rounds : int
        How often each task is run.
    """
    seconds: dict[str, list[float]] = {name: [] for name in tasks}
    order = random.Random(1)
    for number in range(rounds):
        for name in order.sample(list(tasks), len(tasks)):
            say(f"round {number + 1} of {rounds}: {name}")
            call, units = tasks[name]
            start = time.perf_counter()
            call()
            seconds[name].append((time.perf_counter() - start) / units)
    say("")
    return {name: Times(min(taken), statistics.median(taken)) for name, taken in seconds.items()}


def say(what: str) -> None:
    """Show what is being measured, where somebody watches."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{what:<78.78}" + ("" if what else "\r"))
        sys.stderr.flush()


def case_of(name: str) -> Scenario:
    """Return a case as ``partnersim run`` would run it, without the questionnaire."""
    from dataclasses import replace

    return replace(resolve([f"case={name}"]).scenario, questionnaire_weeks=())


def core(scenario: Scenario, runs: int, threads: int = 1) -> Callable[[], object]:
    """Return a call that runs an ensemble on the compiled core."""
    return lambda: run_many(scenario, 1, np.arange(runs), threads)


def warm(*scenarios: Scenario, threads: int = 1) -> None:
    """Compile, or load compiled code, before anything is timed."""
    for scenario in scenarios:
        say(f"compiling for {scenario.capacity} seats")
        run_many(scenario, 1, np.arange(threads), threads)
    say("")


def machine() -> str:
    """Return what the measurements were taken on, in words."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy", "mesa"))
    return f"Python {platform.python_version()}, {versions}, {platform.machine()}, {os.cpu_count()} cores"
