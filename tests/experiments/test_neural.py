"""The neural posterior on toys whose answer is known (the extra ``neural``; ``make test-neural``)."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest

from experiments.calibration.coded import Coded
from experiments.calibration.neural import CONTROLS, WORTH, Network, train, worth_learning
from experiments.calibration.pseudo import by_network, calibration_of
from sim.analysis.calibration.checks import band_of_uniform
from sim.core.errors import UserError
from tests.experiments.test_estimators import NAMES, conjugate, exact

here = all(find_spec(name) for name in ("bayesflow", "jax"))
neural = [
    pytest.mark.neural,
    pytest.mark.skipif(not here, reason="the extra neural is not installed; make test-neural installs it"),
    # The libraries warn of themselves.
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning"),
]
HELD_OUT = 250


def learnable(n: int = 40_000) -> tuple[np.ndarray, Coded]:
    """The conjugate toy, with one more datum that is met or not, at random."""
    places, coded = conjugate(n)
    coin = np.random.default_rng(5).integers(0, 2, (n, 1)).astype(float)
    return places, Coded(("seen", "coin"), np.hstack([coded.shown, coin]), np.append(coded.observed, 1.0))


@pytest.fixture(scope="module")
def network() -> Network:
    places, coded = learnable()
    return train(NAMES, places[HELD_OUT:], replace(coded, shown=coded.shown[HELD_OUT:]), epochs=5)


class TestNetwork:
    pytestmark = neural

    def test_it_learns_the_exact_posterior(self, network: Network) -> None:
        found = network.posterior()
        mean, sd = exact()
        assert found.mean()[0] == pytest.approx(mean, abs=0.1 * sd)
        assert found.sd()[0] == pytest.approx(sd, rel=0.08)
        assert found.mean()[1] == pytest.approx(0.5, abs=0.03)
        assert found.contraction()[1] == pytest.approx(0, abs=0.06)
        assert found.places.min() >= 0
        assert found.places.max() <= 1

    def test_the_same_seed_gives_the_same_network(self) -> None:
        places, coded = learnable(5000)
        one, again = (train(NAMES, places, coded, seed=3, epochs=1).posterior(100).places for _ in range(2))
        np.testing.assert_array_equal(one, again)
        assert len(np.unique(one)) > 100

    def test_its_ranks_on_runs_it_has_not_seen_are_uniform(self, network: Network) -> None:
        places, coded = learnable()
        found = calibration_of(by_network(network, coded), NAMES, places, np.arange(HELD_OUT))
        assert (found.furthest() <= band_of_uniform(HELD_OUT, 0.999)).all()
        np.testing.assert_allclose(found.coverage(0.8), 0.8, atol=0.09)
        assert found.correlation()[0] > 0.7

    def test_it_refuses_to_guess_outside_the_cloud(self, network: Network) -> None:
        far = replace(network.coded, observed=np.array([9.0, 1.0]))
        with pytest.raises(UserError, match=r"unlike the simulated runs: 0\.00% of these lie further out"):
            replace(network, coded=far).posterior()


def test_only_what_can_be_learnt_and_some_controls_are_learnt() -> None:
    luck = np.random.default_rng(1)
    places = luck.random((5000, 60))
    coded = Coded(("a", "b"), places[:, [7, 3]] + luck.normal(0, [0.1, 0.3], (5000, 2)), np.array([0.5, 0.5]))
    chosen = worth_learning(places, coded)
    assert chosen[:2].tolist() == [7, 3]
    assert len(set(chosen.tolist())) == WORTH + CONTROLS
    assert sorted(worth_learning(places[:, :10], coded).tolist()) == list(range(10))


def test_a_missing_extra_is_reported_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bayesflow", None)
    monkeypatch.setitem(sys.modules, "jax", None)
    with pytest.raises(
        UserError, match=r"a neural posterior needs the package jax.*pip install 'partnersim\[neural\]'"
    ):
        train(NAMES, *conjugate(100))
