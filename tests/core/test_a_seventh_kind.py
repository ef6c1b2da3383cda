"""A kind of resource is rows only: a seventh one is added to a copy of the tree, and both cases run with it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.config.cases import build_scenario, load_case
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.traits import ENDOWMENT, TRAITS
from sim.core.vocabulary import Resource, Role, Theme, words
from sim.core.world import new_world

ROOT = Path(__file__).resolve().parents[2]
CASES = ("pccp", "chrp")
KIND = "kind_of_this_test"  # not a name that somebody may add

ROWS = {
    "vocabulary.py": (
        f"    {list(Resource)[-1].name} = {len(Resource) - 1}\n",
        f"    {KIND.upper()} = {len(Resource)}\n",
    ),
    "traits.py": {
        "TRAITS": {"rival": 0, "fade": 0.01, "renewal": 0.05, "ease": 0.6, "ceiling": 0.9, "cost": 0.1},
        "ENDOWMENT": {role: 0.1 + 0.8 * (role == "clinician") for role in words(Role)},
        "RELEVANCE": dict.fromkeys(words(Theme), 1.0),
    },
}
"""One member of the vocabulary and a row in each of three tables."""

RUN = """
import json, sys
from dataclasses import replace
import numpy as np
from sim.config.cases import load_case, build_scenario
from sim.core.engine import run_many
from sim.core.metric_table import OBSERVED_NAMES, SEAT_COLUMNS
from sim.core.gate import numeric_range
from sim.core.world import new_world

def early(scenario, weeks):
    shocks = tuple(shock for shock in scenario.shocks if shock.week <= weeks)
    schedule = tuple(change for change in scenario.schedule if change.week <= weeks)
    return replace(scenario, weeks=weeks, shocks=shocks, schedule=schedule, questionnaire_weeks=())

seen = {"range": numeric_range("traits.kind_of_this_test.fade")}
for case in sys.argv[1:]:
    scenario = build_scenario(load_case(case))
    state = new_world(scenario, 1, 0)[0]
    n = len(scenario.seats)
    found = run_many(early(scenario, 18), 1, [0], 1, seat_weeks=[18])
    seen[case] = {
        "names": list(OBSERVED_NAMES),
        "endowment": state.endowment[:n].tolist(),
        "given": np.nansum(found.weekly[0], axis=0).tolist(),
        "seats": found.seats.shape,
    }
print(json.dumps(seen))
"""


def add_rows(core: Path) -> None:
    last, member = ROWS["vocabulary.py"]
    text = (core / "vocabulary.py").read_text(encoding="utf-8")
    assert text.count(last) == 1
    (core / "vocabulary.py").write_text(text.replace(last, last + member), encoding="utf-8")
    text = (core / "traits.py").read_text(encoding="utf-8")
    for table, row in ROWS["traits.py"].items():
        head, tail = text.split(f"\n{table}: dict[str, dict[str, float]] = {{\n")
        rows, rest = tail.split("\n}\n", 1)
        text = f'{head}\n{table}: dict[str, dict[str, float]] = {{\n{rows}\n    "{KIND}": {row!r},\n}}\n{rest}'
    (core / "traits.py").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def with_seven(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what a copy of the tree with a seventh kind finds; interpreted, so that nothing is compiled for it."""
    tree = tmp_path_factory.mktemp("seven")
    for folder in ("sim", "conf"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=shutil.ignore_patterns("__pycache__"))
    add_rows(tree / "sim" / "core")
    env = {**os.environ, "PYTHONPATH": str(tree), "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN, *CASES],
        cwd=tree,
        env=env,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("case", CASES)
def test_it_is_drawn_for_every_seat_and_moves_no_other_kind(case: str, with_seven: dict[str, Any]) -> None:
    scenario = build_scenario(load_case(case))
    six = np.array(new_world(scenario, 1, 0)[0].endowment[: len(scenario.seats)])
    seven = np.array(with_seven[case]["endowment"])
    np.testing.assert_array_equal(seven[:, : len(Resource)], six)
    usual = [ROWS["traits.py"]["ENDOWMENT"][words(Role)[seat.role]] for seat in scenario.seats]
    personal = seven[:, len(Resource)] / usual
    assert (np.abs(personal - 1.0) <= 0.25).all()
    assert len(set(personal.round(12))) == len(personal), "each person has a number of their own"


@pytest.mark.parametrize("case", CASES)
def test_it_is_exchanged_and_reported(case: str, with_seven: dict[str, Any]) -> None:
    found = with_seven[case]
    last = found["names"].index(f"exchange_{words(Resource)[-1]}")
    assert found["names"] == [*OBSERVED_NAMES[: last + 1], f"exchange_{KIND}", *OBSERVED_NAMES[last + 1 :]]
    given = dict(zip(found["names"], found["given"], strict=True))
    assert given[f"exchange_{KIND}"] > 0
    assert sum(given[f"exchange_{kind}"] for kind in words(Resource)) > 0


def test_its_traits_are_settings(with_seven: dict[str, Any]) -> None:
    assert with_seven["range"] == [0, 1, "share per week"]


def test_each_kind_has_a_row_in_each_table() -> None:
    assert tuple(TRAITS) == tuple(ENDOWMENT) == words(Resource)
