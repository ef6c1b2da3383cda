"""What is compared: scenarios, cases, folders of runs, each read from one word."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.config.arguments import plain_value
from sim.config.folders import ConfFolders, find_conf_folders
from sim.config.resolve import make_scenario, nested, short_name
from sim.config.settings import nearest, problems_of
from sim.core.errors import UserError

if TYPE_CHECKING:
    from sim.core.scenario import Scenario

KINDS = ("scenario", "case", "folder")
RUN_ONLY = ("seed", "replicates", "threads", "output", "case", "scenario", "posterior")
CHANGE = re.compile(r"\+(?![\d.])")
"""A plus before a change; in ``1e+3`` it is none."""


@dataclass(frozen=True)
class ComparedPlan:
    """One of the things that are compared.

    Attributes
    ----------
    label : str
        What it is called in sentences and pictures.
    word : str
        The word it was asked for with.
    kind : {'scenario', 'case', 'folder'}
        What that word names.
    scenario : Scenario or None
        What is run.
    folder : Path or None
        Folder of a run whose results are read instead.
    """

    label: str
    word: str
    kind: str
    scenario: Scenario | None = None
    folder: Path | None = None


@dataclass(frozen=True)
class Base:
    """What all plans share.

    Attributes
    ----------
    case, scenario : str
        The case of a scenario that is named, and the scenario of a case that is named.
    settings : mapping of str to object
        Dotted names and values applied to every plan.
    posterior : str
        Where draws come from.
    """

    case: str
    scenario: str
    settings: Mapping[str, object]
    posterior: str


def read_plans(words: Sequence[str], base: Base) -> list[ComparedPlan]:
    """Return what is compared.

    Parameters
    ----------
    words : sequence of str
        Names such as ``baseline``, ``chrp``, ``results/run/mine``, ``my_plan.yaml``, ``scenario:NAME``, or one of them
        with changes: ``baseline+enabling.leadership=0.8``.
    base : Base
        What they share.

    Raises
    ------
    UserError
        With one line for every mistake.
    """
    folders = find_conf_folders()
    plans: list[ComparedPlan] = []
    problems: list[str] = []
    for word in words:
        try:
            plans.append(_read(word, base, folders))
        except UserError as error:
            problems += error.problems
    if not problems and len(plans) < 2:
        problems.append("compare needs two plans or more, such as: partnersim compare baseline funding_cut")
    twice = {word for word in words if list(words).count(word) > 1}
    problems += [f"'{word}' is named twice; a plan is not compared with itself" for word in sorted(twice)]
    if problems:
        raise UserError(dict.fromkeys(problems))
    labels = [plan.label for plan in plans]
    # Short labels of two plans may be the same; then the words they were asked for with tell them apart.
    return [replace(plan, label=plan.word) if labels.count(plan.label) > 1 else plan for plan in plans]


def is_folder(word: str) -> bool:
    """Tell whether a word names a folder; one that is too long for a name does not."""
    try:
        return Path(word).is_dir()
    except OSError:
        return False


def _read(word: str, base: Base, folders: ConfFolders) -> ComparedPlan:
    head, *changes = (word,) if is_folder(word) else CHANGE.split(word)
    kind, name = _kind(head, folders)
    changed = _changes(changes)
    if kind == "folder":
        if changed:
            raise UserError(f"{word}: results that are there already cannot be changed; name a scenario instead")
        return ComparedPlan(_told(Path(name).name), word, kind, folder=Path(name))
    case, scenario = (name, base.scenario) if kind == "case" else (base.case, name)
    settings = {"posterior": base.posterior} | nested({**base.settings, **changed})
    built = make_scenario(case, scenario, settings, folders)
    shown = short_name(name).upper() if kind == "case" else _told(short_name(name))
    return ComparedPlan(_label(shown, [_change_told(*change) for change in changed.items()]), word, kind, built)


def _label(line: str, changes: Sequence[str]) -> str:
    """Return what a plan is called.

    >>> _label("baseline", ["leadership 0.8"]), _label("funding cut", ["leadership 0.8", "without adaptation"])
    ('leadership 0.8', 'funding cut with leadership 0.8 and without adaptation')
    """
    if not changes:
        return line
    more = " and ".join(changes)
    return more if line == "baseline" else f"{line} with {more}"


def _told(name: str) -> str:
    return name.replace("_", " ")


def _change_told(name: str, value: object) -> str:
    """Return a change in words.

    >>> _change_told("enabling.leadership", 0.8), _change_told("rules.adaptation", False)
    ('leadership 0.8', 'without adaptation')
    >>> _change_told("posts.coordinators.to_week", 78), _change_told("posts.coordinators", None)
    ('coordinators to week 78', 'without post coordinators')
    """
    tree, _, rest = name.partition(".")
    if tree == "posts":
        post, _, field = rest.partition(".")
        if field:
            return f"{_told(post)} {_told(field)} {value}"
        return f"without post {_told(post)}" if value is None else f"post {_told(post)}"
    last = _told(name.rpartition(".")[2])
    return f"without {last}" if value is False else f"{last} {value}"


def _kind(head: str, folders: ConfFolders) -> tuple[str, str]:
    """Return what a word names; a word that names two things is sent back."""
    kind, colon, name = head.partition(":")
    there: dict[str, Callable[[str], bool]] = {
        "scenario": lambda text: text.endswith((".yaml", ".yml")) or text in folders.names("scenario"),
        "case": lambda text: text in folders.names("case"),
        "folder": is_folder,
    }
    if colon and kind in KINDS:
        if there[kind](name):
            return kind, name
        raise UserError(_unknown(name, (kind,), folders))
    found = [one for one in KINDS if there[one](head)]
    if len(found) > 1:
        kinds = " and ".join(f"a {one}" for one in found)
        raise UserError(f"'{head}' is {kinds}; say {' or '.join(f'{one}:{head}' for one in found)}")
    if not found:
        raise UserError(_unknown(head, KINDS, folders))
    return found[0], head


def _unknown(name: str, kinds: Sequence[str], folders: ConfFolders) -> str:
    known = [one for kind in kinds if kind != "folder" for one in folders.names(kind)]
    close = nearest(name, known)
    hint = f"; did you mean '{close}'?" if close else "; 'partnersim list' shows cases and scenarios"
    return f"no {', '.join(kinds[:-1]) + ' or ' if len(kinds) > 1 else ''}{kinds[-1]} called '{name}'{hint}"


def _changes(texts: Sequence[str]) -> dict[str, Any]:
    """Return the changes of a plan, checked at the same gate as everything else."""
    changed: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise UserError(f"a change of a plan is NAME=VALUE, such as baseline+enabling.leadership=0.8; got '{text}'")
        if name in RUN_ONLY:
            raise UserError(f"{name} is not part of a plan; give it to all, as {name}=VALUE")
        if name in changed:
            raise UserError(f"{name} is given twice in one plan; give it once")
        changed[name] = plain_value(value)
    if problems := problems_of(changed):
        raise UserError(problems)
    return changed
