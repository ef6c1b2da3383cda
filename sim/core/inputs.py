"""From a scenario to the arrays that the kernels read.

All settings of a run are one row of a numpy record array (``record_dtype``), so that one compiled loop runs
thousands of design points without compiling again (``docs/decisions/003-parameter-records.md``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.core import traits
from sim.core.lanes.records import Layout, Record
from sim.core.parameters import LEVERS, PARAMETERS
from sim.core.posterior import drawn
from sim.core.scenario import DEFAULT_CAPACITY, SCHEDULED, Scenario, ScenarioError, is_open, normalised
from sim.core.vocabulary import (
    Experience,
    Level,
    Lever,
    Null,
    Resource,
    Role,
    Route,
    Rule,
    Theme,
    Trait,
    TurnoverBuffer,
    TurnoverCause,
    words,
)

MAX_SHOCKS = 24
MAX_CHANGES = 24
MAX_POSTS = 24

_F = np.float64


class Founding(NamedTuple):
    """Founding composition.

    Fields are ``role``, ``ring``, ``organisation``, ``is_open`` (n0,) int64 and ``backing`` (G0,) float64. A seat that
    is not open at the founding opens with its first post.
    """

    role: NDArray[np.int64]
    ring: NDArray[np.int64]
    organisation: NDArray[np.int64]
    is_open: NDArray[np.int64]
    backing: NDArray[np.float64]


class Foundings(NamedTuple):
    """Founding compositions, one a row, padded to the largest: fields as in ``Founding``, and the sizes (F,) int64."""

    role: NDArray[np.int64]
    ring: NDArray[np.int64]
    organisation: NDArray[np.int64]
    is_open: NDArray[np.int64]
    backing: NDArray[np.float64]
    n_seats: NDArray[np.int64]
    n_organisations: NDArray[np.int64]


def record_dtype() -> np.dtype[np.void]:
    """Return the dtype of one run's settings: a field per parameter, then tables, choices and dated events.

    Whole numbers are held as floats, so that a row is one array and a column of lanes is a copy of it.
    """
    fields: list[tuple[Any, ...]] = [(name, _F) for name in PARAMETERS]
    fields += [
        ("levers", _F, (len(Lever),)),
        ("lever_hours", _F, (len(Lever),)),
        ("lever_level", _F, (len(Lever),)),
        ("traits", _F, (len(Resource), len(Trait))),
        ("endowment", _F, (len(Resource), len(Role))),
        ("vantage", _F, (len(Role), len(Theme))),
        ("relevance", _F, (len(Resource), len(Theme))),
        ("stake", _F, (len(Role),)),
        ("exposure", _F, (len(Role),)),
        ("leading", _F, (len(Role),)),
        ("start_experience", _F, (len(Experience),)),
        ("recruiting", _F, (len(Role),)),
        ("need_start", _F, (len(Theme),)),
        ("rule_on", _F, (len(Rule),)),
        ("room", _F),
        ("cause", _F),
        ("buffer", _F),
        ("route", _F),
        ("null_model", _F),
        ("n_shocks", _F),
        ("shock_kind", _F, (MAX_SHOCKS,)),
        ("shock_week", _F, (MAX_SHOCKS,)),
        ("shock_size", _F, (MAX_SHOCKS,)),
        ("shock_duration", _F, (MAX_SHOCKS,)),
        ("shock_role", _F, (MAX_SHOCKS,)),
        ("shock_theme", _F, (MAX_SHOCKS,)),
        ("shock_organisation", _F, (MAX_SHOCKS,)),
        ("n_posts", _F),
        ("post_seat", _F, (MAX_POSTS,)),
        ("post_seats", _F, (MAX_POSTS,)),
        ("post_from", _F, (MAX_POSTS,)),
        ("post_to", _F, (MAX_POSTS,)),
        ("post_share", _F, (MAX_POSTS,)),
        ("post_pay", _F, (MAX_POSTS,)),
        ("post_seconded", _F, (MAX_POSTS,)),
        ("n_changes", _F),
        ("change_week", _F, (MAX_CHANGES,)),
        ("change_lever", _F, (MAX_CHANGES,)),
        ("change_value", _F, (MAX_CHANGES,)),
    ]
    return np.dtype((np.record, fields))


RECORD = record_dtype()

_SAME_IN_A_GROUP = ("rule_on", "cause", "buffer", "route", "null_model")
"""Settings that choose which rules act: runs that differ in one of them are not run side by side."""

PARAMS = Layout(
    "params",
    [(name, "s" if name in _SAME_IN_A_GROUP else "f", RECORD[name].shape) for name in RECORD.names or ()],
)
"""Settings of a group, a lane per run: fields as in ``RECORD``."""

FOUNDING = Layout(
    "founding",
    [
        ("role", "f", ("n",)),
        ("ring", "f", ("n",)),
        ("organisation", "f", ("n",)),
        ("is_open", "f", ("n",)),
        ("backing", "f", ("G",)),
        ("n_seats", "f", ()),
        ("n_organisations", "f", ()),
        ("most_seats", "s", ()),
        ("most_organisations", "s", ()),
    ],
)
"""Founding compositions of a group, a lane per run; the last two fields are the largest sizes of any lane."""


_NULL_OFF = (Rule.ENCOUNTERS, Rule.EXCHANGE, Rule.INTEGRATION, Rule.APPRAISAL, Rule.PROGRESS, Rule.ADAPTATION)


def _matrix(table: dict[str, dict[str, float]]) -> NDArray[np.float64]:
    return np.array([list(row.values()) for row in table.values()], dtype=float)


def settings_record(scenario: Scenario) -> NDArray[np.void]:
    """Return the settings of a scenario as a record array of shape (1,).

    Raises
    ------
    ScenarioError
        When there are more shocks, posts or changes than a record holds.
    """
    problems = []
    if len(scenario.shocks) > MAX_SHOCKS:
        problems.append(f"a run takes at most {MAX_SHOCKS} shocks; got {len(scenario.shocks)}")
    if len(scenario.schedule) > MAX_CHANGES:
        problems.append(f"a run takes at most {MAX_CHANGES} scheduled changes; got {len(scenario.schedule)}")
    if len(scenario.paid_posts) > MAX_POSTS:
        problems.append(f"a run takes at most {MAX_POSTS} posts; got {len(scenario.paid_posts)}")
    if problems:
        raise ScenarioError(problems)
    table = np.zeros(1, dtype=RECORD).view(np.recarray)
    for name, parameter in PARAMETERS.items():
        table[name] = scenario.parameters.get(name, parameter.default)
    _fill_tables(table, scenario)
    _fill_choices(table, scenario)
    _fill_events(table, scenario)
    return table


def settings_of_runs(scenario: Scenario, replicates: NDArray[np.int64]) -> NDArray[np.void]:
    """Return the settings of runs: (1,) when all share them, else (n,), each with its draw of the posterior.

    Parameters
    ----------
    scenario : Scenario
        What is run.
    replicates : (n,) int64
        Number of each run; number r takes draw r; after the last draw comes the first.
    """
    table = settings_record(scenario)
    columns = drawn(scenario.posterior, scenario.case, scenario.given)
    if not columns:
        return table
    rows = np.repeat(table, len(replicates))
    write_numbers(rows, {name: values[replicates % len(values)] for name, values in columns.items()})
    return rows


def write_numbers(table: NDArray[np.void], columns: dict[str, NDArray[np.float64]]) -> None:
    """Write numbers of the parameter table into records of settings, in place.

    Parameters
    ----------
    table : (n,) record array
        Settings, one row per run.
    columns : dict of str to (n,) float64
        Dotted names and values that passed ``sim.core.gate.check``.
    """
    for name, values in columns.items():
        head, _, rest = name.partition(".")
        if head == "parameters":
            table[rest] = values
        elif head == "recruiting":
            table["recruiting"][:, _ROLE_PLACE[rest.removeprefix("roles.")]] = values
        elif head == "enabling":
            table["levers"][:, _LEVER_PLACE[rest]] = values
        else:
            kind, _, trait = rest.partition(".")
            table["traits"][:, _KIND_PLACE[kind], _TRAIT_PLACE[trait]] = values


_LEVER_PLACE = {name: place for place, name in enumerate(LEVERS)}
_KIND_PLACE = {name: place for place, name in enumerate(traits.TRAITS)}
_ROLE_PLACE = {name: place for place, name in enumerate(words(Role))}
_TRAIT_PLACE = {name: place for place, name in enumerate(words(Trait))}


def _fill_tables(table: NDArray[np.void], scenario: Scenario) -> None:
    table["levers"] = [scenario.enabling.get(name, row.default) for name, row in LEVERS.items()]
    table["lever_hours"] = [row.hours for row in LEVERS.values()]
    table["lever_level"] = [words(Level).index(row.level) for row in LEVERS.values()]
    kinds = {
        kind: {trait: scenario.traits.get(f"{kind}.{trait}", value) for trait, value in row.items()}
        for kind, row in traits.TRAITS.items()
    }
    table["traits"] = _matrix(kinds)
    table["endowment"] = _matrix(traits.ENDOWMENT)
    table["vantage"] = _matrix(traits.VANTAGE)
    table["relevance"] = _matrix(traits.RELEVANCE)
    table["stake"] = list(traits.STAKE.values())
    table["exposure"] = list(traits.EXPOSURE.values())
    table["leading"] = list(traits.LEADING.values())
    table["start_experience"] = list(traits.START_EXPERIENCE.values())
    table["recruiting"] = scenario.recruiting
    table["need_start"] = normalised(scenario.need)


def _fill_choices(table: NDArray[np.void], scenario: Scenario) -> None:
    table["room"] = scenario.capacity
    table["cause"] = words(TurnoverCause).index(scenario.cause)
    table["buffer"] = words(TurnoverBuffer).index(scenario.buffer)
    table["route"] = words(Route).index(scenario.route)
    null = Null(words(Null).index(scenario.null_model))
    table["null_model"] = null
    off = set(scenario.rules_off)
    if null is Null.TURNOVER_ONLY:
        off |= {rule.name.lower() for rule in _NULL_OFF}
    table["rule_on"] = [rule not in off for rule in words(Rule)]


def _fill_events(table: NDArray[np.void], scenario: Scenario) -> None:
    row = table[0]
    row.n_shocks = len(scenario.shocks)
    row.n_changes = len(scenario.schedule)
    for index, shock in enumerate(scenario.shocks):
        row.shock_kind[index] = shock.kind
        row.shock_week[index] = shock.week
        row.shock_size[index] = shock.size
        row.shock_duration[index] = shock.duration
        row.shock_role[index] = shock.role
        row.shock_theme[index] = shock.theme
        row.shock_organisation[index] = shock.organisation
    for index, change in enumerate(scenario.schedule):
        row.change_week[index] = change.week
        row.change_lever[index] = SCHEDULED.index(change.setting)
        row.change_value[index] = change.value
    posts = scenario.paid_posts
    row.n_posts = len(posts)
    for index, post in enumerate(posts):
        row.post_seat[index] = post.seat
        row.post_seats[index] = post.seats
        row.post_from[index] = post.from_week
        row.post_to[index] = post.to_week
        row.post_share[index] = post.share
        row.post_pay[index] = post.pay
        row.post_seconded[index] = post.seconded


def founding_arrays(scenario: Scenario) -> Founding:
    """Return the founding composition of a scenario as arrays."""
    return Founding(
        np.array([seat.role for seat in scenario.seats], dtype=np.int64),
        np.array([seat.ring for seat in scenario.seats], dtype=np.int64),
        np.array([seat.organisation for seat in scenario.seats], dtype=np.int64),
        np.array([is_open(scenario, place) for place in range(len(scenario.seats))], dtype=np.int64),
        np.array([organisation.backing for organisation in scenario.organisations], dtype=np.float64),
    )


def stack_foundings(scenarios: Sequence[Scenario]) -> Foundings:
    """Return the founding compositions of scenarios, one a row."""
    each = [founding_arrays(scenario) for scenario in scenarios]
    sizes = [np.array([len(getattr(one, name)) for one in each], dtype=np.int64) for name in ("role", "backing")]
    columns = [_padded([getattr(one, name) for one in each]) for name in Founding._fields]
    return Foundings(*columns, *sizes)


def _padded(rows: list[NDArray[Any]]) -> NDArray[Any]:
    table = np.zeros((len(rows), max(row.size for row in rows)), dtype=rows[0].dtype)
    for place, row in enumerate(rows):
        table[place, : row.size] = row
    return table


def room_for(scenarios: Sequence[Scenario]) -> int:
    """Return how many seats records of these scenarios need room for.

    There is room for twice as many organisations: those of the founding, and one per seat that joins later.
    """
    return max(
        max(DEFAULT_CAPACITY, one.capacity, -(-(len(one.organisations) + one.capacity) // 2)) for one in scenarios
    )


def structures(table: NDArray[np.void]) -> NDArray[np.float64]:
    """Return the columns of settings in which runs side by side must agree, (n, columns)."""
    return np.column_stack([table[name].reshape(len(table), -1) for name in _SAME_IN_A_GROUP])


def as_numbers(table: NDArray[np.void]) -> NDArray[np.float64]:
    """Return records of settings as rows of numbers, (n, numbers), that share their memory."""
    return table.view(_F).reshape(len(table), -1)


def fill_settings(params: Record, words: NDArray[np.float64]) -> None:
    """Write rows of settings (``as_numbers``) into lanes; the first also fills lanes for which there is none."""
    lanes = params._memory.view(_F).reshape(-1, params._width)
    lanes[:, : len(words)] = words.T
    lanes[:, len(words) :] = words[0][:, None]


def fill_founding(record: Record, foundings: Foundings, rows: NDArray[np.int64]) -> None:
    """Write founding compositions into lanes; the first also fills lanes for which there is none."""
    lanes = np.concatenate([rows, np.full(record._width - len(rows), rows[0])])
    for name in ("role", "ring", "organisation", "is_open", "backing"):
        values = getattr(foundings, name)[lanes].T
        record._views[name][: len(values)] = values
    record.n_seats, record.n_organisations = foundings.n_seats[lanes], foundings.n_organisations[lanes]
    record.most_seats, record.most_organisations = (
        foundings.n_seats[lanes].max(),
        foundings.n_organisations[lanes].max(),
    )
