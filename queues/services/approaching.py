"""Whose turn comes soon: noticed once, when somebody comes among the first of the line.

A place is never stored; what is kept is who was among the first when a relay last looked.
"""

from collections.abc import Collection

from django.db import connection

from events.outbox import emit
from queues.models import EventType

TICKET_APPROACHING = "ticket.approaching"
NEAREST = 3
"""From this place on one is to be near."""

# Who was put at a place this way knows it, or is told of it otherwise.
PLACED = [EventType.ISSUED, EventType.REJOINED, EventType.TRANSFERRED, EventType.UNDONE]

LOOK = f"""
WITH line AS (
    SELECT queue.id AS queue_id, queue.provider_id, queue.sequence,
        coalesce(first.ids, '{{}}') AS ids
    FROM queues_queue AS queue, LATERAL (
        SELECT array_agg(id) AS ids FROM (
            SELECT id FROM queues_ticket WHERE queue_id = queue.id AND state = 'waiting'
            ORDER BY order_key, id LIMIT {NEAREST}
        ) AS waiting
    ) AS first
    WHERE queue.id = ANY(%s)
), kept AS (
    INSERT INTO queues_nearest (provider_id, queue_id, sequence, ticket_ids)
    SELECT provider_id, queue_id, sequence, ids FROM line ORDER BY queue_id
    ON CONFLICT (queue_id) DO UPDATE
    SET sequence = excluded.sequence, ticket_ids = excluded.ticket_ids
    WHERE queues_nearest.sequence < excluded.sequence
)
SELECT line.provider_id, line.queue_id, came.id
FROM line LEFT JOIN queues_nearest AS before USING (queue_id), LATERAL unnest(line.ids) AS came (id)
WHERE came.id <> ALL(coalesce(before.ticket_ids, '{{}}')) AND NOT EXISTS (
    SELECT FROM queues_ticketevent AS event
    WHERE event.queue_id = line.queue_id AND event.sequence > coalesce(before.sequence, 0)
    AND event.ticket_id = came.id AND event.type = ANY(%s)
)
"""  # noqa: S608 (put together from constants)


def approaching_notice(queue_ids: Collection[int]) -> None:
    """Emits ``ticket.approaching`` for whoever moved up among the first of these lines since.

    One statement, and one for each who came near. In the relay's transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOOK, [sorted(queue_ids), PLACED])
        came = cursor.fetchall()
    for provider_id, queue_id, ticket_id in came:
        emit(
            TICKET_APPROACHING,
            provider_id=provider_id,
            subject_id=ticket_id,
            payload={"queue": queue_id},
        )
