"""What the page receives of a run: plain JSON, arrays as base64 of their bytes, so that curves keep every bit."""

from __future__ import annotations

import zlib
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.core import engine
from sim.core.inputs import settings_of_runs
from sim.core.metric_table import COSTS, OBSERVED_NAMES
from sim.core.parameters import LEVERS
from sim.lab.happenings import happenings, spells
from sim.lab.plan import LabPlan, scenario_file, shocks_of
from sim.lab.trace import Trace, follow
from sim.results.means import mean_there
from sim.results.summaries import shock_effects

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.core.scenario import Scenario

CURVES = ("output", "integration", "atmosphere", "benefit", "adaptation", "trust", "members")
"""Weekly metrics that the page draws."""

MORE_CURVES = (
    *("strain", "organisations_kept", "founders_present", "people_ever", "wins", "outcome"),
    *("purposes_met", "active_share", "posts_filled", "lead_strength", "meetings_held", *COSTS),
)
"""Weekly metrics that saved data have as well, when asked of the live page."""

FAN_CURVES = ("output", "integration", "atmosphere", "benefit", "adaptation", "trust")
FAN_REPLICATES = 40
FAN_EVERY = 13
HOURS = ("facilitator_hours", "grant_per_week")
"""Settings of the partnership that stand beside the levers."""

FULL, MISSING = 200, 255


def packed(values: NDArray[Any], kind: str) -> str:
    """Return an array as base64 of its bytes, little-endian.

    >>> packed(np.array([1, 2]), "u1")
    'AQI='
    """
    return b64encode(np.ascontiguousarray(values, dtype=f"<{kind}").tobytes()).decode("ascii")


def shares(values: NDArray[np.float64]) -> str:
    """Return numbers from 0 to 1 in steps of one in two hundred; 255 is missing."""
    steps = np.where(np.isfinite(values), np.clip(np.nan_to_num(values), 0, 1) * FULL, MISSING)
    return packed(np.rint(steps), "u1")


def run_answer(plan: LabPlan, every: int = 4, curves: tuple[str, ...] = (*CURVES, *MORE_CURVES)) -> dict[str, Any]:
    """Follow a plan and return all that the page shows of it.

    Parameters
    ----------
    plan : LabPlan
        The plan.
    every : int
        Weeks between two looks at the ties and the seats.
    curves : tuple of str
        Weekly metrics to send.
    """
    trace = follow(plan.scenario, plan.seed, plan.replicate, every)
    scenario = plan.scenario
    numbers = settings_of_runs(scenario, np.array([plan.replicate]))[0]
    return {
        "plan": asked_again(plan),
        "start": scenario.start,
        "weeks": scenario.weeks,
        "status": trace.status,
        "ended": trace.ended_week,
        "curves": {name: packed(trace.metric(name), "f8") for name in curves},
        "print": packed(weekly_prints(trace.weekly), "u4"),
        "spells": spells(trace),
        "events": happenings(trace),
        "seats": seat_tables(trace),
        "ties": tie_tables(trace),
        "transfers": packed(trace.transfers, "u2"),
        "organisations": [organisation.name for organisation in scenario.organisations],
        "levers": dict(zip(LEVERS, numbers["levers"].tolist(), strict=True)),
        "hours": {name: float(numbers[name]) for name in HOURS},
        "shocks": shocks_of(scenario),
        "schedule": [{"week": c.week, "lever": c.setting, "value": c.value} for c in scenario.schedule],
        "file": scenario_file(plan),
    }


def asked_again(plan: LabPlan) -> dict[str, Any]:
    """Return the plan in the form in which the page asks for it."""
    return {
        "case": plan.case,
        "scenario": plan.scenario_name,
        "settings": plan.settings,
        "seed": plan.seed,
        "replicate": plan.replicate,
        "posterior": plan.scenario.posterior,
    }


def weekly_prints(weekly: NDArray[np.float64]) -> NDArray[np.uint32]:
    """Return one number per week that changes with any bit of any metric, (T + 1,)."""
    return np.array([zlib.crc32(row.tobytes()) for row in weekly], dtype=np.uint32)


def seat_tables(trace: Trace) -> dict[str, Any]:
    """Return how each seat feels, in the weeks in which ties are looked at."""
    weeks = trace.tie_weeks
    return {name: shares(trace.seat(name)[weeks]) for name in ("engagement", "benefit", "drawback")}


def tie_tables(trace: Trace) -> dict[str, Any]:
    """Return trust and strain of every pair, both directions together, in the weeks in which ties are looked at."""
    n = trace.seats.shape[1]
    upper = np.triu_indices(n, 1)
    member = np.isfinite(trace.seat("person")[trace.tie_weeks])
    both = (member[:, :, None] & member[:, None, :])[:, upper[0], upper[1]]

    def pairs(ties: NDArray[np.float64]) -> str:
        mean = (ties + ties.transpose(0, 2, 1))[:, upper[0], upper[1]] / 2
        return shares(np.where(both, mean, np.nan))

    return {"n": n, "weeks": trace.tie_weeks.tolist(), "trust": pairs(trace.trust), "strain": pairs(trace.strain)}


def shock_answer(plan: LabPlan) -> dict[str, dict[str, float]]:
    """Return what each dated shock did to Q(t), against the same replicate without it (``sim.results.summaries``)."""
    shocks = plan.scenario.shocks
    calm = [replace(plan.scenario, shocks=tuple(other for other in shocks if other is not shock)) for shock in shocks]
    table = np.concatenate(
        [settings_of_runs(scenario, np.array([plan.replicate])) for scenario in (plan.scenario, *calm)]
    )
    runs = engine.run_many(plan.scenario, plan.seed, [plan.replicate] * len(table), threads=1, table=table).weekly
    outputs = runs[:, None, :, OBSERVED_NAMES.index("output")]
    found = {}
    for shock, without in zip(shocks, outputs[1:], strict=True):
        effects = shock_effects(shock, outputs[0], without)
        content = {name.removeprefix(f"shock_{shock.name}_"): float(value[0]) for name, value in effects.items()}
        found[shock.name] = {name: value for name, value in content.items() if np.isfinite(value)}
    return found


def fan_answer(plan: LabPlan, every: int = FAN_EVERY) -> dict[str, Any]:
    """Return the curves of a plan over many replicates.

    Parameters
    ----------
    plan : LabPlan
        The plan; its replicate does not matter.
    every : int
        Weeks over which a curve is averaged; one mean for each such stretch.
    """
    return fan_of(plan.scenario, plan.seed, every)


def fan_of(scenario: Scenario, seed: int, every: int = FAN_EVERY) -> dict[str, Any]:
    """Return means over stretches of weeks for replicates 0 to 39, so that two plans can be paired by replicate."""
    # One thread less than there is, so that a slider that is moved meanwhile does not wait.
    weekly = engine.run_many(scenario, seed, range(FAN_REPLICATES), threads=max(1, engine.most_threads() - 1)).weekly
    columns = [OBSERVED_NAMES.index(name) for name in FAN_CURVES]
    stretches = [slice(start + 1, start + every + 1) for start in range(0, scenario.weeks, every)]
    means = np.stack([mean_there(weekly[:, stretch][:, :, columns], 1) for stretch in stretches], axis=1)
    return {
        "every": every,
        "replicates": FAN_REPLICATES,
        "curves": {name: packed(means[:, :, i], "f4") for i, name in enumerate(FAN_CURVES)},
    }
