"""Every number of a case file acts, and the analyst's staffing question gives what staging it by hand gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.config.cases import build_scenario, load_case, load_scenario
from sim.core.engine import run_many
from sim.core.scenario import Post, Scenario
from tests.helpers.worlds import founded, pass_week, snapshot

CASES = ("pccp", "chrp")
FEW, MANY = 8, 120
"""Replicates: a number that changes nothing in a few may do so in many."""

SHOWN_ONLY = {"start"}
"""Numbers that name the axes of a picture, and may not change a run."""


def numbers(part: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each {value, low, high} of a case, with its place."""
    for name, row in part.items():
        where = f"{place}.{name}" if place else name
        if isinstance(row, Mapping) and "value" in row:
            yield where, row
        elif isinstance(row, Mapping):
            yield from numbers(row, where)


def inputs(case: str) -> dict[str, Mapping[str, Any]]:
    """Return all numbers of a case but its targets."""
    held = {name: part for name, part in load_case(case).items() if name not in ("targets", "sources")}
    return dict(numbers(held))


def changed(case: str, place: str, end: str) -> dict[str, Any]:
    """Return a case with one number at an end of its range."""
    held = deepcopy(load_case(case))
    row: Any = held
    for key in place.split("."):
        row = row[key]
    row["value"] = row[end]
    return held


def seen(case: Mapping[str, Any], replicates: int = FEW) -> tuple[np.ndarray, ...]:
    runs = run_many(build_scenario(case), 1, range(replicates))
    return runs.weekly, runs.answers, runs.status


def alike(one: tuple[np.ndarray, ...], other: tuple[np.ndarray, ...]) -> bool:
    return all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one, other, strict=True))


def acts_not(case: str, place: str, usual: tuple[np.ndarray, ...], replicates: int) -> bool:
    """Tell whether neither end of a number's range changes anything."""
    return all(alike(usual, seen(changed(case, place, end), replicates)) for end in ("low", "high"))


@pytest.mark.parametrize("case", CASES)
def test_every_number_of_a_case_file_acts(case: str) -> None:
    usual, rows = seen(load_case(case)), inputs(case)
    assert len(rows) > 50
    ranged = [place for place, row in rows.items() if place not in SHOWN_ONLY and row["low"] != row["high"]]
    quiet = [place for place in ranged if acts_not(case, place, usual, FEW)]
    assert len(quiet) < len(ranged) / 4
    many = seen(load_case(case), MANY)
    assert [place for place in quiet if acts_not(case, place, many, MANY)] == []
    assert alike(usual, seen(changed(case, "start", "low")))


ENDS_WEEK = 78


def by_hand(case: str, scenario: str) -> tuple[Scenario, Scenario]:
    """Return what runs until the contract ends, and what by hand is put in its place from the next week on."""
    plain = build_scenario(load_case(case))
    first = plain.paid_posts[0].seat
    if scenario == "half_time_after_contract":
        return plain, replace(plain, posts=(Post(first, share=0.5),))
    unpaid = replace(plain, posts=(Post(first, seats=plain.paid_posts[0].seats, to_week=1),))
    return plain, replace(unpaid, parameters={**plain.parameters, "facilitator_hours": 6.0})


@pytest.mark.parametrize("scenario", ["half_time_after_contract", "facilitator_after_contract"])
@pytest.mark.parametrize("case", CASES)
def test_the_staffing_question_gives_what_staging_it_by_hand_gives(case: str, scenario: str) -> None:
    before, after = by_hand(case, scenario)
    asked = build_scenario(load_case(case), load_scenario(scenario))
    world, dated, later = founded(before), founded(asked), founded(after).params
    for week in range(1, asked.weeks + 1):
        if week == ENDS_WEEK + 1:
            world = world._replace(params=later)
        pass_week(world, (1, 0, week))
        pass_week(dated, (1, 0, week))
        if week in (ENDS_WEEK, ENDS_WEEK + 1, ENDS_WEEK + 60, asked.weeks):
            ours = snapshot(dated)
            for name, values in snapshot(world).items():
                np.testing.assert_array_equal(ours[name], values, err_msg=f"{name} in week {week}")
