"""How numba turns operators and functions on lanes into instructions: one instruction each, no rounding hidden.

No flag of fast mathematics is ever given, so a lane of eight computes the same bits as a lane alone.
"""

from __future__ import annotations

import operator

from llvmlite import ir
from numba.core import cgutils
from numba.core.typing import signature
from numba.extending import lower_builtin, lower_cast, type_callable, types

from sim.core.lanes import values
from sim.core.lanes.types import (
    BYTE,
    DOUBLE_BYTES,
    INDEX,
    WORD,
    FieldType,
    LanesType,
    MaskType,
    RecordType,
    WordsType,
    lane,
    splat,
)

# --- plain numbers stand for the same in every lane ---------------------------------------------------------


@lower_cast(types.Number, LanesType)
def _number_to_lanes(context, builder, given, wanted, value):
    return splat(builder, wanted.vector, context.cast(builder, value, given, types.float64))


@lower_cast(types.Boolean, MaskType)
def _boolean_to_mask(context, builder, given, wanted, value):
    bit = value if value.type == ir.IntType(1) else builder.trunc(value, ir.IntType(1))
    return splat(builder, wanted.vector, bit)


@lower_cast(types.Integer, WordsType)
def _integer_to_words(context, builder, given, wanted, value):
    return splat(builder, wanted.vector, context.cast(builder, value, given, types.int64))


# --- operators ----------------------------------------------------------------------------------------------

_PLAIN = {LanesType: types.Number, MaskType: types.Boolean, WordsType: types.Integer}


def _common_type(family, given):
    """Return the type of lanes that all of ``given`` can be, at least one of which is of it; else None."""
    found = next((one for one in given if isinstance(one, family)), None)
    fits = found is not None and all(one == found or isinstance(one, _PLAIN[family]) for one in given)
    return found if fits else None


def _operation(name, family, result, emit):
    """Tell numba what ``name`` does to values of one family; ``emit`` makes the instruction."""

    @type_callable(name)
    def typed(context):
        def unary(x):
            common = _common_type(family, (x,))
            return common and signature(result(common), common)

        def binary(x, y):
            common = _common_type(family, (x, y))
            return common and signature(result(common), common, common)

        return unary if emit.__code__.co_argcount == 2 else binary

    @lower_builtin(name, *[family] * (emit.__code__.co_argcount - 1))
    def lowered(context, builder, sig, args):
        return emit(builder, *args)


def _same(kind):
    return kind


def _mask(kind):
    return MaskType(kind.width)


def _instruction(name):
    return lambda builder, x, y: getattr(builder, name)(x, y)


def _comparison(sign):
    return lambda builder, x, y: builder.fcmp_ordered(sign, x, y)


_ARITHMETIC = {
    "fadd": (operator.add, operator.iadd),
    "fsub": (operator.sub, operator.isub),
    "fmul": (operator.mul, operator.imul),
    "fdiv": (operator.truediv, operator.itruediv),
}
for _name, _operators in _ARITHMETIC.items():
    for _one in _operators:
        _operation(_one, LanesType, _same, _instruction(_name))

_COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq}
for _sign, _one in _COMPARISONS.items():
    _operation(_one, LanesType, _mask, _comparison(_sign))

_LOGIC = {"and_": (operator.and_, operator.iand), "or_": (operator.or_, operator.ior)}
for _name, _operators in _LOGIC.items():
    for _one in _operators:
        _operation(_one, MaskType, _same, _instruction(_name))

_ON_WORDS = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "and_": operator.and_,
    "or_": operator.or_,
    "xor": operator.xor,
    "shl": operator.lshift,
    "ashr": operator.rshift,
}
for _name, _one in _ON_WORDS.items():
    _operation(_one, WordsType, _same, _instruction(_name))

_operation(operator.neg, LanesType, _same, lambda builder, x: builder.fneg(x))
_operation(operator.invert, MaskType, _same, lambda builder, x: builder.not_(x))

# --- functions ----------------------------------------------------------------------------------------------


def _library(name):
    """Return an emitter of a function that every processor has as an instruction."""

    def emit(builder, x):
        kind = f"llvm.{name}.v{x.type.count}f64"
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(x.type, [x.type]), kind)
        return builder.call(function, [x])

    return emit


def _minimum(builder, a, b):
    return builder.select(builder.fcmp_ordered("<", b, a), b, a)


def _maximum(builder, a, b):
    return builder.select(builder.fcmp_ordered(">", b, a), b, a)


_operation(abs, LanesType, _same, _library("fabs"))
_operation(values.sqrt, LanesType, _same, _library("sqrt"))
_operation(values.floor, LanesType, _same, _library("floor"))
_operation(values.minimum, LanesType, _same, _minimum)
_operation(values.maximum, LanesType, _same, _maximum)


@type_callable(values.clip)
def _type_clip(context):
    def typer(x, low, high):
        common = _common_type(LanesType, (x, low, high))
        return common and signature(common, common, common, common)

    return typer


@lower_builtin(values.clip, LanesType, LanesType, LanesType)
def _lower_clip(context, builder, sig, args):
    x, low, high = args
    return _minimum(builder, _maximum(builder, x, low), high)


@type_callable(values.where)
def _type_where(context):
    def typer(mask, a, b):
        for family in (LanesType, MaskType, WordsType):
            common = _common_type(family, (a, b))
            if common and isinstance(mask, MaskType | types.Boolean):
                return signature(common, MaskType(common.width), common, common)
        if isinstance(mask, MaskType) and isinstance(a, types.Number) and isinstance(b, types.Number):
            common = LanesType(mask.width)
            return signature(common, mask, common, common)
        return None

    return typer


@lower_builtin(values.where, MaskType, types.Any, types.Any)
def _lower_where(context, builder, sig, args):
    return builder.select(*args)


@type_callable(values.any_of)
def _type_any(context):
    return lambda mask: types.boolean if isinstance(mask, MaskType) else None


@lower_builtin(values.any_of, MaskType)
def _lower_any(context, builder, sig, args):
    bits = ir.IntType(sig.args[0].width)
    return builder.icmp_unsigned("!=", builder.bitcast(args[0], bits), ir.Constant(bits, 0))


@type_callable(values.first)
def _type_first(context):
    return lambda x: types.float64 if isinstance(x, LanesType) else None


@lower_builtin(values.first, LanesType)
def _lower_first(context, builder, sig, args):
    return lane(builder, args[0], 0)


# --- bits of floats -------------------------------------------------------------------------------------------


def _conversion(name, given, wanted, emit):
    @type_callable(name)
    def typed(context):
        return lambda x: wanted(x.width) if isinstance(x, given) else None

    @lower_builtin(name, given)
    def lowered(context, builder, sig, args):
        return emit(builder, args[0], sig.return_type.vector)


_conversion(values.bits_of, LanesType, WordsType, lambda builder, x, vector: builder.bitcast(x, vector))
_conversion(values.from_bits, WordsType, LanesType, lambda builder, x, vector: builder.bitcast(x, vector))
_conversion(values.words, LanesType, WordsType, lambda builder, x, vector: builder.fptosi(x, vector))


@type_callable(values.words)
def _type_words(context):
    return lambda x: types.int64 if isinstance(x, types.Integer) else None


@lower_builtin(values.words, types.Integer)
def _lower_words(context, builder, sig, args):
    return context.cast(builder, args[0], sig.args[0], types.int64)


_operation(
    values.high_word,
    WordsType,
    _same,
    lambda builder, x: builder.lshr(x, ir.Constant(x.type, [32] * x.type.count)),
)


# --- small tables -----------------------------------------------------------------------------------------------


@type_callable(values.zeros)
def _type_zeros(context):
    def typer(like, rows, columns=None):
        sizes = (rows,) if columns is None or isinstance(columns, types.Omitted) else (rows, columns)
        if not isinstance(like, RecordType | LanesType) or not all(isinstance(one, types.Literal) for one in sizes):
            return None
        lanes = like.lanes if isinstance(like, RecordType) else like
        return signature(FieldType("f", tuple(one.literal_value for one in sizes), lanes), like, *sizes)

    return typer


def _lower_zeros(context, builder, sig, args):
    field = sig.return_type
    size = 1
    for axis in field.axes:
        size *= axis
    vector = field.lanes.vector
    room = cgutils.alloca_once(builder, vector, size=ir.Constant(INDEX, size))
    room.align = field.lanes.width * DOUBLE_BYTES
    data = builder.bitcast(room, BYTE.as_pointer())
    cgutils.memset(builder, data, ir.Constant(WORD, size * room.align), 0)
    made = cgutils.create_struct_proxy(field)(context, builder)
    made.data = data
    made.n = made.t = ir.Constant(WORD, 0)
    return made._getvalue()


lower_builtin(values.zeros, types.Any, types.Any)(_lower_zeros)
lower_builtin(values.zeros, types.Any, types.Any, types.Any)(_lower_zeros)
