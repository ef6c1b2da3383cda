"""Enabling processes at three levels: what each does, and whether the whole is more than the sum of its parts.

    python -m experiments.questions.enabling_levels [draws=20] [cases=[pccp]]

All levers of a level stand low, in the middle or high: 27 partnerships, each in the same worlds. Then one hour a week
of a facilitator against one hour of work on policy. Settings: conf/experiment/enabling_levels.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.pages import by_case, table, written_by
from experiments.pictures import BLUE, GREEN, ORANGE, blank, name_lines, save
from experiments.settings import Study
from experiments.worlds import RANGE, Numbers, Telling, Worlds, estimate, in_words, live, row_of, worlds_of
from sim import api
from sim.core.metric_table import COMPONENTS, END_WORDS, ENDS
from sim.core.parameters import LEVERS
from sim.core.vocabulary import Level, words
from sim.results.weekly import curve

NAME = "enabling_levels"
LEVELS = words(Level)
BLACK = "#222222"
METRICS = (*(f"{name}_last_year" for name in COMPONENTS), "outcome", *ENDS)
COLOUR = dict(zip(LEVELS, (BLUE, GREEN, ORANGE), strict=True))


def levers_at(points: Mapping[str, float]) -> dict[str, float]:
    """Return the settings that put all levers of each level where ``points`` says."""
    return {f"enabling.{name}": points[row.level] for name, row in LEVERS.items()}


def factorial(case: str, levels: list[float], worlds: Worlds, tell: Telling) -> dict[str, NDArray[np.float64]]:
    """Return each metric at all points, (k, k, k, n): interpersonal, operational, system, world."""
    size = len(levels)
    found = {name: np.empty((size, size, size, worlds.n)) for name in (*METRICS, "staff_cover")}
    for point in product(range(size), repeat=3):
        values = {level: levels[place] for level, place in zip(LEVELS, point, strict=True)}
        ensemble = live(api.make_scenario(case, settings=levers_at(values)), worlds, tell=tell)
        rows = row_of(ensemble)
        for name in METRICS:
            found[name][point] = rows[name]
        found["staff_cover"][point] = np.nanmean(curve(ensemble, "staff_cover"), axis=1)
    return found


def effects(cube: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Return effects from lowest to highest by world: of each level at the mean of the others, of pairs, of all.

    Parameters
    ----------
    cube : (k, k, k, n) float64
        One metric at all points.

    Returns
    -------
    dict of str to (n,) float64
        ``a``: main effect; ``a x b``: how much more a does where b is high; ``together``: all high against all low;
        ``sum of parts``: each raised alone; ``whole less parts``: their difference.
    """
    ends = cube[[0, -1]][:, [0, -1]][:, :, [0, -1]]
    found = {}
    for axis, level in enumerate(LEVELS):
        found[level] = (np.take(cube, -1, axis) - np.take(cube, 0, axis)).mean(axis=(0, 1))
    for first, second in ((0, 1), (0, 2), (1, 2)):
        third = 3 - first - second
        square = np.moveaxis(ends, (first, second, third), (0, 1, 2)).mean(axis=2)
        pair = square[1, 1] - square[1, 0] - square[0, 1] + square[0, 0]
        found[f"{LEVELS[first]} x {LEVELS[second]}"] = pair
    base = ends[0, 0, 0]
    alone = (ends[1, 0, 0] - base) + (ends[0, 1, 0] - base) + (ends[0, 0, 1] - base)
    found["together"] = ends[1, 1, 1] - base
    found["sum of parts"] = alone
    found["whole less parts"] = found["together"] - alone
    return found


def hour_for_hour(case: str, settings: Mapping[str, Any], worlds: Worlds, tell: Telling) -> dict[str, Any]:
    """Return what a facilitator and work on policy change, and the hours a week that each takes."""
    low, high = settings["policy_levels"][0], settings["policy_levels"][-1]
    ways = {
        "facilitator": (
            "parameters.facilitator_hours",
            0,
            settings["facilitator_hours"],
            settings["facilitator_hours"],
        ),
        "work on policy": ("enabling.policy_alignment", low, high, LEVERS["policy_alignment"].hours * (high - low)),
    }
    found: dict[str, Any] = {}
    changes: dict[str, list[Numbers]] = {metric: [] for metric in METRICS}
    for way, (name, less, more, hours) in ways.items():
        rows = [
            row_of(live(api.make_scenario(case, settings={name: value}), worlds, tell=tell)) for value in (less, more)
        ]
        found[way] = {"hours": hours, "change": {}, "per_hour": {}}
        for metric in METRICS:
            change = rows[1][metric] - rows[0][metric]
            found[way]["change"][metric] = estimate(change, worlds)
            found[way]["per_hour"][metric] = estimate(change / hours, worlds)
            changes[metric].append(change / hours)
    first = next(iter(ways))
    found[first]["ahead"] = {metric: estimate(one - other, worlds) for metric, (one, other) in changes.items()}
    return found


def measured(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what came out, as plain data."""
    worlds = worlds_of(settings)
    tell = Telling((len(settings["levels"]) ** 3 + 4) * len(settings["cases"]))
    cases = {}
    for case in settings["cases"]:
        cubes = factorial(case, settings["levels"], worlds, tell)
        middle = len(settings["levels"]) // 2
        cover = cubes.pop("staff_cover")
        cases[case] = {
            "spread": {name: float(np.nanstd(cube[middle, middle, middle])) for name, cube in cubes.items()},
            "effects": {
                name: {effect: estimate(values, worlds) for effect, values in effects(cube).items()}
                for name, cube in cubes.items()
            },
            "staffed": {"low": float(np.nanmean(cover[0, 0, 0])), "high": float(np.nanmean(cover[-1, -1, -1]))},
            "hours": hour_for_hour(case, settings, worlds, tell),
        }
    return {"cases": cases}


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page of results."""
    made = found["made_with"]
    low, high = made["levels"][0], made["levels"][-1]
    return [
        "# Enabling processes at three levels",
        f"{written_by('questions.enabling_levels')} All levers of a level stand at "
        f"{', '.join(map(str, made['levels']))}: {len(made['levels']) ** 3} partnerships, each in the same "
        f"{made['draws'] * made['lucks']} worlds ({made['draws']} draws of the posterior, {made['lucks']} lucks each). "
        f"Numbers are mean ± 95% interval of the mean {RANGE}.",
        f"![What each level does]({NAME}.png)",
        *by_case(found, lambda seen: [*_of_levels(seen, low, high), *_of_hours(seen["hours"], made)]),
        "## What this says and what it does not",
        *_said(found),
    ]


def plain(metric: str) -> str:
    """Return a metric in words."""
    return END_WORDS.get(metric, metric.removesuffix("_last_year"))


def _of_levels(seen: Mapping[str, Any], low: float, high: float) -> list[str]:
    names = list(next(iter(seen["effects"].values())))
    mains, pairs, wholes = (
        table(("", *some), ([plain(metric), *(in_words(row[name]) for name in some)]
                            for metric, row in seen["effects"].items()))
        for some in (names[:3], names[3:6], names[6:])
    )  # fmt: skip
    return [
        f"From {low} to {high}, at the mean of the other levels (components: last year; outcome: share of the "
        "purpose):",
        mains,
        "How much more the first level does where the second is high (0: they add up):",
        pairs,
        "All three raised together, against each raised alone. Staffed of the hours asked for: "
        f"{seen['staffed']['low']:.0%} with all low, {seen['staffed']['high']:.0%} with all high.",
        wholes,
    ]


def _of_hours(seen: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    columns = [(way, what, digits) for what, digits in (("change", 3), ("per_hour", 4)) for way in seen]
    rows = [
        [plain(metric), *(in_words(seen[way][what][metric], digits) for way, what, digits in columns)]
        for metric in METRICS
        if metric in next(iter(seen.values()))["change"]
    ]
    head = ["", *(f"{way}, {seen[way]['hours']:g} h a week" for way in seen), *(f"{way}, per hour" for way in seen)]
    return [
        "A facilitator brings hours of their own, paid from the purse; work on policy (from "
        f"{made['policy_levels'][0]} to {made['policy_levels'][-1]}) takes hours from the coordinators.",
        table(head, rows),
    ]


def _said(found: Mapping[str, Any]) -> list[str]:
    return [
        *(_case_in_words(case, seen) for case, seen in found["cases"].items()),
        "Fewer that are still going may mean more that are fulfilled: their purpose is met and they have ended. Why "
        "the whole is less than its parts is checked in [surprises](surprises.md): that all levels draw on one staff "
        "is not why. What a lever can do is assumed ([parameters](../model/parameters.md)), and two cases say little "
        "about it ([calibration](calibration.md)).",
    ]


def _case_in_words(case: str, seen: Mapping[str, Any]) -> str:
    strongest = []
    for metric, row in seen["effects"].items():
        level = max(LEVELS, key=lambda name, row=row: abs(row[name]["mean"]))
        if abs(row[level]["mean"]) > row[level]["error"]:
            strongest.append(f"{plain(metric)} {level} ({row[level]['mean']:+.3f} ± {row[level]['error']:.3f})")
    apart = [
        f"{plain(metric)} {one['mean']:+.3f} ± {one['error']:.3f}"
        for metric, row in seen["effects"].items()
        if abs((one := row["whole less parts"])["mean"]) > one["error"]
    ]
    return (
        f"{case.upper()}: what moves each most: {', '.join(strongest)}. The whole differs from the sum of its parts "
        f"in {', '.join(apart) or 'nothing'}. {_better(seen['hours'])}."
    )


def _better(hours: Mapping[str, Any]) -> str:
    """Return where an hour of the one does more than of the other, as far as the intervals tell."""
    ahead: dict[str, list[str]] = {way: [] for way in hours}
    level = []
    for metric, apart in hours[next(iter(hours))]["ahead"].items():
        first, second = hours
        if abs(apart["mean"]) <= apart["error"]:
            level.append(plain(metric))
        else:
            ahead[first if apart["mean"] > 0 else second].append(plain(metric))
    clauses = [f"{way} does more for {', '.join(names)}" for way, names in ahead.items() if names]
    apart_not = f"the two cannot be distinguished in {', '.join(level)}" if level else ""
    return "; ".join(
        [*(f"an hour a week of {clause}" for clause in clauses), *([apart_not] if level else [])]
    ).capitalize()


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Draw what each level does, in run-to-run standard deviations."""
    cases = found["cases"]
    shown = [metric for metric in METRICS if metric in next(iter(cases.values()))["effects"]]
    title = "What each level of enabling processes does, from low to high"
    figure, axes = blank(1, len(cases), (5.8 * len(cases), 5.2), title, sharey=True, sharex=True)
    for axis, (case, seen) in zip(axes[0], cases.items(), strict=True):
        for place, metric in enumerate(shown):
            scale = seen["spread"][metric] or 1.0
            rows = seen["effects"][metric]
            if place % 2 == 0:
                axis.axhspan(place - 0.5, place + 0.5, color="0.965", linewidth=0, zorder=0)
            for step, level in enumerate(LEVELS):
                _point(axis, rows[level], scale, place + 0.2 * (step - 1.5), COLOUR[level], "o")
            _point(axis, rows["together"], scale, place + 0.3, BLACK, "D")
            axis.plot(rows["sum of parts"]["mean"] / scale, place + 0.3, "D", mfc="white", mec=BLACK, ms=6)
        axis.axvline(0, color="0.4", linewidth=0.8)
        axis.set_title(case.upper(), loc="left", fontsize=11)
        axis.set_yticks(range(len(shown)), [plain(metric) for metric in shown], fontsize=10)
        axis.set_xlabel("change, run-to-run standard deviations")
        axis.grid(axis="y", visible=False)
    axes[0, 0].set_ylim(len(shown) - 0.5, -0.5)
    signs = {f"{level} level": colour for level, colour in COLOUR.items()}
    signs |= {"\u25c6 all three": BLACK, "\u25c7 sum of each alone": BLACK, "line: nine draws in ten": "0.35"}
    name_lines(axes[0, -1], signs, 0.99, 0.48, -0.028, ha="right", va="center", fontsize=8.5, fontweight="normal")
    save(figure, path)


def _point(axis: Any, row: Mapping[str, float], scale: float, height: float, colour: str, marker: str) -> None:
    axis.plot([row["low"] / scale, row["high"] / scale], [height, height], color=colour, linewidth=2, alpha=0.5)
    axis.plot(row["mean"] / scale, height, marker, color=colour, ms=6)


STUDY = Study(NAME, measured, page, draw)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
