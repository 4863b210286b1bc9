"""When a calendar (RFC 5545) says that somebody is busy: from text to stretches of time.

Rules are followed by dateutil. Others wrote them, so how many and how long is bounded.
"""

import time as stopwatch
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar

from appointments.slots import Stretch, union

MOST_EVENTS = 5_000
MOST_STRETCHES = 5_000
LONGEST_SECONDS = 3.0
FREQUENCIES = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
WITHIN_DAYS = ("BYHOUR", "BYMINUTE", "BYSECOND")
WHICH_DAYS = ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO")
DAY = timedelta(days=1)
# So many years on, each date falls on the same day of the week again.
CYCLE_YEARS = 400
YEAR_MONTHS = 12


class NoCalendarError(ValueError):
    """The text is no calendar, or one that can not be followed."""


def busy_times(content: bytes, zone: ZoneInfo, first: datetime, last: datetime) -> list[Stretch]:
    """The stretches from ``first`` to ``last`` that opaque events take, in order and apart.

    Whole days, and times without a zone, are meant in ``zone``.

    Raises:
        NoCalendarError: it is no calendar, or longer than can be followed in three seconds.
    """
    deadline = stopwatch.monotonic() + LONGEST_SECONDS
    found: list[Stretch] = []
    for events in _by_uid(content).values():
        for stretch in _times_of(events, zone, first, last, _until(deadline)):
            found.append(stretch)
            if len(found) > MOST_STRETCHES:
                raise NoCalendarError("It has too many events.")
    return union(found)


def _until(deadline: float) -> Callable[[], None]:
    """What is called with each step, and refuses to take one more once time is over."""

    def step() -> None:
        if stopwatch.monotonic() > deadline:
            raise NoCalendarError("Its rules take too long to follow.")

    return step


def _by_uid(content: bytes) -> dict[str, list[Any]]:
    # Reading it costs more than counting.
    if content.count(b"BEGIN:VEVENT") > MOST_EVENTS:
        raise NoCalendarError("It has too many events.")
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
    events: Iterable[Any], zone: ZoneInfo, first: datetime, last: datetime, step: Callable[[], None]
) -> Iterator[Stretch]:
    """The times of an event and of those that replace some of its repetitions."""
    events = list(events)
    try:
        replaced = {
            _instant(event["RECURRENCE-ID"].dt, zone)
            for event in events
            if "RECURRENCE-ID" in event
        }
        for event in events:
            step()
            if "DTSTART" not in event or not _is_busy(event):
                continue
            start, length = _start_and_length(event, zone)
            for at in _starts(event, start, zone, first - length, last, step):
                is_replaced = at in replaced and "RECURRENCE-ID" not in event
                if at + length > first and not is_replaced and length:
                    yield Stretch(int(at.timestamp()), -int(-(at + length).timestamp() // 1))
    except NoCalendarError:
        raise
    except (ValueError, OverflowError, TypeError, AttributeError, LookupError) as error:
        # What is there twice comes as a list, what can not be read as a text.
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
    event: Any,
    start: datetime,
    zone: ZoneInfo,
    first: datetime,
    last: datetime,
    step: Callable[[], None],
) -> Iterator[datetime]:
    """When the event begins, in UTC, until ``last``; its own beginning always counts."""
    without = {_instant(one.dt, zone) for one in _dates(event, "EXDATE")}
    found = {_instant(one.dt, zone) for one in _dates(event, "RDATE")}
    found.add(start.astimezone(UTC))
    if "RRULE" in event and "RECURRENCE-ID" not in event:
        rules = event["RRULE"]
        for rule in rules if isinstance(rules, list) else [rules]:
            found.update(_repeated(rule, start, zone, first, last, step))
    yield from sorted(at for at in found - without if at < last)


def _repeated(
    rule: Any,
    start: datetime,
    zone: ZoneInfo,
    first: datetime,
    last: datetime,
    step: Callable[[], None],
) -> Iterator[datetime]:
    """When a rule comes, from ``first`` until ``last``, in UTC.

    Rules are followed on the wall on which the event begins, from shortly before ``first`` on, and
    centuries later: dateutil looks for what never comes until the calendar ends.
    """
    if set(rule.get("FREQ", [])) - FREQUENCIES:
        raise NoCalendarError("It repeats too often.")
    if min(rule.get("INTERVAL", [1])) < 1 or any(len(rule.get(one, [])) > 1 for one in WITHIN_DAYS):
        # The first never ends; the others are as many as the seconds of a year.
        raise NoCalendarError("It repeats too often.")
    wall, to = start.replace(tzinfo=None), _on_wall(last, start) + DAY
    # Far enough behind that what is still going on counts.
    soon = max(wall, _on_wall(first, start) - DAY)
    if "UNTIL" in rule:
        until = rule["UNTIL"][0]
        rest_of_day = timedelta() if isinstance(until, datetime) else DAY - timedelta(seconds=1)
        to = min(to, _on_wall(_instant(until, zone) + rest_of_day, start))
    if to < soon:
        return
    _name_days(rule, wall)
    years = (MAXYEAR - 1 - to.year) // CYCLE_YEARS * CYCLE_YEARS
    rule.pop("UNTIL", None)
    begins = _years_on(_shortly_before(rule, wall, soon), years)
    for far in _to_the_end(rrulestr(rule.to_ical().decode(), dtstart=begins)):
        step()
        at = _years_on(far, -years)
        if at > to:
            return
        if at >= soon:
            yield at.replace(tzinfo=start.tzinfo).astimezone(UTC)


def _to_the_end(repeats: Iterable[datetime]) -> Iterator[datetime]:
    try:
        yield from repeats
    except (ValueError, OverflowError):
        # Where the calendar ends, dateutil looks for one more year.
        return


def _name_days(rule: Any, start: datetime) -> None:
    """Says which days are meant where the rule leaves it to the event's own day."""
    if any(name in rule for name in WHICH_DAYS):
        return
    [frequency] = rule["FREQ"]
    if frequency == "YEARLY" and "BYMONTH" not in rule:
        rule["BYMONTH"] = [start.month]
    if frequency in {"YEARLY", "MONTHLY"}:
        rule["BYMONTHDAY"] = [start.day]


def _shortly_before(rule: Any, start: datetime, soon: datetime) -> datetime:
    """From when on the rule comes just as from ``start``, but for what is over by ``soon``.

    What is to come so many times must be counted from the start.
    """
    [frequency], [interval] = rule["FREQ"], rule.get("INTERVAL", [1])
    if "COUNT" in rule:
        return start
    if frequency in {"DAILY", "WEEKLY"}:
        period = timedelta(days=interval if frequency == "DAILY" else 7 * interval)
        return start + max((soon - start) // period - 1, 0) * period
    months = interval if frequency == "MONTHLY" else YEAR_MONTHS * interval
    passed = (soon.year - start.year) * YEAR_MONTHS + soon.month - start.month
    left_out = max(passed // months - 1, 0) * months
    if not left_out:
        return start
    year, month = divmod(start.year * YEAR_MONTHS + start.month - 1 + left_out, YEAR_MONTHS)
    return start.replace(year=year, month=month + 1, day=1)


def _on_wall(at: datetime, start: datetime) -> datetime:
    return at.astimezone(start.tzinfo).replace(tzinfo=None)


def _years_on(at: datetime, years: int) -> datetime:
    return at.replace(year=at.year + years)


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
