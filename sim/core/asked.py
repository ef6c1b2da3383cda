"""Which weekly metrics are observed, and in which weeks: what nobody asks for is not computed.

Observers change nothing of a partnership, so what is asked for changes no number of what is observed. All that is asked
reaches the compiled code as a few numbers: no choice needs a compilation of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntFlag

from sim.core.metric_table import METRICS, OBSERVED_NAMES


class Observer(IntFlag):
    """Functions that observe metrics together, by their flag."""

    WHOLE = 1
    YIELDS = 2
    SEATS = 4
    PEOPLE = 8
    KNOWLEDGE = 16
    ATMOSPHERE = 32
    TIES = 64
    SKILL = 128
    STAFF = 256


ALL_OBSERVERS = sum(Observer)

_OBSERVES = {
    Observer.YIELDS: "staff_cover output exchange attendance refused integration integration_potential "
    "integration_realised vitality",
    Observer.SEATS: "benefit benefit_spread benefit_worst_role roles_present heterogeneity patients",
    Observer.PEOPLE: "founders_present",
    Observer.KNOWLEDGE: "knowledge dispersion",
    Observer.ATMOSPHERE: "atmosphere atmosphere_spread",
    Observer.TIES: "trust strain familiarity strain_met reciprocity benefit_gini power_gini",
    Observer.STAFF: "active_share posts_filled lead_strength",
    Observer.SKILL: "adaptation adaptation_to_change",
}

_LISTED = {name: observer for observer, names in _OBSERVES.items() for name in names.split()}

OBSERVER_OF: dict[str, Observer] = {
    name: _LISTED.get(METRICS[name].vector or name, Observer.WHOLE) for name in OBSERVED_NAMES
}
"""The observer of each metric; what is not listed is of the whole partnership."""

if unknown := set(_LISTED) - {METRICS[name].vector or name for name in OBSERVED_NAMES}:
    raise AssertionError(f"no such metrics: {', '.join(sorted(unknown))}")


@dataclass(frozen=True)
class Asked:
    """What is observed of a run; metrics that are not observed are missing.

    Attributes
    ----------
    each_week : tuple of str
        Metrics that are observed every week.
    at_times : tuple of str
        Metrics that are observed in the weeks that ``period`` divides, week 0 among them.
    period : int
        Weeks from one such week to the next.
    """

    each_week: tuple[str, ...] = OBSERVED_NAMES
    at_times: tuple[str, ...] = ()
    period: int = 1

    def levels(self) -> list[int]:
        """Return for each observed metric: 2 every week, 1 at times, 0 never."""
        return [2 if name in self.each_week else int(name in self.at_times) for name in OBSERVED_NAMES]

    def observers(self) -> tuple[int, int]:
        """Return the flags of the observers of other weeks, and of the weeks that ``period`` divides."""
        return _flags(self.each_week), _flags((*self.each_week, *self.at_times))


EVERYTHING = Asked()


def _flags(names: Iterable[str]) -> int:
    found = 0
    for name in names:
        found |= OBSERVER_OF[name]
    return found
