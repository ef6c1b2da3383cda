"""Docstrings: parameters as in the signature, no open-ended keywords, examples that are found."""

import ast
import doctest
import importlib
import inspect
import re

import pytest

from tests.helpers.tree import SOURCES, shown


def public_functions() -> list[tuple[str, ast.FunctionDef]]:
    """Return public functions and methods, with where they stand."""
    found = []
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        scopes = [tree, *(n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_"))]
        for scope in scopes:
            for node in scope.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    found.append((f"{shown(path, node)} {node.name}", node))
    return found


def documented_parameters(docstring: str) -> list[str] | None:
    """Return the names in the Parameters section of a numpydoc docstring; None if there is no such section."""
    match = re.search(r"^Parameters\n-{3,}\n(.*?)(?=^\S[^\n]*\n-{3,}$|\Z)", docstring, re.MULTILINE | re.DOTALL)
    if match is None:
        return None
    heads = [line.split(" : ")[0].rstrip(" :") for line in match[1].splitlines() if line and not line[0].isspace()]
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


def parameters(node: ast.FunctionDef) -> list[str]:
    vararg, kwarg = ([extra] if extra else [] for extra in (node.args.vararg, node.args.kwarg))
    arguments = [*node.args.posonlyargs, *node.args.args, *vararg, *node.args.kwonlyargs, *kwarg]
    return [argument.arg for argument in arguments if argument.arg not in {"self", "cls"}]


def test_docstring_parameters_equal_the_signature():
    wrong = []
    for name, node in public_functions():
        written = documented_parameters(ast.get_docstring(node) or "")
        if written is not None and written != parameters(node):
            wrong.append(f"{name}: documented {written}, signature {parameters(node)}")
    assert wrong == []


def test_the_docstring_reader_reads():
    text = "Do it.\n\nParameters\n----------\na, b : float\n    Two.\n*rest : int\n\n"
    text += "Returns\n-------\nfloat\n    It.\n"
    assert documented_parameters(text) == ["a", "b", "rest"]
    assert documented_parameters("Do it.") is None


def test_no_open_ended_keywords():
    """`**kwargs` hides the data flow; the one exception would be Mesa's constructor."""
    assert [name for name, node in public_functions() if node.args.kwarg] == []


@pytest.mark.parametrize("module", ["sim.core.gate", "sim.core.vocabulary"])
def test_examples_are_found(module):
    """pytest runs the examples of all modules; this says that it does find some."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    tests = finder.find(importlib.import_module(module))
    assert any(test.examples for test in tests), inspect.getfile(importlib.import_module(module))
