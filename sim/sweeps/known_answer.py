"""Known answers: what case files, designs and a run give on every machine, as three hashes.

``partnersim doctor`` compares them with ``sim/data/known_answer.json``, which ``make derived`` writes. All three must
agree to the last bit: the model uses exponentials and powers of its own (``sim.core.elementary``), so not even the
runs depend on the processor.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.resources import files

from sim.config.folders import ConfFolders, project_folder

FILE = "known_answer.json"
CASES = ("pccp", "chrp")
SCENARIOS = ("baseline", "strong_start")
DESIGNS = (
    ("design=lhs", "design.points=64", "design.over=all"),
    ("design=population", "design.points=64", "design.over=all"),
)
"""Designs over all levers and uncertainties, some of them on a logarithmic scale."""

DIGITS = 16
"""Hexadecimal digits that are kept of each hash."""


def case_file_answer() -> str:
    """Return the hash of both cases under two scenarios: the built Scenario and the record that the rules read.

    The scenario is hashed as JSON, which writes each float so that it reads back to the same bits.
    """
    from sim.config.resolve import make_scenario
    from sim.core.inputs import settings_record
    from sim.core.posterior import NONE
    from sim.core.scenario_json import to_line

    folders = ConfFolders(project_folder())
    digest = hashlib.sha256()
    for case in CASES:
        for name in SCENARIOS:
            scenario = make_scenario(case, name, {"posterior": NONE}, folders)
            digest.update(to_line(scenario).encode() + settings_record(scenario).tobytes())
    return digest.hexdigest()[:DIGITS]


def design_answer() -> str:
    """Return the hash of the planned points of two sampled designs."""
    from sim.sweeps.planning import plan_sweep

    folders = ConfFolders(project_folder())
    hashes = [plan_sweep(arguments, folders).plan.content_hash() for arguments in DESIGNS]
    return hashlib.sha256(" ".join(hashes).encode()).hexdigest()[:DIGITS]


def run_answer() -> str:
    """Return the hash of the weekly metrics of short runs of both cases with random shocks."""
    import numpy as np

    from sim.config.resolve import make_scenario
    from sim.core.engine import run_many
    from sim.core.posterior import NONE

    settings = {"posterior": NONE, "weeks": 104, "parameters": {"random_shock_rate": 0.5}}
    digest = hashlib.sha256()
    for case in CASES:
        scenario = make_scenario(case, "baseline", settings, ConfFolders(project_folder()))
        weekly = run_many(scenario, 1, range(8)).weekly
        digest.update(np.where(np.isnan(weekly), np.nan, weekly).tobytes())  # one and the same NaN for all
    return digest.hexdigest()[:DIGITS]


ANSWERS: dict[str, tuple[Callable[[], str], str]] = {
    "case files": (case_file_answer, "scenarios built from a case file have other numbers here"),
    "designs": (design_answer, "sampled designs have other points here"),
    "a run": (run_answer, "runs have other results here"),
}
"""What is checked: the function that finds the hash, and what a difference means."""


def known_answers() -> dict[str, str]:
    """Return the three hashes as found on this machine."""
    return {name: find() for name, (find, _) in ANSWERS.items()}


def stored_answers() -> dict[str, str]:
    """Return the three hashes that are stored with the package; empty when there are none."""
    path = files("sim") / "data" / FILE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def check_answer(name: str) -> str:
    """Compare one of ``ANSWERS`` with what is stored, and return a line that says so.

    Raises
    ------
    RuntimeError
        When it differs, or nothing is stored.
    """
    find, consequence = ANSWERS[name]
    found, stored = find(), stored_answers().get(name)
    if stored is None:
        raise RuntimeError(f"{found} found, but no known answer is stored to compare it with")
    if found != stored:
        raise RuntimeError(f"{found} found, but {stored} expected: {consequence}")
    return f"{found}, as expected"
