"""Parts and the ledger: what a chunk wrote, in files that are whole or not there, with the checksum of each."""

from __future__ import annotations

import hashlib
import io
import json
import os
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Entry:
    """One line of the ledger: a chunk that is done.

    Attributes
    ----------
    chunk : int
        Number of the chunk.
    runs, failed : int
        Runs in it, and how many of them could not be done.
    seconds : float
        Time it took, by a clock that cannot be set back.
    files : dict of str to str
        Checksum of each part, by its path in the folder.
    bytes : int
        Size of the parts together.
    since : float
        Seconds since its driver began.
    """

    chunk: int
    runs: int
    failed: int
    seconds: float
    files: Mapping[str, str] = field(default_factory=dict)
    bytes: int = 0
    since: float = 0.0

    def line(self) -> str:
        """Return the entry as it stands in the ledger."""
        return json.dumps(asdict(self))


def part_path(table: str, chunk: int) -> str:
    """Return the path of a part in the folder of its sweep.

    >>> part_path("runs", 12)
    'runs/part-000012.parquet'
    """
    return f"{table}/part-{chunk:06d}.parquet"


def write_part(folder: Path, name: str, table: pa.Table) -> tuple[str, int]:
    """Write a part so that it is whole or not there; return its checksum and size."""
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    content = buffer.getvalue()
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    write_whole(path, content)
    return hashlib.sha256(content).hexdigest(), len(content)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, let it reach the disk, and give it its name.

    Raises
    ------
    OSError
        When it cannot be written; nothing is left then.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise
    _reach_disk(path.parent)


def _reach_disk(folder: Path) -> None:
    """Let a new name in a folder reach the disk, where the system can do that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checksum(path: Path) -> str:
    """Return the checksum of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_valid(folder: Path, entry: Entry) -> bool:
    """Tell whether all parts of an entry are there with the bytes that were written."""
    return all((folder / name).is_file() and checksum(folder / name) == shown for name, shown in entry.files.items())


class Ledger:
    """The list of chunks that are done, one line each, appended as they are.

    Parameters
    ----------
    path : Path
        ``done.jsonl``, or one of its own for a slice.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, entry: Entry) -> None:
        """Add an entry and let it reach the disk."""
        with self._path.open("a+b") as file:
            # A line that a killed writer left half-written is closed first.
            if file.tell() and not _ends_line(file):
                file.write(b"\n")
            file.write(entry.line().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())


def _ends_line(file: io.BufferedRandom) -> bool:
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"


def entries(folder: Path) -> list[Entry]:
    """Return all entries of all ledgers of a folder; half-written lines are passed over."""
    found = []
    for path in sorted(folder.glob("done*.jsonl")):
        for line in path.read_bytes().splitlines():
            with suppress(ValueError, TypeError):
                found.append(Entry(**json.loads(line)))
    return found


def by_chunk(found: Iterable[Entry]) -> dict[int, Entry]:
    """Return the latest entry of each chunk, in the order of chunks."""
    latest = {entry.chunk: entry for entry in found}
    return dict(sorted(latest.items()))


def remove_leftovers(folder: Path) -> None:
    """Remove what killed writers left under temporary names."""
    for path in folder.glob("*/.*.partial"):
        path.unlink(missing_ok=True)
