"""A whole calibration: every fit, what it predicts of the other case and of targets left out, and every check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.analysis.calibration.checks import Calibration, simulation_based_calibration
from sim.analysis.calibration.fit import Fit, Predicted, Varied, fit, leave_one_out, sensitivity, transfer
from sim.analysis.calibration.own import Survey, orders_left_out, varied_answers, with_answers
from sim.analysis.calibration.patterns import Halves, Passed, halves, pass_rates
from sim.analysis.calibration.posterior import Posterior, fitted
from sim.analysis.calibration.screening import screened
from sim.analysis.calibration.target_check import refuse_unreachable
from sim.analysis.calibration.targets import Target, targets_of

if TYPE_CHECKING:
    from sim.analysis.calibration.answers import Answers
    from sim.analysis.calibration.reference import Reference


@dataclass(frozen=True)
class Calibrated:
    """What a calibration came to.

    Attributes
    ----------
    tables, targets : dict
        Runs and what is known, by case.
    fits : list of Fit
        Of each case alone, and of both together when there are two; the last is the main one.
    checked : dict of str to Calibration
        Simulation-based calibration by case.
    transfers : dict of str to list of Predicted
        What the fit of one case says about the other, by a title.
    left_out : list of Predicted
        Each fitted target as the fit without it predicts it.
    varied : list of Varied
        The fit under other errors, weights and answers.
    passed : list of Passed
        Runs that show the patterns.
    halves : Halves
        Whether halves of the tables agree.
    screened : dict
        By case and block: parameters, and how many are not inert.
    survey : Survey or None
        Answers given and simulated.
    """

    tables: dict[str, Reference]
    targets: dict[str, tuple[Target, ...]]
    fits: list[Fit]
    checked: dict[str, Calibration]
    transfers: dict[str, list[Predicted]]
    left_out: list[Predicted]
    varied: list[Varied]
    passed: list[Passed]
    halves: Halves
    screened: dict[str, dict[str, tuple[int, int]]]
    survey: Survey | None

    @property
    def main(self) -> Fit:
        """The fit of everything together."""
        return self.fits[-1]

    @property
    def posterior(self) -> Posterior:
        """What is believed after everything was looked at."""
        return self.main.posterior


def calibrated(
    tables: dict[str, Reference], answers: Answers | None, datasets: int, say: Callable[[str], None]
) -> Calibrated:
    """Fit the cases and check the fit.

    Parameters
    ----------
    tables : dict of str to Reference
        Reference tables by case.
    answers : Answers or None
        What the only case answered.
    datasets : int
        Pseudo-datasets of the check of the method; 0 for none.
    say : callable
        Called with what is being done.
    """
    targets = {name: targets_of(table.case) for name, table in tables.items()}
    refuse_unreachable(tables, targets)
    for line in orders_left_out(targets):
        say(line)
    own, survey = next(iter(tables)), None
    if answers is not None:
        say("comparing the answers with those of the runs ...")
        known, survey = with_answers(tables[own], targets[own], answers)
        tables = {own: known}
    fits = [fit({name: table}, targets) for name, table in tables.items()]
    if len(tables) > 1:
        say("both cases together ...")
        fits.append(fit(tables, targets))
    pairs = [(known, asked) for known in tables for asked in tables if known != asked]
    left_out = leave_one_out(tables, targets)
    varied = sensitivity(tables, targets, fits[-1]) if len(tables) > 1 else []
    if survey is not None:
        varied = varied_answers(own, tables[own], targets[own], survey, fits[-1])
    checked = {}
    for name, table in tables.items() if datasets else ():
        say(f"checking the method on {datasets} pseudo-datasets of {name} ...")
        plain = [target for target in fitted(targets[name]) if target.type != "order"]
        compared = survey.compared if survey else None
        checked[name] = simulation_based_calibration(table, plain, datasets, compared=compared)
    return Calibrated(
        tables=tables,
        targets=targets,
        fits=fits,
        checked=checked,
        transfers={f"{one} fitted, {other} predicted": transfer(tables, targets, one, other) for one, other in pairs},
        left_out=left_out,
        varied=varied,
        passed=pass_rates(tables, targets, fits[-1].posterior),
        halves=halves(tables, targets, fits[-1].posterior),
        screened={name: screened(table) for name, table in tables.items()},
        survey=survey,
    )
