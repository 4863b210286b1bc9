"""The wait estimate: from a queue's events to a range for everybody in its line.

Plain Python without Django: what stores the state, feeds it events and shows the answers stands
elsewhere. The method and how well it does: docs/forecast.md.
"""

from queues.forecast.bookings import Booking
from queues.forecast.estimate import Estimate
from queues.forecast.events import (
    Called,
    CounterChanged,
    Event,
    Finished,
    Joined,
    Left,
    Moved,
)
from queues.forecast.forecast import QueueForecast
from queues.forecast.half_hours import Calendar
from queues.forecast.shown import ShownWait, shown
from queues.forecast.what_if import Change, Compared, Prospect, what_if

__all__ = [
    "Booking",
    "Calendar",
    "Called",
    "Change",
    "Compared",
    "CounterChanged",
    "Estimate",
    "Event",
    "Finished",
    "Joined",
    "Left",
    "Moved",
    "Prospect",
    "QueueForecast",
    "ShownWait",
    "shown",
    "what_if",
]
