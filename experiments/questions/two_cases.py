"""Are the two cases reproduced, and where not? Targets beside runs, who leaves, when synergy appears.

    python -m experiments.questions.two_cases [draws=20]

Runs come from the shipped posterior, which was fitted to most of these targets: agreement is how well the model can be
made to look like the cases, no proof of it. Settings: conf/experiment/two_cases.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.calibration.cases import known
from experiments.pages import by_case, table, written_by
from experiments.pictures import blank, colour_of, colours_of, name_lines, save
from experiments.settings import Study
from experiments.worlds import Telling, Worlds, by_draw, live, worlds_of
from sim import api
from sim.analysis.calibration.patterns import shows
from sim.analysis.calibration.posterior import ORDER
from sim.analysis.calibration.targets import Target, targets_of
from sim.core.engine import Ensemble, run_many
from sim.core.inputs import settings_of_runs
from sim.core.metric_table import COMPONENTS, SEAT_COLUMNS
from sim.core.scenario import Scenario
from sim.core.vocabulary import WEEKS_PER_YEAR, Role, words
from sim.report.run_figure import percentiles
from sim.results.null_bars import null_bars
from sim.results.target_quantities import NEEDED_MANIFESTATIONS, margin, quantities
from sim.results.weekly import curve

NAME = "two_cases"
CURVES = ("members", "patients", "leavers", "organisations_kept", *COMPONENTS)
LEVELS = (5, 25, 50, 75, 95)
EVERY = 4
BLOCK = 50


def luck_of(values: NDArray[np.float64], worlds: Worlds) -> float | None:
    """Return the share of the variance between runs that is luck's: that between runs of one draw."""
    table_ = values.reshape(len(worlds.draws), worlds.lucks)
    there = table_[np.isfinite(table_).all(axis=1)]
    if worlds.lucks < 2 or len(there) < 2 or there.var() == 0:
        return None
    return float(min(1.0, there.var(axis=1, ddof=1).mean() / there.var(ddof=1)))


def beside(target: Target, simulated: NDArray[np.float64], shown: NDArray[np.bool_], worlds: Worlds) -> dict[str, Any]:
    """Return a target and what runs say of it: median, nine in ten, who shows it, and how much of it is luck."""
    seen = simulated[np.isfinite(simulated)]
    low, middle, high = np.percentile(seen, [5, 50, 95])
    return {
        "type": target.type, "role": target.role, "status": target.status, "value": target.value,
        "coded": [target.low, target.high], "low": float(low), "median": float(middle), "high": float(high),
        "shown": float(shown.mean()), "luck": luck_of(simulated, worlds),
    }  # fmt: skip


def leaving(scenario: Scenario, worlds: Worlds, every: int) -> dict[str, dict[str, float]]:
    """Return exits per member-year by role, from who sits where every few weeks.

    Who comes and goes between two looks is missed.
    """
    weeks = np.arange(every, scenario.weeks + 1, every)
    left, lived = np.zeros((worlds.n, len(Role))), np.zeros((worlds.n, len(Role)))
    for first in range(0, worlds.n, BLOCK):
        part = np.arange(first, min(first + BLOCK, worlds.n))
        role, person = _seats(scenario, worlds, part, weeks)
        for number in range(len(Role)):
            there = np.isfinite(person[:, :-1]) & (role[:, :-1] == number)
            gone = there & (person[:, 1:] != person[:, :-1])
            alive = np.isfinite(person[:, 1:]).any(axis=2)[:, :, None]
            left[part, number] = (gone & alive).sum(axis=(1, 2))
            lived[part, number] = (there & alive).sum(axis=(1, 2)) * every / WEEKS_PER_YEAR
    found = {}
    for number, name in enumerate(words(Role)):
        draws = [by_draw(one[:, number], worlds) for one in (left, lived)]
        rate = draws[0].sum() / draws[1].sum()
        each = np.divide(*draws, out=np.full(len(draws[0]), np.nan), where=draws[1] > 0)
        low, high = np.nanpercentile(each, [5, 95])
        found[name] = {
            "rate": float(rate),
            "low": float(low),
            "high": float(high),
            "share": float(draws[0].sum() / left.sum() * worlds.lucks),
        }
    return found


def _seats(
    scenario: Scenario, worlds: Worlds, part: NDArray[np.int64], weeks: NDArray[np.int64]
) -> list[NDArray[np.float64]]:
    """Return role and person of every seat at each look, (n, K, room), missing where nobody sits."""
    settings = settings_of_runs(scenario, np.repeat(worlds.draws, worlds.lucks)[part])
    plain = replace(scenario, questionnaire_weeks=())
    seats = run_many(plain, worlds.seed, part, worlds.threads, settings, weeks.tolist()).seats
    return [seats[:, :, :, tuple(SEAT_COLUMNS).index(name)] for name in ("role", "person")]


def appearing(ensemble: Ensemble, bars: NDArray[np.float64]) -> dict[str, dict[str, float]]:
    """Return when each manifestation of synergy begins, and in how many runs: half a year above the null's bar."""
    found, begun = {}, []
    for place, name in enumerate(COMPONENTS):
        above = margin(curve(ensemble, name), bars[:, place]) > 0
        begun.append(np.where(above.any(axis=1), above.argmax(axis=1), np.inf))
    third = np.sort(np.column_stack(begun), axis=1)[:, NEEDED_MANIFESTATIONS - 1]
    for name, week in zip((*COMPONENTS, "three of the four"), (*begun, third), strict=True):
        begins = week[np.isfinite(week)]
        low, middle, high = np.percentile(begins, [5, 50, 95]) if begins.size else (np.nan,) * 3
        found[name] = {
            "runs": float(np.isfinite(week).mean()),
            "low": float(low),
            "median": float(middle),
            "high": float(high),
        }
    return found


def bands(ensemble: Ensemble) -> dict[str, list[list[float]]]:
    """Return percentiles over runs that are alive, every fourth week."""
    found = {name: percentiles(curve(ensemble, name)[:, ::EVERY], LEVELS) for name in CURVES}
    return {
        name: [[None if np.isnan(one) else float(one) for one in row] for row in rows] for name, rows in found.items()
    }


def measured(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what came out, as plain data."""
    worlds = worlds_of(settings)
    tell = Telling(2 * len(settings["cases"]))
    scenarios = {case: api.make_scenario(case) for case in settings["cases"]}
    ensembles = {case: live(scenario, worlds, tell=tell) for case, scenario in scenarios.items()}
    bars = {case: null_bars(scenario) for case, scenario in scenarios.items()}
    behind = {case: quantities(ensembles[case], bars[case]) for case in scenarios}
    cases: dict[str, Any] = {}
    for case, scenario in scenarios.items():
        targets, every = {}, np.ones(worlds.n, dtype=bool)
        for target in targets_of(api.load_case(case)):
            if target.quantity == ORDER and target.other_case not in behind:
                continue
            if target.quantity == ORDER:
                simulated = np.subtract(*(behind[one]["exits_per_member_year"] for one in (case, target.other_case)))
            else:
                simulated = behind[case][target.quantity]
            shown = shows(target, simulated)
            targets[target.name] = beside(target, simulated, shown, worlds)
            if target.role == "calibrate":
                every &= shown
        cases[case] = {
            "start": scenario.start,
            "shocks": {shock.name: shock.week for shock in scenario.shocks},
            "targets": targets,
            "all_at_once": float(every.mean()),
            "appears": appearing(ensembles[case], bars[case]),
            "leaving": leaving(scenario, worlds, settings["panel_weeks"]),
            "bands": bands(ensembles[case]),
        }
        tell.one_more()
    return {"cases": cases}


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page of results."""
    made = found["made_with"]
    return [
        "# The two cases, reproduced",
        f"{written_by('questions.two_cases')} {made['draws'] * made['lucks']} runs of each case from the shipped "
        f"posterior ({made['draws']} draws, {made['lucks']} lucks each), nothing changed. Most of these targets were "
        "fitted ([calibration](calibration.md)): that runs agree says what the model can be made to do, not that it is "
        "right.",
        f"![Both cases on one time axis]({NAME}.png)",
        *by_case(
            found,
            lambda seen: [*_of_targets(seen), *_of_synergy(seen["appears"]), *_of_leaving(seen["leaving"])],
        ),
        "## What this says and what it does not",
        *_said(found),
    ]


def _of_targets(seen: Mapping[str, Any]) -> list[str]:
    rows = [
        [name.replace("_", " "), row["role"], row["status"], known(row["type"], row["value"], *row["coded"]),
         f"{row['median']:.3g} ({row['low']:.3g} to {row['high']:.3g})", f"{row['shown']:.0%}",
         "–" if row["luck"] is None else f"{row['luck']:.0%}"]
        for name, row in seen["targets"].items()
    ]  # fmt: skip
    head = ("target", "role", "how known", "known", "runs: median (nine in ten)", "runs that show it", "luck's share")
    return [
        "A run shows a target when it lies within what was coded, give or take the model's discrepancy. Luck's "
        "share: of the variance between runs, that between runs of one draw of the numbers. All fitted targets at "
        f"once: {seen['all_at_once']:.1%} of the runs.",
        table(head, rows),
    ]


def _of_synergy(appears: Mapping[str, Any]) -> list[str]:
    rows = [
        [name, f"{row['runs']:.0%}", f"{row['median']:.0f} ({row['low']:.0f} to {row['high']:.0f})"]
        for name, row in appears.items()
    ]
    return [
        "When synergy appears: the week from which a component stays for half a year above what turnover alone gives "
        "in 95% of runs.",
        table(("component", "runs in which it does", "week: median (nine in ten)"), rows),
    ]


def _of_leaving(seen: Mapping[str, Any]) -> list[str]:
    order = sorted(seen, key=lambda name: -seen[name]["rate"])
    rows = [
        [
            name.replace("_", " "),
            f"{seen[name]['rate']:.2f} ({seen[name]['low']:.2f} to {seen[name]['high']:.2f})",
            f"{seen[name]['share']:.0%}",
        ]
        for name in order
    ]
    return ["Who leaves:", table(("role", "exits per member-year (nine draws in ten)", "share of all exits"), rows)]


def _said(found: Mapping[str, Any]) -> list[str]:
    missed = [
        f"{case.upper()} {name.replace('_', ' ')} ({row['shown']:.0%})"
        for case, seen in found["cases"].items()
        for name, row in sorted(seen["targets"].items(), key=lambda item: item[1]["shown"])
        if row["shown"] < 0.75
    ]
    at_once = ", ".join(f"{seen['all_at_once']:.1%} ({case.upper()})" for case, seen in found["cases"].items())
    return [
        f"Shown by fewer than three runs in four: {', '.join(missed) or 'none'}. The others are shown by more.",
        f"All fitted targets at once are shown by {at_once} of these runs, far fewer than the "
        "[calibration](calibration.md) tells of its fit. There single runs are weighted, that is, numbers and luck "
        "together, and a run with the right luck counts; here each draw of the numbers meets new luck. So the numbers "
        "alone do not bring the cases about: much of the agreement of the fit is the luck of the runs that it picked.",
        "Two cases and some two dozen coded targets cannot tell many models apart ([rivals](rivals.md)); who leaves "
        "by role was not observed and rests on assumed exposures.",
    ]


TITLES = {"members": "members, persons", "patients": "patient partners, persons", "leavers": "persons who have left"}


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Draw both cases on one axis of calendar years."""
    cases = found["cases"]
    names = ("members", "patients", "leavers", *COMPONENTS, "appears")
    figure, axes = blank(
        2,
        4,
        (14.5, 6.6),
        "Both cases on one time axis: median, half and nine in ten of the runs from the posterior",
        sharex=True,
    )
    first = date.fromisoformat(next(iter(cases.values()))["start"])
    for axis, name in zip(axes.flat, names, strict=True):
        for case, seen in cases.items():
            if name == "appears":
                continue
            low, lower, middle, upper, high = (np.array(row, dtype=float) for row in seen["bands"][name])
            weeks = np.arange(len(middle)) * EVERY
            axis.fill_between(weeks, low, high, color=colour_of(case), alpha=0.12, linewidth=0)
            axis.fill_between(weeks, lower, upper, color=colour_of(case), alpha=0.25, linewidth=0)
            axis.plot(weeks, middle, color=colour_of(case), linewidth=2)
        axis.set_title(TITLES.get(name, name), loc="left", fontsize=10.5)
    _known_marks(axes.flat[0], cases)
    _appearing(axes.flat[7], cases)
    years = range(first.year + 1, first.year + 6)
    for axis in axes[-1]:
        axis.set_xticks([(date(year, 1, 1) - first).days / 7 for year in years], [str(year) for year in years])
    for axis in axes.flat:
        for seen in cases.values():
            for week in seen["shocks"].values():
                axis.axvline(week, color="0.75", linewidth=0.8, linestyle=(0, (3, 2)), zorder=0)
    name_lines(axes.flat[1], colours_of(cases), 0.98, 0.93, -0.09, ha="right")
    save(figure, path)


def _known_marks(axis: Any, cases: Mapping[str, Any]) -> None:
    """Mark the counts that were read."""
    for case, seen in cases.items():
        row = seen["targets"].get("members_2018")
        if row:
            axis.plot([222, 260], [row["value"]] * 2, color="black", linewidth=4.5, solid_capstyle="butt")
            axis.plot([222, 260], [row["value"]] * 2, color=colour_of(case), linewidth=2.5, solid_capstyle="butt")
            axis.text(218, row["value"], f"read: {row['value']:g}", ha="right", va="center", fontsize=8.5)


def _appearing(axis: Any, cases: Mapping[str, Any]) -> None:
    """Draw when each component begins."""
    axis.set_title("when each begins", loc="left", fontsize=10.5)
    names = [*COMPONENTS, "three of the four"]
    for step, (case, seen) in enumerate(cases.items()):
        for place, name in enumerate(names):
            row = seen["appears"][name]
            height = place + 0.22 * (step - 0.5)
            axis.plot([row["low"], row["high"]], [height, height], color=colour_of(case), linewidth=2, alpha=0.5)
            axis.plot(row["median"], height, "o", color=colour_of(case), ms=6)
            axis.text(
                row["high"] + 5, height, f"{row['runs']:.0%} of runs", fontsize=7.5, va="center", color=colour_of(case)
            )
    axis.set_yticks(range(len(names)), names, fontsize=8.5)
    axis.invert_yaxis()


STUDY = Study(NAME, measured, page, draw)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
