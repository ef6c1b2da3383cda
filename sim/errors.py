"""What can go wrong in front of a user, and the exit status that tells it to a script."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class ExitStatus(IntEnum):
    """Exit statuses of the command."""

    DONE = 0
    OUR_FAULT = 1
    USER_MISTAKE = 2
    SOME_RUNS_FAILED = 3
    INTERRUPTED = 130


class UserError(Exception):
    """A mistake of the user, told in plain lines; nothing has been run or written.

    Parameters
    ----------
    lines : str or iterable of str
        One line per mistake: what was wrong, what is allowed, the nearest valid name.

    Examples
    --------
    >>> UserError("seed is empty").lines
    ('seed is empty',)
    >>> UserError(["a", "b"]).lines
    ('a', 'b')
    """

    def __init__(self, lines: str | Iterable[str]) -> None:
        self.lines: tuple[str, ...] = (lines,) if isinstance(lines, str) else tuple(lines)
        super().__init__("\n".join(self.lines))
