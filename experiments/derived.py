"""Rebuild what derives from the model: ``make derived``.

Writes the known answers of ``partnersim doctor``, the reference population by which the composite is standardised, the
page ``docs/results/checks.md`` (liveliness, disguise, where the targets of the cases fall), the ablation table with
its page and picture, and ``sim/data/derived.json``, which holds the hash of the model that all this belongs to. A
test fails when it is stale.
"""

from __future__ import annotations

import json
import warnings

import numpy as np
import pandas as pd

from experiments import ablation
from experiments.calibration.case_targets import table as target_table
from experiments.liveliness import Liveliness, design, examine
from experiments.pages import as_page, frame_table
from experiments.settings import ROOT
from sim.config.cases import build_scenario, load_case, load_scenario
from sim.core.inputs import settings_record
from sim.core.metric_table import COMPONENTS, OBSERVED_NAMES
from sim.core.sources import model_hash
from sim.sweeps.known_answer import known_answers

CASES = ("pccp", "chrp")
LEVER_POINTS, FULL_POINTS, REPLICATES = 600, 2000, 20
PAIRS, TARGET_REPLICATES = 500, 500


def main() -> None:
    """Rebuild everything, with a line per part."""
    say("known answers")
    (ROOT / "sim/data/known_answer.json").write_text(json.dumps(known_answers(), indent=1) + "\n")
    say(f"levers only: {LEVER_POINTS} points x {REPLICATES} replicates, both cases")
    levers = [examine(case, design(LEVER_POINTS, True), REPLICATES) for case in CASES]
    write_reference_population(levers)
    say(f"levers and parameters: {FULL_POINTS} points x {REPLICATES} replicates, both cases")
    full = [examine(case, design(FULL_POINTS, False), REPLICATES) for case in CASES]
    say("ablations (experiments/ablation.py)")
    ablation.write(
        ablation.measure(ablation.REPLICATES), ablation.REPLICATES, ROOT / "sim" / "data", ROOT / "docs" / "results"
    )
    say("funding cut, targets")
    page = checks_page(levers, full)
    (ROOT / "docs/results/checks.md").write_text(page, encoding="utf-8")
    (ROOT / "sim/data/derived.json").write_text(json.dumps({"model": model_hash()}) + "\n")


def say(what: str) -> None:
    """Tell what is being made."""
    print(f"derived: {what} ...", flush=True)


def write_reference_population(levers: list[Liveliness]) -> None:
    """Write mean and spread of the components over runs of both cases with levers drawn at random."""
    rows = []
    for name in COMPONENTS:
        values = np.concatenate([found.means[:, :, OBSERVED_NAMES.index(name)].ravel() for found in levers])
        rows.append(f"{name},{np.nanmean(values):.6f},{np.nanstd(values):.6f}")
    (ROOT / "sim/data/reference_population.csv").write_text("\n".join(["name,mean,sd", *rows]) + "\n")


def funding_cut_row(case: str) -> dict[str, float]:
    """Return the paired effects of the scenario ``funding_cut`` in standard deviations, over its two years."""
    base = build_scenario(load_case(case))
    cut = build_scenario(load_case(case), load_scenario("funding_cut"))
    before, after = (ablation.levels(one, settings_record(one), PAIRS) for one in (base, cut))
    found = ablation.effects(after, before).set_index("metric")["effect"]
    names = ("staff_cover", "vitality", "integration", "benefit", "outcome", "wins", "output", "members")
    return {name: float(found[name]) for name in names}


def plain(frame: pd.DataFrame, form: str = ".2f") -> str:
    """Return a table in Markdown that does not say what its rows are."""
    return frame_table(frame.rename_axis(""), form)


def disguise(found: Liveliness) -> str:
    """Return the metrics that follow one lever most closely."""
    rows = found.table.reindex(found.table["top_lever_r"].abs().sort_values(ascending=False).index).head(6)
    return ", ".join(f"{name} follows {row.top_lever} (r = {row.top_lever_r:.2f})" for name, row in rows.iterrows())


READING = """\
Means over the last two years that a partnership lived. *near_bound*: share of design points within 1% of a bound;
*iqr_over_range*: interquartile range over the metric's range; *between_share*: share of variance between design
points; *r2*: linear R² on ranks, adjusted, of all inputs or of the levers alone; *top*: the input with the strongest
rank correlation. Metrics without two finite bounds have no first two entries."""

LEVER_COLUMNS = [
    "p5",
    "p50",
    "p95",
    "near_bound",
    "iqr_over_range",
    "between_share",
    "r2_levers",
    "top_lever",
    "top_lever_r",
]
FULL_COLUMNS = [
    "p5",
    "p50",
    "p95",
    "near_bound",
    "iqr_over_range",
    "r2_all",
    "r2_levers",
    "top_input",
    "top_r",
    "missing",
]


def checks_page(levers: list[Liveliness], full: list[Liveliness]) -> str:
    """Return the page of checks."""
    parts = [
        "# Checks: is the model alive, and what moves what",
        f"*Written by `make derived` for model {model_hash()}; do not edit. "
        "What it means is said in [findings.md](../model/findings.md).*",
        READING,
        f"## Levers only ({LEVER_POINTS} points x {REPLICATES} replicates, parameters at their defaults)",
    ]
    for found in levers:
        parts += [
            found.words(),
            f"Closest to a disguise: {disguise(found)}.",
            plain(found.table[LEVER_COLUMNS]),
        ]
    parts.append(f"## Levers and parameters ({FULL_POINTS} points x {REPLICATES} replicates, plausible ranges)")
    for found in full:
        parts += [found.words(), plain(found.table[FULL_COLUMNS])]
    parts += [
        "## A funding cut",
        "Scenario `funding_cut` against the case, paired, last two years, in run-to-run standard deviations.",
        plain(pd.DataFrame({case: funding_cut_row(case) for case in CASES}).T),
        "## Where the targets of the cases fall, with assumed defaults and no fitting",
        f"{TARGET_REPLICATES} replicates, both cases with the same parameters "
        "(`experiments/calibration/case_targets.py`).",
        plain(target_table(TARGET_REPLICATES), ".3f"),
    ]
    return as_page(parts)


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        main()
