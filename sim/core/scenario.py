"""What a run is: one partnership, its surroundings and its settings, frozen.

Built by ``sim.config.build.build_scenario`` from a case and a scenario file, or by hand in tests. A scenario holds
plain data only; ``sim.core.inputs`` turns it into the arrays that the kernels read. The targets
of a case are not part of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from sim.core.errors import UserError
from sim.core.gate import ParameterError, check, check_number, did_you_mean
from sim.core.parameters import CHOICE_DEFAULTS, CHOICES, LEVERS, PARAMETERS
from sim.core.shocks import MAX_WEEKS, SHOCK_LIMITS
from sim.core.vocabulary import Lever, Ring, Role, Rule, ShockKind, Theme, words

MAX_SEATS = 1000
DEFAULT_CAPACITY = 40
SCHEDULED = (*LEVERS, "facilitator_hours")
"""Settings that may change in a given week."""


class ScenarioError(UserError):
    """A scenario that cannot be run."""


def normalised(weights: Sequence[float]) -> tuple[float, ...]:
    """Return weights divided by their sum.

    The sum is taken from left to right: from Python 3.12 on, the built-in ``sum`` compensates for rounding and
    gives other last digits than on 3.11.

    >>> normalised([1.0, 3.0])
    (0.25, 0.75)
    """
    total = 0.0
    for weight in weights:
        total += weight
    return tuple(weight / total for weight in weights)


@dataclass(frozen=True)
class Organisation:
    """A home organisation: its name and its backing, a share of full backing in [0, 1]."""

    name: str
    backing: float


@dataclass(frozen=True)
class Seat:
    """A founding seat; ``organisation`` indexes ``Scenario.organisations``, -1 for none."""

    group: str
    role: Role
    ring: Ring
    organisation: int


@dataclass(frozen=True)
class Shock:
    """A dated outside change.

    Attributes
    ----------
    name : str
        Name, unique in a scenario.
    kind : ShockKind
        What happens.
    week : int
        Week in which it strikes, from 1 to the end of the run.
    size : float
        Strength in [0, 1]; its meaning per kind is in ``docs/model/model.md``.
    duration : int
        Weeks that it lasts (kinds that last), at least 1.
    role : int
        A ``Role`` for kinds that strike persons, -1 for any.
    theme : int
        A ``Theme`` that a reform makes dominant, -1 for none.
    organisation : int
        An index of ``Scenario.organisations`` that is dissolved, -1 for those of the role.
    """

    name: str
    kind: ShockKind
    week: int
    size: float
    duration: int = 1
    role: int = -1
    theme: int = -1
    organisation: int = -1


@dataclass(frozen=True)
class Post:
    """Time of a seat that somebody pays for.

    Attributes
    ----------
    seat : int
        Number of the first founding seat that it pays for (index of ``Scenario.seats``).
    share : float
        Share of full time, above 0 and at most 1.
    from_week, to_week : int
        First and last week; posts of one seat do not overlap.
    pay : float
        Pay of full time in coordinator-weeks a week; -1 for the parameter ``salary``.
    seconded : bool
        Whether the seat's organisation pays instead of the purse.
    seats : int
        How many seats in a row it pays for, each as stated.
    """

    seat: int
    share: float = 1.0
    from_week: int = 1
    to_week: int = MAX_WEEKS
    pay: float = -1.0
    seconded: bool = False
    seats: int = 1

    def of(self, place: int) -> bool:
        """Tell whether it pays for the founding seat of that number."""
        return self.seat <= place < self.seat + self.seats

    def collides(self, other: Post) -> bool:
        """Tell whether both pay for a seat in the same week."""
        same_seat = self.seat < other.seat + other.seats and other.seat < self.seat + self.seats
        return same_seat and self.from_week <= other.to_week and other.from_week <= self.to_week


@dataclass(frozen=True)
class Change:
    """From ``week`` on, ``setting`` (a name of ``SCHEDULED``) is set to ``value``."""

    week: int
    setting: str
    value: float


@dataclass(frozen=True)
class Scenario:
    """One partnership to simulate: everything but seed and replicate.

    Attributes
    ----------
    name, case : str
        Names of the scenario and of the case.
    weeks : int
        Horizon, 1 to 520 weeks.
    seats, organisations : tuple
        Founding composition.
    need : tuple of float
        Weights of the six themes at the start; normalised when compiled.
    capacity : int
        Seats that there is room for, founding seats included (at most 1,000).
    start : str
        ISO date of week 0, for axes only.
    parameters, enabling, traits : dict
        Values that differ from the tables (dotted ``kind.trait`` names in ``traits``).
    cause, buffer, route, null_model : str
        Rival explanations and nulls (``sim.core.parameters.CHOICES``).
    rules_off : frozenset of str
        Rules switched off for an ablation.
    shocks, schedule : tuple
        Dated events, and changes of levers and of facilitator hours.
    posts : tuple of Post
        Who is paid, by whom, from when to when; when not given, each coordinator has a full-time post.
    recruiting : tuple of float
        Weight of each role among those whom the partnership approaches.
    questionnaire_weeks : tuple of int
        Weeks after which members are surveyed.
    posterior : str
        Where replicates draw numbers from (``sim.core.posterior``): ``cases``, a file, or ``none``.
    given : frozenset of str
        Dotted names of numbers that somebody set; no draw replaces them.
    """

    name: str
    case: str
    weeks: int
    seats: tuple[Seat, ...]
    organisations: tuple[Organisation, ...]
    need: tuple[float, ...] = (0.3, 0.25, 0.1, 0.15, 0.1, 0.1)
    capacity: int = DEFAULT_CAPACITY
    start: str = "2013-10-01"
    parameters: dict[str, float] = field(default_factory=dict)
    enabling: dict[str, float] = field(default_factory=dict)
    traits: dict[str, float] = field(default_factory=dict)
    cause: str = CHOICE_DEFAULTS["turnover.cause"]
    buffer: str = CHOICE_DEFAULTS["turnover.buffer"]
    route: str = CHOICE_DEFAULTS["route"]
    null_model: str = CHOICE_DEFAULTS["null_model"]
    rules_off: frozenset[str] = frozenset()
    shocks: tuple[Shock, ...] = ()
    schedule: tuple[Change, ...] = ()
    posts: tuple[Post, ...] | None = None
    recruiting: tuple[float, ...] = (1.0, 1.0, 0.0, 0.0, 1.0, 1.0)
    questionnaire_weeks: tuple[int, ...] = ()
    posterior: str = "none"
    given: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.case}/{self.name}"

    @property
    def paid_posts(self) -> tuple[Post, ...]:
        """Posts as stated or, where none are, a full-time one for each coordinator."""
        return usual_posts(self.seats) if self.posts is None else self.posts

    def __post_init__(self) -> None:
        problems = [*self._setting_problems(), *self._size_problems(), *self._event_problems()]
        if problems:
            raise ScenarioError(problems)

    def _setting_problems(self) -> list[str]:
        values: dict[str, object] = {f"parameters.{name}": value for name, value in self.parameters.items()}
        values |= {f"enabling.{name}": value for name, value in self.enabling.items()}
        values |= {f"traits.{name}": value for name, value in self.traits.items()}
        values |= dict(zip(CHOICES, (self.cause, self.buffer, self.route, self.null_model), strict=True))
        values |= {f"rules.{name}": False for name in self.rules_off}
        try:
            check(values)
        except ParameterError as error:
            return list(error.problems)
        return []

    def _size_problems(self) -> list[str]:
        problems = []
        if not 1 <= self.weeks <= MAX_WEEKS:
            problems.append(f"weeks must be a whole number from 1 to {MAX_WEEKS} (weeks); got {self.weeks}")
        if not 1 <= self.capacity <= MAX_SEATS:
            problems.append(f"capacity must be a whole number from 1 to {MAX_SEATS} (seats); got {self.capacity}")
        if len(self.seats) > self.capacity:
            problems.append(f"{len(self.seats)} founding seats do not fit in a capacity of {self.capacity} seats")
        if not self.seats:
            problems.append("a partnership needs at least one founding seat")
        elif not any(is_open(self, place) for place in range(len(self.seats))):
            problems.append(
                "nobody is there at the start: every founding seat is a coordinator's whose post begins later"
            )
        homes = len(self.organisations)
        room = 2 * max(self.capacity, DEFAULT_CAPACITY)
        if homes > room:
            problems.append(f"there is room for at most {room} organisations; got {homes}")
        problems.extend(
            f"seat of {seat.group}: organisation must be from -1 (none) to {homes - 1}; got {seat.organisation}"
            for seat in self.seats
            if not -1 <= seat.organisation < homes
        )
        problems.extend(
            line
            for home in self.organisations
            if (line := check_number(f"backing of {home.name}", home.backing, 0.0, 1.0, "share of full backing"))
        )
        if len(self.need) != len(Theme) or min(self.need, default=-1) < 0 or not sum(self.need) > 0:
            problems.append(f"need must give weights of at least 0 for {', '.join(words(Theme))}")
        if len(self.recruiting) != len(Role) or min(self.recruiting, default=-1) < 0:
            problems.append(f"recruiting must give weights of at least 0 for {', '.join(words(Role))}")
        return problems

    def _event_problems(self) -> list[str]:
        problems = []
        names = [shock.name for shock in self.shocks]
        for shock in self.shocks:
            where = f"shocks.{shock.name}"
            if names.count(shock.name) > 1:
                problems.append(f"{where} is there twice")
            for name, (low, high, unit) in SHOCK_LIMITS.items():
                value = getattr(shock, name)
                most, unit = (self.weeks, "the last week of the run") if name == "week" else (high, unit)
                if not (math.isfinite(value) and low <= value <= most):
                    problems.append(f"{where}.{name} must be from {low} to {most} ({unit}); got {value}")
            if not -1 <= shock.organisation < len(self.organisations):
                last = len(self.organisations) - 1
                problems.append(f"{where}.organisation must be from -1 (none) to {last}; got {shock.organisation}")
        for change in self.schedule:
            where = f"schedule of {change.setting}"
            if change.setting not in SCHEDULED:
                hint = did_you_mean(change.setting, SCHEDULED)
                problems.append(f"{where}: cannot be scheduled; what can is {', '.join(SCHEDULED)}{hint}")
                continue
            row = LEVERS[change.setting] if change.setting in LEVERS else PARAMETERS[change.setting]
            if not 1 <= change.week <= self.weeks:
                problems.append(
                    f"{where}: week must be from 1 to {self.weeks} (the last week of the run); got {change.week}"
                )
            if line := check_number(where, change.value, row.low, row.high, row.unit):
                problems.append(line)
        problems += post_problems(self.paid_posts, len(self.seats), self.weeks)
        problems.extend(
            f"questionnaire week must be from 1 to {self.weeks}; got {week}"
            for week in self.questionnaire_weeks
            if not 1 <= week <= self.weeks
        )
        return problems


def post_problems(posts: Sequence[Post], seats: int, weeks: int) -> list[str]:
    """Return one line for every problem of the posts of a run of ``weeks`` weeks with ``seats`` founding seats."""
    pay = PARAMETERS["salary"]
    problems = []
    for post in posts:
        where = f"post of seat {post.seat + 1}"
        if not (post.seat >= 0 and post.seats >= 1 and post.seat + post.seats <= seats):
            problems.append(f"{where}: there are {seats} founding seats")
        if not 0.0 < post.share <= 1.0:
            problems.append(f"{where}: share must be above 0 and at most 1 (share of full time); got {post.share:g}")
        if post.pay != -1.0 and not pay.low <= post.pay <= pay.high:
            problems.append(f"{where}: pay must be from {pay.low:g} to {pay.high:g} ({pay.unit}); got {post.pay:g}")
        if not 1 <= post.from_week <= weeks:
            problems.append(f"{where}: from_week must be from 1 to {weeks} (the last week); got {post.from_week}")
        if post.to_week < post.from_week:
            problems.append(f"{where}: to_week {post.to_week} is before from_week {post.from_week}")
    problems += [
        f"seat {max(one.seat, other.seat) + 1} has two posts in week {max(one.from_week, other.from_week)}; "
        "posts of one seat must not overlap"
        for one, other in combinations(posts, 2)
        if one.collides(other)
    ]
    return problems


def usual_posts(seats: Sequence[Seat]) -> tuple[Post, ...]:
    """Return a full-time post, paid by the purse, for every coordinator among founding seats."""
    staff = [place for place, seat in enumerate(seats) if seat.role == Role.COORDINATOR]
    starts = [place for place in staff if place - 1 not in staff]
    ends = [place + 1 for place in staff if place + 1 not in staff]
    return tuple(Post(start, seats=end - start) for start, end in zip(starts, ends, strict=True))


def is_open(scenario: Scenario, place: int) -> bool:
    """Tell whether a founding seat is open from the start: a coordinator's opens with its first post."""
    starts = [post.from_week for post in scenario.paid_posts if post.of(place)]
    return scenario.seats[place].role != Role.COORDINATOR or not starts or min(starts) == 1


def find_word(enumeration: type[Role] | type[ShockKind] | type[Lever] | type[Rule] | type[Theme], text: str) -> int:
    """Return the number of a word of an enumeration.

    Raises
    ------
    ScenarioError
        When there is no such word; the line lists the words and the nearest one.
    """
    names = words(enumeration)
    if text in names:
        return names.index(text)
    raise ScenarioError(
        [f"no {enumeration.__name__.lower()} called '{text}'; there are {', '.join(names)}{did_you_mean(text, names)}"]
    )
