"""The process that tells what happened: it looks into the outbox many times a second.

It polls, and nobody wakes it: a wake-up for each change would cost every request a message to
Redis, and save a page 25 ms on average. While all is told it says so on the heartbeat channel,
so that pages know that silence means that nothing happened.
"""

import logging
import time
from threading import Event

from django.db import DatabaseError, InterfaceError, connection
from redis.exceptions import RedisError

from events.outbox import relay_batch
from waitlessq.streams.channels import HEARTBEAT
from waitlessq.streams.publisher import StreamMessage, publish

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.05
HEARTBEAT_SECONDS = 3.0
LONGEST_PAUSE_SECONDS = 1.0


def relay_until(stop: Event) -> None:
    """Hands over messages until ``stop`` is set. Several may run at once.

    Nothing ends it: while the database is gone, or handlers fail, it tries again, at least every
    second.
    """
    pause, beaten_at = POLL_SECONDS, float("-inf")
    while not stop.wait(pause):
        if not _relay_all(stop):
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            continue
        pause = POLL_SECONDS
        if time.monotonic() - beaten_at >= HEARTBEAT_SECONDS and _beat():
            beaten_at = time.monotonic()


def _relay_all(stop: Event) -> bool:
    """Empties the outbox; whether nothing failed."""
    try:
        while not stop.is_set():
            relayed = relay_batch()
            if relayed.failed_topics:
                return False
            if not relayed.messages:
                break
    except (DatabaseError, InterfaceError) as error:
        logger.warning("The outbox can not be read: %s", error)
        connection.close()
        return False
    return True


def _beat() -> bool:
    try:
        publish([StreamMessage(HEARTBEAT, HEARTBEAT, {})])
    except RedisError as error:
        logger.warning("No heartbeat: %s", error)
        return False
    return True
