"""Could another model explain the cases as well? Rivals, nulls and ablations on the same targets.

    python -m experiments.calibration.rivals [points=20000] [datasets=60] [folder=results/rivals]

Every model gets a reference table of its own (resumable). First pseudo-data: how often do targets coded from a run of
one model point to that model? Only where they do is a ratio of evidence worth printing. Then held-out scores: each
target predicted by the fit to all others. Writes experiments/kept/rivals.json and docs/results/rivals.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.model_evidence import (
    ABLATED,
    FULL,
    RIVALS,
    TOLD_APART,
    Rival,
    confusion,
    evidence,
    held_out,
)
from experiments.pages import table
from experiments.settings import ROOT, Study
from sim.analysis.calibration.fit import describe
from sim.analysis.calibration.posterior import fit_joint, joint_log_weights
from sim.analysis.calibration.reference import Reference, make_reference, read_reference
from sim.analysis.calibration.targets import targets_hash, targets_of
from sim.analysis.study import telling
from sim.commands.study import staged
from sim.sweeps.conduct import DriveOptions

CASES = ("pccp", "chrp")
NULL = "turnover only"


def tables_of(rival: Rival, points: int, folder: Path, threads: int) -> dict[str, Reference]:
    """Make or resume the tables of a model, one per case."""
    found = {}
    with staged({}) as tell:
        for case in CASES:
            place, now = folder / rival.name.replace(" ", "_") / case, telling(tell, f"{rival.name}, {case}")
            sweep = make_reference(case, points, place, DriveOptions(workers=threads), now, words=rival.words)
            found[case] = read_reference(sweep, case)
    return found


def measured(settings: dict[str, Any]) -> dict[str, Any]:
    """Make all tables and return what came out, as plain data."""
    points, folder, threads = settings["points"], ROOT / settings["folder"], settings["threads"]
    targets = {case: targets_of(table.case) for case, table in tables_of(RIVALS[0], points, folder, threads).items()}
    tables = {rival.name: tables_of(rival, points, folder, threads) for rival in RIVALS}
    tables |= {rival.name: tables_of(rival, points // 2, folder, threads) for rival in ABLATED}
    confused = confusion({rival.name: tables[rival.name] for rival in RIVALS}, targets, settings["datasets"])
    models = []
    for rival in (*RIVALS, *ABLATED):
        own = tables[rival.name]
        fit = describe(own, targets, fit_joint(own, targets))
        models.append(
            asdict(rival)
            | {
                "evidence": asdict(evidence(joint_log_weights(own, targets))),
                "effective": fit.posterior.effective,
                "agreed": fit.agreed(),
                "held_out": held_out(own, targets),
                "told_apart": confused.pair(FULL, rival.name) if rival in RIVALS[1:] else None,
            }
        )
    return {
        "made_with": {"targets_hash": targets_hash(one for some in targets.values() for one in some)},
        "models": models,
        "confusion": {"names": list(confused.names), "chosen": confused.chosen().tolist()},
    }


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page of results."""
    full, *others = found["models"]
    made = found["made_with"]
    apart = [row for row in others if row["told_apart"] is not None and row["told_apart"] >= TOLD_APART]
    alike = [row for row in others if row["told_apart"] is not None and row["told_apart"] < TOLD_APART]
    return [
        "# Rival explanations",
        "Written by `python -m experiments.calibration.rivals`; a test fails when the model or the targets have "
        f"changed since. Each model has {made['points']:,} draws from the prior per case (an ablation half as many), "
        f"fitted to the same targets jointly (model {made['model_hash']}).",
        "## What the two cases can and cannot tell apart",
        f"On pseudo-data the targets tell the full model from {names_of(apart)}: at least {TOLD_APART:.0%} of the "
        f"answers are right when the two are compared. They cannot tell it from {names_of(alike)}; about these "
        "the cases say nothing, and no probability is given.",
        *(ratio(full, row) for row in apart),
        "Each manifestation of synergy counts a quarter, for one theme of one study reported them all; so a null that "
        "shows none of them is not ruled out by the evidence as it is weighed. What it cannot do shows in the scores "
        "below.",
        "## Scores on targets held out",
        "Each fitted target is predicted by the fit to all others; log score, 0 is best, summed over the "
        f"{len(full['held_out'])} fitted targets. The evidence is the log of the mean weight, less that of the full "
        "model. *Agree*: targets with which at least half of the fitted runs agree.",
        table(
            ("model", "what it says", "effective runs", "agree", "log evidence", "held-out score", "distinguished"),
            (model_row(row, full) for row in found["models"]),
        ),
        f"## What the full model explains that *{NULL}* does not",
        table(("target", "full", NULL), null_rows(full, next(row for row in others if row["name"] == NULL))),
        "## Pseudo-data: which model do they point to?",
        f"{made['datasets']} datasets per model (rows), each coded as the targets are from a run of that model's "
        "prior; share that is given to each model (columns) by the evidence. Chance would give "
        f"{1 / len(found['confusion']['names']):.0%}.",
        table(("data of", *found["confusion"]["names"]), confusion_rows(found["confusion"])),
    ]


def names_of(rows: list[Mapping[str, Any]]) -> str:
    """Return the names of models in a phrase."""
    names = [f"*{row['name']}*" for row in rows] or ["none of its rivals"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def ratio(full: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """Say how the evidence for two models compares."""
    apart = full["evidence"]["log"] - row["evidence"]["log"]
    error = float(np.hypot(full["evidence"]["error"], row["evidence"]["error"]))
    better, worse = ("the full model", f"*{row['name']}*") if apart > 0 else (f"*{row['name']}*", "the full model")
    if abs(apart) < 2 * error:
        return f"- *{row['name']}*: the evidence is level (log ratio {apart:.2f}, Monte Carlo error {error:.2f})."
    times = f"{np.exp(abs(apart)):,.0f} times" if abs(apart) < 14 else "more than a million times"
    if abs(apart) < 1:
        times = f"{np.exp(abs(apart)):.1f} times"
    return (
        f"- The targets are {times} as probable under {better} as under {worse} (log ratio {apart:.2f} ± {error:.2f})."
    )


def model_row(row: Mapping[str, Any], full: Mapping[str, Any]) -> tuple[str, ...]:
    """Return one model."""
    confused = "-" if row["told_apart"] is None else f"{row['told_apart']:.0%}"
    logs = f"{row['evidence']['log'] - full['evidence']['log']:.2f} ± {row['evidence']['error']:.2f}"
    score = f"{sum(row['held_out'].values()):.2f}"
    return row["name"], row["says"], f"{row['effective']:,.0f}", str(row["agreed"]), logs, score, confused


def null_rows(full: Mapping[str, Any], null: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return targets by how much better the full model predicts them, the best first."""
    pairs = [(name, score, null["held_out"][name]) for name, score in full["held_out"].items()]
    pairs.sort(key=lambda row: row[2] - row[1])
    return [(name, f"{ours:.2f}", f"{theirs:.2f}") for name, ours, theirs in pairs]


def confusion_rows(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the matrix, row by row."""
    rows = zip(found["names"], found["chosen"], strict=True)
    return [(name, *(f"{share:.0%}" for share in shares)) for name, shares in rows]


STUDY = Study("rivals", measured, page)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
