"""Shocks: which hurts, what survives a funding cut, and what helps the partnership to adapt.

    python -m experiments.questions.shocks [size=1.0] [kinds=[funding_cut,merger]]

Every shock is measured against the same luck without it, in each of six conditions: as it stands, one level of enabling
processes high, no change of course (the rule of adaptation off), no facilitator. Settings: conf/experiment/shocks.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.pages import by_case, table, written_by
from experiments.pictures import blank, colour_of, colours_of, name_lines, save
from experiments.questions.enabling_levels import LEVELS
from experiments.settings import Study
from experiments.worlds import RANGE, Numbers, Telling, Worlds, amount, estimate, live, worlds_of
from sim import api
from sim.core.engine import Ensemble
from sim.core.parameters import LEVERS
from sim.core.scenario import Scenario, Shock, find_word
from sim.core.vocabulary import Role, ShockKind
from sim.results.summaries import shock_effects
from sim.results.weekly import curve

NAME = "shocks"
AS_IT_IS = "as it stands"
STRUCK = {"person_leaves": Role.COORDINATOR, "merger": Role.DECISION_MAKER, "role_withdrawn": Role.CLINICIAN}
"""Whom a shock strikes that strikes persons."""

MEASURES = ("loss", "gain", "recovered", "recovery_weeks")
SURVIVORS = (
    "members", "organisations_kept", "trust", "familiarity", "knowledge", "understanding", "atmosphere", "benefit",
    "integration", "fit", "vitality", "staff_cover", "output",
)  # fmt: skip
YEAR = 52
RESAMPLES = 300


def conditions(high: float) -> dict[str, dict[str, object]]:
    """Return the settings of each condition."""
    found: dict[str, dict[str, object]] = {AS_IT_IS: {}}
    for level in LEVELS:
        found[f"{level} high"] = {f"enabling.{name}": high for name, row in LEVERS.items() if row.level == level}
    return found | {
        "no change of course": {"rules.adaptation": False},
        "no facilitator": {"parameters.facilitator_hours": 0},
    }


def shock_of(kind: str, settings: Mapping[str, Any], size: float) -> Shock:
    """Return the shock of a kind as the settings date it."""
    number = ShockKind(find_word(ShockKind, kind))
    return Shock("ours", number, settings["week"], size, settings["duration"], int(STRUCK.get(kind, -1)))


def struck(scenario: Scenario, shock: Shock) -> Scenario:
    """Return the scenario with one shock more."""
    return replace(scenario, shocks=(*scenario.shocks, shock))


def effect(shock: Shock, with_it: Ensemble, without: Ensemble) -> dict[str, Any]:
    """Return what a shock did to output, by world."""
    ours, theirs = curve(with_it, "output"), curve(without, "output")
    found = shock_effects(shock, ours, theirs)
    return {name.removeprefix("shock_ours_"): values for name, values in found.items()}


def path(with_it: Ensemble, without: Ensemble, week: int, worlds: Worlds) -> dict[str, list[float]]:
    """Return output with the shock as a share of that without, all worlds together, with its 95% interval.

    From 12 weeks before the shock on, sums of four weeks; draws are drawn again for the interval (bootstrap).
    """
    pair = []
    for one in (with_it, without):
        output = np.nan_to_num(curve(one, "output"))[:, week - 12 :]
        output = output[:, : output.shape[1] // 4 * 4].reshape(worlds.n, -1, 4).sum(axis=2)
        pair.append(output.reshape(len(worlds.draws), worlds.lucks, -1).sum(axis=1))
    again = np.random.default_rng(0).integers(len(worlds.draws), size=(RESAMPLES, len(worlds.draws)))
    shares = _share(*(one[again].sum(axis=1) for one in pair))
    low, high = np.percentile(shares, [2.5, 97.5], axis=0)
    share = _share(*(one.sum(axis=0) for one in pair))
    return {"share": share.tolist(), "low": low.tolist(), "high": high.tolist()}


def _share(ours: Numbers, theirs: Numbers) -> Numbers:
    """Return ours over theirs, 1 where there was nothing to lose."""
    return np.divide(ours, theirs, out=np.ones_like(ours), where=theirs > 0)


def survivors(with_it: Ensemble, without: Ensemble, shock: Shock, worlds: Worlds) -> dict[str, dict[str, Any]]:
    """Return how far each metric falls, in run-to-run deviations, at the end of a cut and two years after it began."""
    found = {}
    for name in SURVIVORS:
        ours, theirs = curve(with_it, name), curve(without, name)
        rows: dict[str, Any] = {}
        for when, end in (("at its end", shock.duration), ("two years on", 2 * YEAR)):
            weeks = slice(shock.week + end - 12, shock.week + end + 1)
            pair = (ours[:, weeks].mean(axis=1), theirs[:, weeks].mean(axis=1))
            rows[when] = estimate((pair[0] - pair[1]) / np.nanstd(pair[1]), worlds)
            both = np.isfinite(pair[0]) & np.isfinite(pair[1])
            rows[when]["kept"] = float(pair[0][both].mean() / pair[1][both].mean())
        found[name] = rows
    return found


def measured(settings: dict[str, Any]) -> dict[str, Any]:
    """Return what came out, as plain data."""
    worlds = worlds_of(settings)
    shocks = {kind: shock_of(kind, settings, settings["size"]) for kind in settings["kinds"]}
    ways = conditions(settings["high"])
    tell = Telling(len(settings["cases"]) * (len(ways) * (1 + len(shocks)) + 1))
    cases = {}
    for case in settings["cases"]:
        found: dict[str, Any] = {"effects": {}, "helped": {}, "paths": {}}
        usual: dict[str, Any] = {}
        for way, given in ways.items():
            calm = api.make_scenario(case, settings=given)
            without = live(calm, worlds, tell=tell)
            for kind, shock in shocks.items():
                with_it = live(struck(calm, shock), worlds, tell=tell)
                seen = effect(shock, with_it, without)
                if way == AS_IT_IS:
                    usual[kind] = seen["loss"]
                    found["effects"][kind] = {name: estimate(seen[name], worlds) for name in MEASURES}
                    found["paths"][kind] = path(with_it, without, shock.week, worlds)
                else:
                    found["helped"].setdefault(kind, {})[way] = estimate(seen["loss"] - usual[kind], worlds)
            if way == AS_IT_IS:
                cut = shock_of("funding_cut", settings, settings["cut"])
                found["survivors"] = survivors(live(struck(calm, cut), worlds, tell=tell), without, cut, worlds)
        cases[case] = found
    return {"cases": cases}


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page of results."""
    made = found["made_with"]
    return [
        "# Shocks and adaptation",
        f"{written_by('questions.shocks')} Each shock strikes in week {made['week']} with strength {made['size']} "
        f"(lasting kinds: {made['duration']} weeks), in the same {made['draws'] * made['lucks']} worlds "
        f"({made['draws']} draws of the posterior, {made['lucks']} lucks each) with and without it. Loss: weeks of "
        "usual output that are lost until the end; recovery: weeks until output is within 5% for 8 weeks, at least "
        "(who did not come back counts with the weeks observed).",
        f"![Output after each shock]({NAME}.png)",
        *by_case(
            found,
            lambda seen: [*_which_hurts(seen["effects"]), *_what_helps(seen), *_what_survives(seen["survivors"], made)],
        ),
        "## What this says and what it does not",
        *_said(found),
    ]


def _kind(name: str) -> str:
    whom = f", {STRUCK[name].name.lower().replace('_', ' ')}s" if name in STRUCK else ""
    return name.replace("_", " ") + whom


def _ranked(effects: Mapping[str, Any]) -> list[str]:
    return sorted(effects, key=lambda kind: -effects[kind]["loss"]["mean"])


def _which_hurts(effects: Mapping[str, Any]) -> list[str]:
    rows = []
    for kind in _ranked(effects):
        row = effects[kind]
        rows.append(
            [
                _kind(kind),
                amount(row["loss"], 1),
                amount(row["gain"], 1),
                amount(row["recovery_weeks"], 1),
                f"{row['recovered']['mean']:.0%}",
            ]
        )
    return [
        f"Mean ± 95% interval of the mean {RANGE}, worst first:",
        table(("shock", "loss, weeks of output", "gain, weeks of output", "recovery, weeks", "recovered"), rows),
    ]


def _what_helps(seen: Mapping[str, Any]) -> list[str]:
    ways = list(next(iter(seen["helped"].values())))
    rows = []
    for kind in _ranked(seen["effects"]):
        each = seen["helped"][kind]
        rows.append([_kind(kind), *(f"{each[way]['mean']:+.1f} ± {each[way]['error']:.1f}" for way in ways)])
    return [
        "The same shock under other conditions: how many weeks more are lost (in weeks of that condition's own usual "
        "output) than by the partnership as it stands, mean ± 95% interval; negative helps:",
        table(("shock", *ways), rows),
    ]


def _what_survives(seen: Mapping[str, Any], made: Mapping[str, Any]) -> list[str]:
    order = sorted(seen, key=lambda name: seen[name]["at its end"]["mean"])
    rows = [
        [name.replace("_", " ")]
        + [f"{row['mean']:+.2f} ± {row['error']:.2f} sd; {row['kept']:.0%} kept" for row in seen[name].values()]
        for name in order
    ]
    when = list(next(iter(seen.values())))
    return [
        f"What survives a cut of {made['cut']:.0%} of the grant for {made['duration']} weeks: last quarter of the "
        "cut, and two years after it began, against the same luck without it (sd: spread between runs). Share kept "
        "of the mean, among the partnerships that are alive both with the cut and without it:",
        table(("", *when), rows),
    ]


def _said(found: Mapping[str, Any]) -> list[str]:
    return [
        *(_case_in_words(case, seen, found["made_with"]) for case, seen in found["cases"].items()),
        "Strengths are not comparable between kinds: four fifths of a grant and four fifths of the meetings are "
        "different things, and what a kind of shock does is assumed. Partnerships that lose their meetings for half "
        "a year end by a convention of the model; how much of the loss that makes is checked in "
        "[surprises](surprises.md). Dated shocks of the cases stay in all runs.",
    ]


def _case_in_words(case: str, seen: Mapping[str, Any], made: Mapping[str, Any]) -> str:
    order = _ranked(seen["effects"])
    worst, least = (f"{_kind(kind)} ({amount(seen['effects'][kind]['loss'], 1)})" for kind in (order[0], order[-1]))
    helped = {
        f"{way} against {_kind(kind)} ({row['mean']:+.1f} ± {row['error']:.1f})": row["mean"]
        for kind, ways in seen["helped"].items()
        for way, row in ways.items()
        if abs(row["mean"]) > row["error"]
    }
    good, bad = (
        [text for text in sorted(helped, key=lambda one: helped[one] * sign) if helped[text] * sign < 0][:4]
        for sign in (1, -1)
    )
    end = {name: row["at its end"]["kept"] for name, row in seen["survivors"].items()}
    later = seen["survivors"]["output"]["two years on"]["kept"]
    kept = [name.replace("_", " ") for name, share in sorted(end.items(), key=lambda item: -item[1]) if share >= 0.9]
    return (
        f"{case.upper()}: most weeks of output are lost by {worst}, fewest by {least}. A cut of {made['cut']:.0%} "
        f"leaves nine tenths or more of {', '.join(kept) or 'nothing'} at its end; output is at {end['output']:.0%} "
        f"then and at {later:.0%} two years after it began, when the staff is back, where both are alive. Weeks of "
        f"output saved: {'; '.join(good) or 'by nothing that is distinguished from chance'}. Lost in addition: "
        f"{'; '.join(bad) or 'by nothing that is distinguished from chance'}. These are {len(seen['effects']) * 5} "
        "comparisons with 95% intervals; about one in twenty is expected to stand out by luck."
    )


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Draw output after each shock as a share of output without it: resilience triangles."""
    cases = found["cases"]
    kinds = _ranked(next(iter(cases.values()))["effects"])
    columns = min(4, len(kinds))
    rows = -(-len(kinds) // columns)
    figure, axes = blank(
        rows,
        columns,
        (3.1 * columns, 2.7 * rows + 0.5),
        f"Output after a shock of strength {found['made_with']['size']:g}, as a share of that without (band: 95%)",
        sharex=True,
        sharey=True,
    )
    for axis, kind in zip(axes.flat, kinds, strict=False):
        for case, seen in cases.items():
            share, low, high = (np.array(seen["paths"][kind][name]) for name in ("share", "low", "high"))
            weeks = np.arange(len(share)) * 4 - 10
            axis.fill_between(weeks, share, 1, where=share < 1, color=colour_of(case), alpha=0.12, linewidth=0)
            axis.fill_between(weeks, low, high, color=colour_of(case), alpha=0.3, linewidth=0)
            axis.plot(weeks, share, color=colour_of(case), linewidth=1.8)
        axis.axhline(1, color="0.4", linewidth=0.8)
        axis.axvline(0, color="0.4", linewidth=0.8, linestyle=(0, (4, 2)))
        axis.set_title(_kind(kind), loc="left", fontsize=10)
    for axis in axes[-1]:
        axis.set_xlabel("weeks since the shock", fontsize=9)
    for axis in axes[:, 0]:
        axis.set_ylabel("share of output", fontsize=9)
    name_lines(axes.flat[0], colours_of(cases), 0.97, 0.06, 0.1, ha="right")
    save(figure, path)


STUDY = Study(NAME, measured, page, draw)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
