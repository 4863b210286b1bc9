"""The hub, asked as an ASGI server asks it, with a real Redis behind it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.conf import settings
from django_redis import get_redis_connection

from waitlessq.streams import hub as hub_module
from waitlessq.streams.channels import secret_name
from waitlessq.streams.hub import Hub
from waitlessq.streams.publisher import StreamMessage, publish

Answer = dict[str, Any]


class Page:
    """Somebody who has a stream open."""

    def __init__(self, hub: Hub, path: str, method: str = "GET") -> None:
        self._sent: asyncio.Queue[Answer] = asyncio.Queue()
        self._gone = asyncio.Event()
        scope = {"type": "http", "path": path, "method": method}
        self.answering = asyncio.create_task(hub(scope, self._receive, self._sent.put))

    async def _receive(self) -> Answer:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def sent(self) -> Answer:
        """The next message of the answer."""
        return await asyncio.wait_for(self._sent.get(), timeout=10)

    async def status(self) -> int:
        """The status of the answer; the page's stream has begun when it is 200."""
        status: int = (await self.sent())["status"]
        if status == 200:
            assert (await self.sent())["body"].startswith(b"retry: ")
        return status

    async def told(self) -> str:
        """The next part of the stream; empty at its end."""
        body: bytes = (await self.sent())["body"]
        return body.decode()

    async def leave(self) -> None:
        """Closes the page."""
        self._gone.set()
        await asyncio.wait_for(self.answering, timeout=10)


def with_hub(scene: Callable[[Hub], Awaitable[None]]) -> None:
    """Plays a scene with a running hub."""

    async def play() -> None:
        hub = Hub(str(settings.CACHES["default"]["LOCATION"]))
        messages: asyncio.Queue[Answer] = asyncio.Queue()
        said: asyncio.Queue[Answer] = asyncio.Queue()
        living = asyncio.create_task(hub({"type": "lifespan"}, messages.get, said.put))
        await messages.put({"type": "lifespan.startup"})
        await said.get()
        await until(lambda: hub._subscription is not None)
        try:
            await scene(hub)
        finally:
            await messages.put({"type": "lifespan.shutdown"})
            await living

    asyncio.run(play())


async def until(holds: Callable[[], bool]) -> None:
    """Looks until it is so, for ten seconds at most."""
    async with asyncio.timeout(10):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 (Redis calls nobody back)
            await asyncio.sleep(0.01)


async def tell(channel: str, number: int) -> None:
    message = StreamMessage(channel, "changed", {"sequence": number})
    await asyncio.to_thread(publish, [message])


def test_what_is_published_reaches_the_pages_of_its_channel_only() -> None:
    async def scene(hub: Hub) -> None:
        one, other = Page(hub, "/streams/queues-1"), Page(hub, "/streams/queues-2,queues-3")
        assert (await one.status(), await other.status()) == (200, 200)
        await tell("queues-1", 7)
        await tell("queues-3", 8)
        assert await one.told() == 'event: changed\ndata: {"sequence":7}\n\n'
        assert await other.told() == 'event: changed\ndata: {"sequence":8}\n\n'
        await one.leave()
        await other.leave()

    with_hub(scene)


def test_a_page_that_is_slow_gets_the_newest_of_each_channel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scene(hub: Hub) -> None:
        listener = hub_module.Listener()
        for number in (b"1", b"2", b"3"):
            listener.tell("a", b"a" + number)
        listener.tell("b", b"b1")
        assert await listener.told() == b"a3b1"

    with_hub(scene)


def test_a_secret_channel_is_open_to_whoever_has_its_name() -> None:
    async def scene(hub: Hub) -> None:
        holder = Page(hub, f"/streams/{secret_name('tickets', 5)},heartbeat")
        guesser = Page(hub, f"/streams/tickets-5-{'0' * 32}")
        assert (await holder.status(), await guesser.status()) == (200, 404)
        await holder.leave()

    with_hub(scene)


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/", "GET", 404),
        ("/streams/", "GET", 404),
        ("/streams/" + ",".join(f"queues-{n}" for n in range(9)), "GET", 404),
        ("/streams/queues-1", "POST", 405),
        ("/streams/queues-1", "HEAD", 200),
    ],
)
def test_what_is_no_stream_is_refused(path: str, method: str, status: int) -> None:
    async def scene(hub: Hub) -> None:
        page = Page(hub, path, method)
        assert (await page.sent())["status"] == status
        await asyncio.wait_for(page.answering, timeout=10)

    with_hub(scene)


def test_before_redis_is_there_nothing_is_promised() -> None:
    async def scene() -> None:
        assert await Page(Hub("redis://127.0.0.1:1/0"), "/streams/queues-1").status() == 503

    asyncio.run(scene())


def test_redis_is_told_of_a_channel_while_somebody_listens() -> None:
    def listened_to() -> list[str]:
        prefix = f"{settings.CACHES['default']['KEY_PREFIX']}:streams:queues-"
        redis = get_redis_connection("default")
        return sorted(name.decode() for name in redis.pubsub_channels(f"{prefix}*"))

    async def scene(hub: Hub) -> None:
        first, second = Page(hub, "/streams/queues-91"), Page(hub, "/streams/queues-91")
        await first.status()
        await second.status()
        await first.leave()
        await tell("queues-91", 1)
        assert "sequence" in await second.told()
        await second.leave()
        await until(lambda: not listened_to())

    with_hub(scene)


def test_when_redis_is_lost_streams_end_and_new_ones_work_again() -> None:
    async def scene(hub: Hub) -> None:
        page = Page(hub, "/streams/queues-1")
        await page.status()
        await asyncio.to_thread(cut, hub._subscription)
        assert await page.told() == ""
        await asyncio.wait_for(page.answering, timeout=10)
        await until(lambda: hub._subscription is not None)
        again = Page(hub, "/streams/queues-1")
        await again.status()
        await tell("queues-1", 2)
        assert "2" in await again.told()
        await again.leave()

    with_hub(scene)


def cut(subscription: Any) -> None:
    """Has Redis close this one connection."""
    host, port = subscription.connection._writer.get_extra_info("sockname")
    get_redis_connection("default").client_kill(f"{host}:{port}")


def test_a_stream_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "LONGEST_SECONDS", 0.1)

    async def scene(hub: Hub) -> None:
        page = Page(hub, "/streams/queues-1")
        await page.status()
        assert await page.told() == ""

    with_hub(scene)


def test_a_message_has_one_line_of_data_whatever_is_in_it() -> None:
    async def scene(hub: Hub) -> None:
        page = Page(hub, "/streams/queues-1")
        await page.status()
        message = StreamMessage("queues-1", "snapshot", {"name": "a\nb\r\n\ndata: é"})
        await asyncio.to_thread(publish, [message])
        assert await page.told() == 'event: snapshot\ndata: {"name":"a\\nb\\r\\n\\ndata: é"}\n\n'
        await page.leave()

    with_hub(scene)
