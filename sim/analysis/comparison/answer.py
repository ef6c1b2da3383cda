"""The answer to a comparison: runs, differences, and what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.comparison.dependence import Dependence, dependences, drawn_in_both
from sim.analysis.comparison.differences import Difference, differences
from sim.analysis.comparison.precision import enough
from sim.analysis.comparison.question import ComparisonQuestion
from sim.analysis.comparison.runs import Design, Outcomes, laid_out, n_draws, outcomes_of
from sim.analysis.comparison.sentences import comparison_sentences
from sim.config.settings import nearest
from sim.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

PILOT_DRAWS, PILOT_LUCKS = 40, 4


@dataclass(frozen=True, repr=False)
class Comparison:
    """What came out of a comparison.

    Attributes
    ----------
    question : ComparisonQuestion
        What was asked.
    design : Design
        The runs of every plan.
    outcomes : dict of str to Outcomes
        Results of each plan, by its label.
    rows : dict of str to list of Difference
        Differences of each plan from the reference, the primary outcome first.
    """

    question: ComparisonQuestion
    design: Design
    outcomes: dict[str, Outcomes]
    rows: dict[str, list[Difference]]

    @property
    def reference(self) -> str:
        """Label of the plan that the others are compared with."""
        return self.question.plans[0].label

    @cached_property
    def sentences(self) -> tuple[str, ...]:
        """What came out, in plain words."""
        return tuple(comparison_sentences(self))

    def hangs_on(self, label: str) -> list[Dependence] | None:
        """Return the parameters that the primary difference of a plan hangs on, the strongest first; None: untold."""
        plans = {plan.label: plan.scenario for plan in self.question.plans}
        one, other = plans[self.reference], plans[label]
        if one is None or other is None:
            return None
        primary = str(self.question.options["primary"])
        values = self.outcomes[label].columns[primary] - self.outcomes[self.reference].columns[primary]
        return dependences(values, self.design.draw, drawn_in_both(one, other))

    @property
    def table(self) -> pd.DataFrame:
        """One row per plan and outcome: means, difference with its 95% interval, and how sure it is."""
        from sim.analysis.comparison.record import table

        return table(self)

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
        """Write ``report.html``, ``differences.csv`` and ``record.json`` into a new folder, and return the report."""
        from sim.analysis.comparison.record import save

        return save(self, Path(folder))

    def __repr__(self) -> str:
        """Return the sentences: arrays of every week are no reading."""
        return "\n".join(self.sentences)

    def _repr_html_(self) -> str:
        from sim.analysis.comparison.page import summary

        return summary(self)


def answer(question: ComparisonQuestion, tell: Callable[[int, int], None] = lambda done, total: None) -> Comparison:
    """Run what is to be run and compare.

    Parameters
    ----------
    question : ComparisonQuestion
        What is asked.
    tell : callable
        Told how many runs are done, and of how many.

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
    total = design.n * sum(plan.scenario is not None for plan in question.plans)
    done = 0

    def more(runs: int) -> None:
        nonlocal done
        done += runs
        tell(done, total)

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
        enough(row[0].told, options["precision"], cycle, row[0].outcome.replace("_", " "))
        for row in first.rows.values()
    ]
    draws, lucks = max(needed, key=lambda pair: pair[0] * pair[1])
    return laid_out(options["seed"], cycle, draws, lucks)
