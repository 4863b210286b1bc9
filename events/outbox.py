"""Tells other apps what happened, once it is sure to have happened.

``emit`` writes a row in the caller's transaction; the relay hands the rows to the handlers that
apps registered in their ``handlers.py``. A handler sees each message at least once, so it must
not mind a repeat.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from events.models import OutboxMessage
from waitlessq import clock

logger = logging.getLogger(__name__)

Handler = Callable[[Sequence[OutboxMessage]], None]

RELAY_BATCH = 1000
ADD_MESSAGE = """
INSERT INTO events_outboxmessage (provider_id, topic, subject_id, payload, created_at)
VALUES (%s, %s, %s, %s, %s)
"""

_handlers: dict[str, list[Handler]] = defaultdict(list)


def emit(
    topic: str, *, provider_id: int, subject_id: int, payload: Mapping[str, Any] | None = None
) -> None:
    """Adds a message to the outbox; it is told only if the caller's transaction commits.

    Raises:
        TransactionManagementError: there is no transaction to share.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(f"{topic} was emitted outside a transaction.")
    message: list[Any] = [provider_id, topic, subject_id, Jsonb(dict(payload or {})), clock.now()]
    with connection.cursor() as cursor:
        cursor.execute(ADD_MESSAGE, message)


def handles(topic: str) -> Callable[[Handler], Handler]:
    """Registers a function for all messages of a topic; it gets them in batches, oldest first."""

    def register(handler: Handler) -> Handler:
        _handlers[topic].append(handler)
        return handler

    return register


def relay_batch(limit: int = RELAY_BATCH) -> int:
    """Hands the oldest messages to their handlers and deletes them; returns how many.

    Several relays may run at once: each takes rows that no other holds (SKIP LOCKED). When a
    handler fails, the messages of its topic stay for the next run, and the others go on.
    """
    with transaction.atomic():
        messages = list(
            OutboxMessage.objects.select_for_update(skip_locked=True).order_by("id")[:limit]
        )
        by_topic: dict[str, list[OutboxMessage]] = defaultdict(list)
        for message in messages:
            by_topic[message.topic].append(message)
        done = [m.pk for topic, batch in by_topic.items() if _deliver(topic, batch) for m in batch]
        OutboxMessage.objects.filter(pk__in=done).delete()
    return len(done)


def _deliver(topic: str, batch: Sequence[OutboxMessage]) -> bool:
    try:
        # A savepoint: what a failed handler wrote must not be committed with the others' work.
        with transaction.atomic():
            for handler in _handlers[topic]:
                handler(batch)
    except Exception:
        logger.exception("A handler of %s failed; its %d messages stay.", topic, len(batch))
        return False
    return True
