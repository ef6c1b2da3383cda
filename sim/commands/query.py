"""``partnersim query FOLDER "select ..."``: a question in SQL over the tables of a sweep."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from sim.commands.exit_status import ExitStatus
from sim.core.errors import UserError

ROWS_SHOWN = 40


def query(words: Sequence[str]) -> int:
    """Answer a question; with ``--csv`` as CSV, all rows.

    Parameters
    ----------
    words : sequence of str
        The folder and the question.
    """
    plain = [word for word in words if word != "--csv"]
    if len(plain) != 2:
        raise UserError('query needs a folder and a question: partnersim query FOLDER "select count(*) from runs"')
    from sim.sweeps.dataset import ask
    from sim.sweeps.folder import SweepFolder

    sweep = SweepFolder(Path(plain[0]))
    answer = ask(sweep.path, plain[1]).relation
    if "--csv" in words:
        answer.df().to_csv(sys.stdout, index=False)
    else:
        answer.show(max_rows=ROWS_SHOWN, max_width=_width())
    return ExitStatus.DONE


def _width() -> int:
    import shutil

    return shutil.get_terminal_size((160, 24)).columns
