"""Hands out actions to several threads as soon as what they wait for is answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heappush
from threading import Condition, Event
from time import monotonic

WINDOW = 256
"""How many actions the one farthest ahead may be before the one farthest behind."""


@dataclass(frozen=True, slots=True)
class Pace:
    """When an action is due: ``speed`` times as fast as real time from ``first_at``; 0: at once."""

    speed: float
    first_at: datetime
    started: float

    def due(self, at: datetime) -> float:
        """The monotonic time, in seconds, before which an action of time ``at`` is not sent."""
        if self.speed == 0:
            return self.started
        return self.started + (at - self.first_at).total_seconds() / self.speed


class Schedule:
    """The actions that are still to be sent; safe to use from several threads.

    ``waits_for`` has, for each action, the smaller indices that must be done first; ``skipped``
    those that count as done from the start.
    """

    def __init__(
        self,
        waits_for: Sequence[Sequence[int]],
        skipped: Callable[[int], bool],
        due: Callable[[int], float],
    ) -> None:
        self._due = due
        self._followers: list[list[int]] = [[] for _ in waits_for]
        self._open = [0] * len(waits_for)
        self._done = bytearray(map(skipped, range(len(waits_for))))
        for index, earlier in enumerate(waits_for):
            if not self._done[index]:
                for other in earlier:
                    if not self._done[other]:
                        self._followers[other].append(index)
                        self._open[index] += 1
        self._ready = [i for i, done in enumerate(self._done) if not done and not self._open[i]]
        heapify(self._ready)
        self._oldest = 0
        self._advance()
        self._changed = Condition()
        self._finished = Event()
        self.left = self._done.count(0)
        if not self.left:
            self._finished.set()

    def take(self) -> int | None:
        """The next action to send, once there is one; None when all are done, or it stopped."""
        with self._changed:
            while not self._finished.is_set():
                wait_seconds: float | None = None
                if self._has_ready():
                    wait_seconds = self._due(self._ready[0]) - monotonic()
                    if wait_seconds <= 0:
                        return self._pop()
                self._changed.wait(wait_seconds)
            return None

    def done(self, index: int) -> None:
        """The action was answered; the thread must take the next one after it.

        Nobody is woken here: that thread takes what is ready now, and wakes the next one if there
        is more.
        """
        with self._changed:
            self._done[index] = 1
            self.left -= 1
            for follower in self._followers[index]:
                self._open[follower] -= 1
                if not self._open[follower]:
                    heappush(self._ready, follower)
            self._advance()
            if not self.left:
                self._finish()

    def stop(self) -> None:
        """Hands out nothing more; what was taken already is answered as usual."""
        with self._changed:
            self._finish()

    def wait(self, timeout_seconds: float) -> bool:
        """Waits until everything is done or stopped, at most so long; whether it is."""
        return self._finished.wait(timeout_seconds)

    def _has_ready(self) -> bool:
        return bool(self._ready) and self._ready[0] < self._oldest + WINDOW

    def _pop(self) -> int:
        index = heappop(self._ready)
        if self._has_ready():
            self._changed.notify()
        return index

    def _finish(self) -> None:
        self._finished.set()
        self._changed.notify_all()

    def _advance(self) -> None:
        while self._oldest < len(self._done) and self._done[self._oldest]:
            self._oldest += 1
