"""The row of each run, worked out once more: with pandas, from the weekly rows and the answers, run by run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sim.core.engine import Ensemble, run_many
from sim.core.metric_table import OBSERVED_NAMES
from sim.core.scenario import Scenario, Shock
from sim.core.vocabulary import Status
from tests.conftest import ROOT

COMPONENTS = ("integration", "atmosphere", "benefit", "adaptation")
QUESTIONS = (
    *("synergy", "leadership", "efficiency", "administration", "nonfinancial_resources"),
    *("decision_making", "trust", "benefits", "drawbacks", "satisfaction"),
)

AS_LAST_SEEN = (
    "money_spent",
    "staff_hours",
    "member_hours",
    "meetings_held",
    "guests_ever",
    "grants_won",
    "left_moved_on",
    "left_unpaid",
    "left_disengaged",
    "left_event",
    "left_organisation_left",
)


def rows_by_hand(scenario: Scenario, seed: int, replicates: Sequence[int]) -> pd.DataFrame:
    """Return one row per replicate, in columns of the names of ``runs.parquet``."""
    found = run_many(scenario, seed, replicates)
    rows = [_ending(found, i) | _last_year(weeks) | _answers(found, i) for i, weeks in enumerate(_runs(found))]
    for shock in scenario.shocks:
        others = tuple(other for other in scenario.shocks if other != shock)
        spared = run_many(replace(scenario, shocks=others), seed, replicates)
        for row, ours, theirs in zip(rows, _runs(found), _runs(spared), strict=True):
            row |= _effect(shock, ours["output"], theirs["output"])
    return pd.DataFrame(rows)


def _runs(found: Ensemble) -> list[pd.DataFrame]:
    """Return the weekly metrics of each run; the index is the week."""
    return [pd.DataFrame(weekly, columns=list(OBSERVED_NAMES)) for weekly in found.weekly]


def _lived(weeks: pd.DataFrame) -> pd.DataFrame:
    """Return the weeks in which the partnership was there: members are counted even if none is left."""
    return weeks[weeks["members"].notna()]


def _ending(found: Ensemble, i: int) -> dict[str, float]:
    weeks = _runs(found)[i]
    lived = _lived(weeks)
    last = lived.iloc[-1]
    alive = lived.index[-1] == weeks.index[-1]
    assert alive == (found.status[i] == Status.ALIVE)
    member_years = lived["members"].iloc[1:].sum() / 52
    reached = lived.index[lived["outcome"] >= 0.1]
    return {
        "alive": float(alive),
        "ended_week": np.nan if alive else lived.index[-1] + 1,
        "fulfilled": float(found.status[i] == Status.FULFILLED),
        "failed": float(found.status[i] == Status.FAILED),
        "dormant": float(found.status[i] == Status.DORMANT),
        "reason": float(found.status[i]),
        "renewals": last["purposes_met"],
        "purposes_met": last["purposes_met"] + (found.status[i] == Status.FULFILLED),
        **{name: last[name] for name in AS_LAST_SEEN},
        "members_end": last["members"] if alive else 0.0,
        "patients_end": last["patients"] if alive else 0.0,
        "people_ever": last["people_ever"],
        "leavers": last["leavers"],
        "exits_per_member_year": last["leavers"] / member_years if member_years > 0 else np.nan,
        "organisations_kept": last["organisations_kept"],
        "outcome": last["outcome"],
        "wins": last["wins"],
        "outcome_week": reached[0] if len(reached) else np.nan,
    }


def _last_year(weeks: pd.DataFrame) -> dict[str, float]:
    """Return means over the last 52 weeks alive; the composite needs three components in a week."""
    parts = _lived(weeks)[list(COMPONENTS)].iloc[-52:]
    known = pd.read_csv(ROOT / "sim/data/reference_population.csv", index_col="name")
    scores = (parts - known["mean"]) / known["sd"]
    synergy = scores.mean(axis=1)[scores.notna().sum(axis=1) >= 3]
    means = parts.mean() if len(parts) else pd.Series(np.nan, index=COMPONENTS)
    return {f"{name}_last_year": means[name] for name in COMPONENTS} | {"synergy_last_year": synergy.mean()}


def _answers(found: Ensemble, i: int) -> dict[str, float]:
    waves = found.answers[i]
    return {f"questionnaire_{name}": waves[-1, q] if len(waves) else np.nan for q, name in enumerate(QUESTIONS)}


def _effect(shock: Shock, output: pd.Series, without: pd.Series) -> dict[str, float]:
    """Return what a shock did to Q(t); an ended partnership puts out nothing."""
    names = [f"shock_{shock.name}_{name}" for name in ("depth", "recovery_weeks", "recovered", "loss", "gain")]
    ours, theirs = (
        series[series.index >= shock.week].fillna(0).rolling(4, min_periods=1).apply(np.mean, raw=True)
        for series in (output, without)
    )
    if theirs.mean() <= 0:
        return dict.fromkeys(names, np.nan)
    change = ((ours - theirs) / theirs.where(theirs > 0)).fillna(0)
    weeks, recovered = _recovery(list(change >= -0.05))
    moved = (ours - theirs) / theirs.mean()
    values = (max(0.0, min(1.0, -change.min())), weeks, recovered, -moved[moved < 0].sum(), moved[moved > 0].sum())
    return dict(zip(names, map(float, values), strict=True))


def _recovery(within: list[bool]) -> tuple[float, bool]:
    """Return after how many weeks the loss stays within 5% for eight weeks, and whether it does."""
    if all(within):
        return 0, True
    for week in range(within.index(False) + 1, len(within) - 8 + 1):
        if all(within[week : week + 8]):
            return week, True
    return len(within), False
