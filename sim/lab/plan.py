"""A plan as the page asks for it: let through the one gate of all settings, or refused in plain lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.config.arguments import choice_problems
from sim.config.folders import ConfFolders
from sim.config.resolve import make_scenario, nested, plain_scenario
from sim.config.settings import FIELDS, RUN_SETTINGS, problems_of
from sim.core.errors import UserError
from sim.core.posterior import NONE, SHIPPED
from sim.core.scenario import Scenario

CASE, SCENARIO = "pccp", "baseline"
KEYS = ("case", "scenario", "settings", "seed", "replicate", "posterior")
POSTERIORS = (SHIPPED, NONE)
"""A file of draws would be a path, and paths are refused."""

MAX_SETTINGS = 100
MAX_NAME = 120
MAX_REPLICATE = 999
NOT_OF_A_SCENARIO = tuple(name for name in RUN_SETTINGS if name != "weeks")


@dataclass(frozen=True)
class LabPlan:
    """One partnership to follow, with its seed.

    Attributes
    ----------
    case, scenario_name : str
        Names of the case and of the preset.
    settings : dict of str to object
        The user's own changes, dotted names as on the command line.
    seed, replicate : int
        As in ``partnersim run seed=SEED``, replicate number ``replicate``.
    scenario : Scenario
        What is run; its ``posterior`` says where a replicate draws what is uncertain.
    """

    case: str
    scenario_name: str
    settings: dict[str, Any]
    seed: int
    replicate: int
    scenario: Scenario

    def key(self) -> str:
        """Return words that are the same for the same plan, whatever the order of its settings."""
        settings = sorted(self.settings.items())
        return repr((self.case, self.scenario_name, settings, self.seed, self.replicate, self.scenario.posterior))


def read_plan(asked: object, folders: ConfFolders) -> LabPlan:
    """Return the plan that was asked for.

    Parameters
    ----------
    asked : object
        What came from outside: a mapping with some of ``KEYS``; everything in it is checked here.
    folders : ConfFolders
        Where names of cases and scenarios are looked for. Paths are refused.

    Raises
    ------
    UserError
        With one line for every mistake.
    """
    if not isinstance(asked, Mapping):
        raise UserError(f"a plan must be a mapping with {', '.join(KEYS)}")
    problems = [f"unknown part of a plan: '{str(name)[:MAX_NAME]}'" for name in asked if name not in KEYS]
    names = {"case": asked.get("case", CASE), "scenario": asked.get("scenario", SCENARIO)}
    problems += [line for kind, name in names.items() for line in _name_problems(kind, name, folders)]
    problems += problems_of({"seed": asked.get("seed", 1)})
    problems += _replicate_problems(asked.get("replicate", 0))
    posterior = asked.get("posterior", SHIPPED)
    if posterior not in POSTERIORS:
        problems.append(f"posterior must be one of: {', '.join(POSTERIORS)}; got {str(posterior)[:MAX_NAME]}")
    settings = asked.get("settings", {})
    found = _form_problems(settings) or problems_of(settings)
    if problems or found:
        raise UserError([*problems, *found])
    settled = {"posterior": posterior} | nested(settings)
    scenario = make_scenario(names["case"], names["scenario"], settled, folders)
    return LabPlan(
        names["case"], names["scenario"], dict(settings), asked.get("seed", 1), asked.get("replicate", 0), scenario
    )


def _name_problems(kind: str, name: object, folders: ConfFolders) -> list[str]:
    """Refuse what is not the name of a case or scenario; a path would open files of this machine."""
    if isinstance(name, str) and name.endswith((".yaml", ".yml")):
        return [f"{kind} must be a name here, not a path"]
    return choice_problems(kind, name if isinstance(name, str) else str(name), folders)


def _replicate_problems(number: object) -> list[str]:
    whole = isinstance(number, int) and not isinstance(number, bool)
    if whole and 0 <= number <= MAX_REPLICATE:  # type: ignore[operator]
        return []
    return [f"replicate must be a whole number from 0 to {MAX_REPLICATE}; got {str(number)[:MAX_NAME]}"]


def _form_problems(settings: object) -> list[str]:
    """Look at the form of the settings, so that the gate meets names and plain values only."""
    if not isinstance(settings, Mapping):
        return ["settings must be a mapping of names and values"]
    if len(settings) > MAX_SETTINGS:
        return [f"settings may hold at most {MAX_SETTINGS} names; got {len(settings)}"]
    problems = []
    for name, value in settings.items():
        if not isinstance(name, str) or len(name) > MAX_NAME:
            problems.append(f"a setting needs a name of at most {MAX_NAME} letters")
        elif name in NOT_OF_A_SCENARIO:
            problems.append(f"{name} is not a setting of a plan")
        elif not _is_plain(value):
            problems.append(f"{name} must be a number, a word or a mapping of them")
        elif any(other.startswith(f"{name}.") for other in settings if isinstance(other, str)):
            problems.append(f"{name} is given as a whole and in parts; give it once")
    return problems


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return len(value) <= len(KEYS) + 3 and all(isinstance(k, str) and _is_word(v) for k, v in value.items())
    return _is_word(value)


def _is_word(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) <= MAX_NAME)


def scenario_file(plan: LabPlan) -> str:
    """Return the plan as a scenario file that ``partnersim run`` accepts.

    Parameters
    ----------
    plan : LabPlan
        The plan; its seed stands in a comment, for a seed is no part of a scenario.
    """
    import yaml

    tree: dict[str, Any] = {"sentence": f"A plan of the lab, from {plan.scenario_name} of {plan.case}."}
    tree |= {"cases": [plan.case], "includes": [plan.scenario_name]}
    for name, value in nested(_in_parts(plan.settings)).items():
        tree[name] = value
    options = f"seed={plan.seed} replicates={plan.replicate + 1} posterior={plan.scenario.posterior}"
    head = (
        f"# partnersim run case={plan.case} scenario=plan.yaml {options}\n"
        f"# The picture of the lab is replicate {plan.replicate} of that run.\n"
    )
    return head + yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)


def _in_parts(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings without those that are empty, but where the user chooses names: there null removes."""
    free = tuple(f"{tree}." for tree in FIELDS)
    return {name: value for name, value in settings.items() if value is not None or name.startswith(free)}


def shocks_of(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the dated shocks of a scenario as plain values."""
    shocks: list[dict[str, Any]] = plain_scenario(scenario)["shocks"]
    return shocks
