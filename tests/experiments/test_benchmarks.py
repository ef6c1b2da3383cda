"""The benchmarks measure what they say: the timed week is the engine's, sizes stay fixed, pages are current."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from experiments.benchmark import bench, scaling
from experiments.benchmark.rule_shares import PARTS, check_same_as_engine, measure
from experiments.benchmark.timing import side_by_side
from sim.core.engine import run_many
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.scenario import Scenario
from sim.results.summaries import run_columns, summaries
from tests.helpers.rows import rows_by_hand
from tests.helpers.scenarios import LIVELY, SMALL

ROOT = Path(__file__).resolve().parents[2]
MEASURED = json.loads((ROOT / "experiments/benchmark/measured.json").read_text(encoding="utf-8"))


def test_the_timed_week_is_the_week_of_the_engine() -> None:
    check_same_as_engine(LIVELY)
    shares = measure(SMALL, groups=1, rounds=1)
    assert tuple(shares) == PARTS
    assert sum(shares.values()) == pytest.approx(1.0)
    assert min(shares.values()) >= 0.0


@pytest.mark.parametrize("seats", [10, 40])
def test_a_partnership_of_fixed_size_keeps_its_size_and_lives(seats: int) -> None:
    found = run_many(scaling.of_size(seats, 60), 1, [0])
    assert (found.weekly[0, :, OBSERVED_NAMES.index("members")] == seats).all()
    assert found.weekly[0, 60, OBSERVED_NAMES.index("attendance")] != 0


def test_summaries_are_the_rows_of_the_runs_whatever_the_chunk() -> None:
    rows = summaries(LIVELY, 1, range(5))
    for chunk in (1, 2, 5, 100):
        np.testing.assert_array_equal(summaries(LIVELY, 1, range(5), chunk=chunk), rows)
    assert summaries(replace(SMALL, shocks=()), 1, []).shape[0] == 0


DYING = replace(SMALL, parameters={**SMALL.parameters, "min_active": 7, "grace_weeks": 8})


@pytest.mark.parametrize(("scenario", "replicates"), [(LIVELY, 10), (DYING, 30)], ids=["lively", "small"])
def test_summaries_are_worked_out_from_the_weekly_rows(scenario: Scenario, replicates: int) -> None:
    rows = pd.DataFrame(summaries(scenario, 1, range(replicates)), columns=list(run_columns(scenario)))
    by_hand = rows_by_hand(scenario, 1, range(replicates))
    pd.testing.assert_frame_equal(rows, by_hand, check_like=True, rtol=1e-9, atol=1e-12)
    # Where much happens shocks strike; where little does, some partnerships end.
    assert rows["alive"].all() == (scenario is LIVELY)


def test_tasks_are_timed_side_by_side() -> None:
    calls: list[str] = []
    found = side_by_side({"a": (lambda: calls.append("a"), 1), "b": (lambda: calls.append("b"), 10)}, rounds=3)
    assert sorted(calls) == ["a"] * 3 + ["b"] * 3
    assert 0 < found["a"].best <= found["a"].median


def test_the_exponent_of_growth_is_found() -> None:
    sizes = {n: float(n) for n in (1, 2, 4, 8, 16)}
    assert scaling.exponent({n: 3.0 * n**1.5 for n in sizes}, sizes) == pytest.approx(1.5)


def test_the_page_and_the_readme_show_what_was_measured() -> None:
    assert (ROOT / "docs/results/benchmarks.md").read_text(encoding="utf-8") == bench.page(MEASURED)
    assert bench.speed_for_readme(MEASURED) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_is_claimed_of_the_speed_was_measured() -> None:
    """The README says no more than the file of measurements, and the file has every part."""
    assert set(MEASURED) == {*bench.PARTS, "machine"}
    for case in ("pccp", "chrp"):
        assert set(MEASURED["versions"][case]) == {"core", "front", "mesa", "reference"}
