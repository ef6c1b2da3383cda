"""Which mix of enabling processes, within a budget of hours, gives most synergy, fastest recovery, fairest benefit.

    python -m experiments.questions.portfolios [generations=16] [population=32] [draws=50]

Asks ``partnersim portfolio`` of both cases. Mixes are picked in some worlds and judged in others, by the mean over
draws of the posterior and by the worst tenth of them. Writes experiments/kept/portfolios.json,
docs/results/portfolios.md and docs/results/portfolios.png.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

import numpy as np

from experiments.pages import by_case, table, written_by
from experiments.settings import ROOT, Study
from sim.analysis.portfolios.choose import KEEPING, robust_gain
from sim.analysis.portfolios.figures import LEVEL_MAPS
from sim.analysis.portfolios.question import AIMS, JUDGED, SETTINGS, Aim, portfolio_question
from sim.analysis.portfolios.result import SEARCH, SECOND, PortfolioResult, searched
from sim.analysis.portfolios.sentences import DIGITS, largest, number
from sim.analysis.study import asked
from sim.commands.study import staged
from sim.core.metric_table import END_WORDS, ENDS
from sim.core.parameters import LEVERS
from sim.core.sources import model_hash
from sim.report.style import figure_of
from sim.results.folder import claim

CASES = ("pccp", "chrp")
SIZES = ("generations", "population", "draws", "lucks", "fresh", "hours")
LIFE = ("staff_cover", *ENDS, "recovered", "loss")


def measured(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Search for both cases, or resume the search, and return what came out as plain data."""
    sizes = {name: settings[name] for name in SIZES}
    found = {}
    for case in CASES:
        folder = ROOT / settings["folder"] / case
        question = portfolio_question({name: row.default for name, row in SETTINGS.items()} | {"case": case} | sizes)
        claim(folder, asked(question.options), model_hash())
        with staged({SEARCH: f"{case}, search", SECOND: f"{case}, second trial"}) as tell:
            found[case] = plain_result(searched(question, folder, settings["threads"], tell))
    return {"cases": found}


def plain_result(result: PortfolioResult) -> dict[str, Any]:
    """Return what was found for one case."""
    return {
        "tried": len(result.tried.hours),
        "unbeaten": result.chosen.whole_front,
        "draws_again": result.fresh.found.shape[2],
        "mixes": [mix(result, pick) for pick in result.named()],
        "front": [scores(result, result.tried.hours[row]) for row in result.chosen.front],
        "robust": {aim.name: robust(result, aim) for aim in result.question.aims},
    }


def mix(result: PortfolioResult, pick: Any) -> dict[str, Any]:
    """Return a mix: its hours, how good it is when tried again, and what it gains on the even one."""
    place = result.fresh.place(pick.hours)
    return {
        "name": pick.name,
        "hours": [int(hours) for hours in pick.hours],
        "scores": scores(result, pick.hours),
        **{name: float(result.fresh.mean(name)[place]) for name in LIFE},
        "gains": {
            gain.aim.name: {
                "again": gain.again * gain.aim.sign,
                "half": gain.half,
                "better": gain.better,
                "in_search": gain.in_search * gain.aim.sign,
            }
            for gain in result.gains(pick)
        },
    }


def scores(result: PortfolioResult, hours: Any) -> dict[str, float]:
    """Return the means of the aims, tried again."""
    aims = result.question.aims
    found = result.fresh.scores(aims, "mean")[result.fresh.place(hours)]
    return {aim.name: float(value) for aim, value in zip(aims, found, strict=True)}


def robust(result: PortfolioResult, aim: Aim) -> dict[str, Any]:
    """Return how the mix picked by the worst tenth compares with that picked by the mean, tried again."""
    picks = {pick.title(): pick for pick in result.chosen.picks}
    by_mean, by_worst = (picks[f"best for {aim.name}, {judged}"] for judged in JUDGED)
    even = result.even()
    return {
        "same": bool(np.array_equal(by_mean.hours, by_worst.hours)),
        "hours": [int(hours) for hours in by_worst.hours],
        "worst": list(robust_gain(aim, by_worst, by_mean, result.fresh, "worst")),
        "mean": list(robust_gain(aim, by_worst, by_mean, result.fresh, "mean")),
        "even": list(robust_gain(aim, by_mean, even, result.fresh, "worst")),
    }


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page of results."""
    made = found["made_with"]
    return [
        f"# Which mix for {made['hours']} hours a week",
        f"{written_by('questions.portfolios')} The same for a case, shock or budget of yours: `partnersim portfolio "
        "case=pccp hours=20`.",
        f"A mix gives whole hours a week to the 13 enabling processes, {made['hours']} in all or fewer (60 would give "
        "each its full effort in a partnership of the usual size). NSGA-II, asked in "
        f"{made['generations']} batches of {made['population']} mixes, looks for most synergy in the last year, fewest "
        "weeks to recover from the funding cut (against the same luck without it; one that never recovers, or that is "
        "gone, counts to the end), and most benefit of the worst-off role. Every mix meets the same worlds: "
        f"{made['draws']} draws of the posterior, {made['lucks']} luck each. Picks are **tried again** in worlds of "
        f"which the search knew nothing: {next(iter(found['cases'].values()))['draws_again']} other draws, "
        f"{made['fresh']} lucks each; only these numbers stand here. Intervals are 95%, over draws and luck.",
        "## What came out",
        *(summary(case, one) for case, one in found["cases"].items()),
        "![What can be had together, and the mixes](portfolios.png)",
        "*Left: mixes that no other beats, tried again; better is up and to the right. Right: hours a week; in "
        "brackets full effort.*",
        *by_case(found, tables),
        "## What not to conclude",
        "The budget is what the mix asks for; what the staff cannot cover is cut for all processes alike, so a mix "
        "that asks for less can get the same. Fast recovery is measured against the same mix without the cut: a mix "
        "under which little is put out has little to lose, so read it beside synergy. The order of single processes "
        "within a mix is not to be read: many mixes lie within each other's interval, and a search finds one of them. "
        "Hours of full effort are assumptions of the tables, and so is most of what the draws hold. Scores are on the "
        "model's scale: compare mixes, not the two cases.",
    ]


def summary(case: str, one: Mapping[str, Any]) -> str:
    """Say in a paragraph which mixes are best for a case."""
    parts = [_best(one, aim) for aim in AIMS.values()]
    robust_aims = {name: one["robust"][name] for name in AIMS}
    safe = [name for name, plain_result in robust_aims.items() if _better(AIMS[name], plain_result["even"])]
    other = [name for name, plain_result in robust_aims.items() if _better(AIMS[name], plain_result["worst"])]
    return (
        f"**{case.upper()}** ({one['tried']:,} mixes tried, {one['unbeaten']} not beaten). {' '.join(parts)} In the "
        "worst tenth of plausible parameter sets the mix picked by the mean is better than the even one, beyond error, "
        f"for {' and '.join(safe) or 'no aim'}; picking by the worst tenth instead gains something there for "
        f"{' and '.join(other) or 'no aim'}."
    )


def _better(aim: Aim, plain_result: Sequence[float]) -> bool:
    return plain_result[0] * aim.sign > plain_result[1]


def _best(one: Mapping[str, Any], aim: Aim) -> str:
    pick = picked(one, f"best for {aim.name}, mean")
    gain = pick["gains"][aim.name]
    if "even" in pick["name"].split("; "):
        return f"For {aim.name} no mix was found that is better than the even one."
    plain_result = (
        f"For {aim.meaning.partition(':')[0]}: {largest(pick['hours'])}; against the even mix "
        f"{_gain(pick, aim.name)}, better in {gain['better']:.0%} of parameter sets, luck left in."
    )
    if aim.name != "recovery":
        return plain_result
    even, kept = picked(one, "even"), picked(one, f"{KEEPING}, mean")
    return (
        f"{plain_result} It costs synergy ({_gain(pick, 'synergy')}); {pick['alive']:.0%} of partnerships are still "
        f"going at the end (even mix: {even['alive']:.0%}), and it loses {pick['loss']:.1f} weeks of output to the cut "
        f"(even mix: {even['loss']:.1f}). Among mixes with no less synergy than the even one the fastest is "
        f"{largest(kept['hours'])}: {_gain(kept, 'recovery')}, synergy {_gain(kept, 'synergy')}."
    )


def _gain(row: Mapping[str, Any], name: str) -> str:
    gain = row["gains"][name]
    return _with_half(AIMS[name], (gain["again"], gain["half"]))


def _robust_row(plain_result: Mapping[str, Any], aim: Aim) -> tuple[str, ...]:
    cells = (_plain(aim, *plain_result[name]) for name in ("even", "worst", "mean"))
    even, *apart = cells
    if plain_result["same"]:
        return f"{aim.name}, {aim.unit}", even, "the same mix", "–", "–"
    return f"{aim.name}, {aim.unit}", even, largest(plain_result["hours"]), *apart


def _with_half(aim: Aim, plain_result: Sequence[float]) -> str:
    """Write a difference with its error, and whether it differs from none."""
    value, half = plain_result
    text = f"{number(aim, value)} ± {half:.{DIGITS[aim.name]}f}"
    return text if abs(value) > half else f"{text}, not significant"


def picked(one: Mapping[str, Any], title: str) -> dict[str, Any]:
    """Return the mix that bears a title."""
    return next(row for row in one["mixes"] if title in row["name"].split("; "))


def tables(one: Mapping[str, Any]) -> list[str]:
    """Return the tables of a case."""
    head = (
        "mix",
        *(f"{name}, {aim.unit}" for name, aim in AIMS.items()),
        "staffed",
        *(END_WORDS[name] for name in _ends(one["mixes"][0])),
        "recovered",
        "output lost",
    )
    return [
        table(head, (_row(row) for row in one["mixes"])),
        "Synergy, recovery (fewer is better) and fairness against the even mix. *Staffed*: share of the hours asked "
        "for; *still going* at the end, *fulfilled*, *failed*, *dormant*: without the cut; *output lost*: to the cut, "
        "in weeks of usual output.",
        "The worst tenth of parameter sets (each mix's own), tried again. Where hardly any mix recovers before the "
        "end, weeks of recovery do not differ:",
        table(
            (
                "aim",
                "picked by the mean, against even",
                "picked by the worst tenth",
                "against the first, worst tenth",
                "on average",
            ),
            (_robust_row(one["robust"][name], aim) for name, aim in AIMS.items()),
        ),
        "How much of the gain was the luck of the search:",
        table(("best for", "in the search", "in other worlds"), (_luck(one, aim) for aim in AIMS.values())),
    ]


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    gains = [_plain(aim, row["gains"][name]["again"], row["gains"][name]["half"]) for name, aim in AIMS.items()]
    shares = [f"{row[name]:.0%}" for name in ("staff_cover", *_ends(row), "recovered")]
    return row["name"], *gains, *shares, f"{row['loss']:.1f}"


def _ends(row: Mapping[str, Any]) -> list[str]:
    """Return the ends that were kept; of an earlier search, only who was still going."""
    return [name for name in ENDS if name in row]


def _plain(aim: Aim, value: float, half: float) -> str:
    return f"{number(aim, value).split(' ')[0]} ± {half:.{DIGITS[aim.name]}f}"


def _luck(one: Mapping[str, Any], aim: Aim) -> tuple[str, ...]:
    gain = picked(one, f"best for {aim.name}, mean")["gains"][aim.name]
    return aim.name, number(aim, gain["in_search"]), number(aim, gain["again"])


def picture(found: Mapping[str, Any], place: Path) -> None:
    """Draw what can be had together, and the mixes, for both cases."""
    figure, axes = figure_of(12.5, 9.0, len(CASES), 2)
    axes[0, 0].get_gridspec().set_width_ratios((1, 1.5))
    for line, (case, one) in enumerate(found["cases"].items()):
        _draw_front(figure, axes[line, 0], case, one)
        _draw_mixes(axes[line, 1], one)
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", ncols=len(labels), frameon=False, fontsize=8)
    figure.savefig(place, dpi=75)


def _draw_front(figure: Any, axis: Any, case: str, one: Mapping[str, Any]) -> None:
    x, y, colour = (np.array([row[name] for row in one["front"]]) for name in ("synergy", "recovery", "fairness"))
    dots = axis.scatter(x, y, c=colour, cmap="viridis", s=34, label="not beaten", zorder=3)
    figure.colorbar(dots, ax=axis, label="benefit of the worst-off role", pad=0.02)
    for name, mark in (("even", "s"), ("interpersonal only", "^"), ("operational only", "v"), ("system only", "P")):
        row = picked(one, name)["scores"]
        axis.plot(row["synergy"], row["recovery"], mark, color="0.2", linestyle="none", label=name, markersize=7)
    row = picked(one, "balanced, mean")["scores"]
    axis.plot(row["synergy"], row["recovery"], "*", color="#D55E00", linestyle="none", label="balanced", markersize=13)
    axis.invert_yaxis()
    axis.set_title(case.upper(), loc="left", fontsize=11)
    axis.set_xlabel("synergy, standard deviations", fontsize=9)
    axis.set_ylabel("weeks to recover from the cut", fontsize=9)
    axis.tick_params(labelsize=8)
    axis.grid(color="0.93")
    axis.spines[["top", "right"]].set_visible(False)


def _draw_mixes(axis: Any, one: Mapping[str, Any]) -> None:
    from matplotlib import colormaps

    rows = one["mixes"]
    pixels = np.ones((len(rows), len(LEVERS), 3))
    for line, row in enumerate(rows):
        for column, (hours, lever) in enumerate(zip(row["hours"], LEVERS.values(), strict=True)):
            share = hours / lever.hours
            pixels[line, column] = colormaps[LEVEL_MAPS[lever.level]](0.04 + 0.76 * share)[:3]
            axis.text(column, line, str(hours), ha="center", va="center", fontsize=8,
                      color="w" if share > 0.6 else "0.3")  # fmt: skip
        axis.text(len(LEVERS) - 0.3, line, f"{sum(row['hours'])} h", va="center", fontsize=8)
    axis.imshow(pixels, aspect="auto")
    labels = [f"{name.replace('_', ' ')} ({lever.hours:g})" for name, lever in LEVERS.items()]
    axis.set_xticks(range(len(LEVERS)), labels, rotation=40, ha="left", fontsize=8)
    axis.xaxis.tick_top()
    axis.set_yticks(range(len(rows)), [fill(row["name"], 44) for row in rows], fontsize=7)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)


STUDY = Study("portfolios", measured, page, picture)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
