"""What is asked of a sensitivity analysis: which settings are varied, which outcomes are looked at, how many runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.config.cases import load_case
from sim.config.settings import RUN_SETTINGS, Setting, by_name, nearest
from sim.core.errors import UserError
from sim.core.metric_table import COMPONENTS, RUN_COLUMNS
from sim.core.parameters import LEVERS
from sim.core.posterior import NONE, PosteriorError, read_draws
from sim.sweeps.designs import Axis
from sim.sweeps.plan import is_numeric
from sim.sweeps.prior_ranges import block_of, case_axes, shared_axes
from sim.sweeps.words import axis_of

OVER = ("levers", "uncertainties", "all")
BELIEFS = ("prior", "posterior", "both")
OUTPUTS = (*(f"{name}_last_year" for name in (*COMPONENTS, "synergy")), "exits_per_member_year")
"""What is looked at when nothing else is named: the four parts of synergy, their composite, turnover."""

CODES = ("reason",)
LEVER = "enabling."

SETTINGS = by_name(
    Setting("case", "text", "pccp, chrp, or a case of yours.", "pccp"),
    Setting("scenario", "text", "The question that is asked of the case.", "baseline"),
    Setting("over", "list", "What is varied: levers, uncertainties, all, or a list of names.", "all"),
    Setting("outputs", "list", "Columns of runs.parquet that are looked at: a list.", list(OUTPUTS)),
    Setting("belief", "word", "Ranges of the tables, what fits the cases, or both.", "both", choices=BELIEFS),
    Setting("posterior", "text", "Where the draws come from: cases, or a file of 'partnersim calibrate'.", "cases"),
    Setting("trajectories", "whole number", "Of the screen (Morris).", 8, 2, 10_000, "trajectories"),
    Setting("keep", "whole number", "How many of the most influential are looked at closely.", 8, 2, 100),
    Setting("points", "whole number", "Of shares of variance (Sobol): a power of two.", 64, 8, 65_536, "points"),
    Setting("replicates", "whole number", "Runs whose mean is taken at each point.", 8, 1, 10_000, "runs"),
    Setting("sample", "whole number", "Single runs of the random samples (PAWN).", 4_000, 100, 10_000_000, "runs"),
    Setting("mixes", "whole number", "Mixes of levers, and as many draws, of the split.", 24, 3, 1_000),
    Setting("weeks", "whole number", "Length of a run; empty means the length of the case.", None, 1, 520, "weeks"),
    Setting("seed", "whole number", "Chooses points and luck.", 1, 0, 2**32 - 1),
    Setting("threads", "whole number", "Threads to use; empty: all.", None, 1, 1024, "threads"),
    Setting("output", "text", "Folder; what is there already is not run again."),
)
LUCKS = 4
"""Runs of each cell of the split."""


@dataclass(frozen=True)
class SensitivityQuestion:
    """A sensitivity analysis that is asked for, checked.

    Attributes
    ----------
    options : dict of str to object
        Values of ``SETTINGS``.
    axes : tuple of Axis
        What is varied over the prior.
    levers : tuple of Axis
        What is varied while parameters are drawn from the posterior.
    outputs : tuple of str
        Columns of runs.
    """

    options: dict[str, Any]
    axes: tuple[Axis, ...]
    levers: tuple[Axis, ...]
    outputs: tuple[str, ...]

    def words(self, *more: str) -> list[str]:
        """Return the words of a sweep, those that all stages share in front."""
        parts = [f"{name}={self.options[name]}" for name in ("case", "scenario", "seed", "weeks")
                if self.options[name] is not None]  # fmt: skip
        return [*parts, *more]

    def groups(self) -> tuple[str, ...]:
        """Return the groups of what is varied, in the order in which they appear."""
        return tuple(dict.fromkeys(group_of(axis.name) for axis in self.axes))


def sensitivity_question(options: dict[str, Any]) -> SensitivityQuestion:
    """Check what the settings say together and return the question.

    Parameters
    ----------
    options : dict of str to object
        Values of ``SETTINGS``, each within its own range.

    Raises
    ------
    UserError
        One line per mistake.
    """
    case = load_case(str(options["case"]))
    there = {axis.name: axis for axis in (*case_axes(case), *shared_axes())}
    axes, problems = _axes(options["over"], there)
    outputs, wrong = _outputs(options["outputs"])
    problems += wrong
    points = options["points"]
    if points & (points - 1):
        below = 1 << (points.bit_length() - 1)
        problems.append(f"points must be a power of two, such as {below} or {2 * below} (points); got {points}")
    if not problems and len(axes) < 2:
        problems.append("over must name at least two settings; got one")
    problems += _posterior(options)
    if problems:
        raise UserError(problems)
    levers = [axis for axis in axes if axis.name.startswith(LEVER)]
    levers = levers or [axis for axis in there.values() if axis.name.startswith(LEVER)]
    return SensitivityQuestion(options, tuple(axes), tuple(levers), tuple(outputs))


def _axes(over: object, there: dict[str, Axis]) -> tuple[list[Axis], list[str]]:
    """Return what is varied: with its prior where it has one, else over its whole range."""
    if over in OVER:
        chosen = [axis for axis in there.values() if over == "all" or (over == "levers") == axis.name.startswith(LEVER)]
        return chosen, []
    if not isinstance(over, list):
        return [], [f"over must be one of {', '.join(OVER)}, or a list such as [enabling.leadership,...]; got '{over}'"]
    axes: list[Axis] = []
    problems: list[str] = []
    for name in map(str, dict.fromkeys(over)):
        if name in RUN_SETTINGS:
            problems.append(
                f"over: {name} is no lever, parameter, trait or weight in recruiting; see 'partnersim list'"
            )
            continue
        axis, wrong = (there[name], []) if name in there else axis_of(name)
        if axis is not None and not is_numeric(name):
            wrong = [f"over: {name} is no lever, parameter, trait or weight in recruiting; see 'partnersim list'"]
        axes += [axis] if axis is not None else []
        problems += wrong
    return axes, problems


def _posterior(options: dict[str, Any]) -> list[str]:
    """Return what is wrong with where draws come from, where they are needed."""
    if options["belief"] == "prior":
        return []
    if options["posterior"] == NONE:
        return ["posterior must be cases or a file where belief is posterior or both; got 'none'"]
    try:
        read_draws(str(options["posterior"]))
    except PosteriorError as error:
        return [str(error)]
    return []


def _outputs(outputs: object) -> tuple[list[str], list[str]]:
    names = list(dict.fromkeys(map(str, outputs if isinstance(outputs, list) else [outputs])))
    known = [name for name in RUN_COLUMNS if name not in CODES]
    problems = []
    for name in names:
        if name not in known:
            close = nearest(name, known)
            hint = f"; did you mean '{close}'?" if close else "; 'partnersim list metrics' shows those of a run"
            problems.append(f"outputs: no result called '{name}'{hint}")
    return names, problems if names else ["outputs is empty; name at least one result of a run"]


def group_of(name: str) -> str:
    """Return where a setting belongs: a lever to its level, a parameter to its block.

    >>> group_of("enabling.leadership"), group_of("parameters.trust_gain")
    ('operational levers', 'ties')
    """
    if name.startswith("traits."):
        return "resources"
    block = block_of(name)
    return f"{LEVERS[name.removeprefix(LEVER)].level} levers" if block == "levers" else block


def short(name: str) -> str:
    """Return a setting's name as people say it.

    >>> short("enabling.power_sharing"), short("recruiting.roles.patient")
    ('power_sharing', 'roles.patient')
    """
    return name.partition(".")[2]


def titles(names: Sequence[str]) -> list[str]:
    """Return names of results as people say them.

    >>> titles(["benefit_last_year"])
    ['benefit, last year']
    """
    return [name.replace("_last_year", ", last year").replace("_", " ") for name in names]
