"""Runs that fail on purpose, in this process and in worker processes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from sim.sweeps import engines
from sim.sweeps.group import Group

REASON = "made to fail by a test"
_start_worker = engines._be_a_worker


@contextmanager
def failing_runs(*numbers: int, kill: bool = False) -> Iterator[None]:
    """Make some runs of a sweep raise, or end the worker process that runs them.

    Parameters
    ----------
    *numbers : int
        Numbers of the runs.
    kill : bool
        End the process instead; only with ``engine=processes``, whose workers are other processes.
    """
    with pytest.MonkeyPatch.context() as patch:
        if not kill:
            patch.setattr(Group, "run", _failing(Group.run, numbers, kill))
        # A worker is a fresh process: it gets the same fault by its first call.
        patch.setattr(engines, "_be_a_worker", partial(be_a_failing_worker, numbers, kill))
        yield


def be_a_failing_worker(numbers: tuple[int, ...], kill: bool) -> None:
    """Prepare a worker process as always, and make it fail at some runs."""
    _start_worker()
    Group.run = _failing(Group.run, numbers, kill)  # type: ignore[method-assign]


def _failing(run: Callable[[Group], Any], numbers: tuple[int, ...], kill: bool) -> Callable[[Group], Any]:
    def failing(self: Group) -> Any:
        if set(numbers) & set(self.numbers.tolist()):
            if kill:
                os._exit(1)
            raise RuntimeError(REASON)
        return run(self)

    return failing
