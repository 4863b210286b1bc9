"""Ctrl-C, SIGTERM and a closed terminal while the stack is being set up or taken down."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from embedded.say import say

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignals:
    """Turns the first signal into KeyboardInterrupt, but never between a start and its record."""

    def __init__(self) -> None:
        self.requested = False
        self._held = False
        for number in NUMBERS:
            signal.signal(number, self._on_signal)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Put a signal off until the block has ended."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self.requested:
            raise KeyboardInterrupt

    def ignore(self) -> None:
        """From now on only say that the stop is under way."""
        for number in NUMBERS:
            signal.signal(number, lambda *_: say("  ·  Stopping already; a few seconds, please."))

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        already, self.requested = self.requested, True
        if not self._held and not already:
            raise KeyboardInterrupt
