"""What a user may have kept of each run besides its row: seats at some weeks, answers to the questionnaire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sim.config.arguments import option_problems, parse_arguments
from sim.config.settings import Setting, by_name, show
from sim.core.shocks import MAX_WEEKS

if TYPE_CHECKING:
    from sim.core.scenario import Scenario

ANSWERS = ("means", "seats")

KEPT_SETTINGS: dict[str, Setting] = by_name(
    Setting(
        "seats", "text", "Keep each seat: every so many weeks such as 52, or at weeks such as [26,104]; empty: no."
    ),
    Setting("questionnaire", "text", "Keep the answers: a list of weeks such as [52,104], or case for the case's own."),
    Setting(
        "answers",
        "word",
        "Keep means of the answers of each wave, or the answers of each respondent by seat; empty: means.",
        choices=ANSWERS,
    ),
)


@dataclass(frozen=True)
class Kept:
    """What is kept.

    Attributes
    ----------
    seats : int or tuple of int
        Every how many weeks each seat is kept, or at which weeks; 0 for never.
    waves : tuple of int or None
        Weeks of the questionnaire in place of the case's own; None for those.
    answers : str
        How answers are kept: means, seats, or empty for not at all.
    """

    seats: int | tuple[int, ...] = 0
    waves: tuple[int, ...] | None = None
    answers: str = ""

    def seat_weeks(self, weeks: int) -> tuple[int, ...]:
        """Return the weeks after which seats are kept in a run of some weeks."""
        return weeks_of(self.seats, weeks)

    def asked(self, scenario: Scenario) -> Scenario:
        """Return a scenario with the waves of the questionnaire that are asked for."""
        waves = scenario.questionnaire_weeks if self.waves is None else weeks_of(self.waves, scenario.weeks)
        return replace(scenario, questionnaire_weeks=waves)

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables that are written."""
        return (*(["seats"] if self.seats else []), *(["answers"] if self.answers else []))


NOTHING = Kept()


def weeks_of(seats: int | tuple[int, ...], weeks: int) -> tuple[int, ...]:
    """Return weeks, given as a period or one by one, as far as a run goes.

    >>> weeks_of(26, 60), weeks_of((10, 52, 104), 60), weeks_of(0, 60)
    ((26, 52), (10, 52), ())
    """
    if isinstance(seats, tuple):
        return tuple(week for week in seats if week <= weeks)
    return tuple(range(seats, weeks + 1, seats)) if seats else ()


def kept_of(values: Mapping[str, object]) -> Kept:
    """Return what is kept from values that were found right."""
    seats, waves, answers = (values.get(name) for name in KEPT_SETTINGS)
    return Kept(
        _increasing(seats) if isinstance(seats, list) else int(str(seats or 0)),
        _increasing(waves) if isinstance(waves, list) else None,
        str(answers or ("means" if waves is not None else "")),
    )


def _increasing(weeks: list[int]) -> tuple[int, ...]:
    return tuple(sorted(set(weeks)))


def kept_problems(values: Mapping[str, object]) -> list[str]:
    """Return one line for each value that is not allowed; names that are not of this table are left out."""
    seats, waves = values.get("seats"), values.get("questionnaire")
    found = []
    if not (seats is None or _is_week(seats) or _are_weeks(seats)):
        found.append(
            f"seats must be a whole number of weeks from 1 to {MAX_WEEKS}, or a list of weeks such as [26,104]; "
            f"got {show(seats)}"
        )
    if not (waves is None or waves == "case" or _are_weeks(waves)):
        found.append(
            f"questionnaire must be a list of weeks from 1 to {MAX_WEEKS} such as [52,104], or case; got {show(waves)}"
        )
    answers = {"answers": values["answers"]} if "answers" in values else {}
    return [*found, *option_problems(KEPT_SETTINGS, answers)]


def _is_week(value: object) -> bool:
    return type(value) is int and 1 <= value <= MAX_WEEKS


def _are_weeks(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_week, value))


@dataclass(frozen=True)
class Taken:
    """Words of a run, those about what is kept taken out.

    Attributes
    ----------
    kept : Kept
        What is kept; nothing where something is wrong.
    ours : tuple of str
        The settings that said so.
    others : list of str
        All other words.
    problems : list of str
        One line for every mistake.
    """

    kept: Kept
    ours: tuple[str, ...]
    others: list[str]
    problems: list[str]


def take_kept(words: Sequence[str]) -> Taken:
    """Take what is to be kept out of the words of a run, as typed.

    >>> taken = take_kept(["case=chrp", "seats=[104,52]", "answers=seats"])
    >>> taken.kept.seats, taken.kept.answers, taken.others
    ((52, 104), 'seats', ['case=chrp'])
    """
    found = [word for word in words if "=" in word and word.lstrip("+").partition("=")[0].strip() in KEPT_SETTINGS]
    parsed = parse_arguments(found, lambda word: f"'{word}' is not a setting; write NAME=VALUE")
    problems = [*parsed.problems, *kept_problems(parsed.values)]
    return Taken(
        NOTHING if problems else kept_of(parsed.values),
        tuple(f"{name}={text}" for name, text in parsed.texts.items()),
        [word for word in words if word not in found],
        problems,
    )
