"""The report of a calibration: one page that opens anywhere, pictures inside, limits at the top and the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.calibration.checks import LEVELS, Calibration, band_of_uniform
from sim.analysis.calibration.figures import draw_learnt, draw_ranks, draw_targets
from sim.report.html import STYLE
from sim.report.html import picture as _picture
from sim.report.html import table as _table
from sim.report.html import text as _text

if TYPE_CHECKING:
    from sim.analysis.calibration.fit import Fit, Predicted, Varied
    from sim.analysis.calibration.patterns import HardChecks

SHORT = 0.03
"""By how much the mean coverage may fall short before it is told."""

LIMITS = (
    "Two cases and few numbers: most parameters stay near what was believed beforehand, and only the blocks that moved "
    "may be called calibrated. Scores are on the model's own scale; contrasts between dimensions, roles and times "
    "carry information, levels do not. This is no forecast of a named partnership."
)


def calibration_page(
    fits: Sequence[Fit],
    checked: Mapping[str, Calibration],
    record: Mapping[str, Any],
    transfers: Mapping[str, Sequence[Predicted]],
    left_out: Sequence[Predicted],
    varied: Sequence[Varied],
    hard: HardChecks,
    answers: str = "",
) -> str:
    """Return the page.

    Parameters
    ----------
    fits : sequence of Fit
        Of each case alone, and of both together when there are two; the last is the main one.
    checked : mapping of str to Calibration
        Simulation-based calibration by case.
    record : mapping
        What is needed to make it again; shown at the end.
    transfers : mapping of str to sequence of Predicted
        What the fit of one case says about the other, by a title.
    left_out : sequence of Predicted
        Each fitted target as the fit without it predicts it.
    varied : sequence of Varied
        The fit under other errors, weights and answers.
    hard : HardChecks
        Pass rates, halves of the tables, inert parameters.
    answers : str
        The part that tells of a questionnaire, when there is one.
    """
    main = fits[-1]
    parts = [
        f"<h1>Calibration of {_text(' and '.join(name.upper() for name in main.cases))}</h1>",
        f"<p class=limits>{_text(LIMITS)}</p>",
        _in_words(main),
        answers,
        *_targets(main),
        "<h2>What was learnt</h2>",
        _picture(draw_learnt(main), "contraction by parameter"),
        _table(("block", "parameters", "moved", "largest contraction"), _block_rows(main)),
    ]
    for fit in fits[:-1]:
        moved = ", ".join(row.name.partition(".")[2] for row in fit.moved()) or "none"
        told = f"{fit.cases[0].upper()} alone: {fit.posterior.effective:,.0f} effective runs; moved: {moved}."
        parts.append(f"<p>{_text(told)}</p>")
    if transfers:
        parts.append("<h2>Transfer: one case fitted, the other predicted</h2>")
        parts.append("<p>Only founders, cadence and outside events differ; the other case's levers stay unknown.</p>")
    for title, rows in transfers.items():
        parts.append(
            f"<h3>{_text(title)}</h3>" + _table(("target", "role", "prior", "predicted"), map(_agreement_row, rows))
        )
    if left_out:
        parts.append("<h2>Each target left out in turn</h2>")
        parts.append(_table(("target", "role", "prior agrees", "fit without it agrees"), map(_agreement_row, left_out)))
    if varied:
        head = ("changed", "effective runs", "targets agreed", "moved", "furthest shift of a mean, in SD")
        parts += ["<h2>What hangs on errors, weights and coding</h2>", _table(head, map(_varied_row, varied))]
    parts += _hard(hard)
    if checked:
        parts.append("<h2>Does the machinery tell the truth?</h2>")
    for name, found in checked.items():
        parts += _checked(name, found)
    parts.append(f"<footer>{_record(record)}<p>{_text(LIMITS)}</p></footer>")
    return f"<!doctype html><html lang=en><meta charset=utf-8><title>Calibration</title><style>{STYLE}</style>" + (
        "\n".join(parts) + "</html>\n"
    )


def _targets(fit: Fit) -> list[str]:
    """Return the part that tells of the targets, when there are any."""
    if not fit.predicted:
        return []
    return [
        "<h2>Targets before and after</h2><p>Grey: runs from the prior; blue: after the fit (5th to 95th percentile "
        "and median). Orange: what is known, with its coding.</p>",
        _picture(draw_targets(fit.predicted), "targets before and after the fit"),
        _table(("target", "role", "prior agrees", "posterior agrees"), map(_agreement_row, fit.predicted)),
    ]


def _in_words(fit: Fit) -> str:
    """Say in a paragraph what came out."""
    moved = fit.moved()
    fitted = [row for row in fit.predicted if row.target.role == "calibrate"]
    told = f"{fit.agreed()} of {len(fitted)} fitted targets agree with at least half of the posterior runs. "
    names = ", ".join(f"{row.name.partition('.')[2]} ({row.contraction:.0%})" for row in moved[:5]) or "none"
    return (
        f"<p>{told if fitted else ''}"
        f"{len(moved)} of {len(fit.learnt)} parameters moved: {_text(names)}. The posterior rests on "
        f"{fit.posterior.effective:,.0f} effective runs of {len(fit.posterior.weights):,}.</p>"
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


LUCK = (
    "The fit weighs the runs of the table themselves, whose luck was chosen along with their numbers; the same numbers "
    "with new luck, as later runs have it, show all patterns at once in fewer runs."
)


def _hard(hard: HardChecks) -> list[str]:
    """Tell how many runs show all patterns, how much the size of the tables matters, and what is inert."""
    head = ("case", "patterns", "all, prior", "all, fit", "mean share, prior", "mean share, fit")
    rows = [
        (row.label, str(row.patterns), f"{row.prior_all:.2%}", f"{row.posterior_all:.1%}", f"{row.prior_mean:.0%}",
         f"{row.posterior_mean:.0%}") for row in hard.passed
    ]  # fmt: skip
    blocks = sorted({block for told in hard.screened.values() for block in told})
    inert = [(block, *(f"{told[block][1]} of {told[block][0]}" for told in hard.screened.values())) for block in blocks]
    halves = (
        f"Fitted to one half of the table and to the other, posterior means differ by {hard.halves.median:.2f} "
        f"posterior standard deviations at the median, and by {hard.halves.largest:.2f} at most "
        f"({hard.halves.parameter.partition('.')[2]})."
    )
    return [
        "<h2>Runs that show all fitted patterns at once</h2>",
        _table(head, rows),
        f"<p>{_text(LUCK)}</p>",
        f"<h2>Is the table large enough?</h2><p>{_text(halves)}</p>",
        "<h2>Parameters that move anything the targets measure</h2>",
        _table(("block", *(name.upper() for name in hard.screened)), inert),
    ]


def _checked(name: str, found: Calibration) -> list[str]:
    far = found.furthest()
    band = band_of_uniform(len(found.ranks))
    rows = [(f"{level:.0%}", f"{found.coverage(level).mean():.3f}", f"{found.coverage(level).min():.3f}",
             f"{found.coverage(level).max():.3f}") for level in LEVELS]  # fmt: skip
    told = (
        f"{len(found.ranks)} pseudo-datasets of {name.upper()}: runs of the table played the real partnership, coded "
        f"as the targets are. Ranks of {(far <= band).sum()} of {len(far)} parameters lie within the 95% band "
        f"of chance; half of these fits rest on {np.median(found.effective):,.0f} effective runs or more. "
    )
    if found.coverage(LEVELS[-1]).mean() < LEVELS[-1] - SHORT:
        told += "Intervals are too narrow: the table is too small for so much evidence; give more points."
    else:
        told += "This says that the machinery is right, also where nothing is learnt."
    return [
        f"<p>{_text(told)}</p>",
        _picture(draw_ranks(found), f"ranks of the truth, {name.upper()}"),
        _table(("interval", "coverage, mean", "least", "most"), rows),
    ]


def _record(record: Mapping[str, Any]) -> str:
    return "<p>" + "<br>".join(f"{_text(name)}: {_text(value)}" for name, value in record.items()) + "</p>"
