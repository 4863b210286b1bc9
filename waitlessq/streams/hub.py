"""Holds event streams: one asyncio process, fed by one Redis subscription.

For the local stack and small installations. Each listener keeps the newest message of each of its
channels only: every message says all that its channel has to say, so whoever is slow misses nothing
but what is out of date. When Redis is lost all streams end; their pages come back, and ask.
"""

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from waitlessq.metrics import STREAMS
from waitlessq.streams.channels import HEARTBEAT, exists
from waitlessq.streams.publisher import redis_channel

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PATH = "/streams/"
CHANNELS_AT_ONCE = 8
# Streams end by themselves, not all at once, so that listeners spread over new processes.
LONGEST_SECONDS = 300.0
# Whoever reads no more must not keep the stream from ending.
LAST_WORD_SECONDS = 5.0
RETRY_MS = (500, 3000)
RECONNECT_SECONDS = (0.1, 2.0)
READ_SECONDS = 5.0

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # Whoever has a channel's name may listen from anywhere; no cookie is ever looked at.
    (b"access-control-allow-origin", b"*"),
    (b"x-accel-buffering", b"no"),
]


class Listener:
    """One open stream: what is still to be sent on it."""

    def __init__(self) -> None:
        self._newest: dict[str, bytes] = {}
        self._woken = asyncio.Event()
        self.is_ended = False

    def tell(self, channel: str, frame: bytes) -> None:
        """Puts a message in the place of an older one of its channel."""
        self._newest.pop(channel, None)
        self._newest[channel] = frame
        self._woken.set()

    def end(self) -> None:
        """Ends the stream."""
        self.is_ended = True
        self._woken.set()

    async def told(self) -> bytes:
        """Waits for messages and returns them; nothing once the stream has ended."""
        await self._woken.wait()
        self._woken.clear()
        frames = b"".join(self._newest.values())
        self._newest.clear()
        return frames


class Hub:
    """The ASGI application."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._listeners: dict[str, set[Listener]] = defaultdict(set)
        self._subscription: PubSub | None = None
        self._subscribed: set[str] = set()
        self._settling = asyncio.Lock()
        self._feeding: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._feeding = asyncio.create_task(self._feed())
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._feeding is not None:
                    self._feeding.cancel()
                    with suppress(asyncio.CancelledError):
                        await self._feeding
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = scope["path"].removeprefix(PATH).split(",")
        if scope["method"] not in {"GET", "HEAD"}:
            await _refuse(send, HTTPStatus.METHOD_NOT_ALLOWED)
        elif len(names) > CHANNELS_AT_ONCE or not all(map(exists, names)):
            await _refuse(send, HTTPStatus.NOT_FOUND)
        elif self._subscription is None:
            await _refuse(send, HTTPStatus.SERVICE_UNAVAILABLE)
        elif scope["method"] == "HEAD":
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await send({"type": "http.response.body"})
        else:
            await self._stream(set(names), receive, send)

    async def _stream(self, names: set[str], receive: Receive, send: Send) -> None:
        listener = Listener()
        gone = asyncio.create_task(_until_gone(receive, listener))
        # Before the first byte: what is published after a page sees its stream open must reach it.
        try:
            await self._enter(names, listener)
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            await _send_part(send, f"retry: {random.randint(*RETRY_MS)}\n\n".encode())  # noqa: S311
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST_SECONDS * random.uniform(0.5, 1)):  # noqa: S311
                    while not listener.is_ended:
                        frames = await listener.told()
                        if frames:
                            await _send_part(send, frames)
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORD_SECONDS):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            await self._leave(names, listener)

    async def _enter(self, names: set[str], listener: Listener) -> None:
        for name in names:
            self._listeners[name].add(listener)
        STREAMS.inc()
        if self._subscription is None:
            listener.end()
        await self._settle(names)

    async def _leave(self, names: set[str], listener: Listener) -> None:
        for name in names:
            self._listeners[name].discard(listener)
        STREAMS.dec()
        await self._settle(names)

    async def _settle(self, names: set[str]) -> None:
        """Brings the subscription in line with who listens to these channels; one at a time."""
        async with self._settling:
            for name in names:
                if not self._listeners[name]:
                    del self._listeners[name]
            if self._subscription is None:
                return
            wanted = {name for name in names if name in self._listeners}
            new, old = wanted - self._subscribed, names & self._subscribed - wanted - {HEARTBEAT}
            self._subscribed = (self._subscribed | new) - old
            # A failure ends all streams: whoever reads the subscription meets it as well.
            with suppress(RedisError, OSError):
                if new:
                    await self._subscription.subscribe(*map(redis_channel, new))
                if old:
                    await self._subscription.unsubscribe(*map(redis_channel, old))

    async def _feed(self) -> None:
        """Subscribes and passes on, for ever; each loss of Redis ends all streams."""
        pause, longest = RECONNECT_SECONDS
        while True:
            # Its own way of connecting again would hide that messages were lost.
            redis = Redis.from_url(
                self._redis_url,
                socket_connect_timeout=2,
                health_check_interval=5,
                retry=Retry(NoBackoff(), 0),
            )
            try:
                async with redis, redis.pubsub() as subscription:
                    # A subscription without a channel can not be read from.
                    await subscription.subscribe(redis_channel(HEARTBEAT))
                    self._subscription, self._subscribed = subscription, {HEARTBEAT}
                    pause = RECONNECT_SECONDS[0]
                    await self._pass_on(subscription)
            except (RedisError, OSError) as error:
                logger.warning("Streams ended: Redis is lost (%s).", error)
            except Exception:
                logger.exception("Streams ended.")
            finally:
                self._subscription = None
                self._end_all()
            await asyncio.sleep(pause)
            pause = min(pause * 2, longest)

    async def _pass_on(self, subscription: PubSub) -> None:
        prefix = redis_channel("")
        while True:
            message = await subscription.get_message(
                ignore_subscribe_messages=True, timeout=READ_SECONDS
            )
            if message is None:
                continue
            name = message["channel"].decode().removeprefix(prefix)
            for listener in self._listeners.get(name, ()):
                listener.tell(name, message["data"])

    def _end_all(self) -> None:
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.end()
        self._listeners.clear()


async def _until_gone(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()


async def _send_part(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _refuse(send: Send, status: HTTPStatus) -> None:
    headers = [(b"content-length", b"0"), (b"access-control-allow-origin", b"*")]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"2"))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body"})
