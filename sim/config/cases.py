"""Case and scenario files: found, read, checked, combined.

A case is data with an origin for each number, a scenario a small set of changes to it. Later layers win: the
tables' defaults, the case, the scenario, the user's own settings. The targets of a case are never read here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.config.build import build_scenario
from sim.config.files import CaseError, find_file, known_sources, label, new_case, read_mapping
from sim.config.folders import find_conf_folders, names_of
from sim.config.schema import case_problems, scenario_problems

__all__ = [
    "CaseError",
    "build_scenario",
    "load_case",
    "load_scenario",
    "merge",
    "names_of",
    "new_case",
]


def _folders(folders: Sequence[Path] | None) -> Sequence[Path]:
    return find_conf_folders().all if folders is None else folders


def load_case(name: str | Path, folders: Sequence[Path] | None = None) -> dict[str, Any]:
    """Read a case file and check it.

    Parameters
    ----------
    name : str or Path
        Name of a case, or a path that ends in ``.yaml``.
    folders : sequence of Path, optional
        ``conf`` folders, searched in order; the user's own and the project's when not given.

    Returns
    -------
    dict
        What the file holds, and ``name``.

    Raises
    ------
    CaseError
        With one line for every problem of the file.
    """
    folders = _folders(folders)
    path = find_file("case", name, folders)
    case = read_mapping(path)
    if problems := case_problems(case, label(path), known_sources(folders)):
        raise CaseError(problems)
    return {"name": path.stem, **case}


def load_scenario(name: str | Path, folders: Sequence[Path] | None = None) -> dict[str, Any]:
    """Read a scenario file, check it, and combine it with the scenarios that it includes; its own changes win.

    Parameters
    ----------
    name : str or Path
        Name of a scenario, or a path that ends in ``.yaml``.
    folders : sequence of Path, optional
        ``conf`` folders, searched in order; the user's own and the project's when not given.

    Returns
    -------
    dict
        The changes, and ``name`` and ``sentence``.

    Raises
    ------
    CaseError
        With one line for every problem of the files.
    """
    return _load_scenario(name, _folders(folders), ())


def _load_scenario(name: str | Path, folders: Sequence[Path], above: tuple[str, ...]) -> dict[str, Any]:
    path = find_file("scenario", name, folders)
    if path.stem in above:
        raise CaseError([f"{label(path)}: includes go round in a circle: {' > '.join((*above, path.stem))}"])
    own = read_mapping(path)
    problems = scenario_problems(own, label(path))
    base: dict[str, Any] = {}
    included = own.get("includes")
    for other in included if isinstance(included, list) else ():
        try:
            base = _combine(base, _load_scenario(str(other), folders, (*above, path.stem)))
        except CaseError as error:
            problems += error.problems
    if problems:
        raise CaseError(dict.fromkeys(problems))
    own.pop("includes", None)
    return {"name": path.stem, **_combine(base, own)}


def _combine(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Combine two scenarios; the second wins, and the result fits only the cases that both fit."""
    combined = merge({key: value for key, value in base.items() if key not in ("name", "sentence")}, over)
    if "cases" in base and "cases" in over:
        combined["cases"] = [name for name in base["cases"] if name in over["cases"]]
    return combined


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` changed by ``over``, mapping by mapping; what is null in ``over`` becomes null.

    >>> merge({"a": {"x": 1, "y": 2}}, {"a": {"y": None}, "b": 3})
    {'a': {'x': 1, 'y': None}, 'b': 3}
    """
    merged = dict(base)
    for key, value in over.items():
        before = merged.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = merge(before, value)
        else:
            merged[key] = value
    return merged
