"""The public names of the package: few, loaded late, and all that a type checker sees."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from tests.conftest import ROOT

SCRIPT = """
import sim

scenario: sim.Scenario = sim.make_scenario("pccp")
found = sim.run(scenario, replicates=2)
seed: str = found.seed
model = sim.PartnershipModel(scenario)
version: str = sim.__version__
sim.make_scenari("pccp")
sim.run(scenario, replicate=3)
"""


def test_importing_the_package_costs_nothing():
    script = "import sys, sim; print(sorted(m for m in sys.modules if m.startswith('sim')))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.strip() == "['sim']"


def test_public_names_are_few_and_there():
    assert len(sim.__all__) <= 15
    assert all(getattr(sim, name) for name in sim.__all__)
    with pytest.raises(AttributeError):
        _ = sim.no_such_name


def test_completion_shows_the_public_names_before_they_are_loaded():
    assert dir(sim) == sorted(sim.__all__)


def test_a_type_checker_sees_a_misspelt_name(tmp_path: Path):
    pytest.importorskip("mypy", reason="mypy is in the extra 'dev'")
    (tmp_path / "script.py").write_text(SCRIPT)
    (tmp_path / "mypy.ini").write_text("[mypy]\nfollow_imports = skip\n[mypy-sim.*]\nfollow_imports = silent\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "script.py"],
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line.partition(": error: ")[::2] for line in done.stdout.splitlines() if ": error: " in line]
    assert [place for place, _ in found] == ["script.py:6", "script.py:9", "script.py:10"], done.stdout
    assert found[0][1].startswith(
        'Incompatible types in assignment (expression has type "int", variable has type "str")'
    )
    assert found[1][1].startswith('Module has no attribute "make_scenari"; maybe "make_scenario"?')
    assert found[2][1].startswith('Unexpected keyword argument "replicate" for "run"')
