"""The machinery of calibration, on toys whose answer is known, and in miniature on the model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from sim.analysis.calibration import observation
from sim.analysis.calibration.checks import band_of_uniform, simulation_based_calibration
from sim.analysis.calibration.fit import fit
from sim.analysis.calibration.observation import log_likelihood, observe, spread, weigh
from sim.analysis.calibration.posterior import Posterior, fit_joint, fit_one, normalised
from sim.analysis.calibration.prior import draw_case, draw_shared
from sim.analysis.calibration.reference import Reference
from sim.analysis.calibration.targets import Target, targets_hash, targets_of
from sim.commands.cli import main
from sim.config.cases import load_case
from sim.sweeps.designs import Axis
from sim.sweeps.prior_ranges import case_axes, composition_axes, shared_axes, unit_place

NUMBER = Target(
    "toy", "size", "number", "members_at_2018", 12.0, 11.0, 13.0, "people", "read", "a", "b", "calibrate", 1
)
BAND = replace(NUMBER, name="ever", type="band", quantity="people_ever", value=35.0, low=30.0, high=40.0)
THERE = replace(NUMBER, name="there", type="presence", quantity="patients_present_late", value=1.0, low=1, high=1)
AXES = (Axis("parameters.trust_gain", 0.0, 1.0), Axis("parameters.communication_base", 0.0, 1.0))


def toy(n: int = 20_000, seed: int = 1, shift: float = 0.0) -> Reference:
    """A table in which the first parameter sets the size, and the second nothing."""
    luck = np.random.default_rng(seed)
    places = luck.random((n, 2))
    size = 20 * places[:, 0] + luck.normal(0, 1, n) + shift
    exits = 0.3 * places[:, 0] + 0.1 * luck.random(n)
    found = {
        "members_at_2018": size,
        "people_ever": 60 * places[:, 0] + luck.normal(0, 4, n),
        "patients_present_late": 2 * places[:, 0] + luck.normal(0, 0.3, n),
        "exits_per_member_year": exits,
    }
    return Reference({"name": "toy"}, AXES, 2, places, found)


# --- observation --------------------------------------------------------------------------------------------


def test_a_number_is_compared_with_the_error_of_coding_and_model() -> None:
    error = np.hypot(1 / 1.645, 2.0)
    assert spread(NUMBER) == pytest.approx(error)
    np.testing.assert_allclose(log_likelihood(NUMBER, np.array([12.0, 12 + error])), [0.0, -0.5])


def test_a_band_is_flat_within_and_falls_at_its_ends() -> None:
    values = log_likelihood(BAND, np.array([35.0, 30.0, 20.0]))
    error = spread(BAND)
    best = norm.cdf(5 / error) - norm.cdf(-5 / error)
    at_end = norm.cdf(10 / error) - 0.5
    np.testing.assert_allclose(values[:2], [0.0, np.log(at_end / best)], atol=1e-12)
    assert values[2] < np.log(0.02)


def test_a_band_that_ends_where_nothing_more_is_possible_is_open() -> None:
    kept = replace(BAND, quantity="organisations_kept_share", low=0.6, high=1.0)
    np.testing.assert_allclose(np.exp(log_likelihood(kept, np.array([1.0, 0.6]))), [1.0, 0.5], atol=1e-6)
    luck = np.random.default_rng(1)
    assert observe(kept, 1.0, luck) == kept
    below = observe(kept, 0.2, luck)
    assert np.exp(log_likelihood(below, np.array([0.2, 1.0]))) == pytest.approx([1.0, 0.0], abs=1e-6)


def test_a_presence_is_a_probability_of_being_above_its_threshold() -> None:
    values = np.exp(log_likelihood(THERE, np.array([0.5, 3.0, -2.0])))
    np.testing.assert_allclose(values, [0.5, 1.0, 0.0], atol=1e-9)
    absent = replace(THERE, value=0.0)
    np.testing.assert_allclose(np.exp(log_likelihood(absent, np.array([0.5, 3.0]))), [0.5, 0.0], atol=1e-9)


def test_missing_is_disagreement() -> None:
    for target in (NUMBER, BAND, THERE):
        assert log_likelihood(target, np.array([np.nan]))[0] < -25


def test_a_weight_is_a_power_for_what_was_read_and_a_probability_for_what_was_inferred() -> None:
    simulated = {"members_at_2018": np.array([12.0, 40.0])}
    half = weigh([replace(NUMBER, weight=0.5)], simulated)
    assert half[1] == pytest.approx(0.5 * log_likelihood(NUMBER, simulated["members_at_2018"])[1])
    maybe = weigh([replace(NUMBER, weight=0.7, status="inferred")], simulated)
    np.testing.assert_allclose(np.exp(maybe), [1.0, 0.3], atol=1e-9)


@pytest.mark.parametrize("target", [NUMBER, BAND, THERE], ids=lambda target: target.type)
def test_what_would_be_observed_has_the_likelihood_that_is_fitted(target: Target) -> None:
    """The share of pseudo-observations of a kind is the probability that the likelihood gives to it."""
    luck = np.random.default_rng(2)
    seen = [observe(target, 1.0, luck) for _ in range(4000)]
    if target.type == "presence":
        share = np.mean([one.value for one in seen])
        assert share == pytest.approx(norm.cdf((1.0 - 0.5) / spread(target)), abs=0.02)
    else:
        middle = np.array([one.value for one in seen])
        assert middle.mean() == pytest.approx(1.0, abs=0.3)
        assert all(one.high - one.low == pytest.approx(target.high - target.low) for one in seen)


# --- posterior ----------------------------------------------------------------------------------------------


def test_the_posterior_of_a_toy_is_the_one_worked_out_by_hand() -> None:
    """Uniform prior, normal likelihood: a normal with both errors, cut at the ends of the prior."""
    found = fit_one(toy(400_000), [NUMBER])
    error = np.hypot(1.0, spread(NUMBER)) / 20
    grid = np.linspace(0, 1, 20_001)
    density = norm.pdf(grid, 0.6, error)
    density /= density.sum()
    mean = (grid * density).sum()
    sd = np.sqrt(((grid - mean) ** 2 * density).sum())
    table = toy(400_000)
    assert found.mean(table.places)[0] == pytest.approx(mean, abs=0.003)
    assert found.sd(table.places)[0] == pytest.approx(sd, rel=0.02)
    assert found.contraction(table.places)[0] > 0.8
    assert abs(found.contraction(table.places)[1]) < 3 * np.sqrt(0.8 / found.effective)


def test_draws_follow_the_weights() -> None:
    found = Posterior(np.array([0.1, 0.0, 0.6, 0.3]))
    rows = found.rows(1000)
    np.testing.assert_allclose(np.bincount(rows, minlength=4) / 1000, found.weights, atol=0.001)
    assert found.quantile(np.array([1.0, 2.0, 3.0, 4.0]), [0.05, 0.5, 0.95]).tolist() == [1.0, 3.0, 4.0]
    assert np.isfinite(normalised(np.array([-1e6, -1e6 - 1])).weights).all()


def test_an_order_told_by_both_cases_counts_once() -> None:
    order = replace(NUMBER, type="order", quantity="person_exit_order", value=1.0, low=1.0, high=1.0)
    targets = {
        "a": [replace(order, case="a", other_case="b")],
        "b": [replace(order, case="b", other_case="a", value=-1.0)],
    }
    tables = {"a": toy(5000, 1), "b": toy(5000, 2)}
    both = fit_joint(tables, targets)
    once = fit_joint(tables, {"a": targets["a"], "b": []})
    np.testing.assert_array_equal(both.weights, once.weights)
    assert both.effective < 5000
    np.testing.assert_allclose(fit_one(tables["a"], targets["a"]).weights, 1 / 5000)


# --- simulation-based calibration ---------------------------------------------------------------------------


def test_ranks_are_uniform_when_the_machinery_is_right() -> None:
    found = simulation_based_calibration(toy(4000), [NUMBER, BAND, THERE], 300)
    assert (found.furthest() <= band_of_uniform(300, 0.999)).all()
    for level in (0.5, 0.8, 0.9):
        np.testing.assert_allclose(found.coverage(level), level, atol=0.08)
    assert found.correlation()[0] > 0.9
    assert found.contractions.mean(axis=0)[0] > 0.8


def test_ranks_tell_when_the_likelihood_is_too_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: an error of observation that is claimed to be a third of what it is."""
    honest = observation.observe

    def noisier(target: Target, simulated: float, luck: np.random.Generator) -> Target:
        return honest(target, simulated + luck.normal(0, 3 * spread(target)), luck)

    monkeypatch.setattr("sim.analysis.calibration.checks.observe", noisier)
    found = simulation_based_calibration(toy(4000), [NUMBER], 300)
    assert found.furthest()[0] > band_of_uniform(300, 0.999)
    assert found.coverage(0.9)[0] < 0.8


# --- targets and priors -------------------------------------------------------------------------------------


def test_the_targets_are_those_that_were_frozen() -> None:
    """A target changed after the first fit must be announced: date and hash stand in the codebook."""
    both = [target for name in ("pccp", "chrp") for target in targets_of(load_case(name))]
    codebook = (Path(__file__).parents[2] / "docs" / "model" / "calibration-codebook.md").read_text()
    assert targets_hash(both) in codebook


def test_every_uncertain_parameter_is_shared_and_levers_belong_to_a_case() -> None:
    shared = {axis.name for axis in shared_axes()}
    own = {axis.name for axis in case_axes(load_case("pccp"))}
    assert not shared & own
    assert {f"enabling.{name}" for name in ("leadership", "communication")} <= own
    assert "parameters.meeting_every_core" in own
    assert any(axis.name == "parameters.each_backing" for axis in composition_axes(load_case("pccp")))


def test_row_i_has_the_same_shared_parameters_and_other_levers_in_each_case() -> None:
    shared = draw_shared(50, 1)
    assert shared == draw_shared(50, 1)
    pccp, chrp = (draw_case(load_case(name), 50, seed) for name, seed in (("pccp", 7), ("chrp", 8)))
    assert pccp["enabling.leadership"] != chrp["enabling.leadership"]
    for axis in shared_axes():
        places = unit_place(axis, np.array(shared[axis.name]))
        assert places.min() >= -1e-12
        assert places.max() <= 1 + 1e-12


# --- in miniature -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both cases calibrated on few points, with few bars of the null; the text on the screen is kept beside it."""
    folder = tmp_path_factory.mktemp("calibration") / "a"
    with miniature(), redirect_stdout(StringIO()) as out:
        assert main(["calibrate", "points=1000", "datasets=5", f"output={folder}"]) == 0
    (folder / "out.txt").write_text(out.getvalue())
    return folder


@contextmanager
def miniature() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sim.results.null_bars.BAR_RUNS", 10)
        patched.setattr("sim.analysis.calibration.prior.COMPOSITIONS", 4)
        yield


def test_calibrate_in_miniature(small: Path) -> None:
    out = (small / "out.txt").read_text()
    assert "fitted targets agree" in out
    assert f"Report:  {small.as_posix()}/report.html" in out
    assert (small / "posterior.nc").exists()
    record = json.loads((small / "fit.json").read_text())
    assert [fit["cases"] for fit in record["fits"]] == [["pccp"], ["chrp"], ["pccp", "chrp"]]


def test_the_report_of_a_calibration_needs_nothing_from_outside(small: Path) -> None:
    page = (small / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 4
    assert page.count("<h2>Do the intervals cover the truth?</h2>") == 1
    assert "http" not in page


def test_tables_that_are_there_are_not_run_again(small: Path) -> None:
    finished = [small / f"table-{case}" / "finished.json" for case in ("pccp", "chrp")]
    before = [path.stat().st_mtime_ns for path in finished]
    with miniature():
        assert main(["calibrate", "points=1000", "datasets=0", f"output={small}"]) == 0
    assert [path.stat().st_mtime_ns for path in finished] == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["point=5"], "did you mean 'points'?"),
        (["points=5"], "points must be a whole number from 1000"),
        (["case=pccb"], "did you mean 'pccp'?"),
        (["output=file"], "it is a file"),
    ],
)
def test_mistakes_are_told_in_one_line(tmp_path, monkeypatch, capsys, words: list[str], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("")
    assert main(["calibrate", *words]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_fit_tells_which_blocks_moved() -> None:
    found = fit({"toy": toy()}, {"toy": [NUMBER]})
    assert [row.name for row in found.moved()] == ["parameters.trust_gain"]
    assert found.blocks()["ties"][:2] == (2, 1)
    assert found.predicted[0].agreement > found.predicted[0].agreement_prior
