"""How many runs a second: both cases, one thread and all threads, by numbers that this program saw.

A run is one replicate of a case over its whole horizon, metrics recorded every week, nothing written to disk.
Each measurement is repeated; the fastest repeat is what the machine can do, the slowest
shows how busy it was.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from importlib.metadata import version

import numpy as np

from sim.config import resolve
from sim.engine import run_many
from sim.scenario import Scenario

CASES = ("pccp", "chrp")
REPEATS = 3


def seconds(scenario: Scenario, replicates: int, threads: int) -> float:
    """Return the time of one ensemble."""
    start = time.perf_counter()
    run_many(scenario, 1, np.arange(replicates), threads)
    return time.perf_counter() - start


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--replicates", type=int, default=200, help="runs in one measurement")
    options = parser.parse_args()
    cores = os.cpu_count() or 1
    versions = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy"))
    print(f"Python {platform.python_version()}, {versions}, {platform.machine()}, {cores} cores")
    scenarios = {case: resolve([f"case={case}"]).scenario for case in CASES}
    start = time.perf_counter()
    for threads in {1, cores}:
        seconds(scenarios[CASES[0]], threads, threads)
    print(f"first runs, with compiling or loading compiled code: {time.perf_counter() - start:.1f} s")
    print(f"{'case':<8} {'weeks':>5} {'threads':>7} {'runs/s, fastest':>16} {'slowest':>8} {'per core':>9}")
    for case, scenario in scenarios.items():
        for threads in sorted({1, cores}):
            times = [seconds(scenario, options.replicates, threads) for _ in range(REPEATS)]
            fast, slow = options.replicates / min(times), options.replicates / max(times)
            speed = f"{fast:>16.0f} {slow:>8.0f} {fast / threads:>9.0f}"
            print(f"{case:<8} {scenario.weeks:>5} {threads:>7} {speed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
