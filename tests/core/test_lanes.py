"""Every operator and function on lanes against numpy, on normal, zero, subnormal, infinite and missing values."""

from __future__ import annotations

import copy
import operator
import pickle
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest
from numba.core.errors import NumbaError

from sim.core._jit import kernel
from sim.core.lanes import values as v
from sim.core.lanes.records import Layout, Record
from tests.helpers.on_lanes import on_lanes
from tests.helpers.worlds import COMPILED

SPECIAL = (0.0, -0.0, 1.5, -2.25, 5e-324, -1e-310, 1e300, np.inf, -np.inf, np.nan)
PAIRS = np.array(list(product(SPECIAL, SPECIAL)))
WIDTHS = (1, 2, 4, 8)
FOUR = (1.0, 2.0, 3.0, 4.0)


def named(text: str, *names: str) -> Callable[..., Any]:
    """Return a small function of lanes from its text."""
    scope: dict[str, Any] = dict(vars(v))
    exec(f"def apply({', '.join(names)}):\n    return {text}\n", scope)
    return kernel(scope["apply"])


TWO = {
    "a + b": np.add,
    "a - b": np.subtract,
    "a * b": np.multiply,
    "a / b": np.divide,
    "minimum(a, b)": lambda a, b: np.where(b < a, b, a),
    "maximum(a, b)": lambda a, b: np.where(b > a, b, a),
}
ONE = {
    "-a": np.negative,
    "abs(a)": np.abs,
    "sqrt(a)": np.sqrt,
    "floor(a)": np.floor,
    "clip(a, -1.0, 1.0)": lambda a: np.where(a < -1.0, -1.0, np.where(a > 1.0, 1.0, a)),
    "a + 2": lambda a: a + 2.0,
    "2.0 - a": lambda a: 2.0 - a,
    "where(a > 0.0, a, 0.0)": lambda a: np.where(a > 0.0, a, 0.0),
    "from_bits(bits_of(a))": lambda a: a,
}
COMPARED = {
    "a < b": operator.lt,
    "a <= b": operator.le,
    "a > b": operator.gt,
    "a >= b": operator.ge,
    "a == b": operator.eq,
}


def same_bits(found: np.ndarray, expected: np.ndarray) -> bool:
    """Tell whether two arrays have the same bits; a missing value has any of its bits."""
    both_missing = np.isnan(found) & np.isnan(expected)
    return bool((both_missing | (found.view(np.int64) == expected.view(np.int64))).all())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("text", TWO)
def test_operators_of_two(text: str, width: int) -> None:
    apply = named(text, "a", "b")
    with np.errstate(all="ignore"):
        for start in range(0, len(PAIRS) - width + 1, width):
            a, b = PAIRS[start : start + width].T
            assert same_bits(on_lanes(apply, a, b), np.asarray(TWO[text](a, b), dtype=float)), (a, b)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("text", ONE)
def test_operators_of_one(text: str, width: int) -> None:
    apply = named(text, "a")
    with np.errstate(all="ignore"):
        for start in range(len(SPECIAL) - width + 1):
            a = np.array(SPECIAL[start : start + width])
            assert same_bits(on_lanes(apply, a), np.asarray(ONE[text](a), dtype=float)), a


@pytest.mark.parametrize("text", COMPARED)
def test_comparisons(text: str) -> None:
    """A missing value is neither less nor more nor equal."""
    apply = named(text, "a", "b")
    for start in range(0, len(PAIRS) - 3, 4):
        a, b = PAIRS[start : start + 4].T
        assert (on_lanes(apply, a, b, result="yes") == COMPARED[text](a, b)).all()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("m & (a > 0.0)", [True, False, False, False]),
        ("m | (a > 0.0)", [True, True, True, False]),
        ("~m", [False, False, True, True]),
        ("m & True", [True, True, False, False]),
    ],
)
def test_masks(text: str, expected: list[bool]) -> None:
    found = on_lanes(named(text, "m", "a"), [1, 1, 0, 0], [1.0, -1.0, 1.0, -1.0], names="ma", result="yes")
    assert found.tolist() == expected


@pytest.mark.parametrize("mask", list(product([0, 1], repeat=4)))
def test_any_of(mask: tuple[int, ...]) -> None:
    apply = named("where(any_of(m), 1.0, a)", "m", "a")
    assert on_lanes(apply, mask, [0.0] * 4, names="ma").tolist() == [float(any(mask))] * 4


@pytest.mark.parametrize("mask", list(product([0, 1], repeat=4)))
def test_where_takes_each_lane_by_itself(mask: tuple[int, ...]) -> None:
    found = on_lanes(named("where(m, a, b)", "m", "a", "b"), mask, FOUR, np.negative(FOUR), names="mab")
    assert found.tolist() == [(x if one else -x) for one, x in zip(mask, FOUR, strict=True)]


TABLES = Layout(
    "tables", [("row", "f", (3,)), ("grid", "f", (3, 2)), ("own", "i", ()), ("yes", "b", (3,)), ("n", "s", (3,))]
)


@kernel
def write_tables(lanes):
    row, grid = lanes.row, lanes.grid[1]
    for i in range(len(row)):
        row[i] = 10.0 * i + lanes.own
        lanes.yes[i] = row[i] > 10.0
        lanes.n[i] = i + 4
    row[1] += 0.5
    grid[0] = row[lanes.own]
    row[lanes.own] -= 100.0


def test_tables_are_written_by_element_by_row_and_by_each_lane() -> None:
    lanes = Record(TABLES, 4)
    lanes.own = [0, 2, 1, 0]
    write_tables(lanes)
    own = np.array([0.0, 2.0, 1.0, 0.0])
    expected = 10.0 * np.arange(3)[:, None] + own
    assert (np.asarray(lanes.yes) == (expected > 10.0)).all()
    expected[1] += 0.5
    chosen = expected[own.astype(int), np.arange(4)]
    assert (np.asarray(lanes.grid)[1, 0] == chosen).all()
    expected[own.astype(int), np.arange(4)] -= 100.0
    assert (np.asarray(lanes.row) == expected).all()
    assert [lanes.n[i] for i in range(3)] == [4, 5, 6]


REFUSED = {
    "a whole table": "lanes.grid = lanes.grid",
    "an axis left to a lane's own index": "lanes.own = lanes.grid[lanes.own][0]",
    "a mask at a lane's own index": "lanes.yes[lanes.own] = lanes.own > 0.0",
}


@pytest.mark.skipif(not COMPILED, reason="the compiler is off")
@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_would_read_or_write_elsewhere_does_not_compile(text: str) -> None:
    scope: dict[str, Any] = {}
    exec(f"def write(lanes):\n    {text}\n", scope)
    with pytest.raises(NumbaError):
        kernel(scope["write"])(Record(TABLES, 4))


def test_an_index_beyond_a_table_is_noticed_in_the_tests() -> None:
    @kernel
    def beyond(lanes, i):
        lanes.row[i] = lanes.own

    for i in (3, -1) if COMPILED else (3,):
        with pytest.raises(IndexError):
            beyond(Record(TABLES, 4), i)


def test_an_if_on_lanes_is_refused_where_the_compiler_is_off_too() -> None:
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(v.as_lanes([1.0]) > 0.0)


def test_records_are_copied_whole() -> None:
    lanes = Record(TABLES, 1)
    lanes.own = 3
    for twin in (copy.deepcopy(lanes), pickle.loads(pickle.dumps(lanes))):
        assert twin == lanes
        twin.own = 4
        assert twin != lanes
    run = lanes.first_run()
    assert copy.deepcopy(run).own == run.own == 3
    with pytest.raises(AttributeError, match="has no field owm"):
        run.owm = 1


@pytest.mark.parametrize("width", [0, 3, 16])
def test_a_number_of_lanes_that_no_register_holds_is_refused(width: int) -> None:
    with pytest.raises(ValueError, match="number of lanes"):
        Record(TABLES, width)
