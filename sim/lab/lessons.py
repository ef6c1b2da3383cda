"""The lessons: plans to compare and claims about them (``tests/helpers/claims.py`` counts each in the engine)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from sim.core.posterior import NONE

PAIRS = 100
SEED = 1


@cache
def lessons() -> dict[str, dict[str, Any]]:
    """Return the lessons: minutes, case, plans, cards and claims of each."""
    content = yaml.safe_load((files("sim.lab") / "lessons.yaml").read_text(encoding="utf-8"))
    return {str(name): dict(row) for name, row in content.items()}


def lesson_plan(lesson: str, name: str) -> dict[str, Any]:
    """Return a plan of a lesson in the form in which the page asks for plans."""
    row = lessons()[lesson]
    given = row["plans"][name]
    return lesson_form(row["case"], given["scenario"], given.get("settings", {}), SEED)


def lesson_form(case: str, scenario: str, settings: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return a plan in the form in which the page asks for plans, with the tables' defaults.

    What lessons say must not depend on the posterior draw that a replicate takes.
    """
    plan = {"case": case, "scenario": scenario, "settings": settings, "seed": seed, "replicate": 0}
    return plan | {"posterior": NONE}
