"""From the arguments of a command line to a Scenario: composed over what Hydra reads, built, judged once."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sim.config.arguments import ParsedArguments, choice_problems, option_problems, parse_run_arguments
from sim.config.cases import build_scenario, load_case, load_scenario, merge
from sim.config.folders import ConfFolders, find_conf_folders
from sim.config.posts import plain_posts
from sim.config.schema import layer_problems, settings_problems
from sim.config.settings import FIELDS, FILE_CHOICES, RUN_SETTINGS, is_known, unknown_line
from sim.core.errors import UserError
from sim.core.posterior import NONE
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
        Seed of the random numbers, and how many times.
    threads : int or None
        Threads to use; None means all.
    output : str or None
        Folder as given.
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
    arguments: Sequence[str],
    folders: ConfFolders | None = None,
    output_problem: Callable[[str], str | None] | None = None,
) -> Resolved:
    """Take the arguments of a run apart, compose the settings and build the Scenario.

    Parameters
    ----------
    arguments : sequence of str
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
    return resolve_parsed(parse_run_arguments(arguments, folders), folders, output_problem)


def resolve_parsed(
    parsed: ParsedArguments, folders: ConfFolders, output_problem: Callable[[str], str | None] | None = None
) -> Resolved:
    """Compose the settings with Hydra, lay typed values over them and build the Scenario; as ``resolve``.

    Parameters
    ----------
    parsed : ParsedArguments
        Typed values of a command line.
    folders : ConfFolders
        Where the YAML lies.
    output_problem : callable, optional
        Says what is wrong with a folder for results.

    Raises
    ------
    UserError
        With one line for every mistake found.
    """
    choices = {kind: parsed.values.get(kind, DEFAULTS[kind]) or "" for kind in FILE_CHOICES}
    settings, problems = _settings(parsed, folders)
    output = settings.get("output")
    if output_problem and output is not None and (problem := output_problem(str(output))):
        problems.append(problem)
    scenario = make_scenario(choices["case"], choices["scenario"], settings, folders, problems)
    return Resolved(
        scenario=scenario,
        case=short_name(str(choices["case"])),
        scenario_name=short_name(str(choices["scenario"])),
        settings=settings,
        seed=int(settings["seed"]),
        replicates=int(settings["replicates"]),
        threads=settings["threads"],
        output=None if output is None else str(output),
        words=tuple(f"{k}={v}" for k, v in parsed.texts.items() if k not in ("output", "threads")),
        folders=folders,
    )


def _settings(parsed: ParsedArguments, folders: ConfFolders) -> tuple[dict[str, Any], list[str]]:
    """Return the composed settings with typed values over them, and what is wrong with those about the run itself.

    A value that is refused here is left out. What belongs to the case or the scenario is judged where it is built.
    Words that are refused whatever Hydra would compose are judged without Hydra, and without the draws that ship.
    """
    if is_refused(parsed, folders):
        settings = {name: row.default for name, row in RUN_SETTINGS.items()} | {"posterior": NONE}
    else:
        settings = compose(folders)
    problems = list(parsed.problems)
    for name, value in parsed.values.items():
        if name in FILE_CHOICES:
            continue
        if is_known(name):
            settings = merge(settings, nested({name: value}))
        else:
            problems.append(unknown_line(name))
    given = {name: settings[name] for name in RUN_SETTINGS}
    for name, row in RUN_SETTINGS.items():
        if wrong := option_problems(RUN_SETTINGS, {name: given[name]}):
            problems += wrong
            settings[name] = row.default
        elif row.kind == "text" and given[name] is not None:
            settings[name] = str(given[name])
    return settings, problems


def is_refused(parsed: ParsedArguments, folders: ConfFolders) -> bool:
    """Tell whether the words alone hold a mistake: of form, in a name, or in a setting about the run itself.

    Parameters
    ----------
    parsed : ParsedArguments
        Typed values of a command line.
    folders : ConfFolders
        Where cases and scenarios are looked for.
    """
    values = parsed.values
    about_the_run = {name: value for name, value in values.items() if name in RUN_SETTINGS}
    return bool(
        parsed.problems
        or any(name not in FILE_CHOICES and not is_known(name) for name in values)
        or option_problems(RUN_SETTINGS, about_the_run)
        or any(choice_problems(kind, values[kind], folders) for kind in FILE_CHOICES if values.get(kind))
    )


def short_name(choice: str) -> str:
    """Return the name of a choice, also when it was given as a path.

    >>> short_name("towns/my_town.yaml")
    'my_town'
    """
    return choice.replace("\\", "/").rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml")


def make_scenario(
    case: object, scenario: object, settings: Mapping[str, Any], folders: ConfFolders, known: Sequence[str] = ()
) -> Scenario:
    """Read the case and the scenario and build what is run.

    Parameters
    ----------
    case, scenario : str
        Names, or a path that ends in ``.yaml``; no scenario (None) means the case alone.
    settings : mapping
        Nested settings; places that are None are left to the case.
    folders : ConfFolders
        Where the names are looked for.
    known : sequence of str
        Problems found before, to be reported together with those found here.

    Raises
    ------
    UserError
        With one line for every problem of the files or of their combination.
    """
    given = without_empty(settings)
    problems: list[str] = []
    built: Scenario | None = None
    loaded: list[dict[str, Any]] = []
    for load, name in ((load_case, case), (load_scenario, scenario)):
        try:
            loaded.append({} if name is None else load(str(name), folders.all))
        except UserError as error:
            problems += error.problems
    if problems:
        problems += [*layer_problems(given), *settings_problems(given)]
    else:
        try:
            built = build_scenario(loaded[0], loaded[1], given)
        except UserError as error:
            problems += error.problems
    if built is None or known:
        raise UserError(dict.fromkeys([*known, *problems]))
    _refuse_old_draws(built.posterior)
    return built


def _refuse_old_draws(source: str) -> None:
    """Refuse a user's file of draws that were fitted to another version of the model."""
    from sim.config.version import made_by_this_model
    from sim.core.posterior import SHIPPED, read_draws
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
    return make_scenario(choice, None, {"posterior": resolved.scenario.posterior}, resolved.folders)


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
    """Return the settings without places that are None, but where the user chooses names: there None removes.

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


def compose(folders: ConfFolders) -> dict[str, Any]:
    """Return the settings as ``conf/config.yaml`` and the tables have them, composed by Hydra, as plain nested values.

    Cases and scenarios are files of their own form and are read by ``sim.config.cases``.

    Parameters
    ----------
    folders : ConfFolders
        The project's folder is Hydra's.

    Raises
    ------
    UserError
        One line, should Hydra refuse the file.
    """
    path = folders.project.resolve() / "config.yaml"
    return deepcopy(_compose(path.parent, path.stat().st_mtime_ns))


@lru_cache(maxsize=8)
def _compose(folder: Path, stamp: int) -> dict[str, Any]:
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    store_schema()
    try:
        with _no_other_hydra(), initialize_config_dir(version_base="1.3", config_dir=str(folder)):
            composed = hydra_compose("config", overrides=[f"~{kind}" for kind in FILE_CHOICES])
        plain = OmegaConf.to_container(composed, resolve=True)
    except (HydraException, OmegaConfBaseException) as error:
        first = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        raise UserError(f"the settings cannot be combined: {first.strip()}") from error
    assert isinstance(plain, dict)
    return {str(key): value for key, value in plain.items() if key not in FILE_CHOICES}


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


def dotted(settings: Mapping[str, Any], front: str = "") -> dict[str, Any]:
    """Turn nested settings into dotted names; whole shocks, posts and the like stay whole."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        full = f"{front}{name}"
        if isinstance(value, Mapping) and not front.startswith(tuple(f"{tree}." for tree in FIELDS)):
            flat.update(dotted(value, f"{full}."))
        else:
            flat[full] = value
    return flat


def store_schema(more: Mapping[str, object] | None = None) -> None:
    """Register the names and kinds of all settings with Hydra, made from the tables.

    Parameters
    ----------
    more : mapping of str to object, optional
        Names and defaults beyond those of a run.
    """
    from hydra.core.config_store import ConfigStore

    from sim.core.gate import numeric_range, setting_names
    from sim.core.parameters import CHOICES

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
    """Return a Scenario as plain JSON values, sets sorted, enumerations, homes and seats as their words."""
    from sim.core.vocabulary import Role, Theme, words

    homes = [home.name for home in scenario.organisations]

    content = _plain(dataclasses.asdict(scenario))
    assert isinstance(content, dict)
    for shock in content["shocks"]:
        shock["role"] = words(Role)[shock["role"]] if shock["role"] >= 0 else "any"
        shock["theme"] = words(Theme)[shock["theme"]] if shock["theme"] >= 0 else "none"
        shock["organisation"] = homes[shock["organisation"]] if shock["organisation"] >= 0 else "none"
    content["posts"] = plain_posts(scenario)
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
