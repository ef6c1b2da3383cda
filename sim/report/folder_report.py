"""Reports of results that lie in a folder: one page that opens anywhere, pictures inside, made to be printed."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from sim.core.errors import UserError
from sim.core.metric_table import COMPONENTS, COSTS, ENDS
from sim.report.html import page, paragraph, picture, png_picture, section, table
from sim.report.style import png_address

REPORT = "report.html"
MOST_POINTS = 40


def write_report(folder: Path) -> Path:
    """Write the report of a run or a sweep into its folder; of other results, return the one that is there.

    Parameters
    ----------
    folder : Path
        Folder of a run, a sweep, a comparison, a calibration, a sensitivity analysis or a portfolio.

    Raises
    ------
    UserError
        When the folder holds none of these, or cannot be written.
    """
    target = folder / REPORT
    if not folder.is_dir():
        raise UserError(f"no folder called '{folder}'; give the folder of a run, a sweep or a comparison")
    if (folder / "sweep.json").is_file():
        content = sweep_page(folder)
    elif (folder / "runs.parquet").is_file() and (folder / "record.json").is_file():
        content = run_page(folder)
    elif target.is_file():
        return target
    elif (folder / "record.json").is_file():
        raise UserError(f"'{folder}' has lost its {REPORT}; make it again as its record.json says")
    else:
        raise UserError(f"'{folder}' holds no results of partnersim: no record.json and no sweep.json in it")
    try:
        target.write_text(content, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write '{target}': {error.strerror}") from error
    return target


def run_page(folder: Path) -> str:
    """Return the report of a run."""
    try:
        record = json.loads((folder / "record.json").read_text(encoding="utf-8"))
        title = f"{str(record['case']).upper()}, {str(record['scenario']).replace('_', ' ')}"
        limits = str(record["limits"])
        with (folder / "summary.csv").open(encoding="utf-8", newline="") as file:
            rows = [[row[name] for name in ("scope", "name", "p5", "p50", "p95", "unit", "meaning")]
                    for row in csv.DictReader(file)]  # fmt: skip
        image = png_address((folder / "figure.png").read_bytes())
    except FileNotFoundError as error:
        raise UserError(f"'{folder}' holds no {Path(error.filename).name}; run it again") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"'{folder}' cannot be read: its record or summary is damaged; run it again") from error
    meaning = "Components of synergy and members over the weeks: median, half of the runs, nine in ten runs."
    head = ("when", "name", "5 in 100 below", "median", "5 in 100 above", "unit", "meaning")
    body = [png_picture(image, meaning), section("Everything that was measured", table(head, map(_short, rows)))]
    record.pop("settings", None)
    return page(title, record.get("says", ()), limits, body, record)


def _short(row: Sequence[str]) -> list[str]:
    """Return a row whose numbers have three digits."""
    scope, name, *numbers, unit, meaning = row
    return [scope, name.replace("_", " "), *(f"{float(one):.3g}" if one else "–" for one in numbers), unit, meaning]


def sweep_page(folder: Path) -> str:
    """Return the report of a sweep: what moved synergy, a picture for each of its components, means by point."""
    from sim.report.plots import plot_sweep
    from sim.sweeps.finding import sentence
    from sim.sweeps.folder import SweepFolder
    from sim.sweeps.result import SweepResult

    sweep = SweepFolder(folder)
    if not sweep.done():
        raise UserError(f"'{folder}' holds a sweep of which nothing is done yet; see: partnersim status {folder}")
    runs = SweepResult(folder, 0).runs
    body = []
    outcomes = [f"{name}_last_year" for name in ("synergy", *COMPONENTS)]
    for outcome in outcomes:
        try:
            figure = plot_sweep(runs, outcome)
        except UserError:
            break
        meaning = f"{outcome.replace('_', ' ')}: mean of the runs at each value, with its 95% interval."
        body.append(picture(figure, meaning))
    means = runs.groupby("point")[[*ENDS, *outcomes, *COSTS]].mean()
    lines = [
        [str(point), *(f"{value:.3g}" for value in row)] for point, row in zip(means.index, means.values, strict=True)
    ]
    shown = f"the first {MOST_POINTS} of {len(lines)} points" if len(lines) > MOST_POINTS else "all points"
    shown += "; plan.parquet says what each point is."
    body.append(
        section("Means by point", paragraph(shown), table(("point", *ENDS, *outcomes, *COSTS), lines[:MOST_POINTS]))
    )
    title = f"Sweep of {len(lines):,} points, {len(runs):,} runs"
    return page(title, [sentence(sweep)], str(sweep.record["limits"]), body, sweep.record)
