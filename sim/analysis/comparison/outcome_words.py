"""Outcomes as people say them."""

from __future__ import annotations

from dataclasses import dataclass

from sim.analysis.comparison.runs import ROLES
from sim.core.metric_table import ENDS, RUN_COLUMNS, SHOCK_MEASURES

SHOCK = "shock_"
OF_ROLE = {f"benefit_{role}": role.replace("_", " ") for role in ROLES}
QUESTIONNAIRE = "questionnaire_"
TITLES = {
    "alive": "still going at the end",
    "fulfilled": "purpose met and ended",
    "failed": "failed by the end",
    "dormant": "dormant by the end",
    "members_end": "members at the end",
    "patients_end": "patient partners at the end",
    "leavers": "persons who left",
    "people_ever": "persons ever involved",
    "exits_per_member_year": "exits per member and year",
    "organisations_kept": "founding organisations kept",
    "outcome": "outcome reached",
    "wins": "small wins",
    "renewals": "purposes met and taken up again",
    "money_spent": "money spent",
    "staff_hours": "hours of paid staff",
    "member_hours": "hours of members' own time",
    "meetings_held": "meetings held",
    "guests_ever": "guests at forums",
    "grants_won": "follow-on grants won",
    "left_moved_on": "left: moved on",
    "left_unpaid": "left: unpaid",
    "left_disengaged": "left: disengaged",
    "left_event": "left: an event",
    "left_organisation_left": "left: with the organisation",
    "outcome_week": "first week with an outcome",
}


@dataclass(frozen=True)
class Words:
    """An outcome in words.

    Attributes
    ----------
    title : str
        Its name.
    unit : str
        Its unit.
    good : {'up', 'down', 'none'}
        Which way is better.
    """

    title: str
    unit: str
    good: str

    @property
    def better(self) -> str:
        """The word for a rise: better or worse where there is such a thing, else higher."""
        return {"up": "better", "down": "worse"}.get(self.good, "higher")

    @property
    def lesser(self) -> str:
        """The word for a fall."""
        return {"up": "worse", "down": "better"}.get(self.good, "lower")


def signed(value: float) -> str:
    """Write a difference with its sign: two figures, from ten on a whole number.

    >>> signed(0.0661), signed(-713.2)
    ('+0.066', '-713')
    """
    return f"{value:+,.0f}" if abs(value) >= 9.5 else f"{value:+.2g}"


def in_words(outcome: str) -> Words:
    """Return an outcome in words.

    >>> in_words("integration_last_year").title, in_words("benefit_patient").title
    ('integration, last year', 'benefit of patient seats, last year')
    >>> in_words("shock_funding_cut_recovery_weeks").title
    'funding cut: recovery weeks'
    """
    if outcome in OF_ROLE:
        return Words(f"benefit of {OF_ROLE[outcome]} seats, last year", "net benefit", "up")
    if outcome.startswith(SHOCK):
        row = next(row for row in SHOCK_MEASURES if outcome.endswith(f"_{row.name}"))
        shock = outcome.removeprefix(SHOCK).removesuffix(f"_{row.name}")
        return Words(f"{shock.replace('_', ' ')}: {row.name.replace('_', ' ')}", row.unit, row.good)
    row = RUN_COLUMNS[outcome]
    if outcome in TITLES:
        return Words(TITLES[outcome], "share of runs" if outcome in ENDS else row.unit, row.good)
    if outcome.startswith(QUESTIONNAIRE):
        return Words(f"answers on {outcome.removeprefix(QUESTIONNAIRE).replace('_', ' ')}", row.unit, row.good)
    return Words(outcome.replace("_last_year", ", last year").replace("_", " "), row.unit, row.good)
