"""Is the model alive? Ranges, bounds, drivers and fates over a Latin hypercube of levers and parameters.

    python -m experiments.liveliness [--points 2000] [--replicates 20] [--levers-only] [--out FOLDER]

For each case: a Latin hypercube over all levers (0 to 1) and, unless ``--levers-only``, over all parameters of
role *uncertainty* (their plausible ranges); each point is run with the same replicates. Per metric (mean over
the last two years alive): share of points within 1% of a bound, interquartile range over range, share of
variance between points, linear R² on ranks of all inputs and of the levers alone, the strongest input.
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import qmc, rankdata

from sim.config.cases import build_scenario, load_case
from sim.core.engine import Ensemble, run_many
from sim.core.inputs import settings_record, write_numbers
from sim.core.metric_table import METRICS, OBSERVED_NAMES
from sim.core.parameters import LEVERS, PARAMETERS
from sim.core.shocks import MAX_WEEKS
from sim.core.vocabulary import Status
from sim.results.weekly import last_alive

CHUNK = 2_000
LAST_WEEKS = 104


def design(points: int, levers_only: bool, seed: int = 1) -> pd.DataFrame:
    """Return a Latin hypercube: a column per lever and, unless ``levers_only``, per uncertain parameter."""
    rows = [(name, 0.0, 1.0, "linear") for name in LEVERS]
    if not levers_only:
        rows += [(p.name, *p.plausible, p.scale) for p in PARAMETERS.values() if p.role == "uncertainty"]
    unit = qmc.LatinHypercube(d=len(rows), seed=seed).random(points)
    columns = {}
    for column, (name, low, high, scale) in enumerate(rows):
        if scale == "log":
            columns[name] = low * (high / low) ** unit[:, column]
        else:
            columns[name] = low + (high - low) * unit[:, column]
    return pd.DataFrame(columns)


def settings_table(case: str, points: pd.DataFrame) -> NDArray[np.void]:
    """Return one row of settings per design point, the case's own where the design says nothing."""
    table = np.repeat(settings_record(build_scenario(load_case(case))), len(points))
    trees = {str(name): "enabling" if name in LEVERS else "parameters" for name in points}
    write_numbers(table, {f"{tree}.{name}": points[name].to_numpy() for name, tree in trees.items()})
    return table


def run_design(
    case: str, points: pd.DataFrame, replicates: int, seed: int = 1, weeks: int | None = None
) -> tuple[NDArray, NDArray]:
    """Return per point and replicate the mean of each metric over the last two years alive, and the status."""
    scenario = build_scenario(load_case(case), settings={"weeks": weeks} if weeks else None)
    table = settings_table(case, points)
    means = np.empty((len(points), replicates, len(OBSERVED_NAMES)))
    status = np.empty((len(points), replicates), dtype=int)
    per_chunk = max(1, CHUNK // replicates)
    for start in range(0, len(points), per_chunk):
        rows = table[start : start + per_chunk]
        result = run_many(scenario, seed, np.repeat(np.arange(replicates), len(rows)), table=rows)
        means[start : start + len(rows)] = _last_years(result).reshape(replicates, len(rows), -1).swapaxes(0, 1)
        status[start : start + len(rows)] = result.status.reshape(replicates, len(rows)).T
    return means, status


def _last_years(result: Ensemble) -> NDArray:
    last = last_alive(result)
    out = np.full((len(last), result.weekly.shape[2]), np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for run, end in enumerate(last):
            out[run] = np.nanmean(result.weekly[run, max(1, end - LAST_WEEKS + 1) : end + 1], axis=0)
    return out


def rank_r2(inputs: NDArray, output: NDArray) -> tuple[float, NDArray]:
    """Return R² of the ranks of ``output`` on the ranks of ``inputs`` (adjusted), and rank correlations."""
    keep = np.isfinite(output)
    x = np.apply_along_axis(rankdata, 0, inputs[keep])
    y = rankdata(output[keep])
    if y.std() == 0 or keep.sum() < inputs.shape[1] + 10:
        return np.nan, np.full(inputs.shape[1], np.nan)
    x = (x - x.mean(0)) / x.std(0)
    y = (y - y.mean()) / y.std()
    coefficients = np.linalg.lstsq(x, y, rcond=None)[0]
    residual = 1 - ((y - x @ coefficients) ** 2).mean()
    n, k = x.shape
    return 1 - (1 - residual) * (n - 1) / (n - k - 1), (x * y[:, None]).mean(0)


def summary(points: pd.DataFrame, means: NDArray) -> pd.DataFrame:
    """Return the table of liveliness, a row per metric."""
    inputs, levers = points.to_numpy(), points[list(LEVERS)].to_numpy()
    rows = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        for column, name in enumerate(OBSERVED_NAMES):
            values = means[:, :, column]
            point = np.nanmean(values, axis=1)
            p5, p25, p50, p75, p95 = np.nanpercentile(point, [5, 25, 50, 75, 95])
            low, high = METRICS[name].low, METRICS[name].high
            bounded = np.isfinite(low) and np.isfinite(high) and high <= 1
            near = np.nan
            if bounded:
                near = np.nanmean((point < low + 0.01 * (high - low)) | (point > high - 0.01 * (high - low)))
            spread = (p75 - p25) / (high - low) if bounded else np.nan
            between = np.nanvar(point) / np.nanvar(values)
            r2, correlations = rank_r2(inputs, point)
            lever_r2, lever_correlations = rank_r2(levers, point)
            top = int(np.nanargmax(np.abs(correlations))) if np.isfinite(r2) else 0
            top_lever = int(np.nanargmax(np.abs(lever_correlations))) if np.isfinite(lever_r2) else 0
            rows.append(
                {
                    "metric": name, "p5": p5, "p50": p50, "p95": p95, "near_bound": near, "iqr_over_range": spread,
                    "between_share": between, "r2_all": r2, "r2_levers": lever_r2, "top_input": points.columns[top],
                    "top_r": correlations[top], "top_lever": list(LEVERS)[top_lever],
                    "top_lever_r": lever_correlations[top_lever], "missing": np.isnan(values).mean(),
                }
            )  # fmt: skip
    return pd.DataFrame(rows).set_index("metric")


@dataclass(frozen=True)
class Liveliness:
    """One case over one design: the table per metric and the fates of its runs."""

    case: str
    table: pd.DataFrame
    means: NDArray[np.float64]
    ended: NDArray[np.float64]
    negative_integration: float
    low_vitality: float
    fates: NDArray[np.float64]
    both_fates: float

    def words(self) -> str:
        """Return the fates in a sentence."""
        going, failed, dormant, fulfilled = self.fates
        return (
            f"{self.case}: {1 - self.ended[0]:.1%} of runs ended. Integration was negative in "
            f"{self.negative_integration:.1%}, vitality below 0.3 in {self.low_vitality:.1%}. Ten years on, with a "
            f"grant that ends as in the case, {going:.1%} were still going, {fulfilled:.1%} fulfilled, "
            f"{failed:.1%} failed and {dormant:.1%} dormant; {self.both_fates:.1%} of the points show both fates "
            "(failed or dormant, and not, each in a tenth of the replicates or more)."
        )


def examine(case: str, points: pd.DataFrame, replicates: int) -> Liveliness:
    """Run a case over a design and sum it up."""
    means, status = run_design(case, points, replicates)
    _, later = run_design(case, points, replicates, weeks=MAX_WEEKS)
    lost = np.isin(later, (Status.FAILED, Status.DORMANT)).mean(axis=1)
    integration = means[:, :, OBSERVED_NAMES.index("integration")]
    vitality = means[:, :, OBSERVED_NAMES.index("vitality")]
    return Liveliness(
        case,
        summary(points, means),
        means,
        np.bincount(status.ravel(), minlength=4) / status.size,
        float(np.mean(integration[np.isfinite(integration)] < 0)),
        float(np.mean(vitality[np.isfinite(vitality)] < 0.3)),
        np.bincount(later.ravel(), minlength=4) / later.size,
        float(np.mean((lost >= 0.1) & (lost <= 0.9))),
    )


def main() -> None:
    """Run both cases, write a table each and print it."""
    parser = argparse.ArgumentParser(description="Liveliness of the model over a Latin hypercube.")
    parser.add_argument("--points", type=int, default=2000)
    parser.add_argument("--replicates", type=int, default=20)
    parser.add_argument("--levers-only", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("results/liveliness"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    points = design(arguments.points, arguments.levers_only)
    suffix = "_levers" if arguments.levers_only else ""
    for case in ("pccp", "chrp"):
        found = examine(case, points, arguments.replicates)
        found.table.to_csv(arguments.out / f"{case}{suffix}.csv")
        print(f"\n{arguments.points} points x {arguments.replicates} replicates. {found.words()}")
        print(found.table.to_string(float_format="{:.3f}".format))


if __name__ == "__main__":
    main()
