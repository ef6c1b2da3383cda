"""What a search for portfolios leaves: tables of mixes, figures, a report and a record."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.portfolios.choose import Pick
from sim.analysis.portfolios.figures import figures
from sim.analysis.portfolios.mixes import NAMES
from sim.analysis.portfolios.result import PortfolioResult
from sim.analysis.portfolios.sentences import number, portfolio_sentences
from sim.analysis.study import asked, leave
from sim.core.metric_table import COMPONENTS, END_WORDS, ENDS
from sim.report.html import page, paragraph, picture, section, table
from sim.results.folder import write_csv
from sim.results.story import limits

if TYPE_CHECKING:
    from sim.analysis.portfolios.result import PortfolioResult
    from sim.analysis.study import Drawn

HEADINGS = {"front": "What can be had together", "mixes": "The mixes"}
READING = (
    "A budget is what the mix asks for, in hours a week in a partnership of the usual size; what the staff cannot "
    "cover is cut for all alike. Every mix was tried in the same worlds, a world being a plausible parameter set and a "
    "luck, with the shock and without it. The best mixes were then tried in other worlds, with parameter sets and luck "
    "that the search had not seen: only those numbers are to be believed."
)


LIFE = (
    *("mix", "hours asked for", "of which staffed"),
    *(END_WORDS[name] for name in ENDS),
    *("came back from the shock", "output lost"),
)
LITTLE_TO_LOSE = (
    "Staffed, still going at the end, fulfilled, failed and dormant are given without the shock; output lost is in "
    "weeks of usual output. Recovery is measured against the same mix without the shock: a mix under which little is "
    "put out has little to lose, so a fast recovery is worth something only beside synergy."
)


def portfolio_page(result: PortfolioResult, drawn: Drawn, record: Mapping[str, Any]) -> str:
    """Return the page.

    Parameters
    ----------
    result : PortfolioResult
        A finished search.
    drawn : dict
        As ``sim.analysis.portfolios.figures.figures`` returns it.
    record : mapping
        What is needed to make it again; shown at the end.
    """
    options = result.question.options
    head = ("mix", "aim", "in the search", "in other worlds", "95% interval", "better than even in")
    body = [
        paragraph(READING),
        *(section(HEADINGS[name], picture(figure, reading)) for name, (figure, reading) in drawn.items()),
        section("Gain on an even mix", table(head, gain_rows(result))),
        section("What else a mix brings", table(LIFE, life_rows(result)), paragraph(LITTLE_TO_LOSE)),
    ]
    title = f"{options['hours']} staff hours a week for {str(options['case']).upper()}"
    return page(title, record["says"], limits(result.question.shocked), body, record)


def life_rows(result: PortfolioResult) -> list[tuple[str, ...]]:
    """Return how partnerships fare under each mix, tried again, as rows of a table."""
    rows: list[tuple[str, ...]] = []
    for pick in result.named():
        place = result.fresh.place(pick.hours)
        shares = [f"{result.fresh.mean(name)[place]:.0%}" for name in ("staff_cover", *ENDS, "recovered")]
        rows.append((pick.name, str(pick.hours.sum()), *shares, f"{result.fresh.mean('loss')[place]:.1f}"))
    return rows


def gain_rows(result: PortfolioResult) -> list[tuple[str, ...]]:
    """Return what each mix gains on the even one at each aim, as rows of a table."""
    rows: list[tuple[str, ...]] = []
    for pick in result.named():
        if (pick.hours == result.even().hours).all():
            continue
        for gain in result.gains(pick):
            aim, value = gain.aim, gain.again * gain.aim.sign
            ends = f"{number(aim, value - gain.half)} to {number(aim, value + gain.half)}"
            parts = (number(aim, gain.in_search * aim.sign), number(aim, value), ends, f"{gain.better:.0%}")
            rows.append((pick.name, aim.name, *parts))
    return rows


def write(folder: Path, result: PortfolioResult, again: str) -> list[str]:
    """Write tables, figures, page and record, and return what they say.

    Parameters
    ----------
    folder : Path
        Folder of the search.
    result : PortfolioResult
        What came out.
    again : str
        The command.
    """
    lines = portfolio_sentences(result)
    write_csv(folder / "mixes.csv", tuple(_row(result, result.even())), [_row(result, one) for one in _all(result)])
    drawn = figures(result)
    record = {
        **asked(result.question.options),
        "again": f"partnersim {again}",
        "mixes tried": len(result.tried.hours),
        "not beaten": result.chosen.whole_front,
        "says": lines,
    }
    leave(folder, record, drawn, partial(portfolio_page, result, drawn), "optuna", "numpy", "numba")
    return lines


def _all(result: PortfolioResult) -> list[Pick]:
    """Return picks and the rest of the front, each mix under all its names."""
    picks = result.named()
    there = {tuple(map(int, pick.hours)) for pick in picks}
    rest = [hours for hours in result.fresh.hours if tuple(map(int, hours)) not in there]
    return [*picks, *(Pick("front", "", hours) for hours in rest)]


def _row(result: PortfolioResult, pick: Pick) -> dict[str, object]:
    """Return a mix as a row: hours, then how good it is in the search and when tried again."""
    hours = dict(zip(NAMES, map(int, pick.hours), strict=True))
    row: dict[str, object] = {"mix": pick.name, **hours, "hours": int(pick.hours.sum())}
    place, again = result.tried.place(pick.hours), result.fresh.place(pick.hours)
    for aim in result.question.aims:
        for judged in ("mean", "worst"):
            row[f"{aim.name}_{judged}_in_search"] = _number(result.tried.scores([aim], judged)[place, 0])
            row[f"{aim.name}_{judged}_again"] = _number(result.fresh.scores([aim], judged)[again, 0])
    for outcome in (*COMPONENTS, "loss", "recovered", *ENDS, "staff_cover"):
        row[outcome] = _number(result.fresh.mean(outcome)[again])
    return row


def _number(value: float) -> str:
    return f"{value:.6g}" if np.isfinite(value) else ""
