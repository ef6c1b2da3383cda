"""A partnership of one's own: what is needed of its case, and its answers beside those of the runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.calibration.answers import Answers, read_answers
from sim.analysis.calibration.checks import simulation_based_calibration
from sim.analysis.calibration.fit import Fit, Varied, fit, vary
from sim.analysis.calibration.posterior import fit_one, fitted
from sim.analysis.calibration.response import AnswerComparison
from sim.analysis.calibration.target_check import target_problems
from sim.analysis.calibration.targets import targets_of
from sim.config.cases import load_case
from sim.core.errors import UserError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.calibration.reference import Reference
    from sim.analysis.calibration.targets import Target


ENOUGH, TRIED = 200, 20
"""Effective runs that a posterior with answers should rest on, and how many made-up partnerships are tried as well."""

WIDENED = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)
"""Errors of the answers are multiplied by the first of these that leaves enough runs."""


def evidence_of(names: Sequence[str], answers: str | None) -> Answers | None:
    """Read and check all that is to be fitted, before anything is run.

    Parameters
    ----------
    names : sequence of str
        Cases.
    answers : str or None
        File of answers, when there is one.

    Returns
    -------
    Answers or None
        What is kept of the file.

    Raises
    ------
    UserError
        With one line for every mistake in the cases, their targets or the answers.
    """
    if answers is not None and len(names) > 1:
        raise UserError(f"answers belong to one partnership; give case=NAME, not {' and '.join(names)}")
    cases = {name: load_case(name) for name in names}
    problems = [line for name, case in cases.items() for line in target_problems(targets_of(case), name)]
    if answers is None:
        problems += [line for name, case in cases.items() for line in _nothing_to_fit(name, case, len(names))]
    if problems:
        raise UserError(problems)
    return None if answers is None else read_answers(Path(answers), cases[names[0]])


def _nothing_to_fit(name: str, case: Mapping[str, Any], n_cases: int) -> list[str]:
    """Say that a case knows nothing that could be fitted; an order needs two cases."""
    shown = fitted(targets_of(case))
    if any(target.type != "order" or n_cases > 1 for target in shown):
        return []
    what = "only an order, which needs the other case too" if shown else "no targets with the role calibrate"
    return [f"case {name} has {what}; add targets to its file, or give answers=FILE ('partnersim new-answers FILE')"]


def orders_left_out(targets: Mapping[str, Sequence[Target]]) -> list[str]:
    """Return a line for each order whose other case is not fitted along."""
    return [
        f"{name}: targets.{target.name} compares with {target.other_case or 'another case'}, which is not fitted here: "
        "left out"
        for name, some in targets.items()
        for target in some
        if target.type == "order" and target.other_case not in targets
    ]


@dataclass(frozen=True)
class Survey:
    """Answers given and answers simulated.

    Attributes
    ----------
    answers : Answers
        What the partnership answered.
    simulated : (n, W, 10) float64
        What the members of each run answered.
    compared : AnswerComparison
        The two side by side.
    widened : float
        By how much errors were multiplied, so that the table is large enough for them.
    """

    answers: Answers
    simulated: NDArray[Any]
    compared: AnswerComparison
    widened: float

    def sentence(self) -> str:
        """Return whether errors were widened, and what helps."""
        if self.widened == 1:
            return ""
        return (
            f"Errors of the answers were made {self.widened:g} times as wide, for the table is too small for them as "
            "they are; more points sharpen the fit."
        )


def with_answers(table: Reference, targets: Sequence[Target], answers: Answers) -> tuple[Reference, Survey]:
    """Return a table whose runs weigh as much as their answers agree with those given.

    Parameters
    ----------
    table : Reference
        A table that holds the answers of its runs in the same waves.
    targets : sequence of Target
        What else is fitted.
    answers : Answers
        What the partnership answered.

    Raises
    ------
    UserError
        When no run has members who answered in all waves.
    """
    assert table.answers is not None
    if not AnswerComparison(table.answers, answers.error).there.any():
        raise UserError(
            f"no simulated partnership had members who answered in week {answers.weeks[-1]}; "
            "check the waves, or give more points"
        )
    own = [target for target in fitted(targets) if target.type != "order"]
    here = min(ENOUGH, fit_one(table, own).effective / 2)
    elsewhere = min(ENOUGH, _typical(table, own) / 2)
    for widened in WIDENED:
        compared = AnswerComparison(table.answers, answers.error, scale=widened)
        known = replace(table, evidence=compared.log_likelihood(answers.mean))
        if fit_one(known, own).effective >= here and _typical(table, own, compared) >= elsewhere:
            break
    return known, Survey(answers, table.answers, compared, widened)


def _typical(table: Reference, targets: Sequence[Target], compared: AnswerComparison | None = None) -> float:
    """Return how many effective runs three quarters of the fits rest on when runs play the real partnership."""
    return float(np.quantile(simulation_based_calibration(table, targets, TRIED, compared=compared).effective, 0.25))


def varied_answers(name: str, table: Reference, targets: Sequence[Target], survey: Survey, main: Fit) -> list[Varied]:
    """Fit again with other answers, to see what they add and that the place of the scale does not matter.

    Parameters
    ----------
    name : str
        The case.
    table : Reference
        Its table, with the evidence of the answers.
    targets : sequence of Target
        Its targets.
    survey : Survey
        Answers given and simulated.
    main : Fit
        The fit to compare with.
    """
    mean, error = survey.answers.mean, survey.answers.error
    wider = AnswerComparison(survey.simulated, error, scale=2.0 * survey.widened)
    others = {
        "answers left out": None,
        "every answer one point higher": survey.compared.log_likelihood(mean + 1),
        "errors of the answers doubled": wider.log_likelihood(mean),
    }
    content = {name: targets}
    found = [vary(label, main, fit({name: replace(table, evidence=log)}, content)) for label, log in others.items()]
    if fitted(targets):
        only_looked_at = {name: [replace(target, role="validate") for target in targets]}
        found.append(vary("targets left out", main, fit({name: table}, only_looked_at)))
    return found
