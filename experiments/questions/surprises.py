"""The five most surprising findings of the experiments, each checked against its ablation, on other luck.

    python -m experiments.questions.surprises [draws=20]

A finding is one number. What is said to cause it is switched off and the number is measured again: it must vanish, that
is, less than a third of it may be left in every case; else the explanation is withdrawn. Settings:
conf/experiment/surprises.yaml.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.pages import written_by
from experiments.pictures import blank, colour_of, save
from experiments.questions import scale, shocks, turnover
from experiments.questions.enabling_levels import LEVELS, levers_at
from experiments.settings import Study
from experiments.worlds import Telling, Worlds, by_draw, estimate, live, of_draws, row_of, worlds_of
from sim import api
from sim.core.scenario import Scenario, Shock
from sim.core.vocabulary import Role, ShockKind
from sim.results.weekly import curve

NAME = "surprises"
LEFT_OVER = 1 / 3
SAID = (
    "An explanation that stands says which rule of the model makes the finding, not that real partnerships work so. "
    "What rests on a convention (the half year without a meeting) is a statement about that convention. One that is "
    "withdrawn leaves the finding without one."
)
STRIKES, YEAR = 130, 52
CUT = Shock("cut", ShockKind.FUNDING_CUT, STRIKES, 1.0, YEAR)
NO_MEETINGS = Shock("ours", ShockKind.LOST_MEETINGS, STRIKES, 0.8, YEAR)
NO_COORDINATORS = Shock("ours", ShockKind.PERSON_LEAVES, STRIKES, 0.8, 1, Role.COORDINATOR)
LOW, HIGH = 0.2, 0.8
EXITS, RATES = 0.2, [0.05, 0.1, 0.2, 0.3]
SIZES = (15, 100)

Row = dict[str, float]


@dataclass(frozen=True)
class Cause:
    """What is said to cause a finding, and the settings that switch it off."""

    words: str
    off: Mapping[str, object]


@dataclass(frozen=True)
class Finding:
    """One number, and what is said to cause it.

    Attributes
    ----------
    title : str
        What was found.
    sentence : str
        The same with its figures: places for PCCP and CHRP.
    measure : callable
        (case, worlds, what is switched off, progress) to mean, interval and range.
    causes : tuple of Cause
        Explanations, in the order in which they were tried.
    scale, digits : float and int
        How the figure is written.
    """

    title: str
    sentence: str
    measure: Callable[[str, Worlds, Mapping[str, object], Telling], Row]
    causes: tuple[Cause, ...]
    scale: float = 1.0
    digits: int = 3


def _made(case: str, *given: Mapping[str, object]) -> Scenario:
    return api.make_scenario(case, settings={name: value for each in given for name, value in each.items()})


def scar(case: str, worlds: Worlds, ablation: Mapping[str, object], tell: Telling) -> Row:
    """Return which share of output is missing two years after a cut began, when its money is long back."""
    calm = _made(case, ablation)
    weeks = slice(STRIKES + 2 * YEAR - 12, STRIKES + 2 * YEAR + 1)
    pair = [
        by_draw(np.nan_to_num(curve(live(one, worlds, tell=tell), "output")[:, weeks]).mean(axis=1), worlds)
        for one in (shocks.struck(calm, CUT), calm)
    ]
    return of_draws(np.divide(*pair, out=np.full(len(pair[0]), np.nan), where=pair[1] > 0) - 1)


def less_than_its_parts(case: str, worlds: Worlds, ablation: Mapping[str, object], tell: Telling) -> Row:
    """Return by how much integration rises more when all levels are raised than by each alone, summed."""

    def integration(*raised: str) -> Any:
        levers = levers_at({level: HIGH if level in raised else LOW for level in LEVELS})
        return row_of(live(_made(case, levers, ablation), worlds, tell=tell))["integration_last_year"]

    base = integration()
    together = integration(*LEVELS) - base
    parts = sum(integration(level) - base for level in LEVELS)
    return {**estimate(together - parts, worlds), "together": estimate(together, worlds)["mean"]}


def closer(case: str, worlds: Worlds, ablation: Mapping[str, object], tell: Telling) -> Row:
    """Return how much more familiar members are where organisations leave than where persons do, at equal exits."""
    paths = {path: turnover.along(case, path, RATES, worlds, tell, ablation) for path in turnover.PATHS}
    row = turnover.at_equal_exits(paths, EXITS)["familiarity"]
    return {"mean": row["difference"], "error": (row["high"] - row["low"]) / 2}


def meetings_not_coordinators(case: str, worlds: Worlds, ablation: Mapping[str, object], tell: Telling) -> Row:
    """Return how many weeks of output more are lost with the meetings of a year than with the coordinators."""
    calm = _made(case, ablation)
    usual = live(calm, worlds, tell=tell)
    lost = [
        shocks.effect(shock, live(shocks.struck(calm, shock), worlds, tell=tell), usual)["loss"]
        for shock in (NO_MEETINGS, NO_COORDINATORS)
    ]
    return estimate(lost[0] - lost[1], worlds)


def many(case: str, worlds: Worlds, ablation: Mapping[str, object], tell: Telling) -> Row:
    """Return integration with a hundred founding seats less that with fifteen; what the ablation names grows too."""
    rows = []
    for size in SIZES:
        scenario = _made(case)
        change = scale.multiplied(size / len(scenario.seats), (*scale.TASK, *scale.MONEY, *ablation))
        rows.append(row_of(live(scale.grown(scenario, size), worlds, change, tell))["integration_last_year"])
    return estimate(rows[1] - rows[0], worlds)


FINDINGS = {
    "scar": Finding(
        "The grant comes back, the partnership does not",
        "Two years after the start of a year without grant, and a year after its end, output differs by {pccp} percent "
        "(PCCP) and {chrp} percent (CHRP) from the same luck without the cut (a partnership that has ended puts out "
        "nothing).",
        scar,
        (
            Cause(
                "order in the work decays, and people leave meanwhile",
                {"parameters.coordination_loss": 0, "rules.turnover": False},
            ),
        ),
        100,
        0,
    ),
    "parts": Finding(
        "The three levels together do less than their parts",
        "Raising all three levels from low to high changes integration by {pccp} (PCCP) and {chrp} (CHRP) beside the "
        "sum of what each level does alone: all three together do less than that sum.",
        less_than_its_parts,
        (
            Cause("the levels ask the same staff for hours that are not there", {"parameters.coordinator_hours": 40}),
            Cause(
                "good ties and good order are two routes to combining, and what one has combined the other cannot "
                "combine again",
                {"route": "relational"},
            ),
        ),
    ),
    "closer": Finding(
        "Where organisations leave, those who stay are closer",
        "At the same exits per member-year familiarity differs by {pccp} (PCCP) and {chrp} (CHRP) between partnerships "
        "that lose whole organisations and those that lose persons one by one, although more of the former end.",
        closer,
        (
            Cause(
                "persons are followed by successors who know nobody, organisations by nobody",
                {"parameters.replacement_rate": 0},
            ),
        ),
    ),
    "meetings": Finding(
        "Lost meetings cost more than lost coordinators",
        "Losing four meetings in five for a year costs {pccp} (PCCP) and {chrp} (CHRP) weeks of output more than "
        "losing each coordinator at once with a chance of four in five.",
        meetings_not_coordinators,
        (
            Cause(
                "half a year without a meeting ends a partnership, a convention of this model", {"rules.ending": False}
            ),
        ),
        1,
        1,
    ),
    "many": Finding(
        "A hundred founders combine less than fifteen",
        "From 15 to 100 founding seats integration changes by {pccp} (PCCP) and {chrp} (CHRP), although the mix of "
        "viewpoints, money, help and task keep their proportion.",
        many,
        (
            Cause("nobody meets more people than before", {"encounters_per_meeting": "in proportion"}),
            Cause(
                "nobody meets more people than before, and order costs more among many",
                {"encounters_per_meeting": "in proportion", "cost_size": "in proportion"},
            ),
        ),
    ),
}


def verdict(full: Row, left: Row) -> str:
    """Tell whether a finding vanishes with its cause, so that less than a third of it is left.

    Returns
    -------
    {'stands', 'is withdrawn', 'is not decided'}
        The last where the 95% interval of what is left holds the third.
    """
    third, size = LEFT_OVER * abs(full["mean"]), abs(left["mean"])
    if size + left["error"] < third:
        return "stands"
    return "is withdrawn" if size - left["error"] >= third else "is not decided"


def measured(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what came out, as plain data."""
    worlds = worlds_of(settings)
    scenarios = {"scar": 2, "parts": 5, "closer": 2 * len(RATES), "meetings": 3, "many": len(SIZES)}
    each = sum(scenarios[name] * (1 + len(finding.causes)) for name, finding in FINDINGS.items())
    tell = Telling(len(settings["cases"]) * each)
    found: dict[str, Any] = {}
    for name, finding in FINDINGS.items():
        found[name] = {}
        for case in settings["cases"]:
            full = finding.measure(case, worlds, {}, tell)
            left = [finding.measure(case, worlds, cause.off, tell) for cause in finding.causes]
            found[name][case] = {"full": full, "left": left}
    return {"findings": found}


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page of results."""
    made = found["made_with"]
    parts = [
        "# Five surprises, and whether their explanations hold",
        f"{written_by('questions.surprises')} Found in [the three levels](enabling_levels.md), [shocks](shocks.md), "
        f"[turnover](turnover.md) and [scale](scale.md); measured here again on other luck ({made['draws']} draws of "
        f"the posterior, {made['lucks']} lucks each), as mean ± 95% interval of the mean. Then what is said to cause a "
        "finding is switched off. The explanation stands when less than a third of the finding is left, with the whole "
        "95% interval of what is left; it is withdrawn when a third or more is; else it is not decided. All of this is "
        "about the model; none of it was observed in the partnerships.",
        f"![What is left of each finding]({NAME}.png)",
    ]
    for number, (name, seen) in enumerate(found["findings"].items(), 1):
        finding = FINDINGS[name]
        written = {case: _figure(row["full"], finding) for case, row in seen.items()}
        parts += [f"## {number}. {finding.title}", finding.sentence.format_map(_Asked(written))]
        parts += [_checked(cause, place, finding, seen) for place, cause in enumerate(finding.causes)]
    return [*parts, "## What this says and what it does not", SAID]


def _checked(cause: Cause, place: int, finding: Finding, seen: Mapping[str, Any]) -> str:
    left = " and ".join(f"{_figure(row['left'][place], finding)} ({case.upper()})" for case, row in seen.items())
    how = ", ".join(f"`{name}={str(value).lower()}`" for name, value in cause.off.items())
    found = {case: verdict(row["full"], row["left"][place]) for case, row in seen.items()}
    if len(set(found.values())) == 1:
        said = f"*the explanation {next(iter(found.values()))}*"
    else:
        said = ", ".join(f"*in {case.upper()} the explanation {one}*" for case, one in found.items())
    if all("together" in row["full"] for row in seen.values()):
        then = " and ".join(
            f"{row['left'][place]['together']:+.3f} in place of {row['full']['together']:+.3f} ({case.upper()})"
            for case, row in seen.items()
        )
        said += f"; all three levels together then do {then}"
    return f"Explanation: {cause.words}. With that switched off ({how}) {left} is left: {said}."


class _Asked(dict[str, str]):
    """Cases that were not asked for leave a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def _figure(row: Row, finding: Finding) -> str:
    return f"{row['mean'] * finding.scale:+.{finding.digits}f} ± {row['error'] * finding.scale:.{finding.digits}f}"


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Draw what is left of each finding when a cause is switched off, as a share of the finding."""
    figure, axes = blank(
        1, 1, (10.5, 5.6), "What is left of each finding when what is said to cause it is switched off"
    )
    axis = axes[0, 0]
    axis.axvspan(-100 * LEFT_OVER, 100 * LEFT_OVER, color="0.93", linewidth=0, zorder=0)
    labels = []
    for name, seen in found["findings"].items():
        for place, cause in enumerate(FINDINGS[name].causes):
            for step, (case, row) in enumerate(seen.items()):
                share, error = (100 * row["left"][place][key] / row["full"]["mean"] for key in ("mean", "error"))
                height = len(labels) + 0.24 * (step - 0.5)
                axis.plot(
                    [share - error, share + error], [height, height], color=colour_of(case), linewidth=2.5, alpha=0.5
                )
                axis.plot(share, height, "o", color=colour_of(case), ms=7)
                if not labels:
                    axis.text(
                        share + abs(error) + 3,
                        height,
                        case.upper(),
                        color=colour_of(case),
                        va="center",
                        fontweight="bold",
                    )
            labels.append(f"{FINDINGS[name].title}\noff: {', '.join(key.split('.')[-1] for key in cause.off)}")
    for share, words in ((0, "vanished"), (100, "all of it")):
        axis.axvline(share, color="0.4", linewidth=0.8)
        axis.text(share, -0.62, words, ha="center", fontsize=9)
    axis.set_yticks(range(len(labels)), labels, fontsize=9)
    axis.set_ylim(len(labels) - 0.5, -0.8)
    axis.set_xlabel(
        "share of the finding that is left, percent, with the 95% interval of what is left; grey: the explanation "
        "stands",
        fontsize=9,
    )
    save(figure, path)


STUDY = Study(NAME, measured, page, draw)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
