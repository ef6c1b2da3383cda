"""The settings of an experiment: its small file in conf/experiment, and what a person writes over it.

    python -m experiments.questions.enabling_levels draws=20 cases=[pccp]

Without words the shipped page, figure and numbers are made anew; with words they go to results/questions.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from experiments.pages import rounded
from sim.config.folders import find_conf_folders
from sim.core.parameters import nearest
from sim.core.sources import model_hash
from sim.errors import ExitStatus, UserError

ROOT = Path(__file__).parents[1]

Settings = dict[str, Any]
Found = Mapping[str, Any]


def file_of(name: str) -> Path:
    """Return the file with the settings of an experiment."""
    return find_conf_folders().project / "experiment" / f"{name}.yaml"


def settings_of(name: str, words: Sequence[str] = ()) -> Settings:
    """Return the settings of an experiment.

    Parameters
    ----------
    name : str
        Of the experiment and its file.
    words : sequence of str
        What replaces settings of the file, such as ``draws=20``.

    Raises
    ------
    UserError
        With one line for every mistake.
    """
    path = file_of(name)
    usual = OmegaConf.to_container(OmegaConf.load(path))
    keys = [word.partition("=")[0] for word in words]
    unknown = [key for key in keys if key not in usual]
    if unknown:
        known = ", ".join(usual)
        raise UserError([f"no setting '{key}' of {name}; there are {known}{nearest(key, usual)}" for key in unknown])
    try:
        with initialize_config_dir(version_base="1.3", config_dir=str(path.parent.resolve())):
            settings = OmegaConf.to_container(compose(name, overrides=list(words)), resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        raise UserError(f"the settings cannot be read: {str(error).splitlines()[0]}") from error
    problems = [line for key, value in settings.items() if (line := _problem(key, value, usual[key]))]
    if problems:
        raise UserError(problems)
    return settings


def _problem(key: str, value: Any, usual: Any) -> str | None:
    """Return what is wrong with a value, judged by the usual one; the model's own checks come later."""
    if isinstance(usual, list):
        good = isinstance(value, list) and len(value) > 0 and all(_alike(one, usual[0]) for one in value)
        return None if good else f"{key} must be a list such as [{','.join(map(str, usual))}]; got {value}"
    if isinstance(usual, int):
        good = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        return None if good else f"{key} must be a whole number of at least 1; got {value}"
    return None if _alike(value, usual) else f"{key} must be like {usual}; got {value}"


def _alike(value: Any, usual: Any) -> bool:
    kind = str if isinstance(usual, str) else (int, float)
    return isinstance(value, kind) and not isinstance(value, bool)


def command(
    name: str,
    measured: Callable[[Settings], Settings],
    page: Callable[[Found], str],
    draw: Callable[[Found, Path], None] | None,
) -> int:
    """Measure, keep the numbers, draw the figure and write the page; return the exit status.

    Parameters
    ----------
    name : str
        Of the experiment.
    measured : callable
        Settings to plain data.
    page : callable
        Plain data to Markdown.
    draw : callable or None
        Plain data to a picture in a file.
    """
    words = sys.argv[1:]
    if words in (["--help"], ["-h"]):
        print(file_of(name).read_text(encoding="utf-8"), end="")
        return ExitStatus.DONE
    try:
        settings = settings_of(name, words)
        found = {"made_with": {"model_hash": model_hash(), **settings}, **measured(settings)}
    except UserError as error:
        for line in error.problems:
            print(f"{name}: {line}", file=sys.stderr)
        return ExitStatus.USER_MISTAKE
    found = rounded(found)
    own = ROOT / "results" / "questions" / name
    numbers, told = (own, own) if words else (ROOT / "experiments" / "kept", ROOT / "docs" / "results")
    told.mkdir(parents=True, exist_ok=True)
    (numbers / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
    if draw:
        draw(found, told / f"{name}.png")
    (told / f"{name}.md").write_text(page(found), encoding="utf-8")
    print(f"wrote {(told / name).relative_to(ROOT)}.md")
    return ExitStatus.DONE
