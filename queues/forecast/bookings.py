"""Who has booked a time and may come before others are called.

A booking that is due stands in line before its holder does: behind whoever has a smaller order
key, with the weight of its chance of coming, as soon as its holder may be there.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

COMES_EARLY = timedelta(minutes=5)
"""Before the time that was booked; in the simulated log it is 4 minutes in the median."""

COMES_LATE = timedelta(minutes=10)
"""Whoever is later than that is not waited for: 19 in 20 of those who come were there."""

LOOKED_AHEAD = timedelta(hours=4)
"""Later bookings are not due yet, and matter to nobody who waits now."""

LATE_CHANCE = 0.5
"""Of who did not come in time, as many come as those who never come, and some more."""


class Booking(NamedTuple):
    """A booking whose holder has not come.

    ``comes_at`` is when they may be expected, and ``order_key`` their place in line from then on;
    ``chance`` is that they come at all.
    """

    comes_at: datetime
    order_key: datetime
    chance: float


class Coming(NamedTuple):
    """A booking as the line sees it: from which place on it counts, in how many seconds."""

    place: int
    seconds: float
    chance: float


def expected_at(starts_at: datetime, now: datetime) -> datetime:
    """When the holder of a booking that is due may be expected."""
    return max(starts_at - COMES_EARLY, now)


def chance_of(show_rate: float, starts_at: datetime, now: datetime) -> float:
    """The chance that somebody comes who is not there ``now``."""
    return show_rate if now <= starts_at else show_rate * LATE_CHANCE


def coming(
    bookings: Iterable[Booking], keys: Sequence[tuple[float, int]], at: float, before: float
) -> list[Coming]:
    """The bookings that go before ``before``, an order key, in a line with these ``keys``."""
    return sorted(
        Coming(
            bisect_left(keys, (booking.order_key.timestamp(), 0)),
            booking.comes_at.timestamp() - at,
            booking.chance,
        )
        for booking in bookings
        if booking.order_key.timestamp() < before
    )
