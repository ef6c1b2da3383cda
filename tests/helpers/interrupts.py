"""Processes that a test interrupts."""

import signal


def hears_interrupts() -> None:
    """Let Ctrl-C reach a new process, also where the tests themselves run in the background, deaf to it.

    For ``preexec_fn`` of ``subprocess.Popen``: a process started by a shell in the background ignores SIGINT, and so
    does all that it starts.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
