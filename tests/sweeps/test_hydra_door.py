"""``experiments/sweep.py``: the same sweep through Hydra, from a clone and from an installed package."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim.sweeps.conduct import DriveOptions
from tests.conftest import ROOT
from tests.helpers.sweeps import hashes, run

SCRIPT = ROOT / "experiments" / "sweep.py"
WORDS = ("case=pccp,chrp", "weeks=40", "enabling.leadership=0.2,0.5,0.8", "replicates=3")


def script(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_script_and_the_command_make_the_same_dataset(tmp_path: Path) -> None:
    done = script(tmp_path, "-m", *WORDS, "output=a")
    assert done.returncode == 0, done.stderr
    assert "6 points x 3 replicates = 18 runs" in done.stdout
    run(tmp_path / "b", WORDS, how=DriveOptions())
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_designs_work_through_the_script(tmp_path: Path) -> None:
    words = ("design=lhs", "design.points=5", "enabling.leadership=interval(0.2,0.4)", "weeks=40", "replicates=2")
    done = script(tmp_path, "-m", *words, "output=a")
    assert done.returncode == 0, done.stderr
    assert "5 points x 2 replicates" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-m", "enabling.ledership=0.1,0.2"], "did you mean 'enabling.leadership'?"),
        (["-m", "design=lhs", "enabling.leadership=interval(1,0)"], "from a lower to a higher value"),
        (["enabling.leadership=2", "weeks=40"], "must be a number from 0 to 1"),
        (["objective=nothing", "weeks=40"], "objective must be a column of runs; got 'nothing'"),
    ],
)
def test_mistakes_are_told_in_one_line_with_status_2(tmp_path: Path, words: list[str], message: str) -> None:
    done = script(tmp_path, *words)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_one_point_returns_its_objective(tmp_path: Path) -> None:
    done = script(tmp_path, "weeks=60", "replicates=3", "objective=members_end", "seed=4")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pccp/baseline: members_end = ")


def test_the_joblib_launcher_works(tmp_path: Path) -> None:
    done = script(tmp_path, "-m", "hydra/launcher=joblib", "weeks=40", "replicates=2", "enabling.leadership=0.2,0.5")
    assert done.returncode == 0, done.stderr
    assert "one job per point" in done.stderr
    assert len(list(tmp_path.glob("results/hydra/*/multirun.yaml"))) == 1


@pytest.mark.slow
def test_the_script_works_beside_the_wheel(tmp_path: Path) -> None:
    """No clone in sight: the wheel in an environment of its own, the script copied beside it."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    def call(*words: str) -> str:
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    call(sys.executable, "-m", "pip", "wheel", "-q", str(ROOT), "--no-deps", "-w", "dist")
    call(sys.executable, "-m", "venv", "env")
    python = str(tmp_path / "env" / "bin" / "python")
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    call(python, "-m", "pip", "install", "-q", "-c", str(ROOT / "constraints.txt"), str(wheel))
    shutil.copy(SCRIPT, tmp_path / "sweep.py")
    assert "18 runs" in call(python, "sweep.py", "-m", *WORDS, "output=a")
    found = call(python, "-c", "from hydra.core.plugins import Plugins; print(Plugins.instance().discover())")
    assert "PartnersimSweeper" in found
    run(tmp_path / "b", WORDS)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


@pytest.mark.slow
def test_the_optuna_sweeper_works_in_an_environment_of_its_own(tmp_path: Path) -> None:
    """It needs an Optuna older than 3, which nothing else here should have to live with."""

    def call(*words: str) -> str:
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    call(sys.executable, "-m", "venv", "env")
    python = str(tmp_path / "env" / "bin" / "python")
    ours = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = tmp_path / "constraints.txt"
    kept.write_text("".join(line for line in ours if not line.startswith("optuna==")), encoding="utf-8")
    call(python, "-m", "pip", "install", "-q", "-c", str(kept), str(ROOT), "hydra-optuna-sweeper")
    shown = call(
        python, str(SCRIPT), "-m", "hydra/sweeper=optuna", "hydra.sweeper.n_trials=4", "hydra.sweeper.n_jobs=1",
        "hydra.sweeper.direction=maximize", "enabling.leadership=interval(0,1)", "weeks=40", "replicates=2",
        "objective=members_end",
    )  # fmt: skip
    assert shown.count("members_end = ") == 4
    (results,) = tmp_path.glob("results/hydra/*/optimization_results.yaml")
    assert "best_value" in results.read_text()
