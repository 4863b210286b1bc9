"""When a calendar (RFC 5545) says that somebody is busy: from text to stretches of time.

Rules are followed by dateutil. Others wrote them, so how many and how long is bounded.
"""

import time as stopwatch
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar

from appointments.slots import Stretch, union

MOST_EVENTS = 5_000
MOST_STRETCHES = 5_000
LONGEST_SECONDS = 10.0
FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
WITHIN_DAYS = ("BYHOUR", "BYMINUTE", "BYSECOND")
DAY = timedelta(days=1)


class NoCalendarError(ValueError):
    """The text is no calendar, or one that can not be followed."""


def busy_times(content: bytes, zone: ZoneInfo, first: datetime, last: datetime) -> list[Stretch]:
    """The stretches from ``first`` to ``last`` that opaque events take, in order and apart.

    Whole days, and times without a zone, are meant in ``zone``.

    Raises:
        NoCalendarError: it is no calendar, or longer than can be followed in ten seconds.
    """
    deadline = stopwatch.monotonic() + LONGEST_SECONDS
    found: list[Stretch] = []
    for events in _by_uid(content).values():
        if stopwatch.monotonic() > deadline:
            raise NoCalendarError("Its rules take too long to follow.")
        found += _times_of(events, zone, first, last)
        if len(found) > MOST_STRETCHES:
            raise NoCalendarError("It has too many events.")
    return union(found)


def _by_uid(content: bytes) -> dict[str, list[Any]]:
    try:
        calendar = Calendar.from_ical(content.decode("utf-8-sig", "replace"))
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise NoCalendarError("It is no calendar.") from error
    if calendar.name != "VCALENDAR":
        raise NoCalendarError("It is no calendar.")
    events: list[Any] = calendar.walk("VEVENT")
    if len(events) > MOST_EVENTS:
        raise NoCalendarError("It has too many events.")
    found: dict[str, list[Any]] = defaultdict(list)
    for number, event in enumerate(events):
        found[str(event.get("UID", number))].append(event)
    return found


def _times_of(
    events: Iterable[Any], zone: ZoneInfo, first: datetime, last: datetime
) -> Iterator[Stretch]:
    """The times of an event and of those that replace some of its repetitions."""
    events = list(events)
    replaced = {
        _instant(event["RECURRENCE-ID"].dt, zone) for event in events if "RECURRENCE-ID" in event
    }
    for event in events:
        if "DTSTART" not in event or not _is_busy(event):
            continue
        try:
            start, length = _start_and_length(event, zone)
            starts = _starts(event, start, zone, first - length, last)
            for at in starts:
                is_replaced = at in replaced and "RECURRENCE-ID" not in event
                if at + length > first and not is_replaced and length:
                    yield Stretch(int(at.timestamp()), -int(-(at + length).timestamp() // 1))
        except (ValueError, OverflowError, TypeError, AttributeError, KeyError) as error:
            raise NoCalendarError("An event can not be followed.") from error


def _is_busy(event: Any) -> bool:
    is_opaque = str(event.get("TRANSP", "OPAQUE")).upper() != "TRANSPARENT"
    return is_opaque and str(event.get("STATUS", "")).upper() != "CANCELLED"


def _start_and_length(event: Any, zone: ZoneInfo) -> tuple[datetime, timedelta]:
    said = event["DTSTART"].dt
    start = _wall(said, zone)
    if "DTEND" in event:
        return start, max(_instant(event["DTEND"].dt, zone) - start.astimezone(UTC), timedelta())
    if "DURATION" in event:
        return start, max(event["DURATION"].dt, timedelta())
    return start, timedelta() if isinstance(said, datetime) else DAY


def _starts(
    event: Any, start: datetime, zone: ZoneInfo, first: datetime, last: datetime
) -> Iterator[datetime]:
    """When the event begins, in UTC, until ``last``; its own beginning always counts."""
    without = {_instant(one.dt, zone) for one in _dates(event, "EXDATE")}
    found = {_instant(one.dt, zone) for one in _dates(event, "RDATE")}
    found.add(start.astimezone(UTC))
    if "RRULE" in event and "RECURRENCE-ID" not in event:
        found.update(_repeated(event["RRULE"], start, zone, first, last))
    yield from sorted(at for at in found - without if at < last)


def _repeated(
    recurrence: Any, start: datetime, zone: ZoneInfo, first: datetime, last: datetime
) -> Iterator[datetime]:
    rule = recurrence[0] if isinstance(recurrence, list) else recurrence
    if set(rule.get("FREQ", [])) - FREQUENCIES:
        raise NoCalendarError("It repeats too often.")
    if min(rule.get("INTERVAL", [1])) < 1 or any(len(rule.get(one, [])) > 1 for one in WITHIN_DAYS):
        # The first never ends; the others are as many as the seconds of a year.
        raise NoCalendarError("It repeats too often.")
    if "UNTIL" in rule:
        until = rule["UNTIL"][0]
        is_day = not isinstance(until, datetime)
        rule["UNTIL"] = [_instant(until, zone) + (DAY if is_day else timedelta())]
    repeats = rrulestr(rule.to_ical().decode(), dtstart=start)
    # Far enough behind that what is still going on counts; wall times of one zone compare as such.
    soon = (first - DAY).astimezone(start.tzinfo)
    for at in takewhile(lambda at: at.astimezone(UTC) < last, repeats.xafter(soon, inc=True)):
        yield at.astimezone(UTC)


def _dates(event: Any, name: str) -> Iterator[Any]:
    found = event.get(name, [])
    for one in found if isinstance(found, list) else [found]:
        yield from one.dts


def _wall(said: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(said, datetime):
        return datetime.combine(said, time(), tzinfo=zone)
    return said if said.tzinfo is not None else said.replace(tzinfo=zone)


def _instant(said: date | datetime, zone: ZoneInfo) -> datetime:
    return _wall(said, zone).astimezone(UTC)
