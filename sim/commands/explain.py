"""``partnersim explain NAME``: what a word means, its unit, range, default and source."""

from __future__ import annotations

from collections.abc import Sequence

from sim.config.glossary import explain
from sim.errors import ExitStatus, UserError


def explain_words(words: Sequence[str]) -> int:
    """Print what each word means.

    Parameters
    ----------
    words : sequence of str
        Names, with or without what they belong to (``leadership``, ``enabling.leadership``).
    """
    if not words:
        raise UserError("explain what? Give a name, such as: partnersim explain leadership")
    texts: list[str] = []
    problems: list[str] = []
    for word in words:
        try:
            texts.append(explain(word))
        except UserError as error:
            problems += error.lines
    if problems:
        raise UserError(problems)
    print("\n\n".join(texts))
    return ExitStatus.DONE
