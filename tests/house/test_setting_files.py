"""Files of settings repeat no default and create no objects; pages derived from the tables are current."""

from pathlib import Path

import pytest
import yaml

from sim.core.parameters import LEVERS, PARAMETERS
from tests.helpers.tree import ROOT, load

FILES = sorted((ROOT / "conf").rglob("*.yaml"))
DEFAULTS = {
    "parameters": {name: row.default for name, row in PARAMETERS.items()},
    "enabling": {name: row.default for name, row in LEVERS.items()},
}


def repeated_defaults(file: Path) -> list[str]:
    """Return bare values equal to the table's; a case's prior (value, low, high, status, source) repeats none."""
    tree = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return [
        f"{file.name}: {group}.{name} repeats the table's default {value}"
        for group, table in DEFAULTS.items()
        for name, value in table.items()
        if isinstance(tree.get(group), dict) and tree[group].get(name) == value
    ]


def test_settings_repeat_no_default():
    assert [line for file in FILES for line in repeated_defaults(file)] == []


def test_a_repeated_default_is_found(tmp_path):
    (tmp_path / "scenario.yaml").write_text(yaml.safe_dump({"enabling": {"leadership": LEVERS["leadership"].default}}))
    assert len(repeated_defaults(tmp_path / "scenario.yaml")) == 1


def test_settings_create_no_objects():
    """No file may name a Python object to be made (Hydra's `_target_`)."""
    assert len(FILES) > 20
    assert [file.name for file in FILES if "_target_" in file.read_text(encoding="utf-8")] == []


@pytest.fixture(scope="module")
def derived() -> dict[str, str]:
    return load(ROOT / "docs" / "derive.py", "docs_derive").pages()


def test_derived_pages_are_current(derived):
    assert len(derived) > 5
    stale = [name for name, text in derived.items() if (ROOT / "docs" / name).read_text(encoding="utf-8") != text]
    assert stale == [], "run make derived"
