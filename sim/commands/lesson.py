"""``partnersim lesson --out FILE.html``: chosen presets and seeds in one file for the classroom."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands.exit_status import ExitStatus
from sim.commands.study import announced_folders, say_when_compiling
from sim.config.arguments import read_options
from sim.config.settings import MAX_SEED, Setting, by_name, nearest
from sim.core.errors import UserError
from sim.progress import Progress

if TYPE_CHECKING:
    from sim.lab.lesson import Choice

OPTIONS = by_name(
    Setting("out", "text", "The file to write; it must not exist yet."),
    Setting("case", "text", "Case of the presets.", "pccp"),
    Setting("presets", "text", "Scenarios, with commas between them."),
    Setting("seeds", "text", "Seeds, with commas between them."),
    Setting("lessons", "text", "Lesson plans, with commas between them; none for no exercises."),
)
MOST_RUNS = 200


def lesson(words: Sequence[str]) -> int:
    """Bake a lesson file.

    Parameters
    ----------
    words : sequence of str
        ``--out FILE.html``, and ``case=``, ``presets=``, ``seeds=``, ``lessons=`` as wished.
    """
    options = read_options("lesson", OPTIONS, _joined(words))
    target = _target(options["out"])
    choice = _choice(options)
    folders = announced_folders()
    from sim.lab.lesson import bake

    say_when_compiling("a minute")
    plans = choice.plans()
    progress = Progress(len(plans), "plans")
    try:
        page = bake(choice, folders, progress.update)
    finally:
        progress.close()
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(page)
    except OSError as error:
        raise UserError(f"'{target}' cannot be written ({error.strerror or error})") from error
    size = target.stat().st_size / 1e6
    print(f"plans: {len(plans)}; seeds of each: {len(choice.seeds)}; one file of {size:.1f} MB: {target.as_posix()}")
    print("It opens in a browser, without Python and without a network.")
    return ExitStatus.DONE


def _joined(words: Sequence[str]) -> list[str]:
    """Read ``--out FILE`` and ``--out=FILE`` like ``out=FILE``."""
    joined: list[str] = []
    for word in words:
        if joined and joined[-1] == "out=":
            joined[-1] += word
        else:
            joined.append("out=" if word == "--out" else word.removeprefix("--") if word.startswith("--out=") else word)
    return joined


def _target(name: object) -> Path:
    if not name:
        raise UserError("lesson needs a file to write: partnersim lesson --out lesson.html")
    target = Path(str(name))
    if target.suffix not in (".html", ".htm"):
        raise UserError(f"out must end in .html; got '{name}'")
    if target.exists():
        raise UserError(f"'{name}' exists already; give another name")
    if not target.parent.is_dir():
        raise UserError(f"there is no folder '{target.parent}'")
    return target


def _choice(options: dict[str, object]) -> Choice:
    from sim.lab.lesson import PRESETS, SEEDS, Choice
    from sim.lab.lessons import lessons

    presets = _listed(options["presets"]) or list(PRESETS)
    named = options["lessons"]
    chosen = list(lessons()) if named is None else [] if named == "none" else _listed(named)
    problems = []
    for name in chosen:
        if name not in lessons():
            close = nearest(name, list(lessons()))
            hint = f"; did you mean '{close}'?" if close else f"; there are {', '.join(lessons())}"
            problems.append(f"no lesson called '{name}'{hint}")
    seeds = _listed(options["seeds"]) or [str(seed) for seed in SEEDS]
    wrong = [seed for seed in seeds if not (seed.isascii() and seed.isdigit() and int(seed) <= MAX_SEED)]
    problems += [f"seeds must be whole numbers from 0 to {MAX_SEED}; got '{seed}'" for seed in wrong]
    if len(presets) * len(seeds) > MOST_RUNS:
        problems.append(f"presets times seeds must be at most {MOST_RUNS} runs; got {len(presets) * len(seeds)}")
    if problems:
        raise UserError(problems)
    chosen_seeds = tuple(dict.fromkeys(int(seed) for seed in seeds))
    return Choice(str(options["case"]), tuple(dict.fromkeys(presets)), chosen_seeds, tuple(dict.fromkeys(chosen)))


def _listed(value: object) -> list[str]:
    return [word.strip() for word in str(value).split(",") if word.strip()] if value is not None else []
