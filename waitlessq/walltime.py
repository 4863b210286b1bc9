"""From what a clock on the wall says to the instant that it means."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def instant(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which a clock in ``zone`` shows ``wall`` on ``day``.

    A time that the clock jumps over means so much later as it jumps (02:30 becomes 03:30); of one
    that it shows twice the first is meant. ``fold`` and a zone that ``wall`` may have do not count.
    """
    return datetime.combine(day, wall.replace(fold=0), tzinfo=zone).astimezone(UTC)
