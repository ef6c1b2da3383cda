"""The base of all errors that a person can cause and correct."""

from __future__ import annotations

from collections.abc import Iterable


class UserError(ValueError):
    """Settings, files or arguments that cannot be used; nothing has been run or written.

    Every error that a person can cause and correct is one of these.

    Parameters
    ----------
    problems : str or iterable of str
        One line per mistake: what was wrong, what is allowed, the nearest valid name.

    Examples
    --------
    >>> UserError("seed is empty").problems
    ('seed is empty',)
    >>> UserError(["a", "b"]).problems
    ('a', 'b')
    """

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("\n".join(self.problems))
