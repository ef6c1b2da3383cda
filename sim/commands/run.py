"""``partnersim run``: one case under one scenario, many replicates, one new folder of results."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
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
from sim.config.arguments import parse_run_arguments
from sim.config.folders import find_conf_folders
from sim.config.kept import NOTHING, Kept, take_kept
from sim.config.resolve import Resolved, case_alone, resolve_parsed
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
    resolved, kept = _resolved([word for word in words if word != "--dry-run"])
    announcement = resolved.folders.announcement()
    if announcement:
        say(announcement)
    target = Path(resolved.output) if resolved.output is not None else default_folder(resolved, kept)
    if dry:
        dry_run(resolved, target)
        return ExitStatus.DONE
    problem = output_problem(str(target))
    if problem:
        raise UserError(problem)
    return simulate_and_write(resolved, target, kept)


def _resolved(words: Sequence[str]) -> tuple[Resolved, Kept]:
    """Return what is run, and what is kept of it besides the usual tables."""
    taken, folders = take_kept(words), find_conf_folders()
    parsed = parse_run_arguments(taken.others, folders)
    parsed.problems += taken.problems
    resolved = resolve_parsed(parsed, folders, output_problem)
    asked = taken.kept.asked(resolved.scenario)
    return replace(resolved, scenario=asked, words=(*resolved.words, *taken.ours)), taken.kept


def default_folder(resolved: Resolved, kept: Kept) -> Path:
    """Return the folder whose name follows from what is run and kept."""
    more = "".join(f"-{table}" for table in kept.tables())
    return RESULTS / f"{resolved.case}-{resolved.scenario_name}-{resolved.hash8()}{more}"


def simulate_and_write(resolved: Resolved, target: Path, kept: Kept = NOTHING) -> int:
    """Run all replicates, write the folder and print the result.

    Parameters
    ----------
    resolved : Resolved
        What is run.
    target : Path
        The folder to be made.
    kept : Kept
        What is kept besides the usual tables.
    """
    from sim.results.collector import Collector

    started, clock = datetime.now(UTC), time.monotonic()
    # The picture's library takes a second to load; it loads while the compiled code runs.
    Thread(target=import_module, args=("matplotlib.backends.backend_agg",), daemon=True).start()
    interrupts = Interrupts()
    with interrupts.watched(), new_folder(target) as folder:
        collector = Collector(resolved, folder, kept)
        try:
            _simulate(resolved, kept, collector, interrupts)
        finally:
            collector.close()
        if collector.done == 0:
            raise KeyboardInterrupt
        _write_rest(resolved, kept, collector, folder, target, started, time.monotonic() - clock)
    _tell(resolved, collector, target)
    return ExitStatus.DONE if collector.done == resolved.replicates else ExitStatus.INTERRUPTED


def _simulate(resolved: Resolved, kept: Kept, collector: Collector, interrupts: Interrupts) -> None:
    """Run part after part until all are done or the user asks to stop."""
    import numpy as np

    from sim.core import engine
    from sim.results.provenance import threads_used
    from sim.results.summaries import summary, weekly_metrics

    say_when_compiling()
    progress = Progress(resolved.replicates, "replicates")
    threads = threads_used(resolved.threads)
    part = FIRST_PART
    seat_weeks, by_seat = kept.seat_weeks(resolved.scenario.weeks), kept.answers == "seats"
    try:
        while collector.done < resolved.replicates and not interrupts.asked:
            numbers = np.arange(collector.done, min(collector.done + part, resolved.replicates), dtype=np.int64)
            clock = time.monotonic()
            with interrupts.stoppable():
                ensemble = engine.run_many(
                    resolved.scenario, resolved.seed, numbers, threads, seat_weeks=seat_weeks, respondents=by_seat
                )
                again = partial(engine.run_many, seed=resolved.seed, replicates=numbers, threads=threads)
                runs = summary(ensemble, again)
            collector.add(numbers, weekly_metrics(ensemble), runs)
            collector.add_panels(numbers, ensemble)
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
    resolved: Resolved, kept: Kept, collector: Collector, folder: Path, target: Path, started: datetime, seconds: float
) -> None:
    """Write everything but the tables that are there already."""
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
    from sim.results.panels import panel_column_rows
    from sim.results.provenance import run_record
    from sim.results.tables import content_hash

    runs = collector.runs_table()
    write_table(runs, folder / "runs.parquet")
    rows = summary_rows(collector.at_end(), collector.runs(), METRICS, collector.columns)
    write_csv(folder / "summary.csv", SUMMARY_FIELDS, rows)
    columns = [*column_rows(METRICS, collector.columns), *panel_column_rows(kept)]
    write_csv(folder / "columns.csv", COLUMN_FIELDS, columns)
    _draw(resolved, collector, folder / "figure.png")
    hashes = collector.hashes() | {"runs.parquet": content_hash(runs)}
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
