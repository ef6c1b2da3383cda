"""How numba reads and writes records: a field by its name, an element by its indices.

An address is the record's plus what lies before the field, which is a sum of constants times powers of ``n`` and ``t``;
both sizes are ordinary arguments, so the compiler computes such a sum once, outside the loops.
"""

from __future__ import annotations

import operator

from llvmlite import ir
from numba.core import cgutils
from numba.core.errors import NumbaTypeError
from numba.core.typing import signature
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    box,
    infer_getattr,
    lower_builtin,
    lower_getattr_generic,
    lower_setattr_generic,
    type_callable,
    types,
    unbox,
)

from sim.core.lanes.records import Alone, Layout, Part, Record, elements
from sim.core.lanes.types import (
    BYTE,
    DOUBLE,
    DOUBLE_BYTES,
    WORD,
    FieldType,
    LanesType,
    MaskType,
    RecordType,
    WordsType,
    all_true,
    lane,
    place_of,
    splat,
)

# --- from Python ----------------------------------------------------------------------------------------------


def _type_of(record: Record) -> RecordType:
    """Return the type of a record, made once: making one costs more than a short rule."""
    if record._numba_type is None:
        object.__setattr__(record, "_numba_type", RecordType(record._layout.name, record._width))
    return record._numba_type


# numba asks an argument for its type by this name before it looks anywhere else.
Record._numba_type_ = property(_type_of)  # type: ignore[attr-defined]
Alone._numba_type_ = property(lambda alone: _type_of(alone._record))  # type: ignore[attr-defined]


@unbox(RecordType)
def _unbox(kind, value, c):
    made = cgutils.create_struct_proxy(kind)(c.context, c.builder)
    for member, name in (("data", "_address"), ("n", "_n"), ("t", "_t")):
        attribute = c.pyapi.object_getattr_string(value, name)
        number = c.pyapi.long_as_longlong(attribute)
        c.pyapi.decref(attribute)
        setattr(made, member, c.builder.inttoptr(number, BYTE.as_pointer()) if member == "data" else number)
    return NativeValue(made._getvalue())


@box(LanesType)
def _box_lanes(kind, value, c):
    return _boxed(c, [c.pyapi.float_from_double(lane(c.builder, value, number)) for number in range(kind.width)])


@box(MaskType)
def _box_mask(kind, value, c):
    return _boxed(c, [c.pyapi.bool_from_bool(lane(c.builder, value, number)) for number in range(kind.width)])


def _boxed(c, lanes):
    """Return one lane as a plain Python number, several as a tuple."""
    if len(lanes) == 1:
        return lanes[0]
    packed = c.pyapi.tuple_pack(lanes)
    for one in lanes:
        c.pyapi.decref(one)  # the tuple holds its own
    return packed


# --- a field by its name --------------------------------------------------------------------------------------


def _single(kind: str, lanes: LanesType) -> types.Type:
    """Return the type of one element of a field."""
    return {"b": MaskType(lanes.width), "q": WordsType(lanes.width), "s": types.int64}.get(kind, lanes)


def _bytes(kind: str, lanes: LanesType) -> int:
    """Return the size of one element of a field."""
    return lanes.width * (1 if kind == "b" else DOUBLE_BYTES)


@infer_getattr
class _RecordFields(AttributeTemplate):
    key = RecordType

    def generic_resolve(self, record, name):
        layout = Layout.known[record.layout]
        kind, axes = _kind_and_axes(layout, name)
        if not kind:
            return None
        return FieldType(kind, axes, record.lanes) if axes else _single(kind, record.lanes)


def _kind_and_axes(layout: Layout, name: str) -> tuple[str, tuple[int | str, ...]]:
    """Return kind and axes of a field or part; no kind if there is none of that name."""
    if part := layout.parts.get(name):
        return layout.places[part.field].kind, (part.length,) if part.length else ()
    place = layout.places.get(name)
    return (place.kind, place.axes) if place else ("", ())


def _number(value: int):
    return ir.Constant(WORD, value)


def _sum(builder, size, unit: int, n, t):
    """Return the bytes of a size whose elements have ``unit`` bytes."""
    total = _number(0)
    for term in size:
        part = _number(term.factor * unit)
        for _ in range(term.n):
            part = builder.mul(part, n)
        for _ in range(term.t):
            part = builder.mul(part, t)
        total = builder.add(total, part)
    return total


def _field_address(context, builder, kind: RecordType, value, name: str):
    """Return the place of the record, and the address of a field."""
    layout, place = Layout.known[kind.layout], place_of(context, builder, kind, value)
    part = layout.parts.get(name, Part(name, 0))
    where = layout.places[part.field]
    offset = builder.add(
        _sum(builder, where.numbers, _bytes("f", kind.lanes), place.n, place.t),
        _sum(builder, where.masks, _bytes("b", kind.lanes), place.n, place.t),
    )
    offset = builder.add(offset, _number(part.first * _bytes(where.kind, kind.lanes)))
    return place, _moved(builder, place.data, offset)


def _moved(builder, pointer, offset):
    return builder.gep(pointer, [offset], source_etype=BYTE)


@lower_getattr_generic(RecordType)
def _get_field(context, builder, kind, value, name):
    of, axes = _kind_and_axes(Layout.known[kind.layout], name)
    place, address = _field_address(context, builder, kind, value, name)
    if not axes:
        return _load(builder, address, of, kind.lanes)
    made = cgutils.create_struct_proxy(FieldType(of, axes, kind.lanes))(context, builder)
    made.data, made.n, made.t = address, place.n, place.t
    return made._getvalue()


@lower_setattr_generic(RecordType)
def _set_field(context, builder, sig, args, name):
    kind = sig.args[0]
    of, axes = _kind_and_axes(Layout.known[kind.layout], name)
    if axes:
        raise NumbaTypeError(f"{kind.layout}.{name} is a table: write its elements one by one")
    _, address = _field_address(context, builder, kind, args[0], name)
    _store(builder, address, of, kind.lanes, args[1])


# --- loads and stores of one element --------------------------------------------------------------------------


def _load(builder, address, kind: str, lanes: LanesType):
    if kind == "s":
        number = builder.load(builder.bitcast(address, DOUBLE.as_pointer()), align=DOUBLE_BYTES)
        return builder.fptosi(number, WORD)
    if kind == "b":
        bytes_of_mask = ir.VectorType(BYTE, lanes.width)
        found = builder.load(builder.bitcast(address, bytes_of_mask.as_pointer()), align=lanes.width)
        return builder.icmp_unsigned("!=", found, ir.Constant(bytes_of_mask, [0] * lanes.width))
    vector = _single(kind, lanes).vector
    return builder.load(builder.bitcast(address, vector.as_pointer()), align=_bytes(kind, lanes))


def _store(builder, address, kind: str, lanes: LanesType, value):
    if kind == "s":
        value = splat(builder, lanes.vector, builder.sitofp(value, DOUBLE))
    elif kind == "b":
        value = builder.zext(value, ir.VectorType(BYTE, lanes.width))
    builder.store(value, builder.bitcast(address, value.type.as_pointer()), align=_bytes(kind, lanes))


# --- an element by its indices ------------------------------------------------------------------------------------


def _indices(index) -> tuple[types.Type, ...]:
    return tuple(index) if isinstance(index, types.BaseTuple) else (index,)


def _fits(field: FieldType, given: tuple[types.Type, ...]) -> bool:
    """Tell whether indices are whole numbers, or lanes of them where each lane's own number is to be found."""
    if any(isinstance(one, LanesType) for one in given) and not (len(given) == len(field.axes) and field.kind in "fi"):
        return False
    return len(given) <= len(field.axes) and all(isinstance(one, types.Integer | LanesType) for one in given)


@type_callable(operator.getitem)
def _type_getitem(context):
    def typer(field, index):
        if not isinstance(field, FieldType):
            return None
        given = _indices(index)
        if not _fits(field, given):
            return None
        if len(given) == len(field.axes):
            return signature(_single(field.kind, field.lanes), field, index)
        rest = FieldType(field.kind, field.axes[len(given) :], field.lanes, field.whole)
        return signature(rest, field, index)

    return typer


@type_callable(operator.setitem)
def _type_setitem(context):
    def typer(field, index, value):
        if isinstance(field, FieldType) and _fits(field, _indices(index)) and len(_indices(index)) == len(field.axes):
            return signature(types.none, field, index, _single(field.kind, field.lanes))
        return None

    return typer


def _parts(builder, kind, value):
    """Return types and values of the indices."""
    if isinstance(kind, types.BaseTuple):
        return [(one, builder.extract_value(value, number)) for number, one in enumerate(kind)]
    return [(kind, value)]


def _address(context, builder, field, value, index, number: int | None = None):
    """Return the address of an element; of lane ``number``'s own where an index is of lanes."""
    place = place_of(context, builder, field, value)
    size, offset = _element(field), _number(0)
    for axis, (kind, one) in enumerate(index):
        if isinstance(kind, LanesType):
            one = builder.fptosi(lane(builder, one, number or 0), WORD)
        else:
            one = context.cast(builder, one, kind, types.int64)
        if context.enable_boundscheck:  # NUMBA_BOUNDSCHECK=1, as in the tests
            length = _sum(builder, [elements(field.axes[axis : axis + 1])], 1, place.n, place.t)
            cgutils.do_boundscheck(context, builder, one, length, axis)
        stride = _sum(builder, [elements(field.axes[axis + 1 :])], size, place.n, place.t)
        offset = builder.add(offset, builder.mul(one, stride))
    return place, _moved(builder, place.data, offset)


def _element(field: FieldType) -> int:
    """Return the bytes from one element of a field to the next."""
    size = _bytes(field.kind, field.lanes)
    return size // field.lanes.width if field.kind == "o" else size


def _each_lane(builder, place, address, field: FieldType):
    """Yield the address of an element in each lane, of a field whose lanes lie by themselves."""
    stride = _sum(builder, [elements(field.whole)], _element(field), place.n, place.t)
    for number in range(field.lanes.width):
        own = _moved(builder, address, builder.mul(stride, _number(number)))
        yield number, builder.bitcast(own, DOUBLE.as_pointer())


def _differ(builder, index):
    """Return whether the lanes of some index differ; None if no index is of lanes."""
    agree = None
    for kind, one in index:
        if isinstance(kind, LanesType):
            same = all_true(builder, builder.fcmp_ordered("==", one, splat(builder, one.type, lane(builder, one, 0))))
            agree = same if agree is None else builder.and_(agree, same)
    return None if agree is None else builder.not_(agree)


def _own(builder, address, number: int, field: FieldType):
    """Return the address of one lane of an element."""
    size = _bytes(field.kind, field.lanes) // field.lanes.width
    return builder.bitcast(_moved(builder, address, _number(number * size)), DOUBLE.as_pointer())


@lower_builtin(operator.getitem, FieldType, types.Any)
def _getitem(context, builder, sig, args):
    field = sig.args[0]
    index = _parts(builder, sig.args[1], args[1])
    place, address = _address(context, builder, field, args[0], index)
    if isinstance(sig.return_type, FieldType):
        made = cgutils.create_struct_proxy(sig.return_type)(context, builder)
        made.data, made.n, made.t = address, place.n, place.t
        return made._getvalue()
    if field.kind == "o":
        found = ir.Constant(field.lanes.vector, ir.Undefined)
        for number, own in _each_lane(builder, place, address, field):
            one = builder.load(own, align=DOUBLE_BYTES)
            found = builder.insert_element(found, one, ir.Constant(ir.IntType(32), number))
        return found
    differ = _differ(builder, index)
    if differ is None or field.lanes.width == 1:
        return _load(builder, address, field.kind, field.lanes)
    found = cgutils.alloca_once(builder, field.lanes.vector)
    with builder.if_else(differ, likely=False) as (apart, together):
        with apart:
            gathered = ir.Constant(field.lanes.vector, ir.Undefined)
            for number in range(field.lanes.width):
                _, own = _address(context, builder, field, args[0], index, number)
                one = builder.load(_own(builder, own, number, field), align=DOUBLE_BYTES)
                gathered = builder.insert_element(gathered, one, ir.Constant(ir.IntType(32), number))
            builder.store(gathered, found)
        with together:
            builder.store(_load(builder, address, field.kind, field.lanes), found)
    return builder.load(found)


@lower_builtin(operator.setitem, FieldType, types.Any, types.Any)
def _setitem(context, builder, sig, args):
    field = sig.args[0]
    index = _parts(builder, sig.args[1], args[1])
    place, address = _address(context, builder, field, args[0], index)
    differ = _differ(builder, index)
    if field.kind == "o":
        for number, own in _each_lane(builder, place, address, field):
            builder.store(lane(builder, args[2], number), own, align=DOUBLE_BYTES)
    elif differ is None or field.lanes.width == 1:
        _store(builder, address, field.kind, field.lanes, args[2])
    else:
        with builder.if_else(differ, likely=False) as (apart, together):
            with apart:
                for number in range(field.lanes.width):
                    _, own = _address(context, builder, field, args[0], index, number)
                    one = lane(builder, args[2], number)
                    builder.store(one, _own(builder, own, number, field), align=DOUBLE_BYTES)
            with together:
                _store(builder, address, field.kind, field.lanes, args[2])
    return context.get_dummy_value()


@type_callable(len)
def _type_len(context):
    return lambda field: types.int64 if isinstance(field, FieldType) else None


@lower_builtin(len, FieldType)
def _lower_len(context, builder, sig, args):
    place = place_of(context, builder, sig.args[0], args[0])
    return _sum(builder, [elements(sig.args[0].axes[:1])], 1, place.n, place.t)
