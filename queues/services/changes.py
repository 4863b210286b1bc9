"""What every change in a queue leaves behind: the next sequence number, an event, a message.

The caller holds the queue's lock and is in a transaction. All of it is one statement, with the
write that is the change: one round trip while others wait for the lock (docs/adr/0004).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.transaction import on_commit
from psycopg.types.json import Jsonb

from events.outbox import emit_statement
from providers.actors import Actor
from queues.models import EventType, Queue, Ticket, TicketState
from waitlessq import clock
from waitlessq.db.rows import (
    Statement,
    insert_statement,
    inserted,
    update_statement,
)
from waitlessq.metrics import TICKET_EVENTS, WAITED

QUEUE_CHANGED = "queue.changed"

COUNT = """
UPDATE queues_queue SET sequence = %s, last_number = %s, last_number_date = %s WHERE id = %s
"""
APPEND = """
INSERT INTO queues_ticketevent (provider_id, queue_id, ticket_id, sequence, type, actor,
    from_state, to_state, counter_id, data, at)
VALUES (%s, %s, {ticket}, %s, %s, %s, %s, %s, %s, %s, %s)
RETURNING ticket_id
"""
APPEND_FOR_KNOWN = APPEND.format(ticket="%s")
APPEND_FOR_WRITTEN = APPEND.format(ticket="(SELECT id FROM written)")


def issue_ticket(ticket: Ticket, *, actor: Actor, data: Mapping[str, Any]) -> None:
    """Inserts a new ticket of a locked queue, and records it. Emits ``queue.changed``."""
    event = [EventType.ISSUED.value, actor.name, "", ticket.state, None, Jsonb(dict(data))]
    write = insert_statement(ticket)
    inserted(ticket, _apply(ticket.queue, write, APPEND_FOR_WRITTEN, [], event, ticket.issued_at))


def change_ticket(
    ticket: Ticket,
    event_type: EventType,
    *,
    actor: Actor,
    at: datetime,
    changes: Mapping[str, Any],
    data: Mapping[str, Any] | None = None,
) -> None:
    """Changes a ticket of a locked queue, and records it. Emits ``queue.changed``.

    ``at`` is the time of the event, the very one that the ticket carries; ``data`` what it takes
    besides to rebuild the ticket.
    """
    from_state = ticket.state
    # What holds in a state only, ends with it, or is said anew.
    if from_state == TicketState.DEFERRED:
        changes = {"deferred_until": None, **changes}
    if ticket.come_by is not None:
        changes = {"come_by": None, **changes}
    write = update_statement(ticket, changes)
    event = [
        event_type.value,
        actor.name,
        from_state,
        ticket.state,
        ticket.counter_id,
        Jsonb(dict(data or {})),
    ]
    _apply(ticket.queue, write, APPEND_FOR_KNOWN, [ticket.pk], event, at)
    if event_type == EventType.CALLED and ticket.call_count == 1:
        waited = (at - ticket.issued_at).total_seconds()
        on_commit(lambda: WAITED.observe(waited))


def record_queue_change(queue: Queue, *, actor: Actor, data: Mapping[str, Any]) -> None:
    """Records that a locked queue itself changed. Emits ``queue.changed``."""
    event = [EventType.QUEUE_CHANGED.value, actor.name, "", "", None, Jsonb(dict(data))]
    _apply(queue, None, APPEND_FOR_KNOWN, [None], event, clock.now())


def _told_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What of an event's data is in the message, for who tells customers by other ways.

    Whoever was told "your turn", and of whom a message says that it ``undoes`` that call, is to be
    told that it was a mistake.
    """
    return {"undoes": data["undoes"]} if "undoes" in data else {}


def _apply(
    queue: Queue,
    write: Statement | None,
    append: str,
    ticket: list[int | None],
    event: list[Any],
    at: datetime,
) -> Any:
    """Runs the write, counts it, tells it and appends its event; returns the ticket's id."""
    queue.sequence += 1
    count = Statement(COUNT, [queue.sequence, queue.last_number, queue.last_number_date, queue.pk])
    payload = {"sequence": queue.sequence, "location": queue.location_id}
    if ticket and ticket[0] is not None:
        payload |= {"ticket": ticket[0], "event": event[0], **_told_of(event[-1].obj)}
    tell = emit_statement(
        QUEUE_CHANGED, provider_id=queue.provider_id, subject_id=queue.pk, payload=payload
    )
    parts = {"counted": count, "told": tell}
    if write is not None:
        parts = {"written": write} | parts
    text = ", ".join(f"{name} AS ({part.text})" for name, part in parts.items())
    parameters = [value for part in parts.values() for value in part.parameters]
    parameters += [queue.provider_id, queue.pk, *ticket, queue.sequence, *event, at]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {text} {append}", parameters)
        key = cursor.fetchone()[0]
    on_commit(TICKET_EVENTS.labels(event[0]).inc)
    return key
