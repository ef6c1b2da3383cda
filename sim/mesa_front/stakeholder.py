"""A stakeholder as a ``mesa.Agent``: a person's view of the rows of the seat that the person fills.

An agent owns no data. Each field of the state that has a row per seat is an attribute here, made from the field
table: reading it reads the memory of the compiled rules, and the next step sees what is written to it. A number that
is written must be in its range; what is written *into* an array (``someone.holdings[Resource.SKILLS] = 0.5``) is not
checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.core.state import FLOW_FIELDS, STATE_FIELDS, Field
from sim.core.vocabulary import Ring, Role, word

_TIE_FIELDS = tuple(field for field in STATE_FIELDS if field.shape == "nn")
_SEAT_FIELDS = tuple(field for field in STATE_FIELDS if field.shape.startswith("n") and field.shape != "nn")
_WEEK_FIELDS = tuple(field for field in FLOW_FIELDS if field.shape.startswith("n") and field.shape != "nn")
_CODES = {"role": Role, "ring": Ring}


def columns_of(state: Any, flows: Any) -> dict[str, NDArray[Any]]:
    """Return views of all fields that have a row per seat, by name; made once, since looking up a field is slow."""
    of_state = {field.name: state[field.name] for field in (*_SEAT_FIELDS, *_TIE_FIELDS)}
    return of_state | {field.name: flows[field.name] for field in _WEEK_FIELDS}


class HasSeats(Protocol):
    """What a stakeholder needs of the model that it belongs to (``PartnershipModel``)."""

    columns: dict[str, NDArray[Any]]

    def seat_now(self, row: int) -> str:
        """Say in words who is in a seat."""


class DepartedError(AttributeError):
    """Raised when the row of a person who has left is read or written."""


def _checked(field: Field, value: Any) -> Any:
    """Return a value fit to be written, or say in one line why it is not.

    Raises
    ------
    ValueError
        When a number is not finite, is negative (but for the balance of a tie), or a share is above 1.
    """
    number = np.asarray(value, dtype=float)
    low = -np.inf if field.name == "balance" else 0.0
    high = 1.0 if field.unit in ("share", "trust", "strain", "familiarity") else np.inf
    if not (np.isfinite(number).all() and (number >= low).all() and (number <= high).all()):
        allowed = f"from 0 to {high:g}" if high < np.inf else "of at least 0" if low == 0 else "finite"
        raise ValueError(f"{field.name} must be {allowed} ({field.unit}); got {value}")
    return value


class _View:
    """An attribute that is one row of a field of the state or of the week's flows."""

    def __init__(self, field: Field, writable: bool) -> None:
        self.field, self.writable = field, writable
        self.code = _CODES.get(field.name)
        self.__doc__ = f"{field.meaning} ({field.unit})"

    def __get__(self, stakeholder: Stakeholder | None, owner: type) -> Any:
        if stakeholder is None:
            return self
        if stakeholder.left_week is not None:
            stakeholder.check_present()
        column = stakeholder.model.columns[self.field.name]
        if column.ndim > 1:
            return column[stakeholder.row]
        value = column.item(stakeholder.row)
        if self.field.kind is not np.float64:
            value = int(value)
        return value if self.code is None else self.code(value)

    def __set__(self, stakeholder: Stakeholder, value: Any) -> None:
        if not self.writable:
            raise AttributeError(f"{self.field.name} cannot be written: the rules keep it in step with other fields")
        stakeholder.check_present()
        stakeholder.model.columns[self.field.name][stakeholder.row] = _checked(self.field, value)


class _TieView:
    """An attribute of a tie, from one stakeholder's row in another's column."""

    def __init__(self, field: Field) -> None:
        self.field = field
        self.__doc__ = f"{field.meaning} ({field.unit})"

    def __get__(self, tie: Tie | None, owner: type) -> Any:
        if tie is None:
            return self
        return tie.matrix(self.field.name)[tie.rows].item()

    def __set__(self, tie: Tie, value: float) -> None:
        tie.matrix(self.field.name)[tie.rows] = _checked(self.field, value)


class Tie:
    """The directed tie of one stakeholder to another: trust, strain, familiarity, use and balance."""

    def __init__(self, source: Stakeholder, target: Stakeholder) -> None:
        if source is target:
            raise ValueError("a stakeholder has no tie to itself")
        self.source, self.target = source, target

    @property
    def rows(self) -> tuple[int, int]:
        """Row and column in the matrices of ties."""
        return self.source.row, self.target.row

    def matrix(self, name: str) -> Any:
        """Return a whole matrix of ties, (capacity, capacity); both ends must be members still."""
        self.source.check_present()
        self.target.check_present()
        return self.source.model.columns[name]


class Stakeholder(mesa.Agent):
    """The person in a seat. Attributes are views; ``row``, ``person`` and ``left_week`` are its own.

    Parameters
    ----------
    model : PartnershipModel
        The partnership.
    row : int
        Slot of the seat.
    person : int
        Number of the person, unique in a run.

    Attributes
    ----------
    left_week : int or None
        Week in which the person left; None for a member. Every other view of one who has left raises ``DepartedError``.
    """

    model: HasSeats
    if TYPE_CHECKING:
        role: Role
        ring: Ring
        engagement: float

    def __init__(self, model: HasSeats, row: int, person: int) -> None:
        super().__init__(model)
        self.row = row
        self.person = person
        self.left_week: int | None = None

    def check_present(self) -> None:
        """Raise ``DepartedError`` with a sentence if the person has left."""
        if self.left_week is not None:
            raise DepartedError(
                f"person {self.person} left seat {self.row} in week {self.left_week}; {self.model.seat_now(self.row)}"
            )

    def tie(self, other: Stakeholder) -> Tie:
        """Return this stakeholder's tie to another, a view that can be read and written."""
        return Tie(self, other)

    def leave(self, week: int) -> None:
        """Note that the person has left, and leave Mesa's sets; called by the model."""
        self.left_week = week
        self.remove()

    def __repr__(self) -> str:
        if self.left_week is not None:
            return f"<Stakeholder person {self.person}, left in week {self.left_week}>"
        return f"<Stakeholder person {self.person}, {word(self.role)}, seat {self.row}>"


for _field in _SEAT_FIELDS:
    setattr(Stakeholder, _field.name, _View(_field, writable=_field.kind is np.float64))
for _field in _WEEK_FIELDS:
    setattr(Stakeholder, _field.name, _View(_field, writable=False))
for _field in _TIE_FIELDS:
    setattr(Tie, _field.name, _TieView(_field))
