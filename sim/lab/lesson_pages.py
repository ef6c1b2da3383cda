"""A lesson plan as a page of Markdown, from the same words that the page and the lesson file show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.lab.lessons import PAIRS, lessons
from sim.lab.words import languages, text

STEPS = ("predict", "run", "compare", "discuss")
OF_ONE_PLAN = ("later", "beyond", "under", "zero", "ended")
"""Kinds of claim that are counted over runs, not over pairs."""


def lesson_pages() -> dict[str, str]:
    """Return the Markdown of every lesson in every language, by file name."""
    return {f"{name}.{language}.md": lesson_page(name, language) for name in lessons() for language in languages()}


def lesson_page(name: str, language: str) -> str:
    """Return one lesson plan as Markdown.

    Parameters
    ----------
    name : str
        Name of the lesson.
    language : str
        One of ``languages()``.
    """
    row, words = lessons()[name], text(language)
    shown, labels = words["lessons"][name], words["exercise"]
    lines = [f"# {shown['title']}", "", f"**{shown['question']}** {labels['minutes'].format(minutes=row['minutes'])}."]
    lines += _section(labels["goals"], shown["goals"])
    for card, plans in row["cards"].items():
        lines += ["", f"## {shown['cards'][card]['title']}", ""]
        lines += [f"A: *{shown['plans'][plans['a']]}*. B: *{shown['plans'][plans['b']]}*.", ""]
        lines += [f"{number}. **{labels[step]}.** {shown['cards'][card][step]}" for number, step in enumerate(STEPS, 1)]
    lines += ["", f"## {labels['notes']}", "", f"{labels['timing']}: {shown['timing']}"]
    lines += _section(labels["answers"], [answer(name, claim, words) for claim in row["claims"]])
    lines += ["", labels["counted"], "", *(f"- {line}" for line in shown["notes"])]
    lines += _section(labels["limits"], shown["limits"])
    return "\n".join([*lines, ""])


def answer(name: str, claim: str, words: dict[str, Any]) -> str:
    """Return an expected answer with its count filled in.

    Parameters
    ----------
    name, claim : str
        Lesson and claim.
    words : dict
        All words of a language.
    """
    row = lessons()[name]["claims"][claim]
    kind = "count_luck" if "at_most" in row else "count_runs" if row["kind"] in OF_ONE_PLAN else "count"
    count = words["exercise"][kind].format(**row, of=PAIRS)
    line: str = words["lessons"][name]["answers"][claim].format(count=count)
    return line


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return ["", f"### {title}", "", *(f"- {line}" for line in lines)]
