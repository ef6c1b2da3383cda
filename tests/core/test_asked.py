"""What nobody asks for is not computed, and what is observed has the bits that it has when everything is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.core.asked import EVERYTHING, OBSERVER_OF, Asked, Observer
from sim.core.engine import WIDTH, Bench, Ensemble, Recorded, batch_of, run_many
from sim.core.metric_table import N_OBSERVED, OBSERVED_NAMES
from tests.helpers.scenarios import LIVELY

SCENARIO = replace(LIVELY, weeks=110, parameters={**LIVELY.parameters, "min_active": 12, "grace_weeks": 40})
"""Some of its runs end early; after 104 weeks the skill of adaptation looks back over its whole window."""


@pytest.fixture(scope="module")
def everything() -> Ensemble:
    found = run_many(SCENARIO, 2, range(WIDTH))
    assert (found.status > 0).any()
    assert np.isfinite(found.weekly).any(axis=(0, 1)).all(), "every metric is there at some time"
    return found


def observed(asked: Asked) -> np.ndarray:
    return run_many(SCENARIO, 2, range(WIDTH), asked=asked).weekly


def of(observer: Observer) -> tuple[str, ...]:
    return tuple(name for name in OBSERVED_NAMES if OBSERVER_OF[name] == observer)


def test_every_observer_has_metrics_and_a_flag_of_its_own() -> None:
    assert set(OBSERVER_OF.values()) == set(Observer)
    assert len({int(observer) for observer in Observer}) == len(Observer)


@pytest.mark.parametrize("observer", Observer)
def test_an_observer_alone_sees_the_same(observer: Observer, everything: Ensemble) -> None:
    weekly = observed(Asked(of(observer)))
    for place, name in enumerate(OBSERVED_NAMES):
        expected = everything.weekly[:, :, place] if OBSERVER_OF[name] == observer else np.nan
        np.testing.assert_array_equal(weekly[:, :, place], np.broadcast_to(expected, weekly.shape[:2]), err_msg=name)


@pytest.mark.parametrize("name", ["integration", "atmosphere", "trust", "exchange_funding", "adaptation"])
def test_a_metric_alone_is_the_same_and_nothing_else_is_kept(name: str, everything: Ensemble) -> None:
    weekly, place = observed(Asked((name,))), OBSERVED_NAMES.index(name)
    np.testing.assert_array_equal(weekly[:, :, place], everything.weekly[:, :, place])
    assert np.isnan(np.delete(weekly, place, axis=2)).all()


@pytest.mark.parametrize("period", [1, 4, 13, 111])
def test_metrics_at_times_are_those_of_every_week(period: int, everything: Ensemble) -> None:
    weekly = observed(Asked(("members", "atmosphere"), OBSERVED_NAMES, period))
    due = np.arange(SCENARIO.weeks + 1) % period == 0
    np.testing.assert_array_equal(weekly[:, due], everything.weekly[:, due])
    each_week = [OBSERVED_NAMES.index(name) for name in ("members", "atmosphere")]
    np.testing.assert_array_equal(weekly[:, :, each_week], everything.weekly[:, :, each_week])
    assert np.isnan(np.delete(weekly[:, ~due], each_week, axis=2)).all()


def test_what_is_asked_for_moves_nothing_of_a_run(everything: Ensemble) -> None:
    quiet = run_many(SCENARIO, 2, range(WIDTH), asked=Asked(()))
    assert np.isnan(quiet.weekly).all()
    np.testing.assert_array_equal(quiet.status, everything.status)
    np.testing.assert_array_equal(quiet.ended_week, everything.ended_week)


@pytest.mark.parametrize("observer", [one for one in Observer if one != Observer.TIES])
def test_what_is_not_asked_for_is_not_computed(observer: Observer) -> None:
    """The record of one week, in which observers write, holds nothing of the others."""
    calm = replace(LIVELY, weeks=20, shocks=(), schedule=())
    batch = batch_of(calm, 2, np.arange(WIDTH), asked=Asked(of(observer)))
    bench, n = Bench(batch, WIDTH), (WIDTH, batch.weeks + 1, N_OBSERVED)
    bench.run(
        np.arange(WIDTH), Recorded(np.full(n, np.nan), np.empty((WIDTH, 0, 11)), np.empty(0), np.empty((WIDTH, 2)))
    )
    last = np.asarray(bench.observed.all)
    for place, name in enumerate(OBSERVED_NAMES):
        if OBSERVER_OF[name] != observer:
            assert np.isnan(last[place]).all(), name


def test_everything_is_the_default() -> None:
    assert EVERYTHING.levels() == [2] * N_OBSERVED
    assert EVERYTHING.observers() == (sum(Observer), sum(Observer))
    assert Asked((), ("trust",), 4).observers() == (0, Observer.TIES)
