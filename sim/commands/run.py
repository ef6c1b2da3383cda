"""``partnersim run``: one case under one scenario, many replicates, one new folder of results."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from sim.commands.dry_run import dry_run
from sim.commands.exit_status import ExitStatus
from sim.commands.interrupts import Interrupts
from sim.commands.study import say_when_compiling
from sim.config.resolve import Resolved, case_alone, resolve
from sim.core.errors import UserError
from sim.progress import Progress, say
from sim.results.folder import RESULTS, new_folder, output_problem

if TYPE_CHECKING:
    from sim.core.scenario import Shock
    from sim.results.collector import Collector

SECONDS_PER_PART = 0.5
FIRST_PART = 16
MARKS = 12


def run(words: Sequence[str]) -> int:
    """Simulate and write a folder, or with ``--dry-run`` show what would be simulated.

    Parameters
    ----------
    words : sequence of str
        Words after the verb.
    """
    dry = "--dry-run" in words
    resolved = resolve([word for word in words if word != "--dry-run"], output_problem=output_problem)
    announcement = resolved.folders.announcement()
    if announcement:
        say(announcement)
    target = Path(resolved.output) if resolved.output is not None else default_folder(resolved)
    if dry:
        dry_run(resolved, target)
        return ExitStatus.DONE
    problem = output_problem(str(target))
    if problem:
        raise UserError(problem)
    return simulate_and_write(resolved, target)


def default_folder(resolved: Resolved) -> Path:
    """Return the folder whose name follows from what is run."""
    return RESULTS / f"{resolved.case}-{resolved.scenario_name}-{resolved.hash8()}"


def simulate_and_write(resolved: Resolved, target: Path) -> int:
    """Run all replicates, write the folder and print the result.

    Parameters
    ----------
    resolved : Resolved
        What is run.
    target : Path
        The folder to be made.
    """
    from sim.results.collector import Collector

    started, clock = datetime.now(UTC), time.monotonic()
    # The picture's library takes a second to load; it loads while the compiled code runs.
    Thread(target=import_module, args=("matplotlib.backends.backend_agg",), daemon=True).start()
    interrupts = Interrupts()
    with interrupts.watched(), new_folder(target) as folder:
        collector = Collector(resolved, folder)
        try:
            _simulate(resolved, collector, interrupts)
        finally:
            collector.close()
        if collector.done == 0:
            raise KeyboardInterrupt
        _write_rest(resolved, collector, folder, target, started, time.monotonic() - clock)
    _tell(resolved, collector, target)
    return ExitStatus.DONE if collector.done == resolved.replicates else ExitStatus.INTERRUPTED


def _simulate(resolved: Resolved, collector: Collector, interrupts: Interrupts) -> None:
    """Run part after part until all are done or the user asks to stop."""
    import numpy as np

    from sim.core import engine
    from sim.results.provenance import threads_used
    from sim.results.summaries import summary, weekly_metrics

    say_when_compiling()
    progress = Progress(resolved.replicates, "replicates")
    threads = threads_used(resolved.threads)
    part = FIRST_PART
    try:
        while collector.done < resolved.replicates and not interrupts.asked:
            numbers = np.arange(collector.done, min(collector.done + part, resolved.replicates), dtype=np.int64)
            clock = time.monotonic()
            with interrupts.stoppable():
                ensemble = engine.run_many(resolved.scenario, resolved.seed, numbers, threads)
                again = partial(engine.run_many, seed=resolved.seed, replicates=numbers, threads=threads)
                runs = summary(ensemble, again)
            collector.add(numbers, weekly_metrics(ensemble), runs)
            progress.update(collector.done)
            part = next_part(len(numbers), time.monotonic() - clock)
    except KeyboardInterrupt:
        pass
    finally:
        progress.close()


def next_part(size: int, seconds: float) -> int:
    """Return how many replicates to run next, so that progress is shown about twice a second.

    >>> next_part(16, 0.05), next_part(16, 30.0)
    (128, 16)
    """
    wanted = size * SECONDS_PER_PART / max(seconds, 1e-3)
    return int(min(max(wanted, FIRST_PART), size * 8, 5000))


def _write_rest(
    resolved: Resolved, collector: Collector, folder: Path, target: Path, started: datetime, seconds: float
) -> None:
    """Write everything but the weekly table, which is there already."""
    from sim.core.metric_table import METRICS
    from sim.results.folder import (
        COLUMN_FIELDS,
        SUMMARY_FIELDS,
        column_rows,
        summary_rows,
        write_csv,
        write_json,
        write_table,
    )
    from sim.results.provenance import run_record
    from sim.results.tables import content_hash

    runs = collector.runs_table()
    write_table(runs, folder / "runs.parquet")
    rows = summary_rows(collector.at_end(), collector.runs(), METRICS, collector.columns)
    write_csv(folder / "summary.csv", SUMMARY_FIELDS, rows)
    write_csv(folder / "columns.csv", COLUMN_FIELDS, column_rows(METRICS, collector.columns))
    _draw(resolved, collector, folder / "figure.png")
    hashes = {"weekly.parquet": collector.weekly_hash(), "runs.parquet": content_hash(runs)}
    says = _says(resolved, collector)
    record = run_record(resolved, collector.done, started, seconds, hashes, target.as_posix(), says)
    write_json(folder / "record.json", record)


def _draw(resolved: Resolved, collector: Collector, path: Path) -> None:
    """Draw the four components and the members."""
    from sim.core.metric_table import METRICS
    from sim.report.run_figure import Mark, Panel, draw_run
    from sim.results.story import COMPONENTS, MEMBERS

    curves = collector.kept().curves
    panels = [
        Panel(label.capitalize(), METRICS[name].unit, curves[name], METRICS[name].low, METRICS[name].high)
        for name, label in (COMPONENTS | {MEMBERS: "members"}).items()
    ]
    scenario = resolved.scenario
    marks = [Mark(shock.name, shock.week, shock.duration) for shock in sorted(scenario.shocks, key=lambda s: s.week)]
    name = resolved.settings.get("name") or f"{resolved.case}, {resolved.scenario_name.replace('_', ' ')}"
    title = f"{name}: {collector.done} replicates, seed {resolved.seed}"
    draw_run(path, title, panels, marks[:MARKS], date.fromisoformat(scenario.start))


def shocks_asked_about(resolved: Resolved) -> tuple[Shock, ...]:
    """Return the shocks that the case alone does not have, or all of them when there are none such."""
    alone = case_alone(resolved).shocks
    return tuple(shock for shock in resolved.scenario.shocks if shock not in alone) or resolved.scenario.shocks


def _says(resolved: Resolved, collector: Collector) -> list[str]:
    from sim.results.story import run_sentences

    return run_sentences(resolved.scenario, collector.kept(), shocks_asked_about(resolved))


def _tell(resolved: Resolved, collector: Collector, target: Path) -> None:
    """Print the result in plain words, the folder and the command to repeat it."""
    from sim.results.provenance import repeat_command
    from sim.results.story import limits, paragraphs

    print(f"{resolved.case} under {resolved.scenario_name}, {collector.done} replicates, seed {resolved.seed}")
    print(paragraphs(_says(resolved, collector)))
    print(paragraphs([limits(resolved.scenario)]))
    if collector.done < resolved.replicates:
        say(f"interrupted: {collector.done} of {resolved.replicates} replicates are complete and were written")
    print(f"Results: {target.as_posix()}")
    print(f"Repeat:  {repeat_command(resolved, target.as_posix())}")
