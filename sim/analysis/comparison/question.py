"""What is asked of a comparison, checked before anything is run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.analysis.comparison.folders import Held, read_folder, shared_by_all
from sim.analysis.comparison.outcome_words import OF_ROLE
from sim.analysis.comparison.plans import Base, ComparedPlan, is_folder, read_plans
from sim.analysis.comparison.runs import LEFT_OUT, Design, laid_out, n_draws
from sim.config.arguments import option_problems, parse_arguments
from sim.config.settings import Setting, by_name, is_known, nearest, problems_of, unknown_line
from sim.core.errors import UserError
from sim.core.metric_table import RUN_COLUMNS
from sim.results.summaries import run_columns

PRIMARY = "integration_last_year"

SETTINGS = by_name(
    Setting("case", "text", "The case of the scenarios that are compared.", "pccp"),
    Setting("scenario", "text", "The scenario of the cases that are compared.", "baseline"),
    Setting("primary", "text", "The outcome asked about: a column of runs.parquet, or a role's benefit.", PRIMARY),
    Setting("draws", "whole number", "Parameter sets drawn from what fits the cases.", 100, 1, 10_000, "draws"),
    Setting("lucks", "whole number", "Runs of each parameter set.", 8, 1, 100_000, "runs"),
    Setting("precision", "number", "Half width of the interval of the primary outcome; finds draws and lucks.",
            None, 1e-6, 1e6),
    Setting("posterior", "text", "Where parameter sets come from: cases, none, or a file.", "cases"),
    Setting("seed", "whole number", "Chooses the luck, the same for all plans.", 1, 0, 2**32 - 1),
    Setting("threads", "whole number", "Threads to use; empty: all.", None, 1, 1024, "threads"),
    Setting("output", "text", "Folder of the report."),
)  # fmt: skip


@dataclass(frozen=True)
class ComparisonQuestion:
    """A comparison that is asked for.

    Attributes
    ----------
    plans : tuple of ComparedPlan
        The first one is the reference.
    held : dict of str to Held
        Folders of runs, by the label of their plan.
    design : Design
        The runs of each plan.
    options : dict of str to object
        Values of ``SETTINGS``.
    settings : dict of str to object
        Further settings, applied to every plan.
    """

    plans: tuple[ComparedPlan, ...]
    held: dict[str, Held]
    design: Design
    options: dict[str, Any]
    settings: dict[str, object]


def read_words(words: Sequence[str]) -> tuple[list[str], dict[str, Any], dict[str, object]]:
    """Return plans, options and further settings from the words of a command line.

    Raises
    ------
    UserError
        With one line for every mistake.
    """
    plans = [word for word in words if "=" not in word or "+" in word.partition("=")[0] or is_folder(word)]
    others = [word for word in words if word not in plans]
    parsed = parse_arguments(others, lambda word: f"'{word}' is not a setting; write NAME=VALUE")
    options = {name: value for name, value in parsed.values.items() if name in SETTINGS}
    settings = {name: value for name, value in parsed.values.items() if name not in SETTINGS}
    problems = parsed.problems
    for name, value in settings.items():
        if name == "replicates":
            problems.append("compare takes draws and lucks in place of replicates, such as draws=100 lucks=8")
        elif not is_known(name):
            problems.append(unknown_line(name, SETTINGS))
        else:
            problems += problems_of({name: value})
    if problems:
        raise UserError(problems)
    return plans, options, settings


def comparison_question(
    words: Sequence[str], given: Mapping[str, Any], settings: Mapping[str, object]
) -> ComparisonQuestion:
    """Check everything and return the question.

    Parameters
    ----------
    words : sequence of str
        What is compared, as for ``read_plans``.
    given : mapping of str to object
        Options that were given.
    settings : mapping of str to object
        Further settings of all plans.

    Raises
    ------
    UserError
        With one line for every mistake.
    """
    problems = option_problems(SETTINGS, given)
    if given.get("precision") is not None and ({"draws", "lucks"} & set(given)):
        problems.append("precision finds draws and lucks; give either precision or these")
    options = {name: row.default for name, row in SETTINGS.items()} | dict(given)
    if problems:
        raise UserError(problems)
    base = Base(str(options["case"]), str(options["scenario"]), settings, str(options["posterior"]))
    plans = read_plans(words, base)
    _check_primary(str(options["primary"]), plans)
    held = {plan.label: read_folder(plan.folder) for plan in plans if plan.folder is not None}
    if held:
        options |= _as_held(list(held.values()), given)
    return ComparisonQuestion(tuple(plans), held, _design(plans, held, options), options, dict(settings))


def _as_held(held: list[Held], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that results which are there have decided already.

    Raises
    ------
    UserError
        When another value of one of them was given.
    """
    first = shared_by_all(held)
    for name in ("draws", "lucks", "precision"):
        if given.get(name) is not None:
            raise UserError(f"{name} is for plans that are run; a folder has the runs that it has")
    content = {name: first.shared[name] for name in ("case", "seed", "posterior")}
    for name, value in content.items():
        if name in given and given[name] != value:
            raise UserError(f"{name}={given[name]} does not fit '{first.path}', which was run with {name}={value}")
    return content


def outcomes_of_all(plans: Sequence[ComparedPlan]) -> list[str]:
    """Return the outcomes that all plans have: those of every run, benefits by role, shocks that strike in each.

    Folders hold no benefits by role; which shocks they hold is seen when they are read.
    """
    run = [plan.scenario for plan in plans if plan.scenario is not None]
    known = [name for name in RUN_COLUMNS if name not in LEFT_OUT]
    if len(run) < len(plans):
        return known
    shared = [name for name in run_columns(run[0]) if all(name in run_columns(other) for other in run[1:])]
    return [*known, *OF_ROLE, *(name for name in shared if name not in RUN_COLUMNS)]


def _check_primary(primary: str, plans: Sequence[ComparedPlan]) -> None:
    known = outcomes_of_all(plans)
    if primary not in known:
        close = nearest(primary, known)
        hint = f"did you mean '{close}'?" if close else f"outcomes are {', '.join(known[:9])} ..."
        raise UserError(f"primary: not all of these plans have an outcome called '{primary}'; {hint}")


def _design(plans: Sequence[ComparedPlan], held: Mapping[str, Held], options: Mapping[str, Any]) -> Design:
    run = [plan for plan in plans if plan.scenario is not None]
    lengths = {plan.scenario.weeks for plan in run if plan.scenario is not None}
    if len(lengths) > 1:
        raise UserError(f"plans must have one length; give weeks={min(lengths)}, the shortest of them (weeks)")
    if not held:
        assert run[0].scenario is not None
        cycle = n_draws(run[0].scenario)
        if cycle * options["lucks"] < 2 or options["draws"] * options["lucks"] < 2:
            raise UserError("draws=1 lucks=1 is a single pair, which tells nothing; give two runs or more")
        return laid_out(options["seed"], cycle, options["draws"], options["lucks"])
    first = shared_by_all(list(held.values()))
    for plan in run:
        assert plan.scenario is not None
        ours = {"case": plan.scenario.case, "weeks": plan.scenario.weeks, "posterior": plan.scenario.posterior}
        for name, value in ours.items():
            if value != first.shared[name]:
                raise UserError(
                    f"'{plan.label}' and '{first.path}' are not pairs: {name} is {value} and {first.shared[name]}; "
                    f"give {name}={first.shared[name]}"
                )
    return first.design
