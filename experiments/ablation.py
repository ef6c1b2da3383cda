"""What does each lever, rule and mechanism do? Each is taken away in turn, with the same people and the same luck.

    python -m experiments.ablation [--replicates 600] [--out docs]

From all levers at 0.5, in both cases: each lever is taken away with its *hours kept* (they are spent, to no effect) and
with its *hours released* to the other levers; each rule is switched off; each rival mechanism is put in place of
the full one. The partnership cannot end, so that every pair of runs is compared in full. Effects are paired
differences of means over the last two years, in standard deviations from run to run, with 95% intervals. Writes the
table that ``partnersim explain`` reads (``sim/data/ablation.csv``), a page and a picture.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.pages import as_page, frame_table
from sim.config.cases import build_scenario, load_case
from sim.core.engine import run_many
from sim.core.inputs import settings_record
from sim.core.metric_table import COMPONENTS, OBSERVED_NAMES
from sim.core.parameters import LEVERS
from sim.core.scenario import Scenario
from sim.core.sources import model_hash
from sim.core.vocabulary import Rule, words

CASES = ("pccp", "chrp")
REPLICATES = 600
LAST_WEEKS = 104
NO_ENDING = {"min_active": 0, "meeting_gap": 260, "purpose": 100}
KEPT, RELEASED, ALL_HOURS = "kept", "released", "all"
TOO_ALIKE = 0.95

SHOWN = (
    *COMPONENTS, "integration_realised", "benefit_worst_role", "output", "fit", "vitality", "attendance", "trust",
    "strain", "familiarity", "understanding", "refused", "leavers", "patients", "policy_fit", "wins", "outcome",
)  # fmt: skip
"""Metrics of the table that is shipped; likeness of levers is judged over all weekly metrics."""

PEOPLE_AND_MONEY = (
    ("exit_unpaid", 0),
    ("convene_self", 1),
    ("merger_churn", 0),
    ("push_unsupported", 0),
    ("recruit_full", 2000),
    ("forum_every", 0),
    ("wear_gain", 0),
    ("lead_agenda", 0),
    ("lead_conflict", 0),
    ("lead_hours", 0),
)
"""Mechanisms of people, money and time, each at the value at which it does nothing."""

MECHANISMS: dict[str, dict[str, Any]] = {
    "turnover.cause=exogenous": {"cause": "exogenous"},
    "turnover.cause=benefit": {"cause": "benefit"},
    "turnover.buffer=none": {"buffer": "none"},
    "turnover.buffer=organisation": {"buffer": "organisation"},
    "turnover.buffer=coordinator": {"buffer": "coordinator"},
    "route=structural": {"route": "structural"},
    "route=relational": {"route": "relational"},
    "null_model=random_exchange": {"null_model": "random_exchange"},
    "parameters.win_chance=0": {"parameters": {"win_chance": 0}},
    "parameters.benefit_received=0": {"parameters": {"benefit_received": 0}},
    "parameters.conflict_rate=0": {"parameters": {"conflict_rate": 0}},
    "parameters.match_sharpness=0": {"parameters": {"match_sharpness": 0}},
    "parameters.ambition_gain=0": {"parameters": {"ambition_gain": 0}},
    **{f"parameters.{name}={value}": {"parameters": {name: value}} for name, value in PEOPLE_AND_MONEY},
    "parameters.meeting_every_core=4": {"parameters": {"meeting_every_core": 4}},
}
"""Settings put in place of the full model's: rival explanations, a null, single mechanisms at zero, more meetings."""

EXPECTED = (
    ("relationship_building", "trust", +1, "jagosh2015"),
    ("relationship_building", "atmosphere", +1, "jagosh2015"),
    ("communication", "understanding", +1, "ansellgash2008"),
    ("communication", "integration", +1, "butterfosskegler2009"),
    ("communication", "atmosphere", +1, "butterfosskegler2009"),
    ("communication", "benefit", +1, "butterfosskegler2009"),
    ("conflict_handling", "strain", -1, "jagosh2015"),
    ("conflict_handling", "atmosphere", +1, "jagosh2015"),
    ("power_sharing", "trust", +1, "jonesbarry2016"),
    ("power_sharing", "atmosphere", +1, "jonesbarry2016"),
    ("power_sharing", "benefit", +1, "jonesbarry2016"),
    ("leadership", "attendance", +1, "weiss2002"),
    ("leadership", "integration", +1, "weiss2002"),
    ("leadership", "adaptation", +1, "assumed"),
    ("administration", "integration", +1, "weiss2002"),
    ("administration", "benefit", +1, "weiss2002"),
    ("inclusive_decisions", "benefit_worst_role", +1, "loban2021healthcare"),
    ("inclusive_decisions", "patients", +1, "loban2021healthcare"),
    ("resource_matching", "integration", +1, "loban2021healthcare"),
    ("resource_matching", "benefit", +1, "loban2021healthcare"),
    ("orientation", "output", +1, "johnston2011"),
    ("orientation", "benefit", +1, "johnston2011"),
    ("participation_support", "patients", +1, "dahrouge2018"),
    ("policy_alignment", "policy_fit", +1, "lewis2023"),
    ("policy_alignment", "benefit", +1, "assumed"),
    ("policy_alignment", "outcome", +1, "lewis2023"),
    ("organisational_backing", "leavers", -1, "loban2021"),
    ("context_sensing", "adaptation", +1, "loban2021healthcare"),
    ("context_sensing", "benefit", +1, "assumed"),
    ("meetings", "atmosphere", +1, "assumed"),
    ("encounters", "trust", +1, "jagosh2015"),
    ("exchange", "integration", +1, "laskerweissmiller2001"),
    ("exchange", "benefit", +1, "blau1964"),
    ("integration", "benefit", +1, "laskerweissmiller2001"),
    ("integration", "wins", +1, "loban2021"),
    ("progress", "atmosphere", +1, "ansellgash2008"),
    ("parameters.win_chance=0", "benefit", +1, "ansellgash2008"),
    ("parameters.win_chance=0", "vitality", +1, "ansellgash2008"),
    ("turnover.buffer=none", "integration", +1, "assumed"),
    ("adaptation", "adaptation", +1, "loban2021"),
    ("turnover", "leavers", +1, "assumed"),
    ("turnover", "trust", -1, "butterfosskegler2009"),
)
"""What is taken away, metric, sign of what its *presence* does (hours kept), and the source of the expectation."""


@dataclass(frozen=True)
class Ablation:
    """One thing taken away: kind (lever, rule, mechanism), its name, and what becomes of its hours."""

    kind: str
    what: str
    hours: str
    scenario: Scenario
    table: NDArray[np.void]


def middle(case: str) -> Scenario:
    """Return the case with every lever at its middle, and unable to end."""
    plain = build_scenario(load_case(case))
    return replace(
        plain,
        enabling=dict.fromkeys(LEVERS, 0.5),
        parameters=plain.parameters | NO_ENDING,
        schedule=(),
        questionnaire_weeks=(),
    )


def idle(scenario: Scenario, lever: str) -> NDArray[np.void]:
    """Return settings in which a lever takes the hours that it took and does nothing with them.

    Its level is a trillionth and its price a trillion times as high: the same demand for hours, no effect.
    """
    table = settings_record(scenario)
    which = list(LEVERS).index(lever)
    table["lever_hours"][:, which] *= table["levers"][:, which] * 1e12
    table["levers"][:, which] = 1e-12
    return table


def ablations(case: str) -> Iterator[Ablation]:
    """Return everything that is taken away, one at a time."""
    base = middle(case)
    for lever in LEVERS:
        yield Ablation("lever", lever, KEPT, base, idle(base, lever))
        without = replace(base, enabling=base.enabling | {lever: 0.0})
        yield Ablation("lever", lever, RELEASED, without, settings_record(without))
    for rule in words(Rule):
        without = replace(base, rules_off=frozenset({rule}))
        yield Ablation("rule", rule, ALL_HOURS, without, settings_record(without))
    for name, change in MECHANISMS.items():
        parameters = base.parameters | change.get("parameters", {})
        rival = replace(base, **{**change, "parameters": parameters})
        yield Ablation("mechanism", name, ALL_HOURS, rival, settings_record(rival))


def levels(scenario: Scenario, table: NDArray[np.void], replicates: int) -> NDArray[np.float64]:
    """Return the mean of each weekly metric over the last two years, (n, metrics); NaN where it was always missing."""
    weekly = run_many(scenario, 1, range(replicates), table=table).weekly[:, -LAST_WEEKS:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmean(weekly, axis=1)


def effects(changed: NDArray[np.float64], base: NDArray[np.float64]) -> pd.DataFrame:
    """Return per metric the paired effect in run-to-run standard deviations, its 95% interval and the pairs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        difference = (changed - base) / np.nanstd(base, axis=0)
        pairs = np.isfinite(difference).sum(axis=0)
        mean = np.nanmean(difference, axis=0)
        half = 1.96 * np.nanstd(difference, axis=0) / np.sqrt(np.maximum(pairs, 1))
    return pd.DataFrame(
        {"metric": OBSERVED_NAMES, "effect": mean, "low": mean - half, "high": mean + half, "pairs": pairs}
    )


def measure(replicates: int) -> pd.DataFrame:
    """Return the whole table: a row per case, thing taken away and metric."""
    rows = []
    for case in CASES:
        base_scenario = middle(case)
        base = levels(base_scenario, settings_record(base_scenario), replicates)
        for one in ablations(case):
            found = effects(levels(one.scenario, one.table, replicates), base)
            found.loc[found["pairs"] < replicates / 2, ["effect", "low", "high"]] = np.nan
            found.insert(0, "hours", one.hours)
            found.insert(0, "what", one.what)
            found.insert(0, "kind", one.kind)
            found.insert(0, "case", case)
            rows.append(found)
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{f'ablation: {case} {one.what} ({one.hours})':<78}")
    if sys.stderr.isatty():
        sys.stderr.write("\n")
    return pd.concat(rows, ignore_index=True)


def matrix(table: pd.DataFrame, case: str, kind: str, hours: str, names: tuple[str, ...] = SHOWN) -> pd.DataFrame:
    """Return what is taken away by metric."""
    chosen = table[(table["case"] == case) & (table["kind"] == kind) & (table["hours"] == hours)]
    wide = chosen.pivot(index="what", columns="metric", values="effect")
    return wide.reindex(index=list(dict.fromkeys(chosen["what"])), columns=list(names))


def likeness(table: pd.DataFrame, case: str) -> pd.DataFrame:
    """Return how alike two levers are: correlation of their effects over all weekly metrics, hours kept."""
    effects_of = matrix(table, case, "lever", KEPT, OBSERVED_NAMES).fillna(0.0)
    return pd.DataFrame(np.corrcoef(effects_of), index=effects_of.index, columns=effects_of.index)


def alike(table: pd.DataFrame, least: float = TOO_ALIKE) -> pd.DataFrame:
    """Return pairs of levers whose effects correlate above ``least`` in a case, closest first.

    Beside the correlations stands the metric by which a pair differs most clearly: where their effects differ
    most once both are scaled to the same overall strength, in PCCP.
    """
    pccp, chrp = (likeness(table, case) for case in CASES)
    strength = matrix(table, CASES[0], "lever", KEPT, OBSERVED_NAMES).fillna(0.0)
    profile = strength.div(np.sqrt((strength**2).sum(axis=1)), axis=0)
    names = list(pccp.index)
    rows = [
        (a, b, pccp.loc[a, b], chrp.loc[a, b], (profile.loc[a] - profile.loc[b]).abs().idxmax())
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if max(pccp.loc[a, b], chrp.loc[a, b]) > least
    ]
    rows.sort(key=lambda row: -max(row[2], row[3]))
    return pd.DataFrame(rows, columns=["lever", "and", *CASES, "differ most in"])


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """Return every expectation beside what was found: the presence's effect is the ablation's with the sign turned."""
    hours = {"lever": KEPT, "rule": ALL_HOURS, "mechanism": ALL_HOURS}
    indexed = table[table["hours"].eq(table["kind"].map(hours))].set_index(["case", "what", "metric"])
    rows = []
    for what, metric, sign, source in EXPECTED:
        row: dict[str, object] = {"taken away": what, "metric": metric, "expected": "−" if sign > 0 else "+"}
        holds = []
        for case in CASES:
            found = indexed.loc[(case, what, metric)]
            row[case] = f"{found['effect']:+.2f} [{found['low']:+.2f}, {found['high']:+.2f}]"
            holds.append(found["high"] < 0 if sign > 0 else found["low"] > 0)
        row["holds"] = "both" if all(holds) else "one" if any(holds) else "no"
        row["expectation from"] = source
        rows.append(row)
    return pd.DataFrame(rows)


def page(table: pd.DataFrame, replicates: int) -> str:
    """Return the generated page of tables."""
    typical = float((0.5 * (table["high"] - table["low"])).median())
    parts = [
        "# Ablation: what each lever, rule and mechanism does",
        f"*Written by `make derived` for model {model_hash()}; do not edit. What it means is said in "
        "[ablation-findings.md](../model/ablation-findings.md).*",
        f"From all levers at 0.5, one thing is taken away; {replicates} pairs of runs with the same people and luck, "
        "means over the last two years, partnerships that cannot end (so the rule *ending* shows nothing). Effects "
        "are in run-to-run standard deviations of the full model; empty where fewer than half of the pairs have the "
        f"metric. Every 95% interval is in `sim/data/ablation.csv`; half of them are narrower than ±{typical:.2f}.",
        "![Effects of taking each lever away](ablation.png)",
        "## Theory's expectations",
        "*expected*: sign when it is taken away. *holds*: in which cases the whole 95% interval has that sign.",
        frame_table(verdicts(table), "+.2f", index=False),
    ]
    for kind, hours, title in (
        ("lever", KEPT, "Levers, hours kept: its hours are spent to no effect"),
        ("lever", RELEASED, "Levers, hours released to the other levers"),
        ("rule", ALL_HOURS, "Rules switched off"),
        ("mechanism", ALL_HOURS, "Rival mechanisms in place of the full model"),
    ):
        parts.append(f"## {title}")
        for case in CASES:
            parts += [f"### {case}", frame_table(matrix(table, case, kind, hours), "+.2f")]
    parts += [
        "## How alike levers are",
        f"Correlation of two levers' effects over all {len(OBSERVED_NAMES)} weekly metrics, hours kept; pairs above "
        f"0.9. Above {TOO_ALIKE} a reason must be written in [ablation-findings.md](../model/ablation-findings.md).",
        frame_table(alike(table, 0.9), "+.2f", index=False),
    ]
    return as_page(parts)


def picture(table: pd.DataFrame, path: Path) -> None:
    """Draw levers by metrics, both cases, hours kept beside hours released."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    shown = ("integration", "atmosphere", "benefit", "adaptation", "vitality", "output", "wins", "outcome")
    figure, axes = plt.subplots(1, 4, figsize=(15, 5.4), sharey=True, layout="constrained")
    columns = [(case, hours) for hours in (KEPT, RELEASED) for case in CASES]
    for axis, (case, hours) in zip(axes, columns, strict=True):
        values = matrix(table, case, "lever", hours, shown)
        image = axis.imshow(values, cmap="RdBu", vmin=-2, vmax=2, aspect="auto")
        axis.set_title(f"{case.upper()}, hours {hours}", fontsize=11)
        axis.set_xticks(range(len(shown)), shown, rotation=45, ha="right")
        axis.set_yticks(range(len(values)), [name.replace("_", " ") for name in values.index])
        axis.tick_params(length=0)
        for (row, column), value in np.ndenumerate(values.to_numpy()):
            if abs(value) >= 0.05:
                colour = "white" if abs(value) > 1.3 else "black"
                axis.text(column, row, f"{value:+.1f}", ha="center", va="center", fontsize=8, color=colour)
    figure.colorbar(image, ax=axes, shrink=0.8, label="run-to-run standard deviations")
    figure.suptitle("What is lost when one enabling process is taken away (blank: less than 0.05)", fontsize=13)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def write(table: pd.DataFrame, replicates: int, package: Path, docs: Path) -> None:
    """Write the shipped table, the page and the picture."""
    shipped = table[table["metric"].isin(SHOWN)].drop(columns="pairs").dropna()
    shipped.to_csv(package / "ablation.csv", index=False, float_format="%.3f", lineterminator="\n")
    (docs / "ablation.md").write_text(page(table, replicates), encoding="utf-8")
    picture(table, docs / "ablation.png")


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--out", type=Path, default=Path("results/ablation"), help="folder to write to")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    table = measure(arguments.replicates)
    write(table, arguments.replicates, arguments.out, arguments.out)
    print(verdicts(table).to_string(index=False))
    print(f"written: {arguments.out}/ablation.md, ablation.csv, ablation.png")


if __name__ == "__main__":
    main()
