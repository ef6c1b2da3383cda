"""A target is never an input: whatever it says, the scenario and the simulation are the same to the bit."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from sim.config.cases import build_scenario, load_case
from sim.core.engine import Ensemble, run_many
from sim.core.scenario import Scenario

ROOT = Path(__file__).resolve().parents[2]
CONF = (ROOT / "conf",)
CASES = ("pccp", "chrp")
WEEKS, REPLICATES = 60, range(4)
ALL_TARGETS = "all targets"

Case = dict[str, Any]


def names(case: str) -> list[str]:
    return [*load_case(case, CONF)["targets"], ALL_TARGETS]


TARGETS = [(case, target) for case in CASES for target in names(case)]


def perturbed(case: Case, target: str) -> Iterator[tuple[str, Case]]:
    """Yield what was done and the case, with one target (or all of them) changed in each number, then deleted."""
    rows = list(case["targets"]) if target == ALL_TARGETS else [target]
    for key in ("value", "low", "high"):
        changed = copy.deepcopy(case)
        for row in rows:
            changed["targets"][row][key] = 17 + 3 * changed["targets"][row].get(key, 0)
        yield key, changed
    without = copy.deepcopy(case)
    for row in rows:
        del without["targets"][row]
    yield "deleted", without


def short(scenario: Scenario) -> Scenario:
    """Return the scenario over few weeks, with what is dated within them."""
    return replace(
        scenario,
        weeks=WEEKS,
        shocks=tuple(shock for shock in scenario.shocks if shock.week <= WEEKS),
        schedule=tuple(change for change in scenario.schedule if change.week <= WEEKS),
        questionnaire_weeks=tuple(week for week in scenario.questionnaire_weeks if week <= WEEKS),
    )


def simulated(scenario: Scenario) -> Ensemble:
    return run_many(short(scenario), 1, REPLICATES)


@cache
def undisturbed(case: str) -> tuple[Scenario, Ensemble]:
    scenario = build_scenario(load_case(case, CONF))
    return scenario, simulated(scenario)


def bits(ensemble: Ensemble) -> list[bytes]:
    return [part.tobytes() for part in (ensemble.weekly, ensemble.answers, ensemble.status, ensemble.ended_week)]


@pytest.mark.parametrize("case", CASES)
def test_the_short_simulation_would_show_a_difference(case: str) -> None:
    """Otherwise sameness would say little: one more person approached a year is seen."""
    scenario, runs = undisturbed(case)
    parameters = scenario.parameters | {"approaches_per_year": scenario.parameters["approaches_per_year"] + 20}
    assert runs.weekly.shape[1] == WEEKS + 1
    assert runs.answers.size > 0
    assert np.isfinite(runs.answers).any()
    assert bits(simulated(replace(scenario, parameters=parameters))) != bits(runs)


@pytest.mark.parametrize(("case", "target"), TARGETS)
def test_a_perturbed_target_changes_nothing(case: str, target: str) -> None:
    scenario, runs = undisturbed(case)
    for done, changed in perturbed(load_case(case, CONF), target):
        assert changed != load_case(case, CONF), done
        again = build_scenario(changed)
        assert again == scenario, done
        assert bits(simulated(again)) == bits(runs), done


@pytest.mark.parametrize("case", CASES)
def test_a_case_file_without_targets_runs_the_same(case: str, tmp_path: Path) -> None:
    """From the file on: nothing on the way from there looks at the targets either."""
    text = (CONF[0] / "case" / f"{case}.yaml").read_text(encoding="utf-8")
    before, found, _ = text.partition("\ntargets:\n")
    assert found
    assert "targets" not in yaml.safe_load(before)
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / f"{case}.yaml").write_text(before + "\n", encoding="utf-8")
    scenario, runs = undisturbed(case)
    loaded = load_case(case, (tmp_path, *CONF))
    assert "targets" not in loaded
    again = build_scenario(loaded)
    assert again == scenario
    assert bits(simulated(again)) == bits(runs)


# --- nobody reads them -------------------------------------------------------------------------------------

ON_THE_WAY = [
    *sorted(path for path in (ROOT / "sim" / "core").rglob("*.py") if path.stem != "posterior"),
    *(ROOT / "sim" / "config" / f"{name}.py" for name in ("build", "cases")),
]
"""What stands between a loaded case and its results; ``posterior`` names targets only to tell which case was fitted."""


def documentation(tree: ast.Module) -> set[int]:
    """Return the identities of the strings that stand alone as statements: docstrings."""
    bare = (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))
    return {id(value) for value in bare if isinstance(value, ast.Constant)}


def mentions(source: str, wanted: str) -> list[int]:
    """Return the lines whose code, docstrings and comments apart, has a name or text with the wanted word."""
    tree = ast.parse(source)
    shown = documentation(tree)
    lines = []
    for node in ast.walk(tree):
        words: list[str | None] = []
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in shown:
            words = [node.value]
        elif isinstance(node, ast.Attribute):
            words = [node.attr]
        elif isinstance(node, ast.Name):
            words = [node.id]
        elif isinstance(node, ast.arg | ast.keyword):
            words = [node.arg]
        if any(word is not None and wanted in word.lower() for word in words):
            lines.append(getattr(node, "lineno", 0))
    return sorted(lines)


def test_the_rules_are_on_the_way() -> None:
    assert ROOT / "sim" / "core" / "rules" / "founding.py" in ON_THE_WAY


def test_mentions_are_found() -> None:
    source = '"""Of targets."""\nx = case["targets"]\ny = case.targets  # targets\nf(targets=1)\n'
    assert mentions(source, "targets") == [2, 3, 4]


@pytest.mark.parametrize("path", ON_THE_WAY, ids=lambda path: path.stem)
def test_no_target_is_read_on_the_way_to_a_run(path: Path) -> None:
    assert mentions(path.read_text(encoding="utf-8"), "targets") == []
