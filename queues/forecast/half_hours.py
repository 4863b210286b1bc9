"""Half hours of the week: 48 of a weekday and 48 of the weekend, in the location's own time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

HALF_HOUR = 1800
DAY = 86_400
SLOTS = 2 * DAY // HALF_HOUR
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
# 1970-01-01, day 0 of the epoch, was a Thursday; Monday is 0.
FIRST_WEEKDAY = 3


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where a queue stands in time. Weekdays count from Monday, 0."""

    zone: ZoneInfo
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})

    def local(self, at: float) -> float:
        """Seconds on the local wall clock since 1970, at an epoch second."""
        offset = datetime.fromtimestamp(at, self.zone).utcoffset()
        return at + (offset.total_seconds() if offset else 0.0)

    def day(self, at: float) -> int:
        """The number of the local day at an epoch second."""
        return int(self.local(at) // DAY)

    def slot(self, local: float) -> int:
        """The half hour of the week that a local second is in, from 0 to 95."""
        day, second = divmod(local, DAY)
        is_weekend = (int(day) + FIRST_WEEKDAY) % 7 in self.weekend
        return int(second // HALF_HOUR) + (SLOTS // 2 if is_weekend else 0)

    def pieces(self, at: float, seconds: float) -> Iterator[tuple[int, float]]:
        """Cuts a stretch of time into (slot, seconds), one for each half hour that it touches."""
        start = self.local(at)
        end = start + seconds
        while start < end:
            cut = min(end, (start // HALF_HOUR + 1) * HALF_HOUR)
            yield self.slot(start), cut - start
            start = cut
