"""Sweeps on a real Ray of two nodes on this machine (the extra ``ray``; ``make test-ray``)."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.sweeps.conduct import DriveOptions, conduct
from tests.helpers.sweeps import begin, hashes, run

ray = pytest.importorskip("ray", reason="the extra ray is not installed; make test-ray installs it")

pytestmark = [
    pytest.mark.ray,
    # Ray opens more files and sockets than it closes; that is its own business.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]
LONG = ("case=pccp,chrp", "weeks=260", "enabling.leadership=0.2,0.8", "design=grid", "replicates=100")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Return a cluster of two nodes with one processor each."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster

        made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
        made.add_node(num_cpus=1)
        ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
    yield made
    ray.shutdown()
    made.shutdown()


def test_two_nodes_make_the_same_dataset(cluster: Any, tmp_path: Path) -> None:
    assert len(ray.nodes()) == 2
    run(tmp_path / "threads", LONG, chunk=20)
    state = run(tmp_path / "ray", LONG, chunk=20, how=DriveOptions(engine="ray"))
    assert (state.complete, state.failed) == (True, 0)
    assert hashes(tmp_path / "ray") == hashes(tmp_path / "threads")


def test_a_killed_worker_costs_its_chunk_another_try(cluster: Any, tmp_path: Path) -> None:
    run(tmp_path / "threads", LONG, chunk=20)
    folder = begin(tmp_path / "ray", LONG, chunk=20)
    killed: list[int] = []

    def kill_one(state: Any) -> None:
        workers = [] if killed or not state.done else busy_workers()
        for pid in workers[:1]:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    state = conduct(folder, DriveOptions(engine="ray"), kill_one)
    assert killed
    assert (state.complete, state.failed) == (True, 0)
    assert hashes(tmp_path / "ray") == hashes(tmp_path / "threads")


def busy_workers() -> list[int]:
    """Return the processes that run chunks for Ray on this machine."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes().startswith(b"ray::run_chunk"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found
