"""Weekly rules of RFC 5545, and the stretches of time that they mean."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from appointments.slots import Stretch
from waitlessq.walltime import instant

DAY = timedelta(days=1)
# How often a rule comes and when it ends is said by the rule's dates, not twice.
PARTS = {"FREQ", "INTERVAL", "BYDAY", "WKST"}
MOST_WEEKS = 52


class RecurrenceError(ValueError):
    """The rule is none that can be followed; says why."""


def check_recurrence(text: str) -> str:
    """The rule as it is kept: in capitals, its parts in order.

    Raises:
        RecurrenceError: it is no weekly rule.
    """
    parts = dict(part.partition("=")[::2] for part in text.upper().strip().split(";") if part)
    if parts.get("FREQ") != "WEEKLY":
        raise RecurrenceError("Begin with FREQ=WEEKLY.")
    if unknown := sorted(parts.keys() - PARTS):
        raise RecurrenceError(f"{unknown[0]} can not be used here; use {', '.join(sorted(PARTS))}.")
    interval = parts.get("INTERVAL", "1")
    if not interval.isascii() or not interval.isdigit() or not 1 <= int(interval) <= MOST_WEEKS:
        raise RecurrenceError(f"INTERVAL is 1 to {MOST_WEEKS} weeks.")
    tidy = ";".join(f"{name}={parts[name]}" for name in sorted(parts, key=_order))
    try:
        rrulestr(tidy, dtstart=datetime(2026, 1, 1))  # noqa: DTZ001 (rules are wall time)
    except (ValueError, TypeError, AttributeError) as error:
        raise RecurrenceError("BYDAY lists days like MO,TU.") from error
    if any(day not in WEEKDAYS for day in parts.get("BYDAY", "MO").split(",")):
        raise RecurrenceError("BYDAY lists days like MO,TU.")
    return tidy


WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _order(name: str) -> int:
    return ("FREQ", "INTERVAL", "BYDAY", "WKST").index(name)


def weekdays_of(recurrence: str, since: date) -> list[int] | None:
    """The days, 0 for Monday, of a rule that comes every week; None if it does not."""
    parts = dict(part.partition("=")[::2] for part in recurrence.split(";"))
    if parts.get("INTERVAL", "1") != "1":
        return None
    days = parts.get("BYDAY", WEEKDAYS[since.weekday()])
    return [WEEKDAYS.index(day) for day in days.split(",")]


# A provider's resources mostly share a few patterns of work: each is worked out once.
@lru_cache(maxsize=4096)
def dates_of(recurrence: str, since: date, first: date, last: date) -> tuple[date, ...]:
    """The days from ``first`` to ``last`` on which a rule that counts from ``since`` comes."""
    midnight = time()
    rule = rrulestr(recurrence, dtstart=datetime.combine(since, midnight))
    found = rule.between(
        datetime.combine(first, midnight), datetime.combine(last, midnight), inc=True
    )
    return tuple(at.date() for at in found)


@lru_cache(maxsize=4096)
def stretches_of(
    recurrence: str, since: date, until: date | None, starts: time, ends: time, zone: ZoneInfo,
    within: Stretch,
) -> tuple[Stretch, ...]:  # fmt: skip
    """What a rule means from ``within.start`` to ``within.end``: stretches that reach into it.

    What ends no later than it starts, ends on the next day. A wall time that a change of clocks
    jumps over is moved on, of one that comes twice the first is meant; what is left of a stretch
    that the change swallows is nothing.
    """
    # What runs past midnight belongs to the day before.
    first = max(since, _date(within.start, zone) - DAY)
    last = _date(within.end, zone)
    if until is not None:
        last = min(last, until)
    if last < first:
        return ()
    found = []
    for day in dates_of(recurrence, since, first, last):
        start = _seconds(instant(day, starts, zone))
        end = _seconds(instant(day + DAY if ends <= starts else day, ends, zone))
        if start < end and start < within.end and end > within.start:
            found.append(Stretch(start, end))
    return tuple(found)


def _date(at: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(zone).date()


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
