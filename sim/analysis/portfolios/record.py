"""What a search for portfolios leaves: tables of mixes, figures, a page and a record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from sim.analysis.portfolios.choose import Pick
from sim.analysis.portfolios.figures import figures
from sim.analysis.portfolios.mixes import NAMES
from sim.analysis.portfolios.page import portfolio_page
from sim.analysis.portfolios.question import PortfolioQuestion
from sim.analysis.portfolios.result import PortfolioResult
from sim.analysis.portfolios.sentences import portfolio_sentences
from sim.core.sources import model_hash
from sim.results.folder import RECORD, claim, write_csv, write_json
from sim.results.provenance import made_with

FREE = ("threads", "output")
"""Settings that change no result."""


def asked(question: PortfolioQuestion) -> dict[str, Any]:
    """Return what decides the result, as the record has it."""
    return {"settings": {name: value for name, value in question.options.items() if name not in FREE}}


def begin(folder: Path, question: PortfolioQuestion) -> None:
    """Make the folder of a search, or see that it is the one to resume.

    Raises
    ------
    UserError
        One line, when it cannot be written or holds something else.
    """
    claim(folder, asked(question), model_hash())


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
    for name, (figure, _) in drawn.items():
        figure.savefig(folder / f"{name}.png", dpi=130)
    record = {
        **asked(result.question),
        "again": f"partnersim {again}",
        "mixes tried": len(result.tried.hours),
        "not beaten": result.chosen.whole_front,
        "says": lines,
        **made_with("optuna", "numpy", "numba"),
    }
    (folder / "report.html").write_text(portfolio_page(result, drawn, record), encoding="utf-8")
    write_json(folder / RECORD, record)
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
    for outcome in ("integration", "atmosphere", "benefit", "adaptation", "loss", "recovered", "alive", "staff_cover"):
        row[outcome] = _number(result.fresh.mean(outcome)[again])
    return row


def _number(value: float) -> str:
    return f"{value:.6g}" if np.isfinite(value) else ""
