"""The page of coverage names only what there is: code, tests, sections, settings; and leaves no kernel or metric out.

Code and tests are found by reading the files, not by importing them, so that nothing is compiled here.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from sim.core.gate import check, setting_names
from sim.core.metric_table import METRICS, SHOCK_MEASURES
from sim.core.parameters import CHOICES, LEVERS, PARAMETERS
from sim.core.vocabulary import Dimension, Level, Resource, Rule, ShockKind, words

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGE = (DOCS / "model" / "coverage.md").read_text(encoding="utf-8")
TABLES, _, MISSING = PAGE.partition("\n## Not covered yet\n")
RULES = sorted(path.stem for path in (ROOT / "sim" / "core" / "rules").glob("[!_]*.py"))
COLUMNS = ("clause", "what the model must be", "document", "code", "test", "switch or check")
NOTHING = "-"


class Row(NamedTuple):
    """One clause."""

    clause: str
    duty: str
    document: str
    code: str
    test: str
    check: str


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


ROWS = [Row(*cells(line)) for line in TABLES.splitlines() if line.startswith("| C")]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def nonempty(cell: str) -> bool:
    return cell not in ("", NOTHING)


# --- form --------------------------------------------------------------------------------------------------


def test_tables_have_their_columns() -> None:
    headers = [cells(line) for line in TABLES.splitlines() if line.startswith("| clause")]
    assert len(headers) == 10
    assert all(header == list(COLUMNS) for header in headers)


def test_clauses_are_numbered_without_a_gap() -> None:
    seen: dict[int, list[int]] = {}
    for row in ROWS:
        part, number = re.fullmatch(r"C(\d+)\.(\d+)", row.clause).groups()  # type: ignore[union-attr]
        seen.setdefault(int(part), []).append(int(number))
    assert list(seen) == list(range(1, 11))
    for numbers in seen.values():
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def not_covered() -> set[str]:
    """Return the clauses named in bold at the front of a line on what is missing."""
    fronts = re.findall(r"^\* \*\*([^*]+)\*\*", MISSING, re.MULTILINE)
    return {clause for front in fronts for clause in re.findall(r"C\d+\.\d+", front)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.clause)
def test_a_clause_without_a_test_says_so(row: Row) -> None:
    """A bare dash hides nothing: it has its reason, and a clause without a test is among those not covered."""
    assert row.duty
    assert row.document
    assert row.check not in ("", NOTHING), "nothing to switch: say why"
    if not nonempty(row.test):
        assert row.clause in not_covered()


def test_what_is_not_covered_is_said_in_words() -> None:
    lines = [line for line in MISSING.splitlines() if line.startswith("* ")]
    assert len(lines) == len(re.findall(r"^\* \*\*C\d", MISSING, re.MULTILINE))
    assert not_covered() >= {row.clause for row in ROWS if not nonempty(row.test)}


# --- code --------------------------------------------------------------------------------------------------


@cache
def definitions(path: Path) -> dict[str, ast.AST]:
    return inside(ast.parse(path.read_text(encoding="utf-8")))


def inside(node: ast.AST) -> dict[str, ast.AST]:
    """Return the functions, classes and assigned names in a module or class, each with its node."""
    found: dict[str, ast.AST] = {}
    for item in getattr(node, "body", []):
        if isinstance(item, ast.FunctionDef | ast.ClassDef):
            found[item.name] = item
        elif isinstance(item, ast.Assign | ast.AnnAssign):
            targets = item.targets if isinstance(item, ast.Assign) else [item.target]
            leaves = [leaf for target in targets for leaf in ast.walk(target)]
            found |= {leaf.id: item for leaf in leaves if isinstance(leaf, ast.Name)}
    return found


def missing_name(dotted: str) -> str | None:
    """Return what of a dotted name below ``sim`` does not exist, or None."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:length]).with_suffix(".py")
        if path.is_file():
            break
    else:
        return f"{dotted}: no such module"
    scope = definitions(path)
    for part in parts[length:]:
        if part not in scope:
            return f"{dotted}: no {part}"
        scope = inside(scope[part])
    return None


def test_missing_names_are_noticed() -> None:
    assert missing_name("sim.core.rules.turnover._recruit") is None
    assert missing_name("sim.config.build.Draft._shocks") is None
    assert missing_name("sim.core.rules.turnover._recruits") is not None
    assert missing_name("sim.core.rules.turn._recruit") is not None
    assert missing_name("sim.config.build.Draft.shocks") is not None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.clause)
def test_code_is_there(row: Row) -> None:
    names = quoted(row.code)
    assert names or row.code == NOTHING
    for name in names:
        if "/" in name:
            assert (ROOT / name).is_file(), name
        else:
            assert name.startswith(("sim.", "experiments.")), name
            assert missing_name(name) is None


@pytest.mark.parametrize("stem", RULES)
def test_every_rule_file_is_named(stem: str) -> None:
    assert any(name.startswith(f"sim.core.rules.{stem}.") for row in ROWS for name in quoted(row.code))


def test_every_rule_has_a_clause_of_its_own() -> None:
    weekly = [row for row in ROWS if re.fullmatch(r"C3\.[1-9]\d*", row.clause)]
    assert len(weekly) == len(Rule)
    for rule, row in zip(words(Rule), weekly, strict=True):
        assert f"`sim.core.rules.{rule}.{rule}_rule`" in row.code
        assert f"`rules.{rule}=false`" in row.check


# --- tests -------------------------------------------------------------------------------------------------


def slow_tests(path: Path) -> set[str]:
    """Return the tests of a file that are marked slow, one by one or all together."""
    found = definitions(path)
    everywhere = "pytestmark" in found and "slow" in ast.dump(found["pytestmark"])
    functions = [node for node in found.values() if isinstance(node, ast.FunctionDef)]
    return {
        node.name
        for node in functions
        if everywhere or any("attr='slow'" in ast.dump(mark) for mark in node.decorator_list)
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.clause)
def test_tests_are_there_and_slow_ones_are_marked(row: Row) -> None:
    named = re.findall(r"`([^`]+)`( \(slow\))?", row.test)
    assert bool(named) == nonempty(row.test)
    for node_id, slow in named:
        file, _, function = node_id.partition("::")
        path = ROOT / file
        assert file.startswith("tests/"), node_id
        assert path.is_file(), node_id
        assert function.startswith("test_"), node_id
        assert isinstance(definitions(path).get(function), ast.FunctionDef), node_id
        assert (function in slow_tests(path)) == bool(slow), f"{node_id}: slow or not"


# --- documents, settings, checks ---------------------------------------------------------------------------


@cache
def sections(page: str) -> set[str]:
    text = (DOCS / "model" / f"{page}.md").read_text(encoding="utf-8")
    return set(re.findall(r"^#+ (\d+(?:\.\d+[a-z]?)?) ", text, re.MULTILINE))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.clause)
def test_sections_are_there(row: Row) -> None:
    for part in row.document.split(", "):
        found = re.fullmatch(r"(model|evidence) §(\d+(?:\.\d+[a-z]?)?)", part)
        assert found, part
        assert found[2] in sections(found[1]), part


def headings(page: str) -> list[str]:
    text = (DOCS / "results" / f"{page}.md").read_text(encoding="utf-8")
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


def named_checks(text: str) -> list[tuple[str, str]]:
    """Return generated pages and sections that are named as ``checks: Section`` or ``ablation: Section``."""
    return [(page, name.strip()) for page, name in re.findall(r"(checks|ablation): ([A-Z][^,;.(`|)]+)", text)]


@pytest.mark.parametrize(("page", "name"), sorted(set(named_checks(PAGE))))
def test_sections_of_the_generated_pages_are_there(page: str, name: str) -> None:
    assert any(heading.startswith(name) for heading in headings(page))


def switches(text: str) -> list[tuple[str, str]]:
    return re.findall(r"`([a-z_.]+)=([a-z_0-9.]+)`", text)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.clause)
def test_switches_are_settings_with_allowed_values(row: Row) -> None:
    for name, value in switches(row.check):
        if name == "scenario":
            assert (ROOT / "conf" / "scenario" / f"{value}.yaml").is_file()
        elif name in CHOICES:
            assert value in CHOICES[name]
        else:
            assert name in setting_names() or name.startswith("traits.")
            check({name: False if value == "false" else float(value)})


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in CHOICES for value in CHOICES[name]])
def test_every_choice_is_named(name: str, value: str) -> None:
    rivals = [row for row in ROWS if row.clause.startswith("C8.")]
    assert (name, value) in [switch for row in rivals for switch in switches(row.check)]


# --- metrics and levers ------------------------------------------------------------------------------------


def named_under(part: str) -> set[str]:
    return {name for row in ROWS if row.clause.startswith(part) for name in quoted(row.duty)}


def test_every_metric_is_in_a_group() -> None:
    groups = named_under("C5.")
    assert {*METRICS, *(row.name for row in SHOCK_MEASURES), *words(Dimension)} == groups


def test_every_lever_shock_and_kind_of_resource_is_named() -> None:
    assert named_under("C4.") == set(LEVERS)
    assert set(words(ShockKind)) <= named_under("C3.1")
    assert set(words(Resource)) <= named_under("C2.12")


# --- clauses that are checked here, since they are about names and tables -----------------------------------


def test_levers_are_shares_of_one_level() -> None:
    assert len(LEVERS) >= 12
    for row in LEVERS.values():
        assert (row.low, row.high) == (0.0, 1.0)
        assert row.level in words(Level)
        assert row.hours > 0


def test_no_parameter_is_called_capacity_to_adapt() -> None:
    """Speed and quality of adaptation come out; nobody sets them."""
    settings = {*PARAMETERS, *LEVERS}
    assert [name for name in settings if re.search(r"adapt|capacity|flexib|resilien", name)] == []


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_convention_has_no_plausible_range(name: str) -> None:
    row = PARAMETERS[name]
    low, high = row.plausible
    assert row.low <= low <= row.default <= high <= row.high
    assert (low < high) == (row.role == "uncertainty")


def test_rulers_are_conventions() -> None:
    """What only chooses a ruler would drown the levers if it were varied."""
    rulers = ("elasticity_kinds", "benefit_scale", "drawback_scale", "salary", "usual_size", "attend_middle")
    assert {name: PARAMETERS[name].role for name in rulers} == dict.fromkeys(rulers, "convention")
