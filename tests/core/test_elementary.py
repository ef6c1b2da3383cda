"""Our own exponential, power and hyperbolic tangent, against numbers of fifty digits."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core.elementary import exp, log, plain_exp, plain_log, plain_powers, power, raised, tanh
from tests.helpers.on_lanes import on_lanes


def exp_of(x: float) -> float:
    return float(on_lanes(exp, [x])[0])


def log_of(x: float) -> float:
    return float(on_lanes(log, [x])[0])


def power_of(x: float, y: float) -> float:
    return float(on_lanes(power, [x], [y])[0])


def tanh_of(x: float) -> float:
    return float(on_lanes(tanh, [x])[0])


def exact_exp(x: float) -> float:
    with localcontext(prec=50):
        return float(Decimal(x).exp())


@given(st.floats(-700, 700))
def test_exponential_is_within_two_units_in_the_last_place(x: float) -> None:
    expected = exact_exp(x)
    assert abs(exp_of(x) - expected) <= 2 * math.ulp(expected)


@pytest.mark.parametrize("x", [-1e300, -709.0, 710.0, 1e300, -math.inf, math.inf])
def test_exponential_beyond_a_double_is_held_at_the_edge(x: float) -> None:
    edge = exp_of(-708.0) if x < 0 else exp_of(709.0)
    assert exp_of(x) == edge
    assert math.isfinite(edge)
    assert edge > 0


@given(st.floats(1e-300, 1e300))
def test_logarithm(x: float) -> None:
    with localcontext(prec=50):
        expected = float(Decimal(x).ln())
    assert abs(log_of(x) - expected) <= 2 * math.ulp(max(abs(expected), 2.3e-16))


@given(st.floats(1e-30, 1e30), st.floats(-3, 3))
def test_power(x: float, y: float) -> None:
    with localcontext(prec=50):
        exponent = Decimal(y) * Decimal(x).ln()
        expected = float(exponent.exp())
    assert abs(power_of(x, y) / expected - 1) <= 1e-15 + 2e-16 * abs(float(exponent))


@pytest.mark.parametrize(("x", "y", "expected"), [(0.0, 0.7, 0.0), (0.0, 0.0, 1.0), (5.0, 0.0, 1.0), (1.0, 9.0, 1.0)])
def test_power_at_the_corners(x: float, y: float, expected: float) -> None:
    assert power_of(x, y) == expected


@pytest.mark.parametrize("exponent", [0.5, 2.0, 0.7, 1.0])
def test_a_root_and_a_square_need_no_logarithm(exponent: float) -> None:
    found = on_lanes(raised, [0.0, 1.7], [exponent, exponent])
    exact = {0.5: math.sqrt(1.7), 2.0: 1.7 * 1.7}.get(exponent, power_of(1.7, exponent))
    assert found.tolist() == [0.0, exact]


def test_each_lane_is_raised_by_its_own_exponent() -> None:
    exponents = [0.5, 2.0, 0.7, 1.3]
    alone = [float(on_lanes(raised, [1.7], [one])[0]) for one in exponents]
    assert on_lanes(raised, [1.7] * 4, exponents).tolist() == alone


@given(st.floats(-40, 40))
def test_hyperbolic_tangent(x: float) -> None:
    assert abs(tanh_of(x) - math.tanh(x)) <= 4.5e-16


def test_none_of_them_depends_on_its_neighbours() -> None:
    values = np.linspace(0.0, 5.0, 8)
    together = on_lanes(power, values, np.full(8, 0.7))
    assert (together == [power_of(value, 0.7) for value in values]).all()


def test_plain_numbers_have_the_same_bits() -> None:
    values = np.linspace(0.01, 5.0, 40)
    for x in values:
        assert plain_exp(x) == exp_of(x)
        assert plain_log(x) == log_of(x)
    assert (plain_powers(2.7, values) == [power_of(2.7, y) for y in values]).all()
