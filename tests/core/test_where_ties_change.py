"""The table of ties in docs/model/model.md §3 names for each field every rule that changes it, and no other."""

from __future__ import annotations

import re

import numpy as np

from sim.core.state import STATE_FIELDS
from tests.helpers.scenarios import LIVELY
from tests.helpers.tree import ROOT
from tests.helpers.worlds import KERNELS, advance_to_rule, apply_rule, founded

PAGE = (ROOT / "docs" / "model" / "model.md").read_text(encoding="utf-8")
TABLE = PAGE.split("Several rules change a tie i→j.")[1].split("\n## ")[0]
TIES = [field.name for field in STATE_FIELDS if field.shape == "nn"]
RULE_OF_SECTION = dict(re.findall(r"^### (7\.\d+) .*\(kernel `(\w+)`\)", PAGE, re.MULTILINE))
WEEKS = 60


def rules_in(text: str) -> set[str]:
    return {RULE_OF_SECTION[section] for section in re.findall(r"§(7\.\d+)", text)}


def named() -> dict[str, set[str]]:
    """Return the rules that the page names, by field; the line below the table holds for all fields."""
    table, _, below = TABLE.partition("\n\nAll five ")
    return {row[0]: rules_in(row[1]) | rules_in(below) for row in re.findall(r"^\| `(\w+)` (.*)$", table, re.MULTILINE)}


def seen() -> dict[str, set[str]]:
    """Return the rules that were seen to change a field in a lively year."""
    found: dict[str, set[str]] = {name: set() for name in TIES}
    world = founded(LIVELY)
    for week in range(1, WEEKS + 1):
        now = (1, 0, week)
        advance_to_rule("staffing", world, now)
        for rule in KERNELS:
            before = {name: world.state[name].copy() for name in TIES}
            apply_rule(rule, world, now)
            for name in TIES:
                if not np.array_equal(before[name], world.state[name]):
                    found[name].add(rule)
    return found


def test_the_table_names_the_rules_that_change_a_tie() -> None:
    assert sorted(named()) == sorted(TIES)
    assert named() == seen()
