"""The defence of the design says only what the pages say that it leads to."""

from __future__ import annotations

import re

import pytest

from experiments.pages import MODEL_IN_WORK
from tests.helpers.pages import ROOT

DEFENCE = ROOT / "docs" / "model" / "defence.md"
# Names that hold a number are no figures: clauses, sections, decisions and their files.
NAME = re.compile(r"\bC\d+\.\d+|section \d+|decision \d+|decisions/\S+|`[^`]*`")
FIGURE = re.compile(r"(?<![\w.])-?\d*\.?\d+%?(?!\w)")


def paragraphs() -> list[str]:
    blocks = re.split(r"\n\s*\n", DEFENCE.read_text(encoding="utf-8"))
    return [block for block in blocks if not block.startswith("#")]


def figures(text: str) -> set[str]:
    return set(FIGURE.findall(NAME.sub("", text).replace(",", "")))


def linked_pages(paragraph: str) -> str:
    links = re.findall(r"\]\(([^)#]+)", paragraph)
    return "\n".join((DEFENCE.parent / link).read_text(encoding="utf-8") for link in links)


@pytest.mark.parametrize("paragraph", paragraphs(), ids=lambda text: text[:40])
def test_every_figure_stands_in_a_page_that_its_paragraph_leads_to(paragraph: str) -> None:
    if MODEL_IN_WORK and "Of the previous model" in DEFENCE.read_text(encoding="utf-8"):
        pytest.skip("the defence is marked as of the previous model, whose pages are being made again")
    prose = re.sub(r"\]\([^)]*\)", "]", paragraph)
    unknown = figures(prose) - set(FIGURE.findall(linked_pages(paragraph).replace(",", "")))
    assert unknown == set()


def test_there_are_ten_questions() -> None:
    numbers = re.findall(r"^## (\d+) .*\?$|^## (\d+) ", DEFENCE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(a or b) for a, b in numbers] == list(range(1, 11))


def test_a_figure_that_is_nowhere_is_noticed() -> None:
    assert figures("It moved 4 of 193, at .48 and 12 to 13% (C7.4)") == {"4", "193", ".48", "12", "13%"}
