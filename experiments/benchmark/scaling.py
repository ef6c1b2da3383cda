"""Two threads against one; growth with seats and with weeks; memory of many summaries."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

from experiments.benchmark.timing import CASES, Times, case_of, core, side_by_side, warm
from sim.core.scenario import Organisation, Scenario, Seat
from sim.core.vocabulary import Ring, Role

SEATS = (10, 20, 40, 100, 200, 400, 1000)
WEEKS = (52, 104, 260, 520, 1040)
GROWTH_WEEKS = 104
RESEARCHERS_AMONG = 3
RUNS_OF_ONE_SEAT = 20_000


def threads(rounds: int = 7, runs: int = 400) -> dict[str, dict[str, Times]]:
    """Return times per run of one thread and of all, by case."""
    cores = os.cpu_count() or 1
    found = {}
    for name in CASES:
        scenario = case_of(name)
        warm(scenario, threads=cores)
        tasks = {"one": (core(scenario, runs), runs), "all": (core(scenario, runs, cores), runs)}
        found[name] = side_by_side(tasks, rounds)
    return found


def of_size(seats: int, weeks: int) -> Scenario:
    """Return a partnership of a fixed size: nobody comes or goes, and it cannot end."""
    organisations = tuple(Organisation(f"organisation {g}", 0.6) for g in range(max(1, seats // 4)))
    people = tuple(
        Seat(
            "all",
            Role(i % len(Role)),
            Ring.RESEARCH_TEAM if i % RESEARCHERS_AMONG == 0 else Ring.CORE_TEAM,
            -1 if Role(i % len(Role)) == Role.PATIENT else i % len(organisations),
        )
        for i in range(seats)
    )
    never = {"min_active": 0, "meeting_gap": 260, "purpose": 100, "salary": 0, "facilitator_price": 0}
    scenario = Scenario(
        "growth", "none", min(weeks, 520), people, organisations, capacity=seats, parameters=never,
        rules_off=frozenset({"turnover"}),
    )  # fmt: skip
    # Beyond the ten years that a scenario allows, to see that nothing but the limit stands in the way.
    object.__setattr__(scenario, "weeks", weeks)
    return scenario


def growth_with_seats(rounds: int = 3) -> dict[int, float]:
    """Return milliseconds per run of two years, by seats."""
    found = {}
    for seats in SEATS:
        scenario = of_size(seats, GROWTH_WEEKS)
        warm(scenario)
        runs = 1 + RUNS_OF_ONE_SEAT // seats**2
        name = f"{seats} seats"
        found[seats] = 1e3 * side_by_side({name: (core(scenario, runs), runs)}, rounds)[name].best
    return found


def growth_with_weeks(rounds: int = 5, runs: int = 50) -> dict[int, float]:
    """Return milliseconds per run of twenty seats, by weeks."""
    scenarios = {weeks: of_size(20, weeks) for weeks in WEEKS}
    warm(*scenarios.values())
    tasks = {f"{weeks} weeks": (core(scenario, runs), runs) for weeks, scenario in scenarios.items()}
    found = side_by_side(tasks, rounds)
    return {weeks: 1e3 * found[f"{weeks} weeks"].best for weeks in WEEKS}


def exponent(times: dict[int, float], sizes: dict[int, float]) -> float:
    """Return b of time = a size^b, fitted to the upper half of the sizes on logarithms."""
    upper = list(times)[len(times) // 2 :]
    return float(np.polyfit(np.log([sizes[k] for k in upper]), np.log([times[k] for k in upper]), 1)[0])


_SUMMARIES = """
import re, sys
from dataclasses import replace
from pathlib import Path
from experiments.benchmark.timing import case_of
from sim.results.summaries import summaries
scenario = replace(case_of("pccp"), shocks=())
rows = summaries(scenario, 1, range(int(sys.argv[1])))
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())  # ru_maxrss would count the parent
print(rows.shape[0], rows.shape[1], int(peak[1]) * 1024)
"""


def memory_of_summaries(replicates: int) -> tuple[int, int, int]:
    """Return rows, columns and peak memory in bytes of a process that keeps a summary per replicate of PCCP."""
    command = [sys.executable, "-c", _SUMMARIES, str(replicates)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    rows, columns, peak = map(int, answer)
    return rows, columns, peak
