"""``partnersim portfolio``: which mix of enabling processes is best within a budget of staff hours a week."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sim.commands.exit_status import ExitStatus
from sim.config.arguments import read_options
from sim.progress import Progress, said_when_long, say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sim.analysis.portfolios.question import PortfolioQuestion
    from sim.analysis.portfolios.result import PortfolioResult
    from sim.analysis.portfolios.worlds import Worlds


def portfolio(words: Sequence[str]) -> int:
    """Search for mixes of enabling processes.

    Parameters
    ----------
    words : sequence of str
        Settings of ``sim.analysis.portfolios.question.SETTINGS``.
    """
    from sim.analysis.portfolios.question import SETTINGS, portfolio_question
    from sim.analysis.portfolios.record import begin, write
    from sim.core import engine
    from sim.sweeps.extras import needed

    options = read_options("portfolio", SETTINGS, words)
    needed("optuna", "optuna", "portfolios", "a search for portfolios")
    question = portfolio_question(options)
    label = f"{Path(str(options['case'])).stem}-{options['scenario']}-{options['hours']}h"
    folder = Path(options["output"] or Path("results") / "portfolio" / label)
    again = shlex.join(["portfolio", *words])
    begin(folder, question)
    if not engine.is_compiled():
        say("compiling the model once (about 30 s) ...")
    try:
        result = _search(question, folder)
    except KeyboardInterrupt:
        say(f"interrupted; generations that were done are kept; resume with: partnersim {again}")
        return ExitStatus.INTERRUPTED
    with said_when_long("drawing the figures ..."):
        lines = write(folder, result, again)
    print("\n".join(lines))
    print(f"Report:  {(folder / 'report.html').as_posix()}")
    print(f"Again:   partnersim {again}")
    return ExitStatus.DONE


def _search(question: PortfolioQuestion, folder: Path) -> PortfolioResult:
    from sim.analysis.portfolios.result import finish
    from sim.analysis.portfolios.search import search
    from sim.analysis.portfolios.worlds import search_and_fresh
    from sim.core.engine import most_threads

    options = question.options
    known, fresh = search_and_fresh(question)
    most = 2 * known.n * options["population"] * options["generations"]
    threads = options["threads"] or most_threads()
    say(f"search: at most {most:,} runs in {options['generations']} generations of {options['population']} mixes")
    tried = search(question, folder, partial(_told, question, known, threads, _Count(most)))
    say(f"{len(tried.hours):,} mixes tried; the best again in {fresh.n:,} other worlds")
    return finish(question, folder, tried, partial(_told, question, fresh, threads, _Count(None)))


class _Count:
    """Runs done so far, over several batches; of a total that is known or that of the batch."""

    def __init__(self, total: int | None) -> None:
        self.done, self.total = 0, total
        self.progress: Progress | None = None

    def begin(self, runs: int) -> None:
        """Begin a batch."""
        self.progress = self.progress or Progress(self.total or runs, "runs", log_seconds=30.0)

    def add(self, runs: int) -> None:
        """Tell that more runs are done."""
        self.done += runs
        assert self.progress is not None
        self.progress.update(self.done)


def _told(
    question: PortfolioQuestion, worlds: Worlds, threads: int, count: _Count, hours: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Try mixes and tell how far it is."""
    from sim.analysis.portfolios.worlds import try_mixes

    count.begin(2 * worlds.n * len(hours))
    try:
        return try_mixes(question, hours, worlds, threads, count.add)
    finally:
        assert count.progress is not None
        count.progress.close()
