"""``partnersim calibrate``: reference tables, posteriors, checks, and a report."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.exit_status import ExitStatus
from sim.commands.study import say_when_compiling, staged
from sim.config.arguments import read_options
from sim.config.settings import Setting, by_name
from sim.core.errors import UserError
from sim.progress import say

if TYPE_CHECKING:
    from sim.analysis.calibration.answers import Answers
    from sim.analysis.calibration.calibrated import Calibrated
    from sim.analysis.calibration.reference import Reference

SETTINGS: dict[str, Setting] = by_name(
    Setting("case", "text", "pccp, chrp, both, or a case of yours.", "both"),
    Setting("answers", "text", "CSV file of self-assessment answers of that partnership (partnersim new-answers)."),
    Setting("points", "whole number", "Draws from the prior.", 200_000, 1_000, 10_000_000, "points"),
    Setting("datasets", "whole number", "Pseudo-datasets of the check.", 300, 0, 10_000, "datasets"),
    Setting("threads", "whole number", "Threads to use; empty: all.", None, 1, 1024, "threads"),
    Setting("output", "text", "Folder; what is there already is not run again."),
)
BOTH = ("pccp", "chrp")
FEW = 100
"""Effective runs below which a posterior is shaky."""


def calibrate(words: Sequence[str]) -> int:
    """Fit one case or both to its targets.

    Parameters
    ----------
    words : sequence of str
        Settings of ``SETTINGS``.
    """
    options = read_options("calibrate", SETTINGS, words, also=("both",))
    from sim.analysis.calibration.own import evidence_of

    names = BOTH if options["case"] == "both" else (str(options["case"]),)
    answers = evidence_of(names, options["answers"])
    label = "-".join([*(Path(name).stem for name in names), *(["answers"] if answers else []), str(options["points"])])
    folder = Path(options["output"] or Path("results") / "calibration" / label)
    if folder.exists() and not folder.is_dir():
        raise UserError(f"cannot write to '{folder}': it is a file; give another output=FOLDER")
    tables = {name: _table(name, folder, options, answers.weeks if answers else ()) for name in names}
    return _fit_and_write(tables, folder, options, answers)


def _table(name: str, folder: Path, options: dict[str, Any], weeks: Sequence[int]) -> Reference:
    """Make or resume the reference table of a case; one that keeps answers lies in a folder of its own."""
    from sim.analysis.calibration.reference import make_reference, read_reference
    from sim.analysis.study import telling
    from sim.core.engine import most_threads
    from sim.sweeps.conduct import DriveOptions

    say_when_compiling()
    table = "-".join([f"table-{Path(name).stem}", *(["asked"] if weeks else []), *map(str, weeks)])
    how = DriveOptions(workers=options["threads"] or most_threads())
    with staged({name: f"{name}, draws from the prior"}) as tell:
        sweep = make_reference(name, options["points"], folder / table, how, telling(tell, name), weeks)
    return read_reference(sweep, name)


def _fit_and_write(tables: dict[str, Reference], folder: Path, options: dict[str, Any], answers: Answers | None) -> int:
    from sim.analysis.calibration.calibrated import calibrated
    from sim.analysis.calibration.record import draws_to_run, fit_record, write_draws
    from sim.analysis.calibration.report import calibration_page
    from sim.core.posterior import write_draws as write_draws_to_run
    from sim.results.folder import write_json

    found = calibrated(tables, answers, options["datasets"], say)
    record, main = fit_record(found, options["points"]), found.main
    write_json(folder / "fit.json", record)
    write_draws(folder / "posterior.parquet", found.tables, main.posterior)
    write_draws_to_run(folder / "posterior.npz", draws_to_run(found.tables, main.posterior, record["made_with"]))
    _write_inference_data(folder / "posterior.nc", found)
    (folder / "report.html").write_text(calibration_page(found, record["made_with"]), encoding="utf-8")
    moved = ", ".join(row.name.partition(".")[2] for row in main.moved()[:5]) or "none"
    n = sum(row.target.role == "calibrate" for row in main.predicted)
    if found.survey is not None:
        print("\n".join(filter(None, (found.survey.answers.sentence(), found.survey.sentence()))))
    if n:
        print(f"{main.agreed()} of {n} fitted targets agree with at least half of the posterior runs.")
    print(f"{len(main.moved())} of {len(main.learnt)} parameters moved by the evidence: {moved}.")
    print(f"Effective runs: {main.posterior.effective:,.0f} of {len(main.posterior.weights):,}.")
    if main.posterior.effective < FEW:
        print(f"These are few: give more points than {options['points']:,}.")
    print(f"Report:  {(folder / 'report.html').as_posix()}")
    print(f"Run:     partnersim run posterior={(folder / 'posterior.npz').as_posix()}")
    print(f"Again:   partnersim calibrate {shlex.join(f'{k}={v}' for k, v in options.items() if v is not None)}")
    return ExitStatus.DONE


def _write_inference_data(path: Path, found: Calibrated) -> None:
    """Write the posterior for ArviZ too; without ArviZ everything else is there all the same."""
    from sim.analysis.calibration.inference_data import write_inference_data

    try:
        write_inference_data(path, found.tables, found.targets, found.posterior)
    except UserError as error:
        say(f"no {path.name}: {error}")
