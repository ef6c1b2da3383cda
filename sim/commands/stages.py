"""Progress of work that has several stages, each with a line of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sim.progress import Progress, say

if TYPE_CHECKING:
    from sim.sweeps.conduct import Progressed


class Stages:
    """Tells which stage is worked on and how far it is.

    Parameters
    ----------
    titles : dict of str to str
        What a stage is called.
    """

    def __init__(self, titles: dict[str, str]) -> None:
        self._titles = titles
        self._stage = ""
        self._progress: Progress | None = None

    def tell(self, stage: str, state: Progressed) -> None:
        """Tell how far a stage is; the first time what it is."""
        if stage != self._stage:
            self.close()
            self._stage = stage
            done = " (done already)" if state.done == state.runs else ""
            say(f"{self._titles.get(stage, stage)}: {state.runs:,} runs{done}")
            self._progress = None if done else Progress(state.runs, "runs", log_seconds=30.0)
        if self._progress is not None:
            self._progress.update(state.done, state.failed)

    def close(self) -> None:
        """End the line of the stage."""
        if self._progress is not None:
            self._progress.close()
            self._progress = None


@contextmanager
def staged(titles: dict[str, str]) -> Iterator[Stages]:
    """Yield stages whose last line is ended, whatever happens."""
    stages = Stages(titles)
    try:
        yield stages
    finally:
        stages.close()
