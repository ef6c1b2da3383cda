"""``partnersim new-case NAME --from pccp``: a case file of one's own, copied and explained."""

from __future__ import annotations

from collections.abc import Sequence

from sim.commands.exit_status import ExitStatus
from sim.core.errors import UserError

USAGE = "write: partnersim new-case NAME --from pccp"


def new_case(words: Sequence[str]) -> int:
    """Copy a case into ``./conf/case``, to be changed there.

    Parameters
    ----------
    words : sequence of str
        The new name, and ``--from`` with the name of the case to copy.
    """
    from sim.config.cases import new_case as copy
    from sim.config.files import label

    name, source = _names(list(words))
    path = copy(name, source)
    print(f"wrote {label(path)}; change the numbers in it, then: partnersim run case={name}")
    return ExitStatus.DONE


def _names(words: list[str]) -> tuple[str, str]:
    """Return the new name and the case to copy."""
    source = "pccp"
    for i, word in enumerate(words):
        if word.startswith("--from"):
            _, equals, value = word.partition("=")
            if not equals and i + 1 < len(words):
                value = words.pop(i + 1)
            if not value:
                raise UserError(f"--from needs the name of a case; {USAGE}")
            source = value
            words.pop(i)
            break
    if len(words) != 1 or words[0].startswith("-") or "=" in words[0]:
        raise UserError(f"new-case needs one name; {USAGE}")
    return words[0], source
