"""Who may know what: levers stay out of what is observed or felt, metrics out of the rules."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.core.metrics import observe
from sim.core.rules.appraisal import appraisal_rule
from tests.helpers.scenarios import LIVELY
from tests.helpers.worlds import advanced, metrics_of, snapshot

ROOT = Path(__file__).resolve().parents[2]

LEVER_WORDS = {"practice", "levers", "Lever", "scheduled_value", "LEVERS", "enabling", "change_value"}


CORE = ROOT / "sim" / "core"
OBSERVERS = ("metrics.py", "seat_panel.py", "rules/questionnaire.py", "rules/appraisal.py")


def tree_of(file: str) -> ast.Module:
    return ast.parse((CORE / file).read_text(encoding="utf-8"))


def names_in(tree: ast.AST) -> set[str]:
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    return names | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}


def shared_by(file: str) -> list[ast.FunctionDef]:
    """Return the functions of ``_common`` that a file uses, with those that they use in turn."""
    common = {node.name: node for node in tree_of("rules/_common.py").body if isinstance(node, ast.FunctionDef)}
    found: dict[str, ast.FunctionDef] = {}
    waiting = sorted(names_in(tree_of(file)) & set(common))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = common[name]
            waiting += sorted(names_in(common[name]) & set(common))
    return list(found.values())


@pytest.mark.parametrize("file", OBSERVERS)
def test_no_lever_is_named_where_things_are_observed_or_felt(file: str) -> None:
    assert names_in(tree_of(file)) & LEVER_WORDS == set()
    for function in shared_by(file):
        assert names_in(function) & LEVER_WORDS == set(), function.name


def test_what_is_shared_with_those_who_feel_is_found() -> None:
    names = {function.name for function in shared_by("rules/appraisal.py")}
    assert {"appraise", "weigh", "perceived", "eagerness"} <= names


def argument_names(function: Any) -> list[str]:
    return list(inspect.signature(getattr(function, "py_func", function)).parameters)


def test_what_observes_and_feels_is_not_given_levers() -> None:
    assert argument_names(observe) == ["state", "context", "flows", "out"]
    assert argument_names(appraisal_rule) == ["state", "flows", "params"]


def test_changing_levers_changes_no_observation_and_no_feeling() -> None:
    plain, other = advanced(LIVELY, 30), advanced(LIVELY, 30)
    other.params.levers[:] = 1.0 - other.params.levers
    other.params.change_value[:] = 0.3
    other.practice.level[:] = 1.0 - other.practice.level
    np.testing.assert_equal(metrics_of(other), metrics_of(plain))
    for world in (plain, other):
        appraisal_rule(world.state, world.flows, world.params)
    np.testing.assert_equal(snapshot(other), snapshot(plain))


@pytest.mark.parametrize("path", sorted((ROOT / "sim" / "core" / "rules").glob("*.py")), ids=lambda path: path.stem)
def test_no_rule_reads_a_metric(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {
        module for module in modules if module.startswith(("sim.core.metric", "sim.results", "sim.core.engine"))
    }
    assert "sim.core.seat_panel" not in modules
