"""Rows of a plan that share length, room and waves of the questionnaire: one batch of the compiled loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.config.target_quantities import MEASURED
from sim.core.asked import Asked
from sim.core.engine import Batch, Ensemble, Recorded, run_batch
from sim.core.inputs import RECORD, room_for, settings_of_runs, stack_foundings, write_numbers
from sim.results.null_bars import null_bars
from sim.results.summaries import NEEDED_OF_SHOCKS
from sim.results.target_quantities import quantities
from sim.sweeps.plan import is_numeric

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from sim.core.scenario import Scenario
    from sim.sweeps.plan import RecordOptions


Shape = tuple[int, int, tuple[int, ...], tuple[tuple[str, int], ...]]
"""Weeks, room for seats, waves of the questionnaire, and names and weeks of shocks whose effect is measured."""


def shape_of(scenario: Scenario, want: RecordOptions) -> Shape:
    """Return what runs must share to be in one group."""
    return (
        scenario.weeks,
        room_for([scenario]),
        scenario.questionnaire_weeks,
        tuple((shock.name, shock.week) for shock in scenario.shocks) if want.shocks else (),
    )


class Group:
    """Rows of one shape, ready to be run.

    Parameters
    ----------
    rows : Table
        Rows of the plan.
    variants : sequence of Scenario
        Scenarios to which the rows refer.
    want : RecordOptions
        What is recorded.

    Attributes
    ----------
    numbers : (n,) int64
        Numbers of the runs.
    """

    def __init__(self, rows: pa.Table, variants: Sequence[Scenario], want: RecordOptions) -> None:
        chosen, self._which = np.unique(rows["variant"].to_numpy(), return_inverse=True)
        self._scenarios = [variants[v] for v in chosen]
        self._want = want
        self._values = {name: rows[name].to_numpy() for name in rows.column_names if is_numeric(name)}
        self._keys = np.column_stack([rows["seed"].to_numpy(), rows["key"].to_numpy()])
        self.numbers = rows["run"].to_numpy()

    def run(self) -> tuple[Ensemble, Recorded]:
        """Run all rows; return their ensemble and all that was recorded."""
        first = self._scenarios[0]
        shown = first if self._want.shocks else replace(first, shocks=())
        seat_weeks = np.array(self._want.seat_weeks(first.weeks), dtype=np.int64)
        recorded = self._run(self._scenarios, seat_weeks, self._want.asked(shown), self._want.respondents)
        return self._ensemble(shown, recorded), recorded

    def quantities(self, ensemble: Ensemble) -> NDArray[np.float64]:
        """Return the quantities behind the targets of the cases, (n, n_quantities), in the order of their table."""
        found = np.full((len(self.numbers), len(MEASURED)), np.nan)
        for place, scenario in enumerate(self._scenarios):
            chosen = self._which == place
            part = replace(
                ensemble,
                weekly=ensemble.weekly[chosen],
                status=ensemble.status[chosen],
                ended_week=ensemble.ended_week[chosen],
            )
            found[chosen] = np.column_stack(list(quantities(part, null_bars(scenario)).values()))
        return found

    def run_again(self, changed: Scenario) -> Ensemble:
        """Run all rows with no other shocks than those that ``changed`` has, and the same seeds."""
        kept = {shock.name for shock in changed.shocks}
        calmer = [tuple(shock for shock in one.shocks if shock.name in kept) for one in self._scenarios]
        scenarios = [replace(one, shocks=shocks) for one, shocks in zip(self._scenarios, calmer, strict=True)]
        return self._ensemble(changed, self._run(scenarios, _NO_WEEKS, Asked(NEEDED_OF_SHOCKS)))

    def _run(
        self, scenarios: Sequence[Scenario], seat_weeks: NDArray[np.int64], asked: Asked, respondents: bool = False
    ) -> Recorded:
        table = self._settings(scenarios)
        first = scenarios[0]
        batch = Batch(
            table=table,
            foundings=stack_foundings(scenarios),
            which=self._which,
            keys=self._keys,
            room=room_for(scenarios),
            weeks=first.weeks,
            waves=np.array(first.questionnaire_weeks, dtype=np.int64),
            seat_weeks=seat_weeks,
            asked=asked,
            respondents=respondents,
        )
        return run_batch(batch, threads=1)

    def _settings(self, scenarios: Sequence[Scenario]) -> NDArray[np.void]:
        """Return a row of settings per run: its scenario's, its draw of the posterior, then what the design varies."""
        table = np.empty(len(self._which), dtype=RECORD)
        for place, scenario in enumerate(scenarios):
            chosen = self._which == place
            table[chosen] = settings_of_runs(scenario, self._keys[chosen, 1])
        write_numbers(table, self._values)
        return table

    def _ensemble(self, scenario: Scenario, recorded: Recorded) -> Ensemble:
        status, ended = recorded.ends.T
        return Ensemble(scenario, 0, self._keys[:, 1], recorded.weekly, recorded.answers, status, ended)


_NO_WEEKS = np.empty(0, dtype=np.int64)
