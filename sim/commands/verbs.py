"""The table of verbs: one row here and one file beside it make a verb of ``partnersim``.

The help, the lists in error messages and the dispatch of ``sim.commands.cli`` are made from this table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import NamedTuple


class Verb(NamedTuple):
    """One verb of the command.

    Attributes
    ----------
    module, function : str
        Where it is defined: a file of ``sim.commands``, imported when the verb is used, and a function in it that takes
        the arguments after the verb and returns the exit status.
    summary : str
        Its line in the help.
    """

    module: str
    function: str
    summary: str

    def load(self) -> Callable[[Sequence[str]], int]:
        """Import the file of the verb and return its function."""
        function: Callable[[Sequence[str]], int] = getattr(import_module(f"sim.commands.{self.module}"), self.function)
        return function


VERBS = {
    "run": Verb("run", "run", "simulate one case under one scenario and write a new folder of results"),
    "sweep": Verb("sweep", "sweep", "run many design points, each with many replicates; can be stopped and resumed"),
    "resume": Verb("sweep", "resume", "resume a sweep:                 partnersim resume FOLDER"),
    "status": Verb("status", "status", "show the progress of a sweep:   partnersim status FOLDER"),
    "query": Verb(
        "query",
        "query",
        'query a sweep in SQL:           partnersim query FOLDER "select avg(benefit_last_year) from runs"',
    ),
    "calibrate": Verb(
        "calibrate",
        "calibrate",
        "fit the model to the targets of a case (case=pccp|chrp|both|yours answers=FILE), with a report",
    ),
    "compare": Verb(
        "compare",
        "compare",
        "which plan does better, on common seeds: partnersim compare baseline funding_cut case=chrp",
    ),
    "report": Verb("report", "report", "results of a folder as one page: partnersim report FOLDER"),
    "sensitivity": Verb(
        "sensitivity", "sensitivity", "what moves the outcomes of a case most (over=levers|uncertainties|all)"
    ),
    "portfolio": Verb(
        "portfolio", "portfolio", "which mix of enabling processes is best within a budget of staff hours (hours=30)"
    ),
    "lab": Verb("lab", "lab", "open the teaching page: two plans side by side (port=8765 browser=no)"),
    "lesson": Verb("lesson", "lesson", "write plans into one file for a class: partnersim lesson --out lesson.html"),
    "list": Verb("listing", "list_things", "list cases, scenarios, levers, parameters or metrics"),
    "explain": Verb(
        "explain", "explain_names", "say what a lever, parameter, metric, case, scenario, resource, role or shock is"
    ),
    "new-case": Verb("new_case", "new_case", "start a case of your own from an existing one"),
    "new-answers": Verb(
        "new_answers",
        "new_answers",
        "start a form for self-assessment answers of your partnership (--sample: a filled one)",
    ),
    "doctor": Verb("doctor", "doctor", "check the installation against known answers (--compile: fill the cache)"),
}
