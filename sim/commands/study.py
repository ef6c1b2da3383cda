"""What verbs that make many runs share: what they tell of stages and of a model not yet compiled, and how they end."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sim.commands.exit_status import ExitStatus
from sim.config.folders import ConfFolders, find_conf_folders
from sim.progress import Progress, said_when_long, say

if TYPE_CHECKING:
    from sim.analysis.study import Tell

Found = TypeVar("Found")


def say_when_compiling(took: str = "30 s") -> None:
    """Tell that the model is going to be compiled, when no compiled code is there."""
    from sim.core import engine

    if not engine.is_compiled():
        say(f"compiling the model once (about {took}) ...")


def announced_folders() -> ConfFolders:
    """Return the folders of settings, and tell when there are some of the user's own."""
    folders = find_conf_folders()
    if announcement := folders.announcement():
        say(announcement)
    return folders


@contextmanager
def staged(titles: Mapping[str, str]) -> Iterator[Tell]:
    """Give a function that tells how far each stage of some work is, each on a line of its own, under its title."""
    now, progress = "", Progress(0, "runs")

    def tell(stage: str, done: int, runs: int, failed: int = 0) -> None:
        nonlocal now, progress
        if stage != now:
            progress.close()
            now, progress = stage, Progress(runs, "runs", log_seconds=30.0)
            say(f"{titles.get(stage, stage)}: {runs:,} runs")
        progress.update(done, failed)

    try:
        yield tell
    finally:
        progress.close()


def study(
    words: Sequence[str],
    folder: Path,
    titles: Mapping[str, str],
    work: Callable[[Tell], Found],
    write: Callable[[Found, str], Sequence[str]],
) -> int:
    """Answer a question stage by stage, write the answer and print what ``write`` returns."""
    again = shlex.join(words)
    say_when_compiling()
    try:
        with staged(titles) as tell:
            found = work(tell)
    except KeyboardInterrupt:
        say(f"interrupted; what was done is kept; resume with: partnersim {again}")
        return ExitStatus.INTERRUPTED
    with said_when_long("drawing the figures ..."):
        lines = write(found, again)
    print("\n".join(lines))
    print(f"Report:  {(folder / 'report.html').as_posix()}")
    print(f"Again:   partnersim {again}")
    return ExitStatus.DONE
