"""``partnersim lab``: the teaching page on this machine, until it is stopped."""

from __future__ import annotations

import errno
import webbrowser
from collections.abc import Sequence

from sim.config.folders import find_conf_folders
from sim.config.settings import Setting, nearest, value_problems
from sim.config.words import plain_value
from sim.errors import ExitStatus, UserError
from sim.progress import say

OPTIONS = {
    "port": Setting("port", "whole number", "Port of the page on this machine.", 8765, 0, 65535),
    "browser": Setting("browser", "word", "Whether to open the page in the browser.", "yes", choices=("yes", "no")),
}


def read_options(words: Sequence[str], options: dict[str, Setting], verb: str) -> dict[str, object]:
    """Return the options of a verb, defaults filled in.

    Parameters
    ----------
    words : sequence of str
        ``NAME=VALUE`` each.
    options : dict of str to Setting
        What the verb knows.
    verb : str
        Its name, for messages.

    Raises
    ------
    UserError
        With one line for every mistake.
    """
    found = {name: row.default for name, row in options.items()}
    problems = []
    for word in words:
        name, equals, value = word.partition("=")
        if name not in options or not equals:
            close = nearest(name, list(options))
            hint = f"; did you mean '{close}='?" if close else f"; {verb} knows {', '.join(f'{n}=' for n in options)}"
            problems.append(f"{verb} does not know '{word}'{hint}")
            continue
        found[name] = value if options[name].kind in ("text", "word") else plain_value(value)
        problems += value_problems(name, options[name], found[name])
    if problems:
        raise UserError(problems)
    return found


def lab(words: Sequence[str]) -> int:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    words : sequence of str
        ``port=8765`` and ``browser=no``, both optional.
    """
    options = read_options(words, OPTIONS, "lab")
    folders = find_conf_folders()
    if announcement := folders.announcement():
        say(announcement)
    say("getting the model ready ...")
    from sim.core import engine
    from sim.lab.server import Lab, warm

    if not engine.is_compiled():
        say("compiling the model once (about a minute) ...")
    port = options["port"]
    try:
        server = Lab(folders, port if isinstance(port, int) else 0)
    except OSError as error:
        why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise UserError(f"port {port} {why}; give another one: partnersim lab port=8766 (or port=0 for any)") from error
    with server:
        warm(server)
        print(f"The lab is at {server.address} (for this machine only; Ctrl-C stops it)", flush=True)
        if options["browser"] == "yes":
            webbrowser.open(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            say("the lab is closed")
    return ExitStatus.DONE
