"""``partnersim lab``: the teaching page on this machine, until it is stopped."""

from __future__ import annotations

import errno
import webbrowser
from collections.abc import Sequence

from sim.commands.exit_status import ExitStatus
from sim.commands.study import announced_folders, say_when_compiling
from sim.config.arguments import read_options
from sim.config.settings import Setting, by_name
from sim.core.errors import UserError
from sim.progress import say

OPTIONS = by_name(
    Setting("port", "whole number", "Port of the page on this machine.", 8765, 0, 65535),
    Setting("browser", "word", "Whether to open the page in the browser.", "yes", choices=("yes", "no")),
)


def lab(words: Sequence[str]) -> int:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    words : sequence of str
        ``port=8765`` and ``browser=no``, both optional.
    """
    options = read_options("lab", OPTIONS, words)
    folders = announced_folders()
    say("getting the model ready ...")
    from sim.lab.server import Lab, warm

    say_when_compiling("a minute")
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
