"""The public names for notebooks and scripts: load, change, run, explain.

Examples
--------
>>> from sim import api
>>> api.make_scenario("pccp", settings={"enabling.leadership": 0.8}).enabling["leadership"]
0.8
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cases import load_case as _load_case
from sim.conf_folders import find_conf_folders
from sim.config import build_scenario, nested
from sim.errors import UserError
from sim.posterior import SHIPPED
from sim.scenario import Scenario
from sim.settings import problems_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Result",
    "Scenario",
    "UserError",
    "content_hash",
    "explain",
    "list_cases",
    "list_scenarios",
    "load_case",
    "make_scenario",
    "run",
    "sweep",
]


@dataclass(frozen=True)
class Result:
    """Results of many runs of one scenario.

    Attributes
    ----------
    scenario : Scenario
        What was run.
    seed : int
        Its luck.
    weekly : DataFrame
        One row per replicate and week, one column per metric; NaN where missing.
    runs : DataFrame
        One row per replicate.
    """

    scenario: Scenario
    seed: int
    weekly: pd.DataFrame
    runs: pd.DataFrame


def list_cases() -> tuple[str, ...]:
    """Return the names of all cases, your own in ``./conf`` among them."""
    return find_conf_folders().names("case")


def list_scenarios() -> tuple[str, ...]:
    """Return the names of all scenarios, your own in ``./conf`` among them."""
    return find_conf_folders().names("scenario")


def load_case(name: str | Path) -> dict[str, Any]:
    """Return a case file, checked, as plain mappings.

    Parameters
    ----------
    name : str or Path
        Name of a case, or a path that ends in ``.yaml``.

    Raises
    ------
    CaseError
        With one line for every problem of the file.
    """
    return _load_case(name)


def make_scenario(
    case: str = "pccp", scenario: str = "baseline", settings: Mapping[str, object] | None = None
) -> Scenario:
    """Return what is run, from the names of a case and a scenario and your own settings.

    Parameters
    ----------
    case, scenario : str
        Names, or paths that end in ``.yaml``.
    settings : mapping of str to object, optional
        Dotted names and values as on the command line, such as ``{"enabling.leadership": 0.2}``.

    Raises
    ------
    UserError
        With one line for every mistake.
    """
    given = dict(settings or {})
    problems = [f"{name} is not a setting of a scenario; give it to run()" for name in given if name in RUN_ONLY]
    problems += problems_of(given)
    if problems:
        raise UserError(problems)
    return build_scenario(case, scenario, {"posterior": SHIPPED} | nested(given), find_conf_folders())


RUN_ONLY = ("seed", "replicates", "threads", "output")


def run(what: Scenario, seed: int = 1, replicates: int = 200, threads: int | None = None) -> Result:
    """Run a scenario many times, each with other luck.

    Parameters
    ----------
    what : Scenario
        As made by ``make_scenario``.
    seed : int
        Chooses the luck; the same seed gives the same results with any number of threads.
    replicates : int
        How many times.
    threads : int, optional
        Threads to use; all when not given.

    Returns
    -------
    Result
        Tables of all runs.

    Raises
    ------
    UserError
        With one line for every number out of range.
    """
    problems = problems_of({"seed": seed, "replicates": replicates, "threads": threads})
    if problems:
        raise UserError(problems)
    import numpy as np

    from sim import engine
    from sim.metric_table import METRICS
    from sim.outcomes import run_columns, run_rows, weekly_metrics
    from sim.record import threads_used
    from sim.tables import runs_table, weekly_table

    numbers = np.arange(replicates, dtype=np.int64)
    again = partial(engine.run_many, seed=seed, replicates=numbers, threads=threads_used(threads))
    ensemble = again(what)
    weekly = weekly_metrics(ensemble)
    rows = run_rows(ensemble, weekly, again)
    names = (what.case, what.name)
    return Result(
        scenario=what,
        seed=seed,
        weekly=weekly_table(*names, numbers, weekly, tuple(METRICS)).to_pandas(),
        runs=runs_table(*names, numbers, rows, tuple(run_columns(what))).to_pandas(),
    )


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
        import pyarrow as pa
        import pyarrow.parquet as pq

        from sim.ensemble.dataset import parts

        found = parts(self.folder, name)
        if not found:
            raise UserError(f"'{self.folder}' holds no table called '{name}'")
        return pa.concat_tables([pq.read_table(part, partitioning=None) for part in found]).to_pandas()

    def query(self, question: str) -> pd.DataFrame:
        """Answer a question in SQL, such as ``select enabling.leadership, avg(alive) from runs group by all``."""
        from sim.ensemble.dataset import ask

        return ask(self.folder, question).relation.df()


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
    from sim.engine import most_threads
    from sim.ensemble.conduct import How, conduct
    from sim.ensemble.folder import RECORD, SweepFolder
    from sim.results import output_problem
    from sim.sweep_start import measure, start
    from sim.sweeping import plan_sweep

    planned = plan_sweep([*words, *([] if output is None else [f"output={output}"])])
    options = planned.told.options
    target = Path(options["output"] or planned.default_folder())
    how = How(options["engine"], options["threads"] or most_threads(), options["failures"])
    if (target / RECORD).exists():
        folder = SweepFolder(target)
        if not folder.holds(planned.plan):
            raise UserError(f"'{target}' holds another sweep; give another output")
    elif problem := output_problem(str(target)):
        raise UserError(problem)
    else:
        folder = start(planned, target, measure(planned, how.workers))
    return SweepResult(target, conduct(folder, how).failed)


def content_hash(frame: pd.DataFrame) -> str:
    """Return the hash of a table's column names, types and values, as written in ``record.json``.

    Parameters
    ----------
    frame : DataFrame
        ``Result.weekly``, ``Result.runs`` or a table read back from its parquet file.
    """
    import pyarrow as pa

    from sim.tables import content_hash as hash_of

    return hash_of(pa.Table.from_pandas(frame, preserve_index=False))


def explain(name: str) -> str:
    """Return what a lever, parameter, metric, case, scenario, resource, role or shock is.

    Parameters
    ----------
    name : str
        Short or full name, such as ``leadership`` or ``parameters.trust_gain``.

    Raises
    ------
    UserError
        When nothing, or more than one thing, has that name.
    """
    from sim.glossary import explain as explained

    return explained(name)
