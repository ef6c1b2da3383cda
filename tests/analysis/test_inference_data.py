"""The posterior as ArviZ InferenceData: what a reader of the file finds in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.analysis.calibration.inference_data import inference_data, write_inference_data
from sim.analysis.calibration.observation import weigh
from sim.analysis.calibration.posterior import fit_joint
from sim.analysis.calibration.targets import targets_hash
from sim.core.errors import UserError
from sim.core.sources import model_hash
from tests.analysis.test_calibration import BAND, NUMBER, THERE, toy

ORDER = replace(NUMBER, name="exits", type="order", quantity="person_exit_order", value=1.0, low=1.0, high=1.0)
TARGETS = {
    "a": [replace(NUMBER, case="a"), replace(ORDER, case="a", other_case="b")],
    "b": [replace(BAND, case="b", weight=0.5), replace(THERE, case="b", role="validate"),
          replace(ORDER, case="b", other_case="a", value=-1.0)],
}  # fmt: skip
TABLES = {name: replace(toy(3000, seed=place), n_shared=1) for place, name in enumerate("ab")}


@pytest.fixture(scope="module")
def arviz() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("arviz", reason="the extra calibration is not installed")


@pytest.fixture(scope="module")
def read(arviz: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("data") / "posterior.nc"
    write_inference_data(path, TABLES, TARGETS, fit_joint(TABLES, TARGETS))
    return arviz.from_netcdf(path)


def test_the_file_has_every_group_with_its_dimensions(read: Any) -> None:
    assert set(read.groups()) == {
        "posterior", "prior", "posterior_predictive", "prior_predictive", "observed_data", "constant_data",
        "log_likelihood", "sample_stats",
    }  # fmt: skip
    assert read.posterior["parameters.trust_gain"].dims == ("chain", "draw")
    assert read.posterior["parameters.communication_base"].dims == ("chain", "draw", "case")
    assert read.posterior_predictive["members_at_2018"].dims == ("chain", "draw", "case")
    assert read.posterior.case.values.tolist() == ["a", "b"]
    assert read.posterior["parameters.trust_gain"].attrs["units"]


def test_the_file_says_what_it_was_made_with(read: Any) -> None:
    shown = read.posterior.attrs
    assert shown["model_hash"] == model_hash()
    assert shown["targets_hash"] == targets_hash([target for some in TARGETS.values() for target in some])
    assert shown["effective_runs"] == pytest.approx(fit_joint(TABLES, TARGETS).effective)
    assert json.loads(shown["cases"]) == ["a", "b"]


def test_draws_and_what_they_predict_belong_together(read: Any) -> None:
    rows = read.sample_stats["row"].values[0]
    posterior = fit_joint(TABLES, TARGETS)
    np.testing.assert_array_equal(rows, posterior.rows(1000))
    size = read.posterior_predictive["members_at_2018"].sel(case="b").values[0]
    np.testing.assert_array_equal(size, TABLES["b"].quantities["members_at_2018"][rows])
    values = read.posterior["parameters.communication_base"].sel(case="b").values[0]
    np.testing.assert_allclose(values, TABLES["b"].places[rows, 1])
    logs = read.log_likelihood["agreement"].sel(target="b: ever").values[0]
    np.testing.assert_allclose(
        logs, weigh([TARGETS["b"][0]], {"people_ever": TABLES["b"].quantities["people_ever"][rows]})
    )
    total = read.log_likelihood["agreement"].sum("target").values[0]
    weights = read.sample_stats["weight"].values[0]
    np.testing.assert_allclose(np.log(weights) - np.log(weights[0]), total - total[0], atol=1e-9)


def test_what_was_observed_is_missing_where_nothing_is_known(read: Any) -> None:
    assert read.observed_data["members_at_2018"].sel(case="a") == 12
    assert np.isnan(read.observed_data["members_at_2018"].sel(case="b"))
    assert read.observed_data["person_exit_order"].values.tolist() == [1, -1]
    shown = read.constant_data.sel(target="b: there")
    assert (str(shown["role"].values), str(shown["quantity"].values)) == ("validate", "patients_present_late")


def test_arviz_reads_it(arviz: Any, read: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # one chain
        summary = arviz.summary(read, var_names=["parameters.trust_gain"], kind="stats")
    weighed = fit_joint(TABLES, TARGETS)
    assert summary["mean"].iloc[0] == pytest.approx(weighed.mean(TABLES["a"].places)[0], abs=0.01)


def test_one_case_and_nothing_fitted(arviz: Any) -> None:
    parts = [replace(NUMBER, case="a", role="validate")]
    found = inference_data({"a": TABLES["a"]}, {"a": parts}, fit_joint({"a": TABLES["a"]}, {"a": parts}))
    assert found.posterior.sizes["draw"] == 1000
    assert found.log_likelihood.sizes["target"] == 0


def test_a_missing_extra_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "arviz", None)
    with pytest.raises(UserError, match=r"needs the package arviz.*pip install 'partnersim\[calibration\]'"):
        write_inference_data(tmp_path / "a.nc", TABLES, TARGETS, fit_joint(TABLES, TARGETS))
    assert not list(tmp_path.iterdir())


FIRST_IMPORT_OF_THE_DAY = """
from pathlib import Path

replace = Path.replace
failed = []


def as_if_another_process_had_written_it(self, target):
    replace(self, target)
    if Path(target).name == "daily_warning" and not failed:
        failed.append(target)
        raise FileNotFoundError(target)


Path.replace = as_if_another_process_had_written_it
from sim.analysis.calibration.inference_data import _arviz
assert _arviz().InferenceData
assert failed
"""


def test_the_first_import_of_the_day_is_no_error(arviz: Any, tmp_path: Path) -> None:
    """ArviZ warns once a day, then writes a stamp file that another process may write at the same time."""
    import matplotlib

    # The cache of fonts takes long to make, so it stays where it is.
    places = {"XDG_CACHE_HOME": str(tmp_path), "MPLCONFIGDIR": matplotlib.get_configdir()}
    script = [sys.executable, "-W", "error", "-c", FIRST_IMPORT_OF_THE_DAY]
    done = subprocess.run(script, capture_output=True, text=True, env=os.environ | places)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.rglob("daily_warning"))
