"""The result of a comparison: the runs of every plan and their differences."""

from __future__ import annotations

from dataclasses import dataclass

from sim.analysis.comparison.dependence import Dependence, dependences, drawn_in_both
from sim.analysis.comparison.differences import Difference
from sim.analysis.comparison.question import ComparisonQuestion
from sim.analysis.comparison.runs import Design, Outcomes


@dataclass(frozen=True, repr=False)
class ComparisonResult:
    """The result of a comparison.

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

    def hangs_on(self, label: str) -> list[Dependence] | None:
        """Return the parameters that the primary difference of a plan hangs on, the strongest first.

        None where a plan is a folder of results, whose parameters are not known.
        """
        plans = {plan.label: plan.scenario for plan in self.question.plans}
        one, other = plans[self.reference], plans[label]
        if one is None or other is None:
            return None
        primary = str(self.question.options["primary"])
        values = self.outcomes[label].columns[primary] - self.outcomes[self.reference].columns[primary]
        return dependences(values, self.design.draw, drawn_in_both(one, other))
