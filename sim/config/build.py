"""A Scenario built from a case, a scenario and settings: later layers win, all mistakes are collected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.config.events import (
    SOMETIMES_READ,
    both_problems,
    change_problems,
    missing_of_change,
    reads,
    target_of,
    unread_problems,
)
from sim.config.posts import group_of, make_posts, usual_rows
from sim.config.schema import (
    CASE_NUMBERS,
    HOMES,
    SCENARIO_EXTRAS,
    layer_problems,
    numbers_of,
    settings_problems,
    value_of,
)
from sim.config.settings import gate_problems
from sim.core.gate import did_you_mean
from sim.core.parameters import CHOICE_DEFAULTS, PARAMETERS
from sim.core.posterior import NONE, PosteriorError, was_fitted
from sim.core.scenario import (
    DEFAULT_CAPACITY,
    MAX_SEATS,
    SCHEDULED,
    Change,
    Organisation,
    Post,
    Scenario,
    ScenarioError,
    Seat,
    Shock,
    normalised,
)
from sim.core.vocabulary import Ring, Role, ShockKind, Theme, words

RUN_KEYS = ("seed", "replicates", "threads", "output", "posterior", "name", "case", "scenario", "sentence")
NEVER = PARAMETERS["funding_end_week"].default
"""Week that stands for no end of the grant."""


def build_scenario(
    case: Mapping[str, Any],
    scenario: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Scenario:
    """Build what is run from a case, a scenario and the user's own settings.

    Parameters
    ----------
    case : mapping
        A case as ``load_case`` returns it; its targets are not read.
    scenario : mapping, optional
        A scenario as ``load_scenario`` returns it; nothing is changed when not given.
    settings : mapping, optional
        The user's changes, in the form of a scenario file; keys about the run (seed, output) are ignored.

    Raises
    ------
    ScenarioError
        With one line for every problem of the combination.
    """
    scenario, settings = scenario or {}, settings or {}
    draft = Draft(case)
    draft.weeks = _first_whole(settings.get("weeks"), scenario.get("weeks"), draft.weeks)
    name = str(scenario.get("name", "baseline"))
    draft.apply(scenario, f"scenario {name}")
    draft.apply(settings, "")
    return draft.build(name, str(settings.get("posterior") or NONE))


def _first_whole(*choices: object) -> int:
    return next(choice for choice in choices if isinstance(choice, int) and not isinstance(choice, bool))


class Draft:
    """A scenario in the making: plain values of a case, changed layer by layer.

    Parameters
    ----------
    case : mapping
        A checked case.
    """

    def __init__(self, case: Mapping[str, Any]) -> None:
        self.case = str(case.get("name", "case"))
        self.case_file = case
        self.weeks: int = case["weeks"]["value"]
        self.start = case["start"]["value"].isoformat()
        self.parameters = _case_numbers(case)
        self.enabling = {name: value_of(row) for name, row in case.get("enabling", {}).items()}
        self.traits: dict[str, Any] = {}
        self.choices: dict[str, str] = dict(CHOICE_DEFAULTS)
        self.rules: dict[str, Any] = {}
        homes = case["organisations"].items()
        self.backing = {name: value_of(row["backing"]) for name, row in homes if name != "each"}
        self.groups = {name: _plain(row) for name, row in case["founding"].items()}
        posts = case.get("posts", {})
        self.unpaid = {name for name, row in posts.items() if row is None}
        self.posts = {name: _plain(row) for name, row in posts.items() if row is not None}
        self.posts |= usual_rows(self.groups, self.posts, self.unpaid)
        self.posts_by_hand: dict[str, set[str]] = {}
        self.weights = _plain(case["recruiting"]["roles"])
        self.need = _plain(case["need"])
        self.shocks = {name: _plain(row) for name, row in case.get("shocks", {}).items()}
        self.untouched = set(self.shocks)
        self.schedule: dict[str, dict[str, Any]] = {}
        self.questionnaire = [value_of(row) for row in case.get("questionnaire", {}).values()]
        self.roles = {row["role"] for row in self.groups.values()} | set(self.weights)
        self.one_ring = False
        self.given: set[str] = set()
        self.problems: list[str] = []

    def apply(self, changes: Mapping[str, Any], label: str) -> None:
        """Change the draft by one layer.

        Parameters
        ----------
        changes : mapping
            In the form of a scenario file.
        label : str
            Where they come from, for messages; empty for the user's own settings.
        """
        front = f"{label}: " if label else ""
        unknown = [key for key in changes if key not in (*SCENARIO_EXTRAS, *RUN_KEYS)]
        found = [f"unknown setting '{key}'{did_you_mean(key, SCENARIO_EXTRAS)}" for key in unknown]
        found += layer_problems(changes)
        # Values of a good layer meet the gate in the Scenario; those of a refused one here, so that all are named.
        found = [*found, *settings_problems(changes)] if found else self._take(changes)
        self.problems += [f"{front}{line}" for line in found]

    def _take(self, changes: Mapping[str, Any]) -> list[str]:
        """Take checked changes into the draft and return what does not fit this case."""
        if found := self._fits(changes):
            return found
        self._take_numbers(changes)
        found = self._take_recruiting(changes.get("recruiting", {}))
        found += self._take_founding(changes.get("founding", {}))
        found += self._take_posts(changes.get("posts", {}))
        found += self._take_shocks(changes.get("shocks", {}))
        found += self._take_schedule(changes.get("schedule", {}))
        if "rings" in changes:
            self.one_ring = changes["rings"] == "one"
        return found

    def _fits(self, changes: Mapping[str, Any]) -> list[str]:
        cases = changes.get("cases")
        if cases is None or self.case in cases:
            return []
        return [f"made for {' and '.join(cases) or 'no case'}, not for {self.case}"]

    def _take_numbers(self, changes: Mapping[str, Any]) -> None:
        for place, parameter in CASE_NUMBERS.items():
            part, _, key = place.partition(".")
            if key in changes.get(part, {}):
                value = changes[part][key]
                self.parameters[parameter] = NEVER if value is None else value
                self.given.add(f"parameters.{parameter}")
        self.parameters |= _given(changes.get("parameters", {}))
        self.enabling |= _given(changes.get("enabling", {}))
        for tree in ("parameters", "enabling"):
            self.given |= {f"{tree}.{name}" for name in _given(changes.get(tree, {}))}
        for kind, row in changes.get("traits", {}).items():
            self.traits |= {f"{kind}.{trait}": value for trait, value in _given(row).items()}
        for name in CHOICE_DEFAULTS:
            part, _, key = name.partition(".")
            value = changes.get(part, {}).get(key) if key else changes.get(part)
            self.choices[name] = self.choices[name] if value is None else value
        self.rules |= _given(changes.get("rules", {}))

    def _lacks_role(self, where: str, role: object) -> list[str]:
        if role is None or role == "any" or role in self.roles:
            return []
        present = [name for name in words(Role) if name in self.roles]
        listed = ", ".join(present)
        return [f"{where} names the role {role}, which case {self.case} does not have; it has {listed}"]

    def _take_recruiting(self, changes: Mapping[str, Any]) -> list[str]:
        found = []
        for role, weight in changes.get("roles", {}).items():
            found += self._lacks_role("recruiting.roles", role)
            self.weights[role] = weight
            self.given.add(f"recruiting.roles.{role}")
        return found

    def _take_founding(self, changes: Mapping[str, Any]) -> list[str]:
        found = []
        for name, change in changes.items():
            if name not in self.groups and (change is None or "role" not in change):
                found.append(f"founding.{name} is not a group of case {self.case}{_hint(name, self.groups)}")
            elif change is None:
                del self.groups[name]
                self.posts = {post: row for post, row in self.posts.items() if group_of(post, row) != name}
                self.unpaid.add(name)
            else:
                group = {**self.groups.get(name, {}), **_given(change)}
                missing = [key for key in ("role", "ring", "organisation", "seats") if key not in group]
                found += [f"founding.{name}.{key} is missing" for key in missing]
                homes = (*self.backing, *HOMES)
                if not missing and group["organisation"] not in homes:
                    found.append(f"founding.{name}.organisation must be one of {', '.join(homes)}")
                elif not missing:
                    self.groups[name] = group
                    self.roles.add(group["role"])
        return found

    def _take_posts(self, changes: Mapping[str, Any]) -> list[str]:
        found = []
        for name, change in changes.items():
            if change is not None:
                given = _given(change)
                self.posts[name] = {**self.posts.get(name, {}), **given}
                self.posts_by_hand[name] = self.posts_by_hand.get(name, set()) | set(given)
            elif name in self.posts or name in self.groups or name in self.unpaid:
                self.posts.pop(name, None)
                self.posts_by_hand.pop(name, None)
                self.unpaid.add(name)
            else:
                found.append(f"posts.{name} is not there and cannot be taken away{_hint(name, self.posts)}")
        return found

    def _take_shocks(self, changes: Mapping[str, Any]) -> list[str]:
        found = []
        for name, change in changes.items():
            if name not in self.shocks and (change is None or "kind" not in change):
                hint = _hint(name, self.shocks)
                found.append(f"shocks.{name} is not a shock of case {self.case} and has no kind{hint}")
            elif change is None:
                del self.shocks[name]
            else:
                shock = {**self.shocks.get(name, {}), **_given(change)}
                found += (wrong := self._shock_problems(f"shocks.{name}", shock, change))
                self.untouched.discard(name)
                if not wrong:
                    # A change of kind leaves behind what the new kind does not read.
                    idle = [key for key in SOMETIMES_READ if not reads(shock["kind"], key)]
                    self.shocks[name] = {key: value for key, value in shock.items() if key not in idle}
        return found

    def _shock_problems(self, where: str, shock: Mapping[str, Any], change: Mapping[str, Any]) -> list[str]:
        missing = [f"{where}.{key} is missing" for key in ("week", "size") if key not in shock]
        idle = unread_problems(where, shock["kind"], change)
        found = [*missing, *self._lacks_role(f"{where}.role", change.get("role")), *idle]
        return found or both_problems(where, shock)

    def _take_schedule(self, changes: Mapping[str, Any]) -> list[str]:
        found = []
        for name, change in changes.items():
            if change is None and name not in self.schedule:
                hint = _hint(name, self.schedule)
                found.append(f"schedule.{name} is not there and cannot be removed{hint}")
            elif change is None:
                del self.schedule[name]
            else:
                row = {**self.schedule.get(name, {}), **_given(change)}
                where = f"schedule.{name}"
                found += (wrong := change_problems(where, row) or missing_of_change(where, row))
                if not wrong:
                    self.schedule[name] = row
        return found

    def build(self, name: str, posterior: str) -> Scenario:
        """Return the Scenario, its numbers drawn from a posterior, or raise with all problems together."""
        switches = {f"rules.{rule}": works for rule, works in self.rules.items() if works is not False}
        self.problems += gate_problems(switches)
        given = self._not_drawn(posterior)
        seats, organisations = self._seats()
        shocks, posts = self._shocks([home.name for home in organisations]), self._posts()
        try:
            built = Scenario(
                name=name,
                case=self.case,
                weeks=self.weeks,
                seats=seats,
                organisations=organisations,
                need=normalised([float(self.need.get(theme, 0)) for theme in words(Theme)]),
                capacity=min(MAX_SEATS, max(DEFAULT_CAPACITY, 2 * len(seats))),
                start=self.start,
                parameters=_as_floats(self.parameters),
                enabling=_as_floats(self.enabling),
                traits=_as_floats(self.traits),
                cause=self.choices["turnover.cause"],
                buffer=self.choices["turnover.buffer"],
                route=self.choices["route"],
                null_model=self.choices["null_model"],
                rules_off=frozenset(rule for rule, works in self.rules.items() if works is False),
                shocks=shocks,
                schedule=self._schedule(),
                posts=posts,
                recruiting=tuple(float(self.weights.get(role, 0)) for role in words(Role)),
                questionnaire_weeks=tuple(sorted({int(week) for week in self.questionnaire if week <= self.weeks})),
                posterior=posterior,
                given=given,
            )
        except ScenarioError as error:
            raise ScenarioError([*self.problems, *error.problems]) from error
        if self.problems:
            raise ScenarioError(self.problems)
        return built

    def _not_drawn(self, posterior: str) -> frozenset[str]:
        """Return the numbers that no draw replaces: those set by hand, and the case's own when it was not fitted."""
        if posterior == NONE:
            return frozenset()
        try:
            if was_fitted(posterior, self.case_file):
                return frozenset(self.given)
        except PosteriorError as error:
            self.problems.append(str(error))
        own = {f"enabling.{name}" for name in self.enabling} | {f"recruiting.roles.{role}" for role in self.weights}
        return frozenset(self.given | own | {f"parameters.{name}" for name in self.parameters})

    def _seats(self) -> tuple[tuple[Seat, ...], tuple[Organisation, ...]]:
        organisations: list[Organisation] = []
        seats: list[Seat] = []
        places: dict[str, int] = {}
        for group, row in self.groups.items():
            ring = Ring.CORE_TEAM if self.one_ring else Ring[row["ring"].upper()]
            for number in range(int(row["seats"])):
                place = self._place(group, number, row["organisation"], organisations, places)
                seats.append(Seat(group, Role[row["role"].upper()], ring, place))
        return tuple(seats), tuple(organisations)

    def _place(
        self, group: str, number: int, home: str, organisations: list[Organisation], places: dict[str, int]
    ) -> int:
        """Return the number of a seat's organisation, adding the organisation when it is new."""
        if home == "none":
            return -1
        name = f"{group}_{number + 1}" if home == "each" else home
        if name not in places:
            places[name] = len(organisations)
            backing = self._each_backing() if home == "each" else self.backing[home]
            organisations.append(Organisation(name, float(backing)))
        return places[name]

    def _each_backing(self) -> float:
        """Return the backing by homes without a name; the default where what is given will be refused by the gate."""
        row = PARAMETERS["each_backing"]
        given: Any = self.parameters.get(row.name)
        return row.default if gate_problems({f"parameters.{row.name}": given}) else given

    def _posts(self) -> tuple[Post, ...]:
        """Return who is paid, from when to when; none where something is wrong, which is written down."""
        rows = {name: row for name, row in self.posts.items() if not self._is_over(name, row)}
        rows |= usual_rows(self.groups, rows, self.unpaid)
        posts, problems = make_posts(rows, self.groups, self.weeks, self.posts_by_hand)
        self.problems += problems
        return () if problems else posts

    def _is_over(self, name: str, row: Mapping[str, Any]) -> bool:
        """Tell whether a post went without saying and the seats are no longer those of coordinators."""
        group = self.groups.get(name)
        return not row and group is not None and group["role"] != "coordinator"

    def _shocks(self, homes: Sequence[str]) -> tuple[Shock, ...]:
        """Return the shocks in order of time.

        Events of the case after a shortened run's end, and of organisations that are not founded, are left out.
        """
        kept = []
        for name, row in self.shocks.items():
            home = row.get("organisation")
            lost = home is not None and str(home) not in homes
            if name in self.untouched and (lost or row["week"] > self.weeks):
                continue
            if lost:
                listed = f"shocks.{name}.organisation must be one of {', '.join(homes)}; got '{home}'"
                self.problems.append(listed + did_you_mean(str(home), homes))
                continue
            kept.append(_shock(name, row, -1 if home is None else homes.index(str(home))))
        return tuple(sorted(kept, key=lambda shock: (shock.week, shock.name)))

    def _schedule(self) -> tuple[Change, ...]:
        changes = [Change(int(row["week"]), target_of(row), float(row["value"])) for row in self.schedule.values()]
        return tuple(sorted(changes, key=lambda change: (change.week, SCHEDULED.index(change.setting))))


def _shock(name: str, row: Mapping[str, Any], organisation: int) -> Shock:
    return Shock(
        name=name,
        kind=ShockKind[row["kind"].upper()],
        week=int(row["week"]),
        size=float(row["size"]),
        duration=int(row.get("duration", 1)),
        role=-1 if row.get("role", "any") == "any" else int(Role[row["role"].upper()]),
        theme=int(Theme[row["theme"].upper()]) if row.get("theme") else -1,
        organisation=organisation,
    )


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping with each {value, low, high, status, source} replaced by its value."""
    return {key: value_of(item) for key, item in row.items()}


def _given(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mapping without the places that are empty."""
    return {key: value for key, value in row.items() if value is not None}


def _as_floats(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return numbers as float; anything else as it is, for the gate to refuse."""
    return {
        name: float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
        for name, value in values.items()
    }


def _case_numbers(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings and parameters of the table that a case gives."""
    numbers = {name: NEVER if value is None else value for name, value in _plain(numbers_of(case)).items()}
    return numbers | _plain(case.get("parameters", {}))


def _hint(name: str, names: Mapping[str, Any]) -> str:
    """Return the did_you_mean name, or all names there are."""
    listed = f"; there are {', '.join(names)}" if names else ""
    return did_you_mean(name, names) or listed
