"""Does what we say hold in larger partnerships? Founding seats from 8 to 160.

    python -m experiments.questions.scale [seats=[8,40]]

Seats, organisations, grant, outside help, approaches to newcomers and the task grow in one proportion; cadence, and
whom one can meet in a meeting, do not. Then once more with money and help of the case as it is. Settings:
conf/experiment/scale.yaml.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.pages import by_case, table, written_by
from experiments.pictures import blank, colour_of, colours_of, name_lines, save
from experiments.questions.enabling_levels import LEVELS, levers_at
from experiments.questions.turnover import row_with_ties
from experiments.settings import Study
from experiments.worlds import RANGE, Change, Telling, Worlds, amount, estimate, in_words, live, worlds_of
from sim import api
from sim.core.engine import run_many
from sim.core.metric_table import COMPONENTS, END_WORDS, ENDS
from sim.core.parameters import LEVERS
from sim.core.scenario import Organisation, Scenario, Seat
from sim.core.vocabulary import Role

NAME = "scale"
METRICS = (
    *(f"{name}_last_year" for name in COMPONENTS),
    "familiarity",
    "output_per_member",
    EXITS := "exits_per_member_year",
    *ENDS,
)
TASK = ("purpose", "win_threshold")
MONEY = ("grant_per_week", "start_purse", "facilitator_hours", "approaches_per_year")
ROOM, MOST_ROOM = 2.5, 200
"""Seats that there is room for, per founding seat and at most: arrays for more cost many times the time."""


def grown(scenario: Scenario, seats: int) -> Scenario:
    """Return the scenario with another number of founding seats, its own mix of groups and homes repeated.

    Seats are taken evenly over the list of the case, which is gone through again with other organisations as often as
    needed; one coordinator is always among them.
    """
    own, homes = len(scenario.seats), len(scenario.organisations)
    rounds = -(-seats // own)
    whole = [
        Seat(seat.group, seat.role, seat.ring, -1 if seat.organisation < 0 else seat.organisation + lap * homes)
        for lap in range(rounds)
        for seat in scenario.seats
    ]
    places = np.linspace(0, len(whole) - 1, seats).round().astype(int)
    picked = [whole[place] for place in places]
    if not any(seat.role == Role.COORDINATOR for seat in picked):
        picked[0] = next(seat for seat in whole if seat.role == Role.COORDINATOR)
    used = sorted({seat.organisation for seat in picked if seat.organisation >= 0})
    backing = [scenario.organisations[place % homes].backing for place in used]
    return replace(
        scenario,
        seats=tuple(
            replace(one, organisation=used.index(one.organisation)) if one.organisation >= 0 else one for one in picked
        ),
        organisations=tuple(Organisation(f"home {place}", value) for place, value in enumerate(backing)),
        capacity=max(scenario.capacity, seats, min(MOST_ROOM, int(ROOM * seats))),
    )


def multiplied(factor: float, names: Iterable[str]) -> Change:
    """Return what multiplies parameters, drawn or not."""

    def change(records: NDArray[np.void]) -> None:
        for name in names:
            records[name] = records[name] * factor

    return change


def measured(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what came out, as plain data."""
    worlds = worlds_of(settings)
    tell = Telling(len(settings["cases"]) * len(settings["seats"]) * 6)
    return {
        "cases": {
            case: {str(size): _of_size(case, size, settings, worlds, tell) for size in settings["seats"]}
            for case in settings["cases"]
        }
    }


def _of_size(case: str, size: int, settings: Mapping[str, Any], worlds: Worlds, tell: Telling) -> dict[str, Any]:
    factor = size / len(api.make_scenario(case).seats)

    def rows(given: Mapping[str, object], change: Change | None) -> dict[str, NDArray[np.float64]]:
        row = row_with_ties(live(grown(api.make_scenario(case, settings=given), size), worlds, change, tell))
        return row | {"output_per_member": row["output"] / row["members"]}

    larger = multiplied(factor, (*TASK, *MONEY))
    run_many(grown(api.make_scenario(case), size), worlds.seed, range(1))  # the first run of a size compiles
    began = time.process_time()
    base = rows({}, larger)
    rate = worlds.n / (time.process_time() - began)
    poor = rows({}, multiplied(factor, TASK))
    low, high = (levers_at(dict.fromkeys(LEVELS, settings[name])) for name in ("low", "high"))
    lowest = rows(low, larger)
    raised = {level: rows(low | _of_level(level, high), larger) for level in LEVELS}
    return {
        "runs_per_second": rate,
        "metrics": {name: estimate(base[name], worlds) for name in METRICS},
        "same_money": {name: estimate(poor[name] - base[name], worlds) for name in METRICS},
        "levels": {
            level: {name: estimate(row[name] - lowest[name], worlds) for name in METRICS}
            for level, row in raised.items()
        },
    }


def _of_level(level: str, given: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in given.items() if LEVERS[name.removeprefix("enabling.")].level == level}


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page of results."""
    made = found["made_with"]
    return [
        "# Larger partnerships",
        f"{written_by('questions.scale')} {', '.join(map(str, made['seats']))} founding seats, roles and rings in the "
        "shares of the case; organisations, grant, outside help, approaches and the task (the purpose, what makes a "
        "small win) grow in proportion; cadence and the number of people one can meet in a meeting do not. "
        f"{made['draws'] * made['lucks']} worlds ({made['draws']} draws of the posterior, {made['lucks']} lucks each). "
        f"Mean ± 95% interval of the mean {RANGE}. The cases have 13 and 23 members: larger sizes were never fitted to "
        "anything.",
        f"![What size changes]({NAME}.png)",
        *by_case(found, lambda seen: _tables(seen, made)),
        "## What this says and what it does not",
        *_said(found),
    ]


def plain(name: str) -> str:
    """Return a metric in words."""
    return END_WORDS.get(name, name.removesuffix("_last_year").replace("_", " "))


def _tables(seen: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    sizes = list(seen)
    names = [name for name in METRICS if name in seen[sizes[0]]["metrics"]]
    metrics = [[plain(name), *(amount(seen[size]["metrics"][name], 3) for size in sizes)] for name in names]
    metrics.append(["runs per second", *(f"{seen[size]['runs_per_second']:,.0f}" for size in sizes)])
    poor = [[plain(name), *(in_words(seen[size]["same_money"][name]) for size in sizes)] for name in names]
    levels = [
        [f"{level}: {plain(name)}", *(in_words(seen[size]["levels"][level][name]) for size in sizes)]
        for name in METRICS[:4]
        for level in LEVELS
    ]
    return [
        table(("founding seats", *sizes), metrics),
        "With the grant, outside help and approaches of the case as it is, differences to the above:",
        table(("founding seats", *sizes), poor),
        f"What each level of enabling processes does, from {made['low']} to {made['high']}, the other two low:",
        table(("founding seats", *sizes), levels),
    ]


def _said(found: Mapping[str, Any]) -> list[str]:
    return [
        *(_case_in_words(case, seen) for case, seen in found["cases"].items()),
        "What is said of the two cases is said of 8 to 30 seats. The order of levels holds beyond as far as their "
        "signs go, the sizes of effects do not. The model has no committees or sub-groups but the research team, "
        "which large partnerships would form; what it says of 60 seats and more is what happens without them. Why "
        "integration falls is checked in [surprises](surprises.md).",
    ]


def _case_in_words(case: str, seen: Mapping[str, Any]) -> str:
    sizes = list(seen)
    ends = (sizes[0], sizes[-1])
    moves = ", ".join(
        f"{plain(name)} {' and '.join(_short(seen[size]['metrics'][name]) for size in ends)}" for name in METRICS[:4]
    )
    levels = "; ".join(
        f"{level} {' and '.join(_short(seen[size]['levels'][level]['integration_last_year']) for size in ends)}"
        for level in LEVELS
    )
    return (
        f"{case.upper()}, {ends[0]} and {ends[1]} founding seats: {moves}. What each level does for integration: "
        f"{levels}. Runs per second of one core: {seen[ends[0]]['runs_per_second']:,.0f} and "
        f"{seen[ends[1]]['runs_per_second']:,.0f}."
    )


def _short(row: Mapping[str, float]) -> str:
    return f"{row['mean']:.3f} ± {row['error']:.3f}"


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Draw metrics over size: staff and money in proportion, and those of the case as it is."""
    cases = found["cases"]
    names = (*METRICS[:6], "alive")
    figure, axes = blank(
        2,
        4,
        (13, 6.2),
        "What size changes: money and help in proportion (solid; band: 95% interval), or those of the case (dashed)",
    )
    for axis, name in zip(axes.flat, names, strict=False):
        for case, seen in cases.items():
            sizes = [int(size) for size in seen]
            rows = [seen[size]["metrics"][name] for size in seen]
            middle, error = (np.array([row[key] for row in rows]) for key in ("mean", "error"))
            poor = middle + [seen[size]["same_money"][name]["mean"] for size in seen]
            top = 1.0 if name == "alive" else np.inf
            axis.fill_between(
                sizes, middle - error, np.minimum(middle + error, top), color=colour_of(case), alpha=0.2, linewidth=0
            )
            axis.plot(sizes, middle, "o-", color=colour_of(case), ms=4, linewidth=1.8)
            axis.plot(sizes, poor, "--", color=colour_of(case), linewidth=1.2)
        axis.set_title(plain(name), loc="left", fontsize=10)
    _speed(axes.flat[7], cases)
    for axis in axes.flat:
        axis.set_xscale("log")
        axis.set_xticks([int(size) for size in next(iter(cases.values()))], list(next(iter(cases.values()))))
        axis.minorticks_off()
    for axis in axes[-1]:
        axis.set_xlabel("founding seats", fontsize=9)
    name_lines(axes.flat[0], colours_of(cases), 0.04, 0.06, 0.1)
    save(figure, path)


def _speed(axis: Any, cases: Mapping[str, Any]) -> None:
    for case, seen in cases.items():
        axis.plot(
            [int(size) for size in seen],
            [row["runs_per_second"] for row in seen.values()],
            "o-",
            color=colour_of(case),
            ms=4,
        )
    axis.set_yscale("log")
    axis.set_title("runs per second of one core", loc="left", fontsize=10)


STUDY = Study(NAME, measured, page, draw)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
