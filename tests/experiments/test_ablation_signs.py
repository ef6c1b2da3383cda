"""Ablation: every lever and rule, taken away with hours kept, moves what theory says, the way it says.

The expectations and the way of taking away are those of ``experiments/ablation.py``. The quick tests read the table
that is shipped (600 pairs, tests/experiments/test_derived.py asserts that it is current); the slow ones run 200 pairs
anew.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.ablation import CASES, EXPECTED, KEPT, MECHANISMS, ablations, effects, idle, levels, middle
from sim.core.inputs import settings_record
from sim.core.metric_table import COMPONENTS
from sim.core.parameters import LEVERS
from sim.core.state import moment
from sim.core.step import step
from sim.core.vocabulary import Rule, words
from sim.core.world import new_world, params_of
from tests.helpers.scenarios import SMALL

ROOT = Path(__file__).resolve().parents[2]
REPLICATES = 200


@cache
def shipped() -> pd.DataFrame:
    return pd.read_csv(ROOT / "sim/data/ablation.csv")


def test_everything_that_can_be_taken_away_is_in_the_table_for_both_cases() -> None:
    for case in CASES:
        of_case = shipped()[shipped()["case"] == case]
        for hours in (KEPT, "released"):
            assert set(of_case[(of_case["kind"] == "lever") & (of_case["hours"] == hours)]["what"]) == set(LEVERS)
        assert set(of_case[of_case["kind"] == "rule"]["what"]) == set(words(Rule))
        assert set(of_case[of_case["kind"] == "mechanism"]["what"]) == set(MECHANISMS)
        for name in COMPONENTS:
            found = of_case[(of_case["metric"] == name) & (of_case["kind"] == "lever")]
            assert len(found) == 2 * len(LEVERS), name
            assert ((found["low"] <= found["effect"]) & (found["effect"] <= found["high"])).all()


def test_every_lever_and_rule_but_two_has_an_expectation() -> None:
    """Nothing is expected of *context* as a whole, of *appraisal* frozen, nor of *ending* where nothing can end."""
    assert set(LEVERS) <= {what for what, *_ in EXPECTED}
    assert set(words(Rule)) - {what for what, *_ in EXPECTED} == {"context", "appraisal", "ending"}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("what", "metric", "sign"), [row[:3] for row in EXPECTED])
def test_the_shipped_table_has_the_expected_sign(case: str, what: str, metric: str, sign: int) -> None:
    table = shipped()
    rows = table[(table["case"] == case) & (table["what"] == what) & (table["metric"] == metric)]
    row = rows[rows["hours"] != "released"].iloc[0]
    assert (row["high"] < 0) if sign > 0 else (row["low"] > 0), f"{row['effect']} [{row['low']}, {row['high']}]"


def test_two_levers_that_do_the_same_have_a_written_reason() -> None:
    section = (ROOT / "docs/results/ablation.md").read_text(encoding="utf-8").split("## How alike levers are")[1]
    pairs = re.findall(r"^\| (\w+) \| (\w+) \| ([+-][\d.]+) \| ([+-][\d.]+) \|", section, re.MULTILINE)
    assert "| lever | and | pccp | chrp |" in section
    reasons = (ROOT / "docs/model/ablation-findings.md").read_text(encoding="utf-8")
    for one, other, pccp, chrp in pairs:
        if max(float(pccp), float(chrp)) >= 0.95:
            assert re.search(rf"\*\*{one}\*\* and \*\*{other}\*\*", reasons), f"{one} and {other}: write why"


def test_an_idle_lever_takes_its_hours_and_does_nothing() -> None:
    """Staffing is that of the full model to the last digits; the lever itself is practically zero."""
    state, context, flows, practice, params = new_world(SMALL, 1, 0)
    step(state, context, flows, params, practice, moment(1, 0, 1))
    full, cover = practice.level.copy(), flows.cover
    for which, lever in enumerate(LEVERS):
        state, context, flows, practice, _ = new_world(SMALL, 1, 0)
        step(state, context, flows, params_of(idle(SMALL, lever)), practice, moment(1, 0, 1))
        assert flows.cover == pytest.approx(cover, rel=1e-9)
        assert practice.level[which] < 1e-9 < full[which]
        others = np.arange(len(LEVERS)) != which
        np.testing.assert_allclose(practice.level[others], full[others], rtol=1e-9)


@cache
def anew(case: str) -> pd.DataFrame:
    base_scenario = middle(case)
    base = levels(base_scenario, settings_record(base_scenario), REPLICATES)
    wanted = {what for what, *_ in EXPECTED}
    tables = [
        effects(levels(one.scenario, one.table, REPLICATES), base).assign(what=one.what)
        for one in ablations(case)
        if one.what in wanted and one.hours != "released"
    ]
    return pd.concat(tables).set_index(["what", "metric"])


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("what", "metric", "sign"), [row[:3] for row in EXPECTED])
def test_it_moves_what_theory_says(case: str, what: str, metric: str, sign: int) -> None:
    row = anew(case).loc[(what, metric)]
    assert (row["high"] < 0) if sign > 0 else (row["low"] > 0), f"{row['effect']} [{row['low']}, {row['high']}]"
