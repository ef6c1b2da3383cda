"""``partnersim sensitivity``: what moves the outcomes most, over the tables' ranges and over what fits the cases."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sim.commands.study import study
from sim.config.arguments import read_options

TITLES = {
    "screen": "screen of everything (Morris)",
    "groups": "shares of variance of groups (Sobol)",
    "shares": "shares of variance of the most influential (Sobol)",
    "sample": "random sample of the tables' ranges (PAWN)",
    "posterior-sample": "random sample of levers and draws (PAWN)",
    "posterior-split": "split between levers, draws and luck",
}


def sensitivity(words: Sequence[str]) -> int:
    """Ask what moves the outcomes of a case.

    Parameters
    ----------
    words : sequence of str
        Settings of ``sim.analysis.sensitivity.question.SETTINGS``.
    """
    from sim.analysis.sensitivity.question import SETTINGS, sensitivity_question
    from sim.analysis.sensitivity.record import write
    from sim.analysis.sensitivity.result import POSTERIOR_SAMPLE, SCREEN
    from sim.analysis.sensitivity.stages import analyse
    from sim.analysis.study import asked
    from sim.core.engine import most_threads
    from sim.core.sources import model_hash
    from sim.results.folder import claim
    from sim.sweeps.conduct import DriveOptions
    from sim.sweeps.extras import needed

    options = read_options("sensitivity", SETTINGS, words)
    needed("SALib", "SALib", "sweeps", "a sensitivity analysis")
    question = sensitivity_question(options)
    label = f"{Path(str(options['case'])).stem}-{options['scenario']}"
    folder = Path(options["output"] or Path("results") / "sensitivity" / label)
    claim(folder, asked(options), model_hash(), (SCREEN, POSTERIOR_SAMPLE))
    how = DriveOptions(workers=options["threads"] or most_threads())
    work = partial(analyse, question, folder, how)
    return study(["sensitivity", *words], folder, TITLES, work, partial(write, folder, question))
