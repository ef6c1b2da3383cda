"""Can a comparison be trusted? What pairing gains, how often it flags a difference that is none, what it finds.

    python -m experiments.questions.comparison [trials=1000] [draws=20] [threads=2]

False alarms: the baseline against itself under other luck, so that no outcome differs; each trial has draws of its own
and two lucks of each on either side. Power: the same trials with a shift of known size laid on the primary outcome of
one side. A difference on which parameter sets disagree: a change, of which all draws and many lucks give the truth, and
trials of a few sets and lucks of these; beside it what an interval would hold that takes every run for independent.
Pairing: runs that two independent groups would need for the interval that pairs give. Writes
experiments/kept/comparison.json and docs/results/comparison.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.pages import table, written_by
from experiments.settings import Study
from sim import api
from sim.analysis.comparison.differences import ALPHA, Difference, difference, differences
from sim.analysis.comparison.outcome_words import QUESTIONNAIRE, in_words
from sim.analysis.comparison.question import PRIMARY
from sim.analysis.comparison.runs import Design, laid_out, n_draws, outcomes_of
from sim.core.metric_table import COSTS, ENDS
from sim.progress import say

CASES = ("pccp", "chrp")
CHANGE = "funding_cut"
LUCKS = 2
TRUTH_LUCKS = 20
USUAL = (100, 8)
POWERS = (0.5, 0.8, 0.95)
PAIRS = (100, 4)
SHOWN = ("integration_last_year", "atmosphere_last_year", "benefit_last_year", "adaptation_last_year",
         "synergy_last_year", "members_end", "exits_per_member_year", "outcome", *ENDS, *COSTS)  # fmt: skip

Columns = dict[str, NDArray[np.float64]]


def against_itself(case: str, trials: int, draws: int, threads: int) -> tuple[list[Columns], NDArray[np.int64]]:
    """Return both sides of all trials, columns of shape (trials, draws * LUCKS), and the draw of each run."""
    scenario = api.make_scenario(case)
    cycle = n_draws(scenario)
    chance = np.random.default_rng(1)
    chosen = np.array([np.sort(chance.choice(cycle, draws, replace=False)) for _ in range(trials)])
    draw = np.repeat(chosen, LUCKS, axis=1)
    lucks = np.arange(trials)[:, None] * 2 * LUCKS + np.tile(np.arange(LUCKS), draws)[None, :]
    sides = []
    for side in range(2):
        say(f"{case} against itself, side {side + 1}: {draw.size:,} runs ...")
        design = Design(1, (draw + cycle * (lucks + side * LUCKS)).ravel(), draw.ravel())
        found = outcomes_of(scenario, design, threads, curves=False).columns
        sides.append({name: values.reshape(trials, -1) for name, values in found.items()})
    return sides, draw


def alarms(sides: list[Columns], draw: NDArray[np.int64]) -> dict[str, Any]:
    """Return how often each interval holds 0, the truth, and how often a whole table flags any difference."""
    ours, theirs = sides
    held: dict[str, list[bool]] = {name: [] for name in ours}
    cried = 0
    for trial in range(len(draw)):
        rows = differences(_of(ours, trial), _of(theirs, trial), draw[trial], PRIMARY)
        cried += any(row.clear for row in rows)
        for row in rows:
            if np.isfinite(row.low):
                held[row.outcome].append(row.low <= 0 <= row.high)
    coverage = {name: {"coverage": float(np.mean(seen)), "trials": len(seen)} for name, seen in held.items() if seen}
    return {"outcomes": coverage, "cried": cried / len(draw)}


def _of(side: Columns, trial: int) -> Columns:
    return {name: values[trial] for name, values in side.items()}


def found_at(sides: list[Columns], draw: NDArray[np.int64]) -> list[dict[str, float]]:
    """Return how often shifts of the primary outcome are found, beside the power that theory gives for their size."""
    from scipy.stats import nct, t

    ours, theirs = (side[PRIMARY] for side in sides)
    seen = [difference(PRIMARY, *pair).estimate for pair in zip(ours, theirs, draw, strict=True)]
    error = float(np.sqrt(np.mean([one.error**2 for one in seen])))
    freedom = seen[0].freedom
    edge = t.ppf(1 - ALPHA / 2, freedom)
    rows = []
    for power in POWERS:
        sizes = np.linspace(0.1, 6, 2_000)
        size = float(sizes[np.searchsorted(nct.sf(edge, freedom, sizes), power)]) * error
        rate = np.mean([difference(PRIMARY, a, b + size, d).clear for a, b, d in zip(ours, theirs, draw, strict=True)])
        rows.append({"stated": power, "shift": size, "found": float(rate)})
    return rows


def of_a_change(case: str, trials: int, threads: int) -> dict[str, dict[str, float]]:
    """Return, per outcome, how often intervals hold the mean difference that a change makes over all draws.

    Trials take parameter sets with repetition, as if all draws were the population, and some of each set's lucks.
    ``apart``: runs taken for independent, as if there were no parameter sets. ``with_interval``:
    share of trials in which enough sets differ for an interval.
    """
    plans = [api.make_scenario(case, name) for name in ("baseline", CHANGE)]
    cycle = n_draws(plans[0])
    design = laid_out(1, cycle, cycle, TRUTH_LUCKS)
    ours, theirs = (outcomes_of(plan, design, threads, curves=False).columns for plan in plans)
    n, each = USUAL
    chance = np.random.default_rng(2)
    sets = chance.integers(cycle, size=(trials, n))
    lucks = chance.permuted(np.tile(np.arange(TRUTH_LUCKS), (trials, n, 1)), axis=2)[:, :, :each]
    runs = (sets[:, :, None] * TRUTH_LUCKS + lucks).reshape(trials, -1)
    draw, alone = np.repeat(np.arange(n), each), np.arange(n * each)
    found = {}
    for name in ours:
        whole = difference(name, ours[name], theirs[name], design.draw) if name in theirs else None
        if whole is None or name.startswith(QUESTIONNAIRE) or not whole.estimate.error > 0:
            continue
        pairs = [(ours[name][one], theirs[name][one]) for one in runs]
        rows = [difference(name, *pair, draw) for pair in pairs]
        found[name] = {
            "between": whole.estimate.between,
            "within": whole.estimate.within,
            "with_interval": float(np.mean([np.isfinite(row.low) for row in rows])),
            "coverage": _held(rows, whole.mean),
            "apart": _held([difference(name, *pair, alone) for pair in pairs], whole.mean),
        }
    return found


def _held(rows: list[Difference], truth: float) -> float:
    there = [row.low <= truth <= row.high for row in rows if np.isfinite(row.low)]
    return float(np.mean(there)) if there else float("nan")


def pairing(case: str, threads: int) -> dict[str, float]:
    """Return, per outcome, how many times the runs two independent groups would need."""
    plans = [api.make_scenario(case, name) for name in ("baseline", CHANGE)]
    design = laid_out(1, n_draws(plans[0]), *PAIRS)
    ours, theirs = (outcomes_of(plan, design, threads, curves=False).columns for plan in plans)
    gains = {}
    for row in differences(ours, theirs, design.draw, PRIMARY):
        if row.estimate.error > 0 and row.outcome in SHOWN:
            apart = (np.nanvar(ours[row.outcome], ddof=1) + np.nanvar(theirs[row.outcome], ddof=1)) / row.pairs
            gains[row.outcome] = float(apart / row.estimate.error**2)
    return gains


def measured(settings: dict[str, Any]) -> dict[str, Any]:
    """Return everything, as plain data."""
    trials, draws, threads = (settings[name] for name in ("trials", "draws", "threads"))
    cases = {}
    for case in CASES:
        sides, draw = against_itself(case, trials, draws, threads)
        cases[case] = {
            "alarms": alarms(sides, draw), "power": found_at(sides, draw), "pairing": pairing(case, threads),
            "change": of_a_change(case, trials, threads),
        }  # fmt: skip
    return {"cases": cases}


def page(found: dict[str, Any]) -> list[str]:
    """Return the page of results."""
    made, cases = found["made_with"], found["cases"]
    return [
        "# Can a comparison be trusted?",
        f"{written_by('questions.comparison')} How plans are compared is described in [howto.md](../guide/howto.md) "
        "and [decision 012](../decisions/012-comparison.md).",
        "## Differences that are none",
        f"The baseline against itself under other luck: {made['trials']:,} trials per case, each with {made['draws']} "
        f"parameter sets of its own and {LUCKS} lucks of each on either side. Every true difference is 0.",
        "\n".join(f"- {alarm_line(case.upper(), seen['alarms'], made['trials'] / 2)}" for case, seen in cases.items()),
        table(
            ("outcome", *(f"{case.upper()}: 95% intervals that hold the truth" for case in cases)),
            coverage_rows(cases, made["trials"] / 2),
        ),
        "Trials in which fewer than 10 parameter sets differ at all give no interval and are not counted; a dash: "
        "those are more than half.",
        "## Differences that are there",
        f"A shift of known size laid on *{in_words(PRIMARY).title}* of one side of the same trials, as large as a t "
        "test finds with the power that is stated.",
        table(("case", "shift", "stated power", "found"), power_rows(cases)),
        "## Differences on which parameter sets disagree",
        f"Baseline against *{CHANGE.replace('_', ' ')}*: all draws of the posterior with {TRUTH_LUCKS} lucks of each "
        f"stand for the truth; {made['trials']:,} trials take {USUAL[0]} sets of them and {USUAL[1]} lucks of each, as "
        "`compare` does by itself. No interval is given where fewer than 10 sets differ at all; what is not covered as "
        "it should be are outcomes of which few pairs make all the difference. "
        "*Disagreement*: standard deviation between sets over that between lucks of one set. *As if independent*: the "
        "interval of a test that counts every run, and so forgets that lucks of one set share their parameters.",
        "\n".join(f"- {change_line(case.upper(), seen['change'])}" for case, seen in cases.items()),
        table(
            (
                "outcome",
                *(
                    f"{case.upper()}: {what}"
                    for case in cases
                    for what in ("disagreement", "95% intervals that hold the truth", "as if independent")
                ),
            ),
            change_rows(cases),
        ),
        "## What pairing gains",
        f"Baseline against *{CHANGE.replace('_', ' ')}*, {PAIRS[0]} parameter sets of {PAIRS[1]} lucks: how many times "
        "as many runs two independent groups would need for an interval of the same width.",
        table(("outcome", *(case.upper() for case in cases)), gain_rows(cases)),
        "Pairs gain most in outcomes that parameters and luck decide and the plan does not. Outcomes of which a plan "
        "changes the luck itself, such as who leaves, gain least.",
    ]


def alarm_line(case: str, seen: dict[str, Any], least: float) -> str:
    """Return how a case did, outcomes with an interval in fewer than ``least`` trials left out."""
    shares = [row["coverage"] for row in seen["outcomes"].values() if row["trials"] >= least]
    inside = sum(0.93 <= share <= 0.97 for share in shares)
    above = sum(share > 0.97 for share in shares)
    return (
        f"{case}: {seen['cried']:.1%} of tables cry any difference (at most 10% is the goal). Of {len(shares)} "
        f"outcomes {inside} are covered in 93% to 97% of trials, {above} more often, "
        f"{len(shares) - inside - above} less."
    )


def coverage_rows(cases: dict[str, Any], least: float) -> list[tuple[str, ...]]:
    """Return one row per outcome; a dash where fewer than ``least`` trials gave an interval."""
    names = dict.fromkeys(name for seen in cases.values() for name in seen["alarms"]["outcomes"])
    rows = []
    for name in names:
        if name.startswith(QUESTIONNAIRE):
            continue
        one = [seen["alarms"]["outcomes"].get(name) for seen in cases.values()]
        rows.append(
            (
                in_words(name).title,
                *("–" if row is None or row["trials"] < least else f"{row['coverage']:.1%}" for row in one),
            )
        )
    return rows


def change_line(case: str, seen: dict[str, Any]) -> str:
    """Return how the intervals of a change did."""
    rows = {name: row for name, row in seen.items() if row["with_interval"] >= 0.5}
    ours = [row["coverage"] for row in rows.values()]
    apart = [row["apart"] for row in rows.values()]
    less = [f"*{in_words(name).title}* {row['coverage']:.1%}" for name, row in rows.items() if row["coverage"] < 0.93]
    return (
        f"{case}: {len(seen) - len(rows)} of {len(seen)} outcomes differ in too few sets in most trials. Of the other "
        f"{len(rows)}, {sum(0.93 <= share <= 0.97 for share in ours)} are covered in 93% to 97% of trials, "
        f"{sum(share > 0.97 for share in ours)} more often, {len(less)} less ({', '.join(less) or 'none'}); median "
        f"{np.median(ours):.1%}. As if independent: median {np.median(apart):.1%}."
    )


def change_rows(cases: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return one row per outcome."""
    rows = []
    for name in dict.fromkeys(name for seen in cases.values() for name in seen["change"]):
        cells: list[str] = []
        for seen in cases.values():
            row = seen["change"].get(name)
            if row is None or row["with_interval"] < 0.5:
                cells += ["–"] * 3
            else:
                apart = row["between"] / row["within"] if row["within"] else float("inf")
                cells += [f"{apart:.2f}", f"{row['coverage']:.1%}", f"{row['apart']:.1%}"]
        rows.append((in_words(name).title, *cells))
    return rows


def power_rows(cases: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return one row per case and size."""
    return [
        (case.upper(), f"{row['shift']:.4f}", f"{row['stated']:.0%}", f"{row['found']:.1%}")
        for case, seen in cases.items()
        for row in seen["power"]
    ]


def gain_rows(cases: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return one row per outcome."""
    return [
        (
            in_words(name).title,
            *(f"{seen['pairing'][name]:.1f}" if name in seen["pairing"] else "–" for seen in cases.values()),
        )
        for name in SHOWN
    ]


STUDY = Study("comparison", measured, page)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
