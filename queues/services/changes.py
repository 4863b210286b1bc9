"""What every change in a queue leaves behind: the next sequence number, an event, a message.

The caller holds the queue's lock and is in a transaction, so the three commit with the change.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from events.outbox import emit
from providers.actors import Actor
from queues.models import EventType, Queue, Ticket
from waitlessq import clock

QUEUE_CHANGED = "queue.changed"

APPEND = """
WITH queue AS (
    UPDATE queues_queue SET sequence = %(sequence)s, last_number = %(last_number)s,
        last_number_date = %(last_number_date)s
    WHERE id = %(queue)s
)
INSERT INTO queues_ticketevent (provider_id, queue_id, ticket_id, sequence, type, actor,
    from_state, to_state, counter_id, data, at)
VALUES (%(provider)s, %(queue)s, %(ticket)s, %(sequence)s, %(type)s, %(actor)s,
    %(from_state)s, %(to_state)s, %(counter)s, %(data)s, %(at)s)
"""


def record_ticket_change(
    ticket: Ticket,
    event: EventType,
    *,
    actor: Actor,
    at: datetime,
    from_state: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Appends what happened ``at`` a time to a ticket of a locked queue.

    ``at`` is the very time that the ticket carries. Emits ``queue.changed``.
    """
    change = {
        "type": event.value,
        "ticket": ticket.pk,
        "from_state": from_state,
        "to_state": ticket.state,
        "counter": ticket.counter_id,
        "data": Jsonb(dict(data or {})),
    }
    _append(ticket.queue, actor, at, change)


def record_queue_change(queue: Queue, *, actor: Actor, data: Mapping[str, Any]) -> None:
    """Appends that a locked queue itself changed. Emits ``queue.changed``."""
    change = {
        "type": EventType.QUEUE_CHANGED.value,
        "ticket": None,
        "from_state": "",
        "to_state": "",
        "counter": None,
        "data": Jsonb(dict(data)),
    }
    _append(queue, actor, clock.now(), change)


def _append(queue: Queue, actor: Actor, at: datetime, change: Mapping[str, Any]) -> None:
    queue.sequence += 1
    parameters = {
        **change,
        "sequence": queue.sequence,
        "last_number": queue.last_number,
        "last_number_date": queue.last_number_date,
        "queue": queue.pk,
        "provider": queue.provider_id,
        "actor": actor.name,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(APPEND, parameters)
    emit(
        QUEUE_CHANGED,
        provider_id=queue.provider_id,
        subject_id=queue.pk,
        payload={"sequence": queue.sequence},
    )
