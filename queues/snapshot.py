"""The queue snapshot: the one public document that everybody who waits reads.

It is a function of the queue's sequence number: built once for each, kept in the cache under
that number, and never wrong when the cache is gone. It names nobody.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from django.core.cache import cache
from django.db import connection

from queues.models import Queue
from waitlessq.cache import SNAPSHOT

FORMAT = 1
"""Grows when the document's shape changes, so that old copies are not taken for new ones."""

CODES_LISTED = 300
RANGES_LISTED = 100

# Only what everybody may know. The arrays are in call order; they are NULL where nobody waits.
READ_QUEUES = """
SELECT queue.id, queue.name, queue.status, queue.sequence,
    (SELECT count(*) FROM queues_counter AS counter JOIN queues_counter_queues AS serves
        ON serves.counter_id = counter.id WHERE serves.queue_id = queue.id AND counter.is_open),
    (SELECT coalesce(jsonb_agg(jsonb_build_object('code', ticket.code, 'counter', counter.name,
            'state', ticket.state, 'call_count', ticket.call_count, 'called_at', ticket.called_at)
            ORDER BY ticket.called_at DESC, ticket.id DESC), '[]')
        FROM queues_ticket AS ticket
        JOIN queues_counter AS counter ON counter.id = ticket.counter_id
        WHERE ticket.queue_id = queue.id AND ticket.state IN ('called', 'serving')),
    coalesce(waiting.numbers, '{}'), coalesce(waiting.codes, '{}')
FROM queues_queue AS queue, LATERAL (
    SELECT array_agg(number ORDER BY order_key, id) AS numbers,
        array_agg(code ORDER BY order_key, id) AS codes
    FROM queues_ticket WHERE queue_id = queue.id AND state = 'waiting'
) AS waiting
WHERE queue.id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class CalledTicket:
    """A ticket at a counter. ``called_at`` is ISO 8601 in UTC."""

    code: str
    counter: str
    state: str
    call_count: int
    called_at: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a queue shows. ``waiting`` has the first codes in call order.

    Past 300, ``waiting_ranges`` has runs of numbers ``[first, last]`` in call order, 100 of them
    at the most, so that the size has a bound; ``waiting_total`` counts everybody.
    """

    queue: int
    name: str
    status: str
    sequence: int
    open_counters: int
    called: list[CalledTicket]
    waiting_total: int
    waiting: list[str]
    waiting_ranges: list[tuple[str, str]]


def read_snapshot(queue: Queue) -> dict[str, Any]:
    """The snapshot at the queue's sequence number or newer; from the cache, else built."""
    key = SNAPSHOT.key(FORMAT, queue.pk, queue.sequence)
    document: dict[str, Any] | None = cache.get(key)
    if document is None:
        document = build_snapshot(queue.pk)
        keep_snapshots([document])
    return document


def read_snapshots(queues: Iterable[Queue]) -> list[dict[str, Any]]:
    """The snapshots of queues, in their order, each at its sequence number or newer.

    Those that the cache does not have are built by one statement.
    """
    keys = {SNAPSHOT.key(FORMAT, queue.pk, queue.sequence): queue.pk for queue in queues}
    documents = {keys[key]: document for key, document in cache.get_many(keys).items()}
    missing = [queue_id for queue_id in keys.values() if queue_id not in documents]
    if missing:
        built = build_snapshots(missing)
        keep_snapshots(built)
        documents |= {document["queue"]: document for document in built}
    return [documents[queue_id] for queue_id in keys.values() if queue_id in documents]


def etag(document: dict[str, Any]) -> str:
    """The entity tag of a snapshot."""
    return f'"{FORMAT}-{document["queue"]}-{document["sequence"]}"'


def build_snapshot(queue_id: int) -> dict[str, Any]:
    """The document of a queue as of now.

    Raises:
        Queue.DoesNotExist: there is no such queue.
    """
    for document in build_snapshots([queue_id]):
        return document
    raise Queue.DoesNotExist


def build_snapshots(queue_ids: Collection[int]) -> list[dict[str, Any]]:
    """The documents of queues as of now, of those that exist; one statement, so one moment."""
    with connection.cursor() as cursor:
        cursor.execute(READ_QUEUES, [list(queue_ids)])
        return [_document(row) for row in cursor.fetchall()]


def keep_snapshots(documents: Iterable[dict[str, Any]]) -> None:
    """Puts documents where the next reader finds them."""
    for document in documents:
        key = SNAPSHOT.key(FORMAT, document["queue"], document["sequence"])
        cache.set(key, document, SNAPSHOT.seconds)


def _document(row: tuple[Any, ...]) -> dict[str, Any]:
    queue, name, status, sequence, open_counters, called, numbers, codes = row
    snapshot = Snapshot(
        queue=queue,
        name=name,
        status=status,
        sequence=sequence,
        open_counters=open_counters,
        called=_called(called),
        **_line(zip(numbers, codes, strict=True)),
    )
    return asdict(snapshot)


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
