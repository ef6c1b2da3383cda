"""The layout: few modules in the root, every room on a floor, no file too long to read, tests in rooms as in sim."""

import tomllib
from pathlib import Path

import pytest

from tests.helpers.tree import ROOT, SOURCES, imported_modules

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
SIM = ROOT / "sim"
OTHER_TESTS = {"experiments", "helpers", "house", "mutants", "properties", "reference"}


def rooms(folder: Path) -> set[str]:
    """Return the packages of a folder, without what holds only data."""
    return {path.name for path in folder.iterdir() if (path / "__init__.py").is_file()}


def floors(container: str) -> list[set[str]]:
    """Return the floors of a contract, from the top."""
    (contract,) = (row for row in CONTRACTS if row["type"] == "layers" and row["containers"] == [container])
    return [set(floor.split(" | ")) for floor in contract["layers"]]


def test_the_root_holds_six_modules_at_most():
    modules = sorted(path.name for path in SIM.glob("*.py"))
    assert modules == ["__init__.py", "__main__.py", "api.py", "progress.py"]
    assert len(modules) <= 6


def test_there_are_twenty_rooms_at_most_on_nine_floors_and_the_door():
    packages = [path for path in SIM.rglob("__init__.py") if path.parent != SIM]
    assert len(packages) <= 20
    assert len(floors("sim")) <= 10


def test_every_room_and_module_of_the_root_has_its_floor():
    """The linter would find a room without a floor too; a floor without a room it would not."""
    named = [name for floor in floors("sim") for name in floor]
    modules = {path.stem for path in SIM.glob("*.py")} - {"__init__"}
    assert sorted(named) == sorted(rooms(SIM) | modules)


def test_every_file_of_the_core_has_its_floor():
    named = [name for floor in floors("sim.core") for name in floor]
    modules = {path.stem for path in (SIM / "core").glob("*.py")} - {"__init__"}
    assert sorted(named) == sorted(rooms(SIM / "core") | modules)


def test_every_rule_and_every_analysis_is_independent():
    independent = {name for row in CONTRACTS if row["type"] == "independence" for name in row["modules"]}
    rules = {f"sim.core.rules.{path.stem}" for path in (SIM / "core" / "rules").glob("[!_]*.py")}
    assert independent == rules | {f"sim.analysis.{name}" for name in rooms(SIM / "analysis")}


def test_no_import_climbs():
    """Read from the files themselves, functions and type-checking blocks included, which the linter may leave out."""
    height = {name: -level for level, floor in enumerate(floors("sim")) for name in floor}
    climbing = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in SOURCES
        for name in imported_modules(path)
        if (here := room_of(path)) in height
        and (there := name.split(".")[1] if "." in name else "") in height
        and there != here
        and height[there] >= height[here]
    ]
    assert climbing == []


def room_of(path: Path) -> str:
    """Return the room, or the module of the root, that a file belongs to."""
    return path.relative_to(SIM).parts[0].removesuffix(".py")


@pytest.mark.parametrize("limit", [500])
def test_no_file_is_too_long(limit):
    lengths = {path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > limit} == {}


def test_tests_stand_in_rooms_like_the_code():
    tested = {path.parent.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert tested <= rooms(SIM) | OTHER_TESTS
    assert not list((ROOT / "tests").glob("test_*.py"))
