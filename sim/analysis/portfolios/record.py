"""What a search for portfolios leaves: tables of mixes, figures, a page, a record, and what it says in sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.analysis.portfolios.choose import EVEN, Chosen, Gain, Pick, choose, gain, to_try_again
from sim.analysis.portfolios.mixes import NAMES
from sim.analysis.portfolios.search import GENERATIONS, Tried, kept
from sim.config.version import code_identity, made_by_this_model, package_version
from sim.core.sources import model_hash
from sim.errors import UserError
from sim.results.folder import read_json, write_csv, write_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sim.analysis.portfolios.question import PortfolioQuestion

RECORD, BEGUN, AGAIN = "record.json", "begun.json", "again.npz"
FREE = ("threads", "output")
"""Settings that change no result."""


@dataclass(frozen=True)
class PortfolioResult:
    """A finished search.

    Attributes
    ----------
    question : PortfolioQuestion
        What was asked.
    tried : Tried
        All mixes of the search.
    chosen : Chosen
        What was picked.
    fresh : Tried
        Picks and front, tried again in other worlds.
    """

    question: PortfolioQuestion
    tried: Tried
    chosen: Chosen
    fresh: Tried

    def even(self) -> Pick:
        """Return the mix with which others are compared."""
        return next(pick for pick in self.chosen.picks if pick.name == EVEN)

    def named(self) -> list[Pick]:
        """Return the picks, each mix once under all its names."""
        names: dict[tuple[int, ...], list[str]] = {}
        for pick in self.chosen.picks:
            names.setdefault(tuple(map(int, pick.hours)), []).append(pick.title())
        return [Pick("; ".join(some), "", np.array(hours)) for hours, some in names.items()]

    def gains(self, pick: Pick) -> list[Gain]:
        """Return what a pick gains on the even mix at each aim."""
        return [gain(aim, pick, self.even(), self.tried, self.fresh) for aim in self.question.aims]


def asked(question: PortfolioQuestion) -> dict[str, Any]:
    """Return the settings that decide the result."""
    return {name: value for name, value in question.options.items() if name not in FREE}


def begin(folder: Path, question: PortfolioQuestion) -> None:
    """Make the folder of a search, or see that it is the one to go on with.

    Raises
    ------
    UserError
        One line, when it cannot be written or holds something else.
    """
    told = {"settings": asked(question), "model_hash": model_hash()}
    try:
        if folder.is_dir() and any(folder.iterdir()):
            held = folder / BEGUN
            if not held.exists() or not _is_the_same(read_json(held), told):
                raise UserError(f"'{folder}' holds something else; give another output=FOLDER")
            return
        (folder / GENERATIONS).mkdir(parents=True, exist_ok=True)
        write_json(folder / BEGUN, told)
    except OSError as error:
        raise UserError(f"cannot write to '{folder}': {error.strerror or error}; give another output=FOLDER") from error


def _is_the_same(held: object, told: dict[str, Any]) -> bool:
    return isinstance(held, dict) and held["settings"] == told["settings"] and made_by_this_model(held["model_hash"])


def finish(
    question: PortfolioQuestion,
    folder: Path,
    tried: Tried,
    try_again: Callable[[NDArray[np.int64]], NDArray[np.float64]],
) -> PortfolioResult:
    """Choose mixes and try them again in worlds of which the search knew nothing.

    Parameters
    ----------
    question : PortfolioQuestion
        What was asked.
    folder : Path
        Where what came out is kept.
    tried : Tried
        All mixes of the search.
    try_again : callable
        Runs mixes in other worlds.
    """
    chosen = choose(question, tried)
    hours = to_try_again(tried, chosen)
    return PortfolioResult(question, tried, chosen, Tried(hours, kept(folder / AGAIN, hours, try_again)))


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
    from sim.analysis.portfolios.figures import figures
    from sim.analysis.portfolios.page import portfolio_page
    from sim.analysis.portfolios.sentences import portfolio_sentences

    question = result.question
    lines = portfolio_sentences(result)
    write_csv(folder / "mixes.csv", tuple(_row(result, result.even())), [_row(result, one) for one in _all(result)])
    drawn = figures(result)
    for name, (figure, _) in drawn.items():
        figure.savefig(folder / f"{name}.png", dpi=130)
    record = {
        "settings": asked(question),
        "model_hash": model_hash(),
        "again": f"partnersim {again}",
        "mixes tried": len(result.tried.hours),
        "not beaten": result.chosen.whole_front,
        "says": lines,
        "code": code_identity(),
        "packages": {name: package_version(name) for name in ("optuna", "numpy", "numba")},
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
