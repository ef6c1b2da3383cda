"""The quantities behind the targets, on curves whose answer is known, and in sweeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.config.cases import load_case, scenario_from
from sim.core.engine import run_many
from sim.core.metric_table import COMPONENTS, OBSERVED_NAMES
from sim.results.null_bars import null_bars
from sim.results.target_quantities import NAMES, lead, margin, mean_over, quantities
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
    assert {row["quantity"] for row in case["targets"].values()} <= {*NAMES, "person_exit_order"}
    scenario = scenario_from(case)
    ensemble = run_many(scenario, 1, range(6))
    bars = null_bars(scenario)
    found = quantities(ensemble, bars)
    assert tuple(found) == NAMES
    members = ensemble.weekly[:, 222:261, OBSERVED_NAMES.index("members")]
    np.testing.assert_allclose(found["members_at_2018"], members.mean(axis=1))


def test_the_bar_of_the_null_shows_no_integration_and_no_learning() -> None:
    scenario = replace(scenario_from(load_case("pccp")), weeks=60, shocks=(), questionnaire_weeks=())
    bars = null_bars(scenario)
    assert bars.shape == (61, 4)
    assert (bars[:, COMPONENTS.index("integration")] == 0).all()
    assert (bars[:, COMPONENTS.index("adaptation")] <= 0).all()
    assert (bars[:, COMPONENTS.index("atmosphere")] > 0).any()


def test_sweeps_measure_them_on_request(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    run(tmp_path / "a", ("case=pccp,chrp", "replicates=4", "quantities=yes", "seed=3", "weeks=120"), chunk=3)
    table = pq.read_table(tmp_path / "a" / "runs", partitioning=None).to_pandas().sort_values("run")
    for case in ("pccp", "chrp"):
        scenario = scenario_from(load_case(case), None, {"weeks": 120, "posterior": "cases"})
        direct = quantities(run_many(scenario, 3, range(4)), null_bars(scenario))
        for name in NAMES:
            ours = table[table["case"] == case][f"quantity_{name}"]
            np.testing.assert_array_equal(ours, direct[name], err_msg=name)
