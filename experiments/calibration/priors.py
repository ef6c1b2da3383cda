"""What hangs on how wide the priors are? Both cases fitted again with every range halved and doubled.

    python -m experiments.calibration.priors [points=50000] [folder=results/priors]

Ranges keep their middle and are cut where a value is not allowed. Tables are resumable. Writes
experiments/kept/priors.json and docs/results/priors.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.pages import table, written_by
from experiments.settings import ROOT, Study
from sim.analysis.calibration.fit import describe
from sim.analysis.calibration.patterns import pass_rates
from sim.analysis.calibration.posterior import fit_joint
from sim.analysis.calibration.reference import Reference, make_reference, read_reference
from sim.analysis.calibration.targets import targets_hash, targets_of
from sim.sweeps.conduct import DriveOptions

CASES = ("pccp", "chrp")
WIDTHS = (0.5, 1.0, 2.0)
SHOWN = 8


def tables_of(width: float, points: int, folder: Path, threads: int) -> dict[str, Reference]:
    """Make or resume the tables of both cases; places stay those of the usual ranges."""
    found = {}
    for case in CASES:
        print(f"ranges x {width:g}, {case} ...", flush=True)
        place = folder / f"{width:g}" / case
        found[case] = read_reference(
            make_reference(case, points, place, DriveOptions(workers=threads), width=width), case
        )
    return found


def fitted(width: float, points: int, folder: Path, threads: int) -> dict[str, Any]:
    """Return what a fit with other ranges says, as plain data."""
    tables = tables_of(width, points, folder, threads)
    targets = {case: targets_of(table_.case) for case, table_ in tables.items()}
    posterior = fit_joint(tables, targets)
    described = describe(tables, targets, posterior)
    learnt = {}
    for name, table_ in tables.items():
        for place, axis in enumerate(table_.axes):
            if place < table_.n_shared and name != CASES[0]:
                continue
            column = table_.places[:, place]
            mean, sd = float(posterior.mean(column)), float(posterior.sd(column))
            title = axis.name.partition(".")[2] + ("" if place < table_.n_shared else f" of {name}")
            told_apart = {"prior": float(column.mean()), "contraction": 1 - sd**2 / float(column.var())}
            learnt[title] = {"mean": mean, "sd": sd} | told_apart
    both = pass_rates(tables, targets, posterior)[-1]
    return {
        "width": width,
        "effective": posterior.effective,
        "agreed": described.agreed(),
        "prior_all": both.prior_all,
        "posterior_all": both.posterior_all,
        "learnt": learnt,
        "targets_hash": targets_hash(one for some in targets.values() for one in some),
    }


def shifts(row: Mapping[str, Any], usual: Mapping[str, Any], taught: bool) -> dict[str, float]:
    """Return how far each posterior mean lies from that of the usual ranges, in its standard deviations.

    With ``taught``, less the shift of the prior's own mean, which a posterior that learnt nothing goes along with.
    """
    return {
        name: abs(new["mean"] - old["mean"] - taught * (new["prior"] - old["prior"])) / old["sd"]
        for name, old in usual["learnt"].items()
        for new in (row["learnt"][name],)
    }


def fit_row(row: Mapping[str, Any], usual: Mapping[str, Any]) -> tuple[str, ...]:
    """Return one fit: how it agrees, and how far it lies from that of the usual ranges."""
    moved, taught = (shifts(row, usual, which) for which in (False, True))
    furthest = max(taught, key=lambda name: taught[name])
    return (
        f"x {row['width']:g}",
        f"{row['effective']:,.0f}",
        str(row["agreed"]),
        f"{row['prior_all']:.2%}",
        f"{row['posterior_all']:.1%}",
        f"{np.median(list(moved.values())):.2f}",
        f"{np.median(list(taught.values())):.2f}",
        "-" if row is usual else f"{taught[furthest]:.2f} (`{furthest}`)",
    )


def page(found: Mapping[str, Any]) -> list[str]:
    """Return the page of results."""
    fits = {row["width"]: row for row in found["fits"]}
    usual = fits[1.0]
    most = sorted(usual["learnt"], key=lambda name: -usual["learnt"][name]["contraction"])[:SHOWN]
    head = (
        "ranges", "effective runs", "targets agreed", "all patterns, prior", "fit",
        "median shift", "beside the prior's", "largest beside the prior's",
    )  # fmt: skip
    each = [
        (f"`{name}`", *(f"{fits[width]['learnt'][name]['mean']:.2f} ({fits[width]['learnt'][name]['contraction']:.2f})"
                        for width in fits))
        for name in most
    ]  # fmt: skip
    chance = np.sqrt(2 / min(row["effective"] for row in fits.values()))
    return [
        "# What hangs on the priors",
        f"{written_by('calibration.priors', 'the model or the targets have')} Both cases fitted together, "
        f"{found['made_with']['points']:,} draws per case, with every prior range halved and doubled about its middle "
        "and cut where a value is not allowed. Shift: of a posterior mean, in posterior standard deviations of the fit "
        "with the usual ranges; beside the prior's: less the shift of the prior's own mean, which the cut brings about "
        "and which a parameter that nothing was learnt about goes along with. With so few effective runs a shift of "
        f"about {chance:.2f} is chance, and among {len(usual['learnt'])} parameters the largest by chance alone is "
        f"about {2.8 * chance:.1f}.",
        table(head, (fit_row(row, usual) for row in fits.values())),
        f"The {SHOWN} parameters that contracted most with the usual ranges: posterior mean as a place in the "
        "usual range, and contraction against the prior of that fit.",
        table(("parameter", *(f"ranges x {width:g}" for width in fits)), each),
    ]


def measured(settings: dict[str, Any]) -> dict[str, Any]:
    """Fit with every width of the ranges and return what came out, as plain data."""
    points, folder, threads = settings["points"], ROOT / settings["folder"], settings["threads"]
    fits = [fitted(width, points, folder, threads) for width in WIDTHS]
    return {"made_with": {"targets_hash": fits[0]["targets_hash"]}, "fits": fits}


STUDY = Study("priors", measured, page)

if __name__ == "__main__":
    raise SystemExit(STUDY.main())
