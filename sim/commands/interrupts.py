"""Ctrl-C during a run: stop between parts, so that what is complete can still be written."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """Remembers Ctrl-C; raises ``KeyboardInterrupt`` only inside ``stoppable``.

    Attributes
    ----------
    asked : bool
        Whether the user asked to stop.
    """

    def __init__(self) -> None:
        self.asked = False
        self._stoppable = False

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        if self._stoppable:
            raise KeyboardInterrupt

    @contextmanager
    def watched(self) -> Iterator[Interrupts]:
        """Receive Ctrl-C in place of Python's own handler, until left."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        before = signal.signal(signal.SIGINT, self._receive)
        try:
            yield self
        finally:
            signal.signal(signal.SIGINT, before)

    @contextmanager
    def stoppable(self) -> Iterator[None]:
        """Mark work that may be dropped at once."""
        self._stoppable = True
        try:
            if self.asked:
                raise KeyboardInterrupt
            yield
        finally:
            self._stoppable = False
