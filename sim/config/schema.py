"""The fields of case and scenario files: one table, walked once for a case and once for a layer of changes.

A number of a case is {value, low, high, status, source}; a scenario, or a user, gives plain values. What a layer gives
for levers, parameters, traits, choices and rules is left to the gate of the parameter table, which the Scenario passes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sim.config.checker import Checker
from sim.config.events import both_problems, change_problems, reads, unread_problems
from sim.config.posts import make_posts
from sim.config.settings import EXAMPLES, FIELDS, SHOCK_FIELDS, Setting, by_name, gate_problems
from sim.config.target_quantities import TARGET_QUANTITIES
from sim.core.gate import setting_names
from sim.core.parameters import CHOICES, LEVERS, PARAMETERS
from sim.core.scenario import MAX_SEATS
from sim.core.shocks import MAX_WEEKS, SHOCKS
from sim.core.vocabulary import Role, Theme, words

CASE_NUMBERS = {
    "meetings.research_team": "meeting_every_research",
    "meetings.core_team": "meeting_every_core",
    "meetings.decision_share": "decision_share",
    "meetings.forum": "forum_every",
    "meetings.guests": "forum_guests",
    "funding.grant_per_week": "grant_per_week",
    "funding.end_week": "funding_end_week",
    "funding.start_purse": "start_purse",
    "staff.facilitator_hours": "facilitator_hours",
    "recruiting.approaches_per_year": "approaches_per_year",
    "people.mobility": "mobility",
    "organisations.each.backing": "each_backing",
}
"""Where a case gives a setting of the parameter table."""

MAY_BE_EMPTY = ("funding.end_week",)
"""Numbers that a file may leave empty: the grant has no end."""

TARGET_TYPES = ("number", "band", "order", "presence", "window")
_WINDOW = ("from_week", "to_week")
TARGET_ROLES = ("calibrate", "validate", "context")
HOMES = ("each", "none")
CASE_KEYS = (
    "title", "sentence", "start", "weeks", "meetings", "organisations", "founding", "recruiting", "funding",
    "staff", "need",
)  # fmt: skip
CASE_EXTRAS = ("name", "sources", "enabling", "parameters", "people", "posts", "shocks", "questionnaire", "targets")
GATE_TREES = ("enabling", "parameters", "traits", "turnover", "rules")
"""Parts of a layer whose values pass the gate of the parameter table."""
SCENARIO_PARTS = ("founding", "posts", "staff", "funding", "meetings", "recruiting", "people", "shocks", "schedule")
SCENARIO_EXTRAS = (
    "name", "cases", "includes", "weeks", "rings", "route", "null_model", *SCENARIO_PARTS, *GATE_TREES,
)  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One part of a file.

    Attributes
    ----------
    rows : mapping of str to (Setting or Part)
        Its fields.
    named : bool
        Whether the file chooses names, each with all these fields.
    optional : collection of str
        Fields that a case need not give.
    keeps_empty : bool
        Whether an empty place of a layer means: leave it as it is.
    example : str
        How an entry is written, for messages.
    apart : collection of str
        Fields that are judged with the entry as a whole.
    plain : collection of str
        Numbers that a case gives without a range: they name something.
    """

    rows: Mapping[str, Setting | Part]
    named: bool = False
    optional: Collection[str] = ()
    keeps_empty: bool = False
    example: str = ""
    apart: Collection[str] = ()
    plain: Collection[str] = ()


WEEKS = Setting("weeks", "whole number", "Length of a run.", None, 1, MAX_WEEKS, "weeks")
RINGS = Setting("rings", "word", "Whether there is an outer ring.", choices=("one", "two"))
QUESTIONNAIRE_WEEK = replace(SHOCK_FIELDS["week"], meaning="When the questionnaire is given.")


def _from_table(name: str, parameter: str) -> Setting:
    row = PARAMETERS[parameter]
    return Setting(name, "number", row.meaning, None, row.low, row.high, row.unit)


def _numbers(part: str) -> dict[str, Setting | Part]:
    """Return the fields of a part whose numbers are settings of the parameter table."""
    rows = ((place.partition("."), parameter) for place, parameter in CASE_NUMBERS.items())
    return {key: _from_table(key, parameter) for (front, _, key), parameter in rows if front == part}


def _weights(names: tuple[str, ...]) -> Part:
    return Part({name: Setting(name, "number", "Weight.", None, 0, 100, "weight") for name in names}, optional=names)


_LEVER_ROWS = by_name(
    *(Setting(row.name, "number", row.meaning, None, row.low, row.high, row.unit) for row in LEVERS.values())
)
PARTS: dict[str, Part] = {
    "meetings": Part(_numbers("meetings"), optional=("forum", "guests")),
    "funding": Part(_numbers("funding")),
    "staff": Part(_numbers("staff")),
    "recruiting": Part({**_numbers("recruiting"), "roles": _weights(words(Role))}),
    "people": Part(_numbers("people"), optional=("mobility",)),
    "need": _weights(words(Theme)),
    "enabling": Part(_LEVER_ROWS, optional=_LEVER_ROWS),
    "parameters": Part({name: _from_table(name, name) for name in PARAMETERS}, optional=PARAMETERS),
    "organisations": Part(by_name(Setting("backing", "number", "", None, 0, 1, "share of full backing")), named=True),
    "founding": Part(FIELDS["founding"], named=True, keeps_empty=True, example=EXAMPLES["founding"]),
    "posts": Part(
        FIELDS["posts"],
        named=True,
        optional=FIELDS["posts"],
        keeps_empty=True,
        example=EXAMPLES["posts"],
        plain=("number",),
    ),
    "shocks": Part(
        SHOCK_FIELDS,
        named=True,
        optional=("duration", "role", "theme", "organisation"),
        keeps_empty=True,
        example=EXAMPLES["shocks"],
    ),
    "schedule": Part(
        FIELDS["schedule"],
        named=True,
        keeps_empty=True,
        example=EXAMPLES["schedule"],
        apart=("lever", "staff", "value"),
    ),
}
"""Every part of a case or scenario file whose fields have a range or a list of words."""


def _walk(check: Checker, where: str, value: object, part: Part, case: bool) -> None:
    """Check a part of a case (numbers as quintuples, nothing missing) or of a layer of changes (plain values)."""
    if not part.named:
        _walk_fields(check, where, value, part, case)
        return
    entries = check.mapping(where, value)
    if case and where == "founding" and not entries and isinstance(value, Mapping):
        check.say("founding must hold at least one group of seats")
    for name, entry in entries.items():
        if entry is not None or (case and where != "posts"):
            _walk_fields(check, f"{where}.{name}", entry, part, case)
            _check_entry(check, f"{where}.{name}", entry, case)


def _check_entry(check: Checker, where: str, entry: object, case: bool) -> None:
    """Check what only several fields of a shock or of a schedule's entry show, as far as they are given here."""
    if not isinstance(entry, Mapping):
        return
    row = {key: value_of(item) for key, item in entry.items()}
    lines = []
    if where.startswith("shocks."):
        lines = [*unread_problems(where, row.get("kind"), row, case), *both_problems(where, row)]
    elif where.startswith("schedule."):
        lines = change_problems(where, row)
    for line in lines:
        check.say(line)


def _walk_fields(check: Checker, where: str, value: object, part: Part, case: bool) -> None:
    given = check.mapping(where, value, part.example)
    missing = [name for name in part.rows if name not in part.optional] if case else ()
    check.keys(where, given, missing, (*part.rows, *(("note",) if case and part.named else ())))
    for name, item in given.items():
        row, place = part.rows.get(name), f"{where}.{name}"
        if (
            row is None
            or name in part.apart
            or (item is None and (place in MAY_BE_EMPTY or (part.keeps_empty and not case)))
        ):
            continue
        if isinstance(row, Part):
            _walk(check, place, item, row, case)
        elif case and row.kind in ("number", "whole number") and name not in part.plain:
            check.quintuple(place, item, row)
        else:
            check.value(place, item, row)


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
    for key, value in case.items():
        if key == "start":
            check.date(key, value)
        elif key == "weeks":
            check.quintuple(key, value, WEEKS)
        elif key == "targets":
            _check_targets(check, value)
        elif key == "sources":
            for name, citation in check.mapping(key, value).items():
                check.text(f"{key}.{name}", citation)
        elif key == "questionnaire":
            for name, week in check.mapping(key, value).items():
                check.quintuple(f"{key}.{name}", week, QUESTIONNAIRE_WEEK)
        elif key in PARTS and key != "schedule":
            _walk(check, key, value, PARTS[key], case=True)
    _check_whole(check, case)
    return check.problems


_TARGET_KEYS = ("type", "quantity", "low", "high", "unit", "status", "source", "locator", "role", "weight")
_TARGET_ROWS = by_name(
    Setting("type", "word", "What kind of evidence it is.", choices=TARGET_TYPES),
    Setting("quantity", "word", "What it measures in a run.", choices=tuple(TARGET_QUANTITIES)),
    Setting("role", "word", "What it is used for.", choices=TARGET_ROLES),
    *(Setting(name, "number", "", None, -1e6, 1e6) for name in ("value", "low", "high")),
    Setting("weight", "number", "", None, 0, 100, "weight"),
    Setting("n", "whole number", "", None, 1, 1e6, "observations"),
    *(Setting(name, "whole number", "", None, 0, MAX_WEEKS, "weeks after the start") for name in _WINDOW),
)


def _check_targets(check: Checker, value: object) -> None:
    for name, row in check.mapping("targets", value).items():
        where = f"targets.{name}"
        given = check.mapping(where, row)
        required = _TARGET_KEYS if given.get("type") in ("band", "window") else (*_TARGET_KEYS, "value")
        check.keys(where, given, required, ("value", "n", *_WINDOW, "other_case", "note"))
        check.origin(where, given)
        for key in ("unit", "locator", "other_case"):
            if key in given:
                check.text(f"{where}.{key}", given[key])
        unit = str(given.get("unit", "unit of the target"))
        good = {
            key: check.value(f"{where}.{key}", given[key], rule if rule.unit else replace(rule, unit=unit))
            for key, rule in _TARGET_ROWS.items()
            if key in given
        }
        if good.get("low") and good.get("high") and good.get("value", True):
            check.in_order(where, given)
        if all(good.get(key) for key in _WINDOW) and given["from_week"] > given["to_week"]:
            check.say(f"{where}.from_week {given['from_week']} is after to_week {given['to_week']}")


def numbers_of(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a case gives for settings of the parameter table, by their names there."""
    found = {}
    for place, parameter in CASE_NUMBERS.items():
        row: Any = case
        for key in place.split("."):
            row = row.get(key) if isinstance(row, Mapping) else None
        if row is not None:
            found[parameter] = row
    return found


def value_of(given: object) -> Any:
    """Return the value of a {value, low, high, status, source}, or a plain value as it is."""
    return given.get("value") if isinstance(given, Mapping) else given


def _check_whole(check: Checker, case: Mapping[str, Any]) -> None:
    """Check what only the parts together show: homes that exist, seats that fit, events before the end."""
    groups = case["founding"] if isinstance(case.get("founding"), Mapping) else {}
    homes = [*(case["organisations"] if isinstance(case.get("organisations"), Mapping) else {}), *HOMES]
    homes = list(dict.fromkeys(homes))
    for name, row in groups.items():
        if isinstance(row, Mapping) and isinstance(row.get("organisation"), str):
            check.word(f"founding.{name}.organisation", row["organisation"], homes)
    seats = [value_of(row.get("seats")) for row in groups.values() if isinstance(row, Mapping)]
    total = sum(number for number in seats if isinstance(number, int) and not isinstance(number, bool))
    if total > MAX_SEATS:
        check.say(f"founding has {total:.0f} seats; there is room for {MAX_SEATS} at most")
    _check_shocks(check, case, groups)
    weeks = value_of(case.get("weeks"))
    _check_posts(check, case.get("posts"), groups, weeks)
    for part, rows in (("shocks", case.get("shocks")), ("questionnaire", case.get("questionnaire"))):
        _check_before_end(check, part, rows, weeks)
    if isinstance(case.get("need"), Mapping):
        weights = [value_of(weight) for weight in case["need"].values()]
        if all(weight == 0 for weight in weights):
            check.say("need must give a weight above 0 to at least one theme")


def _check_shocks(check: Checker, case: Mapping[str, Any], groups: Mapping[str, Any]) -> None:
    """Check that a shock strikes whom the case has, and says how long it lasts where that matters."""
    recruiting, shocks = case.get("recruiting"), case.get("shocks")
    weights = recruiting.get("roles") if isinstance(recruiting, Mapping) else None
    present = {row.get("role") for row in groups.values() if isinstance(row, Mapping)}
    present |= set(weights) if isinstance(weights, Mapping) else set()
    for name, row in shocks.items() if isinstance(shocks, Mapping) else ():
        if not isinstance(row, Mapping):
            continue
        role, kind = row.get("role", "any"), row.get("kind")
        if role in words(Role) and role not in present:
            check.say(f"shocks.{name}.role is {role}, a role that the case neither founds nor recruits")
        if kind in SHOCKS and reads(kind, "duration") and "duration" not in row:
            check.say(f"shocks.{name}.duration is missing")
        homes = homes_with_seats(groups)
        if kind in SHOCKS and reads(kind, "organisation") and "organisation" in row and homes:
            check.word(f"shocks.{name}.organisation", row["organisation"], homes)


def homes_with_seats(groups: Mapping[str, Any]) -> list[str]:
    """Return the names of the organisations that founding seats belong to; each seat of ``each`` has one of its own.

    Parameters
    ----------
    groups : mapping
        Founding groups by name.
    """
    homes: list[str] = []
    for name, row in groups.items():
        home, seats = (row.get("organisation"), value_of(row.get("seats"))) if isinstance(row, Mapping) else (None, 0)
        if home == "each":
            homes += [f"{name}_{number + 1}" for number in range(seats if isinstance(seats, int) else 0)]
        elif isinstance(home, str) and home != "none":
            homes.append(home)
    return list(dict.fromkeys(homes))


def _check_posts(check: Checker, posts: object, groups: Mapping[str, Any], weeks: object) -> None:
    """Check that posts pay for seats that there are, one at a time; only once all fields are right by themselves."""
    if check.problems or not isinstance(posts, Mapping) or not isinstance(weeks, int):
        return
    staff = [name for name, row in groups.items() if row.get("role") == "coordinator"]
    for name in (name for name, row in posts.items() if row is None and name not in staff):
        check.say(f"posts.{name} is empty, which only takes away the usual post of {' or '.join(staff) or 'no group'}")
    rows = {name: {key: value_of(item) for key, item in row.items()} for name, row in posts.items() if row is not None}
    plain = {name: {key: value_of(item) for key, item in row.items()} for name, row in groups.items()}
    for line in make_posts(rows, plain, weeks, rows)[1]:
        check.say(line)


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
    check.problems += layer_problems(scenario, file)
    for line in settings_problems(scenario):
        check.say(line)
    return check.problems


def layer_problems(changes: Mapping[str, Any], file: str = "") -> list[str]:
    """Return one line for every wrong name, form or value in a layer of changes; the gate's values are left to it.

    Parameters
    ----------
    changes : mapping
        In the form of a scenario file.
    file : str
        How the file is called in messages; empty for a user's own settings.
    """
    check = Checker(file)
    for key in ("cases", "includes"):
        value = changes.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            check.say(f"{key} must be a list of names such as [a, b]")
    for row in (WEEKS, RINGS):
        if changes.get(row.name) is not None:
            check.value(row.name, changes[row.name], row)
    for part in SCENARIO_PARTS:
        if part in changes:
            _walk(check, part, changes[part], PARTS[part], case=False)
    for tree in GATE_TREES:
        if tree in changes:
            _check_names(check, tree, changes[tree])
    return check.problems


def _check_names(check: Checker, tree: str, value: object) -> None:
    """Check that the names of a part are those of the gate."""
    given = check.mapping(tree, value)
    known = [name.removeprefix(f"{tree}.") for name in setting_names() if name.startswith(f"{tree}.")]
    if tree != "traits":
        check.keys(tree, given, (), known)
        return
    check.keys(tree, given, (), list(dict.fromkeys(name.partition(".")[0] for name in known)))
    for kind, row in given.items():
        traits = [name.partition(".")[2] for name in known if name.startswith(f"{kind}.")]
        if traits:
            check.keys(f"{tree}.{kind}", check.mapping(f"{tree}.{kind}", row), (), traits)


def settings_problems(changes: Mapping[str, Any]) -> list[str]:
    """Return what the gate of the parameter table says about the values of a layer whose names are known."""
    values = {name: changes[name] for name in CHOICES if name in changes}
    for tree in GATE_TREES:
        rows = changes.get(tree)
        for name, value in rows.items() if isinstance(rows, Mapping) else ():
            inner = value if tree == "traits" and isinstance(value, Mapping) else {"": value}
            values |= {f"{tree}.{name}.{key}".rstrip("."): item for key, item in inner.items()}
    known = setting_names()
    return gate_problems({name: value for name, value in values.items() if value is not None and name in known})
