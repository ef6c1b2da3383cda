"""Designs: where their points fall."""

from __future__ import annotations

import numpy as np
import pytest

from sim.config.sweep_settings import USED_BY
from sim.core.errors import UserError
from sim.core.vocabulary import Lever
from sim.sweeps.designs import KINDS, Axis, Design, Factor, make_points

AXES = (Axis("a", 0.0, 1.0), Axis("b", 0.01, 1.0, log=True), Axis("n", 1, 4, whole=True))
LETTERS = Factor("letter", ("x", "y"))
NUMBERS = Factor("number", (1, 2, 3))


def test_every_kind_says_what_it_takes() -> None:
    assert set(KINDS) == set(USED_BY)
    assert len(Lever) == 13


def test_a_grid_has_every_combination_and_the_first_named_changes_slowest() -> None:
    points = make_points(Design("grid"), (), (LETTERS, NUMBERS))
    assert points == {"letter": ["x", "x", "x", "y", "y", "y"], "number": [1, 2, 3, 1, 2, 3]}


def test_a_list_takes_values_together() -> None:
    points = make_points(Design("list"), (), (Factor("a", (1, 2)), Factor("b", (3, 4)), Factor("c", (5,))))
    assert points == {"a": [1, 2], "b": [3, 4], "c": [5, 5]}


def test_a_list_of_unequal_lengths_is_refused() -> None:
    with pytest.raises(UserError, match="letter has 2, number has 3"):
        make_points(Design("list"), (), (LETTERS, NUMBERS))


def test_a_latin_hypercube_has_one_point_in_every_slice() -> None:
    points = make_points(Design("lhs", points=50), AXES[:2], ())
    assert sorted(np.floor(np.array(points["a"]) * 50)) == list(range(50))
    logs = (np.log(points["b"]) - np.log(0.01)) / -np.log(0.01)
    assert sorted(np.floor(logs * 50)) == list(range(50))


def test_whole_numbers_include_both_ends_evenly() -> None:
    points = make_points(Design("lhs", points=400), AXES, ())
    assert np.bincount(points["n"]).tolist() == [0, 100, 100, 100, 100]


def test_a_sobol_sequence_is_balanced_in_halves() -> None:
    points = np.array(make_points(Design("sobol", points=64), AXES[:1], ())["a"])
    assert (points < 0.5).sum() == 32
    with pytest.raises(UserError, match=r"power of two .* 32 or 64 .* got 50"):
        make_points(Design("sobol", points=50), AXES[:1], ())


def test_morris_trajectories_change_one_setting_at_a_time() -> None:
    points = make_points(Design("morris", points=4), AXES[:2], ())
    rows = np.column_stack([points["a"], points["b"]]).reshape(4, 3, 2)
    assert ((np.diff(rows, axis=1) != 0).sum(axis=2) == 1).all()


def test_a_population_is_drawn_independently() -> None:
    points = make_points(Design("population", points=2000), (Axis("a", 0, 1), Axis("b", 0, 1)), ())
    assert abs(np.corrcoef(points["a"], points["b"])[0, 1]) < 0.06
    assert np.mean(points["a"]) == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("kind", ["lhs", "sobol", "morris", "population"])
def test_points_stay_in_range_and_follow_the_seed(kind: str) -> None:
    first, again, other = (make_points(Design(kind, points=32, seed=seed), AXES, ()) for seed in (3, 3, 4))
    assert first == again != other
    for axis in AXES:
        assert axis.low <= min(first[axis.name]) <= max(first[axis.name]) <= axis.high


@pytest.mark.parametrize("kind", ["lhs", "sobol", "morris", "population"])
def test_sampled_points_are_crossed_with_lists(kind: str) -> None:
    alone = make_points(Design(kind, points=8), AXES, ())
    crossed = make_points(Design(kind, points=8), AXES, (LETTERS,))
    n = len(alone["a"])
    assert crossed["letter"] == ["x"] * n + ["y"] * n
    assert crossed["a"] == alone["a"] * 2


@pytest.mark.parametrize("kind", ["lhs", "sobol", "morris", "population"])
def test_nothing_to_draw_is_an_empty_design(kind: str) -> None:
    with pytest.raises(UserError, match="the design is empty"):
        make_points(Design(kind, points=8), (), (LETTERS,))


def test_a_grid_too_large_is_refused_before_it_is_made() -> None:
    many = tuple(Factor(f"f{i}", tuple(range(1000))) for i in range(4))
    with pytest.raises(UserError, match="at most 10000000"):
        make_points(Design("grid"), (), many)
