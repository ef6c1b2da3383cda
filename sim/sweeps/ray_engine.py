"""Chunks as tasks of a Ray cluster (the extra ``ray``); workers write parts and return lines for the ledger."""

from __future__ import annotations

import logging
from collections.abc import Generator, Sequence
from typing import Any

from sim.core.errors import UserError
from sim.sweeps.chunk import fail_chunk, run_chunk
from sim.sweeps.extras import needed
from sim.sweeps.parts import Entry

RETRIES = 3
IN_FLIGHT_PER_WORKER = 2
_POLL_SECONDS = 0.5


def run_on_ray(folder: str, chunks: Sequence[int], workers: int) -> Generator[Entry, None, None]:
    """Run chunks on the cluster that ``RAY_ADDRESS`` names, or on one made for the purpose on this machine.

    Parameters
    ----------
    folder : str
        Folder of the sweep, under the same path on every machine.
    chunks : sequence of int
        Numbers of the chunks.
    workers : int
        Processors to use when a cluster is made here; a running cluster uses all of its own.

    Yields
    ------
    Entry
        The ledger's line of each chunk, as it is done.
    """
    ray = needed("ray", "ray", "ray", "engine=ray")
    began_here = not ray.is_initialized()
    if began_here:
        _join(ray, workers)
    try:
        yield from _bounded(ray, folder, chunks)
    finally:
        if began_here:
            ray.shutdown()


def _join(ray: Any, workers: int) -> None:
    """Join the cluster, or make one here; say in one line why not."""
    try:
        ray.init(**_how_to_start(workers))
    except Exception as error:
        line = str(error).strip().partition(". ")[0].splitlines()[0]
        raise UserError(f"engine=ray cannot join the cluster: {line}; the plan is kept and can be resumed") from error


def _how_to_start(workers: int) -> dict[str, Any]:
    import os

    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    if os.environ.get("RAY_ADDRESS"):
        return quiet
    return {**quiet, "num_cpus": workers, "include_dashboard": False}


def _bounded(ray: Any, folder: str, chunks: Sequence[int]) -> Generator[Entry, None, None]:
    """Keep a few tasks per processor in flight; Ray tries again what a lost worker or machine had."""
    task = ray.remote(num_cpus=1, max_retries=RETRIES)(run_chunk)
    most = IN_FLIGHT_PER_WORKER * max(1, int(ray.cluster_resources().get("CPU", 1)))
    waiting: dict[Any, int] = {}
    left = iter(chunks)
    while True:
        while len(waiting) < most and (chunk := next(left, None)) is not None:
            waiting[task.remote(folder, chunk)] = chunk
        if not waiting:
            return
        done, _ = ray.wait(list(waiting), num_returns=1, timeout=_POLL_SECONDS)
        for reference in done:
            chunk = waiting.pop(reference)
            try:
                entry = ray.get(reference)
            except ray.exceptions.RaySystemError as error:
                entry = fail_chunk(folder, chunk, f"its worker was lost {RETRIES + 1} times: {error}")
            except ray.exceptions.WorkerCrashedError:
                entry = fail_chunk(folder, chunk, f"its worker died each of {RETRIES + 1} times")
            yield entry
