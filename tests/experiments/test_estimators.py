"""Estimators beside importance weights, on toys whose posterior is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from experiments.calibration.coded import Coded, code
from experiments.calibration.draws import Draws, apart, drawn, from_scores, scores, weighted_rows
from experiments.calibration.pseudo import by_regression, calibration_of
from experiments.calibration.regression import regress
from sim.analysis.calibration.checks import band_of_uniform
from sim.analysis.calibration.observation import log_likelihood, spread, weigh
from sim.analysis.calibration.posterior import Posterior, fit_joint
from sim.analysis.calibration.targets import Target
from tests.analysis.test_calibration import BAND, NUMBER, THERE, toy

NAMES = ("learnt", "inert")
NOISE = 0.7


def conjugate(n: int = 100_000, observed: float = 1.2) -> tuple[np.ndarray, Coded]:
    """Normal scores of the first parameter are seen with a normal error: the posterior is a normal."""
    luck = np.random.default_rng(3)
    places = luck.random((n, 2))
    shown = scores(places[:, :1]) + luck.normal(0, NOISE, (n, 1))
    return places, Coded(("seen",), shown, np.array([observed]))


def exact(observed: float = 1.2) -> tuple[float, float]:
    """Mean and standard deviation of the place, by quadrature."""
    grid = np.linspace(-6, 6, 20_001)
    density = norm.pdf(grid) * norm.pdf(observed, grid, NOISE)
    density /= density.sum()
    mean = (from_scores(grid) * density).sum()
    return float(mean), float(np.sqrt(((from_scores(grid) - mean) ** 2 * density).sum()))


# --- regression ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [0.01, 0.1, 0.5])
def test_the_adjusted_posterior_is_the_exact_one_however_much_is_kept(keep: float) -> None:
    """With half of all runs kept, only the adjustment can be right."""
    found = regress(NAMES, *conjugate(), keep)
    mean, sd = exact()
    error = sd / np.sqrt(found.posterior.effective)
    assert found.mean()[0] == pytest.approx(mean, abs=4 * error)
    assert found.sd()[0] == pytest.approx(sd, rel=0.06)
    assert found.mean()[1] == pytest.approx(0.5, abs=4 * 0.29 / np.sqrt(found.posterior.effective))


def test_no_adjusted_value_leaves_its_range() -> None:
    places, coded = conjugate(observed=9.0)
    found = regress(NAMES, places, coded, 0.02)
    assert found.places.min() >= 0
    assert found.places.max() <= 1
    assert found.mean()[0] > 0.9


def test_regression_agrees_with_importance_weights_on_the_same_table() -> None:
    """Numbers, bands and presences, with weights below 1 as powers and as probabilities."""
    targets = {"toy": [replace(NUMBER, weight=0.5), replace(BAND, weight=0.25),
                       replace(THERE, weight=0.6, status="inferred")]}  # fmt: skip
    tables = {"toy": toy(200_000)}
    weighed = weighted_rows(tables, fit_joint(tables, targets))
    found = regress(*drawn(tables), code(tables, targets), 0.02)
    assert np.abs(apart(weighed, found)).max() < 0.06
    assert found.sd()[0] == pytest.approx(weighed.sd()[0], rel=0.05)
    assert weighed.contraction()[0] > 0.5


def test_what_cannot_be_matched_is_not_divided_by_zero() -> None:
    places, coded = conjugate(1000)
    never = Coded(("a", "b"), np.column_stack([coded.shown, np.zeros(1000)]), np.array([1.2, 1.0]))
    assert np.isfinite(regress(NAMES, places, never).places).all()
    same = Coded(("a",), np.ones((1000, 1)), np.ones(1))
    assert regress(NAMES, places, same, 0.5).mean()[0] == pytest.approx(0.5, abs=0.05)


def test_the_error_of_a_mean_is_how_far_other_draws_move_it() -> None:
    luck = np.random.default_rng(2)
    weights = luck.exponential(size=500) ** 2
    posterior = Posterior(weights / weights.sum())
    means = [Draws(("a",), luck.random((500, 1)), posterior).mean()[0] for _ in range(2000)]
    shown = Draws(("a",), luck.random((500, 1)), posterior).error()[0]
    assert shown == pytest.approx(np.std(means), rel=0.1)


# --- coded data ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [THERE, replace(THERE, value=0.0), replace(BAND, weight=0.25), replace(THERE, weight=0.3, status="inferred")],
    ids=["present", "absent", "band", "inferred"],
)
@pytest.mark.parametrize("full_weight", [False, True])
def test_a_run_meets_a_target_as_often_as_the_likelihood_says(target: Target, full_weight: bool) -> None:
    simulated = {target.quantity: np.full(40_000, 0.6 if target.type == "presence" else 29.0)}
    tables = {"toy": replace(toy(1), places=np.zeros((40_000, 2)), quantities=simulated)}
    coded = code(tables, {"toy": [target]}, full_weight=full_weight)
    said = np.exp(weigh([target], simulated, full_weight))[0]
    assert 0.05 < said < 0.98
    assert coded.shown.mean() == pytest.approx(said, abs=0.01)
    assert coded.observed.tolist() == [1.0]


def test_a_number_is_shown_with_an_error_that_a_weight_widens() -> None:
    table = replace(toy(1), places=np.zeros((40_000, 2)), quantities={"members_at_2018": np.full(40_000, 12.0)})
    for weight in (1.0, 0.25):
        coded = code({"toy": table}, {"toy": [replace(NUMBER, weight=weight)]})
        assert coded.shown.std() == pytest.approx(spread(NUMBER) / np.sqrt(weight), rel=0.02)
        assert coded.observed.tolist() == [12.0]
        # The density of what is shown at the observation is the weighed likelihood.
        density = norm.logpdf(12.0, np.array([12.0, 15.0]), spread(NUMBER) / np.sqrt(weight))
        likelihood = weight * log_likelihood(NUMBER, np.array([12.0, 15.0]))
        np.testing.assert_allclose(np.diff(density), np.diff(likelihood))


def test_a_missing_number_is_far_from_any_observation() -> None:
    table = toy(1000)
    size = table.quantities["members_at_2018"].copy()
    size[:10] = np.nan
    coded = code({"toy": replace(table, quantities={**table.quantities, "members_at_2018": size})}, {"toy": [NUMBER]})
    assert np.isfinite(coded.shown).all()
    assert coded.shown[:10].max() < coded.shown[10:].min()


def test_both_cases_are_shown_together_and_an_order_once() -> None:
    order = replace(NUMBER, type="order", quantity="person_exit_order", value=1.0, low=1.0, high=1.0)
    targets = {
        "a": [replace(order, case="a", other_case="b"), replace(NUMBER, case="a")],
        "b": [replace(order, case="b", other_case="a", value=-1.0), replace(BAND, case="b")],
    }
    tables = {"a": toy(500), "b": toy(500, seed=2)}
    assert code(tables, targets).names == ("a: size", "a: size", "b: ever")
    assert code({"b": tables["b"]}, targets).names == ("b: ever",)
    names, places = drawn(tables)
    assert names == ("parameters.trust_gain", "parameters.communication_base")
    assert places.shape == (500, 2)
    own = {name: replace(table, n_shared=1) for name, table in tables.items()}
    assert drawn(own)[0] == ("parameters.trust_gain", "a.parameters.communication_base",
                             "b.parameters.communication_base")  # fmt: skip


def test_the_cloud_of_runs_tells_what_lies_outside() -> None:
    _, coded = conjugate()
    at = lambda value: replace(coded, observed=np.array([value])).share_further_out()  # noqa: E731
    assert at(0.0) == pytest.approx(1.0, abs=0.01)
    width = float(coded.shown.std())
    assert at(1.96 * width) == pytest.approx(0.05, abs=0.005)
    assert at(9 * width) == 0.0
    never = Coded(("a",), np.zeros((100, 1)), np.ones(1))
    assert never.share_further_out() == 0.0


# --- pseudo-data --------------------------------------------------------------------------------------------


def test_ranks_of_the_adjusted_posterior_are_uniform() -> None:
    places, coded = conjugate(20_000)
    rows = np.arange(0, 20_000, 80)
    found = calibration_of(by_regression(NAMES, places, coded, keep=0.05), NAMES, places, rows)
    assert (found.furthest() <= band_of_uniform(len(rows), 0.999)).all()
    np.testing.assert_allclose(found.coverage(0.8), 0.8, atol=0.08)
    assert found.correlation()[0] > 0.7


def test_ranks_tell_when_pseudo_data_are_noisier_than_the_runs() -> None:
    """The check can fail: an error of observation that is a third of what the pseudo-data have."""
    places, coded = conjugate(20_000)
    rows = np.arange(0, 20_000, 80)
    noisier = coded.shown.copy()
    noisier[rows] += np.random.default_rng(7).normal(0, 3 * NOISE, (len(rows), 1))
    estimate = by_regression(NAMES, places, replace(coded, shown=noisier), keep=0.05)
    found = calibration_of(estimate, NAMES, places, rows)
    assert found.furthest()[0] > band_of_uniform(len(rows), 0.999)
    assert found.coverage(0.8)[0] < 0.7
