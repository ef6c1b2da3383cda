"""From the words of a command line to a Scenario: checked first, composed by Hydra, checked again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.config.folders import ConfFolders, find_conf_folders
from sim.config.settings import FIELDS, FILE_CHOICES, RUN_SETTINGS, problems_of
from sim.config.words import CheckedWords, check_words
from sim.errors import UserError

if TYPE_CHECKING:
    from sim.core.scenario import Scenario

DEFAULTS = {"case": "pccp", "scenario": "baseline"}


@dataclass(frozen=True)
class Resolved:
    """Everything that one run needs, resolved and checked.

    Attributes
    ----------
    scenario : Scenario
        What is run.
    case, scenario_name : str
        Names as chosen.
    settings : dict
        The plain settings, nested as in ``conf/config.yaml``.
    seed, replicates : int
        Luck, and how many times.
    threads : int or None
        Threads to use; None means all.
    output : str or None
        Folder asked for.
    words : tuple of str
        The settings as typed, without ``output`` and ``threads``.
    folders : ConfFolders
        Where the YAML came from.
    """

    scenario: Scenario
    case: str
    scenario_name: str
    settings: dict[str, Any]
    seed: int
    replicates: int
    threads: int | None
    output: str | None
    words: tuple[str, ...]
    folders: ConfFolders

    def hash8(self) -> str:
        """Return eight letters that name the resolved settings, the seed and the number of replicates."""
        content = {
            "scenario": plain_scenario(self.scenario),
            "seed": self.seed,
            "replicates": self.replicates,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]


def resolve(
    words: Sequence[str],
    folders: ConfFolders | None = None,
    output_problem: Callable[[str], str | None] | None = None,
) -> Resolved:
    """Check the words, compose the settings and build the Scenario.

    Parameters
    ----------
    words : sequence of str
        Settings such as ``case=chrp`` or ``enabling.leadership=0.2``.
    folders : ConfFolders, optional
        Where the YAML lies; found when not given.
    output_problem : callable, optional
        Says what is wrong with a folder for results; given by a verb that writes one.

    Raises
    ------
    UserError
        With one line for every mistake found.
    """
    folders = folders or find_conf_folders()
    checked = check_words(words, folders)
    output = checked.values.get("output")
    if output_problem and output is not None and (problem := output_problem(str(output))):
        checked.problems.append(problem)
    choices = {kind: str(checked.values.get(kind) or DEFAULTS[kind]) for kind in FILE_CHOICES}
    if checked.problems:
        raise UserError([*checked.problems, *_further_problems(choices, checked, folders)])
    settings = compose(checked, folders)
    scenario = build_scenario(choices["case"], choices["scenario"], settings, folders)
    return Resolved(
        scenario=scenario,
        case=short_name(choices["case"]),
        scenario_name=short_name(choices["scenario"]),
        settings=settings,
        seed=int(settings["seed"]),
        replicates=int(settings["replicates"]),
        threads=settings["threads"],
        output=None if output is None else str(output),
        words=tuple(f"{k}={v}" for k, v in checked.texts.items() if k not in ("output", "threads")),
        folders=folders,
    )


def short_name(choice: str) -> str:
    """Return the name of a choice, also when it was given as a path.

    >>> short_name("towns/my_town.yaml")
    'my_town'
    """
    return choice.replace("\\", "/").rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml")


def _further_problems(choices: Mapping[str, str], checked: CheckedWords, folders: ConfFolders) -> list[str]:
    """Look for mistakes in the files and among the good settings, so that all are named together."""
    good = {
        key: value for key, value in checked.values.items() if key not in FILE_CHOICES and not problems_of({key: value})
    }
    try:
        build_scenario(choices["case"], choices["scenario"], nested(good), folders)
    except UserError as error:
        return [line for line in error.problems if not any(line in known for known in checked.problems)]
    except Exception:
        # The words are wrong already and are being told; what follows from them is not worth a second story.
        return []
    return []


def build_scenario(case: str, scenario: str | None, settings: Mapping[str, Any], folders: ConfFolders) -> Scenario:
    """Read the case and the scenario and build what is run.

    Parameters
    ----------
    case, scenario : str
        Names, or a path that ends in ``.yaml``; no scenario means the case alone.
    settings : mapping
        Nested settings; places that are None are left to the case.
    folders : ConfFolders
        Where the names are looked for.

    Raises
    ------
    UserError
        With one line for every problem of the files or of their combination.
    """
    from sim.config.cases import load_case, load_scenario, scenario_from

    problems: list[str] = []
    loaded: list[dict[str, Any]] = []
    for load, name in ((load_case, case), (load_scenario, scenario)):
        try:
            loaded.append({} if name is None else load(name, folders.all))
        except UserError as error:
            problems += error.problems
    if problems:
        raise UserError(problems)
    built = scenario_from(loaded[0], loaded[1], without_empty(settings))
    _refuse_old_draws(built.posterior)
    return built


def _refuse_old_draws(source: str) -> None:
    """Refuse a user's file of draws that were fitted to another version of the model."""
    from sim.config.version import made_by_this_model
    from sim.core.posterior import NONE, SHIPPED, read_draws
    from sim.core.sources import model_hash

    if source in (NONE, SHIPPED):
        return
    fitted = read_draws(source).made_with.get("model_hash")
    if not made_by_this_model(fitted):
        raise UserError(
            f"posterior: {source} was fitted to another version of the model ({fitted}, this is {model_hash()}); "
            "calibrate again, or give posterior=cases or posterior=none"
        )


def case_alone(resolved: Resolved) -> Scenario:
    """Return the case of a run without scenario and without the user's settings."""
    choice = dict(word.split("=", 1) for word in resolved.words).get("case", resolved.case)
    return build_scenario(choice, None, {"posterior": resolved.scenario.posterior}, resolved.folders)


def nested(values: Mapping[str, object]) -> dict[str, Any]:
    """Turn dotted names into nested mappings.

    >>> nested({"seed": 1, "turnover.cause": "benefit"})
    {'seed': 1, 'turnover': {'cause': 'benefit'}}
    """
    tree: dict[str, Any] = {}
    for name, value in values.items():
        *front, last = name.split(".")
        place = tree
        for part in front:
            place = place.setdefault(part, {})
        place[last] = value
    return tree


def without_empty(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings without places that are None, but for shocks and schedules: there None removes.

    >>> without_empty({"seed": 1, "weeks": None, "turnover": {"cause": None}, "shocks": {"cut": None}})
    {'seed': 1, 'shocks': {'cut': None}}
    """
    kept: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            inner = dict(value) if name in FIELDS else without_empty(value)
            if inner:
                kept[name] = inner
        elif value is not None:
            kept[name] = value
    return kept


def compose(checked: CheckedWords, folders: ConfFolders) -> dict[str, Any]:
    """Compose the settings with Hydra and return them as plain nested values.

    Parameters
    ----------
    checked : CheckedWords
        Words without known mistakes.
    folders : ConfFolders
        The project's folder is Hydra's; the user's own is added to its search path.

    Raises
    ------
    UserError
        One line, should Hydra refuse what our own check let through.
    """
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    store_schema()
    with _one_line((HydraException, OmegaConfBaseException)):
        with (
            _no_other_hydra(),
            initialize_config_dir(version_base="1.3", config_dir=str(folders.project.resolve())),
        ):
            composed = hydra_compose("config", overrides=_overrides(checked, folders))
        plain = OmegaConf.to_container(composed, resolve=True)
    if not isinstance(plain, dict):
        raise UserError("conf/config.yaml must hold a mapping")
    settings = {str(key): value for key, value in plain.items() if key not in FILE_CHOICES}
    problems = problems_of(dotted(settings))
    if problems:
        raise UserError(problems)
    return settings


@contextmanager
def _no_other_hydra() -> Iterator[None]:
    """Set aside a Hydra that is at work already, as in a script with ``@hydra.main``."""
    from hydra.core.global_hydra import GlobalHydra

    outer = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        yield
    finally:
        GlobalHydra.instance().hydra = outer


def _overrides(checked: CheckedWords, folders: ConfFolders) -> list[str]:
    """Write the checked words in the form that Hydra takes: choices bare, values forced into the tree."""
    overrides = [] if folders.user is None else [f"hydra.searchpath=['file://{_quoted(str(folders.user))}']"]
    for name, text in checked.texts.items():
        value = checked.values[name]
        if name in FILE_CHOICES:
            if not str(value).endswith((".yaml", ".yml")):
                overrides.append(f"{name}={value}")
        elif isinstance(value, str):
            overrides.append(f"++{name}='{_quoted(value)}'")
        else:
            overrides.append(f"++{name}={text}")
    return overrides


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def dotted(settings: Mapping[str, Any], front: str = "") -> dict[str, Any]:
    """Turn nested settings into dotted names; whole shocks and schedule entries stay whole."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        full = f"{front}{name}"
        if isinstance(value, Mapping) and not front.startswith(tuple(f"{tree}." for tree in FIELDS)):
            flat.update(dotted(value, f"{full}."))
        else:
            flat[full] = value
    return flat


@contextmanager
def _one_line(errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """Tell a refusal of Hydra in one line."""
    try:
        yield
    except errors as error:
        first = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise UserError(f"the settings cannot be combined: {first.strip()}") from error


def store_schema(more: Mapping[str, object] | None = None) -> None:
    """Register the names and kinds of all settings with Hydra, made from the tables.

    Parameters
    ----------
    more : mapping of str to object, optional
        Names and defaults beyond those of a run.
    """
    from hydra.core.config_store import ConfigStore

    from sim.core.parameters import CHOICES, numeric_range, setting_names

    tree: dict[str, Any] = dict.fromkeys(FILE_CHOICES, (Any, None))
    for name, setting in RUN_SETTINGS.items():
        _plant(tree, name, (int | None if setting.kind == "whole number" else str | None, setting.default))
    for name in setting_names():
        kind = str | None if name in CHOICES else float | None if numeric_range(name) else bool | None
        _plant(tree, name, (kind, None))
    for name in FIELDS:
        tree[name] = (dict[str, Any], dataclasses.field(default_factory=dict))
    tree |= {name: (Any, default) for name, default in (more or {}).items()}
    ConfigStore.instance().store(name="settings_schema", node=_schema("Settings", tree))


def _plant(tree: dict[str, Any], name: str, leaf: tuple[Any, Any]) -> None:
    *front, last = name.split(".")
    for part in front:
        tree = tree.setdefault(part, {})
    tree[last] = leaf


def _schema(name: str, tree: Mapping[str, Any]) -> type:
    """Make the dataclass that describes one level of the settings."""
    fields: list[tuple[str, Any, Any]] = []
    for key, value in tree.items():
        if isinstance(value, dict):
            inner = _schema(key.title(), value)
            fields.append((key, inner, dataclasses.field(default_factory=inner)))
        else:
            fields.append((key, *value))
    return dataclasses.make_dataclass(name, fields)


def plain_scenario(scenario: Scenario) -> dict[str, Any]:
    """Return a Scenario as plain JSON values, sets sorted, enumerations as their words."""
    from sim.core.vocabulary import Role, Theme, words

    content = _plain(dataclasses.asdict(scenario))
    assert isinstance(content, dict)
    for shock in content["shocks"]:
        shock["role"] = words(Role)[shock["role"]] if shock["role"] >= 0 else "any"
        shock["theme"] = words(Theme)[shock["theme"]] if shock["theme"] >= 0 else "none"
    return content


def full_settings(scenario: Scenario) -> dict[str, Any]:
    """Return a Scenario as plain JSON values, with every parameter, lever and trait spelt out."""
    from sim.core.parameters import LEVERS, PARAMETERS
    from sim.core.traits import TRAITS

    content = plain_scenario(scenario)
    content["parameters"] = {name: row.default for name, row in PARAMETERS.items()} | content["parameters"]
    content["enabling"] = {name: row.default for name, row in LEVERS.items()} | content["enabling"]
    traits = {f"{kind}.{trait}": value for kind, row in TRAITS.items() for trait, value in row.items()}
    content["traits"] = traits | content["traits"]
    return content


def _plain(value: object) -> Any:
    from enum import Enum

    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
