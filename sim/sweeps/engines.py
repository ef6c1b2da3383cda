"""Where chunks are run: threads of this process, other processes, or a Ray cluster.

An engine is a function that takes a folder and the numbers of chunks and yields the ledger's line of each as it
is done, in any order. Parts do not depend on the engine: the tests compare them.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection, get_context, parent_process

from sim.config.settings import nearest
from sim.core.errors import UserError
from sim.sweeps.chunk import fail_chunk, run_chunk
from sim.sweeps.parts import Entry

Engine = Callable[[str, Sequence[int], int], Generator[Entry, None, None]]

IN_FLIGHT_PER_WORKER = 2
TRIES_ALONE = 2
_POLL_SECONDS = 0.2


def find_engine(name: str) -> Engine:
    """Return an engine by its name.

    Raises
    ------
    UserError
        One line with the names there are.
    """
    if name not in ENGINES:
        close = nearest(name, list(ENGINES))
        hint = f"; did you mean '{close}'?" if close else "."
        raise UserError(f"no engine called '{name}'{hint} Available: {', '.join(ENGINES)}")
    return ENGINES[name]


def threads(folder: str, chunks: Sequence[int], workers: int) -> Generator[Entry, None, None]:
    """Run chunks in threads of this process; the compiled core lets them work side by side."""
    stop = threading.Event()
    pool = ThreadPoolExecutor(workers)
    try:
        yield from _bounded(pool, folder, chunks, workers, stop)
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _bounded(
    pool: Executor, folder: str, chunks: Sequence[int], workers: int, stop: threading.Event | None
) -> Generator[Entry, None, None]:
    """Submit a few chunks at a time, so that a million of them need no memory, and yield what is done."""
    waiting: dict[Future[Entry], int] = {}
    left = iter(chunks)
    try:
        while True:
            while len(waiting) < workers * IN_FLIGHT_PER_WORKER and (chunk := next(left, None)) is not None:
                words = (folder, chunk) if stop is None else (folder, chunk, stop.is_set)
                waiting[pool.submit(run_chunk, *words)] = chunk
            if not waiting:
                return
            # A short wait lets Ctrl-C through on every system.
            done, _ = wait(waiting, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in done:
                entry = future.result()
                del waiting[future]
                yield entry
    except BrokenProcessPool:
        raise _WorkerDiedError(sorted(waiting.values()), list(left)) from None


class _WorkerDiedError(Exception):
    """A worker process was killed while these chunks were in flight; others had not begun."""

    def __init__(self, suspects: list[int], left: list[int]) -> None:
        super().__init__(f"a worker died while chunks {suspects} were in flight")
        self.suspects, self.left = suspects, left


def processes(folder: str, chunks: Sequence[int], workers: int) -> Generator[Entry, None, None]:
    """Run chunks in other processes of this machine; a killed worker costs its chunk a second try."""
    left = list(chunks)
    while left:
        try:
            with _process_pool(workers) as pool:
                yield from _bounded(pool, folder, left, workers, None)
            return
        except _WorkerDiedError as death:
            left = death.left
            for suspect in death.suspects:
                yield _alone(folder, suspect)


def _alone(folder: str, chunk: int) -> Entry:
    """Run a chunk with nothing beside it; when it kills its worker again, record its runs as failed."""
    for _ in range(TRIES_ALONE):
        try:
            with _process_pool(1) as pool:
                return pool.submit(run_chunk, folder, chunk).result()
        except BrokenProcessPool:
            continue
    return fail_chunk(folder, chunk, f"the worker process died each of {TRIES_ALONE + 1} times")


class _process_pool:  # noqa: N801
    """A pool of fresh processes; when left by an error its workers are stopped, not waited for."""

    def __init__(self, workers: int) -> None:
        self._pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_be_a_worker)

    def __enter__(self) -> ProcessPoolExecutor:
        return self._pool

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None:
            for process in list((self._pool._processes or {}).values()):
                process.terminate()
        self._pool.shutdown(wait=True, cancel_futures=True)


def _be_a_worker() -> None:
    """Leave Ctrl-C to the driver, and end when the driver is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    driver = parent_process()
    if driver is not None:
        threading.Thread(target=_end_with, args=(driver.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def ray(folder: str, chunks: Sequence[int], workers: int) -> Generator[Entry, None, None]:
    """Run chunks as tasks of a Ray cluster, all of whose machines see the folder."""
    from sim.sweeps.ray_engine import run_on_ray

    return run_on_ray(folder, chunks, workers)


ENGINES: dict[str, Engine] = {"threads": threads, "processes": processes, "ray": ray}
