"""The result of a sensitivity analysis: every measure of every setting, and the split of the variance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.sensitivity.split import Split

SCREEN, GROUPS, SHARES, SAMPLE = "screen", "groups", "shares", "sample"
POSTERIOR_SAMPLE, DRAWS, SPLIT = "posterior-sample", "posterior-draws", "posterior-split"
DUMMY = "nothing"
"""A setting that does not exist: what it seems to do is chance."""


@dataclass(frozen=True)
class Effect:
    """One measure of one setting (or group) for one outcome.

    Attributes
    ----------
    belief : {'prior', 'posterior'}
        What was varied over.
    stage : str
        Which part of the analysis.
    output, setting, group, measure : str
        Outcome; setting, or the group itself; its group; what was measured.
    value, low, high : float
        With the 95% interval; NaN ends where there is none.
    """

    belief: str
    stage: str
    output: str
    setting: str
    group: str
    measure: str
    value: float
    low: float = np.nan
    high: float = np.nan


@dataclass(frozen=True)
class SensitivityResult:
    """What came out.

    Attributes
    ----------
    effects : list of Effect
        Every measure.
    splits : dict of str to Split
        By outcome; empty without the posterior.
    missing : dict of str to float
        By stage: largest share of points without a value of some outcome (set to the mean).
    runs : dict of str to int
        By stage.
    """

    effects: list[Effect]
    splits: dict[str, Split]
    missing: dict[str, float]
    runs: dict[str, int]

    def of(self, stage: str, measure: str, output: str) -> list[Effect]:
        """Return one measure of one stage for one outcome, the largest first."""
        rows = [row for row in self.effects if (row.stage, row.measure, row.output) == (stage, measure, output)]
        return sorted(rows, key=lambda row: -row.value)


def rows_of(effects: Sequence[Effect]) -> Iterator[dict[str, object]]:
    """Yield effects as rows of a table, numbers to six digits, nothing where there is no number."""
    for row in effects:
        plain = vars(row)
        yield {
            name: (f"{value:.6g}" if np.isfinite(value) else "") if isinstance(value, float) else value
            for name, value in plain.items()
        }
