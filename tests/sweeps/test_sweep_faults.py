"""What can go wrong during a sweep, tried: nothing is lost, nothing is wrong, and it is said in one line."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from sim.core.errors import UserError
from sim.results.summaries import summary
from sim.sweeps import parts as parts_module
from sim.sweeps.conduct import DriveOptions, conduct
from sim.sweeps.folder import SweepFolder
from sim.sweeps.parts import Entry, Ledger, entries, part_path
from tests.conftest import ROOT
from tests.helpers.failures import REASON, failing_runs
from tests.helpers.sweeps import begin, hashes, run


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the hashes of the sweep when nothing goes wrong."""
    target = tmp_path_factory.mktemp("sweep") / "one"
    run(target)
    return hashes(target)


@pytest.fixture
def half(tmp_path: Path) -> SweepFolder:
    """Return a sweep of which two of five chunks are done."""
    folder = begin(tmp_path / "half")
    conduct(folder, DriveOptions(part=(1, 3)))
    (folder.path / "done-1-of-3.jsonl").rename(folder.path / "done.jsonl")
    assert sorted(folder.done()) == [0, 3]
    return folder


# --- parts and ledger ---------------------------------------------------------------------------------------


def damage_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


DAMAGES = {
    "one bit": damage_a_byte,
    "half of it": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("table", ["runs", "weekly", "seats", "answers"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_part_is_noticed_and_redone(
    half: SweepFolder, expected: dict[str, str], table: str, damage: str
) -> None:
    DAMAGES[damage](half.path / part_path(table, 3))
    state = conduct(half, DriveOptions())
    assert state.redone == (3,)
    assert state.complete
    assert hashes(half.path) == expected


def test_a_damaged_part_of_a_finished_sweep_is_redone_too(tmp_path: Path, expected: dict[str, str]) -> None:
    run(tmp_path / "a")
    damage_a_byte(tmp_path / "a" / part_path("runs", 0))
    assert conduct(SweepFolder(tmp_path / "a"), DriveOptions()).redone == (0,)
    assert hashes(tmp_path / "a") == expected


def test_a_half_written_line_of_the_ledger_is_passed_over(half: SweepFolder, expected: dict[str, str]) -> None:
    ledger = half.path / "done.jsonl"
    ledger.write_bytes(ledger.read_bytes()[:-30])
    assert sorted(half.done()) == [0]
    assert conduct(half, DriveOptions()).complete
    assert sorted(half.done()) == [0, 1, 2, 3, 4]
    assert hashes(half.path) == expected


def test_a_part_that_no_ledger_knows_is_written_again(half: SweepFolder, expected: dict[str, str]) -> None:
    (half.path / part_path("runs", 1)).write_bytes(b"written by a driver that was killed before it could say so")
    (half.path / "runs" / ".part-000002.parquet.1-1.partial").write_bytes(b"half")
    assert conduct(half, DriveOptions()).complete
    assert hashes(half.path) == expected
    assert not list(half.path.rglob("*.partial"))


def test_entries_survive_the_ledger(tmp_path: Path) -> None:
    entry = Entry(3, 10, 1, 0.5, {"runs/part-000003.parquet": "abc"}, 100, 1.5)
    Ledger(tmp_path / "done.jsonl").append(entry)
    Ledger(tmp_path / "done.jsonl").append(entry)
    assert entries(tmp_path) == [entry, entry]


# --- going on with something else ---------------------------------------------------------------------------


def test_another_model_is_refused(half: SweepFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sim.sweeps.folder", "sim.config.version"):
        monkeypatch.setattr(f"{module}.model_hash", lambda: "deadbeef")
    with pytest.raises(UserError, match=r"the model has changed since this sweep began .* deadbeef now"):
        conduct(half, DriveOptions())


def test_another_plan_is_refused(half: SweepFolder) -> None:
    path = half.path / "plan.parquet"
    table = pq.read_table(path)
    place = table.column_names.index("enabling.leadership")
    pq.write_table(table.set_column(place, "enabling.leadership", [[0.9] * table.num_rows]), path)
    with pytest.raises(UserError, match=r"the plan in .* is not the one this sweep began with"):
        conduct(half, DriveOptions())


def test_other_settings_are_refused(half: SweepFolder) -> None:
    record = json.loads((half.path / "sweep.json").read_text())
    record["want"]["weekly"] = 10
    (half.path / "sweep.json").write_text(json.dumps(record))
    with pytest.raises(UserError, match=r"the settings in .* are not those"):
        conduct(SweepFolder(half.path), DriveOptions())


@pytest.mark.parametrize("name", ["plan.parquet", "variants.jsonl.gz"])
def test_a_broken_plan_is_refused(half: SweepFolder, name: str) -> None:
    path = half.path / name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(UserError, match="begin a new sweep"):
        conduct(half, DriveOptions())


def test_what_is_no_sweep_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a folder"):
        SweepFolder(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"holds no sweep \(no sweep.json\)"):
        SweepFolder(tmp_path)
    (tmp_path / "sweep.json").write_text("{")
    with pytest.raises(UserError, match="cannot be read"):
        SweepFolder(tmp_path)


# --- runs that fail -----------------------------------------------------------------------------------------


FAILING = (2, 3, 17)


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_failed_runs_are_listed_with_settings_key_and_reason(tmp_path: Path, engine: str) -> None:
    with failing_runs(*FAILING):
        state = run(tmp_path / "a", how=DriveOptions(engine=engine))
    assert (state.done, state.failed, state.complete) == (24, 3, True)
    lines = (tmp_path / "a" / "failed.csv").read_text().splitlines()
    assert lines[0].endswith("weeks,enabling.leadership,reason") or "enabling.leadership" in lines[0]
    assert [line.split(",")[0] for line in lines[1:]] == ["2", "3", "17"]
    assert all(f"RuntimeError: {REASON}" in line for line in lines[1:])
    kept = pq.read_table(tmp_path / "a" / "runs", partitioning=None)["run"].to_pylist()
    assert sorted(kept) == [run for run in range(24) if run not in (2, 3, 17)]


def test_the_others_of_a_block_are_not_harmed(tmp_path: Path, expected: dict[str, str]) -> None:
    """And when the reason is gone, failed runs are run again on request, no others."""
    with failing_runs(*FAILING):
        run(tmp_path / "a")
    assert conduct(SweepFolder(tmp_path / "a"), DriveOptions()).failed == 3
    state = conduct(SweepFolder(tmp_path / "a"), DriveOptions(retry_failed=True))
    assert state.failed == 0
    assert hashes(tmp_path / "a") == expected
    assert not (tmp_path / "a" / "failed.csv").exists()
    assert not list((tmp_path / "a" / "failed").iterdir())


def test_stop_now_stops_at_the_first(tmp_path: Path) -> None:
    with failing_runs(*FAILING):
        state = run(tmp_path / "a", how=DriveOptions(failures="stop"))
    assert (state.done, state.failed, state.complete) == (5, 2, False)


def test_a_result_that_is_not_finite_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    def broken(ensemble, run_again):
        rows = summary(ensemble, run_again)
        rows[ensemble.replicates == 4, 3] = float("inf")
        return rows

    monkeypatch.setattr("sim.sweeps.evaluate.summary", broken)
    assert run(tmp_path / "a").failed == 4
    assert "ArithmeticError: dormant is not a finite number" in (tmp_path / "a" / "failed.csv").read_text()


# --- the machine fails --------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", [0, 1, 7, 12, 19])
def test_a_full_disk_loses_nothing(
    tmp_path: Path, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    """The disk is full at the n-th write of a part; when there is room again the sweep is resumed."""
    count = iter(range(10_000))
    write = parts_module.write_whole

    def full(path: Path, content: bytes) -> None:
        if next(count) >= which:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(path, content)

    monkeypatch.setattr(parts_module, "write_whole", full)
    folder = begin(tmp_path / "a")
    with pytest.raises(UserError, match=r"No space left on device; \d+ of 24 runs are kept; .*partnersim resume"):
        conduct(folder, DriveOptions())
    monkeypatch.undo()
    assert not list(folder.path.rglob("*.partial"))
    assert conduct(folder, DriveOptions()).complete
    assert hashes(folder.path) == expected


def test_a_disk_that_fills_within_a_write_leaves_no_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space left"):
        parts_module.write_whole(tmp_path / "part", b"content")
    assert not list(tmp_path.iterdir())


def test_a_ledger_that_cannot_be_written_loses_nothing(
    tmp_path: Path, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Ledger, entry: Entry) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folder = begin(tmp_path / "a")
    monkeypatch.setattr(Ledger, "append", full)
    with pytest.raises(UserError, match="No space left"):
        conduct(folder, DriveOptions(workers=2))
    monkeypatch.undo()
    assert conduct(folder, DriveOptions()).complete
    assert hashes(folder.path) == expected


def test_a_clock_set_back_changes_nothing(
    tmp_path: Path, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock on the wall jumps back by an hour at every look; files get dates from long ago."""
    now = [2e9]

    def set_back() -> float:
        now[0] -= 3600
        return now[0]

    monkeypatch.setattr(time, "time", set_back)
    folder = begin(tmp_path / "a")
    conduct(folder, DriveOptions(part=(1, 2)))
    for path in folder.path.rglob("*.parquet"):
        os.utime(path, (1, 1))
    state = conduct(folder, DriveOptions())
    assert (state.complete, state.redone) == (True, ())
    assert hashes(folder.path) == expected
    assert all(entry.since >= 0 and entry.seconds >= 0 for entry in entries(folder.path))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"cannot write to|is a file"):
        begin(tmp_path / "file" / "a")


def test_a_second_driver_is_refused_and_the_lock_dies_with_its_holder(half: SweepFolder) -> None:
    code = (
        "import sys, time; from pathlib import Path; from sim.sweeps.folder import SweepFolder\n"
        "with SweepFolder(Path(sys.argv[1])).locked(): print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(half.path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert half.is_held()
        with pytest.raises(UserError, match=r"another process is working on .*partnersim status"):
            conduct(half, DriveOptions())
        with pytest.raises(UserError, match="another process is working on"):
            conduct(half, DriveOptions(part=(1, 2)))
        holder.kill()
    assert not half.is_held()
    assert conduct(half, DriveOptions()).complete


def test_slices_work_side_by_side_but_not_beside_the_whole(half: SweepFolder) -> None:
    with half.locked("1-of-2"):
        with half.locked("2-of-2"):
            pass
        with pytest.raises(UserError, match="another process"), half.locked():
            pass
        with pytest.raises(UserError, match="another process"), half.locked("1-of-2"):
            pass


# --- killed -------------------------------------------------------------------------------------------------

LONG = ("case=pccp,chrp", "weeks=260", "enabling.leadership=0.2,0.8", "design=grid", "weekly=52")


def driver(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "sim", "resume", str(folder), *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kill_again_and_again(folder: Path, times: int, *words: str) -> int:
    """Kill the driver at random moments of its work; return how often it was killed before it was done."""
    dice = random.Random(5)
    killed = 0
    for _ in range(times):
        before = len(SweepFolder(folder).done())
        with driver(folder, *words) as process:
            # Long enough for some chunks, at a moment that nothing is in step with.
            while len(SweepFolder(folder).done()) <= before and process.poll() is None:
                time.sleep(0.01)
            time.sleep(dice.random() * 0.15)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                killed += 1
    return killed


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")
@pytest.mark.parametrize("times", [2, pytest.param(25, marks=pytest.mark.slow)])
def test_a_driver_killed_at_random_moments_ends_with_the_same_dataset(tmp_path: Path, times: int) -> None:
    words = (*LONG, f"replicates={100 + 40 * times}")
    run(tmp_path / "whole", words, chunk=10, how=DriveOptions(workers=2))
    folder = begin(tmp_path / "killed", words, chunk=10)
    assert kill_again_and_again(folder.path, times) >= min(times, 20)
    state = conduct(SweepFolder(folder.path), DriveOptions(workers=2))
    assert state.complete
    assert hashes(folder.path) == hashes(tmp_path / "whole")


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")
def test_a_killed_worker_costs_its_chunk_a_second_try(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = (*LONG, "replicates=20")
    run(tmp_path / "whole", words, chunk=10)
    folder = begin(tmp_path / "killed", words, chunk=10)
    killed = []

    def kill_one(state) -> None:
        if state.done and not killed:
            killed.append(kill_a_child())

    # One worker has two chunks in flight: both get a second try.
    state = conduct(folder, DriveOptions(engine="processes", workers=1), kill_one)
    assert killed == [True]
    assert (state.complete, state.failed) == (True, 0)
    assert hashes(folder.path) == hashes(tmp_path / "whole")


def kill_a_child() -> bool:
    """Kill a worker process of this one."""
    import multiprocessing

    for process in multiprocessing.active_children():
        os.kill(process.pid or 0, signal.SIGKILL)
        return True
    return False


def test_a_chunk_that_always_kills_its_worker_is_recorded_as_failed(tmp_path: Path) -> None:
    with failing_runs(7, kill=True):
        state = run(tmp_path / "a", how=DriveOptions(engine="processes", workers=2))
    assert (state.complete, state.failed) == (True, 5)
    shown = (tmp_path / "a" / "failed.csv").read_text()
    assert shown.count("the worker process died each of 3 times") == 5


def test_workers_do_not_outlive_their_driver(tmp_path: Path) -> None:
    folder = begin(tmp_path / "a", (*LONG, "replicates=150"), chunk=20)
    with driver(folder.path, "engine=processes", "threads=2") as process:
        while not SweepFolder(folder.path).done():
            time.sleep(0.05)
            assert process.poll() is None
        workers = children_of(process.pid)
        process.kill()
    assert workers
    deadline = time.monotonic() + 20
    while any(is_alive(pid) for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(is_alive(pid) for pid in workers)


def children_of(pid: int) -> list[int]:
    shown = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return [int(word) for word in shown.split()]


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")
