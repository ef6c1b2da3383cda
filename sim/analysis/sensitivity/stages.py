"""The stages of a sensitivity analysis: each a table of points, run as a sweep of its own, and what follows from it.

Over the prior: a screen (Morris) of everything; shares of variance (Sobol) of whole groups and of the few most
influential settings; a random sample (PAWN). Over the posterior: a random sample, and the split of the variance
between levers, draws and luck. Screen and shares look at means over a few replicates that share their luck between
points; random samples and split look at single runs with luck of their own, so that luck counts as noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.sensitivity.indices import (
    NORMAL,
    alone,
    morris,
    morris_points,
    pawn,
    ranks_together,
    sobol,
    sobol_points,
)
from sim.analysis.sensitivity.question import LUCKS, SensitivityQuestion, group_of
from sim.analysis.sensitivity.result import (
    DRAWS,
    DUMMY,
    GROUPS,
    POSTERIOR_SAMPLE,
    SAMPLE,
    SCREEN,
    SHARES,
    SPLIT,
    Effect,
    SensitivityResult,
)
from sim.analysis.sensitivity.split import PARTS, split
from sim.analysis.study import telling
from sim.core.posterior import NONE, drawn
from sim.results.means import mean_there
from sim.sweeps.designs import Columns
from sim.sweeps.points import point_means, run_points, run_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.study import Tell
    from sim.sweeps.conduct import DriveOptions
    from sim.sweeps.designs import Axis
    from sim.sweeps.folder import SweepFolder


def analyse(question: SensitivityQuestion, folder: Path, how: DriveOptions, tell: Tell) -> SensitivityResult:
    """Run all stages, or resume them.

    Parameters
    ----------
    question : SensitivityQuestion
        What is asked.
    folder : Path
        Where each stage has a folder of its own.
    how : DriveOptions
        Engine and workers.
    tell : callable
        Called with the stage and the progress.
    """
    study = _Study(question, folder, how, tell)
    if question.options["belief"] != "posterior":
        study.over_prior()
    if question.options["belief"] != "prior":
        study.over_posterior()
    return study.found


class _Study:
    """The stages of one analysis, each adding to what was found."""

    def __init__(self, question: SensitivityQuestion, folder: Path, how: DriveOptions, tell: Tell) -> None:
        self._question, self._folder, self._how, self._tell = question, folder, how, tell
        self._seed = int(question.options["seed"])
        self.found = SensitivityResult([], {}, {}, {})

    def over_prior(self) -> None:
        """Screen, shares of groups and of the most influential, random sample."""
        question, axes = self._question, self._question.axes
        kept = self._screen(axes)
        groups = [group_of(axis.name) for axis in axes]
        if len(question.groups()) > 1:
            self._shares(GROUPS, axes, groups)
        self._shares(SHARES, kept, None)
        n = int(question.options["sample"])
        places = np.random.default_rng(self._seed).random((n, len(axes)))
        values = self._single(SAMPLE, places_to_points(axes, places))
        self._distribution("prior", SAMPLE, [axis.name for axis in axes], places, values)

    def over_posterior(self) -> None:
        """Levers varied while parameters are drawn: a random sample, and the split of the variance."""
        question = self._question
        drawn_columns = self._draws()
        n = int(question.options["sample"])
        luck = np.random.default_rng(self._seed + 1)
        places = luck.random((n, len(question.levers)))
        points = places_to_points(question.levers, places)
        rows = luck.integers(_length(drawn_columns), size=n)
        drawn_points = {name: values[rows] for name, values in drawn_columns.items()}
        values = self._single(POSTERIOR_SAMPLE, points | as_lists(drawn_points))
        self._distribution("posterior", POSTERIOR_SAMPLE, [axis.name for axis in question.levers], places, values)
        self._over_draws(drawn_columns, rows, values)
        self._split(drawn_columns)

    def _screen(self, axes: Sequence[Axis]) -> list[Axis]:
        """Screen everything and return the most influential."""
        options = self._question.options
        places = morris_points(len(axes), options["trajectories"], self._seed)
        values = self._means(SCREEN, places_to_points(axes, places))
        most = np.zeros(len(axes))
        for output, column in zip(self._question.outputs, values.T, strict=True):
            found = morris(places, column, self._seed)
            spread = column.std() or 1.0
            # The middle outcome of two of different units: effects in standard deviations over the screen.
            most = np.maximum(most, found["effect"] / spread)
            for place, axis in enumerate(axes):
                parts = ("prior", SCREEN, output, axis.name, group_of(axis.name))
                value, half = found["effect"][place] / spread, found["half"][place] / spread
                self._add(*parts, "effect", value, half)
                self._add(*parts, "spread", found["spread"][place] / spread)
        kept = np.sort(np.argsort(-most, kind="stable")[: options["keep"]])
        return [axes[place] for place in kept]

    def _shares(self, stage: str, axes: Sequence[Axis], groups: list[str] | None) -> None:
        """Return nothing; add first-order and total shares of the variance, of groups or of single settings."""
        options = self._question.options
        places = sobol_points(len(axes), options["points"], self._seed, groups)
        values = self._means(stage, places_to_points(axes, places))
        names = list(dict.fromkeys(groups)) if groups else [axis.name for axis in axes]
        for output, column in zip(self._question.outputs, values.T, strict=True):
            found = sobol(column, names, self._seed)
            for place, name in enumerate(names):
                parts = ("prior", stage, output, name, name if groups else group_of(name))
                for measure in ("first", "total"):
                    self._add(*parts, measure, found[measure][place], found[f"{measure}_half"][place])

    def _distribution(
        self, belief: str, stage: str, names: list[str], places: NDArray[np.float64], values: NDArray[np.float64]
    ) -> None:
        """Add how far each setting shifts the whole distribution, and the share that it explains alone."""
        nothing = np.random.default_rng(self._seed + 2).random((len(places), 1))
        wide = np.hstack([places, nothing])
        for output, column in zip(self._question.outputs, values.T, strict=True):
            shifts, (share, error) = pawn(wide, column), alone(wide, column)
            for place, name in enumerate([*names, DUMMY]):
                parts = (belief, stage, output, name, DUMMY if name == DUMMY else group_of(name))
                self._add(*parts, "shift", shifts[place])
                self._add(*parts, "alone", share[place], NORMAL * error[place])

    def _over_draws(
        self, drawn_columns: dict[str, NDArray[np.float64]], rows: NDArray[np.int64], values: NDArray[np.float64]
    ) -> None:
        """Add how drawn parameters go with outcomes: over draws, of which there are few, not over runs."""
        there, which = np.unique(rows, return_inverse=True)
        count = np.bincount(which)
        table = np.column_stack([column[there] for column in drawn_columns.values()])
        for output, column in zip(self._question.outputs, values.T, strict=True):
            found, error, most = ranks_together(table, np.bincount(which, column) / count)
            self._add("posterior", DRAWS, output, DUMMY, DUMMY, "correlation", most)
            for place, name in enumerate(drawn_columns):
                parts = ("posterior", DRAWS, output, name, group_of(name))
                self._add(*parts, "correlation", found[place], NORMAL * error[place])

    def _split(self, drawn_columns: dict[str, NDArray[np.float64]]) -> None:
        question, n = self._question, int(self._question.options["mixes"])
        luck = np.random.default_rng(self._seed + 3)
        places = luck.random((n, len(question.levers)))
        chosen = luck.permutation(_length(drawn_columns))
        rows = chosen[:n]  # fewer draws than mixes where there are no more: a draw is not met twice
        crossed = places_to_points(question.levers, np.repeat(places, len(rows), axis=0))
        points = crossed | as_lists({name: np.tile(values[rows], n) for name, values in drawn_columns.items()})
        values = self._single(SPLIT, points, LUCKS).reshape(n, len(rows), LUCKS, -1)
        for place, output in enumerate(question.outputs):
            found = split(values[:, :, :, place])
            self.found.splits[output] = found
            for part, name in enumerate(PARTS):
                low, high = found.interval(part)
                self.found.effects.append(
                    Effect("posterior", SPLIT, output, name, name, "share", float(found.shares[part]), low, high)
                )

    def _draws(self) -> dict[str, NDArray[np.float64]]:
        """Return the draws of all that is not a varied lever."""
        options = self._question.options
        given = frozenset(axis.name for axis in self._question.levers)
        return drawn(str(options["posterior"]), str(options["case"]), given)

    def _means(self, stage: str, points: Columns) -> NDArray[np.float64]:
        """Run points whose replicates share their luck and return the means of the outcomes."""
        n = int(self._question.options["replicates"])
        return self._whole(stage, point_means(self._run(stage, points, n, "common"), self._question.outputs, n))

    def _single(self, stage: str, points: Columns, lucks: int = 1) -> NDArray[np.float64]:
        """Run points, each run with luck of its own, and return the outcomes of runs."""
        return self._whole(stage, run_values(self._run(stage, points, lucks, "independent"), self._question.outputs))

    def _run(self, stage: str, points: Columns, replicates: int, luck: str) -> SweepFolder:
        """Run the points of a stage, each some times."""
        words = self._question.words(f"posterior={NONE}", f"replicates={replicates}", f"luck={luck}")
        sweep = run_points(words, points, self._folder / stage, self._how, telling(self._tell, stage))
        self.found.runs[stage] = sweep.n_runs
        return sweep

    def _whole(self, stage: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Put the mean in place of what is missing: it speaks for no setting; remember how much there was."""
        there = np.isfinite(values)
        self.found.missing[stage] = float(1 - there.mean(axis=0).min())
        return np.where(there, values, np.nan_to_num(mean_there(values, 0)))

    def _add(self, belief: str, stage: str, output: str, setting: str, group: str, measure: str,
             value: float, half: float = np.nan) -> None:  # fmt: skip
        value, half = float(value), float(half)
        self.found.effects.append(
            Effect(belief, stage, output, setting, group, measure, value, value - half, value + half)
        )


def places_to_points(axes: Sequence[Axis], places: NDArray[np.float64]) -> Columns:
    """Return a column of values per setting for places in [0, 1] of their ranges."""
    return {axis.name: axis.values(places[:, i]) for i, axis in enumerate(axes)}


def as_lists(columns: dict[str, NDArray[np.float64]]) -> Columns:
    """Return columns of numbers as those of a plan."""
    return {name: [float(value) for value in values] for name, values in columns.items()}


def _length(columns: dict[str, Any]) -> int:
    return len(next(iter(columns.values())))
