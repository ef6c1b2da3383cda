"""Records of lanes: named fields side by side in one block of memory, each with the lanes as its last axis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.core.lanes.values import CommonTable, Lanes, Table

ALIGNMENT = 64
"""Bytes: a cache line, and the widest register."""

WIDTHS = (1, 2, 4, 8)
"""Lanes that a record can have."""

KINDS = {
    "f": "a float per lane",
    "i": "a whole number per lane, held as a float",
    "b": "a yes or no per lane",
    "q": "64 bits per lane",
    "s": "one whole number for all lanes",
    "o": "a float per lane, each lane's by themselves: what is written once and read run by run",
}


class Axes(NamedTuple):
    """Elements of a field: a constant times n to a power times t to a power."""

    factor: int
    n: int
    t: int


def elements(axes: Iterable[int | str]) -> Axes:
    """Return how many elements there are over ``axes``: numbers, ``n``, ``G`` (2n) and ``t``."""
    factor, n, t = 1, 0, 0
    for axis in axes:
        if axis == "n":
            n += 1
        elif axis == "G":
            factor, n = 2 * factor, n + 1
        elif axis == "t":
            t += 1
        else:
            factor *= int(axis)
    return Axes(factor, n, t)


Size = tuple[Axes, ...]
"""A sum of elements, one term per pair of powers."""


def _plus(size: Size, more: Axes) -> Size:
    terms = {(term.n, term.t): term.factor for term in size}
    terms[more.n, more.t] = terms.get((more.n, more.t), 0) + more.factor
    return tuple(Axes(factor, n, t) for (n, t), factor in terms.items())


def _total(size: Size, n: int, t: int) -> int:
    total = 0
    for term in size:
        total += term.factor * n**term.n * t**term.t
    return total


class Place(NamedTuple):
    """Where a field lies: its kind and axes, and how many numbers and then masks lie before it."""

    kind: str
    axes: tuple[int | str, ...]
    numbers: Size
    masks: Size


class Part(NamedTuple):
    """A further name for elements of a field with one axis: one of them, or ``length`` from ``first`` on."""

    field: str
    first: int
    length: int = 0


class Layout:
    """Names, kinds and axes of the fields of a record.

    Parameters
    ----------
    name : str
        Unique: numba knows a layout by it.
    fields : iterable of (name, kind, axes)
        Kinds are keys of ``KINDS``. Fields of masks are laid after all others.
    parts : dict of str to Part, optional
        Further names.
    """

    known: ClassVar[dict[str, Layout]] = {}

    def __init__(
        self,
        name: str,
        fields: Iterable[tuple[str, str, tuple[int | str, ...]]],
        parts: dict[str, Part] | None = None,
    ) -> None:
        self.name, self.parts = name, parts or {}
        self.places: dict[str, Place] = {}
        numbers: Size = ()
        masks: Size = ()
        for field, kind, axes in sorted(fields, key=lambda row: row[1] == "b"):
            self.places[field] = Place(kind, axes, numbers, masks)
            if kind == "b":
                masks = _plus(masks, elements(axes))
            else:
                numbers = _plus(numbers, elements(axes))
        self._end = Place("", (), numbers, masks)
        Layout.known[name] = self

    def bytes(self, width: int, n: int, t: int) -> int:
        """Return the size of a record."""
        return self.offset(self._end, width, n, t)

    def offset(self, place: Place, width: int, n: int, t: int) -> int:
        """Return how many bytes lie before a field."""
        return width * (8 * _total(place.numbers, n, t) + _total(place.masks, n, t))


class Record:
    """A record in Python: its memory, and a view of each field.

    A record is what rules are given: ``record.field`` yields lanes, and tables of lanes. ``first_run`` is the same
    memory as plain numpy arrays, for everybody else.

    Parameters
    ----------
    layout : Layout
        Its fields.
    width : int
        Number of lanes, one of ``WIDTHS``.
    n, t : int
        Seats and weeks that there is room for.
    """

    __slots__ = ("_address", "_layout", "_memory", "_n", "_numba_type", "_t", "_views", "_width")

    def __init__(self, layout: Layout, width: int, n: int = 0, t: int = 0) -> None:
        if width not in WIDTHS:
            raise ValueError(f"the number of lanes must be one of {WIDTHS}; got {width}")
        raw = np.zeros(layout.bytes(width, n, t) + ALIGNMENT, np.uint8)
        start = -raw.ctypes.data % ALIGNMENT
        for name, value in (("layout", layout), ("n", n), ("numba_type", None), ("t", t), ("width", width)):
            object.__setattr__(self, f"_{name}", value)
        self.rest_on(raw[start : start + layout.bytes(width, n, t)])

    def rest_on(self, memory: NDArray[Any]) -> None:
        """Let the record's memory be that of an array, which is contiguous and of its size."""
        layout, n, t, width = self._layout, self._n, self._t, self._width
        if not memory.flags.c_contiguous or memory.nbytes != layout.bytes(width, n, t):
            raise ValueError(f"a record of {layout.name} rests on {layout.bytes(width, n, t)} bytes in one piece")
        block = memory.reshape(-1).view(np.uint8)
        views = {
            name: _view(block, place, layout.offset(place, width, n, t), width, n, t)
            for name, place in layout.places.items()
        }
        for name, part in layout.parts.items():
            chosen = slice(part.first, part.first + part.length) if part.length else part.first
            views[name] = np.asarray(views[part.field])[chosen].view(Table)
        for name, value in (("memory", block), ("address", block.ctypes.data), ("views", views)):
            object.__setattr__(self, f"_{name}", value)

    def __getattr__(self, name: str) -> Any:
        try:
            view = self._views[name]
        except KeyError:
            raise AttributeError(f"{self._layout.name} has no field {name}") from None
        if view.ndim > 1:
            return view
        return int(view[0]) if isinstance(view, CommonTable) else np.array(view).view(Lanes)

    def __setattr__(self, name: str, value: Any) -> None:
        self._views[name][...] = value

    def __eq__(self, other: object) -> bool:
        """Tell whether all bits are the same."""
        return isinstance(other, Record) and self._memory.tobytes() == other._memory.tobytes()

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (self._layout.name, self._width, self._n, self._t, self._memory.tobytes())

    def clear(self) -> None:
        """Set every field to 0."""
        self._memory[:] = 0

    def first_run(self) -> Alone:
        """Return a record of one lane as plain numbers and arrays that share its memory."""
        return Alone(self)


def _view(memory: NDArray[np.uint8], place: Place, offset: int, width: int, n: int, t: int) -> NDArray[Any]:
    kind: Any = {"q": np.int64, "b": np.bool_}.get(place.kind, np.float64)
    sizes = {"n": n, "G": 2 * n, "t": t}
    shape = (*(sizes[axis] if isinstance(axis, str) else axis for axis in place.axes), width)
    count = int(np.prod(shape, dtype=int))
    flat = memory[offset : offset + count * np.dtype(kind).itemsize].view(kind)
    if place.kind == "o":
        return np.moveaxis(flat.reshape(width, *shape[:-1]), 0, -1).view(Table)
    return flat.reshape(shape).view(CommonTable if place.kind == "s" else Table)


def _remade(layout: str, width: int, n: int, t: int, memory: bytes) -> Record:
    """Return a copy of a record from its bytes."""
    record = Record(Layout.known[layout], width, n, t)
    record._memory[:] = np.frombuffer(memory, np.uint8)
    return record


class Alone:
    """A record of one lane as plain numbers and numpy arrays: what is written here the rules see, and the reverse.

    ``run.trust[i, j]`` and ``run["trust"]`` are the same field; a field of one number is read as a float, an int or a
    bool, and is set by assignment.
    """

    __slots__ = ("_record", "_views")

    def __init__(self, record: Record) -> None:
        if record._width != 1:
            raise ValueError(f"a record of {record._width} lanes is not of one run")
        views = {name: np.asarray(view)[..., 0] for name, view in record._views.items()}
        object.__setattr__(self, "_record", record)
        object.__setattr__(self, "_views", views)

    _address = property(lambda self: self._record._address)
    _n = property(lambda self: self._record._n)
    _t = property(lambda self: self._record._t)

    def __getitem__(self, name: str) -> Any:
        view = self._views[name]
        if view.ndim:
            return view
        return int(view) if self._record._layout.places.get(name, _FLOAT).kind in "siq" else view.item()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"{self._record._layout.name} has no field {name}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self._views:
            raise AttributeError(f"{self._record._layout.name} has no field {name}")
        self._views[name][...] = value

    def __setitem__(self, name: str, value: Any) -> None:
        self._views[name][...] = value

    def __contains__(self, name: str) -> bool:
        return name in self._views

    def __dir__(self) -> list[str]:
        return sorted(self._views)

    def __reduce__(self) -> tuple[Any, ...]:
        return Alone, (self._record,)

    def tobytes(self) -> bytes:
        """Return the memory of the record: two runs are alike to the bit if theirs are."""
        return bytes(self._record._memory.tobytes())


_FLOAT = Place("f", (), (), ())
"""What a part is."""
