"""``partnersim compare``: which plan does better, for whom, and how sure that is."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path

from sim.commands.exit_status import ExitStatus
from sim.commands.study import say_when_compiling
from sim.progress import counted, said_when_long


def compare(words: Sequence[str]) -> int:
    """Compare plans on common seeds and write a report.

    Parameters
    ----------
    words : sequence of str
        Plans, settings of ``sim.analysis.comparison.question.SETTINGS``, and settings applied to every plan.
    """
    from sim.analysis.comparison.answer import answer
    from sim.analysis.comparison.question import comparison_question, read_words
    from sim.analysis.comparison.record import check_folder, command, default_folder

    plans, options, settings = read_words(words)
    question = comparison_question(plans, options, settings)
    folder = Path(question.options["output"] or default_folder(question))
    check_folder(folder, question)
    say_when_compiling()
    with counted("runs") as tell:
        found = answer(question, tell)
    with said_when_long("drawing the figures ..."):
        report = found.save(folder)
    print("\n".join(textwrap.fill(line, 96) for line in found.sentences))
    sets = len(set(found.design.draw.tolist()))
    print(f"{found.design.n:,} runs of each plan, {sets} parameter set{'' if sets == 1 else 's'}.")
    print(f"Report:  {report.as_posix()}")
    print(f"Again:   {command(question)}")
    return ExitStatus.DONE
