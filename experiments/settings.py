"""What every experiment shares: settings from a small file in conf/experiment, changed by arguments, and one command.

    python -m experiments.questions.enabling_levels draws=20 cases=[pccp]

Without arguments the shipped page, figure and numbers are written; with arguments they go to results/questions.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from experiments.pages import as_page, marked, rounded
from sim.commands.exit_status import ExitStatus
from sim.config.folders import find_conf_folders
from sim.core.errors import UserError
from sim.core.gate import did_you_mean
from sim.core.sources import model_hash

ROOT = Path(__file__).parents[1]

Settings = dict[str, Any]
Found = Mapping[str, Any]


def file_of(name: str) -> Path:
    """Return the file with the settings of an experiment."""
    return find_conf_folders().project / "experiment" / f"{name}.yaml"


def settings_of(name: str, arguments: Sequence[str] = ()) -> Settings:
    """Return the settings of an experiment.

    Parameters
    ----------
    name : str
        Of the experiment and its file.
    arguments : sequence of str
        What replaces settings of the file, such as ``draws=20``.

    Raises
    ------
    UserError
        With one line for every mistake.
    """
    path = file_of(name)
    usual = OmegaConf.to_container(OmegaConf.load(path))
    keys = [word.partition("=")[0] for word in arguments]
    unknown = [key for key in keys if key not in usual]
    if unknown:
        known = ", ".join(usual)
        raise UserError(
            [f"no setting '{key}' of {name}; there are {known}{did_you_mean(key, usual)}" for key in unknown]
        )
    try:
        with initialize_config_dir(version_base="1.3", config_dir=str(path.parent.resolve())):
            settings = OmegaConf.to_container(compose(name, overrides=list(arguments)), resolve=True)
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


def that_matters(settings: Settings) -> Settings:
    """Return the settings that results depend on: all but where runs are kept and how many threads work."""
    return {name: value for name, value in settings.items() if name not in ("threads", "folder")}


@dataclass(frozen=True)
class Study:
    """An experiment: its settings are in ``conf/experiment/NAME.yaml``, and it has a page and numbers of its own.

    Attributes
    ----------
    name : str
        Of the experiment and its files.
    measured : callable
        Settings to plain data; what it returns under ``made_with`` is added to the settings that are kept.
    page : callable
        Plain data to the headings, paragraphs and tables of a page.
    draw : callable or None
        Plain data to a picture in a file.
    """

    name: str
    measured: Callable[[Settings], Settings]
    page: Callable[[Found], Sequence[str]]
    draw: Callable[[Found, Path], None] | None = None

    @property
    def kept(self) -> Path:
        """File of the numbers that the shipped page is written from."""
        return ROOT / "experiments" / "kept" / f"{self.name}.json"

    @property
    def page_file(self) -> Path:
        """File of the shipped page; its picture stands beside it."""
        return ROOT / "docs" / "results" / f"{self.name}.md"

    def found(self, arguments: Sequence[str] = ()) -> Settings:
        """Run the experiment and return its numbers as plain data, rounded."""
        settings = settings_of(self.name, arguments)
        measured = self.measured(settings)
        made = {"model_hash": model_hash(), **that_matters(settings), **measured.get("made_with", {})}
        return rounded({"made_with": made, **{name: value for name, value in measured.items() if name != "made_with"}})

    def text(self, found: Found) -> str:
        """Return the page in Markdown."""
        return as_page(marked(self.page(found), found["made_with"].get("model_hash", model_hash())))

    def main(self) -> int:
        """Run as a command: keep the numbers, draw the picture and write the page; return the exit status."""
        arguments = sys.argv[1:]
        if arguments in (["--help"], ["-h"]):
            print(file_of(self.name).read_text(encoding="utf-8"), end="")
            return ExitStatus.DONE
        try:
            found = self.found(arguments)
        except UserError as error:
            for line in error.problems:
                print(f"{self.name}: {line}", file=sys.stderr)
            return ExitStatus.USER_MISTAKE
        own = ROOT / "results" / "questions" / self.name / f"{self.name}.md"
        changed = that_matters(settings_of(self.name, arguments)) != that_matters(settings_of(self.name))
        kept, page = (own.with_suffix(".json"), own) if changed else (self.kept, self.page_file)
        page.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        if self.draw:
            self.draw(found, page.with_suffix(".png"))
        page.write_text(self.text(found), encoding="utf-8")
        print(f"wrote {page.relative_to(ROOT)}")
        return ExitStatus.DONE
