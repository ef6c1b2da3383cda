"""``partnersim sensitivity``: what moves the outcomes most, over the tables' ranges and over what fits the cases."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from sim.commands.exit_status import ExitStatus
from sim.commands.stages import staged
from sim.config.arguments import read_options
from sim.progress import said_when_long, say

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
    from sim.analysis.sensitivity.record import begin, write
    from sim.analysis.sensitivity.stages import analyse
    from sim.core import engine
    from sim.sweeps.conduct import DriveOptions
    from sim.sweeps.extras import needed

    options = read_options("sensitivity", SETTINGS, words)
    needed("SALib", "SALib", "sweeps", "a sensitivity analysis")
    question = sensitivity_question(options)
    label = f"{Path(str(options['case'])).stem}-{options['scenario']}"
    folder = Path(options["output"] or Path("results") / "sensitivity" / label)
    again = shlex.join(["sensitivity", *words])
    begin(folder, question)
    if not engine.is_compiled():
        say("compiling the model once (about 30 s) ...")
    with staged(TITLES) as stages:
        try:
            found = analyse(
                question, folder, DriveOptions(workers=options["threads"] or engine.most_threads()), stages.tell
            )
        except KeyboardInterrupt:
            stages.close()
            say(f"interrupted; resume with: partnersim {again}")
            return ExitStatus.INTERRUPTED
    with said_when_long("drawing the figures ..."):
        lines = write(folder, question, found, again)
    print("\n".join(lines))
    print(f"Report:  {(folder / 'report.html').as_posix()}")
    print(f"Again:   partnersim {again}")
    return ExitStatus.DONE
