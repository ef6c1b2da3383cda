"""What lanes are to numba: types, and how each lies in memory or in a register."""

from __future__ import annotations

from llvmlite import ir
from numba.core import cgutils
from numba.core.typeconv import Conversion
from numba.extending import models, register_model, types

BYTE, WORD, INDEX, DOUBLE = ir.IntType(8), ir.IntType(64), ir.IntType(32), ir.DoubleType()
DOUBLE_BYTES = 8


class LanesType(types.Type):
    """``width`` floats side by side: ``<width x double>``."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"lanes({width})")

    @property
    def vector(self) -> ir.VectorType:
        """All lanes."""
        return ir.VectorType(DOUBLE, self.width)

    def can_convert_from(self, typingctx, other):
        """Let a plain number stand for the same number in every lane."""
        return Conversion.safe if isinstance(other, types.Number) else None

    def unify(self, typingctx, other):
        """Let a variable that is a plain number first and lanes later be of lanes throughout."""
        return self if isinstance(other, types.Number) else None


class MaskType(types.Type):
    """A yes or no per lane: ``<width x i1>``."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"mask({width})")

    @property
    def vector(self) -> ir.VectorType:
        """All lanes."""
        return ir.VectorType(ir.IntType(1), self.width)

    def can_convert_from(self, typingctx, other):
        """Let a plain yes or no stand for all lanes."""
        return Conversion.safe if isinstance(other, types.Boolean) else None

    def unify(self, typingctx, other):
        """As for ``LanesType``."""
        return self if isinstance(other, types.Boolean) else None


class WordsType(types.Type):
    """64 bits per lane, for random numbers and the bits of floats: ``<width x i64>``."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"words({width})")

    @property
    def vector(self) -> ir.VectorType:
        """All lanes."""
        return ir.VectorType(WORD, self.width)

    def can_convert_from(self, typingctx, other):
        """Let a plain whole number stand for all lanes."""
        return Conversion.safe if isinstance(other, types.Integer) else None

    def unify(self, typingctx, other):
        """As for ``LanesType``."""
        return self if isinstance(other, types.Integer) else None


class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, kind.vector)


for _kind in (LanesType, MaskType, WordsType):
    register_model(_kind)(_VectorModel)


Axes = tuple[int | str, ...]


class RecordType(types.Type):
    """A record of lanes: the name of its layout, and the width of its lanes.

    The two sizes that vary from record to record (``n`` seats, ``t`` weeks) are no part of the type, so one compilation
    serves all of them: a record is passed as its address and the two sizes.
    """

    def __init__(self, layout: str, width: int) -> None:
        self.layout, self.lanes = layout, LanesType(width)
        super().__init__(name=f"record({layout},{width})")


class FieldType(types.Type):
    """A field of a record, or part of it with the axes that are left: letters for ``n``, ``G`` and ``t``, or numbers.

    ``whole`` are the axes of the whole field.
    """

    def __init__(self, kind: str, axes: Axes, lanes: LanesType, whole: Axes | None = None) -> None:
        self.kind, self.axes, self.lanes, self.whole = kind, axes, lanes, whole or axes
        super().__init__(name=f"field({kind},{axes},{lanes.width},{self.whole})")


class _PlaceModel(models.StructModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, [("data", types.voidptr), ("n", types.int64), ("t", types.int64)])


register_model(RecordType)(_PlaceModel)
register_model(FieldType)(_PlaceModel)


def splat(builder, vector: ir.VectorType, value):
    """Return a vector that holds ``value`` in every lane."""
    nothing = ir.Constant(vector, ir.Undefined)
    first = builder.insert_element(nothing, value, ir.Constant(INDEX, 0))
    everywhere = ir.Constant(ir.VectorType(INDEX, vector.count), [0] * vector.count)
    return builder.shuffle_vector(first, nothing, everywhere)


def lane(builder, vector, number: int):
    """Return one lane of a vector."""
    return builder.extract_element(vector, ir.Constant(INDEX, number))


def all_true(builder, mask):
    """Return whether a mask, as a vector, is set in every lane."""
    bits = ir.IntType(mask.type.count)
    return builder.icmp_unsigned("==", builder.bitcast(mask, bits), ir.Constant(bits, -1))


def place_of(context, builder, kind, value):
    """Return the members data, n and t of a record or field."""
    return cgutils.create_struct_proxy(kind)(context, builder, value=value)
