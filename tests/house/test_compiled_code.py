"""Compiled code: one decorator, one list of files, no fast mathematics, random numbers by address only."""

import ast
import os
import subprocess
import sys
from pathlib import Path

from sim.core.sources import source_files
from tests.helpers.tree import ROOT, SOURCES, imported_modules, shown, syntax

COMPILERS = {"njit", "jit", "vectorize", "guvectorize", "cfunc", "stencil", "jitclass", "generated_jit"}
CORE = ROOT / "sim" / "core"


def compiler_uses(path: Path) -> list[str]:
    found = []
    for node in syntax(path):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "numba":
            found += [shown(path, node) for alias in node.names if alias.name in COMPILERS]
        if isinstance(node, ast.Attribute) and node.attr in COMPILERS and isinstance(node.value, ast.Name):
            found += [shown(path, node)] if node.value.id in {"numba", "nb"} else []
    return found


def test_one_place_says_njit():
    assert compiler_uses(CORE / "_jit.py")
    assert [use for path in SOURCES if path.name != "_jit.py" for use in compiler_uses(path)] == []


def test_every_file_that_compiled_code_can_freeze_is_a_source():
    """What compiled code imports, directly or not, must move the model hash and the folder of the compile cache."""
    waiting, closure = [CORE / "engine.py"], set()
    while waiting:
        path = waiting.pop()
        closure.add(path)
        names = (ROOT / f"{name.replace('.', '/')}.py" for name in imported_modules(path))
        waiting += [file for file in names if file.exists() and file not in closure]
    assert len(closure) > 20
    assert closure <= set(source_files())


def test_the_sources_are_the_files_of_the_core():
    assert source_files() == sorted(path for path in SOURCES if path.is_relative_to(CORE))


def test_no_fastmath():
    found = [
        shown(path, node)
        for path in SOURCES
        for node in syntax(path)
        if (isinstance(node, ast.keyword) and node.arg == "fastmath")
        or (isinstance(node, ast.Constant) and node.value == "fastmath")
    ]
    assert found == []


def random_uses(path: Path) -> list[str]:
    found = []
    for node in syntax(path):
        if isinstance(node, ast.Attribute) and node.attr == "random" and isinstance(node.value, ast.Name):
            found += [shown(path, node)] if node.value.id in {"np", "numpy"} else []
        if isinstance(node, ast.Import):
            found += [shown(path, node) for a in node.names if a.name in {"random", "numpy.random", "secrets"}]
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if node.module in {"random", "numpy.random"} or (node.module == "numpy" and "random" in names):
                found.append(shown(path, node))
    return found


def test_random_numbers_come_from_addresses_only():
    """Free are analyses and designs: where points fall and what pseudo-data look like is no part of a run."""
    free = [path for path in SOURCES if path.is_relative_to(ROOT / "sim" / "analysis") or path.name == "designs.py"]
    assert any(random_uses(path) for path in free)
    assert [use for path in SOURCES if path not in free for use in random_uses(path)] == []


ONE_LANE = """
from sim.config.cases import build_scenario, load_case
from sim.core.state import moment
from sim.core.step import step
from sim.core.world import new_world
world = new_world(build_scenario(load_case("pccp")), 1, 0)
for week in (1, 2):
    step(*world[:3], world.params, world.practice, moment(1, 0, week))
print(int(world.state.week))
"""


def test_one_run_alone_compiles_as_users_have_it():
    """Tests check bounds, users do not: LLVM has failed on code of a single lane without these checks."""
    usual = {**os.environ, "NUMBA_BOUNDSCHECK": "0", "PARTNERSIM_CACHE": str(ROOT / ".cache" / "numba-plain")}
    done = subprocess.run([sys.executable, "-c", ONE_LANE], cwd=ROOT, env=usual, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.split()[-1] == "2"
