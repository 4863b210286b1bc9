"""Sends messages to channels, over Redis."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django_redis import get_redis_connection


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """What all listeners of a channel are told: the name of an event, and JSON."""

    channel: str
    event: str
    data: Mapping[str, Any]


def publish(messages: Iterable[StreamMessage]) -> None:
    """Sends messages, in order, in one round trip.

    Raises:
        redis.RedisError: Redis did not take them within its time limit; some may have been sent.
    """
    pipeline = get_redis_connection("default").pipeline(transaction=False)
    for message in messages:
        pipeline.publish(redis_channel(message.channel), frame(message))
    pipeline.execute()


def frame(message: StreamMessage) -> str:
    """The message as a server-sent event (WHATWG HTML, 9.2)."""
    data = json.dumps(message.data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {message.event}\ndata: {data}\n\n"


def redis_channel(name: str) -> str:
    """The name in Redis, whose channels are shared by all its databases."""
    return f"{settings.CACHES['default']['KEY_PREFIX']}:streams:{name}"
