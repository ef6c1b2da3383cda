"""What the pages of results share: tables in Markdown, numbers of four digits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def rounded(value: Any) -> Any:
    """Return plain data with numbers to four digits, so that the file can be read and compared."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list | tuple) else value


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *rows))
