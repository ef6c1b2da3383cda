"""The lesson file: plans and seeds baked into one page that opens from disk, without Python and without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sim.config.folders import ConfFolders
from sim.lab.answer import CURVES, fan_answer, run_answer, shock_answer
from sim.lab.lessons import SEED, lesson_form, lesson_plan, lessons
from sim.lab.page import assemble, catalogue
from sim.lab.plan import read_plan

TIES_EVERY, FAN_EVERY = 13, 26
"""Weeks between two looks at the ties, and stretches of the fan: coarser in a file than on the live page."""


@dataclass(frozen=True)
class Choice:
    """What is baked.

    Attributes
    ----------
    case : str
        Case of the presets.
    presets : tuple of str
        Names of scenarios.
    seeds : tuple of int
        Seeds of every plan; the fan is drawn with the first.
    lessons : tuple of str
        Lessons whose plans are baked as well.
    """

    case: str
    presets: tuple[str, ...]
    seeds: tuple[int, ...]
    lessons: tuple[str, ...] = tuple(lessons())

    def plans(self) -> list[dict[str, Any]]:
        """Return the plans without seeds: presets first, then what the lessons add."""
        plans: list[dict[str, Any]] = [
            {"case": self.case, "scenario": name, "settings": {}, "words": None} for name in self.presets
        ]
        for lesson in self.lessons:
            for name in lessons()[lesson]["plans"]:
                plan = lesson_plan(lesson, name)
                bare = {key: plan[key] for key in ("case", "scenario", "settings")}
                if not any(bare == {key: known[key] for key in bare} for known in plans):
                    plans.append(bare | {"words": f"lessons.{lesson}.plans.{name}"})
        return plans


def bake(choice: Choice, folders: ConfFolders, report: Callable[[int], None] = lambda done: None) -> str:
    """Return the page with everything that was chosen in it.

    Parameters
    ----------
    choice : Choice
        What is baked.
    folders : ConfFolders
        Where names of cases and scenarios are looked for.
    report : callable, optional
        Called with how many plans are done.

    Raises
    ------
    UserError
        With one line for every mistake in what was chosen.
    """
    asked = choice.plans()
    checked = [
        [
            read_plan(lesson_form(plan["case"], plan["scenario"], plan["settings"], seed), folders)
            for seed in choice.seeds
        ]
        for plan in asked
    ]
    baked = []
    for done, (plan, seeded) in enumerate(zip(asked, checked, strict=True), 1):
        runs = [run_answer(one, TIES_EVERY, CURVES) | {"recoveries": shock_answer(one)} for one in seeded]
        baked.append({"words": plan["words"], "runs": runs, "fan": fan_answer(seeded[0], FAN_EVERY)})
        report(done)
    known = catalogue(folders)
    known["lessons"] = {name: row for name, row in known["lessons"].items() if name in choice.lessons}
    return assemble({"mode": "baked", "catalogue": known, "baked": baked, "seeds": list(choice.seeds)})


PRESETS: Sequence[str] = ("baseline", "coordinator_leaves", "funding_cut", "no_facilitator", "meet_more_often")
SEEDS = (SEED, 2)
