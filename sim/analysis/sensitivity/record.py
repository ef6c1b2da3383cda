"""What a sensitivity analysis leaves: a table, figures, a report and a record."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.analysis.sensitivity.figures import figures
from sim.analysis.sensitivity.question import short, titles
from sim.analysis.sensitivity.result import POSTERIOR_SAMPLE, SAMPLE, rows_of
from sim.analysis.sensitivity.sentences import above_chance, drawn_above_chance, sensitivity_sentences
from sim.analysis.sensitivity.split import PARTS
from sim.analysis.study import asked, leave
from sim.report.html import page, paragraph, picture, section, table
from sim.results.folder import write_csv
from sim.results.story import LIMITS

if TYPE_CHECKING:
    from sim.analysis.sensitivity.question import SensitivityQuestion
    from sim.analysis.sensitivity.result import SensitivityResult
    from sim.analysis.study import Drawn

HEADINGS = {
    "screen": "Screen of everything",
    "groups": "Which groups matter",
    "shares": "The most influential settings, one by one",
    "split": "Levers, parameters drawn, luck",
    SAMPLE: "Whole distributions, over the ranges of the tables",
    POSTERIOR_SAMPLE: "Whole distributions, given what fits the cases",
}
READING = (
    "Screen and shares look at means over replicates that share their luck between points; what luck adds there counts "
    "as an interaction of settings. Random samples and the split look at single runs, so luck counts as noise. Shares "
    "hold for the ranges that were varied: a setting with a wide range moves more. The most influential settings were "
    "chosen by the screen with all others at their defaults in the next step."
)


def sensitivity_page(
    question: SensitivityQuestion, found: SensitivityResult, drawn: Drawn, record: Mapping[str, Any]
) -> str:
    """Return the page.

    Parameters
    ----------
    question : SensitivityQuestion
        What was asked.
    found : SensitivityResult
        What came out.
    drawn : dict
        As ``sim.analysis.sensitivity.figures.figures`` returns it.
    record : mapping
        What is needed to make it again; shown at the end.
    """
    body = [paragraph(READING)]
    for name, (figure, reading) in drawn.items():
        body.append(section(HEADINGS[name], picture(figure, reading)))
        if name == "split":
            body.append(table(("outcome", *PARTS), split_rows(question, found)))
        if name in (SAMPLE, POSTERIOR_SAMPLE):
            body.append(_alone(question, found, name))
        if name == POSTERIOR_SAMPLE:
            body.append(_drawn(question, found))
    missing = max(found.missing.values(), default=0.0)
    filled = f" Up to {missing:.1%} of points had no value of some outcome and were given its mean." if missing else ""
    body.append(paragraph(f"{sum(found.runs.values()):,} runs.{filled}"))
    title = f"What moves {str(question.options['case']).upper()}, {question.options['scenario']}"
    return page(title, record["says"], LIMITS, body, record)


def split_rows(question: SensitivityQuestion, found: SensitivityResult) -> list[tuple[str, ...]]:
    """Return the split as rows of a table: shares with 95% intervals."""
    rows = []
    for output, title in zip(question.outputs, titles(question.outputs), strict=True):
        one = found.splits[output]
        ends = [one.interval(part) for part in range(len(PARTS))]
        cells = (f"{share:.0%} ({low:.0%} to {high:.0%})" for share, (low, high) in zip(one.shares, ends, strict=True))
        rows.append((title, *cells))
    return rows


def _alone(question: SensitivityQuestion, found: SensitivityResult, stage: str) -> str:
    rows = []
    for output, title in zip(question.outputs, titles(question.outputs), strict=True):
        there = above_chance(found, output, stage)
        shown = ", ".join(f"{short(row.setting)} ({row.value:.0%})" for row in there[:6]) or "none"
        rows.append((title, str(len(there)), shown))
    return table(("outcome", "settings beyond chance", "share of the variance of single runs that each explains"), rows)


def _drawn(question: SensitivityQuestion, found: SensitivityResult) -> str:
    """Tell which drawn parameters go with an outcome; few draws can rank few of them."""
    rows = []
    for output, title in zip(question.outputs, titles(question.outputs), strict=True):
        listed = ", ".join(f"{short(row.setting)} ({row.value:+.2f})" for row in drawn_above_chance(found, output)[:6])
        rows.append((title, listed or "none"))
    head = ("outcome", "drawn parameters that go with it beyond chance (rank correlation over draws)")
    few = "Draws are few, and parameters go together in them: for most, no effect beyond chance can be shown."
    return paragraph(few) + table(head, rows)


FIELDS = ("belief", "stage", "output", "setting", "group", "measure", "value", "low", "high")


def write(folder: Path, question: SensitivityQuestion, found: SensitivityResult, again: str) -> list[str]:
    """Write tables, figures, page and record, and return what they say.

    Parameters
    ----------
    folder : Path
        Where the stages lie already.
    question : SensitivityQuestion
        What was asked.
    found : SensitivityResult
        What came out.
    again : str
        The command.
    """
    lines = sensitivity_sentences(question, found)
    write_csv(folder / "effects.csv", FIELDS, list(rows_of(found.effects)))
    drawn = figures(question, found)
    record = {
        **asked(question.options),
        "again": f"partnersim {again}",
        "varied": [axis.name for axis in question.axes],
        "runs": found.runs,
        "missing": found.missing,
        "says": lines,
    }
    leave(folder, record, drawn, partial(sensitivity_page, question, found, drawn), "SALib", "numpy", "numba")
    return lines
