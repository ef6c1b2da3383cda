"""Could the parameters be learnt from richer data? Recovery on synthetic partnerships that are well observed.

    python experiments/recovery.py [--points 20000] [--partnerships 1] [--folder results/recovery]

Each synthetic partnership is a draw from the prior, run and seen as a well-kept evaluation would see it: the
questionnaire in five waves, and members, patients, people ever, leavers, organisations, wins and attendance year by
year. A ridge regression on the observations and their squares, fitted on four fifths of the partnerships, predicts each
parameter in the last fifth. The share of variance that it explains there is a lower bound of the contraction that a
full posterior would show. With ``--partnerships 20`` every draw is seen in twenty partnerships that differ in luck
alone, as mean and spread of each observation.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sim.calibration.prior import block_of, case_axes, shared_axes, unit_place
from sim.calibration.reference import draws
from sim.cases import load_case
from sim.ensemble.conduct import How, conduct
from sim.ensemble.dataset import parts
from sim.ensemble.folder import RECORD, SweepFolder
from sim.sweep_start import Measured, start
from sim.sweeping import plan_sweep

WAVES = (52, 104, 156, 208, 260)
SEEN_YEARLY = ("members", "patients", "people_ever", "leavers", "organisations", "wins", "attendance")
CHUNK = 2_000
RIDGE = 10.0
LEARNT = 0.5


def make(points: int, partnerships: int, folder: Path, case: str, threads: int) -> SweepFolder:
    """Run the synthetic partnerships, or go on with them."""
    words = [
        f"case={case}",
        "posterior=none",
        f"replicates={partnerships}",
        "luck=independent",
        f"questionnaire=[{','.join(map(str, WAVES))}]",
    ]
    planned = plan_sweep([*words, "weekly=4", "seed=7"], points=draws(load_case(case), points))
    if (folder / RECORD).exists():
        sweep = SweepFolder(folder)
        if not sweep.holds(planned.plan):
            raise SystemExit(f"'{folder}' holds other runs; give another --folder")
    else:
        sweep = start(planned, folder, Measured(None, 2e4, CHUNK, -(-planned.plan.n_runs // CHUNK)))
    conduct(sweep, How(workers=threads))
    return sweep


def observations(folder: Path, partnerships: int) -> pd.DataFrame:
    """Return what an evaluation sees of the partnerships of each draw: one row per draw, a column per observation."""
    read = lambda name, columns: pa.concat_tables(  # noqa: E731
        [pq.read_table(part, columns=columns, partitioning=None) for part in parts(folder, name)]
    ).to_pandas()
    answers = pq.read_schema(parts(folder, "answers")[0]).names
    waves = read("answers", answers).pivot(index="run", columns="week")
    weekly = read("weekly", ["run", "week", *SEEN_YEARLY])
    weekly["year"] = np.ceil(weekly["week"] / 52).astype(int)
    # Attendance is missing in weeks without a meeting; the mean over a year is what minutes would show.
    yearly = weekly[weekly["week"] > 0].groupby(["run", "year"])[list(SEEN_YEARLY)].mean().unstack()
    seen = pd.concat([waves, yearly], axis=1)
    seen.columns = ["_".join(map(str, column)) for column in seen.columns]
    gone = seen.isna().astype(float).add_prefix("gone_")
    if partnerships > 1:
        by_draw = seen.groupby(seen.index // partnerships)
        seen = pd.concat([by_draw.mean(), by_draw.std().add_suffix("_spread")], axis=1)
        gone = gone.groupby(gone.index // partnerships).mean()
    seen = seen.fillna(seen.mean())
    varied = gone.loc[:, gone.std() > 0]
    return pd.concat([seen, varied], axis=1)


def places(folder: Path, partnerships: int, case: str) -> tuple[list[str], NDArray[np.float64]]:
    """Return names of the parameters and where each draw lies in its prior range."""
    axes = (*shared_axes(), *case_axes(load_case(case)))
    names = [axis.name for axis in axes]
    table = pa.concat_tables([pq.read_table(part, columns=names, partitioning=None) for part in parts(folder, "runs")])
    each = table.take(np.arange(0, table.num_rows, partnerships))
    return names, np.column_stack([unit_place(axis, each[axis.name].to_numpy()) for axis in axes])


def explained(seen: NDArray[np.float64], truth: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each parameter's variance that a regression explains in runs it was not fitted on."""
    n = len(seen)
    cut = n * 4 // 5
    spread = seen.std(axis=0)
    scaled = (seen[:, spread > 0] - seen[:, spread > 0].mean(axis=0)) / spread[spread > 0]
    design = np.column_stack([np.ones(n), scaled, scaled**2 - 1])
    gram = design[:cut].T @ design[:cut] + RIDGE * np.eye(design.shape[1])
    middle = truth[:cut].mean(axis=0)
    weights = np.linalg.solve(gram, design[:cut].T @ (truth[:cut] - middle))
    missed = truth[cut:] - middle - design[cut:] @ weights
    return np.asarray(1 - (missed**2).mean(axis=0) / truth[cut:].var(axis=0))


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--partnerships", type=int, default=1)
    parser.add_argument("--case", default="pccp")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("results") / "recovery")
    options = parser.parse_args()
    make(options.points, options.partnerships, options.folder, options.case, options.threads)
    names, truth = places(options.folder, options.partnerships, options.case)
    seen = observations(options.folder, options.partnerships)
    found = pd.DataFrame({"parameter": names, "explained": explained(seen.to_numpy(), truth)})
    found["block"] = [block_of(name) for name in names]
    found = found.sort_values("explained", ascending=False)
    found.to_csv(options.folder / "recovery.csv", index=False)
    print(found.head(25).to_string(index=False, float_format="{:.2f}".format))
    blocks = found.groupby("block")["explained"].agg(["size", "max"])
    blocks["above a half"] = found[found["explained"] > LEARNT].groupby("block").size()
    print(blocks.sort_values("max", ascending=False).fillna(0).round(2).to_string())
    print(f"{(found['explained'] > LEARNT).sum()} of {len(found)} parameters: more than half of the prior variance.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
