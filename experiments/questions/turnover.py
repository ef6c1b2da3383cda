"""Losing persons and losing organisations, and what if the patient partners had stayed, or gone.

    python -m experiments.questions.turnover [compared_at=0.15]

Persons leave and organisations stay, or the other way round, at several rates; nobody leaves for want of benefit, so
that the rate is the only difference. What is compared is read off at equal exits per member-year. Settings:
conf/experiment/turnover.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.pages import by_case, table, written_by
from experiments.pictures import BLUE, ORANGE, blank, name_lines, save
from experiments.questions.enabling_levels import plain
from experiments.settings import Study
from experiments.worlds import RANGE, Telling, Worlds, by_draw, estimate, in_words, live, row_of, worlds_of
from sim import api
from sim.core.engine import Ensemble
from sim.core.metric_table import COMPONENTS, ENDS
from sim.results.means import mean_there
from sim.results.weekly import curve

NAME = "turnover"
LIVED = ("members", "trust", "familiarity", "knowledge", "heterogeneity", "output")
"""Weekly metrics taken as means over the last year."""

METRICS = (*LIVED, *(f"{name}_last_year" for name in COMPONENTS), "outcome", *ENDS)
EXITS = "exits_per_member_year"
PATHS = {
    "persons": ("parameters.hazard_person", "parameters.hazard_organisation"),
    "organisations": ("parameters.hazard_organisation", "parameters.hazard_person"),
}
COLOUR = {"persons": BLUE, "organisations": ORANGE}
PATIENTS = ("patient_partners_supported", "patient_partners_lost")
RESAMPLES = 500


def row_with_ties(ensemble: Ensemble) -> dict[str, NDArray[np.float64]]:
    """Return one number per world: columns of ``runs``, and means over the last year of what ties and output were."""
    means = {name: mean_there(curve(ensemble, name)[:, -52:], 1) for name in LIVED}
    return row_of(ensemble) | means


def along(
    case: str, path: str, rates: list[float], worlds: Worlds, tell: Telling, more: Mapping[str, object]
) -> dict[str, NDArray[np.float64]]:
    """Return exits and metrics along one path, (rates, draws)."""
    moved, still = PATHS[path]
    rows = []
    for rate in rates:
        given = {"turnover.cause": "exogenous", moved: rate, still: 0, **more}
        rows.append(row_with_ties(live(api.make_scenario(case, settings=given), worlds, tell=tell)))
    return {name: np.array([by_draw(row[name], worlds) for row in rows]) for name in (EXITS, *METRICS)}


def at_equal_exits(paths: Mapping[str, Mapping[str, NDArray[np.float64]]], exits: float) -> dict[str, dict[str, Any]]:
    """Return each metric on both paths where exits are equal, and the difference with its interval (bootstrap)."""
    n = next(iter(paths.values()))[EXITS].shape[1]
    again = np.random.default_rng(0).integers(n, size=(RESAMPLES, n))
    found = {}
    for name in METRICS:
        values = {path: _read(seen, name, exits, np.arange(n)) for path, seen in paths.items()}
        apart = [
            _read(paths["organisations"], name, exits, pick) - _read(paths["persons"], name, exits, pick)
            for pick in again
        ]
        low, high = np.percentile(apart, [2.5, 97.5])
        found[name] = values | {
            "difference": values["organisations"] - values["persons"],
            "low": float(low),
            "high": float(high),
        }
    return found


def _read(seen: Mapping[str, NDArray[np.float64]], name: str, exits: float, draws: NDArray[np.int64]) -> float:
    """Return a metric at a number of exits, between the rates that were run; beyond them the nearest."""
    places, values = mean_there(seen[EXITS][:, draws], 1), mean_there(seen[name][:, draws], 1)
    return float(np.interp(exits, places, values))


def patients(case: str, worlds: Worlds, tell: Telling) -> dict[str, Any]:
    """Return what the scenarios of patient partners change against the baseline."""
    usual = row_with_ties(live(api.make_scenario(case), worlds, tell=tell))
    rows = {name: row_with_ties(live(api.make_scenario(case, name), worlds, tell=tell)) for name in PATIENTS}
    pairs = {name: (row, usual) for name, row in rows.items()} | {"supported rather than lost": tuple(rows.values())}
    return {
        "patients": {name: estimate(row["patients_end"], worlds) for name, row in {"baseline": usual, **rows}.items()},
        "changes": {
            title: {name: estimate(ours[name] - theirs[name], worlds) for name in METRICS}
            for title, (ours, theirs) in pairs.items()
        },
    }


def measured(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what came out, as plain data."""
    worlds = worlds_of(settings)
    tell = Telling(len(settings["cases"]) * (sum(len(settings[path]) for path in PATHS) + 1 + len(PATIENTS)))
    cases = {}
    for case in settings["cases"]:
        paths = {path: along(case, path, settings[path], worlds, tell, {}) for path in PATHS}
        cases[case] = {
            "paths": {path: {name: _curve(values) for name, values in seen.items()} for path, seen in paths.items()},
            "equal": at_equal_exits(paths, settings["compared_at"]),
            "patients": patients(case, worlds, tell),
        }
    return {"cases": cases}


def _curve(values: NDArray[np.float64]) -> dict[str, list[float]]:
    """Return mean over draws and its 95% interval at each rate."""
    error = [
        1.96 * seen.std() / np.sqrt(max(seen.size, 1)) if seen.size else 0.0
        for seen in (row[np.isfinite(row)] for row in values)
    ]
    return {"mean": mean_there(values, 1).tolist(), "error": [float(one) for one in error]}


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page of results."""
    made = found["made_with"]
    return [
        "# Losing persons, losing organisations",
        f"{written_by('questions.turnover')} In the same {made['draws'] * made['lucks']} worlds ({made['draws']} draws "
        f"of the posterior, {made['lucks']} lucks each) either persons leave and organisations stay, or organisations "
        f"leave, with all their persons, and no person leaves otherwise. Both are read off at {made['compared_at']:g} "
        "exits of persons per member-year, however they came about. Ties and output: last year, of those still going "
        "at the end; components: last year that each was going.",
        f"![What exits do]({NAME}.png)",
        *by_case(found, lambda seen: [*_of_exits(seen["equal"], made), *_of_patients(seen["patients"])]),
        "## What this says and what it does not",
        *_said(found),
    ]


def _of_exits(equal: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    rows = [
        [
            plain(name),
            f"{row['persons']:.3f}",
            f"{row['organisations']:.3f}",
            f"{row['difference']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f})",
        ]
        for name, row in equal.items()
    ]
    head = ("", "persons leave", "organisations leave", "organisations less persons (95% interval)")
    return [f"At {made['compared_at']:g} exits per member-year:", table(head, rows)]


def _of_patients(seen: Mapping[str, Any]) -> list[str]:
    changes = seen["changes"].values()
    rows = [[plain(name), *(in_words(row[name]) for row in changes)] for name in METRICS if name in next(iter(changes))]
    there = ", ".join(f"{row['mean']:.1f} ({scenario.replace('_', ' ')})" for scenario, row in seen["patients"].items())
    return [
        f"What if patient partners had been kept, or lost? Patient partners at the end: {there}. Differences to the "
        f"baseline, mean ± 95% interval of the mean {RANGE}:",
        table(("", *(title.replace("_", " ") for title in seen["changes"])), rows),
    ]


def _said(found: Mapping[str, Any]) -> list[str]:
    return [
        *(_case_in_words(case, seen) for case, seen in found["cases"].items()),
        "Not the same: a person who leaves an organisation that stays is followed by another, who knows nobody; an "
        "organisation that leaves is not followed. That this is why, is checked in [surprises](surprises.md). Means "
        "over those still going leave out partnerships that ended, which are more where organisations leave. "
        "How organisations recruit and hand on is assumed. In the runs patient partners of PCCP mostly stay, other "
        "than was read of the case ([two cases](two_cases.md)): support has little left to keep, so that support "
        "against loss is the wider contrast.",
    ]


def _case_in_words(case: str, seen: Mapping[str, Any]) -> str:
    words = [
        f"{plain(name)} {row['difference']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f})"
        for name, row in seen["equal"].items()
        if row["low"] > 0 or row["high"] < 0
    ]
    kept = [
        f"{plain(name)} {row['mean']:+.3f} ± {row['error']:.3f}"
        for name, row in seen["patients"]["changes"]["supported rather than lost"].items()
        if abs(row["mean"]) > row["error"]
    ]
    return (
        f"{case.upper()}: at equal exits, where organisations leave rather than persons: "
        f"{', '.join(words) or 'no difference'}. With patient partners supported rather than lost: "
        f"{', '.join(kept) or 'no difference'}; the rest cannot be distinguished from 0."
    )


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Draw metrics over exits per member-year, one line per way of losing people."""
    cases = found["cases"]
    names = ("familiarity", "trust", "integration_last_year", "benefit_last_year", "adaptation_last_year", "members")
    figure, axes = blank(
        len(cases),
        len(names),
        (2.7 * len(names), 2.9 * len(cases) + 0.5),
        "The same exits, by persons one by one or by whole organisations (band: 95% interval of the mean)",
        sharex=True,
        sharey="col",
    )
    for row, (case, seen) in zip(axes, cases.items(), strict=True):
        for axis, name in zip(row, names, strict=True):
            for way, values in seen["paths"].items():
                exits = np.array(values[EXITS]["mean"])
                middle, error = (np.array(values[name][key]) for key in ("mean", "error"))
                axis.fill_between(exits, middle - error, middle + error, color=COLOUR[way], alpha=0.25, linewidth=0)
                axis.plot(exits, middle, "o-", color=COLOUR[way], ms=4, linewidth=1.8)
            axis.axvline(found["made_with"]["compared_at"], color="0.5", linewidth=0.8, linestyle=(0, (4, 2)))
            axis.set_title(plain(name), loc="left", fontsize=10)
            axis.set_xlim(left=0)
        row[0].set_ylabel(case.upper(), fontsize=11, fontweight="bold")
    for axis in axes[-1]:
        axis.set_xlabel("exits per member-year", fontsize=9)
    name_lines(axes[0, -1], {f"{way} leave": colour for way, colour in COLOUR.items()}, 0.04, 0.15, -0.1, fontsize=9)
    save(figure, path)


STUDY = Study(NAME, measured, page, draw)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
