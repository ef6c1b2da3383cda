"""The table of target quantities: what a case file may say of a partnership, and how the same is measured in a run.

A quantity is one row. The words that a case file may use, the columns of a sweep, what is measured in a run, the error
of observation and the threshold of a presence all come from it. No value of a target is read here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.core.metric_table import Metric

YEAR_2018 = (222, 260)
EARLY = (1, 78)
LATE = (182, 260)
"""Windows in weeks of the case: the year of the counts, the beginning in which patients took part, the end."""

OUTCOME_SEEN = 0.1
"""Share of the purpose from which an outcome counts as seen (convention, assumed)."""


@dataclass(frozen=True)
class TargetQuantity:
    """One quantity behind targets.

    Attributes
    ----------
    metric : Metric
        Name, unit, range, good direction and meaning.
    discrepancy : float
        Standard deviation of the model's discrepancy from a real partnership, in the unit of the quantity (assumed,
        ``docs/model/calibration-codebook.md``).
    measure : str
        How it is measured: a key of ``sim.results.target_quantities.MEASURES``; empty for a comparison of two cases.
    of : str
        The weekly metric that is measured.
    weeks : tuple of two int
        First and last week that are looked at, where a measure needs them.
    threshold : float
        From where on a presence counts as one.
    """

    metric: Metric
    discrepancy: float
    measure: str
    of: str = ""
    weeks: tuple[int, int] = (0, 0)
    threshold: float = 0.0

    def column(self) -> Metric:
        """Return the column that a sweep writes for it."""
        return replace(self.metric, name=f"quantity_{self.metric.name}")


def _presence(name: str, component: str) -> TargetQuantity:
    meaning = f"How far above the null's bar the {name} stayed for half a year at best."
    return TargetQuantity(
        Metric(f"synergy_present_{name}", "margin", -2, 2, "up", meaning), 0.03, "best margin", component
    )


ORDER = "person_exit_order"
"""The one quantity that compares two cases: exits per member-year here, less those of the other case."""

_INF = float("inf")
_ROWS = (
    TargetQuantity(
        Metric("members_at_2018", "persons", 0, 1000, "none", "Mean members in weeks 222 to 260; 0 after an ending."),
        discrepancy=2.0,
        measure="mean",
        of="members",
        weeks=YEAR_2018,
    ),
    TargetQuantity(
        Metric("people_ever", "persons", 0, _INF, "none", "Persons ever involved."),
        discrepancy=3.0,
        measure="last",
        of="people_ever",
    ),
    TargetQuantity(
        Metric(
            "exits_per_member_year", "per member-year", 0, _INF, "down", "Persons who left over member-years lived."
        ),
        discrepancy=0.03,
        measure="per member-year",
        of="leavers",
    ),
    TargetQuantity(
        Metric(ORDER, "per member-year", -_INF, _INF, "none", "Exits per member-year less those of the other case."),
        discrepancy=0.05,
        measure="",
    ),
    TargetQuantity(
        Metric("organisations_kept_share", "share", 0, 1, "up", "Founding organisations still there when last seen."),
        discrepancy=0.08,
        measure="last",
        of="organisations_kept",
    ),
    TargetQuantity(
        Metric("patients_present_early", "persons", 0, 1000, "none", "Mean patient partners in weeks 1 to 78."),
        discrepancy=0.25,
        measure="mean",
        of="patients",
        weeks=EARLY,
        threshold=0.5,
    ),
    TargetQuantity(
        Metric("patients_present_late", "persons", 0, 1000, "none", "Mean patient partners in weeks 182 to 260."),
        discrepancy=0.25,
        measure="mean",
        of="patients",
        weeks=LATE,
        threshold=0.5,
    ),
    TargetQuantity(
        Metric("alive_2018", "0 or 1", 0, 1, "up", "Whether the partnership was there in week 222."),
        discrepancy=0.1,
        measure="alive",
        weeks=YEAR_2018,
        threshold=0.5,
    ),
    _presence("integration", "integration"),
    _presence("atmosphere", "atmosphere"),
    _presence("benefits", "benefit"),
    _presence("adaptation", "adaptation"),
    TargetQuantity(
        Metric(
            "synergy_before_outcome",
            "weeks",
            -520,
            521,
            "none",
            "Weeks from synergy to outcome; missing without synergy.",
        ),
        discrepancy=13.0,
        measure="lead of synergy",
        of="outcome",
    ),
)
TARGET_QUANTITIES: dict[str, TargetQuantity] = {row.metric.name: row for row in _ROWS}
"""What targets may be about."""

MEASURED: dict[str, TargetQuantity] = {name: row for name, row in TARGET_QUANTITIES.items() if row.measure}
"""Those that are measured in each run, in the order of their columns."""
