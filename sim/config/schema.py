"""What a case file must hold and what a scenario file may change: the two schemas, part by part."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sim.config.checker import Checker
from sim.config.settings import problems_of
from sim.config.target_quantities import TARGET_QUANTITIES
from sim.core.parameters import LEVERS, PARAMETERS, numeric_range
from sim.core.scenario import MAX_SEATS
from sim.core.shocks import MAX_WEEKS
from sim.core.vocabulary import Ring, Role, ShockKind, Theme, words

CASE_NUMBERS = {
    "meetings.research_team": "meeting_every_research",
    "meetings.core_team": "meeting_every_core",
    "meetings.decision_share": "decision_share",
    "funding.grant_per_week": "grant_per_week",
    "funding.end_week": "funding_end_week",
    "funding.start_purse": "start_purse",
    "staff.facilitator_hours": "facilitator_hours",
    "recruiting.approaches_per_year": "approaches_per_year",
    "organisations.each.backing": "each_backing",
}
"""Where a case gives a setting of the parameter table."""

TARGET_TYPES = ("number", "band", "order", "presence", "window")
TARGET_ROLES = ("calibrate", "validate", "context")
HOMES = ("each", "none")
CASE_KEYS = (
    "title", "sentence", "start", "weeks", "meetings", "organisations", "founding", "recruiting", "funding",
    "staff", "need",
)  # fmt: skip
CASE_EXTRAS = ("name", "sources", "enabling", "parameters", "shocks", "questionnaire", "targets")
SCENARIO_TREES = ("enabling", "parameters", "traits", "turnover", "rules", "shocks", "schedule")
SCENARIO_EXTRAS = (
    "name", "cases", "includes", "weeks", "rings", "founding", "staff", "funding", "meetings", "recruiting",
    "route", "null_model", *SCENARIO_TREES,
)  # fmt: skip


def case_problems(case: Mapping[str, Any], file: str, sources: Collection[str] = ()) -> list[str]:
    """Return one line for every problem of a case.

    Parameters
    ----------
    case : mapping
        What the file holds.
    file : str
        How the file is called in messages.
    sources : collection of str
        Keys of the project's sources; a case may add its own under ``sources``.
    """
    own = case.get("sources") if isinstance(case.get("sources"), Mapping) else {}
    check = Checker(file, {*sources, *own} if sources else ())  # type: ignore[misc]
    check.keys("", case, CASE_KEYS, CASE_EXTRAS)
    for key in ("title", "sentence"):
        if key in case:
            check.text(key, case[key])
    for key, part in _CASE_PARTS.items():
        if key in case:
            part(check, case[key])
    _check_whole(check, case)
    return check.problems


def _table_number(check: Checker, where: str, value: object, parameter: str) -> None:
    row = PARAMETERS[parameter]
    if where == "funding.end_week" and value is None:
        return
    check.quintuple(where, value, row.low, row.high, row.unit)


def _named_numbers(check: Checker, part: str, value: object) -> None:
    """Check a part whose numbers are all settings of the parameter table."""
    given = check.mapping(part, value)
    known = [name.partition(".")[2] for name in CASE_NUMBERS if name.startswith(f"{part}.")]
    check.keys(part, given, known)
    for key in known:
        if key in given:
            _table_number(check, f"{part}.{key}", given[key], CASE_NUMBERS[f"{part}.{key}"])


def _check_organisations(check: Checker, value: object) -> None:
    for name, row in check.mapping("organisations", value).items():
        where = f"organisations.{name}"
        if name == "none":
            check.say(f"{where}: 'none' means no organisation and cannot name one")
            continue
        given = check.mapping(where, row)
        check.keys(where, given, ("backing",))
        if "backing" in given:
            check.quintuple(f"{where}.backing", given["backing"], 0, 1, "share of full backing")


def _check_founding(check: Checker, value: object) -> None:
    groups = check.mapping("founding", value)
    if not groups and isinstance(value, Mapping):
        check.say("founding must hold at least one group of seats")
    for name, row in groups.items():
        where = f"founding.{name}"
        given = check.mapping(where, row)
        check.keys(where, given, ("role", "ring", "organisation", "seats"), ("note",))
        if "role" in given:
            check.word(f"{where}.role", given["role"], words(Role))
        if "ring" in given:
            check.word(f"{where}.ring", given["ring"], words(Ring))
        if "seats" in given:
            check.quintuple(f"{where}.seats", given["seats"], 1, MAX_SEATS, "seats", whole=True)


def _check_recruiting(check: Checker, value: object) -> None:
    given = check.mapping("recruiting", value)
    check.keys("recruiting", given, ("approaches_per_year", "roles"))
    if "approaches_per_year" in given:
        name = "approaches_per_year"
        _table_number(check, f"recruiting.{name}", given[name], name)
    if "roles" in given:
        _check_weights(check, "recruiting.roles", given["roles"], words(Role))


def _check_weights(check: Checker, where: str, value: object, names: tuple[str, ...]) -> None:
    given = check.mapping(where, value)
    check.keys(where, given, (), names)
    for name in given:
        if name in names:
            check.quintuple(f"{where}.{name}", given[name], 0, 100, "weight")


def _check_shocks(check: Checker, value: object) -> None:
    for name, row in check.mapping("shocks", value).items():
        where = f"shocks.{name}"
        given = check.mapping(where, row)
        check.keys(where, given, ("kind", "week", "size", "duration"), ("role", "theme", "note"))
        _check_shock_words(check, where, given)
        for key, (low, high, unit) in _SHOCK_LIMITS.items():
            if key in given:
                check.quintuple(f"{where}.{key}", given[key], low, high, unit, whole=key != "size")


_SHOCK_LIMITS = {
    "week": (1, MAX_WEEKS, "weeks after the start"),
    "size": (0, 1, "share"),
    "duration": (1, MAX_WEEKS, "weeks"),
}


def _check_shock_words(check: Checker, where: str, given: Mapping[str, Any]) -> None:
    choices = {"kind": words(ShockKind), "role": (*words(Role), "any"), "theme": words(Theme)}
    for key, allowed in choices.items():
        if key in given:
            check.word(f"{where}.{key}", given[key], allowed)


def _check_questionnaire(check: Checker, value: object) -> None:
    for name, week in check.mapping("questionnaire", value).items():
        check.quintuple(f"questionnaire.{name}", week, 1, MAX_WEEKS, "weeks after the start", whole=True)


def _check_levers(check: Checker, value: object) -> None:
    given = check.mapping("enabling", value)
    check.keys("enabling", given, (), tuple(LEVERS))
    for name, number in given.items():
        if limits := numeric_range(f"enabling.{name}"):
            check.quintuple(f"enabling.{name}", number, *limits)


def _check_parameters(check: Checker, value: object) -> None:
    given = check.mapping("parameters", value)
    check.keys("parameters", given, (), tuple(PARAMETERS))
    for name, number in given.items():
        if limits := numeric_range(f"parameters.{name}"):
            check.quintuple(f"parameters.{name}", number, *limits)


def _check_sources(check: Checker, value: object) -> None:
    for name, citation in check.mapping("sources", value).items():
        check.text(f"sources.{name}", citation)


_TARGET_KEYS = ("type", "quantity", "low", "high", "unit", "status", "source", "locator", "role", "weight")


def _check_targets(check: Checker, value: object) -> None:
    for name, row in check.mapping("targets", value).items():
        where = f"targets.{name}"
        given = check.mapping(where, row)
        required = _TARGET_KEYS if given.get("type") in ("band", "window") else (*_TARGET_KEYS, "value")
        check.keys(where, given, required, ("value", "n", "from_week", "to_week", "other_case", "note"))
        check.origin(where, given)
        _check_target_words(check, where, given)
        _check_target_numbers(check, where, given)


def _check_target_words(check: Checker, where: str, given: Mapping[str, Any]) -> None:
    for key, allowed in {"type": TARGET_TYPES, "quantity": tuple(TARGET_QUANTITIES), "role": TARGET_ROLES}.items():
        if key in given:
            check.word(f"{where}.{key}", given[key], allowed)
    for key in ("unit", "locator", "other_case"):
        if key in given:
            check.text(f"{where}.{key}", given[key])


def _check_target_numbers(check: Checker, where: str, given: Mapping[str, Any]) -> None:
    unit = str(given.get("unit", "unit of the target"))
    given_numbers = [key for key in ("value", "low", "high") if key in given]
    good = [check.number(f"{where}.{key}", given[key], -1e6, 1e6, unit) for key in given_numbers]
    if all(good) and "low" in given and "high" in given:
        check.in_order(where, given)
    if "weight" in given:
        check.number(f"{where}.weight", given["weight"], 0, 100, "weight")
    if "n" in given:
        check.number(f"{where}.n", given["n"], 1, 1e6, "observations", whole=True)
    window = [key for key in ("from_week", "to_week") if key in given]
    after = "weeks after the start"
    fine = [check.number(f"{where}.{key}", given[key], 0, MAX_WEEKS, after, whole=True) for key in window]
    if len(fine) == 2 and all(fine) and given["from_week"] > given["to_week"]:
        check.say(f"{where}.from_week {given['from_week']} is after to_week {given['to_week']}")


_CASE_PARTS = {
    "start": lambda check, value: check.date("start", value),
    "weeks": lambda check, value: check.quintuple("weeks", value, 1, MAX_WEEKS, "weeks", whole=True),
    "sources": _check_sources,
    "meetings": lambda check, value: _named_numbers(check, "meetings", value),
    "organisations": _check_organisations,
    "founding": _check_founding,
    "recruiting": _check_recruiting,
    "funding": lambda check, value: _named_numbers(check, "funding", value),
    "staff": lambda check, value: _named_numbers(check, "staff", value),
    "enabling": _check_levers,
    "parameters": _check_parameters,
    "need": lambda check, value: _check_weights(check, "need", value, words(Theme)),
    "shocks": _check_shocks,
    "questionnaire": _check_questionnaire,
    "targets": _check_targets,
}


def value_of(given: object) -> Any:
    """Return the value of a {value, low, high, status, source}, or a plain value as it is."""
    return given.get("value") if isinstance(given, Mapping) else given


def _check_whole(check: Checker, case: Mapping[str, Any]) -> None:
    """Check what only the parts together show: homes that exist, seats that fit, events before the end."""
    groups = case["founding"] if isinstance(case.get("founding"), Mapping) else {}
    homes = [*(case["organisations"] if isinstance(case.get("organisations"), Mapping) else {}), *HOMES]
    homes = list(dict.fromkeys(homes))
    for name, row in groups.items():
        if isinstance(row, Mapping) and "organisation" in row:
            check.word(f"founding.{name}.organisation", row["organisation"], homes)
    seats = [value_of(row.get("seats")) for row in groups.values() if isinstance(row, Mapping)]
    total = sum(number for number in seats if isinstance(number, int) and not isinstance(number, bool))
    if total > MAX_SEATS:
        check.say(f"founding has {total:.0f} seats; there is room for {MAX_SEATS} at most")
    _check_struck_roles(check, case, groups)
    weeks = value_of(case.get("weeks"))
    for part, rows in (("shocks", case.get("shocks")), ("questionnaire", case.get("questionnaire"))):
        _check_before_end(check, part, rows, weeks)
    if isinstance(case.get("need"), Mapping):
        weights = [value_of(weight) for weight in case["need"].values()]
        if all(weight == 0 for weight in weights):
            check.say("need must give a weight above 0 to at least one theme")


def _check_struck_roles(check: Checker, case: Mapping[str, Any], groups: Mapping[str, Any]) -> None:
    """Check that a shock strikes a role that the case founds or recruits."""
    recruiting, shocks = case.get("recruiting"), case.get("shocks")
    weights = recruiting.get("roles") if isinstance(recruiting, Mapping) else None
    present = {row.get("role") for row in groups.values() if isinstance(row, Mapping)}
    present |= set(weights) if isinstance(weights, Mapping) else set()
    for name, row in shocks.items() if isinstance(shocks, Mapping) else ():
        role = row.get("role", "any") if isinstance(row, Mapping) else "any"
        if role in words(Role) and role not in present:
            check.say(f"shocks.{name}.role is {role}, a role that the case neither founds nor recruits")


def _check_before_end(check: Checker, part: str, rows: object, weeks: object) -> None:
    if not isinstance(rows, Mapping) or not isinstance(weeks, int):
        return
    for name, row in rows.items():
        inner = row.get("week") if part == "shocks" and isinstance(row, Mapping) else row
        week = value_of(inner)
        if isinstance(week, int | float) and week > weeks:
            where = f"{part}.{name}.week" if part == "shocks" else f"{part}.{name}"
            check.say(f"{where} is {week}, after the end (the case runs {weeks} weeks)")


def scenario_problems(scenario: Mapping[str, Any], file: str) -> list[str]:
    """Return one line for every problem of a scenario that does not depend on a case.

    Parameters
    ----------
    scenario : mapping
        What the file holds.
    file : str
        How the file is called in messages.
    """
    check = Checker(file)
    check.keys("", scenario, ("sentence",), SCENARIO_EXTRAS)
    if "sentence" in scenario:
        check.text("sentence", scenario["sentence"])
    return [*check.problems, *change_problems(scenario, file)]


def change_problems(changes: Mapping[str, Any], file: str = "") -> list[str]:
    """Return one line for every wrong value in what a scenario, or a user, changes in a case."""
    check = Checker(file)
    _check_lists(check, changes)
    if "weeks" in changes:
        check.number("weeks", changes["weeks"], 1, MAX_WEEKS, "weeks", whole=True)
    if "rings" in changes:
        check.word("rings", changes["rings"], ("one", "two"))
    for part in ("meetings", "funding", "staff"):
        if part in changes:
            _check_plain_numbers(check, part, changes[part])
    if "recruiting" in changes:
        _check_plain_recruiting(check, changes["recruiting"])
    if "founding" in changes:
        _check_founding_changes(check, changes["founding"])
    for line in problems_of(_dotted_trees(check, changes)):
        check.say(line)
    return check.problems


def _check_lists(check: Checker, changes: Mapping[str, Any]) -> None:
    for key in ("cases", "includes"):
        value = changes.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            check.say(f"{key} must be a list of names such as [a, b]")


def _check_plain_numbers(check: Checker, part: str, value: object) -> None:
    given = check.mapping(part, value)
    known = [name.partition(".")[2] for name in CASE_NUMBERS if name.startswith(f"{part}.")]
    check.keys(part, given, (), known)
    for key in known:
        if key in given and not (key == "end_week" and given[key] is None):
            row = PARAMETERS[CASE_NUMBERS[f"{part}.{key}"]]
            check.number(f"{part}.{key}", given[key], row.low, row.high, row.unit)


def _check_plain_recruiting(check: Checker, value: object) -> None:
    given = check.mapping("recruiting", value)
    check.keys("recruiting", given, (), ("approaches_per_year", "roles"))
    if "approaches_per_year" in given:
        name = "approaches_per_year"
        row = PARAMETERS[name]
        check.number(f"recruiting.{name}", given[name], row.low, row.high, row.unit)
    roles = check.mapping("recruiting.roles", given["roles"]) if "roles" in given else {}
    check.keys("recruiting.roles", roles, (), words(Role))
    for name, weight in roles.items():
        check.number(f"recruiting.roles.{name}", weight, 0, 100, "weight")


def _check_founding_changes(check: Checker, value: object) -> None:
    for name, row in check.mapping("founding", value).items():
        if row is None:
            continue
        where = f"founding.{name}"
        given = check.mapping(where, row)
        check.keys(where, given, (), ("role", "ring", "organisation", "seats"))
        if "seats" in given:
            check.number(f"{where}.seats", given["seats"], 1, MAX_SEATS, "seats", whole=True)
        if "role" in given:
            check.word(f"{where}.role", given["role"], words(Role))
        if "ring" in given:
            check.word(f"{where}.ring", given["ring"], words(Ring))


def _dotted_trees(check: Checker, changes: Mapping[str, Any]) -> dict[str, object]:
    """Return the parts that users may also type, as dotted names for the settings' own check."""
    dotted: dict[str, object] = {key: changes[key] for key in ("route", "null_model") if key in changes}
    for tree in SCENARIO_TREES:
        if tree not in changes:
            continue
        for name, value in check.mapping(tree, changes[tree]).items():
            if tree == "traits":
                kind = f"traits.{name}"
                dotted |= {f"{kind}.{trait}": item for trait, item in check.mapping(kind, value).items()}
            else:
                dotted[f"{tree}.{name}"] = value
    return dotted
