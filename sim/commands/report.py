"""``partnersim report FOLDER``: results as one page to read, send or print."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.commands.exit_status import ExitStatus
from sim.core.errors import UserError
from sim.progress import said_when_long


def report(words: Sequence[str]) -> int:
    """Write the report of a folder of results and say where it lies.

    Parameters
    ----------
    words : sequence of str
        The folder.
    """
    from sim.report.folder_report import write_report

    if len(words) != 1:
        raise UserError("report needs one folder: partnersim report FOLDER")
    with said_when_long("drawing the figures ..."):
        target = write_report(Path(words[0]))
    print(f"Report:  {target.as_posix()}")
    return ExitStatus.DONE
