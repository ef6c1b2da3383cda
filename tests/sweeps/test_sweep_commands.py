"""``partnersim sweep, resume, status, query``: what is printed, which exit status, what lies on disk afterwards."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from sim.commands.cli import main
from sim.sweeps.folder import SweepFolder
from tests.conftest import ROOT
from tests.helpers.failures import failing_runs
from tests.helpers.interrupts import hears_interrupts
from tests.helpers.sweeps import hashes

SMALL = ["weeks=40", "enabling.leadership=0.2,0.8", "replicates=10"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # A loaded machine must not add the line that planning takes long.
    monkeypatch.setattr("sim.commands.sweep.said_when_long", lambda line: nullcontext())


def spoken(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(list(words))
    out, err = capsys.readouterr()
    return status, out, err


def test_a_sweep_says_what_it_will_do_what_came_out_and_how_to_go_on(capsys) -> None:
    status, out, err = spoken(capsys, "sweep", *SMALL, "output=a")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("2 points x 10 replicates = 20 runs of pccp/baseline; about ")
    assert " on disk; luck: common" in lines[0]
    assert lines[1].startswith("20 runs done in ")
    assert hashes(Path("a"))["runs"].startswith(lines[1].rsplit(" ", 1)[1])
    assert lines[2].startswith("Synergy in the last year: median ")
    assert lines[3] == "Results: a"
    assert lines[4].startswith("Ask: ")


def test_the_folder_is_named_by_what_is_run(capsys) -> None:
    spoken(capsys, "sweep", *SMALL, "case=pccp,chrp")
    (made,) = Path("results/sweep").iterdir()
    assert made.name.startswith("pccp-chrp-grid-")


def test_a_dry_run_writes_nothing(capsys) -> None:
    status, out, _ = spoken(capsys, "sweep", *SMALL, "--dry-run")
    assert status == 0
    assert "20 runs" in out
    assert "Would write: results/sweep/pccp-grid-" in out
    assert not list(Path().iterdir())


def test_a_plan_alone_can_be_run_in_slices_and_completed(capsys) -> None:
    status, out, _ = spoken(capsys, "sweep", *SMALL, "--plan-only", "output=a", "chunk=4")
    assert status == 0
    assert "(5 chunks); run it with: " in out
    assert spoken(capsys, "status", "a")[1].startswith("stopped: 0 of 20 runs done (0%), 0 failed")
    for k in (1, 2):
        status, out, _ = spoken(capsys, "resume", "a", f"slice={k}/2")
        assert status == 0
        assert out.startswith(f"slice {k} of 2: {12 if k == 1 else 8} of {12 if k == 1 else 8} runs done")
    assert spoken(capsys, "resume", "a")[0] == 0
    spoken(capsys, "sweep", *SMALL, "output=b")
    assert hashes(Path("a")) == hashes(Path("b"))


def test_status_tells_the_hash_of_a_finished_sweep(capsys) -> None:
    spoken(capsys, "sweep", *SMALL, "output=a")
    status, out, _ = spoken(capsys, "status", "a")
    assert status == 0
    assert out.startswith("complete: 20 of 20 runs done (100%), 0 failed")
    assert f"content hash of runs: {hashes(Path('a'))['runs']}" in out


def test_the_same_sweep_again_is_told_to_go_on(capsys) -> None:
    spoken(capsys, "sweep", *SMALL, "output=a")
    status, _, err = spoken(capsys, "sweep", *SMALL, "output=a")
    assert status == 2
    assert "holds this sweep (20 of 20 runs done); resume with: " in err
    status, _, err = spoken(capsys, "sweep", *SMALL, "seed=2", "output=a")
    assert status == 2
    assert "holds another sweep; give another with output=FOLDER" in err
    assert spoken(capsys, "resume", "a")[0] == 0


@pytest.mark.parametrize(("policy", "status"), [("finish", 3), ("record", 0), ("stop", 3)])
def test_failed_runs_and_the_exit_status(capsys, policy: str, status: int) -> None:
    with failing_runs(3):
        found, _, err = spoken(capsys, "sweep", *SMALL, "output=a", f"failures={policy}", "chunk=5", "threads=1")
    assert found == status
    assert "1 of 20 runs failed" in err
    if policy == "stop":
        assert "stopped at the first failed run; resume with: " in err
        assert len(SweepFolder(Path("a")).done()) == 1
    else:
        assert "failed.csv tells which and why" in err
        assert len(SweepFolder(Path("a")).done()) == 4
    assert spoken(capsys, "resume", "a", "--retry-failed")[0] == 0
    assert not Path("a/failed.csv").exists()


MISTAKES = [
    (["sweep", "enginee=threads"], "did you mean 'engine'?"),
    (["sweep", "design=lhs", "enabling.leadership=interval(1,0)"], "from a lower to a higher value"),
    (["sweep", *SMALL, "output=blocked/a"], "'blocked' is a file, not a folder"),
    (["resume"], "resume needs one folder"),
    (["resume", "nowhere"], "'nowhere' is not a folder; 'partnersim sweep' makes one"),
    (["resume", "a", "slice=3/2"], "slice must be K/N with K from 1 to N, such as 3/100; got '3/2'"),
    (["resume", "a", "enabling.leadership=0.3"], "resume keeps to the plan|resume goes on with the plan"),
    (["resume", "a", "engin=ray"], "unknown setting 'engin'"),
    (["resume", "a", "engine=rays"], "engine must be one of threads, processes, ray"),
    (["status"], "status needs one folder"),
    (["status", "nowhere"], "is not a folder"),
    (["query", "a"], "query needs a folder and a question"),
    (["query", "a", "select x from runs"], "tables: runs, plan"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES, ids=[" ".join(words) for words, _ in MISTAKES])
def test_mistakes_are_told_in_one_line(capsys, words: list[str], message: str) -> None:
    spoken(capsys, "sweep", *SMALL, "output=a")
    Path("blocked").write_text("")
    before = sorted(Path().rglob("*"))
    status, out, err = spoken(capsys, *words)
    assert status == 2
    assert out == ""
    assert any(part in err for part in message.split("|")), err
    assert len(err.splitlines()) == 1
    assert sorted(Path().rglob("*")) == before


@pytest.mark.parametrize(
    ("module", "words", "message"),
    [
        ("scipy.stats.qmc", ["sweep", "design=lhs"], "design=lhs needs the package scipy"),
        ("SALib.sample.morris", ["sweep", "design=morris"], "design=morris needs the package SALib"),
        ("ray", ["sweep", "engine=ray", *SMALL], "install it with: pip install 'partnersim[ray]'"),
        ("duckdb", ["query", "a", "select 1"], "install it with: pip install 'partnersim[sweeps]'"),
    ],
)
def test_a_missing_extra_says_what_to_install(capsys, monkeypatch, module: str, words: list[str], message: str) -> None:
    spoken(capsys, "sweep", *SMALL, "output=a")
    monkeypatch.setitem(sys.modules, module, None)
    status, _, err = spoken(capsys, *words)
    assert status == 2
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_query_prints_a_table_or_csv(capsys) -> None:
    spoken(capsys, "sweep", *SMALL, "output=a")
    question = "select enabling.leadership, count(*) as n from runs group by all order by all"
    status, out, _ = spoken(capsys, "query", "a", question)
    assert status == 0
    assert "leadership" in out
    assert spoken(capsys, "query", "a", question, "--csv")[1] == "leadership,n\n0.2,10\n0.8,10\n"


def test_the_record_tells_how_to_make_it_again(capsys) -> None:
    spoken(capsys, "sweep", *SMALL, "output=a")
    record = json.loads(Path("a/sweep.json").read_text())
    assert record["words"] == [*SMALL, "output=a"]
    assert record["runs"] == 20
    assert {"plan_hash", "settings_hash", "model_hash", "packages", "python", "code", "limits"} <= set(record)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT to a process there")
def test_ctrl_c_leaves_what_is_done_and_says_how_to_go_on(capsys) -> None:
    command = [sys.executable, "-m", "sim", "sweep", "replicates=40000", "chunk=20", "output=a"]
    with subprocess.Popen(
        command, env=_with_root(), stderr=subprocess.PIPE, text=True, preexec_fn=hears_interrupts
    ) as process:
        while not list(Path("a").glob("done.jsonl")):
            time.sleep(0.05)
            assert process.poll() is None
        state = spoken(capsys, "status", "a")[1]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert state.startswith("running: ")
    assert err.splitlines()[-1].startswith("interrupted: ")
    assert "of 40,000 runs are done; resume with: " in err
    assert spoken(capsys, "status", "a")[1].splitlines()[-1] == "resume with: partnersim resume a"
    assert not list(Path("a").rglob("*.partial"))


def _with_root() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_progress_is_told_on_a_terminal_and_nowhere_else(capsys, monkeypatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    err = spoken(capsys, "sweep", *SMALL, "output=a", "chunk=4", "threads=1")[2]
    assert "0 of 20 runs done" in err
    assert "8 of 20 runs done" in err
    assert " runs/s, about " in err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    assert spoken(capsys, "sweep", *SMALL, "output=b", "chunk=4")[2] == ""
