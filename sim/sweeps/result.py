"""Sweeps from Python: run into a folder, read back as tables."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sim.core.errors import UserError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SweepResult:
    """A sweep on disk.

    Attributes
    ----------
    folder : Path
        Where it lies; ``partnersim resume`` and ``partnersim query`` take it.
    failed : int
        Runs that could not be done.
    """

    folder: Path
    failed: int

    @property
    def runs(self) -> pd.DataFrame:
        """One row per run, with what was varied and what came out, in the order of the plan."""
        return self.table("runs")

    def table(self, name: str) -> pd.DataFrame:
        """Return one of the tables: runs, and as far as they were recorded weekly, seats, answers, failed."""
        from sim.sweeps.dataset import parts, read_parts

        if not (found := parts(self.folder, name)):
            raise UserError(f"'{self.folder}' holds no table called '{name}'")
        table: pd.DataFrame = read_parts(found).to_pandas()
        return table

    def query(self, question: str) -> pd.DataFrame:
        """Answer a question in SQL.

        Parameters
        ----------
        question : str
            Such as ``select enabling.leadership, avg(alive), avg(fulfilled) from runs group by all``.
        """
        from sim.sweeps.dataset import ask

        answer: pd.DataFrame = ask(self.folder, question).relation.df()
        return answer


def sweep(*words: str, output: str | Path | None = None) -> SweepResult:
    """Run many points of the space of settings, each many times, into a folder.

    Parameters
    ----------
    *words : str
        As after ``partnersim sweep``: ``"case=pccp,chrp"``, ``"enabling.leadership=0.2,0.5"``, ``"design=lhs"``.
    output : str or Path, optional
        Folder of the results. When it holds this very sweep already, what is missing of it is run.

    Returns
    -------
    SweepResult
        The folder and its tables.

    Raises
    ------
    UserError
        With one line for every mistake; nothing is written then.
    """
    from sim.core.engine import most_threads
    from sim.progress import counted
    from sim.sweeps.conduct import DriveOptions, conduct
    from sim.sweeps.planning import plan_sweep
    from sim.sweeps.start import measure, open_or_start

    planned = plan_sweep([*words, *([] if output is None else [f"output={output}"])])
    options = planned.arguments.options
    target = Path(options["output"] or planned.default_folder())
    how = DriveOptions(options["engine"], options["threads"] or most_threads(), options["failures"])
    folder = open_or_start(planned, target, lambda: measure(planned, how.workers))
    with counted("runs", quiet_seconds=2.0) as tell:
        return SweepResult(target, conduct(folder, how, lambda state: tell(state.done, state.runs)).failed)
