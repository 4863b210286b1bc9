"""What if a queue had more counters, or fewer? Asking changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from queues.errors import NoEstimateError
from queues.forecast import Change, Compared, Prospect, what_if
from queues.models import Queue
from queues.snapshot import read_forecast
from queues.waits import CALLS_TO_TELL, Wait, wait_of
from waitlessq import clock
from waitlessq.errors import InvalidInputError
from waitlessq.walltime import instant

MOST_COUNTERS = 20


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody in line, or who would join: what they are told now and what they would be told.

    ``then`` is None for who would not be called.
    """

    code: str
    now: Wait
    then: Wait | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer for the whole line, in call order, and for who would join at ``as_of``."""

    as_of: datetime
    open_counters: int
    line: Sequence[Place]
    newcomer: Place


def with_counters(
    queue: Queue, *, counters: int, start: time | None = None, end: time | None = None
) -> WhatIf:
    """How long people would wait with so many counters more, or fewer if below 0.

    ``start`` and ``end`` are of today, by the location's clock: None is now, and for good.

    Raises:
        InvalidInputError: so many can not be opened or closed, or the times are over or reversed.
        NoEstimateError: nobody can say how long people wait now.
    """
    if not 1 <= abs(counters) <= MOST_COUNTERS:
        limits = {"most": MOST_COUNTERS}
        raise InvalidInputError("counters", gettext("From 1 to %(most)d, or fewer.") % limits)
    now = clock.now()
    change = _change(counters, start, end, now, queue.location.zone)
    forecast, bookings, codes = read_forecast(queue.pk, now)
    known = forecast is not None and forecast.calls_known >= CALLS_TO_TELL
    prospect = forecast.prospect(now, bookings) if forecast is not None and known else None
    if prospect is None:
        raise NoEstimateError(gettext("Nobody can say yet how long people wait here."))
    _check_open(counters, prospect)
    *line, newcomer = (_place(one, codes) for one in what_if(prospect, change))
    return WhatIf(now, prospect.counters, line, newcomer)


def _change(
    counters: int, start: time | None, end: time | None, now: datetime, zone: ZoneInfo
) -> Change:
    today = clock.local_date(zone)
    begins = now
    if start is not None:
        begins = instant(today, start, zone)
        # The minute that one types is not over while it lasts.
        if begins < now.replace(second=0, microsecond=0):
            message = gettext("%(time)s is over.") % {"time": f"{start:%H:%M}"}
            raise InvalidInputError("from", message)
    ends = None if end is None else instant(today, end, zone)
    if ends is not None and ends <= max(begins, now):
        raise InvalidInputError("until", gettext("That is not after the beginning."))
    return Change(
        counters,
        max((begins - now).total_seconds(), 0.0),
        None if ends is None else (ends - now).total_seconds(),
    )


def _check_open(counters: int, prospect: Prospect) -> None:
    if -counters > prospect.counters:
        there = {"counters": prospect.counters}
        message = gettext("So many are not open. Open now: %(counters)d.") % there
        raise InvalidInputError("counters", message)


def _place(compared: Compared, codes: Mapping[int, str]) -> Place:
    ticket = compared.now.ticket
    then = None if compared.then is None else wait_of(compared.then)
    return Place("" if ticket is None else codes.get(ticket, ""), wait_of(compared.now), then)
