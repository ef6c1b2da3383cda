"""What could richer data teach? Recovery on synthetic partnerships that are well observed.

    python -m experiments.calibration.recovery [points=4000] [partnerships=100] [unknown=screened]

Every draw of the parameters is seen in many partnerships, as well-kept evaluations would see them: the questionnaire
in five waves, and members, patients, people ever, leavers, organisations, wins and attendance year by year. The levers
of each partnership are known (time sheets) and differ. Unknown are the parameters that the screening found to move most
in each block, the others lie at their defaults; ``unknown=all`` leaves everything unknown, levers too. A ridge
regression predicts each parameter in draws that it has not seen from what few, or many, of the partnerships show; the
share of variance that it explains there is a lower bound of the contraction that a full posterior would show.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from experiments.pages import table, written_by
from experiments.settings import ROOT, Study
from sim.analysis.calibration.reference import draws
from sim.config.cases import load_case
from sim.core.errors import UserError
from sim.core.parameters import LEVERS
from sim.sweeps.conduct import DriveOptions
from sim.sweeps.dataset import parts, read_parts
from sim.sweeps.designs import Axis, Design, make_points
from sim.sweeps.folder import SweepFolder
from sim.sweeps.points import run_points
from sim.sweeps.prior_ranges import block_of, case_axes, shared_axes, unit_place

WAVES = (52, 104, 156, 208, 260)
SEEN_YEARLY = ("members", "patients", "people_ever", "leavers", "organisations", "wins", "attendance")
CHUNK = 2_000
RIDGES = (1.0, 10.0, 100.0, 1_000.0, 10_000.0)
LEARNT = 0.5
SEEN = (1, 5, 20, 100)
"""Numbers of partnerships from which the parameters are predicted."""

BLOCKS = ("turnover", "ties", "exchange", "integration", "adaptation")
SCREENED = (
    "hazard_person hazard_organisation invitation_rate vacancy_limit approaches_per_year",
    "conflict_rate strain_gain encounters_per_meeting trust_gain familiarity_gain",
    "use_gain accept_base accept_trust",
    "coordination_cost coordination_gain coordination_loss",
    "belief_rate gap_threshold realign_rate",
    "benefit_used drawback_control engagement_rate benefit_win",
    "win_threshold match_sharpness",
)
"""The most active parameters of each block in the screening of the reference tables (docs/results/calibration.md)."""


def unknown_axes(case: str, unknown: str) -> list[Axis]:
    """Return what is to be learnt."""
    axes = [*shared_axes(), *case_axes(load_case(case))]
    named = {f"parameters.{name}" for line in SCREENED for name in line.split()}
    return axes if unknown == "all" else [axis for axis in axes if axis.name in named]


def points_of(case: str, unknown: str, points: int, partnerships: int) -> dict[str, list[Any]]:
    """Return one point per draw and partnership."""
    if unknown == "all":
        drawn = draws(load_case(case), points)
        return {name: [value for value in values for _ in range(partnerships)] for name, values in drawn.items()}
    drawn = make_points(Design("population", points, 7), unknown_axes(case, unknown), ())
    levers = np.random.default_rng(8).random((partnerships, len(LEVERS)))
    known = {f"enabling.{name}": list(levers[:, i]) * points for i, name in enumerate(LEVERS)}
    return {name: [value for value in values for _ in range(partnerships)] for name, values in drawn.items()} | known


def make(case: str, unknown: str, points: int, partnerships: int, folder: Path, threads: int) -> SweepFolder:
    """Run or resume the synthetic partnerships."""
    waves = f"questionnaire=[{','.join(map(str, WAVES))}]"
    words = [f"case={case}", "posterior=none", "replicates=1", "luck=independent", waves, "weekly=4", "seed=7"]
    drawn = points_of(case, unknown, points, partnerships)
    return run_points(words, drawn, folder, DriveOptions(workers=threads), chunk_runs=CHUNK, bytes_per_run=2e4)


def observations(folder: Path, partnerships: int) -> NDArray[np.float64]:
    """Return what evaluations see, (draws, partnerships, observations) float64, each about the mean of its partnership.

    Partnerships differ in levers, which are known, so that what counts is how far one lies from others with its levers.
    """
    together = pd.concat(map(_seen, parts(folder, "answers"), parts(folder, "weekly"))).sort_index()
    # What nobody was left to answer is put in the middle, and that nobody was left is recorded beside it.
    gone = together.isna().any(axis=1).astype(float).to_numpy()
    each = np.column_stack([together.fillna(together.mean()).to_numpy(), gone])
    by_draw = each.reshape(len(each) // partnerships, partnerships, each.shape[1])
    return np.asarray(by_draw - by_draw.mean(axis=0))


def _seen(answers: str, weekly: str) -> pd.DataFrame:
    """Return the observations of the runs of one chunk, a row each."""
    waves = pq.read_table(answers, partitioning=None).to_pandas().pivot(index="run", columns="week")
    rows = pq.read_table(weekly, columns=["run", "week", *SEEN_YEARLY], partitioning=None).to_pandas()
    rows["year"] = np.ceil(rows["week"] / 52).astype(int)
    # Attendance is missing in weeks without a meeting; the mean over a year is what minutes would show.
    yearly = rows[rows["week"] > 0].groupby(["run", "year"])[list(SEEN_YEARLY)].mean().unstack()
    return pd.concat([waves, yearly], axis=1)


def summaries(seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what is made of the partnerships of each draw: means, their squares, and spreads if there are several."""
    mean = seen.mean(axis=1)
    return np.column_stack([mean, mean**2, *([seen.std(axis=1)] if seen.shape[1] > 1 else [])])


def places(folder: Path, partnerships: int, axes: list[Axis]) -> NDArray[np.float64]:
    """Return where each draw lies in its prior range."""
    names = [axis.name for axis in axes]
    held = read_parts(parts(folder, "runs"), ["run", *names]).sort_by("run")
    each = held.take(np.arange(0, held.num_rows, partnerships))
    return np.column_stack([unit_place(axis, each[axis.name].to_numpy()) for axis in axes])


def explained(seen: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each parameter's variance that a regression explains in draws it was not fitted on.

    Three fifths fit, one fifth chooses how much the weights are held down, the last fifth is predicted.
    """
    n = len(seen)
    fit, chosen, last = slice(0, n * 3 // 5), slice(n * 3 // 5, n * 4 // 5), slice(n * 4 // 5, n)
    spread = seen[fit].std(axis=0)
    design = (seen[:, spread > 0] - seen[fit][:, spread > 0].mean(axis=0)) / spread[spread > 0]
    middle = truth[fit].mean(axis=0)
    u, s, vt = np.linalg.svd(design[fit], full_matrices=False)
    aimed = u.T @ (truth[fit] - middle)
    shares = np.empty((2, len(RIDGES), truth.shape[1]))
    for place, ridge in enumerate(RIDGES):
        weights = vt.T @ ((s / (s**2 + ridge))[:, None] * aimed)
        for side, part in enumerate((chosen, last)):
            missed = truth[part] - middle - design[part] @ weights
            shares[side, place] = 1 - (missed**2).mean(axis=0) / truth[part].var(axis=0)
    best = shares[0].argmax(axis=0)
    return np.asarray(shares[1, best, np.arange(truth.shape[1])])


def page(found: dict[str, Any]) -> list[str]:
    """Return the page of results."""
    made, rows = found["made_with"], found["parameters"]
    numbers = made["seen"]
    return [
        "# What could richer data teach?",
        written_by("calibration.recovery"),
        f"{made['points']:,} draws of {len(rows)} parameters, each seen in up to {made['partnerships']} synthetic "
        f"partnerships of {made['case'].upper()} that differ in luck and in levers, which are known: questionnaire in "
        "five waves, members, patients, people, leavers, organisations, wins and attendance by year. The other "
        "parameters lie at their defaults. Contraction is at least the share of variance that a ridge regression "
        "explains in draws it has not seen.",
        "\n".join(f"- {learnt_from(rows, place, number)}" for place, number in enumerate(numbers)),
        table(
            ("parameter", "block", *(f"{number} seen" for number in numbers)),
            (learnt_row(row) for row in sorted(rows, key=lambda row: -row["explained"][-1])),
        ),
        "This says what such data could teach if the rest of the model were known; the two cases come with no such "
        "data, and what they taught is in [calibration.md](calibration.md). With everything unknown, levers too "
        "(`unknown=all`), far less is learnt: see [calibration-codebook.md](../model/calibration-codebook.md).",
    ]


def learnt_from(rows: list[dict[str, Any]], place: int, number: int) -> str:
    """Return how many parameters a number of partnerships teaches, and which blocks they leave out."""
    learnt = [row for row in rows if row["explained"][place] > LEARNT]
    missing = [block for block in BLOCKS if not any(row["block"] == block for row in learnt)]
    blocks = f"none in {', '.join(missing)}" if missing else "at least one in every block"
    seen = "one partnership" if number == 1 else f"{number} partnerships"
    return f"**{seen}: {len(learnt)} of {len(rows)} parameters** with a contraction above {LEARNT:.0%}; {blocks}."


def learnt_row(row: dict[str, Any]) -> tuple[str, ...]:
    """Return one parameter."""
    return f"`{row['name']}`", row["block"], *(f"{share:.2f}" for share in row["explained"])


def measured(settings: dict[str, Any]) -> dict[str, Any]:
    """Run the synthetic partnerships and return how much of each parameter can be learnt, as plain data."""
    case, unknown, partnerships = settings["case"], settings["unknown"], settings["partnerships"]
    if unknown not in ("screened", "all"):
        raise UserError(f"unknown must be screened or all; got {unknown}")
    folder = ROOT / settings["folder"]
    make(case, unknown, settings["points"], partnerships, folder, settings["threads"])
    axes = unknown_axes(case, unknown)
    truth = places(folder, partnerships, axes)
    seen = observations(folder, partnerships)
    numbers = [number for number in SEEN if number <= partnerships]
    shares = np.column_stack([explained(summaries(seen[:, :number]), truth) for number in numbers])
    rows = [
        {"name": axis.name.partition(".")[2], "block": block_of(axis.name), "explained": share.tolist()}
        for axis, share in zip(axes, shares, strict=True)
    ]
    return {"made_with": {"seen": numbers}, "parameters": rows}


STUDY = Study("recovery", measured, page)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
