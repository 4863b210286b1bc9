"""Figures: how long people waited, and whether it was as long as they were told.

All is added up by PostgreSQL, out of what was rolled up (``WaitFigures``) and, for the days that
were not, out of the tickets themselves; so figures are complete whether or not days were rolled up.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db import connections, router
from django.utils.translation import gettext

from queues.models import WaitFigures
from waitlessq.cache import STATISTICS
from waitlessq.errors import InvalidInputError

LEAST_TICKETS = 20
"""With fewer, a share or a median says more about chance than about the queue."""

LEAST_FOR_MEDIAN = 5
LONGEST_PERIOD = timedelta(days=400)
DAYS_SHOWN = 7

# What a day's tickets come to, as rows of WaitFigures. A ticket counts in the queue that issued it,
# whose index leads here. ``part`` says of each queue from which business date on, and until when.
FROM_TICKETS = """
SELECT queue.provider_id, queue.id AS queue_id, ticket.service_id, ticket.business_date AS date,
    (extract(hour FROM local.at) * 2 + floor(extract(minute FROM local.at) / 30))::smallint
        AS half_hour,
    coalesce(array_agg(greatest(extract(epoch FROM ticket.called_at - ticket.issued_at), 0)::int)
        FILTER (WHERE ticket.called_at IS NOT NULL), '{}') AS waits,
    count(*) FILTER (WHERE ticket.called_at IS NULL AND ticket.ended_at IS NOT NULL) AS gone,
    count(told.waited) AS scored,
    count(*) FILTER (WHERE told.waited BETWEEN told.low AND told.high) AS inside,
    count(*) FILTER (WHERE told.waited > told.high) AS above,
    coalesce(sum(told.middle - told.waited), 0)::bigint AS error,
    coalesce(sum(abs(told.middle - told.waited)), 0)::bigint AS absolute_error
FROM part
JOIN queues_queue AS queue ON queue.id = part.queue_id
JOIN providers_location AS location ON location.id = queue.location_id
JOIN queues_ticket AS ticket ON coalesce(ticket.issued_by_id, ticket.queue_id) = part.queue_id
    AND ticket.business_date BETWEEN part.first AND part.last
CROSS JOIN LATERAL (SELECT ticket.issued_at AT TIME ZONE location.time_zone AS at) AS local
LEFT JOIN LATERAL (
    SELECT quote.low, quote.middle, quote.high,
        extract(epoch FROM quote.ended_at - quote.at)::int AS waited
    FROM queues_quote AS quote WHERE quote.ticket_id = ticket.id AND quote.outcome = 'called'
) AS told ON true
GROUP BY queue.id, ticket.service_id, ticket.business_date, half_hour
"""
CELLS = f"""
WITH part AS MATERIALIZED (
    SELECT asked.id AS queue_id, greatest(%(first)s::date, rolled.last + 1) AS first,
        %(last)s::date AS last
    FROM unnest(%(queues)s::bigint[]) AS asked (id), LATERAL (
        SELECT max(date) AS last FROM queues_waitfigures WHERE queue_id = asked.id
    ) AS rolled
), cells AS MATERIALIZED (
    SELECT date, queue_id, service_id, half_hour, waits, gone, scored, inside, above, error,
        absolute_error
    FROM queues_waitfigures
    WHERE queue_id = ANY(%(queues)s) AND date BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT date, queue_id, service_id, half_hour, waits, gone, scored, inside, above, error,
        absolute_error
    FROM ({FROM_TICKETS}) AS fresh
)
"""  # noqa: S608 (put together from constants)
# Of all, of each half hour, of each queue and service; of the waits and of what was told.
READ_FIGURES = f"""{CELLS}, waited AS (
    SELECT half_hour, queue_id, service_id, grouping(half_hour, queue_id) AS kind,
        count(*) AS called,
        percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY wait) AS quantiles
    FROM cells, unnest(waits) AS wait
    GROUP BY GROUPING SETS ((), (half_hour), (queue_id, service_id))
), told AS (
    SELECT half_hour, queue_id, service_id, grouping(half_hour, queue_id) AS kind,
        sum(gone) AS gone, sum(scored) AS scored, sum(inside) AS inside, sum(above) AS above,
        sum(error) AS error, sum(absolute_error) AS absolute_error
    FROM cells GROUP BY GROUPING SETS ((), (half_hour), (queue_id, service_id))
)
SELECT told.half_hour, told.queue_id, told.service_id,
    coalesce(called, 0), quantiles[1], quantiles[2],
    coalesce(gone, 0)::int, coalesce(scored, 0)::int, coalesce(inside, 0)::int,
    coalesce(above, 0)::int, coalesce(error, 0)::bigint, coalesce(absolute_error, 0)::bigint
FROM told LEFT JOIN waited
    ON waited.kind = told.kind
    AND waited.half_hour IS NOT DISTINCT FROM told.half_hour
    AND waited.queue_id IS NOT DISTINCT FROM told.queue_id
    AND waited.service_id IS NOT DISTINCT FROM told.service_id
"""  # noqa: S608 (put together from constants)
READ_MEDIAN = f"""{CELLS}
SELECT count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY wait)
FROM cells, unnest(waits) AS wait
"""  # noqa: S608 (put together from constants)
READ_DAYS = f"""{CELLS}, waited AS (
    SELECT date, queue_id, service_id, count(*) AS called,
        percentile_disc(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY wait) AS quantiles
    FROM cells, unnest(waits) AS wait GROUP BY date, queue_id, service_id
), told AS (
    SELECT date, queue_id, service_id, sum(gone) AS gone, sum(scored) AS scored,
        sum(inside) AS inside, sum(above) AS above, sum(error) AS error,
        sum(absolute_error) AS absolute_error
    FROM cells GROUP BY date, queue_id, service_id
)
SELECT told.date, told.queue_id, told.service_id,
    coalesce(called, 0), quantiles[1], quantiles[2], gone::int, scored::int, inside::int,
    above::int, error::bigint, absolute_error::bigint
FROM told LEFT JOIN waited ON waited.date = told.date AND waited.queue_id = told.queue_id
    AND waited.service_id IS NOT DISTINCT FROM told.service_id
ORDER BY told.date, told.queue_id, told.service_id
"""  # noqa: S608 (put together from constants)
# Both only grow: with each change of a ticket, and with each that the estimator took in, which says
# what came of quotes. What was rolled up comes to the same as before.
READ_VERSION = """
SELECT concat(sum(queue.sequence), '/', sum(saved.seen))
FROM queues_queue AS queue LEFT JOIN queues_savedforecast AS saved ON saved.queue_id = queue.id
WHERE queue.id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Period:
    """Business dates from ``first`` to ``last``, both in it."""

    first: date
    last: date

    @classmethod
    def of(cls, first: date | None, last: date | None, *, today: date) -> "Period":
        """From what was asked for; where nothing was, the seven days up to today.

        Raises:
            InvalidInputError: it ends before it begins, or is longer than 400 days.
        """
        last = last or max(today, first or today)
        first = first or last - timedelta(days=DAYS_SHOWN - 1)
        if first > last:
            raise InvalidInputError("until", gettext("The last day is before the first."))
        if last - first >= LONGEST_PERIOD:
            days = {"days": LONGEST_PERIOD.days}
            raise InvalidInputError("from", gettext("At most %(days)d days.") % days)
        return cls(first, last)

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Period":
        """As many days, just before."""
        first = self.first - timedelta(days=self.days)
        return Period(first, self.first - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Waits:
    """Of tickets that joined in some time: how many were called, and after how many seconds.

    None of fewer than five. ``gone`` left before they were called.
    """

    called: int
    median: int | None
    ninetieth: int | None
    gone: int


@dataclass(frozen=True, slots=True)
class Honesty:
    """Of tickets that were told a wait and were called: whether it came as they were told.

    Who left, let others go first or was sent to another queue is not among them: nobody knows how
    long their wait would have been. ``error`` and ``absolute_error`` are sums in seconds.
    """

    scored: int
    inside: int
    above: int
    error: int
    absolute_error: int

    @property
    def share(self) -> float | None:
        """The part that waited as long as they were told; None of too few."""
        return self.inside / self.scored if self.is_enough else None

    @property
    def mean_absolute_error(self) -> float | None:
        """By how many seconds what was most likely was off, on the mean; None of too few."""
        return self.absolute_error / self.scored if self.is_enough else None

    @property
    def bias(self) -> float | None:
        """The same with its sign: above 0, people were told more than they waited."""
        return self.error / self.scored if self.is_enough else None

    @property
    def is_enough(self) -> bool:
        """Whether there are enough tickets to say something."""
        return self.scored >= LEAST_TICKETS

    def __add__(self, other: "Honesty") -> "Honesty":
        return Honesty(
            self.scored + other.scored,
            self.inside + other.inside,
            self.above + other.above,
            self.error + other.error,
            self.absolute_error + other.absolute_error,
        )


NOBODY_TOLD = Honesty(0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of a half hour, or of a queue's service; of all, if it names nothing."""

    half_hour: int | None
    queue_id: int | None
    service_id: int | None
    waits: Waits
    told: Honesty


@dataclass(frozen=True, slots=True)
class Day:
    """The plain figures of a day, a queue and a service, however few the tickets."""

    date: date
    queue_id: int
    service_id: int | None
    waits: Waits
    told: Honesty


@dataclass(frozen=True, slots=True)
class Figures:
    """What waits came to in a period, and the median of the period before it in seconds."""

    period: Period
    overall: Part
    by_half_hour: Sequence[Part]
    by_queue: Sequence[Part]
    median_before: int | None

    @property
    def is_enough(self) -> bool:
        """Whether there are enough tickets to say something."""
        return self.overall.waits.called >= LEAST_TICKETS

    @property
    def told_by_hour(self) -> Mapping[int, Honesty]:
        """Whether it came as people were told, by the hour of joining."""
        hours: dict[int, Honesty] = {}
        for part in self.by_half_hour:
            hour = (part.half_hour or 0) // 2
            hours[hour] = hours.get(hour, NOBODY_TOLD) + part.told
        return {hour: told for hour, told in hours.items() if told.scored}


Read = Callable[[str, Sequence[int], Period], Sequence[Sequence[Any]]]


def kept_figures_of(queue_ids: Iterable[int], period: Period) -> Figures:
    """As ``figures_of``; what was added up is kept until something changes in one of the queues."""
    queues = sorted(queue_ids)
    with connections[router.db_for_read(WaitFigures)].cursor() as cursor:
        cursor.execute(READ_VERSION, [queues])
        [version] = cursor.fetchone()
    return figures_of(queues, period, read=partial(_kept_rows, version))


def figures_of(queue_ids: Iterable[int], period: Period, *, read: Read | None = None) -> Figures:
    """The figures of some queues together; two queries, whatever they add up.

    The caller answers for whose queues they are.
    """
    queues, read = list(queue_ids), read or _rows
    parts = [_part(row) for row in read(READ_FIGURES, queues, period)]
    [(before, median)] = read(READ_MEDIAN, queues, period.before)
    named = [part for part in parts if part.queue_id is not None]
    return Figures(
        period=period,
        overall=next(p for p in parts if p.half_hour is None and p.queue_id is None),
        by_half_hour=sorted(
            (part for part in parts if part.half_hour is not None),
            key=lambda part: part.half_hour or 0,
        ),
        # The slowest first.
        by_queue=sorted(named, key=lambda part: part.waits.median or -1, reverse=True),
        median_before=median if before >= LEAST_TICKETS else None,
    )


def days_of(queue_ids: Iterable[int], period: Period) -> list[Day]:
    """The figures of each day, queue and service; one query."""
    return [
        Day(day, queue, service, Waits(*waits), Honesty(*told))
        for day, queue, service, *numbers in _rows(READ_DAYS, list(queue_ids), period)
        for waits, told in [(numbers[:4], numbers[4:])]
    ]


def _kept_rows(
    version: str, statement: str, queues: Sequence[int], period: Period
) -> Sequence[Sequence[Any]]:
    """Rows, and not what is made of them: another release with the same statement knows those."""
    asked = repr((statement, queues, period.first, period.last))
    name = hashlib.sha256(asked.encode()).hexdigest()
    make = partial(_rows, statement, queues, period)
    return STATISTICS.get_or_make(name, make=make, version=version)


def _rows(statement: str, queues: Sequence[int], period: Period) -> Sequence[Sequence[Any]]:
    parameters: dict[str, Any] = {
        "queues": list(queues),
        "first": period.first,
        "last": period.last,
    }
    # Much to read, and no harm if it is a moment old: a replica's work.
    with connections[router.db_for_read(WaitFigures)].cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
        return rows


def _part(row: Sequence[Any]) -> Part:
    half_hour, queue_id, service_id, called, median, ninetieth, gone, *told = row
    return Part(
        half_hour, queue_id, service_id, _waits(called, median, ninetieth, gone), Honesty(*told)
    )


def _waits(called: int, median: int | None, ninetieth: int | None, gone: int) -> Waits:
    if called < LEAST_FOR_MEDIAN:
        return Waits(called, None, None, gone)
    return Waits(called, median, ninetieth, gone)
