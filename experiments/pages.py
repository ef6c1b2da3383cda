"""What the pages of results share: tables in Markdown, wrapped paragraphs, numbers of four digits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sim.config.version import made_by_this_model

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

WIDTH = 120
"""Longest line of a paragraph, in characters."""

FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
ALONE = re.compile(r"#|\||<!--|\$\$")
"""Begins a line that stays as it is: a heading, a row of a table, a comment, a formula."""

ITEM = re.compile(r" *(?:[-*+]|\d+\.|>) +")
MARK = r"(?:[-+*>|:=#]+|\d+[.)])"
WORD = re.compile(rf"(?:`[^`]*`|\$[^$]*\$|[^\s`$])+(?: {MARK}(?= |$))*")
"""A word, and after it what would be read as a mark at the beginning of a line; code and formulas are not broken."""


def rounded(value: Any) -> Any:
    """Return plain data with numbers to four digits, so that the file can be read and compared."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list | tuple) else value


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = (head, ["---"] * len(head), *rows)
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def written_by(program: str, changed: str = "the model has") -> str:
    """Return the line that says which program of the experiments writes a page, and what makes it stale."""
    return f"*Written by `python -m experiments.{program}`; a test fails when {changed} changed since.*"


MODEL_IN_WORK = True
"""Whether the model is being built: then a page of results may be of the model before, if it says so."""

BANNER = "> **Of the previous model.** Numbers of model {model}; they are made again when its successor is fitted."


def marked(parts: Sequence[str], model: str) -> list[str]:
    """Return the parts of a page of results, with a banner under its title where they are of an earlier model."""
    title, *rest = parts
    return [title, *rest] if made_by_this_model(model) else [title, BANNER.format(model=model), *rest]


def may_stand(page: str, model: str) -> bool:
    """Tell whether a page of results of a model may be shown: it is this one, or marked while the model is in work."""
    return made_by_this_model(model) or (MODEL_IN_WORK and BANNER.format(model=model) in page)


def by_case(found: Mapping[str, Any], parts: Callable[[Any], Iterable[str]]) -> list[str]:
    """Return the parts of a page that tell of each case, under its heading."""
    return [part for case, seen in found["cases"].items() for part in (f"## {case.upper()}", *parts(seen))]


def frame_table(frame: pd.DataFrame, form: str, index: bool = True) -> str:
    """Return a table of pandas in Markdown, its numbers in a form such as ``+.2f``, empty where missing."""
    whole = frame.reset_index() if index else frame
    rows = whole.itertuples(index=False)
    cells = ([format(cell, form) if isinstance(cell, float) else str(cell) for cell in row] for row in rows)
    return table(list(map(str, whole)), (["" if cell in ("nan", "+nan") else cell for cell in row] for row in cells))


def as_page(parts: Iterable[str]) -> str:
    """Return a page of Markdown from its headings, paragraphs and tables."""
    return wrapped("\n\n".join(parts) + "\n")


def write_between(path: Path, begin: str, end: str, content: str) -> None:
    """Put content between two marks of a page, in place of what stands there."""
    before, _, rest = path.read_text(encoding="utf-8").partition(begin)
    path.write_text(f"{before}{begin}\n{content}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def wrapped(text: str, width: int = WIDTH) -> str:
    """Return Markdown with every paragraph and list item that has a longer line wrapped.

    Code, tables, headings, formulas and links look as before; the page that a reader sees is the same.

    Parameters
    ----------
    text : str
        A page.
    width : int
        Longest line, in characters.
    """
    fences = [fence.span() for fence in FENCE.finditer(text)]
    ends = [0, *(end for span in fences for end in span), len(text)]
    # Every other piece is a fence.
    pieces = [text[start:end] for start, end in pairwise(ends)]
    return "".join(piece if place % 2 else _prose(piece, width) for place, piece in enumerate(pieces))


def _prose(text: str, width: int) -> str:
    """Return what is no fence, wrapped."""
    blocks: list[list[str]] = []
    joins = False
    for line in text.split("\n"):
        own = not line.strip() or bool(ALONE.match(line))
        if joins and not own and not ITEM.match(line):
            blocks[-1].append(line)
        else:
            blocks.append([line])
        joins = not own
    return "\n".join(line for block in blocks for line in _block(block, width))


def _block(lines: list[str], width: int) -> list[str]:
    """Return the lines of a paragraph or list item, wrapped if one of them is too long."""
    if max(map(len, lines)) <= width or ALONE.match(lines[0]):
        return lines
    mark = re.match(rf"{ITEM.pattern}| *", lines[0])[0]  # type: ignore[index]
    indent = "> " if mark == "> " else " " * len(mark)
    words = WORD.findall(" ".join([lines[0].removeprefix(mark), *(line.removeprefix("> ") for line in lines[1:])]))
    found, row = [], mark + words[0]
    for word in words[1:]:
        if len(row) + 1 + len(word) > width:
            found.append(row)
            row = indent + word
        else:
            row += " " + word
    return [*found, row]
