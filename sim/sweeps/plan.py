"""The plan of a sweep: every run with its key and its settings, known and checked before anything is run.

Runs are numbered point by point: run = point * replicates + replicate. Settings that are numbers of the
parameter table are written into a record of settings (``numeric``); every other difference makes a *variant*, a
Scenario of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from sim.config.kept import weeks_of
from sim.core.asked import Asked
from sim.core.gate import numeric_range
from sim.core.metric_table import COMPONENTS, METRICS, OBSERVED_NAMES
from sim.core.rng import MAX_SEED
from sim.results import target_quantities
from sim.results.summaries import needed
from sim.results.tables import ContentHasher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sim.core.scenario import Scenario
    from sim.sweeps.designs import Columns

ROWS_PER_GROUP = 65_536
"""Rows of the plan that are read together: a chunk reads one or two groups, whatever the size of the plan."""


@dataclass(frozen=True)
class RecordOptions:
    """What is recorded of each run besides its summary.

    Attributes
    ----------
    weekly : int
        Every how many weeks the metrics are kept; 0 for never.
    seats : int or tuple of int
        Every how many weeks each seat is kept, or at which weeks; 0 for never.
    answers : bool
        Whether the answers to each wave of the questionnaire are kept.
    shocks : bool
        Whether the effect of each dated shock is measured, at the price of one more run for each.
    quantities : bool
        Whether the quantities behind the targets of the cases are measured.
    metrics : tuple of str
        Metrics that are kept, in the order of their table; empty for all.
    respondents : bool
        Whether the answers of each respondent are kept in place of their means.
    """

    weekly: int = 0
    seats: int | tuple[int, ...] = 0
    answers: bool = False
    shocks: bool = False
    quantities: bool = False
    metrics: tuple[str, ...] = ()
    respondents: bool = False

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> RecordOptions:
        """Return the options that a record of a sweep tells of."""
        lists = {name: tuple(value) for name, value in record.items() if isinstance(value, list)}
        return cls(**{**record, **lists})

    def to_record(self) -> dict[str, Any]:
        """Return the options for a record, as JSON gives them back.

        All metrics, and means of answers, go without saying, as in sweeps from before one could choose.
        """
        record = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        unsaid = [name for name in ("metrics", "respondents") if not record[name]]
        return {name: value for name, value in record.items() if name not in unsaid}

    def seat_weeks(self, weeks: int) -> tuple[int, ...]:
        """Return the weeks after which seats are recorded in a run of some weeks."""
        return weeks_of(self.seats, weeks)

    def weekly_columns(self) -> tuple[str, ...]:
        """Return the names of the weekly metrics that are kept."""
        return self.metrics or tuple(METRICS)

    def asked(self, scenario: Scenario) -> Asked:
        """Return what is to be observed: each week what a run's row is made of, at times what is kept."""
        each_week = dict.fromkeys(needed(scenario))
        each_week |= dict.fromkeys(target_quantities.NEEDED if self.quantities else ())
        kept = set(self.weekly_columns()) if self.weekly else set()
        kept |= set(COMPONENTS) if "synergy" in kept else set()
        return Asked(tuple(each_week), tuple(name for name in OBSERVED_NAMES if name in kept), self.weekly or 1)


@dataclass(frozen=True)
class SweepPlan:
    """What is to be run.

    Attributes
    ----------
    variants : tuple of Scenario
        Scenarios that differ in more than numbers of the parameter table.
    variant_of : (P,) int64
        Variant of each point.
    columns : dict of str to list
        Settings that the design varies, one value per point.
    seeds : (P,) int64
        Seed of each point.
    replicates : int
        Runs per point.
    luck : {'common', 'independent'}
        Whether replicates draw the same random numbers at every point.
    want : RecordOptions
        What is recorded.
    """

    variants: tuple[Scenario, ...]
    variant_of: NDArray[np.int64]
    columns: Columns
    seeds: NDArray[np.int64]
    replicates: int
    luck: str
    want: RecordOptions

    @property
    def n_points(self) -> int:
        """Number of points."""
        return len(self.variant_of)

    @property
    def n_runs(self) -> int:
        """Number of runs."""
        return self.n_points * self.replicates

    @cached_property
    def _by_point(self) -> dict[str, pa.Array]:
        return {name: setting_column(values) for name, values in self.columns.items()}

    def rows(self, start: int, stop: int) -> pa.Table:
        """Return the plan's rows from run ``start`` up to but not including ``stop``."""
        run = np.arange(start, min(stop, self.n_runs), dtype=np.int64)
        point, replicate = np.divmod(run, self.replicates)
        variant = self.variant_of[point]
        columns: dict[str, pa.Array] = {
            "run": pa.array(run),
            "point": pa.array(point),
            "replicate": pa.array(replicate),
            "seed": pa.array(self.seeds[point]),
            "key": pa.array(replicate if self.luck == "common" else run),
            "variant": pa.array(variant),
            "case": self._words("case").take(pa.array(variant)),
            "scenario": self._words("name").take(pa.array(variant)),
        }
        taken = pa.array(point)
        settings = {f"{name}": values.take(taken) for name, values in self._by_point.items() if name not in columns}
        return pa.table(columns | settings)

    def _words(self, attribute: str) -> pa.Array:
        return pa.array([getattr(scenario, attribute) for scenario in self.variants])

    def groups(self) -> Iterator[pa.Table]:
        """Yield the whole plan in parts of ``ROWS_PER_GROUP`` rows."""
        for start in range(0, self.n_runs, ROWS_PER_GROUP):
            yield self.rows(start, start + ROWS_PER_GROUP)

    def content_hash(self) -> str:
        """Return the hash of the plan's table."""
        hasher = ContentHasher()
        for table in self.groups():
            hasher.update(table)
        return hasher.hexdigest()


MAX_RUNS = MAX_SEED + 1
"""With ``luck=independent`` the number of a run is its key, which has 32 bits."""


def setting_column(values: Sequence[Any]) -> pa.Array:
    """Return the values of a setting as a column: numbers, truths, or words."""
    kinds = {type(value) for value in values}
    if kinds <= {bool}:
        return pa.array(values, pa.bool_())
    if kinds <= {int}:
        return pa.array(values, pa.int64())
    if kinds <= {int, float}:
        return pa.array([float(value) for value in values], pa.float64())
    return pa.array([None if value is None else str(value) for value in values], pa.string())


ALSO_FOUNDING = ("parameters.each_backing",)
"""Numbers that go into the founding composition too: each value of them makes a variant."""


def is_numeric(name: str) -> bool:
    """Tell whether a setting is a number written into a record of settings: of the tables, or a role's weight."""
    if name in ALSO_FOUNDING:
        return False
    return numeric_range(name) is not None or name.startswith("recruiting.roles.")
