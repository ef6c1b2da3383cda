"""The public names for notebooks and scripts: load, change, run, explain.

Examples
--------
>>> from sim import api
>>> api.make_scenario("pccp", settings={"enabling.leadership": 0.8}).enabling["leadership"]
0.8
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sim.config.cases import load_case
from sim.config.folders import find_conf_folders
from sim.config.kept import kept_of, kept_problems
from sim.config.resolve import make_scenario as _make_scenario
from sim.config.resolve import nested
from sim.config.settings import problems_of
from sim.core.errors import UserError
from sim.core.posterior import SHIPPED
from sim.core.scenario import Scenario
from sim.sweeps.result import SweepResult, sweep

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.analysis.comparison.answer import Comparison

__all__ = [
    "Result",
    "Scenario",
    "UserError",
    "compare",
    "content_hash",
    "explain",
    "list_cases",
    "list_scenarios",
    "load_case",
    "make_scenario",
    "plot",
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
        Its random seed.
    weekly : DataFrame
        One row per replicate and week, one column per metric; NaN where missing.
    runs : DataFrame
        One row per replicate.
    seats : DataFrame or None
        One row per replicate, recorded week and seat, where that was asked for.
    answers : DataFrame or None
        One row per replicate, wave and respondent, or of means per wave, where that was asked for.
    """

    scenario: Scenario
    seed: int
    weekly: pd.DataFrame
    runs: pd.DataFrame
    seats: pd.DataFrame | None = None
    answers: pd.DataFrame | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """What came out, in plain words, and what it cannot say."""
        from sim.results.story import COMPONENTS, MEMBERS, Kept, limits, run_sentences

        n = len(self.runs)
        curves = {name: self.weekly[name].to_numpy(dtype=float).reshape(n, -1) for name in (*COMPONENTS, MEMBERS)}
        runs = {name: self.runs[name].to_numpy(dtype=float) for name in self.runs.columns[3:]}
        kept = Kept(curves, runs)
        return (*run_sentences(self.scenario, kept, self.scenario.shocks), limits(self.scenario))


def list_cases() -> tuple[str, ...]:
    """Return the names of all cases, your own in ``./conf`` among them."""
    return find_conf_folders().names("case")


def list_scenarios() -> tuple[str, ...]:
    """Return the names of all scenarios, your own in ``./conf`` among them."""
    return find_conf_folders().names("scenario")


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
    return _make_scenario(case, scenario, {"posterior": SHIPPED} | nested(given), find_conf_folders())


RUN_ONLY = ("seed", "replicates", "threads", "output")
QUIET_SECONDS = 2.0
"""What takes longer than this tells how far it is, on stderr."""


def run(
    what: Scenario,
    seed: int = 1,
    replicates: int = 200,
    threads: int | None = None,
    seats: int | Sequence[int] | None = None,
    questionnaire: Sequence[int] | None = None,
    answers: str | None = None,
) -> Result:
    """Run many replicates of a scenario.

    Parameters
    ----------
    what : Scenario
        As made by ``make_scenario``.
    seed : int
        Random seed; the same seed gives the same results with any number of threads.
    replicates : int
        How many times.
    threads : int, optional
        Threads to use; all when not given.
    seats : int or sequence of int, optional
        Every how many weeks each seat is kept, or after which weeks.
    questionnaire : sequence of int, optional
        Weeks after which members answer the questionnaire, and means are kept; those of the case when not given.
    answers : {'means', 'seats'}, optional
        Keep means of the answers of each wave, or the answers of each respondent by seat.

    Returns
    -------
    Result
        Tables of all runs.

    Raises
    ------
    UserError
        With one line for every number out of range.
    """
    wanted = {"seats": seats, "questionnaire": questionnaire, "answers": answers}
    given = {name: list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
             for name, value in wanted.items() if value is not None}  # fmt: skip
    problems = [*problems_of({"seed": seed, "replicates": replicates, "threads": threads}), *kept_problems(given)]
    if problems:
        raise UserError(problems)
    kept = kept_of(given)
    what = kept.asked(what)
    import numpy as np

    from sim.core import engine
    from sim.core.metric_table import METRICS
    from sim.progress import said_when_long
    from sim.results.panels import panel_tables
    from sim.results.provenance import threads_used
    from sim.results.summaries import run_columns, summary, weekly_metrics
    from sim.results.tables import runs_table, weekly_table

    numbers = np.arange(replicates, dtype=np.int64)
    again = partial(engine.run_many, seed=seed, replicates=numbers, threads=threads_used(threads))
    with said_when_long(f"running {replicates:,} replicates ...", QUIET_SECONDS):
        ensemble = again(what, seat_weeks=kept.seat_weeks(what.weeks), respondents=kept.answers == "seats")
        weekly = weekly_metrics(ensemble)
        rows = summary(ensemble, again)
    names = (what.case, what.name)
    panels = panel_tables(*names, numbers, ensemble, kept)
    return Result(
        scenario=what,
        seed=seed,
        weekly=weekly_table(*names, numbers, weekly, tuple(METRICS)).to_pandas(),
        runs=runs_table(*names, numbers, rows, tuple(run_columns(what))).to_pandas(),
        **{name: table.to_pandas() for name, table in panels.items()},
    )


def compare(
    *plans: str,
    case: str = "pccp",
    settings: Mapping[str, object] | None = None,
    primary: str = "integration_last_year",
    draws: int = 100,
    lucks: int = 8,
    precision: float | None = None,
    posterior: str = SHIPPED,
    seed: int = 1,
    threads: int | None = None,
) -> Comparison:
    """Compare plans of a partnership on common seeds: the same people, parameter sets and random numbers.

    Parameters
    ----------
    *plans : str
        Two or more, the first being the one that the others are compared with: a scenario (``"funding_cut"``), a
        scenario with changes (``"baseline+enabling.leadership=0.8"``), a scenario file, a case, a folder of a run.
    case : str
        The case that scenarios are applied to.
    settings : mapping of str to object, optional
        Dotted names and values applied to every plan.
    primary : str
        The outcome that the question is about: a column of ``Result.runs``.
    draws, lucks : int
        Parameter sets drawn from what fits the cases, and runs of each.
    precision : float, optional
        Half width of the 95% interval of the primary outcome; both numbers above are then found.
    posterior : str
        Where parameter sets come from: ``cases``, ``none``, or a file of draws.
    seed : int
        Random seed.
    threads : int, optional
        Threads to use; results do not depend on it.

    Returns
    -------
    Comparison
        With ``sentences``, ``table``, ``plot(kind)`` and ``save(folder)``.

    Raises
    ------
    UserError
        With one line for every mistake.
    """
    from sim.analysis.comparison.answer import answer
    from sim.analysis.comparison.question import SETTINGS, comparison_question
    from sim.progress import counted

    asked = {"case": str(case), "primary": primary, "draws": draws, "lucks": lucks, "precision": precision,
             "posterior": str(posterior), "seed": seed, "threads": threads}  # fmt: skip
    given = {name: value for name, value in asked.items() if value != SETTINGS[name].default}
    question = comparison_question(plans, given, dict(settings or {}))
    with counted("runs", quiet_seconds=QUIET_SECONDS) as tell:
        return answer(question, tell)


def plot(what: Result | SweepResult | Comparison, kind: str | None = None) -> Figure:
    """Return a picture.

    Parameters
    ----------
    what : Result, SweepResult or Comparison
        What is shown.
    kind : str, optional
        Of a result of ``run``: a metric, such as ``trust``; without it, the four components of synergy and the members.
        Of a sweep: an outcome, such as ``benefit_last_year``; without it, synergy in the last year.
        Of a comparison: ``differences`` (without it), ``bands``, ``over time``, ``roles`` or ``shocks``.

    Raises
    ------
    UserError
        When there is no such kind; it names the nearest.
    """
    if isinstance(what, Result):
        from sim.report.plots import plot_result

        return plot_result(what.scenario, what.seed, what.weekly, kind)
    if isinstance(what, SweepResult):
        from sim.report.plots import plot_sweep

        return plot_sweep(what.runs, kind)
    figure: Figure = what.plot(kind or "differences")
    return figure


def content_hash(frame: pd.DataFrame) -> str:
    """Return the hash of a table's column names, types and values, as written in ``record.json``.

    Parameters
    ----------
    frame : DataFrame
        ``Result.weekly``, ``Result.runs`` or a table read back from its parquet file.
    """
    import pyarrow as pa

    from sim.results.tables import content_hash as hash_of

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
    from sim.config.glossary import explain as explained

    return explained(name)
