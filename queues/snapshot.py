"""The queue snapshot: the one public document that everybody who waits reads.

It is a function of the queue's sequence number, and its waits of the time as well: built once for
each change and now and then between, kept in the cache under that number, and never wrong when
the cache is gone. It names nobody.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db import connection

from queues.bookings import DUE_NOW, bookings_from
from queues.forecast import Booking, QueueForecast
from queues.models import Queue, QueueStatus
from queues.waits import (
    EVENT_ROW,
    TICKET_OF_EVENT,
    UNSEEN_READ,
    Wait,
    Waits,
    forecast_from,
    take_in,
    waits_of,
)
from waitlessq import clock
from waitlessq.cache import NEWEST_SNAPSHOT, SNAPSHOT

FORMAT = 5
"""Grows when the document's shape changes, so that old copies are not taken for new ones."""

NOT_YET = {QueueStatus.CLOSED, QueueStatus.CLOSING}
"""It says when it opens."""

CODES_LISTED = 300
RANGES_LISTED = 100

MISTAKES_AMONG = 20
"""A call that was taken back is said for so many changes of the queue."""

FRESH_SECONDS = 30
"""Waits that are older are not handed out; relays renew them earlier."""

# What everybody may know, and what it takes to say how long they wait: the stored estimator, unless
# one is known, and what it has not seen. One statement, so one moment. The arrays are in call
# order; they are NULL where nobody waits.
READ_QUEUES = f"""
SELECT queue.id, queue.name, queue.status, queue.sequence,
    queue.opens_at, queue.early_join, queue.remote_join, queue.status_by_hand,
    (SELECT count(*) FROM queues_counter AS counter JOIN queues_counter_queues AS serves
        ON serves.counter_id = counter.id WHERE serves.queue_id = queue.id AND counter.is_open),
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', ticket.code, 'counter', counter.name,
            'state', ticket.state, 'call_count', ticket.call_count, 'called_at', ticket.called_at,
            'come_by', ticket.come_by,
            'date', CASE WHEN ticket.business_date < queue.last_number_date
                THEN ticket.business_date END)
            ORDER BY ticket.called_at DESC, ticket.id DESC), '[]')
        FROM queues_ticket AS ticket
        JOIN queues_counter AS counter ON counter.id = ticket.counter_id
        WHERE ticket.queue_id = queue.id AND ticket.state IN ('called', 'serving')),
    (SELECT coalesce(array_agg(ticket.code ORDER BY event.sequence), '{{}}')
        FROM queues_ticketevent AS event JOIN queues_ticket AS ticket ON ticket.id = event.ticket_id
        WHERE event.queue_id = queue.id AND event.sequence > queue.sequence - {MISTAKES_AMONG}
        AND event.type = 'undone' AND event.data ->> 'undoes' = 'called'
        AND ticket.state = 'waiting' AND ticket.queue_id = queue.id AND NOT EXISTS (
            SELECT FROM queues_ticketevent AS later
            WHERE later.ticket_id = ticket.id AND later.id > event.id)),
    coalesce(waiting.ids, '{{}}'), coalesce(waiting.numbers, '{{}}'),
    coalesce(waiting.codes, '{{}}'), coalesce(waiting.are_served, '{{}}'),
    location.time_zone, coalesce(known.sequence, saved.sequence, 0),
    CASE WHEN known.sequence IS NULL THEN saved.state END,
    (SELECT coalesce(jsonb_agg({EVENT_ROW} ORDER BY event.sequence), '[]')
        FROM queues_ticketevent AS event
        {TICKET_OF_EVENT}
        WHERE event.queue_id = queue.id
        AND event.sequence > coalesce(known.sequence, saved.sequence, 0)
        AND queue.sequence - coalesce(known.sequence, saved.sequence, 0) <= {UNSEEN_READ}),
    {DUE_NOW}
FROM queues_queue AS queue
JOIN providers_location AS location ON location.id = queue.location_id
LEFT JOIN queues_savedforecast AS saved ON saved.queue_id = queue.id
LEFT JOIN unnest(%(known)s::bigint[], %(known_sequences)s::bigint[])
    AS known (queue_id, sequence) ON known.queue_id = queue.id, LATERAL (
    SELECT coalesce(bool_or(does.service_id IS NULL), false) AS does_all,
        coalesce(array_agg(does.service_id), '{{}}') AS service_ids
    FROM queues_counter AS counter
    JOIN queues_counter_queues AS serves ON serves.counter_id = counter.id
    LEFT JOIN queues_counter_services AS does ON does.counter_id = counter.id
    WHERE serves.queue_id = queue.id AND counter.is_open
) AS able, LATERAL (
    SELECT array_agg(id ORDER BY order_key, id) AS ids,
        array_agg(number ORDER BY order_key, id) AS numbers,
        array_agg(code ORDER BY order_key, id) AS codes,
        array_agg(service_id IS NULL OR able.does_all OR service_id = ANY(able.service_ids)
            ORDER BY order_key, id) AS are_served
    FROM queues_ticket WHERE queue_id = queue.id AND state = 'waiting'
) AS waiting
WHERE queue.id = ANY(%(queues)s)
"""  # noqa: S608 (put together from constants)

LINE_FROM = 11
"""Where in its rows the line begins: ids, numbers, codes, who is served; then the estimator.

The last column has the bookings that are due.
"""


@dataclass(frozen=True, slots=True)
class CalledTicket:
    """A ticket at a counter. Times are ISO 8601 in UTC.

    ``come_by`` is when it is a no-show by itself; None for never. ``date`` is that of a number of
    an earlier day, since today somebody else may have it.
    """

    code: str
    counter: str
    state: str
    call_count: int
    called_at: str
    come_by: str | None
    date: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a queue shows. ``waiting`` has the first codes in call order.

    Past 300, ``waiting_ranges`` has runs of numbers ``[first, last]`` in call order, 100 of them
    at the most, so that the size has a bound; ``waiting_total`` counts everybody. ``waits`` are
    those of ``waiting``, in seconds from ``as_of``: low, most likely, high; None, or no list at
    all, where nobody can tell. ``newcomer`` is the wait of who would join at ``as_of``.
    ``called_by_mistake`` are who waits after a call that was just taken back.

    ``opens_at`` is when a queue that takes nobody opens, and ``joins_from`` when one can join it
    before that; on the location's clock, with its offset. ``remote_join`` is whether one can join
    from a phone at all.
    """

    queue: int
    name: str
    status: str
    sequence: int
    opens_at: str | None
    joins_from: str | None
    remote_join: bool
    open_counters: int
    called: list[CalledTicket]
    called_by_mistake: list[str]
    waiting_total: int
    waiting: list[str]
    waiting_ranges: list[tuple[str, str]]
    as_of: str
    waits: list[Wait | None]
    newcomer: Wait | None


@dataclass(frozen=True, slots=True)
class Built:
    """A queue's document, and what only we know of it: the wait of each ticket."""

    document: dict[str, Any]
    waits: Mapping[int, Wait]


def read_snapshot(queue: Queue) -> dict[str, Any]:
    """The snapshot at the queue's sequence number or newer; from the cache, else built.

    Raises:
        Queue.DoesNotExist: there is no such queue any more.
    """
    for document in read_snapshots([queue]).values():
        return document
    raise Queue.DoesNotExist


def read_snapshots(queues: Iterable[Queue]) -> dict[int, dict[str, Any]]:
    """``read_snapshot`` of several queues by their ids, at the cost of one."""
    keys = {SNAPSHOT.key(FORMAT, queue.pk, queue.sequence): queue.pk for queue in queues}
    now = clock.now()
    kept = {
        keys[key]: document
        for key, document in cache.get_many(keys).items()
        if _is_fresh(document, now)
    }
    missing = set(keys.values()) - kept.keys()
    if not missing:
        return kept
    built = {pk: one.document for pk, one in build_snapshots(missing).items()}
    keep_snapshots(built.values())
    return kept | built


def etag(document: Mapping[str, Any]) -> str:
    """The entity tag of a snapshot."""
    as_of = int(datetime.fromisoformat(document["as_of"]).timestamp())
    return f'"{FORMAT}-{document["queue"]}-{document["sequence"]}-{as_of}"'


def build_snapshot(queue_id: int) -> dict[str, Any]:
    """The document of a queue as of now.

    Raises:
        Queue.DoesNotExist: there is no such queue.
    """
    for built in build_snapshots([queue_id]).values():
        return built.document
    raise Queue.DoesNotExist


def build_snapshots(
    queue_ids: Collection[int], known: Mapping[int, tuple[int, QueueForecast]] | None = None
) -> dict[int, Built]:
    """The documents of queues as of now, of those that exist; one statement, so one moment.

    ``known`` are estimators that are as of a sequence number, so that the stored ones need not be
    brought there once more. What happened since is taken in.
    """
    now = clock.now().replace(microsecond=0)
    known = known or {}
    forecasts = {queue_id: forecast for queue_id, (_, forecast) in known.items()}
    rows = _read_queues(queue_ids, now, {pk: sequence for pk, (sequence, _) in known.items()})
    return {row[0]: _built(row, now, forecasts.get(row[0])) for row in rows}


class Foreseen(NamedTuple):
    """A queue's estimator as of now, if it is near enough, and what it is to be asked about.

    ``bookings`` are due; ``codes`` those of who waits, by ticket.
    """

    forecast: QueueForecast | None
    bookings: Sequence[Booking]
    codes: Mapping[int, str]


def read_forecast(queue_id: int, now: datetime) -> Foreseen:
    """What is foreseen for a queue.

    Raises:
        Queue.DoesNotExist: there is no such queue.
    """
    for row in _read_queues([queue_id], now):
        ids, _, codes, _, *stored, due = row[LINE_FROM:]
        bookings = bookings_from(json.loads(due), now)
        return Foreseen(_forecast(row[3], stored), bookings, dict(zip(ids, codes, strict=True)))
    raise Queue.DoesNotExist


def keep_snapshots(documents: Iterable[dict[str, Any]]) -> None:
    """Puts documents where the next reader finds them."""
    keyed = {}
    for one in documents:
        keyed[SNAPSHOT.key(FORMAT, one["queue"], one["sequence"])] = one
        keyed[NEWEST_SNAPSHOT.key(FORMAT, one["queue"])] = one
    cache.set_many(keyed, SNAPSHOT.seconds)


def last_kept_snapshot(queue_id: int) -> dict[str, Any] | None:
    """What the queue looked like when somebody last looked, for when nobody can look."""
    kept: dict[str, Any] | None = cache.get(NEWEST_SNAPSHOT.key(FORMAT, queue_id))
    return kept


def _read_queues(
    queue_ids: Collection[int], now: datetime, known: Mapping[int, int] | None = None
) -> list[tuple[Any, ...]]:
    known = known or {}
    parameters: dict[str, Any] = {
        "queues": list(queue_ids),
        "now": now,
        "known": list(known),
        "known_sequences": list(known.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(READ_QUEUES, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _is_fresh(document: Mapping[str, Any], now: datetime) -> bool:
    """Whether nothing in it has run down; without waits nothing can."""
    if not document["waits"]:
        return True
    age = now - datetime.fromisoformat(document["as_of"])
    return age.total_seconds() <= FRESH_SECONDS


def _built(row: tuple[Any, ...], now: datetime, known: QueueForecast | None = None) -> Built:
    queue, name, status, sequence, *rest = row
    opening, (open_counters, called, mistakes, *_) = rest[:4], rest[4:]
    ids, numbers, codes, are_served, *stored, due = row[LINE_FROM:]
    opens = _opening(status, opening, ZoneInfo(stored[0]), now)
    waits = Waits()
    if open_counters or opens.wait is not None:
        forecast = _forecast(sequence, stored, known)
        bookings = bookings_from(json.loads(due), now)
        waits = Waits() if forecast is None else waits_of(forecast, now, opens.wait, bookings)
    # Whom no open counter can serve, nobody can tell; before the opening, counters are to open.
    able = [
        pk
        for pk, is_served in zip(ids, are_served, strict=True)
        if is_served or opens.wait is not None
    ]
    by_ticket = {pk: waits.by_ticket[pk] for pk in able if pk in waits.by_ticket}
    listed = [by_ticket.get(ticket) for ticket in ids[:CODES_LISTED]]
    snapshot = Snapshot(
        queue=queue,
        name=name,
        status=status,
        sequence=sequence,
        opens_at=opens.at,
        joins_from=opens.joins_from,
        remote_join=opens.remote_join,
        open_counters=open_counters,
        called=_called(called),
        called_by_mistake=mistakes,
        as_of=now.isoformat(),
        waits=listed if any(listed) else [],
        newcomer=waits.newcomer if status == QueueStatus.OPEN else None,
        **_line(zip(numbers, codes, strict=True)),
    )
    return Built(asdict(snapshot), by_ticket)


def _forecast(
    sequence: int, stored: Sequence[Any], known: QueueForecast | None = None
) -> QueueForecast | None:
    """The estimator at the queue's sequence number; None while the stored one is far behind it."""
    time_zone, seen, state, unseen = stored
    forecast = known or forecast_from(json.loads(state or "{}"), ZoneInfo(time_zone))
    if forecast is None or sequence - seen > UNSEEN_READ:
        return None
    take_in(forecast, json.loads(unseen))
    return forecast


class _Opening(NamedTuple):
    """What a snapshot says of the opening, and in how many seconds people are served."""

    at: str | None
    joins_from: str | None
    remote_join: bool
    wait: float | None


def _opening(status: str, row: Sequence[Any], zone: ZoneInfo, now: datetime) -> _Opening:
    opens_at, early_join, remote_join, by_hand = row
    if status not in NOT_YET or opens_at is None or opens_at <= now:
        return _Opening(None, None, remote_join, None)
    is_by_hours = status == QueueStatus.CLOSED and not by_hand
    joins_from = opens_at - early_join if is_by_hours and early_join else None
    return _Opening(
        opens_at.astimezone(zone).isoformat(),
        joins_from and joins_from.astimezone(zone).isoformat(),
        remote_join,
        (opens_at - now).total_seconds() if is_by_hours else None,
    )


def _called(rows: str) -> list[CalledTicket]:
    return [CalledTicket(**row) for row in json.loads(rows)]


def _line(numbered: Iterable[tuple[int, str]]) -> dict[str, Any]:
    line = list(numbered)
    runs = list(_runs(line[CODES_LISTED:]))
    return {
        "waiting_total": len(line),
        "waiting": [code for _, code in line[:CODES_LISTED]],
        "waiting_ranges": [(run[0][1], run[-1][1]) for run in runs[:RANGES_LISTED]],
    }


def _runs(line: Sequence[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Cuts a line into stretches of consecutive numbers behind the same letters."""

    def stretch(entry: tuple[int, tuple[int, str]]) -> tuple[int, str]:
        place, (number, code) = entry
        return number - place, code.rstrip("0123456789")

    for _, run in groupby(enumerate(line), stretch):
        yield [entry for _, entry in run]
