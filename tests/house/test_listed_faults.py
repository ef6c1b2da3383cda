"""The list of faults that tests must notice: each row fits the code of today."""

from collections import Counter

import pytest

from sim.core.vocabulary import Rule
from tests.helpers.tree import ROOT, load


@pytest.fixture(scope="module")
def listed():
    return load(ROOT / "tests" / "mutants" / "run.py", "mutants_run").read_list()


def test_listed_faults_can_be_applied(listed):
    _, problems = listed
    assert problems == []


def test_every_rule_has_two_listed_faults(listed):
    count = Counter(row.rule for row in listed[0])
    assert {rule.name for rule in Rule if count[rule.name.lower()] < 2} == set()


def test_the_way_from_settings_to_sweeps_has_fifteen(listed):
    rooms = Counter(row.file.split("/")[1] for row in listed[0] if row.file.startswith("sim/"))
    assert rooms["config"] + rooms["sweeps"] >= 15
