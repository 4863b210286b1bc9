"""Tells other apps what happened, once it is sure to have happened.

``emit`` writes a row in the caller's transaction; the relay hands the rows to the handlers that
apps registered in their ``handlers.py``. A handler sees each message at least once, so it must
not mind a repeat.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models.functions import Mod
from psycopg.types.json import Jsonb

from events.models import OutboxMessage
from events.parts import PARTS
from waitlessq.db.rows import Statement

logger = logging.getLogger(__name__)

Handler = Callable[[Sequence[OutboxMessage]], None]

RELAY_BATCH = 1000
# The time is the server's own: how long a message waits must not depend on a replayed clock.
ADD_MESSAGE = """
INSERT INTO events_outboxmessage (provider_id, topic, subject_id, payload, created_at)
VALUES (%s, %s, %s, %s, clock_timestamp())
"""
FIND_TOPICS = f"""
SELECT topic FROM unnest(%s::text[]) WITH ORDINALITY AS known (topic, place)
WHERE EXISTS (
    SELECT FROM events_outboxmessage AS message
    WHERE message.topic = known.topic AND message.subject_id %% {PARTS} = ANY(%s)
)
ORDER BY place
"""  # noqa: S608 (put together from a constant)
# The oldest of a topic is the first of its index, within what transactions overlap.
IS_LEFT_WAITING = """
SELECT EXISTS (
    SELECT FROM unnest(%s::text[]) AS known (topic), LATERAL (
        SELECT created_at FROM events_outboxmessage AS message
        WHERE message.topic = known.topic ORDER BY id LIMIT 1
    ) AS oldest
    WHERE oldest.created_at < clock_timestamp() - %s * interval '1 second'
)
"""

_handlers: dict[str, list[Handler]] = defaultdict(list)
_topics_of_pages: set[str] = set()


def emit(
    topic: str, *, provider_id: int, subject_id: int, payload: Mapping[str, Any] | None = None
) -> None:
    """Adds a message to the outbox; it is told only if the caller's transaction commits.

    Raises:
        TransactionManagementError: there is no transaction to share.
    """
    statement = emit_statement(
        topic, provider_id=provider_id, subject_id=subject_id, payload=payload
    )
    with connection.cursor() as cursor:
        cursor.execute(*statement)


def emit_statement(
    topic: str, *, provider_id: int, subject_id: int, payload: Mapping[str, Any] | None = None
) -> Statement:
    """What ``emit`` would run, to be part of the caller's own statement.

    Raises:
        TransactionManagementError: there is no transaction to share.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(f"{topic} was emitted outside a transaction.")
    return Statement(ADD_MESSAGE, [provider_id, topic, subject_id, Jsonb(dict(payload or {}))])


def handles(topic: str, *, tells_pages: bool = False) -> Callable[[Handler], Handler]:
    """Registers a function for all messages of a topic; it gets them in batches, oldest first.

    One that ``tells_pages`` what they show is part of what the heartbeat promises.
    """

    def register(handler: Handler) -> Handler:
        _handlers[topic].append(handler)
        if tells_pages:
            _topics_of_pages.add(topic)
        return handler

    return register


@dataclass(frozen=True, slots=True)
class Relayed:
    """What one pass did: messages that were handed over, and topics whose handlers failed."""

    messages: int
    failed: frozenset[str] = frozenset()

    @property
    def failed_topics(self) -> int:
        """How many of them there are."""
        return len(self.failed)


def are_for_pages(topics: Collection[str]) -> bool:
    """Whether open pages hear of one of these topics."""
    return not _topics_of_pages.isdisjoint(topics)


def are_pages_waiting(seconds: float) -> bool:
    """Whether something that pages are told of waits for longer, whoever is to tell it."""
    with connection.cursor() as cursor:
        cursor.execute(IS_LEFT_WAITING, [list(_topics_of_pages), seconds])
        is_left: bool = cursor.fetchone()[0]
    return is_left


def relay_batch(
    limit: int = RELAY_BATCH,
    without: Collection[str] = (),
    parts: Collection[int] = range(PARTS),
) -> Relayed:
    """Hands the oldest messages of each topic to its handlers and deletes them.

    Several relays may run at once: each takes rows of its parts that no other holds (SKIP LOCKED).
    When a handler fails, what it wrote is undone and the messages of its topic stay for the next
    pass; the other topics go on. Messages of a topic that nobody handles stay: in a rolling release
    a newer process may know it. Topics ``without`` which it is to do are left for another pass.
    """
    done: dict[str, int | None] = {}
    # A handler may add messages of another topic.
    while topics := _topics_waiting(_handlers.keys() - done.keys() - set(without), parts):
        done |= {topic: _relay_topic(topic, limit, parts) for topic in topics}
    failed = frozenset(topic for topic, messages in done.items() if messages is None)
    return Relayed(sum(messages or 0 for messages in done.values()), failed)


def _topics_waiting(topics: Collection[str], parts: Collection[int]) -> list[str]:
    """Those of these topics that there are messages of; one query, as mostly there are none."""
    known = [topic for topic in _handlers if topic in topics]
    with connection.cursor() as cursor:
        cursor.execute(FIND_TOPICS, [known, list(parts)])
        return [topic for (topic,) in cursor.fetchall()]


def _relay_topic(topic: str, limit: int, parts: Collection[int]) -> int | None:
    """How many messages of the topic were handed over; None when a handler failed."""
    try:
        with transaction.atomic():
            waiting = OutboxMessage.objects.annotate(part=Mod("subject_id", PARTS))
            mine = waiting.filter(topic=topic, part__in=parts).order_by("id")
            batch = list(mine.select_for_update(skip_locked=True)[:limit])
            if batch:
                for handler in _handlers[topic]:
                    handler(batch)
                OutboxMessage.objects.filter(pk__in=[message.pk for message in batch]).delete()
    except OperationalError:
        # The database is gone, or refuses: that concerns all topics.
        raise
    except Exception:
        logger.exception("A handler of %s failed; its messages stay.", topic)
        return None
    return len(batch)
