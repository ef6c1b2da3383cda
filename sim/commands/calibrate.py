"""``partnersim calibrate``: reference tables, posteriors, checks, and a report."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.commands.exit_status import ExitStatus
from sim.config.arguments import read_options
from sim.config.settings import Setting, by_name
from sim.core.errors import UserError
from sim.progress import Progress, say

if TYPE_CHECKING:
    from sim.analysis.calibration.answers import Answers
    from sim.analysis.calibration.reference import Reference
    from sim.sweeps.conduct import Progressed

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
    from sim.core import engine
    from sim.sweeps.conduct import DriveOptions

    if not engine.is_compiled():
        say("compiling the model once (about 30 s) ...")
    say(f"{name}: {options['points']:,} runs at draws from the prior ...")
    progress: Progress | None = None

    def tell(state: Progressed) -> None:
        nonlocal progress
        progress = progress or Progress(state.runs, "runs", log_seconds=30.0)
        progress.update(state.done, state.failed)

    table = "-".join([f"table-{Path(name).stem}", *(["asked"] if weeks else []), *map(str, weeks)])
    how = DriveOptions(workers=options["threads"] or engine.most_threads())
    try:
        sweep = make_reference(name, options["points"], folder / table, how, tell, weeks)
    finally:
        if progress is not None:
            progress.close()
    return read_reference(sweep, name)


def _fit_and_write(tables: dict[str, Reference], folder: Path, options: dict[str, Any], answers: Answers | None) -> int:
    from sim.analysis.calibration.answer_report import answers_section
    from sim.analysis.calibration.checks import simulation_based_calibration
    from sim.analysis.calibration.fit import fit, leave_one_out, sensitivity, transfer
    from sim.analysis.calibration.own import orders_left_out, varied_answers, with_answers
    from sim.analysis.calibration.patterns import hard_checks
    from sim.analysis.calibration.posterior import fitted
    from sim.analysis.calibration.record import draws_to_run, fit_record, write_draws
    from sim.analysis.calibration.report import calibration_page
    from sim.analysis.calibration.target_check import refuse_unreachable
    from sim.analysis.calibration.targets import targets_of
    from sim.core.posterior import write_draws as write_draws_to_run
    from sim.results.folder import write_json

    targets = {name: targets_of(table.case) for name, table in tables.items()}
    refuse_unreachable(tables, targets)
    for line in orders_left_out(targets):
        say(line)
    own, survey = next(iter(tables)), None
    if answers is not None:
        say("comparing the answers with those of the runs ...")
        tables[own], survey = with_answers(tables[own], targets[own], answers)
    fits = [fit({name: table}, targets) for name, table in tables.items()]
    if len(tables) > 1:
        say("both cases together ...")
        fits.append(fit(tables, targets))
    transfers = {}
    for known, asked in ((a, b) for a in tables for b in tables if a != b):
        transfers[f"{known} fitted, {asked} predicted"] = transfer(tables, targets, known, asked)
    left_out = leave_one_out(tables, targets)
    varied = sensitivity(tables, targets, fits[-1]) if len(tables) > 1 else []
    hard = hard_checks(tables, targets, fits[-1].posterior)
    if survey is not None:
        varied = varied_answers(own, tables[own], targets[own], survey, fits[-1])
    checked = {}
    for name, table in tables.items() if options["datasets"] else ():
        say(f"checking the method on {options['datasets']} pseudo-datasets of {name} ...")
        plain = [target for target in fitted(targets[name]) if target.type != "order"]
        compared = survey.compared if survey and name == own else None
        checked[name] = simulation_based_calibration(table, plain, options["datasets"], compared=compared)
    record = fit_record(fits, checked, targets, options, transfers, left_out, varied, hard)
    section = ""
    if survey is not None:
        record["answers"] = {**survey.answers.in_plain(), "errors_widened": survey.widened}
        section = answers_section(survey, fits[-1].posterior)
    write_json(folder / "fit.json", record)
    write_draws(folder / "posterior.parquet", tables, fits[-1].posterior)
    write_draws_to_run(folder / "posterior.npz", draws_to_run(tables, fits[-1].posterior, record["made_with"]))
    _write_inference_data(folder / "posterior.nc", tables, targets, fits[-1].posterior)
    (folder / "report.html").write_text(
        calibration_page(fits, checked, record["made_with"], transfers, left_out, varied, hard, section),
        encoding="utf-8",
    )
    main = fits[-1]
    moved = ", ".join(row.name.partition(".")[2] for row in main.moved()[:5]) or "none"
    n = sum(row.target.role == "calibrate" for row in main.predicted)
    if survey is not None:
        print("\n".join(filter(None, (survey.answers.sentence(), survey.sentence()))))
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


def _write_inference_data(path: Path, tables: Any, targets: Any, posterior: Any) -> None:
    """Write the posterior for ArviZ too; without ArviZ everything else is there all the same."""
    from sim.analysis.calibration.inference_data import write_inference_data

    try:
        write_inference_data(path, tables, targets, posterior)
    except UserError as error:
        say(f"no {path.name}: {error}")
