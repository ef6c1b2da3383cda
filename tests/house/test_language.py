"""Plain, modern English: no word of the old style, short lines, a README on one page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.tree import CODE, ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "experiments").rglob("*.md")])
ARCHAIC = {
    "told": r"\btold\b(?! apart)",
    "gone on with": r"\bgone on with\b|\bgo on with\b",
    "cries": r"\bcries\b",
    "made to wait": r"\b(made|makes?) to wait\b",
    "asked for anew": r"\basked for anew\b",
    "bites": r"\bbites?\b",
    "hands out": r"\bhand(s|ed)? out\b",
    "lay over": r"\bla(y|id) over\b",
}
"""A word, and the pattern that finds it. Written here only."""

# Words for laymen: the lab's texts, the lessons made from them, and what quotes people.
ELSEWHERE = (
    "sim/lab/text",
    "docs/guide/lessons",
    "docs/model/references.md",
    "CHANGELOG.md",
    "docs/model/glossary.md",
    "notebooks",
    "tests/house/test_language.py",
)
WORDS_OF_README = 900
LINES_OF_A_SCREEN = 40
LINE = 120


def lines_of(files: list[Path]) -> Iterator[tuple[str, int, str]]:
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(ELSEWHERE):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                yield name, number, line


@pytest.mark.parametrize("word", ARCHAIC)
def test_no_word_of_the_old_style(word):
    pattern = re.compile(ARCHAIC[word], re.IGNORECASE)
    found = [
        f"{name}:{number}: {line.strip()[:80]}" for name, number, line in lines_of(CODE + PAGES) if pattern.search(line)
    ]
    assert found == []


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of a page that are no table, code, link definition or heading, with their numbers."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        if not (fenced or line.lstrip().startswith(("|", "#", "```", "![", "$$"))):
            yield number, line


def test_prose_is_told_from_tables_and_code():
    page = "# Head\nOne.\n| a |\n```bash\nmake\n```\nTwo."
    assert list(prose(page)) == [(2, "One."), (7, "Two.")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_no_line_of_prose_is_too_long(page):
    """But for one that is a single word, such as an address."""
    long = [f"{number}: {line[:60]}..." for number, line in prose(page.read_text(encoding="utf-8")) if len(line) > LINE]
    assert [line for line in long if " " in line.partition(": ")[2].strip()] == []


def test_the_readme_is_one_page():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.split()) <= WORDS_OF_README
    assert "import sim" in text.splitlines()[:LINES_OF_A_SCREEN], "a Python example on the first screen"
