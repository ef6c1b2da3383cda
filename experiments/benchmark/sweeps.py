"""Sweeps, end to end: wall time, what is not the compiled loop, memory, bytes; and the same work done by others.

Every task is a process of its own, timed from its start to its end, so that imports count for all alike.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
POINTS, REPLICATES = 1_000, 100
MANY_WEEKS = 26
SAME_POINTS, SAME_REPLICATES = 20, 10
LEVER = "enabling.leadership"


def words(points: int, replicates: int, weeks: int | None = None) -> list[str]:
    """Return the words of a sweep over all levers of PCCP."""
    arguments = ["case=pccp", "design=lhs", f"design.points={points}", f"replicates={replicates}"]
    return arguments if weeks is None else [*arguments, f"weeks={weeks}"]


# --- tasks, each the body of a process ----------------------------------------------------------------------


def task_sweep(arguments: list[str], folder: str) -> None:
    """Our sweep, as a person would type it."""
    from sim.commands.cli import main

    if main(["sweep", *arguments, f"output={folder}"]):
        raise SystemExit(1)


def task_kernel(arguments: list[str], folder: str) -> None:
    """Run the compiled loop alone on the very runs of the sweep, all threads, and print its seconds."""
    import numpy as np

    from sim.core.engine import Batch, run_batch
    from sim.core.inputs import room_for, settings_of_runs, stack_foundings, write_numbers
    from sim.sweeps.plan import is_numeric
    from sim.sweeps.planning import plan_sweep

    plan = plan_sweep(arguments).plan
    (scenario,) = plan.variants
    foundings, room = stack_foundings([scenario]), room_for([scenario])
    waves = np.array(scenario.questionnaire_weeks, dtype=np.int64)
    seconds = 0.0
    for start in range(0, plan.n_runs, 4_000):
        rows = plan.rows(start, start + 4_000)
        keys = np.column_stack([rows["seed"].to_numpy(), rows["key"].to_numpy()])
        table = np.resize(settings_of_runs(scenario, keys[:, 1]), rows.num_rows)
        write_numbers(table, {name: rows[name].to_numpy() for name in rows.column_names if is_numeric(name)})
        which = np.zeros(rows.num_rows, dtype=np.int64)
        batch = Batch(table, foundings, which, keys, room, scenario.weeks, waves)
        if start == 0:
            run_batch(Batch(table[:2], foundings, which[:2], keys[:2], room, scenario.weeks, waves))
        clock = time.perf_counter()
        run_batch(batch)
        seconds += time.perf_counter() - clock
    print(f"seconds {seconds}")


def levers() -> list[float]:
    """Return the values of one lever that every contender runs."""
    return [round(i / (SAME_POINTS - 1), 4) for i in range(SAME_POINTS)]


def task_ours(arguments: list[str], folder: str) -> None:
    """Twenty points by ten replicates, as the others do them."""
    listed = ",".join(map(str, levers()))
    task_sweep(["case=pccp", f"{LEVER}={listed}", f"replicates={SAME_REPLICATES}"], folder)


def task_mesa(arguments: list[str], folder: str) -> None:
    """``mesa.batch_run`` over the idiomatic Mesa version, as many processes as there are processors."""
    import mesa

    from experiments.benchmark.mesa_version import MesaPartnership
    from sim.api import make_scenario

    scenarios = [make_scenario("pccp", settings={LEVER: value}) for value in levers()]
    found = mesa.batch_run(
        MesaPartnership,
        {"scenario": scenarios, "rng": range(SAME_REPLICATES)},
        number_processes=os.cpu_count(),
        max_steps=260,
        data_collection_period=-1,
        display_progress=False,
    )
    assert len({(str(row["RunId"]), row["iteration"]) for row in found}) == SAME_POINTS * SAME_REPLICATES


def task_hydra(arguments: list[str], folder: str) -> None:
    """One job of Hydra per run, by Hydra's own sweeper and launcher."""
    listed = ",".join(map(str, levers()))
    script = str(ROOT / "experiments" / "sweep.py")
    seeds = f"seed=range(0,{SAME_REPLICATES})"
    sys.argv = [script, "-m", "hydra/sweeper=basic", f"hydra.sweep.dir={folder}", f"{LEVER}={listed}", seeds]
    sys.argv.append("replicates=1")
    import runpy

    runpy.run_path(script, run_name="__main__")


def task_joblib(arguments: list[str], folder: str) -> None:
    """Joblib over single runs of the compiled core."""
    from joblib import Parallel, delayed

    jobs = [(value, replicate) for value in levers() for replicate in range(SAME_REPLICATES)]
    Parallel(n_jobs=os.cpu_count())(delayed(single)(*job) for job in jobs)


def single(value: float, replicate: int) -> float:
    """Run one run of the compiled core, as somebody would write it in a loop."""
    from sim.api import make_scenario
    from sim.results.summaries import summaries

    return float(summaries(make_scenario("pccp", settings={LEVER: value}), 1, [replicate], threads=1)[0, 0])


TASKS: dict[str, Callable[[list[str], str], None]] = {
    "sweep": task_sweep,
    "kernel": task_kernel,
    "ours": task_ours,
    "mesa": task_mesa,
    "hydra": task_hydra,
    "joblib": task_joblib,
}

# --- measuring ----------------------------------------------------------------------------------------------


def timed(task: str, arguments: list[str], folder: str) -> dict[str, Any]:
    """Run a task in a process of its own; return wall seconds, peak memory in MB and what it printed."""
    command = [sys.executable, "-m", "experiments.benchmark.sweeps", task, folder, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_OPT": "1"}
    clock = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    wall = time.perf_counter() - clock
    peak = next(float(line.split()[1]) for line in done.stderr.splitlines()[::-1] if line.startswith("peak "))
    return {"wall": wall, "peak_mb": peak, "printed": done.stdout}


def end_to_end(points: int, replicates: int, weeks: int | None = None) -> dict[str, Any]:
    """Return wall time, kernel time, peak memory and size of one sweep."""
    arguments = words(points, replicates, weeks)
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room) / "sweep"
        sweep = timed("sweep", arguments, str(folder))
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        parts = len(list(folder.glob("runs/*.parquet")))
    kernel = timed("kernel", arguments, room)
    seconds = float(kernel["printed"].rsplit("seconds ", 1)[1])
    runs = points * replicates
    return {
        "weeks": weeks or 260,
        "wall_s": sweep["wall"],
        "kernel_s": seconds,
        "overhead": sweep["wall"] / seconds - 1,
        "peak_mb": sweep["peak_mb"],
        "bytes_per_run": size / runs,
        "parts": parts,
    }


def planning(points: int) -> float:
    """Return the seconds that planning takes: words read, case composed, points drawn, every cell checked, hashed."""
    arguments = ["case=pccp", "design=lhs", f"design.points={points}", "design.over=all", "replicates=100"]
    code = "import sys, time; c = time.perf_counter(); from sim.sweeps.planning import plan_sweep; "
    code += "plan_sweep(sys.argv[1:]).plan.content_hash(); print(time.perf_counter() - c)"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=True, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return float(done.stdout)


def same_work(rounds: int) -> dict[str, float]:
    """Return the best wall seconds of each contender for the same two hundred runs, in rounds."""
    best: dict[str, float] = {}
    for _ in range(rounds):
        for task in ("ours", "mesa", "hydra", "joblib"):
            with tempfile.TemporaryDirectory() as room:
                seconds = timed(task, [], str(Path(room) / "out"))["wall"]
            best[task] = min(best.get(task, seconds), seconds)
    return best


def measure(quick: bool) -> dict[str, Any]:
    """Sweeps end to end, and the same work by others."""
    sizes = [(100, 100, None), (POINTS, REPLICATES, None), (POINTS, 1_000, MANY_WEEKS)]
    chosen = [(20, 50, None)] if quick else sizes
    return {
        "end_to_end": {str(p * r): end_to_end(p, r, weeks) for p, r, weeks in chosen},
        "planning_s": {str(n): planning(n) for n in ((1_000,) if quick else (1_000, 100_000))},
        "same_work": same_work(1 if quick else 2),
        "same_runs": SAME_POINTS * SAME_REPLICATES,
    }


def peak_mb() -> float:
    """Return the largest resident memory of this process so far, in MB (a mark that a parent's size leaves alone)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print(json.dumps(measure(quick=True), indent=1))
    else:
        shutil.rmtree(sys.argv[2], ignore_errors=True)
        TASKS[sys.argv[1]](sys.argv[3:], sys.argv[2])
        sys.stderr.write(f"\npeak {peak_mb()}\n")
