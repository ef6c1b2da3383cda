"""Our own exponential, power and hyperbolic tangent, against numbers of fifty digits."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.core._elementary import exp, log, power, tanh


def exact_exp(x: float) -> float:
    with localcontext(prec=50):
        return float(Decimal(x).exp())


@given(st.floats(-700, 700))
def test_exponential_is_within_two_units_in_the_last_place(x: float) -> None:
    expected = exact_exp(x)
    assert abs(exp(x) - expected) <= 2 * math.ulp(expected)


@pytest.mark.parametrize("x", [-1e300, -709.0, 710.0, 1e300, -math.inf, math.inf])
def test_exponential_beyond_a_double_is_held_at_the_edge(x: float) -> None:
    edge = exp(-708.0) if x < 0 else exp(709.0)
    assert exp(x) == edge
    assert math.isfinite(edge)
    assert edge > 0


@given(st.floats(1e-300, 1e300))
def test_logarithm(x: float) -> None:
    with localcontext(prec=50):
        expected = float(Decimal(x).ln())
    assert abs(log(x) - expected) <= 2 * math.ulp(max(abs(expected), 2.3e-16))


@given(st.floats(1e-30, 1e30), st.floats(-3, 3))
def test_power(x: float, y: float) -> None:
    with localcontext(prec=50):
        exponent = Decimal(y) * Decimal(x).ln()
        expected = float(exponent.exp())
    assert abs(power(x, y) / expected - 1) <= 1e-15 + 2e-16 * abs(float(exponent))


@pytest.mark.parametrize(("x", "y", "expected"), [(0.0, 0.7, 0.0), (0.0, 0.0, 1.0), (5.0, 0.0, 1.0), (1.0, 9.0, 1.0)])
def test_power_at_the_corners(x: float, y: float, expected: float) -> None:
    assert power(x, y) == expected


@given(st.floats(-40, 40))
def test_hyperbolic_tangent(x: float) -> None:
    assert abs(tanh(x) - math.tanh(x)) <= 4.5e-16


def test_none_of_them_depends_on_the_neighbours_in_a_vector() -> None:
    """A loop runs four or eight at a time; each number is what it is alone."""
    from sim.core.rules.integration import raise_all

    values = np.linspace(0.0, 5.0, 37)
    alone = np.array([power(value, 0.7) for value in values])
    together = values.copy()
    raise_all_from_python(together, raise_all)
    assert (together == alone).all()


def raise_all_from_python(values: np.ndarray, raise_all: object) -> None:
    from sim.core._jit import kernel

    @kernel
    def door(numbers):  # raise_all itself has no door to Python
        raise_all(numbers, 0.7)

    door(values)
