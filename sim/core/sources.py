"""Which files are the model, and the two hashes taken over them.

One list, the Python files of this room, serves the model hash, the folder of the compile cache and the test of the
packages. ``model_hash`` answers "would the numbers be the same?", ``source_hash`` "is the compiled code current?".
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOM = Path(__file__).resolve().parent

_NOT_MEANT = frozenset({"annotation", "ctx", "kind", "returns", "type_comment", "type_params"})
"""Fields of a syntax tree that change no number, or that some versions of Python lack."""


def source_files() -> list[Path]:
    """Return the files of the model, in a fixed order."""
    return sorted(ROOM.rglob("*.py"), key=lambda path: path.relative_to(ROOM).as_posix())


def source_hash() -> str:
    """Return eight hexadecimal digits that change with every byte of the model's files, and with their names."""
    digest = hashlib.sha256()
    for file in source_files():
        digest.update(file.relative_to(ROOM).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:8]


@lru_cache(maxsize=1)
def model_hash() -> str:
    """Return eight hexadecimal digits that change when a number of the model could.

    Each top-level statement of the model's files counts by its meaning: syntax without comments, docstrings, type
    annotations, imports and prose (a string with a space in it: a message, a unit, the meaning of a row). The
    statements count as a set, so neither the name of a file nor the place of a definition matters. The form is written
    out here rather than taken from ``ast.dump``, which differs between versions of Python.
    """
    return hash_of_statements(file.read_text(encoding="utf-8") for file in source_files())


def hash_of_statements(sources: Iterator[str]) -> str:
    r"""Return the model hash of source texts.

    >>> hash_of_statements(iter(["import math\na = 1  # one", "b = 2"])) == hash_of_statements(iter(["b = 2\na = 1"]))
    True
    """
    forms = (_form(statement) for source in sources for statement in ast.parse(source).body)
    return hashlib.sha256("\n".join(sorted(set(forms) - {""})).encode()).hexdigest()[:8]


def _form(node: object) -> str:
    """Write what a piece of syntax means, the same on every version of Python."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return ""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return ""  # a docstring, of a function or of the constant above it
    if isinstance(node, ast.JoinedStr):
        return (
            "text(" + ",".join(_form(part.value) for part in node.values if isinstance(part, ast.FormattedValue)) + ")"
        )
    if isinstance(node, ast.Constant):
        return "text()" if isinstance(node.value, str) and " " in node.value else repr(node.value)
    if isinstance(node, ast.AST):
        parts = ((name, _form(value)) for name, value in ast.iter_fields(node) if name not in _NOT_MEANT)
        return type(node).__name__ + "(" + ",".join(f"{name}={form}" for name, form in parts if form) + ")"
    if isinstance(node, list):
        return ",".join(form for form in map(_form, node) if form)
    return "" if node is None else repr(node)
