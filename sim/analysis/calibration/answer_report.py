"""What a report says of the answers: group means with intervals, beside those of the runs, and what they cannot say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.calibration.answer_form import DIMENSIONS, ITEMS, LEAST
from sim.analysis.calibration.figures import POSTERIOR_COLOUR, PRIOR_COLOUR, TARGET_COLOUR
from sim.analysis.calibration.posterior import Posterior
from sim.report.html import picture, table, text
from sim.report.style import figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from sim.analysis.calibration.answers import Answers
    from sim.analysis.calibration.own import Survey

Z = 1.96
NARROW = "\u202f"
"""A space at which no line is broken."""

QUANTILES = (0.05, 0.5, 0.95)
LIMITS = (
    "Where the middle of the scale lies is not known, so no level enters the fit: a partnership whose answers are all "
    "one point higher gives the same result. What counts is which dimensions stand higher than others, and what "
    "changed from wave to wave. Answers by role are shown only; the fit does not use them."
)


def answers_section(survey: Survey, posterior: Posterior) -> str:
    """Return the part of the report that tells of the answers.

    Parameters
    ----------
    survey : Survey
        Answers given and simulated.
    posterior : Posterior
        Weights on the runs.
    """
    answers = survey.answers
    parts = [
        "<h2>What the answers say</h2>",
        f"<p>{text(answers.sentence())} {text(survey.sentence())} Means in points from 1 to 5, with 95% intervals.</p>",
        table(("dimension", "item", *(f"week {week}" for week in answers.weeks)), _mean_rows(answers)),
        _changes(answers),
        _roles(answers),
        "<h3>Beside the runs</h3><p>Orange: answers with their intervals. Grey: runs from the prior; blue: after the "
        "fit (5th to 95th percentile, median). All runs are moved by one and the same number of points, for levels say "
        "nothing.</p>",
        picture(draw_answers(survey, posterior), "answers beside those of the runs"),
        f"<p class=limits>{text(LIMITS)}</p>",
    ]
    return "\n".join(parts)


def _mean_rows(answers: Answers) -> Iterable[tuple[str, ...]]:
    for d, dimension in enumerate(DIMENSIONS):
        cells = zip(answers.mean[:, d], answers.error[:, d], answers.count[:, d], strict=True)
        yield dimension.replace("_", " "), ITEMS[dimension], *(_mean(*cell) for cell in cells)


def _mean(mean: float, error: float, count: float) -> str:
    return f"{mean:.1f} ± {Z * error:.1f} (n {count:.0f})".replace(" ", NARROW) if np.isfinite(mean) else "–"


def _changes(answers: Answers) -> str:
    """Say which dimensions changed from the first wave to the last by more than chance would show."""
    if len(answers.weeks) < 2:
        return "<p>One wave: nothing can be said of changes.</p>"
    change = answers.mean[-1] - answers.mean[0]
    error = np.hypot(answers.error[-1], answers.error[0])
    there = np.isfinite(change)
    sure = [
        f"{DIMENSIONS[d].replace('_', ' ')} {change[d]:+.1f} ± {Z * error[d]:.1f}"
        for d in np.flatnonzero(there)
        if abs(change[d]) > Z * error[d]
    ]
    first, last = answers.weeks[0], answers.weeks[-1]
    line = f"From week {first} to week {last}: " + (", ".join(sure) if sure else "no change beyond chance")
    others = there.sum() - len(sure)
    return f"<p>{text(line)}{f'; the other {others} within chance' if sure and others else ''}.</p>"


def _roles(answers: Answers) -> str:
    """Return a table for each role that may be shown."""
    parts = []
    for role in sorted({group.role for group in answers.groups}):
        shown = [group for group in answers.groups if group.role == role]
        head = (role, *(f"week {group.week}" for group in shown))
        rows = (
            (
                name.replace("_", " "),
                *(f"{group.mean[d]:.1f}" if np.isfinite(group.mean[d]) else "–" for group in shown),
            )
            for d, name in enumerate(DIMENSIONS)
        )
        parts.append(table(head, rows))
    line = f"A mean is shown where the role, and the rest of its wave, have {LEAST} answers or more."
    return f"<h3>By role</h3><p>{line}</p>{''.join(parts)}" if parts else ""


def draw_answers(survey: Survey, posterior: Posterior) -> Any:
    """Draw answers by dimension and wave beside those of the runs, before and after the fit."""
    answers, simulated = survey.answers, survey.simulated
    even = Posterior(survey.compared.there / survey.compared.there.sum())
    figure, axes = figure_of(11, 4.6, 2, 5)
    for d, axis in enumerate(axes.flat):
        for weights, colour, aside in ((even, PRIOR_COLOUR, -1), (posterior, POSTERIOR_COLOUR, 1)):
            _draw_runs(axis, answers, simulated[:, :, d], weights, colour, 0.25 * aside, _shift(survey, weights))
        places = np.arange(len(answers.weeks))
        axis.errorbar(places, answers.mean[:, d], Z * answers.error[:, d], fmt="o", color=TARGET_COLOUR, markersize=5)
        axis.set_title(DIMENSIONS[d].replace("_", " "), fontsize=9, loc="left")
        axis.set_xticks(places, [str(week) for week in answers.weeks], fontsize=8)
        axis.set_xlim(-0.6, len(answers.weeks) - 0.4)
        axis.set_ylim(1, 5)
        axis.set_yticks(range(1, 6))
        axis.tick_params(labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    figure.supxlabel("week of the wave", fontsize=9)
    figure.supylabel("points", fontsize=9)
    return figure


def _shift(survey: Survey, weights: Posterior) -> float:
    """Return by how many points the runs lie below the answers, over all dimensions and waves."""
    seen = np.isfinite(survey.answers.mean)
    middle = weights.mean(np.nan_to_num(survey.simulated[:, seen]))
    return float((survey.answers.mean[seen] - middle).mean())


def _draw_runs(
    axis: Axes,
    answers: Answers,
    simulated: NDArray[np.float64],
    weights: Posterior,
    colour: str,
    aside: float,
    shift: float,
) -> None:
    for place in range(len(answers.weeks)):
        low, middle, high = weights.quantile(simulated[:, place], QUANTILES) + shift
        axis.plot([place + aside] * 2, [low, high], color=colour, linewidth=4, solid_capstyle="butt")
        axis.plot(place + aside, middle, "_", color="white", markersize=7)
