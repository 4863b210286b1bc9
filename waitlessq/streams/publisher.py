"""Tells channels what happened: through Redis to the hub, or straight to the shards of an edge.

Which of the two is one setting, STREAM_SHARDS; pages cannot tell which.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from waitlessq.streams.shards import ShardMessage, Shards


class PublishError(Exception):
    """Nobody took the messages within the time limit; some may have been told."""


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """What all listeners of a channel are told: the name of an event, and JSON.

    ``etag`` names this state of what the channel is about, where others may keep a copy of it.
    """

    channel: str
    event: str
    data: Mapping[str, Any]
    etag: str = ""


def publish(messages: Iterable[StreamMessage]) -> None:
    """Sends messages, in order.

    Of several shards, one that does not answer holds up nobody for long: it is told as soon as it
    does, of each channel the newest message.

    Raises:
        PublishError: Redis, or each of the shards, did not take them within its time limit.
    """
    if settings.STREAM_SHARDS:
        _publish_to_shards(messages)
    else:
        _publish_to_redis(messages)


def is_behind() -> bool:
    """Whether a shard has yet to take something that this process has published."""
    return bool(settings.STREAM_SHARDS) and _shards(tuple(settings.STREAM_SHARDS)).is_behind


def frame(message: StreamMessage) -> str:
    """The message as a server-sent event (WHATWG HTML, 9.2)."""
    return f"event: {message.event}\ndata: {_json(message)}\n\n"


def redis_channel(name: str) -> str:
    """The name in Redis, whose channels are shared by all its databases."""
    return f"{settings.CACHES['default']['KEY_PREFIX']}:streams:{name}"


def _publish_to_redis(messages: Iterable[StreamMessage]) -> None:
    try:
        pipeline = get_redis_connection("default").pipeline(transaction=False)
        for message in messages:
            pipeline.publish(redis_channel(message.channel), frame(message))
        pipeline.execute()
    except RedisError as error:
        raise PublishError(str(error)) from error


def _publish_to_shards(messages: Iterable[StreamMessage]) -> None:
    shards = _shards(tuple(settings.STREAM_SHARDS))
    told = [
        ShardMessage(message.channel, message.event, _json(message).encode(), message.etag)
        for message in messages
    ]
    if not shards.publish(told):
        raise PublishError("No shard of event streams takes messages.")


@cache
def _shards(urls: tuple[str, ...]) -> Shards:
    """One for the process: each shard has a connection and a thread, which a fork does not take."""
    return Shards(urls)


def _json(message: StreamMessage) -> str:
    return json.dumps(message.data, ensure_ascii=False, separators=(",", ":"))
