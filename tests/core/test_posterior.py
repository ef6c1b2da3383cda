"""Draws of the posterior: what runs take from it, what overrides it, and whether the shipped one is current."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim import api
from sim.analysis.calibration.targets import targets_hash, targets_of
from sim.config.cases import load_case
from sim.core.engine import run_many
from sim.core.errors import UserError
from sim.core.inputs import settings_of_runs
from sim.core.parameters import PARAMETERS
from sim.core.posterior import FILE, SHIPPED, Draws, drawn, numbers_hash, read_draws, write_draws
from sim.core.scenario_json import from_line, to_line
from sim.core.sources import model_hash
from sim.core.world import new_world

CASES = ("pccp", "chrp")
MOST_BYTES = 400_000


def test_the_shipped_posterior_is_that_of_this_model_these_targets_and_these_cases() -> None:
    made_with = read_draws(SHIPPED).made_with
    assert made_with["model_hash"] == model_hash(), "the model changed: make calibrate"
    assert made_with["targets_hash"] == targets_hash(one for name in CASES for one in targets_of(load_case(name)))
    assert made_with["cases"] == {name: numbers_hash(load_case(name)) for name in CASES}, "a case file changed"
    assert FILE.stat().st_size < MOST_BYTES


def test_its_numbers_lie_in_the_ranges_of_their_tables() -> None:
    draws = read_draws(SHIPPED)
    assert np.isfinite(draws.values).all()
    for name, column in zip(draws.names, draws.values.T, strict=True):
        if name.startswith("parameters."):
            row = PARAMETERS[name.partition(".")[2]]
            assert row.low <= column.min() <= column.max() <= row.high, name
        else:
            assert column.min() >= 0, name


def test_each_replicate_takes_its_own_draw_whatever_else_is_run() -> None:
    scenario = api.make_scenario("pccp", settings={"weeks": 30})
    column = drawn(SHIPPED, "pccp", frozenset())["parameters.trust_gain"]
    rows = settings_of_runs(scenario, np.array([3, 203, 5]))
    np.testing.assert_array_equal(rows["trust_gain"], column[[3, 203 % len(column), 5]])
    whole = run_many(scenario, 1, range(6)).weekly
    np.testing.assert_array_equal(run_many(scenario, 1, [4]).weekly[0], whole[4])
    assert new_world(scenario, 1, 5)[4]["trust_gain"] == column[5]


def test_none_gives_the_defaults() -> None:
    scenario = api.make_scenario("pccp", settings={"weeks": 30, "posterior": "none"})
    assert settings_of_runs(scenario, np.arange(5)).shape == (1,)
    assert settings_of_runs(scenario, np.arange(5))["trust_gain"][0] == PARAMETERS["trust_gain"].default


@pytest.mark.parametrize(
    ("setting", "field"),
    [("parameters.trust_gain", "trust_gain"), ("meetings.core_team", "meeting_every_core")],
)
def test_what_somebody_sets_overrides_the_draw(setting: str, field: str) -> None:
    if setting not in ("meetings.core_team",):
        scenario = api.make_scenario("pccp", settings={setting: 0.03})
        assert set(settings_of_runs(scenario, np.arange(4))[field]) == {0.03}
    free = settings_of_runs(api.make_scenario("pccp"), np.arange(4))[field]
    assert len(set(free)) > 1


def test_a_scenario_overrides_the_draw_and_leaves_the_rest() -> None:
    free = settings_of_runs(api.make_scenario("pccp"), np.arange(8))
    lapse = settings_of_runs(api.make_scenario("pccp", "patient_partners_supported"), np.arange(8))
    changed = [name for name in free.dtype.names if not np.array_equal(free[name], lapse[name])]
    assert "levers" in changed
    assert "trust_gain" not in changed


def test_a_case_that_was_not_fitted_draws_shared_parameters_only(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "conf" / "case" / "pccp.yaml").read_text(encoding="utf-8")
    mine = tmp_path / "my_town.yaml"
    mine.write_text(text, encoding="utf-8")
    rows = settings_of_runs(api.make_scenario(str(mine)), np.arange(6))
    assert len(set(rows["trust_gain"])) > 1
    assert len(np.unique(rows["levers"], axis=0)) == 1
    edited = tmp_path / "pccp.yaml"
    assert "value: 0.5" in text
    edited.write_text(text.replace("value: 0.5", "value: 0.45", 1), encoding="utf-8")
    rows = settings_of_runs(api.make_scenario(str(edited)), np.arange(6))
    assert len(np.unique(rows["levers"], axis=0)) == 1, "the user's own numbers must not be replaced"


def test_a_scenario_with_draws_survives_the_plan_of_a_sweep() -> None:
    scenario = api.make_scenario("chrp", settings={"enabling.leadership": 0.3})
    assert "enabling.leadership" in scenario.given
    assert from_line(to_line(scenario)) == scenario


def test_a_sweep_takes_the_same_draws_as_a_run_and_what_it_varies_wins(tmp_path: Path) -> None:
    words = ("case=chrp", "weeks=20", "replicates=3", "enabling.leadership=0.2,0.9")
    swept = api.sweep(*words, output=tmp_path / "swept").runs
    for value in (0.2, 0.9):
        scenario = api.make_scenario("chrp", settings={"weeks": 20, "enabling.leadership": value})
        alone = api.run(scenario, replicates=3).runs
        ours = swept[swept["enabling.leadership"] == value]
        np.testing.assert_array_equal(ours["leavers"], alone["leavers"])
        np.testing.assert_array_equal(ours["benefit_last_year"], alone["benefit_last_year"])


def test_a_file_of_draws(tmp_path: Path) -> None:
    file = tmp_path / "mine.npz"
    made_with = {"model_hash": model_hash(), "targets_hash": "", "cases": {}}
    write_draws(file, Draws(("parameters.trust_gain",), np.array([[0.01], [0.02]]), made_with))
    scenario = api.make_scenario("pccp", settings={"posterior": str(file)})
    np.testing.assert_allclose(settings_of_runs(scenario, np.arange(3))["trust_gain"], [0.01, 0.02, 0.01], rtol=1e-6)


def test_files_that_will_not_do(tmp_path: Path) -> None:
    old, none, other = tmp_path / "old.npz", tmp_path / "none.npz", tmp_path / "other.npz"
    write_draws(old, Draws(("parameters.trust_gain",), np.zeros((1, 1)), {"model_hash": "00000000", "cases": {}}))
    other.write_text("no draws")
    for file, words in ((old, "another version of the model"), (none, "no such file"), (other, "not a file of draws")):
        with pytest.raises(UserError, match=words) as caught:
            api.make_scenario("pccp", settings={"posterior": str(file)})
        assert len(caught.value.problems) == 1


def test_common_draws_pair_two_scenarios() -> None:
    scenario = api.make_scenario("pccp", settings={"weeks": 40})
    other = replace(scenario, shocks=())
    first = min((shock.week for shock in scenario.shocks), default=40)
    ours, theirs = (run_many(one, 1, range(4)).weekly[:, :first] for one in (scenario, other))
    np.testing.assert_array_equal(ours, theirs)
