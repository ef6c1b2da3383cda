"""From the question of a comparison to its answer: run the plans, compare them, show what came out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.comparison.differences import differences
from sim.analysis.comparison.precision import enough
from sim.analysis.comparison.question import ComparisonQuestion
from sim.analysis.comparison.result import ComparisonResult
from sim.analysis.comparison.runs import Design, Outcomes, laid_out, n_draws, outcomes_of
from sim.analysis.comparison.sentences import findings, rests_on
from sim.config.settings import nearest
from sim.core.errors import UserError
from sim.progress import adding

if TYPE_CHECKING:
    import pandas as pd

PILOT_DRAWS, PILOT_LUCKS = 40, 4


class Comparison(ComparisonResult):
    """The result of a comparison with its sentences, table, pictures and report."""

    @cached_property
    def _findings(self) -> tuple[str, ...]:
        return tuple(findings(self))

    @cached_property
    def _limits(self) -> tuple[str, ...]:
        return tuple(rests_on(self))

    @property
    def sentences(self) -> tuple[str, ...]:
        """The findings, then what they rest on, in plain words."""
        return (*self._findings, *self._limits)

    @property
    def table(self) -> pd.DataFrame:
        """One row per plan and outcome: means, difference with its 95% interval, and how sure it is."""
        from sim.analysis.comparison.record import comparison_table

        return comparison_table(self)

    def plot(self, kind: str = "differences") -> Any:
        """Return a picture.

        Parameters
        ----------
        kind : {'differences', 'bands', 'over time', 'roles', 'shocks'}
            All outcomes at a glance; both plans over the weeks; their difference over the weeks; whose benefit
            changes; what each shock does under each plan.

        Raises
        ------
        UserError
            When there is no such kind.
        """
        from sim.analysis.comparison.figures import KINDS

        if kind not in KINDS:
            close = nearest(kind, list(KINDS))
            raise UserError(f"no picture called '{kind}'; {f'did you mean {close!r}?' if close else ', '.join(KINDS)}")
        return KINDS[kind](self)

    def save(self, folder: str | Path) -> Path:
        """Write ``report.html``, ``differences.csv`` and ``record.json`` into a folder, and return the report."""
        from sim.analysis.comparison.record import write

        return write(Path(folder), self, self._findings, self._limits)

    def __repr__(self) -> str:
        """Return the sentences: the arrays of every week are too long to read."""
        return "\n".join(self.sentences)

    def _repr_html_(self) -> str:
        from sim.report.html import opening

        return opening(self._findings, " ".join(self._limits))


def answer(question: ComparisonQuestion, tell: Callable[[int, int], None] = lambda done, total: None) -> Comparison:
    """Run what is to be run and compare.

    Parameters
    ----------
    question : ComparisonQuestion
        What is asked.
    tell : callable
        Called with how many runs are done, and of how many.

    Raises
    ------
    UserError
        When the precision that is asked for cannot be reached.
    """
    if question.options["precision"] is not None:
        question = replace(question, design=_enough(question, tell))
    return _compared(question, question.design, _followed(question, question.design, tell))


def _compared(question: ComparisonQuestion, design: Design, outcomes: dict[str, Outcomes]) -> Comparison:
    reference, *others = question.plans
    rows = {
        plan.label: differences(
            outcomes[reference.label].columns, outcomes[plan.label].columns, design.draw, question.options["primary"]
        )
        for plan in others
    }
    return Comparison(question, design, outcomes, rows)


def _followed(question: ComparisonQuestion, design: Design, tell: Callable[[int, int], None]) -> dict[str, Outcomes]:
    more = adding(tell, design.n * sum(plan.scenario is not None for plan in question.plans))
    found = {}
    for plan in question.plans:
        if plan.scenario is None:
            found[plan.label] = question.held[plan.label].outcomes()
        else:
            found[plan.label] = outcomes_of(plan.scenario, design, question.options["threads"], more)
    return found


def _enough(question: ComparisonQuestion, tell: Callable[[int, int], None]) -> Design:
    """Return the runs that the precision takes, from a pilot."""
    scenario, options = question.plans[0].scenario, question.options
    assert scenario is not None
    cycle = n_draws(scenario)
    pilot = laid_out(options["seed"], cycle, min(PILOT_DRAWS, cycle), PILOT_LUCKS if cycle > 1 else PILOT_DRAWS)
    first = _compared(question, pilot, _followed(question, pilot, tell))
    needed = [
        enough(row[0].estimate, options["precision"], cycle, row[0].outcome.replace("_", " "))
        for row in first.rows.values()
    ]
    draws, lucks = max(needed, key=lambda pair: pair[0] * pair[1])
    return laid_out(options["seed"], cycle, draws, lucks)
