"""How the command ends."""

from __future__ import annotations

from enum import IntEnum


class ExitStatus(IntEnum):
    """Exit statuses of the command."""

    DONE = 0
    OUR_FAULT = 1
    USER_MISTAKE = 2
    SOME_RUNS_FAILED = 3
    INTERRUPTED = 130
