"""``partnersim explain NAME``: what a name means: unit, range, default and source."""

from __future__ import annotations

from collections.abc import Sequence

from sim.commands.exit_status import ExitStatus
from sim.config.glossary import explain
from sim.core.errors import UserError


def explain_names(names: Sequence[str]) -> int:
    """Print what each name means.

    Parameters
    ----------
    names : sequence of str
        With or without what they belong to (``leadership``, ``enabling.leadership``).
    """
    if not names:
        raise UserError("explain what? Give a name, such as: partnersim explain leadership")
    texts: list[str] = []
    problems: list[str] = []
    for name in names:
        try:
            texts.append(explain(name))
        except UserError as error:
            problems += error.problems
    if problems:
        raise UserError(problems)
    print("\n\n".join(texts))
    return ExitStatus.DONE
