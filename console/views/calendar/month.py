"""The calendar's month: how many bookings each day has, in whole weeks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from appointments.selectors import moment
from appointments.slots import Stretch
from console.views.calendar.grid import week_of

A_DAY = timedelta(days=1)
WEEK_DAYS = 7


@dataclass(frozen=True)
class MonthDay:
    """A day as a month shows it; ``query`` is that of the day's own calendar."""

    day: date
    bookings: int
    is_open: bool
    is_of_month: bool
    query: str


@dataclass(frozen=True)
class Month:
    """The weeks in which a month lies."""

    weeks: Sequence[Sequence[MonthDay]]

    @property
    def bookings(self) -> int:
        """How many the month has."""
        return sum(one.bookings for week in self.weeks for one in week if one.is_of_month)


def month_days(day: date) -> list[date]:
    """The days of the weeks in which the month of a day lies."""
    first = day.replace(day=1)
    last = next_month(day) - A_DAY
    begins, ends = week_of(first)[0], week_of(last)[-1]
    return [begins + timedelta(days=n) for n in range((ends - begins).days + 1)]


def next_month(day: date) -> date:
    """The first day of the month after that of a day."""
    # Whatever the month, in 32 days from its first it is the next one.
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def days_of(stretches: Iterable[Stretch], zone: ZoneInfo) -> set[date]:
    """The days of a wall that have some of these times."""
    found: set[date] = set()
    for start, end in stretches:
        day, last = (moment(at).astimezone(zone).date() for at in (start, end - 1))
        found.update(day + timedelta(days=n) for n in range((last - day).days + 1))
    return found


def build_month(
    day: date,
    bookings: Mapping[date, int],
    opened: set[date],
    queries: Mapping[date, str],
) -> Month:
    """The month of a day, from how many bookings its days have, and on which somebody works."""
    days = [
        MonthDay(one, bookings.get(one, 0), one in opened, one.month == day.month, queries[one])
        for one in month_days(day)
    ]
    return Month([days[at : at + WEEK_DAYS] for at in range(0, len(days), WEEK_DAYS)])
