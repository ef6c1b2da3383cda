"""Progress on stderr: done of total and time left, one line on a terminal, few lines in a log."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Progress:
    """Tells how far a job is.

    Parameters
    ----------
    total : int
        Number of parts.
    unit : str
        What a part is called.
    log_seconds : float, optional
        How often a line is written where there is no terminal; None for never.
    quiet_seconds : float, optional
        How long nothing is shown at first; what is over by then is not shown at all.
    """

    def __init__(
        self, total: int, unit: str, log_seconds: float | None = 5.0, quiet_seconds: float | None = None
    ) -> None:
        self.total = total
        self.unit = unit
        self._log_seconds = log_seconds
        self._told = time.monotonic()
        self._quiet_until = self._told + (quiet_seconds or 0.0)
        # Time left is judged from the end of the first part on: the first one may compile the model.
        self._first: tuple[float, int] | None = None
        self._on_line = False

    def update(self, done: int, failed: int = 0) -> None:
        """Tell that ``done`` parts are complete, ``failed`` of them without a result."""
        now = time.monotonic()
        if now < self._quiet_until:
            return
        line = f"{done:,} of {self.total:,} {self.unit} done"
        if failed:
            line += f" ({failed:,} failed)"
        if self._first is None:
            self._first = now, done
        elif done < self.total:
            since, before = self._first
            if done > before:
                rate = (done - before) / max(now - since, 1e-9)
                line += f", {rate:,.0f} {self.unit}/s, about {duration((self.total - done) / rate)} left"
        if sys.stderr.isatty():
            print(f"\r{line:<78}", end="", file=sys.stderr, flush=True)
            self._on_line = True
        elif self._log_seconds is not None and (done == self.total or now - self._told >= self._log_seconds):
            print(line, file=sys.stderr, flush=True)
            self._told = now

    def close(self) -> None:
        """End the line."""
        if self._on_line:
            print(file=sys.stderr)
            self._on_line = False


@contextmanager
def counted(unit: str, quiet_seconds: float | None = None) -> Iterator[Callable[[int, int], None]]:
    """Give a function that takes how many parts are done, and of how many; a new total begins a new line.

    Parameters
    ----------
    unit : str
        What a part is called.
    quiet_seconds : float, optional
        As of ``Progress``.
    """
    progress: Progress | None = None

    def tell(done: int, total: int) -> None:
        nonlocal progress
        if progress is None or progress.total != total:
            progress = Progress(total, unit, quiet_seconds=quiet_seconds)
        progress.update(done)

    try:
        yield tell
    finally:
        if progress is not None:
            progress.close()


def adding(tell: Callable[[int, int], None], total: int) -> Callable[[int], None]:
    """Return a function that takes how many more parts are done and tells how many of the total that makes."""
    done = 0

    def add(more: int) -> None:
        nonlocal done
        done += more
        tell(done, total)

    return add


def duration(seconds: float) -> str:
    """Write a duration in plain words.

    >>> duration(3.4), duration(200), duration(8000)
    ('3 s', '3 min', '2.2 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def say(line: str) -> None:
    """Tell something about the work (never a result) on stderr."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def said_when_long(line: str, seconds: float = 2.0) -> Iterator[None]:
    """Tell what is being done when it takes longer than some seconds."""
    timer = threading.Timer(seconds, say, [line])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
