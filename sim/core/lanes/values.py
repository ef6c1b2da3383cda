"""Lanes with the compiler off: numpy arrays whose last axis is the lanes, and every function that acts on them.

The functions are what rules import. With the compiler on, numba never runs their bodies: ``operators`` tells it what
each name means. Both give the same bits (``tests/core/test_lanes.py``).
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Lanes(np.ndarray):
    """A number (or yes and no) per lane, shape (W,); never changed in place, as a number is not."""

    def __bool__(self) -> bool:
        """Refuse: an ``if`` would choose for all lanes at once."""
        raise TypeError("lanes are neither true nor false: use where(mask, a, b), or any_of(mask)")

    def __iadd__(self, other: Any) -> Any:  # type: ignore[override, misc]
        return self + other

    def __isub__(self, other: Any) -> Any:  # type: ignore[override, misc]
        return self - other

    def __imul__(self, other: Any) -> Any:  # type: ignore[override, misc]
        return self * other

    def __itruediv__(self, other: Any) -> Any:  # type: ignore[override, misc]
        return self / other

    def __iand__(self, other: Any) -> Any:  # type: ignore[override, misc]
        return self & other

    def __ior__(self, other: Any) -> Any:  # type: ignore[override, misc]
        return self | other


class Table(np.ndarray):
    """A field of a record, shape (..., W): with all its indices given it yields ``Lanes``.

    An index may itself be lanes: each lane then reads its own element.
    """

    def __getitem__(self, index: Any) -> Any:
        if (own := _own_places(index, self.shape[-1])) is not None:
            return np.asarray(self)[own].view(Lanes)
        found = super().__getitem__(index)
        return np.array(found).view(Lanes) if found.ndim == 1 else found

    def __setitem__(self, index: Any, value: Any) -> None:
        own = _own_places(index, self.shape[-1])
        # A plain view: numpy would ask this class for the row to write to, and be given a copy.
        np.asarray(self)[index if own is None else own] = value


def _own_places(index: Any, width: int) -> tuple[Any, ...] | None:
    """Return the index with which each lane finds its own element, or None where all lanes share the index."""
    places = index if isinstance(index, tuple) else (index,)
    if not any(isinstance(place, Lanes) for place in places):
        return None
    own = (np.asarray(place).astype(np.int64) if isinstance(place, Lanes) else place for place in places)
    return (*own, np.arange(width))


class CommonTable(np.ndarray):
    """A field that is the same in all lanes: with all its indices given it yields an int."""

    def __getitem__(self, index: Any) -> Any:
        found = super().__getitem__(index)
        return int(found[0]) if found.ndim == 1 else found

    def __setitem__(self, index: Any, value: Any) -> None:
        np.asarray(self)[index] = value


def as_lanes(values: Any) -> Any:
    """Return an array as lanes that share no memory with it."""
    return np.array(values).view(Lanes)


def where(mask, a, b):
    """Return ``a`` in the lanes of ``mask`` and ``b`` in the others."""
    return np.where(mask, a, b).view(Lanes)


def minimum(a, b):
    """Return the smaller in each lane; ``a`` where they are equal or one is missing."""
    return where(np.less(b, a), b, a)


def maximum(a, b):
    """Return the larger in each lane; ``a`` where they are equal or one is missing."""
    return where(np.greater(b, a), b, a)


def clip(x, low, high):
    """Return ``x`` held within [low, high]."""
    return minimum(maximum(x, low), high)


def sqrt(x):
    """Return the square root."""
    return np.sqrt(x).view(Lanes)


def floor(x):
    """Return the largest whole number that is not above ``x``."""
    return np.floor(x).view(Lanes)


def first(x):
    """Return the first lane as a plain number."""
    return float(x[0])


def any_of(mask):
    """Tell whether the mask is set in any lane."""
    return bool(np.asarray(mask).any())


def bits_of(x):
    """Return the 64 bits of each float64 as an int64."""
    return x.view(np.int64)


def from_bits(words):
    """Return the float64 that each int64 is the bits of."""
    return words.view(np.float64)


def high_word(words):
    """Return the upper 32 of each 64 bits, as int64."""
    return (words.view(np.uint64) >> np.uint64(32)).view(np.int64)


def words(x):
    """Return whole numbers as int64."""
    return x.astype(np.int64) if isinstance(x, Lanes) else int(x)


def zeros(like, rows, columns=None):
    """Return a small table of lanes, all 0, for as long as the function runs: it must not be returned.

    Parameters
    ----------
    like : Record or Lanes
        Says how many lanes there are.
    rows, columns : int
        Size, constants; without ``columns`` the table has one axis.
    """
    width = like._width if hasattr(like, "_width") else like.shape[-1]
    shape = (rows,) if columns is None else (rows, columns)
    return np.zeros((*shape, width)).view(Table)
