"""What lessons claim, counted in the engine over runs, or over pairs of runs of the same replicate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.config.folders import ConfFolders, project_folder
from sim.core import engine
from sim.core.metric_table import OBSERVED_NAMES
from sim.lab.lessons import PAIRS, lesson_plan, lessons
from sim.lab.plan import LabPlan, read_plan
from sim.results.means import mean_there


def count_claims(lesson: str, pairs: int = PAIRS) -> dict[str, int]:
    """Return in how many runs, or pairs of runs of the same replicate, each claim of a lesson holds.

    Parameters
    ----------
    lesson : str
        Name of the lesson.
    pairs : int
        Replicates to run of each plan.
    """
    row = lessons()[lesson]
    own = ConfFolders(project_folder())
    runs = {name: _weekly(read_plan(lesson_plan(lesson, name), own), pairs) for name in row["plans"]}
    return {name: _KINDS[claim["kind"]](claim, runs) for name, claim in row["claims"].items()}


def holds(claim: Mapping[str, Any], count: int) -> bool:
    """Tell whether a count is what a claim says.

    >>> holds({"at_least": 80}, 79), holds({"at_most": 75}, 60)
    (False, True)
    """
    return bool(count >= claim["at_least"] if "at_least" in claim else count <= claim["at_most"])


def _weekly(plan: LabPlan, pairs: int) -> NDArray[np.float64]:
    return engine.run_many(plan.scenario, plan.seed, range(pairs)).weekly


def _mean(weekly: NDArray[np.float64], metric: str, weeks: list[int]) -> NDArray[np.float64]:
    """Return a metric's mean over some weeks in each run; NaN where the run had ended before the last of them."""
    part = weekly[:, weeks[0] : weeks[1] + 1, OBSERVED_NAMES.index(metric)]
    alive = np.isfinite(weekly[:, weeks[1], OBSERVED_NAMES.index("members")])
    return np.where(alive, mean_there(part, 1), np.nan)


def _above(claim: Mapping[str, Any], runs: Mapping[str, NDArray[np.float64]]) -> int:
    return int((_difference(claim, runs, claim["weeks"]) > 0).sum())


def _below(claim: Mapping[str, Any], runs: Mapping[str, NDArray[np.float64]]) -> int:
    return int((_difference(claim, runs, claim["weeks"]) < 0).sum())


def _difference(
    claim: Mapping[str, Any], runs: Mapping[str, NDArray[np.float64]], weeks: list[int]
) -> NDArray[np.float64]:
    ours, theirs = (_mean(runs[claim[key]], claim["metric"], weeks) for key in ("plan", "than"))
    return ours - theirs


def _later(claim: Mapping[str, Any], runs: Mapping[str, NDArray[np.float64]]) -> int:
    first, second = (_mean(runs[claim["plan"]], claim["metric"], claim[key]) for key in ("first", "weeks"))
    return int((second > first).sum())


def _beyond(claim: Mapping[str, Any], runs: Mapping[str, NDArray[np.float64]]) -> int:
    ours, other = (_mean(runs[claim["plan"]], claim[key], claim["weeks"]) for key in ("metric", "than_metric"))
    return int((ours > other).sum())


def _under(claim: Mapping[str, Any], runs: Mapping[str, NDArray[np.float64]]) -> int:
    return int((_mean(runs[claim["plan"]], claim["metric"], claim["weeks"]) < claim["value"]).sum())


def _zero(claim: Mapping[str, Any], runs: Mapping[str, NDArray[np.float64]]) -> int:
    curve = runs[claim["plan"]][:, :, OBSERVED_NAMES.index(claim["metric"])]
    return int(((curve == 0) | np.isnan(curve)).all(axis=1).sum())


def _ended(claim: Mapping[str, Any], runs: Mapping[str, NDArray[np.float64]]) -> int:
    return int(np.isnan(runs[claim["plan"]][:, -1, OBSERVED_NAMES.index("members")]).sum())


def _remains(claim: Mapping[str, Any], runs: Mapping[str, NDArray[np.float64]]) -> int:
    first, second = (np.abs(_difference(claim, runs, claim[key])) for key in ("first", "weeks"))
    return int((second > claim["share"] * first).sum())


def _either(claim: Mapping[str, Any], runs: Mapping[str, NDArray[np.float64]]) -> int:
    return max(_above(claim, runs), _below(claim, runs))


_KINDS: dict[str, Callable[[Mapping[str, Any], Mapping[str, NDArray[np.float64]]], int]] = {
    "above": _above,
    "below": _below,
    "later": _later,
    "beyond": _beyond,
    "under": _under,
    "zero": _zero,
    "ended": _ended,
    "remains": _remains,
    "luck": _either,
}
