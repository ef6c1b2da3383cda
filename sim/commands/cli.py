"""The one command: a verb in front, settings (words with ``=``) behind.

Nothing heavy is imported here: each verb imports what it needs when it is used.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from sim.errors import ExitStatus, UserError

FOUR_LINES = """\
partnersim run                                     # simulate the first case, write results and a picture
partnersim run case=chrp scenario=funding_cut      # ask "what if" about the second case
partnersim list scenarios                          # the questions that are ready to ask
partnersim explain leadership                      # what a word means, its range and its source"""

HELP = """\
partnersim: simulate multi-stakeholder partnerships, their synergy and their adaptation

Usage: partnersim VERB [NAME] [SETTING=VALUE ...]

Verbs:
  run         simulate one case under one scenario and write a new folder of results
  sweep       run many points of the space of settings, each many times; can be stopped and gone on with
  resume      go on with a sweep:          partnersim resume FOLDER
  status      say how far a sweep is:      partnersim status FOLDER
  query       ask a sweep in SQL:          partnersim query FOLDER "select avg(benefit_last_year) from runs"
  calibrate   fit the model to what is known of a case (case=pccp|chrp|both|yours answers=FILE), with a report
  compare     which plan does better, on common luck: partnersim compare baseline funding_cut case=chrp
  report      results of a folder as one page: partnersim report FOLDER
  sensitivity what moves the outcomes of a case most: levers, parameters, luck (over=levers|uncertainties|all)
  portfolio   which mix of enabling processes is best within a budget of staff hours (hours=30)
  lab         open the teaching page: two plans side by side (port=8765 browser=no)
  lesson      bake plans into one file for a class:  partnersim lesson --out lesson.html
  list        list cases, scenarios, levers, parameters or metrics
  explain     say what a lever, parameter, metric, case, scenario, resource, role or shock is
  new-case    start a case of your own from an existing one
  new-answers start a form for self-assessment answers of your partnership (--sample: a filled one)
  doctor      check that everything needed is in place and gives the known answer

Settings of run (partnersim list parameters shows all numbers of the model):
  case=NAME  scenario=NAME  seed=1  replicates=200  weeks=260  output=FOLDER  threads=2
  enabling.LEVER=0..1   parameters.NAME=NUMBER   shocks.NAME.size=0..1   turnover.cause=benefit
  --dry-run   show the resolved settings and what differs from the case; write nothing

Settings of sweep: those of run with lists (NAME=A,B,C) or ranges (NAME=interval(LOW,HIGH)), and
  design=grid|list|lhs|sobol|morris|from_file|population  design.points=1000  design.over=levers
  replicates=100  luck=common|independent  weekly=4  seats=52  questionnaire=[52,104]
  engine=threads|processes|ray  failures=finish|record|stop  (partnersim list designs, list sweeps)

Examples:
  {lines}

Other: --help, --version; PARTNERSIM_DEBUG=1 shows the traceback of an error"""


def _run(words: Sequence[str]) -> int:
    from sim.commands.run import run

    return run(words)


def _sweep(words: Sequence[str]) -> int:
    from sim.commands.sweep import sweep

    return sweep(words)


def _resume(words: Sequence[str]) -> int:
    from sim.commands.sweep import resume

    return resume(words)


def _status(words: Sequence[str]) -> int:
    from sim.commands.status import status

    return status(words)


def _query(words: Sequence[str]) -> int:
    from sim.commands.query import query

    return query(words)


def _calibrate(words: Sequence[str]) -> int:
    from sim.commands.calibrate import calibrate

    return calibrate(words)


def _compare(words: Sequence[str]) -> int:
    from sim.commands.compare import compare

    return compare(words)


def _report(words: Sequence[str]) -> int:
    from sim.commands.report import report

    return report(words)


def _sensitivity(words: Sequence[str]) -> int:
    from sim.commands.sensitivity import sensitivity

    return sensitivity(words)


def _portfolio(words: Sequence[str]) -> int:
    from sim.commands.portfolio import portfolio

    return portfolio(words)


def _lab(words: Sequence[str]) -> int:
    from sim.commands.lab import lab

    return lab(words)


def _lesson(words: Sequence[str]) -> int:
    from sim.commands.lesson import lesson

    return lesson(words)


def _list(words: Sequence[str]) -> int:
    from sim.commands.listing import list_things

    return list_things(words)


def _explain(words: Sequence[str]) -> int:
    from sim.commands.explain import explain_words

    return explain_words(words)


def _new_case(words: Sequence[str]) -> int:
    from sim.commands.new_case import new_case

    return new_case(words)


def _new_answers(words: Sequence[str]) -> int:
    from sim.commands.new_answers import new_answers

    return new_answers(words)


def _doctor(words: Sequence[str]) -> int:
    from sim.commands.doctor import doctor

    return doctor(words)


VERBS: dict[str, Callable[[Sequence[str]], int]] = {
    "run": _run,
    "sweep": _sweep,
    "resume": _resume,
    "status": _status,
    "query": _query,
    "calibrate": _calibrate,
    "compare": _compare,
    "report": _report,
    "sensitivity": _sensitivity,
    "portfolio": _portfolio,
    "lab": _lab,
    "lesson": _lesson,
    "list": _list,
    "explain": _explain,
    "new-case": _new_case,
    "new-answers": _new_answers,
    "doctor": _doctor,
}


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words say and return the exit status.

    Parameters
    ----------
    words : sequence of str, optional
        The command line after the program's name; taken from the process when not given.
    """
    words = sys.argv[1:] if words is None else list(words)
    # A lighter optimisation compiles a fifth faster and was not seen to run slower; the bits are the same.
    os.environ.setdefault("NUMBA_OPT", "1")
    try:
        return _dispatch(words)
    except UserError as error:
        return _tell(error.lines, error, ExitStatus.USER_MISTAKE)
    except KeyboardInterrupt as error:
        return _tell(("interrupted; nothing was written",), error, ExitStatus.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output (such as head) has enough; that is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.DONE
    except Exception as error:
        line = f"something went wrong that is not your fault: {type(error).__name__}: {_first_line(error)}"
        return _tell((line, "PARTNERSIM_DEBUG=1 shows where"), error, ExitStatus.OUR_FAULT)


def _dispatch(words: Sequence[str]) -> int:
    """Find the verb and do it."""
    if not words:
        print(FOUR_LINES)
        return ExitStatus.DONE
    verb, *rest = words
    if verb in ("--help", "-h", "help") or (verb in VERBS and any(word in ("--help", "-h") for word in rest)):
        print(HELP.format(lines=FOUR_LINES.replace("\n", "\n  ")))
        return ExitStatus.DONE
    if verb in ("--version", "-V", "version"):
        from sim.config.version import current_version

        print(f"partnersim {current_version()}")
        return ExitStatus.DONE
    if verb not in VERBS:
        raise UserError(_no_verb(verb, rest))
    return VERBS[verb](rest)


def _no_verb(verb: str, rest: Sequence[str]) -> str:
    """Say that there is no such verb, with the command that was perhaps meant."""
    if "=" in verb:
        return f"no verb before '{verb}'; did you mean 'partnersim run {' '.join([verb, *rest])}'?"
    close = get_close_matches(verb, VERBS, n=1, cutoff=0.5)
    hint = f"; did you mean '{close[0]}'?" if close else "."
    return f"no verb called '{verb}'{hint} Available: {', '.join(VERBS)}"


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")


def _tell(lines: Sequence[str], error: BaseException, status: ExitStatus) -> int:
    """Write an error, one line per mistake, and return the exit status."""
    if os.environ.get("PARTNERSIM_DEBUG") == "1":
        traceback.print_exception(error)
    for line in lines:
        print(f"partnersim: {line}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
