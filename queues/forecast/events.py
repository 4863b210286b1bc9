"""What happens to a queue, as far as waits depend on it.

Each event has the queue's sequence number, by which it is known again, and an aware time.
"""

from dataclasses import dataclass
from datetime import datetime

from queues.forecast.bookings import Booking


@dataclass(frozen=True, slots=True)
class Joined:
    """A ticket came into the line, at the place that its order key gives it.

    ``people`` come with it; ``bookings`` are those that were due at that time.
    """

    sequence: int
    at: datetime
    ticket: int
    order_key: datetime
    service: str = ""
    priority: int = 0
    people: int = 1
    bookings: tuple[Booking, ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """A ticket left the line for a counter. A repeated call is none."""

    sequence: int
    at: datetime
    ticket: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A called ticket freed its counter; ``served`` is False if nobody came or it was cancelled."""

    sequence: int
    at: datetime
    ticket: int
    served: bool = True


@dataclass(frozen=True, slots=True)
class Left:
    """A waiting ticket went out of the line.

    ``gave_up`` is False if another line took it in, or it comes back in some minutes.
    """

    sequence: int
    at: datetime
    ticket: int
    gave_up: bool = True


@dataclass(frozen=True, slots=True)
class Moved:
    """A waiting ticket went to another place in the line."""

    sequence: int
    at: datetime
    ticket: int
    order_key: datetime


@dataclass(frozen=True, slots=True)
class CounterChanged:
    """A counter that serves the queue opened or closed."""

    sequence: int
    at: datetime
    counter: int
    is_open: bool


Event = Joined | Called | Finished | Left | Moved | CounterChanged
