"""The report of a calibration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.calibration.answer_report import answers_section
from sim.analysis.calibration.checks import LEVELS, Calibration, band_of_uniform
from sim.analysis.calibration.figures import draw_learnt, draw_ranks, draw_targets
from sim.report.html import page, paragraph, picture, section, table, text

if TYPE_CHECKING:
    from sim.analysis.calibration.calibrated import Calibrated
    from sim.analysis.calibration.fit import Fit, Predicted, Varied

SHORT = 0.03
"""By how much the mean coverage may fall short before the report says so."""

LIMITS = (
    "Two cases and few numbers: most parameters stay near what was believed beforehand, and only the blocks that moved "
    "may be called calibrated. Scores are on the model's own scale; contrasts between dimensions, roles and times "
    "carry information, levels do not. This is no forecast of a named partnership."
)


VARIED = ("changed", "effective runs", "targets agreed", "moved", "furthest shift of a mean, in SD")


def calibration_page(found: Calibrated, record: Mapping[str, Any]) -> str:
    """Return the page, with what is needed to make it again at its end."""
    main = found.main
    body = [
        answers_section(found.survey, found.posterior) if found.survey else "",
        *_targets(main),
        section("What was learnt", picture(draw_learnt(main), "contraction by parameter")),
        table(("block", "parameters", "moved", "largest contraction"), _block_rows(main)),
    ]
    for fit in found.fits[:-1]:
        moved = ", ".join(row.name.partition(".")[2] for row in fit.moved()) or "none"
        runs = f"{fit.posterior.effective:,.0f} effective runs"
        body.append(paragraph(f"{fit.cases[0].upper()} alone: {runs}; moved: {moved}."))
    if found.transfers:
        known = "Only founders, cadence and outside events differ; the other case's levers stay unknown."
        body.append(section("Transfer: one case fitted, the other predicted", paragraph(known)))
    for title, rows in found.transfers.items():
        agreement = table(("target", "role", "prior", "predicted"), map(_agreement_row, rows))
        body.append(f"<h3>{text(title)}</h3>{agreement}")
    if found.left_out:
        head = ("target", "role", "prior agrees", "fit without it agrees")
        body.append(section("Each target left out in turn", table(head, map(_agreement_row, found.left_out))))
    if found.varied:
        rows_of_fits = table(VARIED, map(_varied_row, found.varied))
        body.append(section("What depends on errors, weights and coding", rows_of_fits))
    body += _hard(found)
    if found.checked:
        body.append(section("Do the intervals cover the truth?"))
    for name, check in found.checked.items():
        body += _checked(name, check)
    title = f"Calibration of {' and '.join(name.upper() for name in main.cases)}"
    return page(title, [_in_words(main)], LIMITS, body, record)


COLOURS_MEAN = (
    "Grey: runs from the prior; blue: after the fit (5th to 95th percentile and median). Orange: what is known, with "
    "its coding."
)


def _targets(fit: Fit) -> list[str]:
    """Return the part on the targets, if there are any."""
    if not fit.predicted:
        return []
    return [
        section("Targets before and after", paragraph(COLOURS_MEAN)),
        picture(draw_targets(fit.predicted), "targets before and after the fit"),
        table(("target", "role", "prior agrees", "posterior agrees"), map(_agreement_row, fit.predicted)),
    ]


def _in_words(fit: Fit) -> str:
    """Say in a few sentences what came out."""
    moved = fit.moved()
    fitted = [row for row in fit.predicted if row.target.role == "calibrate"]
    agreed = f"{fit.agreed()} of {len(fitted)} fitted targets agree with at least half of the posterior runs. "
    names = ", ".join(f"{row.name.partition('.')[2]} ({row.contraction:.0%})" for row in moved[:5]) or "none"
    return (
        f"{agreed if fitted else ''}{len(moved)} of {len(fit.learnt)} parameters moved: {names}. The posterior rests "
        f"on {fit.posterior.effective:,.0f} effective runs of {len(fit.posterior.weights):,}."
    )


def _agreement_row(row: Predicted) -> tuple[str, ...]:
    return (row.target.title(), row.target.role, f"{row.agreement_prior:.2f}", f"{row.agreement:.2f}")


def _varied_row(row: Varied) -> tuple[str, ...]:
    moved = ", ".join(name.partition(".")[2] for name in row.moved) or "none"
    furthest = f"{row.shift:.2f} ({row.parameter.partition('.')[2]})"
    return row.label, f"{row.effective:,.0f}", str(row.agreed), moved, furthest


def _block_rows(fit: Fit) -> Iterable[tuple[str, ...]]:
    for block, (n, moved, most) in sorted(fit.blocks().items(), key=lambda item: -item[1][2]):
        yield block, str(n), str(moved), f"{most:.2f}"


SAME_SEEDS = (
    "The fit weighs the runs of the table themselves, so it chooses their random noise along with their parameters. "
    "The same parameters with new seeds, as in later runs, show all patterns at once in fewer runs."
)


def _hard(found: Calibrated) -> list[str]:
    """Return the parts on runs that show all patterns, on the size of the tables, and on inert parameters."""
    head = ("case", "patterns", "all, prior", "all, fit", "mean share, prior", "mean share, fit")
    rows = [
        (row.label, str(row.patterns), f"{row.prior_all:.2%}", f"{row.posterior_all:.1%}", f"{row.prior_mean:.0%}",
         f"{row.posterior_mean:.0%}") for row in found.passed
    ]  # fmt: skip
    screened = found.screened.values()
    blocks = sorted({block for counts in screened for block in counts})
    inert = [(block, *(f"{counts[block][1]} of {counts[block][0]}" for counts in screened)) for block in blocks]
    halves = (
        f"Fitted to one half of the table and to the other, posterior means differ by {found.halves.median:.2f} "
        f"posterior standard deviations at the median, and by {found.halves.largest:.2f} at most "
        f"({found.halves.parameter.partition('.')[2]})."
    )
    return [
        section("Runs that show all fitted patterns at once", table(head, rows), paragraph(SAME_SEEDS)),
        section("Is the table large enough?", paragraph(halves)),
        section(
            "Parameters that move anything the targets measure",
            table(("block", *(name.upper() for name in found.screened)), inert),
        ),
    ]


def _checked(name: str, found: Calibration) -> list[str]:
    far = found.furthest()
    band = band_of_uniform(len(found.ranks))
    rows = [(f"{level:.0%}", f"{found.coverage(level).mean():.3f}", f"{found.coverage(level).min():.3f}",
             f"{found.coverage(level).max():.3f}") for level in LEVELS]  # fmt: skip
    coverage = (
        f"{len(found.ranks)} pseudo-datasets of {name.upper()}: runs of the table played the real partnership, coded "
        f"as the targets are. Ranks of {(far <= band).sum()} of {len(far)} parameters lie within the 95% band "
        f"of chance; half of these fits rest on {np.median(found.effective):,.0f} effective runs or more. "
    )
    if found.coverage(LEVELS[-1]).mean() < LEVELS[-1] - SHORT:
        coverage += "Intervals are too narrow: the table is too small for so much evidence; give more points."
    else:
        coverage += "So the intervals can be trusted, also where nothing is learnt."
    return [
        paragraph(coverage),
        picture(draw_ranks(found), f"ranks of the truth, {name.upper()}"),
        table(("interval", "coverage, mean", "least", "most"), rows),
    ]
