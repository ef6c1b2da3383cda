"""The wheel carries all of the package, and nothing else."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from sim.core.sources import source_files
from tests.helpers.tree import ROOT

PLUGIN = "hydra_plugins/partnersim_sweeper/"


def files_below(folder: Path) -> set[str]:
    """Return what is in a folder, by its path below it."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> set[str]:
    """Names in a wheel built from a copy: a stale build folder would carry deleted files into it."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in ("sim", "conf"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(ROOT / name, tree / name)
    code = f"import setuptools.build_meta as backend; backend.build_wheel({str(out)!r})"
    done = subprocess.run([sys.executable, "-c", code], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    with zipfile.ZipFile(next(out.glob("*.whl"))) as wheel:
        return set(wheel.namelist())


def test_it_carries_all_of_conf(names):
    assert {name.removeprefix("sim/conf/") for name in names if name.startswith("sim/conf/")} == files_below(
        ROOT / "conf"
    )


def test_it_carries_all_of_sim(names):
    moved = {name.replace(PLUGIN, "sim/hydra_plugin/") for name in names if not name.startswith("sim/conf/")}
    assert {name.removeprefix("sim/") for name in moved if name.startswith("sim/")} == files_below(ROOT / "sim")


def test_its_model_is_made_of_exactly_the_files_that_are_hashed(names):
    """One list serves model hash, compile cache and package: an installed model has the hash of this one."""
    carried = {name for name in names if name.startswith("sim/core/") and name.endswith(".py")}
    assert carried == {path.relative_to(ROOT).as_posix() for path in source_files()}


def test_it_carries_nothing_else(names):
    assert {name.split("/")[0].split("-")[0] for name in names} == {"sim", "partnersim", "hydra_plugins"}
    assert {name for name in names if name.startswith("hydra")} == {f"{PLUGIN}__init__.py"}
