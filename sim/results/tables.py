"""Result tables: the arrays of an ensemble as named columns, and the hash that tells two tables apart."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def weekly_table(
    case: str,
    scenario: str,
    replicates: NDArray[np.int64],
    weekly: NDArray[np.float64],
    metrics: Sequence[str],
) -> pa.Table:
    """Return one row per replicate and week.

    Parameters
    ----------
    case, scenario : str
        Names, repeated in every row.
    replicates : (k,) int64
        Numbers of the replicates.
    weekly : (k, weeks + 1, n_metrics) float64
        Metrics by week; NaN where missing.
    metrics : sequence of str
        Names of the last axis.

    Returns
    -------
    Table
        Columns case, scenario, replicate, week, then one per metric; missing values are nulls.
    """
    k, weeks, _ = weekly.shape
    columns: dict[str, pa.Array] = {
        "case": repeated_column(case, k * weeks),
        "scenario": repeated_column(scenario, k * weeks),
        "replicate": whole_number_column(np.repeat(replicates, weeks)),
        "week": whole_number_column(np.tile(np.arange(weeks), k)),
    }
    flat = weekly.reshape(k * weeks, -1)
    columns |= {name: number_column(flat[:, i]) for i, name in enumerate(metrics)}
    return pa.table(columns)


def runs_table(
    case: str, scenario: str, replicates: NDArray[np.int64], runs: NDArray[np.float64], names: Sequence[str]
) -> pa.Table:
    """Return one row per replicate.

    Parameters
    ----------
    case, scenario : str
        Names, repeated in every row.
    replicates : (k,) int64
        Numbers of the replicates.
    runs : (k, n_columns) float64
        One row per replicate; NaN where missing.
    names : sequence of str
        Names of the columns.
    """
    columns: dict[str, pa.Array] = {
        "case": repeated_column(case, len(replicates)),
        "scenario": repeated_column(scenario, len(replicates)),
        "replicate": whole_number_column(replicates),
    }
    columns |= {name: number_column(runs[:, i]) for i, name in enumerate(names)}
    return pa.table(columns)


# Columns are made from buffers: pa.array() would import pandas, a quarter of a second of every run.


def whole_number_column(values: NDArray[Any], kind: type[np.signedinteger[Any]] = np.int64) -> pa.Array:
    """Return whole numbers as a column."""
    plain = np.ascontiguousarray(values, dtype=kind)
    return pa.Array.from_buffers(pa.from_numpy_dtype(plain.dtype), len(plain), [None, pa.py_buffer(plain)])


def number_column(values: NDArray[np.float64]) -> pa.Array:
    """Return numbers as a column; NaN becomes null."""
    plain = np.ascontiguousarray(values, dtype=np.float64)
    there = pa.py_buffer(np.packbits(~np.isnan(plain), bitorder="little"))
    return pa.Array.from_buffers(pa.float64(), len(plain), [there, pa.py_buffer(plain)])


def repeated_column(text: str, times: int) -> pa.Array:
    """Return a column that holds one word many times, stored once."""
    letters = text.encode()
    ends = pa.py_buffer(np.array([0, len(letters)], dtype=np.int32))
    words = pa.StringArray.from_buffers(1, ends, pa.py_buffer(letters))
    return pa.DictionaryArray.from_arrays(whole_number_column(np.zeros(times), np.int32), words)


class ContentHasher:
    """Hash of a table's column names, types and values in row order, whatever the parts it arrives in.

    Examples
    --------
    >>> table = pa.table({"week": [0, 1, 2]})
    >>> whole, parts = ContentHasher(), ContentHasher()
    >>> whole.update(table); parts.update(table.slice(0, 1)); parts.update(table.slice(1))
    >>> whole.hexdigest() == parts.hexdigest()
    True
    """

    def __init__(self) -> None:
        self._columns: dict[str, tuple[str, hashlib._Hash]] = {}

    def update(self, table: pa.Table) -> None:
        """Add rows."""
        for name in table.column_names:
            values, kind = _column_bytes(table.column(name))
            self._columns.setdefault(name, (kind, hashlib.sha256()))[1].update(values)

    def hexdigest(self) -> str:
        """Return the hash of all rows so far."""
        whole = hashlib.sha256()
        for name, (kind, values) in self._columns.items():
            whole.update(f"{name}:{kind}:{values.hexdigest()};".encode())
        return whole.hexdigest()


class GrowingTable:
    """A table that is written part after part, and hashed on the way.

    Parameters
    ----------
    path : Path
        The file; it is made with the first part.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hasher = ContentHasher()
        self._writer: Any = None

    def add(self, table: pa.Table) -> None:
        """Add rows."""
        import pyarrow.parquet as pq

        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)
        self._hasher.update(table)

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def hexdigest(self) -> str:
        """Return the content hash of all rows so far."""
        return self._hasher.hexdigest()


def content_hash(table: pa.Table) -> str:
    """Return the hash of a table's column names, types and values in row order.

    Parameters
    ----------
    table : Table
        Any table of this module, or one read back from its file.
    """
    hasher = ContentHasher()
    hasher.update(table)
    return hasher.hexdigest()


def _column_bytes(column: pa.ChunkedArray) -> tuple[bytes, str]:
    """Return the values of a column as bytes, missing numbers as one NaN, and the name of its type."""
    if pa.types.is_floating(column.type):
        return b"".join(_floats(part).tobytes() for part in column.chunks), "float64"
    if pa.types.is_integer(column.type):
        return b"".join(_stored(part).astype("<i8").tobytes() for part in column.chunks), "int64"
    words = column.to_pylist()
    return "".join(f"{word}\0" for word in words).encode(), "string"


def _floats(part: pa.Array) -> NDArray[np.float64]:
    """Return the numbers of a column's part, every missing one as the same NaN."""
    numbers = _stored(part).astype("<f8")
    if part.null_count:
        bits = np.frombuffer(part.buffers()[0], dtype=np.uint8)
        there = np.unpackbits(bits, bitorder="little")[part.offset : part.offset + len(part)]
        numbers[there == 0] = np.nan
    numbers[np.isnan(numbers)] = np.nan
    return numbers


def _stored(part: pa.Array) -> NDArray[Any]:
    """Return the stored numbers of a column's part as they lie in memory."""
    name = {"double": "float64", "float": "float32"}.get(str(part.type), str(part.type))
    return np.frombuffer(part.buffers()[1] or b"", dtype=name)[part.offset : part.offset + len(part)]
