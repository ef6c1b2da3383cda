"""The quantities behind the targets, on curves whose answer is known, and in sweeps."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.config.cases import load_case, build_scenario
from sim.core.asked import Asked
from sim.core.engine import run_many
from sim.core.metric_table import COMPONENTS, OBSERVED_NAMES
from sim.results.null_bars import null_bars
from sim.config.target_quantities import MEASURED, TARGET_QUANTITIES
from sim.results.target_quantities import NEEDED, lead, margin, mean_over, quantities
from tests.helpers.sweeps import run


def test_the_margin_is_the_least_of_the_best_half_year() -> None:
    curve = np.zeros((1, 100))
    curve[0, 30:60] = 0.5
    curve[0, 45] = 0.2
    assert margin(curve, np.zeros(100)).max() == 0.2
    assert margin(curve, np.full(100, 0.1)).max() == pytest.approx(0.1)
    curve[0, 40:44] = np.nan
    assert margin(curve, np.zeros(100)).max() <= 0


def test_a_spell_of_25_weeks_is_no_presence() -> None:
    curve = np.zeros((1, 100))
    curve[0, 30:55] = 0.5
    assert margin(curve, np.zeros(100)).max() == 0
    curve[0, 55] = 0.5
    assert margin(curve, np.zeros(100)).max() == 0.5


def test_means_over_a_window_count_an_ended_partnership_as_nobody() -> None:
    curve = np.full((2, 261), 10.0)
    curve[1, 240:] = np.nan
    assert mean_over(curve, (222, 260)).tolist() == [10.0, pytest.approx(10 * 18 / 39)]
    assert mean_over(curve[:, :101], (222, 260)).tolist() == [10.0, 10.0]


def test_synergy_leads_by_the_third_manifestation() -> None:
    margins = {name: np.full((2, 60), -1.0) for name in COMPONENTS}
    for week, name in ((5, "integration"), (9, "atmosphere"), (20, "benefit")):
        margins[name][0, week:] = 0.1
    outcome = np.zeros((2, 101))
    outcome[0, 50:] = 0.2
    assert lead(margins, outcome, 100)[0] == 30
    assert np.isnan(lead(margins, outcome, 100)[1])


def test_every_quantity_of_a_case_is_measured_and_no_target_is_read() -> None:
    case = load_case("pccp")
    assert {row["quantity"] for row in case["targets"].values()} <= set(TARGET_QUANTITIES)
    scenario = build_scenario(case)
    ensemble = run_many(scenario, 1, range(6))
    bars = null_bars(scenario)
    found = quantities(ensemble, bars)
    assert tuple(found) == tuple(MEASURED)
    members = ensemble.weekly[:, 222:261, OBSERVED_NAMES.index("members")]
    np.testing.assert_allclose(found["members_at_2018"], members.mean(axis=1))


def test_the_bar_of_the_null_shows_no_integration_and_no_learning() -> None:
    scenario = replace(build_scenario(load_case("pccp")), weeks=60, shocks=(), questionnaire_weeks=())
    bars = null_bars(scenario)
    assert bars.shape == (61, 4)
    assert (bars[:, COMPONENTS.index("integration")] == 0).all()
    assert (bars[:, COMPONENTS.index("adaptation")] <= 0).all()
    assert (bars[:, COMPONENTS.index("atmosphere")] > 0).any()


def test_they_need_no_other_metrics_than_they_say() -> None:
    scenario = build_scenario(load_case("pccp"))
    bars = null_bars(scenario)
    everything = quantities(run_many(scenario, 1, range(6)), bars)
    found = quantities(run_many(scenario, 1, range(6), asked=Asked(NEEDED)), bars)
    for name in MEASURED:
        np.testing.assert_array_equal(found[name], everything[name], err_msg=name)


def test_sweeps_measure_them_on_request(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    run(tmp_path / "a", ("case=pccp,chrp", "replicates=4", "quantities=yes", "seed=3", "weeks=120"), chunk=3)
    table = pq.read_table(tmp_path / "a" / "runs", partitioning=None).to_pandas().sort_values("run")
    for case in ("pccp", "chrp"):
        scenario = build_scenario(load_case(case), None, {"weeks": 120, "posterior": "cases"})
        direct = quantities(run_many(scenario, 3, range(4)), null_bars(scenario))
        for name in MEASURED:
            ours = table[table["case"] == case][f"quantity_{name}"]
            np.testing.assert_array_equal(ours, direct[name], err_msg=name)


ONE_MORE_ROW = """
from dataclasses import replace

import sim.config.target_quantities as table

source = open(table.__file__, encoding="utf-8").read()
row = '''
    TargetQuantity(
        Metric("members_early", "persons", 0, 500, "none", "Mean members in weeks 30 and 31."),
        discrepancy=2.0,
        measure="mean",
        of="members",
        weeks=(30, 31),
    ),
'''
head, rows = source.split("_ROWS = (")
exec(compile(head + "_ROWS = (" + row + rows, table.__file__, "exec"), vars(table))

import numpy as np
from sim.analysis.calibration.observation import ends, log_likelihood, spread
from sim.analysis.calibration.patterns import shows
from sim.analysis.calibration.target_check import target_problems
from sim.analysis.calibration.targets import targets_of
from sim.config.cases import load_case
from sim.config.schema import case_problems
from sim.core.metric_table import OBSERVED_NAMES
from sim.results.target_quantities import quantities
from sim.sweeps.evaluate import QUANTITY_COLUMNS

assert QUANTITY_COLUMNS["quantity_members_early"].unit == "persons"
case = load_case("pccp")
coded = {**case["targets"]["members_2018"], "quantity": "members_early"}
assert case_problems({**case, "targets": {"most": coded}}, "mine.yaml") == case_problems(case, "mine.yaml")
(target,) = targets_of({**case, "targets": {"most": coded}})
assert target_problems([target], "pccp") == []
beyond = replace(target, low=400.0, high=600.0)
assert "members_early lies from 0 to 500 (persons)" in target_problems([beyond], "pccp")[0]
assert spread(replace(target, type="band")) == 2.0
assert ends(replace(target, type="band", high=500.0))[1] == np.inf
middle = np.array([target.value])
assert log_likelihood(target, middle)[0] == 0.0
assert shows(target, middle)[0]


class Runs:
    weekly = np.zeros((2, 60, len(OBSERVED_NAMES)))
    status = ended_week = np.zeros(2, dtype=np.int64)


Runs.weekly[1, 30, OBSERVED_NAMES.index("members")] = 7.0
assert quantities(Runs, np.zeros((60, 4)))["members_early"].tolist() == [0.0, 3.5]
"""


def test_a_quantity_added_as_one_row_is_known_everywhere() -> None:
    done = subprocess.run([sys.executable, "-c", ONE_MORE_ROW], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
