"""What moves the outcomes: levers, the parameters that fit the cases, or luck? By lever, level and parameter.

    python -m experiments.questions.sensitivity [trajectories=16] [points=256] [sample=8000] [mixes=32]

Asks ``partnersim sensitivity`` of both cases, over the ranges of the tables and given what fits the cases. Writes
experiments/kept/sensitivity.json, docs/results/sensitivity.md and docs/results/sensitivity.png.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.pages import by_case, table, written_by
from experiments.settings import ROOT, Study
from sim.analysis.sensitivity.figures import BLOCKS, PART_COLOURS, colour_of
from sim.analysis.sensitivity.indices import chance
from sim.analysis.sensitivity.question import (
    LEVER,
    SETTINGS,
    SensitivityQuestion,
    group_of,
    sensitivity_question,
    short,
    titles,
)
from sim.analysis.sensitivity.result import DUMMY, GROUPS, POSTERIOR_SAMPLE, SHARES, SPLIT, SensitivityResult
from sim.analysis.sensitivity.sentences import above_chance, drawn_above_chance
from sim.analysis.sensitivity.split import PARTS
from sim.analysis.sensitivity.stages import analyse
from sim.commands.study import staged
from sim.core.parameters import LEVERS
from sim.report.style import figure_of
from sim.sweeps.conduct import DriveOptions

CASES = ("pccp", "chrp")
NAMED = 4
SIZES = ("trajectories", "keep", "points", "replicates", "sample", "mixes")


def measured(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Analyse both cases, or resume the analysis, and return what came out as plain data."""
    sizes = {name: settings[name] for name in SIZES}
    found = {}
    for case in CASES:
        question = sensitivity_question({name: row.default for name, row in SETTINGS.items()} | {"case": case} | sizes)
        with staged({}) as tell:
            how = DriveOptions(workers=settings["threads"])
            found[case] = plain_result(question, analyse(question, ROOT / settings["folder"] / case, how, tell))
    return {"cases": found}


def plain_result(question: SensitivityQuestion, found: SensitivityResult) -> dict[str, Any]:
    """Return what was found for one case; a share is [value, low, high]."""
    return {
        "runs": sum(found.runs.values()),
        "missing": max(found.missing.values()),
        "chance": chance(found.runs[POSTERIOR_SAMPLE], len(question.levers) + 1),
        "outcomes": {output: of_outcome(found, output) for output in question.outputs},
    }


def of_outcome(found: SensitivityResult, output: str) -> dict[str, Any]:
    """Return what moves one outcome."""
    totals = {
        stage: {row.setting: [row.value, row.low, row.high] for row in found.of(stage, "total", output)}
        for stage in (GROUPS, SHARES)
    }
    beyond = {row.setting for row in above_chance(found, output)}
    levers = {
        row.setting.removeprefix(LEVER): [row.value, row.setting in beyond]
        for row in found.of(POSTERIOR_SAMPLE, "alone", output)
        if row.setting != DUMMY
    }
    return {
        **totals,
        "levers": {name: levers[name] for name in LEVERS},
        "split": {row.setting: [row.value, row.low, row.high] for row in found.of(SPLIT, "share", output)},
        "drawn": {row.setting: row.value for row in drawn_above_chance(found, output)[:NAMED]},
    }


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page of results."""
    made = found["made_with"]
    return [
        "# What moves the outcomes",
        f"{written_by('questions.sensitivity')} The same for a case, scenario or outcome of yours: `partnersim "
        "sensitivity case=pccp`.",
        f"Over the **ranges of the tables** (prior): a Morris screen of all settings ({made['trajectories']} "
        f"trajectories), then Sobol's total shares of variance of groups and of the {made['keep']} most influential "
        f"({made['points']} base points, means of {made['replicates']} runs). **Given what fits the cases** "
        f"(posterior): levers over the ranges that the case gives them while parameters are drawn, "
        f"{made['sample']:,} single runs, and {made['mixes']} mixes of levers crossed with {made['mixes']} draws, 4 "
        "runs in each cell, which splits the variance of single runs. After ± stands half a 95% interval of the Monte "
        "Carlo error; of the split it is a jackknife over mixes and draws.",
        "## What came out",
        *(summary(case, one) for case, one in found["cases"].items()),
        "![Where the variance lies, and which levers move what](sensitivity.png)",
        "*Left: the variance of single runs given what fits the cases. Right: share of it that each lever explains by "
        "itself, in percent; empty where it cannot be distinguished from chance.*",
        *by_case(found, tables),
        "## What not to conclude",
        "A share holds for the ranges that were varied: a parameter that nobody has measured has a wide range and "
        "moves more. That parameters outweigh levers says how little is known, not that enabling processes do "
        "not matter; what one process does at a given parameter set is asked by pairing runs on the same luck "
        "([ablation](../model/ablation-findings.md)). Draws are few and their parameters go together, so a rank "
        "correlation names candidates, not causes. Nothing here ranks the two cases.",
    ]


def summary(case: str, one: Mapping[str, Any]) -> str:
    """Say in a paragraph what moves a case."""
    outcomes = one["outcomes"]
    shares = {part: [row["split"][part][0] for row in outcomes.values()] for part in PARTS}
    levers = [sum(row["split"][part][0] for part in (PARTS[0], PARTS[2])) for row in outcomes.values()]
    groups = outcomes["synergy_last_year"][GROUPS]
    blocks = [f"{name} {_share(share)}" for name, share in groups.items() if name not in BLOCKS][:NAMED]
    return (
        f"**{case.upper()}** ({one['runs']:,} runs). Given what fits the cases, levers make {_span(levers)} of the "
        f"variance of single runs, drawn parameters {_span(shares[PARTS[1]])} and luck {_span(shares[PARTS[3]])}, "
        f"by outcome. Levers that stand out by themselves: for synergy {_levers(outcomes['synergy_last_year'])}; for "
        f"atmosphere {_levers(outcomes['atmosphere_last_year'])}; for integration "
        f"{_levers(outcomes['integration_last_year'])}. Over the ranges of the tables synergy hangs most "
        f"on {', '.join(blocks)}; of the levels, {', '.join(f'{name} {_share(groups[name])}' for name in BLOCKS)}."
    )


def _span(values: Sequence[float]) -> str:
    return f"{min(values):.0%} to {max(values):.0%}"


def _levers(row: Mapping[str, Any]) -> str:
    """Name the levers that explain more than chance, the largest first."""
    order = sorted(row["levers"].items(), key=lambda item: -item[1][0])
    names = [f"{name.replace('_', ' ')} ({value:.1%})" for name, (value, beyond) in order if beyond][:NAMED]
    return ", ".join(names) or "none"


def tables(one: Mapping[str, Any]) -> list[str]:
    """Return the tables of a case."""
    outcomes = one["outcomes"]
    heads = titles(list(outcomes))
    pairs = list(zip(heads, outcomes.values(), strict=True))
    groups = sorted(next(iter(outcomes.values()))[GROUPS])
    groups = [*BLOCKS, *(name for name in groups if name not in BLOCKS)]
    return [
        "### Levers, parameters, luck (posterior)",
        table(("outcome", *PARTS), ((head, *(_share(row["split"][part]) for part in PARTS)) for head, row in pairs)),
        "### By level and block (prior): total shares of the variance of means",
        table(("group", *heads), ((name, *(_share(row[GROUPS][name]) for _, row in pairs)) for name in groups)),
        "### By lever (posterior): share of the variance of single runs by itself",
        f"A share under {one['chance']:.1%} cannot be distinguished from chance (the largest that one of them would "
        "show in one sample in twenty if none did anything).",
        table(("lever", "level", *heads), (_lever_row(name, pairs) for name in LEVERS)),
        "### By parameter",
        table(
            (
                "outcome",
                "over the tables' ranges (total share)",
                "drawn: beyond chance (rank correlation)",
            ),
            ((head, _most(row[SHARES]), _drawn(row["drawn"])) for head, row in pairs),
        ),
    ]


def _lever_row(name: str, pairs: Sequence[tuple[str, Mapping[str, Any]]]) -> tuple[str, ...]:
    cells = (row["levers"][name] for _, row in pairs)
    return (
        name.replace("_", " "),
        LEVERS[name].level,
        *(f"{value:.1%}" if beyond else "–" for value, beyond in cells),
    )


def _share(share: Sequence[float]) -> str:
    value, low, high = share
    return f"{max(value, 0):.0%} ± {(high - low) / 2:.0%}"


def _most(shares: Mapping[str, Sequence[float]]) -> str:
    rows = sorted(shares.items(), key=lambda item: -item[1][0])[:NAMED]
    return ", ".join(f"{short(name)} {_share(share)}" for name, share in rows)


def _drawn(rows: Mapping[str, float]) -> str:
    return ", ".join(f"{short(name)} {value:+.2f}" for name, value in rows.items()) or "none"


def picture(found: Mapping[str, Any], place: Path) -> None:
    """Draw where the variance lies and which levers move what, both cases."""
    figure, axes = figure_of(11, 7.2, len(CASES), 2)
    for line, (case, one) in enumerate(found["cases"].items()):
        _draw_split(axes[line, 0], one["outcomes"])
        _draw_levers(axes[line, 1], one["outcomes"])
        axes[line, 0].set_title(f"{case.upper()}: where the variance of single runs lies", loc="left", fontsize=10)
        axes[line, 1].set_title(f"{case.upper()}: explained by each lever, %", loc="left", fontsize=10)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(PARTS), frameon=False, fontsize=9)
    figure.savefig(place, dpi=90)


def _draw_split(axis: Any, outcomes: Mapping[str, Any]) -> None:
    heights = np.arange(len(outcomes))[::-1]
    left = np.zeros(len(outcomes))
    for part, colour in zip(PARTS, PART_COLOURS, strict=True):
        shares = np.array([row["split"][part][0] for row in outcomes.values()])
        axis.barh(heights, shares, left=left, color=colour, edgecolor="w", height=0.7, label=part)
        for height, share, start in zip(heights, shares, left, strict=True):
            if share >= 0.05:
                axis.text(start + share / 2, height, f"{share:.0%}", ha="center", va="center", fontsize=8)
        left += shares
    axis.set_yticks(heights, titles(list(outcomes)), fontsize=8)
    _bare(axis)
    axis.set_xticks([])
    axis.set_xlim(0, 1)


def _draw_levers(axis: Any, outcomes: Mapping[str, Any]) -> None:
    cells = [[row["levers"][name] for row in outcomes.values()] for name in LEVERS]
    values = np.array([[value if beyond else 0.0 for value, beyond in line] for line in cells])
    axis.imshow(np.sqrt(values), aspect="auto", cmap="Blues", vmin=0)
    for line, name in enumerate(LEVERS):
        for column, row in enumerate(outcomes.values()):
            value, beyond = row["levers"][name]
            if beyond:
                dark = np.sqrt(value) > 0.6 * np.sqrt(values.max())
                axis.text(column, line, f"{100 * value:.1f}", ha="center", va="center", fontsize=8,
                          color="w" if dark else "0.2")  # fmt: skip
    axis.set_yticks(range(len(LEVERS)), [name.replace("_", " ") for name in LEVERS], fontsize=8)
    for label, name in zip(axis.get_yticklabels(), LEVERS, strict=True):
        label.set_color(colour_of(group_of(LEVER + name)))
    wrapped = [title.replace(", last year", "").replace(" per ", "\nper ") for title in titles(list(outcomes))]
    axis.set_xticks(range(len(wrapped)), wrapped, fontsize=8)
    _bare(axis)


def _bare(axis: Any) -> None:
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)


STUDY = Study("sensitivity", measured, page, picture)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
