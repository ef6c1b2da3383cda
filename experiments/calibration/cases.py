"""Fit both cases and write docs/results/calibration.md: ``make calibrate`` (a quarter of an hour the first time).

    python -m experiments.calibration.cases [points=200000] [folder=results/calibration/both]

Reference tables that are there already are not made again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from experiments.pages import table
from experiments.settings import ROOT, Study, settings_of
from sim.config.target_quantities import TARGET_QUANTITIES
from sim.core.errors import UserError
from sim.core.posterior import FILE

SHOWN = 12
CHARTER_BLOCKS = ("turnover", "ties", "exchange", "integration", "adaptation")


def shortened(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page needs of ``fit.json``."""
    fits = [{**fit, "learnt": most(fit["learnt"])} for fit in record["fits"]]
    checks = {name: without(check, ("correlation", "contraction")) for name, check in record["checks"].items()}
    return {**record, "fits": fits, "checks": checks}


def most(learnt: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the parameters that moved most."""
    return sorted(learnt, key=lambda row: -row["contraction"])[:SHOWN]


def without(mapping: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return a mapping without some of its entries."""
    return {key: value for key, value in mapping.items() if key not in names}


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page."""
    joint = found["fits"][-1]
    made = found["made_with"]
    quiet = [block for block in CHARTER_BLOCKS if not joint["blocks"][block]["moved"]]
    parts = [
        "# What the two cases teach the model",
        "*Written by `make calibrate`; do not edit. How targets are compared with runs: "
        "[calibration-codebook.md](../model/calibration-codebook.md).*",
        f"{made['points']:,} draws from the prior per case, model `{made['model_hash']}`, targets "
        f"`{made['targets_hash'][:16]}`. Both cases together rest on {joint['effective_runs']:,.0f} effective runs, "
        + " and ".join(f"{fit['cases'][0].upper()} alone on {fit['effective_runs']:,.0f}" for fit in found["fits"][:-1])
        + ".",
        "## What was learnt",
        f"**{len(joint['moved'])} of {sum(block['n'] for block in joint['blocks'].values())} parameters moved.** "
        "Blocks of the charter in which nothing moved, so that nothing in them may be called calibrated: "
        f"{', '.join(quiet)}.",
        table(("parameter", "block", "case", "contraction", "chance"), map(learnt_row, joint["learnt"])),
        table(
            ("block", "parameters", "moved", "largest contraction"),
            (
                (block, str(row["n"]), str(row["moved"]), f"{row['most']:.2f}")
                for block, row in sorted(joint["blocks"].items(), key=lambda item: -item[1]["most"])
            ),
        ),
        "## Targets before and after",
        "Agreement: the probability that a run, with the error of observation, shows what is known (for a number: a "
        "value at least as far off). Simulated: median and 5th to 95th percentile after the fit.",
        table(("target", "role", "known", "simulated", "prior", "fit"), map(target_row, joint["predicted"])),
        cloud(joint["predicted"]),
        "## Runs that show all fitted patterns at once",
        table(
            ("case", "patterns", "all, prior", "all, fit", "share, prior", "share, fit"),
            map(passed_row, found["passed"]),
        ),
        "A pattern is shown by a value within what was coded, give or take the model's discrepancy. *Fit* weighs the "
        "runs of the table themselves, whose luck was chosen along with their numbers. The same numbers with new luck "
        "show all patterns at once in far fewer runs: how many, target by target, is in "
        "[two_cases.md](two_cases.md). A case that was observed once had one luck, and nobody knows how lucky it was.",
        "## Transfer",
        "One case fitted alone, the other predicted: only founders, cadence and outside events differ, and the other "
        "case's levers stay unknown. This is transfer between two cases, no cross-validation.",
    ]
    for title, rows in found["transfers"].items():
        parts += [
            f"### {title}",
            table(("target", "role", "known", "predicted", "prior", "transfer"), map(target_row, rows)),
        ]
    parts += [
        "## Each target left out in turn",
        table(("target", "role", "known", "predicted", "prior", "without it"), map(target_row, found["left_out"])),
        "## What hangs on errors, weights and coding",
        table(
            ("changed", "effective runs", "targets agreed", "moved", "furthest shift"), map(varied_row, found["varied"])
        ),
        "The furthest shift is that of a posterior mean, in standard deviations of the main posterior. Few effective "
        "runs shift means by themselves.",
        "## Parameters that move anything the targets measure",
        "The others are inert: by themselves they explain less than 0.2% of every quantity.",
        table(("block", *map(str.upper, found["screened"])), screened_rows(found["screened"])),
        "## Is the table large enough?",
        halves(found["halves"]),
        "## Does the machinery tell the truth?",
    ]
    for name, check in found["checks"].items():
        covered = ", ".join(f"{float(level):.0%} intervals {value:.1%}" for level, value in check["coverage"].items())
        parts.append(
            f"Simulation-based calibration on {check['datasets']} pseudo-datasets of {name.upper()} (every target at "
            f"full weight): ranks of {check['within_band']} of {check['parameters']} parameters within the 95% band of "
            f"chance; coverage of {covered}."
        )
    if found["checks"]:
        parts.append(
            "This is passed also where nothing is learnt; what richer data could teach is in "
            "[recovery.md](recovery.md)."
        )
    return parts


def cloud(predicted: Sequence[Mapping[str, Any]]) -> str:
    """Say which targets lie outside what the prior shows."""
    outside = [row["target"] for row in predicted if not row["prior"][0] <= middle(row["target"]) <= row["prior"][2]]
    names = ", ".join(f"{one['case'].upper()} {one['name'].replace('_', ' ')}" for one in outside) or "none"
    return (
        f"Of {len(predicted)} targets {len(predicted) - len(outside)} lie between the 5th and the 95th percentile of "
        f"runs from the prior; outside: {names}."
    )


def middle(target: Mapping[str, Any]) -> float:
    """Return what was coded as one number; of a presence, the least that counts as one."""
    if target["type"] in ("presence", "order"):
        return TARGET_QUANTITIES[target["quantity"]].threshold
    return float(target["value"])


def passed_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return how many runs show the patterns of a case."""
    whole = f"{row['prior_all']:.2%}", f"{row['posterior_all']:.1%}"
    return row["label"], str(row["patterns"]), *whole, f"{row['prior_mean']:.0%}", f"{row['posterior_mean']:.0%}"


def screened_rows(found: Mapping[str, Mapping[str, Sequence[int]]]) -> list[tuple[str, ...]]:
    """Return blocks and how many of their parameters do something, per case."""
    blocks = sorted({block for row in found.values() for block in row})
    return [(block, *(f"{row[block][1]} of {row[block][0]}" for row in found.values())) for block in blocks]


def halves(found: Mapping[str, Any]) -> str:
    """Say how far the fits to two halves of the tables lie apart."""
    first, second = found["effective"]
    return (
        f"Each row is one run (replicates are rows). Fitted to one half of the rows ({first:,.0f} effective) and to "
        f"the other ({second:,.0f}), posterior means differ by {found['median']:.2f} posterior standard deviations at "
        f"the median and by {found['largest']:.2f} at most (`{found['parameter'].partition('.')[2]}`)."
    )


def learnt_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return one parameter."""
    name = row["name"].partition(".")[2]
    return f"`{name}`", row["block"], row["case"] or "both", f"{row['contraction']:.2f}", f"{row['noise']:.2f}"


def target_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return one target before and after."""
    target = row["target"]
    low, middle, high = row["posterior"]
    name = f"{target['case'].upper()}, {target['name'].replace('_', ' ')}"
    coded = known(target["type"], target["value"], target["low"], target["high"])
    simulated = f"{middle:.3g} ({low:.3g} to {high:.3g})"
    return name, target["role"], coded, simulated, f"{row['agreement_prior']:.2f}", f"{row['agreement']:.2f}"


def varied_row(row: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fit under another coding."""
    moved = ", ".join(f"`{name.partition('.')[2]}`" for name in row["moved"]) or "none"
    furthest = f"{row['shift']:.2f} (`{row['parameter'].partition('.')[2]}`)"
    return row["label"], f"{row['effective']:,.0f}", str(row["agreed"]), moved, furthest


def known(kind: str, value: float, low: float, high: float) -> str:
    """Return what is known of a target, in words."""
    if kind in ("band", "window"):
        return f"{low:g} to {high:g}"
    if kind == "order":
        return "above the other case" if value > 0 else "below the other case"
    return f"{value:g}" if kind == "number" else "present" if value > 0 else "absent"


def measured(settings: dict[str, Any]) -> dict[str, Any]:
    """Fit both cases, ship the posterior if the settings are the usual ones, and return what came out."""
    from sim.commands.cli import main as command

    folder = ROOT / settings["folder"]
    if command(["calibrate", "case=both", f"points={settings['points']}", f"output={folder}"]):
        raise UserError("the cases could not be fitted")
    if settings == settings_of(STUDY.name):
        shutil.copyfile(folder / "posterior.npz", FILE)
    return shortened(json.loads((folder / "fit.json").read_text()))


STUDY = Study("calibration", measured, page)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
