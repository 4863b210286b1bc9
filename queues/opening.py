"""How a queue stands by the hours of its location: plain functions, without the database.

The hours open and close a queue; what a person does about its status counts until the hours next
open or close it. Between two openings of the same day (a break at noon) the day does not end.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format

from providers.hours import Hours, Interval
from queues.models import QueueStatus

LOOK_AGAIN = timedelta(seconds=30)
"""While the rest is served: how soon it is asked whether anybody is left."""

LOOK_BACK = timedelta(days=8)
DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Standing:
    """A queue's status, whether a person chose it, when to look again, and when it opens next."""

    status: QueueStatus
    by_hand: bool
    turns_at: datetime | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What becomes of a standing.

    ``day_ends`` says that whoever is left is not served today any more. ``day_begins`` is when the
    hours opened it: whoever is left from earlier dates was forgotten, or carried over.
    """

    standing: Standing
    day_ends: bool = False
    day_begins: datetime | None = None


def turn(
    before: Standing, hours: Hours, at: datetime, *, has_rest: bool, closing_window: timedelta
) -> Turn:
    """How a queue stands at an instant, after it stood as ``before``.

    ``has_rest`` says whether anybody is in the queue still; they are served for
    ``closing_window`` after closing. Asked again at the same instant it changes nothing.
    """
    is_due = before.turns_at is not None and before.turns_at <= at
    opens_at = hours.opens_next(at)
    is_own = before.by_hand and not is_due
    if hours.is_open(at):
        closes_at = hours.closes_next(at)
        if is_own:
            return Turn(
                Standing(before.status, by_hand=True, turns_at=closes_at, opens_at=opens_at)
            )
        opened = Standing(QueueStatus.OPEN, by_hand=False, turns_at=closes_at, opens_at=opens_at)
        began = _last(hours, at + timedelta(microseconds=1)).start
        return Turn(opened, day_begins=began if is_due else None)
    if is_own:
        return Turn(Standing(before.status, by_hand=True, turns_at=opens_at, opens_at=opens_at))
    if before.status == QueueStatus.CLOSED and not before.by_hand:
        return Turn(Standing(before.status, by_hand=False, turns_at=opens_at, opens_at=opens_at))
    last = _last(hours, at)
    if before.status != QueueStatus.CLOSED and has_rest and at < last.end + closing_window:
        again = min(filter(None, (at + LOOK_AGAIN, last.end + closing_window, opens_at)))
        return Turn(Standing(QueueStatus.CLOSING, by_hand=False, turns_at=again, opens_at=opens_at))
    closed = Standing(QueueStatus.CLOSED, by_hand=False, turns_at=opens_at, opens_at=opens_at)
    return Turn(closed, day_ends=not _is_break(last, opens_at, hours))


def _last(hours: Hours, before: datetime) -> Interval:
    """The last interval that began before an instant, not before a week ago."""
    since = before - LOOK_BACK
    found = Interval(since, since)
    for interval in hours.between(since, before):
        found = interval
    return found


def _is_break(last: Interval, opens_at: datetime | None, hours: Hours) -> bool:
    """Whether it opens again on the date on which it opened last."""
    if opens_at is None:
        return False
    dates = {at.astimezone(hours.zone).date() for at in (last.start, opens_at)}
    return len(dates) == 1


def opening_words(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """When it opens, as short as it can be said: "08:00", "Tue 08:00" or "Tue 1 Dec, 08:00"."""
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    clock_time = f"{local:%H:%M}"
    days = (local.date() - today).days
    if days == 0:
        return clock_time
    if days < DAYS_A_WEEK:
        return f"{date_format(local, 'D')} {clock_time}"
    return f"{date_format(local, 'D j M')}, {clock_time}"
