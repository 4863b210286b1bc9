"""The queue snapshot: the one public document that everybody who waits reads.

It is a function of the queue's sequence number: built once for each, kept in the cache under
that number, and never wrong when the cache is gone. It names nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from django.core.cache import cache

from queues.models import Counter, Queue, Ticket, TicketState
from queues.models.ticket import AT_COUNTER
from waitlessq.cache import SNAPSHOT
from waitlessq.db.transactions import consistent_read

FORMAT = 1
"""Grows when the document's shape changes, so that old copies are not taken for new ones."""

CODES_LISTED = 300
RANGES_LISTED = 100


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
        cache.set(SNAPSHOT.key(FORMAT, queue.pk, document["sequence"]), document, SNAPSHOT.seconds)
    return document


def etag(document: dict[str, Any]) -> str:
    """The entity tag of a snapshot."""
    return f'"{FORMAT}-{document["queue"]}-{document["sequence"]}"'


def build_snapshot(queue_id: int) -> dict[str, Any]:
    """The document as of now: all its queries see the same moment."""
    with consistent_read():
        queue = Queue.objects.get(pk=queue_id)
        at_counter = Ticket.objects.filter(queue=queue_id, state__in=AT_COUNTER)
        waiting = Ticket.objects.filter(queue=queue_id, state=TicketState.WAITING)
        snapshot = Snapshot(
            queue=queue.pk,
            name=queue.name,
            status=queue.status,
            sequence=queue.sequence,
            open_counters=Counter.objects.filter(queues=queue_id, is_open=True).count(),
            called=[
                _called(ticket)
                for ticket in at_counter.select_related("counter").order_by("-called_at", "-id")
            ],
            **_line(waiting.order_by("order_key", "id").values_list("number", "code")),
        )
    return asdict(snapshot)


def _called(ticket: Ticket) -> CalledTicket:
    assert ticket.counter is not None and ticket.called_at is not None  # noqa: S101, PT018
    return CalledTicket(
        code=ticket.code,
        counter=ticket.counter.name,
        state=ticket.state,
        call_count=ticket.call_count,
        called_at=ticket.called_at.isoformat(),
    )


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
