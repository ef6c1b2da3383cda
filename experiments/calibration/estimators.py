"""Do unlike estimators find the same posterior? ``make estimators`` (six minutes) writes docs/results/estimators.md.

    python -m experiments.calibration.estimators [folder=results/calibration/both] [datasets=200]

Importance weights, regression-adjusted ABC and a neural posterior on the same reference tables, which
``make calibrate`` leaves in the folder. Needs the extra ``neural``.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.coded import MET, code
from experiments.calibration.draws import Draws, apart, drawn, weighted_rows
from experiments.calibration.neural import CONTROLS, DRAWS, EPOCHS, WORTH, train, worth_learning
from experiments.calibration.pseudo import by_network, by_regression, calibration_of
from experiments.calibration.regression import KEEP, regress
from experiments.pages import table
from experiments.settings import ROOT, Study
from sim.analysis.calibration.checks import LEVELS, Calibration, band_of_uniform
from sim.analysis.calibration.fit import MOVED
from sim.analysis.calibration.posterior import fit_joint
from sim.analysis.calibration.reference import Reference, read_reference
from sim.analysis.calibration.targets import targets_hash, targets_of
from sim.config.version import package_version
from sim.core.sources import model_hash
from sim.progress import say
from sim.sweeps.folder import SweepFolder

TOGETHER = (("pccp",), ("chrp",), ("pccp", "chrp"))
SHOWN_LEARNT, SHOWN_RECOVERED = 8, 5
CLEAR = 3.0
"""A difference above so many Monte-Carlo errors is no chance."""


def read(folder: Path) -> dict[str, Reference]:
    """Return the tables that ``make calibrate`` made; those of another model are refused."""
    found = {}
    for name in TOGETHER[-1]:
        sweep = SweepFolder(folder / f"table-{name}")
        made_with = json.loads((sweep.path / "sweep.json").read_text())["model_hash"]
        if made_with != model_hash():
            raise SystemExit(f"'{sweep.path}' was made by model {made_with}, not {model_hash()}; make calibrate")
        found[name] = read_reference(sweep, name)
    return found


def compare(one: Draws, other: Draws) -> dict[str, Any]:
    """Return how far the means of two estimators are apart, in posterior SDs of the first."""
    off = apart(one, other)
    same = one.only(other.names)
    error = np.hypot(same.error(), other.error()) / same.sd()
    furthest = int(np.abs(off).argmax())
    clear = np.flatnonzero(np.abs(off) > CLEAR * error)
    return {
        "parameters": len(off),
        "median": float(np.median(np.abs(off))),
        "largest": float(np.abs(off).max()),
        "where": other.names[furthest],
        "error": float(np.median(error)),
        "clear": [
            {
                "name": other.names[place],
                "means": [float(same.mean()[place]), float(other.mean()[place])],
                "quarters": [float(mean) for mean in quarters(same, int(place))],
            }
            for place in clear
        ],
        "sd_ratio": float(np.median(other.sd() / same.sd())),
    }


def quarters(draws: Draws, place: int) -> Iterable[float]:
    """Yield the posterior mean of one parameter from each quarter of the draws alone."""
    for start in range(4):
        weights = draws.posterior.weights[start::4]
        yield weights @ draws.places[start::4, place] / weights.sum()


def numbers(draws: Draws) -> dict[str, dict[str, float]]:
    """Return mean and contraction of each parameter."""
    rows = zip(draws.names, draws.mean(), draws.contraction(), strict=True)
    return {name: {"mean": float(mean), "contraction": float(contraction)} for name, mean, contraction in rows}


def one_fit(tables: Mapping[str, Reference], targets: Mapping[str, Any]) -> dict[str, Any]:
    """Return the comparison for one case, or for both together."""
    names, places = drawn(tables)
    coded = code(tables, targets)
    weighed = weighted_rows(tables, fit_joint(tables, targets))
    begun = time.perf_counter()
    adjusted = regress(names, places, coded)
    seconds = time.perf_counter() - begun
    chosen = worth_learning(places, coded)
    network = train(tuple(names[place] for place in chosen), places[:, chosen], coded)
    begun = time.perf_counter()
    learnt = network.posterior()
    asked = time.perf_counter() - begun
    fully = {
        "weighed": weighted_rows(tables, fit_joint(tables, targets, full_weight=True)),
        "adjusted": regress(names, places, code(tables, targets, full_weight=True)),
    }
    binary = coded.observed == MET
    return {
        "cases": list(tables),
        "parameters": len(names),
        "further_out": coded.share_further_out(),
        "met_all": int((coded.shown[:, binary] == MET).all(axis=1).sum()),
        "effective": {"weights": weighed.posterior.effective, "regression": adjusted.posterior.effective},
        "seconds": {"regression": seconds, "training": network.seconds, "network": asked},
        "weights and regression": compare(weighed, adjusted),
        "weights and network": compare(weighed, learnt),
        "regression and network": compare(adjusted, learnt),
        "weights and regression, every weight 1": compare(fully["weighed"], fully["adjusted"]),
        "controls": float(np.abs(apart(weighed, learnt)[-CONTROLS:]).max()),
        "learnt": {
            "weights": numbers(weighed.only(learnt.names)),
            "regression": numbers(adjusted.only(learnt.names)),
            "network": numbers(learnt),
        },
    }


def checked(tables: Mapping[str, Reference], targets: Mapping[str, Any], datasets: int) -> dict[str, Any]:
    """Return what pseudo-datasets say of the two estimators, each on runs that it has not seen."""
    names, places = drawn(tables)
    coded = code(tables, targets)
    rows = np.random.default_rng(1).choice(len(places), datasets, replace=False)
    chosen = worth_learning(places, coded)
    some = tuple(names[place] for place in chosen)
    rest = np.delete(np.arange(len(places)), rows)
    network = train(some, places[np.ix_(rest, chosen)], replace(coded, shown=coded.shown[rest]))
    return {
        "regression": in_plain(calibration_of(by_regression(names, places, coded), names, places, rows)),
        "network": in_plain(calibration_of(by_network(network, coded), some, places[:, chosen], rows)),
    }


def in_plain(found: Calibration) -> dict[str, Any]:
    """Return a check as plain data."""
    far, band = found.furthest(), band_of_uniform(len(found.ranks))
    best = np.argsort(-found.correlation())[:SHOWN_RECOVERED]
    return {
        "datasets": len(found.ranks),
        "parameters": len(far),
        "within_band": int((far <= band).sum()),
        "coverage": {str(level): float(found.coverage(level).mean()) for level in LEVELS},
        "recovered": {found.names[place]: float(found.correlation()[place]) for place in best},
    }


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page."""
    made = found["made_with"]
    parts = [
        "# Do unlike estimators agree?",
        "*Written by `make estimators`; do not edit. What the fit says: [calibration.md](calibration.md); why these "
        "estimators: [decision 009](../decisions/009-estimators.md).*",
        f"Three estimators on the same {made['points']:,} runs per case (model `{made['model_hash']}`, targets "
        f"`{made['targets_hash'][:16]}`). *Weights*: importance weights by an explicit likelihood, the main fit. "
        f"*Regression*: the {made['keep']:.1%} of runs that showed most nearly what the cases show, adjusted by a "
        "local-linear regression on normal scores of the parameters, so that none leaves its range. *Network*: a "
        f"conditional flow (BayesFlow {made['bayesflow']}, JAX {made['jax']}), {made['epochs']} passes over the "
        f"table, for the {made['worth']} parameters of which a linear regression tells most and "
        f"{made['controls']} controls of which it tells least. The last two see coded data and no likelihood.",
        "Partial weights are no obstacle: a target other than a number is met or not, and a run meets it with its "
        "likelihood raised to the weight (`experiments/calibration/coded.py`), so that at the observation all "
        "three have the "
        "same likelihood. The comparison is made with the weights of the main fit, and once more with every weight 1.",
        "## Differences of posterior means, in posterior SDs",
        "*Error*: what chance lets the means differ (median Monte-Carlo error of both together). *Clear*: how many "
        f"parameters differ by more than {made['clear']:g} times their own error. *Width*: median ratio of their SDs.",
        table(
            ("cases", "estimators", "parameters", "median", "largest", "where", "error", "clear", "width"),
            (line for fit in found["fits"] for line in pair_rows(fit)),
        ),
        "## The parameters that the evidence says most of",
        "Posterior mean as a place in the prior range, and contraction in brackets.",
    ]
    for fit in found["fits"]:
        parts += [f"### {title(fit)}", table(("parameter", "weights", "regression", "network"), learnt_rows(fit))]
    parts += [
        "## Are the cases inside the cloud of runs?",
        "A network guesses in silence where nothing was simulated, so it is asked only if at least 1% of the runs lie "
        "further from the middle of all runs than the cases do (Mahalanobis distance of the coded data).",
        table(
            ("cases", "runs further out", "runs that meet all that is met or not", "effective runs of the weights"),
            (
                (title(fit), f"{fit['further_out']:.0%}", f"{fit['met_all']:,}", f"{fit['effective']['weights']:,.0f}")
                for fit in found["fits"]
            ),
        ),
        "## Do they tell the truth?",
        "Runs of the table played the real partnership, each unseen by the estimator. Recovered: largest correlations "
        "of posterior mean and truth.",
        table(("estimator", "pseudo-datasets", "ranks within the 95% band", "coverage", "recovered"), (
            check_row(name, estimator, check)
            for name, checks in found["checks"].items() for estimator, check in checks.items()
        )),
        "## Cost",
        table(
            ("cases", "regression", "training", "network, one posterior"),
            (
                (title(fit), *(f"{fit['seconds'][name]:.1f} s" for name in ("regression", "training", "network")))
                for fit in found["fits"]
            ),
        ),
    ]  # fmt: skip
    return [*parts, *reading(found)]


def reading(found: Mapping[str, Any]) -> Iterable[str]:
    """Yield what the numbers mean, in words."""
    yield "## Reading"
    for fit in found["fits"]:
        pairs = {pair: row for pair, row in fit.items() if " and " in pair}
        largest = max(pairs, key=lambda pair: pairs[pair]["largest"])
        lines = [
            f"**{title(fit)}**: no mean differs by more than {pairs[largest]['largest']:.2f} posterior SDs "
            f"(`{short(pairs[largest]['where'])}`, {largest}); clear differences: "
            f"{sum(len(row['clear']) for row in pairs.values())} of "
            f"{sum(row['parameters'] for row in pairs.values())} comparisons."
        ]
        by_all, by_some = moved(fit["learnt"])
        lines[0] += f" Moved (contraction above {MOVED:g}) by all three: {by_all}; by some only: {by_some}."
        for pair, row in pairs.items():
            for one in row["clear"]:
                first, second = one["means"]
                alone = ", ".join(f"{mean:.3f}" for mean in one["quarters"])
                lines.append(
                    f"- {pair}, `{short(one['name'])}`: {first:.3f} and {second:.3f}; by the first, each quarter of "
                    f"its draws alone gives {alone}."
                )
        yield "\n".join(lines)
    yield (
        "A network's draws are cheap and do not show the error of its training, so a clear difference from it may be "
        "its own. Where the quarters of the draws spread as far as the two means lie apart, the table is too small to "
        "say whose."
    )


def moved(learnt: Mapping[str, Any]) -> tuple[str, str]:
    """Return which parameters moved by all estimators, and which by some of them only."""
    by = {name: [rows[name]["contraction"] > MOVED for rows in learnt.values()] for name in learnt["network"]}
    listed = lambda names: ", ".join(f"`{short(name)}`" for name in names) or "none"  # noqa: E731
    return listed(name for name in by if all(by[name])), listed(
        name for name in by if any(by[name]) and not all(by[name])
    )


def pair_rows(fit: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
    """Return the comparisons of one fit."""
    for pair, row in fit.items():
        if " and " not in pair:
            continue
        yield (
            title(fit), pair, str(row["parameters"]), f"{row['median']:.3f}", f"{row['largest']:.2f}",
            f"`{short(row['where'])}`", f"{row['error']:.3f}", str(len(row["clear"])), f"{row['sd_ratio']:.2f}",
        )  # fmt: skip


def learnt_rows(fit: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
    """Return the parameters with the largest mean contraction over the three estimators."""
    learnt = fit["learnt"]
    order = sorted(learnt["network"], key=lambda name: -sum(rows[name]["contraction"] for rows in learnt.values()))
    for name in order[:SHOWN_LEARNT]:
        cells = (f"{rows[name]['mean']:.2f} ({rows[name]['contraction']:.2f})" for rows in learnt.values())
        yield f"`{short(name)}`", *cells


def check_row(name: str, estimator: str, check: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what pseudo-data say of one estimator."""
    covered = ", ".join(f"{float(level):.0%}: {value:.1%}" for level, value in check["coverage"].items())
    recovered = ", ".join(f"`{short(one)}` {value:.2f}" for one, value in check["recovered"].items())
    within = f"{check['within_band']} of {check['parameters']}"
    return f"{estimator}, {name.upper()}", str(check["datasets"]), within, covered, recovered


def title(fit: Mapping[str, Any]) -> str:
    """Return the cases of a fit."""
    return " and ".join(name.upper() for name in fit["cases"])


def short(name: str) -> str:
    """Return a parameter without the word that says that it is one."""
    return name.replace("parameters.", "").replace("enabling.", "")


def measured(settings: dict[str, Any]) -> dict[str, Any]:
    """Return all comparisons, as plain data."""
    tables, datasets = read(ROOT / settings["folder"]), settings["datasets"]
    targets = {name: targets_of(one.case) for name, one in tables.items()}
    fits = []
    for names in TOGETHER:
        say(f"{' and '.join(names)} ...")
        fits.append(one_fit({name: tables[name] for name in names}, targets))
    first = TOGETHER[0]
    say(f"checking on {datasets} pseudo-datasets of {first[0]} ...")
    checks = {first[0]: checked({name: tables[name] for name in first}, targets, datasets)}
    made_with = {
        "targets_hash": targets_hash(target for some in targets.values() for target in some),
        "points": next(iter(tables.values())).n,
        "keep": KEEP,
        "epochs": EPOCHS,
        "draws": DRAWS,
        "worth": WORTH,
        "controls": CONTROLS,
        "clear": CLEAR,
        "bayesflow": package_version("bayesflow"),
        "jax": package_version("jax"),
    }
    return {"made_with": made_with, "fits": fits, "checks": checks}


STUDY = Study("estimators", measured, page)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
