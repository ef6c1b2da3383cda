"""What is asked of a portfolio: whose, for which aims, within which budget, and how long to search."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sim.analysis.portfolios.mixes import MOST
from sim.config.folders import find_conf_folders
from sim.config.resolve import make_scenario
from sim.config.settings import Setting, by_name, nearest
from sim.core.errors import UserError
from sim.core.posterior import NONE, drawn
from sim.core.scenario import Scenario

JUDGED = ("mean", "worst")
"""By the mean over all draws, or over the worst tenth of them."""


@dataclass(frozen=True)
class Aim:
    """What a mix is to be good at.

    Attributes
    ----------
    name, outcome : str
        Its name, and the outcome (``sim.analysis.portfolios.worlds.OUTCOMES``) by which it is judged.
    up : bool
        Whether more is better.
    unit, meaning : str
        For axes and tables.
    """

    name: str
    outcome: str
    up: bool
    unit: str
    meaning: str

    @property
    def sign(self) -> int:
        """1 where more is better, else -1."""
        return 1 if self.up else -1


AIMS = {
    aim.name: aim
    for aim in (
        Aim("synergy", "synergy", True, "standard deviations", "most synergy in the last year"),
        Aim("recovery", "recovery_weeks", False, "weeks", "fastest recovery from the funding cut"),
        Aim("fairness", "worst_off", True, "net benefit", "fairest benefit: that of the worst-off role, last year"),
    )
}
SETTINGS = by_name(
    Setting("case", "text", "pccp, chrp, or a case of yours.", "pccp"),
    Setting("scenario", "text", "The scenario whose dated shock is to be recovered from.", "funding_cut"),
    Setting("hours", "whole number", "Budget of staff hours a week.", 30, 5, 60, "hours"),
    Setting("aims", "list", f"What mixes are to be good at: a list of {', '.join(AIMS)}.", list(AIMS)),
    Setting("judged", "word", "By the mean over draws, or by the worst tenth of them.", "mean", choices=JUDGED),
    Setting("generations", "whole number", "Batches in which the optimiser is asked.", 16, 1, 10_000),
    Setting("population", "whole number", "Mixes of a batch.", 32, 8, 1_000, "mixes"),
    Setting("draws", "whole number", "Draws of the posterior on which mixes are tried.", 20, 10, 100, "draws"),
    Setting("lucks", "whole number", "Runs on each draw, each with luck of its own.", 2, 1, 1_000, "runs"),
    Setting("front", "whole number", "How many of the best are tried again on fresh luck.", 12, 4, 200, "mixes"),
    Setting("fresh", "whole number", "Runs on each draw when they are tried again.", 4, 1, 1_000, "runs"),
    Setting("posterior", "text", "Where the draws come from: cases, or a file of 'partnersim calibrate'.", "cases"),
    Setting("weeks", "whole number", "Length of a run; empty means the length of the case.", None, 60, 520, "weeks"),
    Setting("seed", "whole number", "Chooses mixes, draws and luck.", 1, 0, 2**32 - 2),
    Setting("threads", "whole number", "Threads to use; empty: all.", None, 1, 1024, "threads"),
    Setting("output", "text", "Folder; generations that are there already are not run again."),
)
assert sum(MOST) == SETTINGS["hours"].high


@dataclass(frozen=True)
class PortfolioQuestion:
    """A search that is asked for, checked.

    Attributes
    ----------
    options : dict of str to object
        Values of ``SETTINGS``.
    aims : tuple of Aim
        What mixes are to be good at.
    shocked, calm : Scenario
        With the shock, and the same without it.
    shock : str
        Its name.
    """

    options: dict[str, Any]
    aims: tuple[Aim, ...]
    shocked: Scenario
    calm: Scenario
    shock: str


def portfolio_question(options: dict[str, Any]) -> PortfolioQuestion:
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
    problems = []
    given = options["aims"] if isinstance(options["aims"], list) else [options["aims"]]
    names = list(dict.fromkeys(map(str, given)))
    for name in names:
        if name not in AIMS:
            close = nearest(name, list(AIMS))
            problems.append(f"no aim called '{name}'{f'; did you mean {close!r}?' if close else '.'} "
                            f"Available: {', '.join(AIMS)}")  # fmt: skip
    if not names:
        problems.append(f"aims is empty; name at least one of {', '.join(AIMS)}")
    if options["posterior"] == NONE:
        problems.append("posterior must be cases or a file: mixes are judged over draws; got 'none'")
    if problems:
        raise UserError(problems)
    settings = {"posterior": options["posterior"]} | ({"weeks": options["weeks"]} if options["weeks"] else {})
    folders = find_conf_folders()
    shocked = make_scenario(str(options["case"]), str(options["scenario"]), settings, folders)
    there = n_draws(str(options["posterior"]), shocked.case)
    own = {shock.name for shock in make_scenario(str(options["case"]), "baseline", settings, folders).shocks}
    added = [shock for shock in shocked.shocks if shock.name not in own and shock.week < shocked.weeks]
    if len(added) != 1:
        raise UserError(
            f"scenario must add one dated shock within the run, whose recovery is measured, such as funding_cut; "
            f"{options['scenario']} adds {len(added)}"
        )
    if 2 * options["draws"] > there:
        raise UserError(f"draws must be at most half of the {there} draws of the posterior (the other half is kept "
                        f"for the second trial); got {options['draws']}")  # fmt: skip
    calm = replace(shocked, shocks=tuple(shock for shock in shocked.shocks if shock != added[0]))
    return PortfolioQuestion(options, tuple(AIMS[name] for name in names), shocked, calm, added[0].name)


def n_draws(posterior: str, case: str) -> int:
    """Return how many draws a posterior has for a case."""
    return len(next(iter(drawn(posterior, case, frozenset()).values())))
