"""``partnersim sweep`` and ``partnersim resume``: a plan, then its runs, in a folder that can be resumed."""

from __future__ import annotations

import json
import shlex
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.exit_status import ExitStatus
from sim.commands.study import announced_folders, say_when_compiling
from sim.config.arguments import plain_value
from sim.config.settings import nearest
from sim.config.sweep_settings import DRIVEN_BY, SWEEP_SETTINGS, sweep_problems
from sim.core.errors import UserError
from sim.progress import Progress, duration, said_when_long, say

if TYPE_CHECKING:
    from sim.sweeps.conduct import DriveOptions, Progressed
    from sim.sweeps.folder import SweepFolder
    from sim.sweeps.planning import PlannedSweep
    from sim.sweeps.start import Measured


MANY_RUNS = 300_000
"""From how many runs on the last check takes more than two seconds, and is announced."""


def sweep(words: Sequence[str]) -> int:
    """Plan a sweep, write the plan and run it; with ``--dry-run`` only tell what would be run.

    Parameters
    ----------
    words : sequence of str
        Words after the verb.
    """
    from sim.results.folder import output_problem
    from sim.sweeps.planning import plan_sweep
    from sim.sweeps.start import start

    flags = [word for word in words if word in ("--dry-run", "--plan-only")]
    folders = announced_folders()
    with said_when_long("planning the sweep: every setting of every point is checked ..."):
        planned = plan_sweep([word for word in words if word not in flags], folders)
    how = _how(planned.arguments.options)
    _check_engine(how)
    target = Path(str(planned.arguments.options["output"] or planned.default_folder()))
    if problem := output_problem(str(target)):
        raise UserError(_same_sweep(target, planned) or problem)
    measured = _measured(planned, how, dry="--dry-run" in flags)
    print(_what(planned, measured, how.workers))
    if "--dry-run" in flags:
        print(f"Would write: {target.as_posix()} (dry run: nothing was written)")
        return ExitStatus.DONE
    start(planned, target, measured)
    if "--plan-only" in flags:
        print(f"Plan: {target.as_posix()} ({measured.chunks} chunks); run it with: {_resume_command(target)}")
        return ExitStatus.DONE
    return _drive(target, how)


def resume(words: Sequence[str]) -> int:
    """Resume a sweep: run what is missing or damaged.

    Parameters
    ----------
    words : sequence of str
        The folder, then settings of ``DRIVEN_BY``, ``slice=K/N`` and ``--retry-failed``.
    """
    retry = "--retry-failed" in words
    plain = [word for word in words if word != "--retry-failed"]
    folders = [word for word in plain if "=" not in word]
    if len(folders) != 1:
        raise UserError("resume needs one folder: partnersim resume FOLDER")
    from dataclasses import replace

    from sim.sweeps.folder import SweepFolder

    options, part = _resume_options([word for word in plain if "=" in word])
    record = SweepFolder(Path(folders[0])).record
    kept = {name: record["driven_by"][name] for name in DRIVEN_BY}
    how = replace(_how(kept | options), retry_failed=retry, part=part)
    _check_engine(how)
    return _drive(Path(folders[0]), how)


def _resume_options(words: Sequence[str]) -> tuple[dict[str, object], tuple[int, int] | None]:
    """Return the settings of a resume, checked."""
    options: dict[str, object] = {}
    part = None
    problems: list[str] = []
    for word in words:
        name, _, text = word.partition("=")
        if name == "slice":
            part = _slice(text)
            problems += [] if part else [f"slice must be K/N with K from 1 to N, such as 3/100; got '{text}'"]
        elif name in DRIVEN_BY:
            options[name] = plain_value(text)
        elif name in SWEEP_SETTINGS or "." in name or nearest(name, ["case", "scenario", "seed", "weeks"]):
            problems.append(
                f"resume goes on with the plan as it is and does not take {word}; begin a new sweep for that"
            )
        else:
            problems.append(f"unknown setting '{name}'; resume takes {', '.join(DRIVEN_BY)}, slice and --retry-failed")
    problems += sweep_problems(options)
    if problems:
        raise UserError(problems)
    return options, part


def _slice(text: str) -> tuple[int, int] | None:
    first, _, second = text.partition("/")
    if first.isdecimal() and second.isdecimal() and 1 <= int(first) <= int(second):
        return int(first), int(second)
    return None


def _how(options: Mapping[str, Any]) -> DriveOptions:
    from sim.core.engine import most_threads
    from sim.sweeps.conduct import DriveOptions

    return DriveOptions(str(options["engine"]), int(options["threads"] or most_threads()), str(options["failures"]))


def _check_engine(how: DriveOptions) -> None:
    """Say at once that an engine cannot be used here."""
    from sim.sweeps.engines import find_engine
    from sim.sweeps.extras import needed

    find_engine(how.engine)
    if how.engine == "ray":
        needed("ray", "ray", "ray", "engine=ray")


def _same_sweep(target: Path, planned: PlannedSweep) -> str | None:
    """Say that a folder holds this very sweep already, and how to resume it."""
    from sim.sweeps.folder import RECORD, SweepFolder

    if not (target / RECORD).exists():
        return None
    there = SweepFolder(target)
    if not there.holds(planned.plan):
        return f"output '{target}' exists already and holds another sweep; give another with output=FOLDER"
    done = sum(entry.runs for entry in there.done().values())
    return (
        f"output '{target}' exists already and holds this sweep ({done:,} of {there.n_runs:,} runs done); "
        f"resume with: {_resume_command(target)}"
    )


def _measured(planned: PlannedSweep, how: DriveOptions, dry: bool) -> Measured:
    """Do a few runs, to know what the others will cost; a dry run does not compile the model for that."""
    from sim.core import engine
    from sim.sweeps.start import guessed, measure

    if dry and not engine.is_compiled():
        return guessed(planned)
    say_when_compiling()
    return measure(planned, how.workers)


def _what(planned: PlannedSweep, measured: Measured, workers: int) -> str:
    """Say how many runs there are, and about how long and how large they will be."""
    from sim.sweeps.start import size_in_words

    plan = planned.plan
    labels = list(dict.fromkeys(map(str, plan.variants)))
    cases = ", ".join(labels[:3])
    more = ", ..." if len(labels) > 3 else ""
    size = measured.bytes_per_run * plan.n_runs
    time_told = "time not known before the model is compiled"
    if measured.seconds is not None:
        time_told = f"about {duration(max(1, measured.seconds * plan.n_runs / workers))} on {workers} at a time"
    return (
        f"{plan.n_points:,} points x {plan.replicates:,} replicates = {plan.n_runs:,} runs of {cases}{more}; "
        f"{time_told}, about {size_in_words(size)} on disk; luck: {plan.luck}"
    )


def _drive(target: Path, how: DriveOptions) -> int:
    """Run what is missing and tell how it ended."""
    from sim.sweeps.conduct import conduct
    from sim.sweeps.folder import SweepFolder

    folder = SweepFolder(target)
    progress: Progress | None = None
    begun: list[Progressed] = []
    clock = time.monotonic()

    def tell(state: Progressed) -> None:
        nonlocal progress
        if state.done == folder.n_runs >= MANY_RUNS and begun and sys.stderr.isatty():
            say("\nreading everything once for its content hash ...")
        if progress is None:
            begun.append(state)
            if state.redone:
                say(f"{len(state.redone)} damaged or missing chunks are run again")
            progress = Progress(state.runs, "runs", log_seconds=None)
        progress.update(state.done, state.failed)

    try:
        state = conduct(folder, how, tell)
    except KeyboardInterrupt:
        if progress is not None:
            progress.close()
        done = sum(entry.runs for entry in folder.done().values())
        say(f"interrupted: {done:,} of {folder.n_runs:,} runs are done; resume with: {_resume_command(target)}")
        return ExitStatus.INTERRUPTED
    finally:
        if progress is not None:
            progress.close()
    return _tell_end(folder, state, how, time.monotonic() - clock)


def _tell_end(folder: SweepFolder, state: Progressed, how: DriveOptions, seconds: float) -> int:
    """Print what came out, and return the exit status."""
    from sim.sweeps.finding import sentence
    from sim.sweeps.folder import FINISHED

    if how.part is not None:
        print(f"slice {how.part[0]} of {how.part[1]}: {state.done:,} of {state.runs:,} runs done")
    elif state.complete:
        hashes = json.loads((folder.path / FINISHED).read_text(encoding="utf-8"))["content_hash"]
        print(f"{state.done:,} runs done in {duration(seconds)}; content hash {hashes['runs'][:16]}")
        print(sentence(folder))
    if state.failed:
        where = f"; {(folder.path / 'failed.csv').as_posix()} tells which and why" if state.complete else ""
        say(f"{state.failed:,} of {state.runs:,} runs failed{where}")
    if not state.complete and how.part is None:
        say(f"stopped at the first failed run; resume with: {_resume_command(folder.path)} failures=finish")
    print(f"Results: {folder.path.as_posix()}")
    print(f'Ask:     {_program()} query {folder.path.as_posix()} "select count(*), avg(synergy_last_year) from runs"')
    return ExitStatus.SOME_RUNS_FAILED if state.failed and how.failures != "record" else ExitStatus.DONE


def _resume_command(target: Path) -> str:
    return f"{_program()} resume {shlex.quote(target.as_posix())}"


def _program() -> str:
    from sim.results.provenance import program_words

    return shlex.join(program_words())
