"""Every command that README and docs show is tried: run, run small, or at least read by the program that it names.

What cannot be tried here is in ``NOT_TRIED`` with its reason; pytest prints it among the skipped tests.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from sim.commands.cli import main
from tests.helpers.pages import ROOT, Shown, commands, program_of, python_blocks

NOT_TRIED = {
    r"(python3|py -3\.11) -m venv|.*pip install": "makes an environment: `.ci/run` does so",
    r"ray |export RAY_": "needs several machines; tests/sweeps/test_ray.py makes two nodes of one",
    r"sbatch |#SBATCH|#!|cat > |JOB$|export PARTNERSIM_CACHE": "a batch system's script; its `resume` is tried",
    r"\.ci/run$": "it is what runs this test",
}
# What a page leaves open, and what stands for it here.
OPEN = {
    "ARGUMENTS": "case=pccp",
    "FOLDER": "my_sweep",
    "WORD": "leadership",
    "...": "case=pccp",
    "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT": "1/1",
    "$SLURM_CPUS_PER_TASK": "2",
}
TINY = ("case=pccp", "enabling.leadership=0.2,0.5,0.8", "replicates=2", "weeks=60", "weekly=4", "design=grid")
SHORT = {
    "compare": ("draws=3", "lucks=2"),
    "sensitivity": (
        "trajectories=2",
        "keep=2",
        "points=8",
        "replicates=1",
        "sample=100",
        "mixes=3",
        "weeks=60",
        "over=levers",
        "outputs=atmosphere_last_year",
    ),
    "portfolio": ("generations=1", "population=8", "draws=10", "lucks=1", "fresh=1", "front=4"),
}
ALL = commands()


def reason_not_to_try(command: str) -> str | None:
    return next((reason for pattern, reason in NOT_TRIED.items() if re.match(pattern, command)), None)


def words_of(command: str, folder: Path) -> list[str]:
    """Return the words of a command for this machine: what is left open filled in, no redirection."""
    plain = re.sub(r"^\.venv[/\\](bin|Scripts)[/\\]", "", command).partition(" > ")[0]
    for name, value in OPEN.items():
        plain = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", value, plain)
    words = [word.replace("/shared/", f"{folder}/shared/") for word in shlex.split(plain)]
    return [word for word in words if not re.match(r"[A-Z_]+=", word)]


@pytest.fixture(scope="session")
def tiny_sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep") / "tiny"
    assert main(["sweep", *TINY, f"output={folder}"]) == 0
    return folder


def try_partnersim(words: list[str], folder: Path, request: pytest.FixtureRequest) -> None:
    verb = words[0] if words else ""
    if "case=my_town" in words:
        assert main(["new-case", "my_town", "--from", "pccp"]) == 0
    if "scenario=plan_b.yaml" in words:
        shutil.copy(ROOT / "conf" / "scenario" / "funding_cut.yaml", folder / "plan_b.yaml")
    if verb in ("run", "sweep"):
        if "engine=ray" in words:
            pytest.importorskip("ray", reason="the extra ray is not installed; make test-ray installs it")
        words = [*(word for word in words if word not in ("--dry-run", "--plan-only")), "--dry-run"]
    elif verb in ("resume", "status", "query") and len(words) > 1:
        shutil.copytree(request.getfixturevalue("tiny_sweep"), folder / words[1])
    elif verb == "report":
        words = ["report", str(request.getfixturevalue("tiny_sweep"))]
    elif verb == "calibrate":
        return read_calibration(words[1:])
    elif verb in SHORT:
        given = {word.partition("=")[0] for word in words}
        # A precision finds draws and lucks by itself.
        left = () if "precision" in given else SHORT[verb]
        words = [*words, *(word for word in left if word.partition("=")[0] not in given), "output=out"]
    elif verb == "lab":
        stop_at_once = request.getfixturevalue("monkeypatch")
        stop_at_once.setattr("webbrowser.open", lambda address: True)
        stop_at_once.setattr("sim.lab.server.Lab.serve_forever", lambda server: None)
        words = [*(word for word in words if not word.startswith("port=")), "port=0"]
    elif verb == "lesson" and not any(word.startswith("presets=") for word in words):
        words = [*words, "presets=baseline", "seeds=1"]
    assert main(words) == (0 if words != ["explain"] else 2)
    return None


def read_calibration(words: list[str]) -> None:
    """Read settings and answers; a fit takes minutes, and tests/analysis/test_calibration.py makes small ones."""
    from sim.analysis.calibration.own import evidence_of
    from sim.commands.calibrate import SETTINGS
    from sim.config.arguments import read_options

    options = read_options("calibrate", SETTINGS, words, also=("both",))
    if options["answers"]:
        assert main(["new-answers", options["answers"], "--sample"]) == 0
        assert evidence_of((options["case"],), options["answers"])


def try_python(words: list[str]) -> None:
    """Ask a program for its help, which must know every option; Hydra's reads the words themselves."""
    through_hydra = words[0] == "experiments/sweep.py"
    module = words[: 2 if words[0] == "-m" else 1]
    ask = [word for word in words if word != "-m"] + ["--cfg", "job"] if through_hydra else [*module, "--help"]
    done = subprocess.run([sys.executable, *ask], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1000:]
    given = [] if through_hydra else [word for word in words[1:] if word.startswith("--") or re.match(r"\w+=", word)]
    options = [word.partition("=")[0] for word in given]
    assert [option for option in options if option not in done.stdout] == []


def try_make(words: list[str]) -> None:
    if shutil.which("make") is None:
        pytest.skip("no make on this machine")
    done = subprocess.run(["make", "-n", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def try_reading(command: str) -> None:
    for call in re.findall(r"\w+\.read_parquet\([^)]*\)", command):
        library = pytest.importorskip(call.partition(".")[0])
        assert len(eval(call, {library.__name__: library})) == 6


@pytest.mark.parametrize("shown", ALL, ids=str)
def test_command(shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if reason := reason_not_to_try(shown.text):
        pytest.skip(f"not tried: {reason}")
    monkeypatch.chdir(tmp_path)
    if ".read_parquet(" in shown.text:
        shutil.copytree(request.getfixturevalue("tiny_sweep"), tmp_path / "my_sweep")
        return try_reading(shown.text)
    words = words_of(shown.text, tmp_path)
    program, rest = words[0], words[1:]
    if program == "partnersim":
        return try_partnersim(rest, tmp_path, request)
    if program == "make":
        return try_make(rest)
    if program == "python":
        return try_python(rest)
    assert program == "solara", f"say in {__name__} how to try '{shown.text}'"
    assert rest[:1] == ["run"]
    assert find_spec(rest[1]), f"{rest[1]} does not exist"
    return None


# The steps of the recipes are followed by tests/house/test_recipes.py.
BLOCKS = [shown for shown in python_blocks() if shown.page != "CONTRIBUTING.md"]


@pytest.mark.parametrize("shown", BLOCKS, ids=lambda shown: f"{shown.page}: {shown.text.splitlines()[-1]}")
def test_python_block(shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if "PartnershipModel" in shown.text:
        pytest.skip("run by tests/mesa_front/test_mesa_front.py")
    monkeypatch.chdir(tmp_path)
    exec(re.sub(r"replicates=\d+", "replicates=2", shown.text), {})


def test_every_reason_is_needed() -> None:
    unused = [pattern for pattern in NOT_TRIED if not any(re.match(pattern, shown.text) for shown in ALL)]
    assert unused == []


def test_the_reader_of_pages_finds_commands_in_blocks_and_in_text() -> None:
    texts = {shown.text for shown in ALL}
    assert "partnersim run case=chrp scenario=funding_cut" in texts
    assert "make mutants" in texts
    assert not any(program_of(text) == "" for text in texts)
    assert len(python_blocks()) >= 4


def test_a_command_with_a_mistake_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssertionError):
        try_partnersim(["run", "cas=pccp"], tmp_path, None)  # type: ignore[arg-type]
    with pytest.raises(AssertionError):
        try_make(["no-such-target"])
    with pytest.raises(AssertionError):
        try_python(["-m", "experiments.calibration.recovery", "--pionts", "3"])
    with pytest.raises(AssertionError):
        try_python(["-m", "experiments.questions.shocks", "sise=1.0"])
