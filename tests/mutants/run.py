"""Apply listed faults one by one to a copy of the tree; the named test must fail for each, and pass without.

Reads ``list.yaml`` beside this file: a list of rows with

* ``id``: a short name; ``rule``: the rule's word (or ``rng``, ``metrics``, ``engine``, ``front`` ...);
* ``file``: what is edited; ``find``: text that occurs exactly once in it; ``replace``: the faulty text;
* ``test``: the pytest node (``tests/test_x.py::test_y``) that must notice;
* ``why``: the fault in plain words;
* ``compiled`` (optional, default true): false runs the test with numba's compiler off, which starts sooner.

Faults outside the core share copies, whose compiled code stays valid; a fault of the core gets a copy of its own.

Ends with 0 if every fault was noticed, 1 if one survived or could not be judged, 2 if the list is wrong.
Use ``--only ID ...`` for some rows, ``--rule WORD`` for one rule, ``--check`` to look at the list only,
``--unchecked`` when the tests are known to pass without an edit.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

import yaml

ROOT = Path(__file__).resolve().parents[2]
LIST = Path(__file__).with_name("list.yaml")
COPIED = ("pyproject.toml", "README.md", "LICENSE", "constraints.txt", "sim", "conf", "tests", "docs", "experiments")
SYNTAX = "E   SyntaxError"
NOT_COMPILED = ("numba.core.errors", SYNTAX)
SECONDS = 900.0  # a test that takes longer is stuck


@dataclass(frozen=True)
class Fault:
    """One row of the list."""

    id: str
    rule: str
    file: str
    find: str
    replace: str
    test: str
    why: str
    compiled: bool = True


@dataclass(frozen=True)
class Verdict:
    """What became of one fault: ``noticed``, ``SURVIVED`` or ``NOT JUDGED``; with a reason and the time."""

    fault: Fault
    word: str
    reason: str
    seconds: float


def read_list(path: Path = LIST) -> tuple[list[Fault], list[str]]:
    """Return the rows, and every problem with them (one line each)."""
    rows = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    faults: list[Fault] = []
    problems: list[str] = []
    for number, row in enumerate(rows, 1):
        name = row.get("id", f"row {number}")
        try:
            fault = Fault(**row)
        except TypeError as error:
            problems.append(f"{name}: {error}")
            continue
        problems += [f"{name}: {problem}" for problem in problems_of(fault)]
        faults.append(fault)
    ids = [fault.id for fault in faults]
    problems += [f"{name}: id used twice" for name in sorted({i for i in ids if ids.count(i) > 1})]
    return faults, problems


def problems_of(fault: Fault) -> list[str]:
    """Say what is wrong with one row."""
    problems = []
    file, test = ROOT / fault.file, ROOT / fault.test.split("::")[0]
    if not file.is_file():
        problems.append(f"no file {fault.file}")
    else:
        count = file.read_text(encoding="utf-8").count(fault.find)
        if count != 1:
            problems.append(f"the text to find occurs {count} times in {fault.file}, must be once")
    if fault.find == fault.replace:
        problems.append("the edit changes nothing")
    if not test.is_file() or "::" not in fault.test:
        problems.append(f"no such test {fault.test}")
    elif f"def {fault.test.split('::')[-1].split('[')[0]}(" not in test.read_text(encoding="utf-8"):
        problems.append(f"no test of that name in {fault.test}")
    return problems


def copy_tree(target: Path) -> None:
    """Copy what the tests need."""
    target.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.nb?"))
        elif source.exists():
            shutil.copy2(source, target / name)


def environment(tree: Path, compiled: bool) -> dict[str, str]:
    """Return variables under which ``sim`` is the copy and nothing compiled elsewhere is used."""
    env = {k: v for k, v in os.environ.items() if k not in {"NUMBA_DISABLE_JIT", "NUMBA_CACHE_DIR", "PYTEST_ADDOPTS"}}
    env["PYTHONPATH"] = str(tree)
    env["PYTHONDONTWRITEBYTECODE"] = "1"
    env["PARTNERSIM_CACHE"] = str(tree / ".cache")
    if not compiled:
        env["NUMBA_DISABLE_JIT"] = "1"
    return env


def pytest(tree: Path, tests: list[str], compiled: bool) -> tuple[int, str]:
    """Run tests in a copy; return pytest's exit status (-1: stuck) and what it said."""
    options = ["-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "", "--tb=short"]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *tests],
            cwd=tree,
            env=environment(tree, compiled),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1, f"longer than {SECONDS:.0f} s"
    return done.returncode, done.stdout + done.stderr


def is_broken(file: Path) -> bool:
    """Tell whether an edited Python file is no Python any more: any test would fail then."""
    if file.suffix == ".py":
        try:
            compile(file.read_text(encoding="utf-8"), file.name, "exec")
        except SyntaxError:
            return True
    return False


class Copies:
    """Copies of the tree in a folder: lent one at a time, and lent again unless the fault was one of the core."""

    def __init__(self, room: Path) -> None:
        self.room = room
        self._free: SimpleQueue[Path] = SimpleQueue()

    @contextmanager
    def edited(self, fault: Fault) -> Iterator[Path]:
        """Lend a copy with one fault applied."""
        of_core = fault.file.startswith("sim/core/")
        tree = self._fresh(fault.id) if of_core else self._used(fault.id)
        file = tree / fault.file
        sound = file.read_text(encoding="utf-8")
        file.write_text(sound.replace(fault.find, fault.replace), encoding="utf-8")
        try:
            yield tree
        finally:
            if of_core:
                shutil.rmtree(tree, ignore_errors=True)
            else:
                file.write_text(sound, encoding="utf-8")
                self._free.put(tree)

    def _fresh(self, name: str) -> Path:
        tree = self.room / name
        copy_tree(tree)
        return tree

    def _used(self, name: str) -> Path:
        try:
            return self._free.get_nowait()
        except Empty:
            return self._fresh(name)


def judge(fault: Fault, copies: Copies) -> Verdict:
    """Apply one fault to a copy and look whether its test fails."""
    start = time.perf_counter()
    with copies.edited(fault) as tree:
        status, text = (1, SYNTAX) if is_broken(tree / fault.file) else pytest(tree, [fault.test], fault.compiled)
    complaint = next((line[1:].strip() for line in text.splitlines() if line.startswith("E ")), "")
    word, reason = "NOT JUDGED", f"the test did not run (pytest {status}): {complaint or text.strip()[-200:]}"
    if status == 0:
        word, reason = "SURVIVED", fault.why
    elif status == 1 and any(sign in text for sign in NOT_COMPILED):
        word, reason = "NOT JUDGED", "the edit does not compile: " + complaint
    elif status == 1:
        word, reason = "noticed", complaint
    return Verdict(fault, word, reason, time.perf_counter() - start)


def unedited_pass(faults: list[Fault], room: Path) -> bool:
    """Run every named test on an unedited copy; print what fails."""
    tree = room / "unedited"
    copy_tree(tree)
    probe = subprocess.run(
        [sys.executable, "-c", "import sim; print(list(sim.__path__)[0])"],
        cwd=tree, env=environment(tree, True), capture_output=True, text=True, check=False,
    )  # fmt: skip
    if not probe.stdout.startswith(str(tree)):
        print(f"the copy is not what would be tested, but {probe.stdout.strip() or probe.stderr.strip()[-300:]}")
        return False
    passed = True
    for compiled in (True, False):
        tests = sorted({fault.test for fault in faults if fault.compiled is compiled})
        if tests:
            status, text = pytest(tree, tests, compiled)
            if status != 0:
                print(f"without any edit the tests do not pass (pytest {status}):\n{text[-3000:]}")
                passed = False
    return passed


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=2, help="how many copies are tested at once")
    parser.add_argument("--only", nargs="+", metavar="ID", help="only these rows")
    parser.add_argument("--rule", help="only rows of this rule")
    parser.add_argument("--unchecked", action="store_true", help="do not run the tests without an edit first")
    parser.add_argument("--check", action="store_true", help="look at the list, run nothing")
    options = parser.parse_args()
    faults, problems = read_list()
    if problems:
        print("\n".join(problems))
        return 2
    faults = [f for f in faults if (not options.only or f.id in options.only) and options.rule in (None, f.rule)]
    if not faults:
        print("no faults to apply: tests/mutants/list.yaml has no such rows")
        return 2
    if options.check:
        print(f"{len(faults)} rows, each applicable")
        return 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        room = Path(folder)
        if not options.unchecked and not unedited_pass(faults, room):
            return 1
        print(f"{'rule':<14} {'fault':<32} {'verdict':<11} {'s':>5}  what the test said")
        survivors = 0
        with ThreadPoolExecutor(options.jobs) as pool:
            copies = Copies(room)
            for verdict in pool.map(lambda fault: judge(fault, copies), faults):
                survivors += verdict.word != "noticed"
                fault = verdict.fault
                line = f"{fault.rule:<14} {fault.id:<32} {verdict.word:<11} {verdict.seconds:5.0f}"
                print(f"{line}  {verdict.reason[:90]}", flush=True)
    print(f"{len(faults) - survivors} of {len(faults)} faults noticed by the test named for them")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
