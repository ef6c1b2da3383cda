"""The command ``partnersim``: a verb, then its arguments.

Nothing heavy is imported here: the file of a verb is imported when the verb is used (``sim.commands.verbs``).
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches

from sim.commands.exit_status import ExitStatus
from sim.commands.verbs import VERBS
from sim.core.errors import UserError

FOUR_LINES = """\
partnersim run                                     # simulate the first case, write results and a picture
partnersim run case=chrp scenario=funding_cut      # ask "what if" about the second case
partnersim list scenarios                          # the questions that are ready to ask
partnersim explain leadership                      # what a word means, its range and its source"""

HELP = """\
partnersim: simulate multi-stakeholder partnerships, their synergy and their adaptation

Usage: partnersim VERB [NAME] [SETTING=VALUE ...]

Verbs:
  {verbs}

Settings of run (partnersim list parameters shows all numbers of the model):
  case=NAME  scenario=NAME  seed=1  replicates=200  weeks=260  output=FOLDER  threads=2
  enabling.LEVER=0..1   parameters.NAME=NUMBER   shocks.NAME.size=0..1   turnover.cause=benefit
  seats=52 or seats=[26,104] (keep each seat)  questionnaire=[52,104] answers=means|seats (keep answers)
  --dry-run   show the resolved settings and what differs from the case; write nothing

Settings of sweep: those of run with lists (NAME=A,B,C) or ranges (NAME=interval(LOW,HIGH)), and
  design=grid|list|lhs|sobol|morris|from_file|population  design.points=1000  design.over=levers
  replicates=100  luck=common|independent  seats=52  questionnaire=[52,104]  answers=means|seats
  weekly=4 (metrics every 4 weeks)  metrics=[integration,trust] (only these)
  engine=threads|processes|ray  failures=finish|record|stop  (partnersim list designs, list sweeps)

Examples:
  {lines}

Other: --help, --version; PARTNERSIM_DEBUG=1 shows the traceback of an error"""

WIDTH = max(map(len, VERBS)) + 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return the exit status.

    Parameters
    ----------
    arguments : sequence of str, optional
        The command line after the program's name; taken from the process when not given.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    # A lighter optimisation compiles a fifth faster and was not seen to run slower; the bits are the same.
    os.environ.setdefault("NUMBA_OPT", "1")
    try:
        return _dispatch(arguments)
    except UserError as error:
        return _print_error(error.problems, error, ExitStatus.USER_MISTAKE)
    except KeyboardInterrupt as error:
        return _print_error(("interrupted; nothing was written",), error, ExitStatus.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output (such as head) has closed it; that is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitStatus.DONE
    except Exception as error:
        line = f"something went wrong that is not your fault: {type(error).__name__}: {_first_line(error)}"
        return _print_error((line, "PARTNERSIM_DEBUG=1 shows where"), error, ExitStatus.OUR_FAULT)


def _dispatch(arguments: Sequence[str]) -> int:
    """Find the verb and run it."""
    if not arguments:
        print(FOUR_LINES)
        return ExitStatus.DONE
    verb, *rest = arguments
    if verb in ("--help", "-h", "help") or (verb in VERBS and {"--help", "-h"} & set(rest)):
        verbs = "\n  ".join(f"{name:<{WIDTH}}{row.summary}" for name, row in VERBS.items())
        print(HELP.format(verbs=verbs, lines=FOUR_LINES.replace("\n", "\n  ")))
        return ExitStatus.DONE
    if verb in ("--version", "-V", "version"):
        from sim.config.version import current_version

        print(f"partnersim {current_version()}")
        return ExitStatus.DONE
    if verb not in VERBS:
        raise UserError(_no_verb(verb, rest))
    return VERBS[verb].load()(rest)


def _no_verb(verb: str, rest: Sequence[str]) -> str:
    """Say that there is no such verb, with the command that was perhaps meant."""
    if "=" in verb:
        return f"no verb before '{verb}'; did you mean 'partnersim run {' '.join([verb, *rest])}'?"
    close = get_close_matches(verb, VERBS, n=1, cutoff=0.5)
    hint = f"; did you mean '{close[0]}'?" if close else "."
    return f"no verb called '{verb}'{hint} Available: {', '.join(VERBS)}"


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")


def _print_error(lines: Sequence[str], error: BaseException, status: ExitStatus) -> int:
    """Write an error, one line per mistake, and return the exit status."""
    if os.environ.get("PARTNERSIM_DEBUG") == "1":
        traceback.print_exception(error)
    for line in lines:
        print(f"partnersim: {line}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
