"""Where does each target of the cases fall with assumed defaults, before any fitting.

    python -m experiments.calibration.case_targets [--replicates 500]

Both cases with the same parameters. A component of synergy counts as present when it stays above the 95th
percentile of a null with the same people and luck for 26 weeks running: *turnover only* (rules 4 to 9 off) and
*random exchange* (random kinds and amounts). Synergy counts as present with three components.
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.config.cases import build_scenario, load_case
from sim.config.target_quantities import OUTCOME_SEEN
from sim.core.engine import Ensemble, run_many
from sim.core.metric_table import COMPONENTS, END_WORDS
from sim.results.summaries import ends_of
from sim.results.weekly import curve, last_alive

NULLS = ("turnover_only", "random_exchange")
SPELL = 26


def first_spell(above: NDArray[np.bool_], length: int = SPELL) -> NDArray[np.float64]:
    """Return the first week of a spell of ``length`` true weeks per row, NaN if there is none."""
    counts = np.cumsum(above, axis=1)
    full = np.concatenate([counts[:, length - 1 : length], counts[:, length:] - counts[:, :-length]], axis=1) == length
    return np.where(full.any(axis=1), full.argmax(axis=1), np.nan)


def presence(ensemble: Ensemble, null: Ensemble) -> dict[str, NDArray[np.float64]]:
    """Return per component the first week of presence in each replicate, NaN if absent."""
    found = {}
    for name in COMPONENTS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            bar = np.nanpercentile(curve(null, name), 95, axis=0)
        found[name] = first_spell(curve(ensemble, name) > np.nan_to_num(bar, nan=0.0))
    return found


def judge(case_name: str, replicates: int, **parameters: float) -> dict[str, float]:
    """Return what the simulation says about each target of a case, no target being read."""
    scenario = build_scenario(load_case(case_name))
    scenario = replace(scenario, parameters=scenario.parameters | parameters)
    runs = range(replicates)
    full = run_many(scenario, 1, runs)
    alive = full.status == 0
    at = (np.arange(replicates), last_alive(full))
    members, leavers = curve(full, "members"), curve(full, "leavers")
    patients = curve(full, "patients")
    years = np.nansum(members[:, 1:], axis=1) / 52
    out = {
        **{f"{END_WORDS[name]} at the end (share)": values.mean() for name, values in ends_of(full.status).items()},
        "members, last 39 weeks (median)": np.nanmedian(np.nanmean(members[alive][:, -39:], axis=1)),
        "members (p5)": np.nanpercentile(np.nanmean(members[alive][:, -39:], axis=1), 5),
        "members (p95)": np.nanpercentile(np.nanmean(members[alive][:, -39:], axis=1), 95),
        "people ever (median)": np.median(curve(full, "people_ever")[at]),
        "people ever 30 to 40 (share)": np.mean(
            (curve(full, "people_ever")[at] >= 30) & (curve(full, "people_ever")[at] <= 40)
        ),
        "exits per member-year (median)": np.median(leavers[at] / years),
        "founding organisations kept (median)": np.median(curve(full, "organisations_kept")[at]),
        "founding persons kept (median)": np.median(curve(full, "founders_present")[at]),
        "patients in the first 78 weeks (share)": np.mean(np.nanmean(patients[:, 1:79], axis=1) > 0.5),
        "patients gone in the last 78 weeks (share)": np.mean(
            np.nan_to_num(np.nanmean(patients[:, -78:], axis=1)) < 0.5
        ),
    }
    for null_name in NULLS:
        found = presence(full, run_many(replace(scenario, null_model=null_name), 1, runs))
        for name in COMPONENTS:
            out[f"{name} present against {null_name} (share)"] = np.isfinite(found[name]).mean()
        third = np.sort(np.column_stack(list(found.values())), axis=1)[:, 2]
        outcome = curve(full, "outcome") >= OUTCOME_SEEN
        outcome_week = np.where(outcome.any(axis=1), outcome.argmax(axis=1), np.inf)
        both = np.isfinite(third)
        out[f"synergy before outcome, {null_name} (share of those with synergy)"] = np.mean(
            third[both] < outcome_week[both]
        )
    return out


def table(replicates: int) -> pd.DataFrame:
    """Return the table of both cases, and of both with no delay of outcomes."""
    columns: dict[str, Any] = {}
    for case in ("pccp", "chrp"):
        columns[case] = judge(case, replicates)
        columns[f"{case}, delay 0"] = judge(case, replicates, outcome_delay=0.0)
    return pd.DataFrame(columns)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Where each target falls with assumed defaults.")
    parser.add_argument("--replicates", type=int, default=500)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        print(table(parser.parse_args().replicates).to_string(float_format="{:.3f}".format))
