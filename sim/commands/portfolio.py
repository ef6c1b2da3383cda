"""``partnersim portfolio``: which mix of enabling processes is best within a budget of staff hours a week."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sim.commands.study import study
from sim.config.arguments import read_options


def portfolio(words: Sequence[str]) -> int:
    """Search for mixes of enabling processes.

    Parameters
    ----------
    words : sequence of str
        Settings of ``sim.analysis.portfolios.question.SETTINGS``.
    """
    from sim.analysis.portfolios.question import SETTINGS, portfolio_question
    from sim.analysis.portfolios.record import write
    from sim.analysis.portfolios.result import SEARCH, SECOND, searched
    from sim.analysis.study import asked
    from sim.core.engine import most_threads
    from sim.core.sources import model_hash
    from sim.results.folder import claim
    from sim.sweeps.extras import needed

    options = read_options("portfolio", SETTINGS, words)
    needed("optuna", "optuna", "portfolios", "a search for portfolios")
    question = portfolio_question(options)
    label = f"{Path(str(options['case'])).stem}-{options['scenario']}-{options['hours']}h"
    folder = Path(options["output"] or Path("results") / "portfolio" / label)
    claim(folder, asked(options), model_hash())
    size = f"{options['generations']} generations of {options['population']} mixes"
    titles = {SEARCH: f"search in {size}, at most", SECOND: "the best mixes again, in other worlds"}
    work = partial(searched, question, folder, options["threads"] or most_threads())
    return study(["portfolio", *words], folder, titles, work, partial(write, folder))
