"""Each recipe of CONTRIBUTING.md is followed to the letter in a copy of the tree, and what it adds is used there.

A recipe is a section ``### Name``. Its steps are blocks of code with a line before them that says where they go:
*In `file`, after `text`*, *In `file`, before `text`* or *New file `file`*. A block of Python without such a line is a
program.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.helpers.tree import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
STEP = re.compile(
    r"^(?:In `(?P<file>[^`]+)`, (?P<where>after|before) `(?P<text>[^\n]+)`|New file `(?P<new>[^`]+)`):\n\n"
    r"```\w+\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
SECTIONS = dict(re.findall(r"^### ([^\n]+)\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL))


class Step(NamedTuple):
    """Code, and the place in a file where it goes; ``where`` is ``new`` for a file of its own."""

    file: str
    where: str
    text: str
    code: str


def steps(section: str) -> list[Step]:
    found = STEP.finditer(section)
    return [Step(one["file"] or one["new"], one["where"] or "new", one["text"] or "", one["code"]) for one in found]


def programs(section: str) -> list[str]:
    """Return the blocks of Python that go nowhere but are run."""
    return re.findall(r"^```python\n(.*?)^```$", STEP.sub("", section), re.MULTILINE | re.DOTALL)


def commands(section: str) -> list[list[str]]:
    """Return the arguments of the commands that the text names."""
    return [line.split() for line in re.findall(r"`partnersim ([^`]+)`", section)]


def carry_out(step: Step, tree: Path) -> None:
    """Change one file of a copy as a step says."""
    path = tree / step.file
    if step.where == "new":
        assert not path.exists(), f"{step.file} is there already"
        path.write_text(step.code, encoding="utf-8")
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    places = [number for number, line in enumerate(lines) if step.text in line]
    assert places, f"no line of {step.file} contains {step.text!r}"
    at = places[0] + (step.where == "after")
    path.write_text("".join([*lines[:at], step.code, *lines[at:]]), encoding="utf-8")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a copy of what a recipe changes and what uses it."""
    for name in ("sim", "conf", "tests", "experiments"):
        ignored = shutil.ignore_patterns("__pycache__", "mutants")
        shutil.copytree(ROOT / name, tmp_path / "tree" / name, ignore=ignored)
    for name in ("pyproject.toml", "CONTRIBUTING.md"):
        shutil.copy2(ROOT / name, tmp_path / "tree" / name)
    (tmp_path / "beside").mkdir()
    return tmp_path / "tree"


def follow(name: str, tree: Path) -> str:
    """Carry out the steps of a recipe; return its text."""
    for step in steps(SECTIONS[name]):
        carry_out(step, tree)
    return SECTIONS[name]


def python(tree: Path, *arguments: str) -> str:
    """Run Python with the copy's package, not compiled, in an empty folder; return what it prints."""
    changed = {"PYTHONPATH": str(tree), "NUMBA_DISABLE_JIT": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tree.parent / "beside", env=os.environ | changed,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout


def texts_of_the_lab_are_whole(tree: Path) -> None:
    """Run the tests of the lab's texts: a name without a text in both languages fails them."""
    file = str(tree / "tests" / "lab" / "test_lab_text.py")
    chosen = "every_language or everything_that_has_a_name"
    python(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tree}", file, "-k", chosen)


def test_a_step_goes_where_it_says(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("one(\ntwo(\ntwo(\n")
    section = "In `a.py`, after `two(`:\n\n```python\nthree\n```\n\nIn `a.py`, before `two(`:\n\n```python\nhalf\n```\n"
    section += "\nNew file `b.py`:\n\n```python\npass\n```\n\n```python\nprint(1)\n```\n"
    for step in steps(section):
        carry_out(step, tmp_path)
    assert (tmp_path / "a.py").read_text() == "one(\nhalf\ntwo(\nthree\ntwo(\n"
    assert (tmp_path / "b.py").read_text() == "pass\n"
    assert programs(section) == ["print(1)\n"]
    with pytest.raises(AssertionError, match=r"no line of a\.py"):
        carry_out(Step("a.py", "after", "four", "five\n"), tmp_path)


def test_every_recipe_is_followed_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    assert len(SECTIONS) >= 9
    assert [name for name in SECTIONS if f'"{name}"' not in source] == []


def test_every_block_of_a_recipe_is_a_step_or_a_program() -> None:
    for name, section in SECTIONS.items():
        blocks = len(re.findall(r"^```\w", section, re.MULTILINE))
        assert blocks == len(steps(section)) + len(programs(section)), name


def test_a_metric(tree: Path) -> None:
    follow("A metric", tree)
    python(
        tree,
        "-c",
        """
import sim
weekly = sim.run(sim.make_scenario("pccp", settings={"weeks": 12}), seed=1, replicates=1).weekly
founders = weekly["organisations"].iloc[0]
lost = founders - founders * weekly["organisations_kept"]
assert abs(weekly["organisations_lost"] - lost).max() < 1e-9, weekly[["organisations_lost", "organisations_kept"]]
""",
    )
    python(tree, "-m", "sim", "run", "case=chrp", "weeks=4", "replicates=1", "output=run")
    assert "organisations_lost" in (tree.parent / "beside" / "run" / "columns.csv").read_text(encoding="utf-8")


def test_a_lever(tree: Path) -> None:
    follow("A lever", tree)
    python(
        tree,
        "-c",
        """
import sim
from sim.core.parameters import LEVERS
assert list(LEVERS)[-1] == "buddies"
without, full = (
    sim.run(sim.make_scenario("pccp", settings={"weeks": 8, "enabling.buddies": share}), seed=1, replicates=1).weekly
    for share in (0.0, 1.0)
)
assert not without.equals(full)
""",
    )
    texts_of_the_lab_are_whole(tree)


@pytest.mark.parametrize("case", ["pccp", "chrp"])
def test_a_kind_of_resource(tree: Path, case: str) -> None:
    """The seventh kind is held, asked for and given, in both cases."""
    follow("A kind of resource", tree)
    python(
        tree,
        "-c",
        f"""
import numpy as np
import sim
model = sim.PartnershipModel(sim.make_scenario({case!r}), run_seed=1)
assert model.state.holdings.shape[1] == 7
assert model.state.holdings[:, 6].max() > 0
given = 0.0
for week in range(26):
    model.step()
    given += (np.asarray(model.flows.offer) == 6).sum()
assert given > 0, "nobody ever offered equipment"
""",
    )
    texts_of_the_lab_are_whole(tree)


def test_a_kind_of_shock(tree: Path) -> None:
    follow("A kind of shock", tree)
    python(
        tree,
        "-c",
        """
import sim
shock = {"kind": "scandal", "week": 3, "size": 0.5}
calm, struck = (
    sim.PartnershipModel(sim.make_scenario("pccp", settings={"weeks": 8} | more), run_seed=1)
    for more in ({}, {"shocks.scandal": shock})
)
for week in range(1, 4):
    calm.step()
    struck.step()
    assert (struck.state.backing.sum() < 0.8 * calm.state.backing.sum()) == (week >= 3), week
""",
    )
    texts_of_the_lab_are_whole(tree)


def test_a_case(tree: Path) -> None:
    """The commands of the text, as they stand; then some weeks of it."""
    section = follow("A case", tree)
    assert len(commands(section)) >= 2
    for arguments in commands(section):
        python(tree, "-m", "sim", *arguments)
    python(tree, "-m", "sim", "run", "case=my_town", "weeks=4", "replicates=1", "output=run")
    assert (tree.parent / "beside" / "run" / "summary.csv").is_file()


def test_a_scenario(tree: Path) -> None:
    follow("A scenario", tree)
    assert "meet_less_often" in python(tree, "-m", "sim", "list")
    python(tree, "-m", "sim", "run", "scenario=meet_less_often", "weeks=4", "replicates=1", "output=run")
    texts_of_the_lab_are_whole(tree)


def test_a_verb(tree: Path) -> None:
    follow("A verb", tree)
    assert python(tree, "-m", "sim", "where").strip().endswith("conf")
    assert "where" in python(tree, "-m", "sim", "--help")


@pytest.mark.parametrize(
    "name", ["A reporter of your own, in Mesa", "A weekly rule of your own, in a subclass"], ids=["reporter", "rule"]
)
def test_a_program(tree: Path, name: str) -> None:
    (program,) = programs(SECTIONS[name])
    assert python(tree, "-c", program).strip()
