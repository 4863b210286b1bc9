"""`make bench-live`: how long a change takes to open pages, on the running platform.

Opens many event streams on one queue, joins it a number of times, and takes the time from sending
the request until each stream has the snapshot with the new ticket. Beside it, in the same run, the
time of a message that is published straight to Redis: what the relay and the snapshot add is the
difference. Prints one JSON line; times in milliseconds.
"""

import argparse
import asyncio
import json
import os
import time
import urllib.request
from collections.abc import Sequence
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

import django
from asgiref.sync import sync_to_async

DEMO_PROVIDER = "cut-and-curl"


async def main(streams: int, changes: int) -> dict[str, Any]:
    """Measures, and returns the figures."""
    queue = await asyncio.to_thread(_queue)
    pages = [Page() for _ in range(streams)]
    for page in pages:
        await page.open(queue)
    joined: list[float] = []
    answered: list[float] = []
    published: list[float] = []
    for number in range(changes):
        await asyncio.sleep(0.2)
        sent = time.perf_counter()
        code = await asyncio.to_thread(_join, queue)
        answered.append(time.perf_counter() - sent)
        joined += [at - sent for at in await _all_heard(pages, code)]
        await asyncio.sleep(0.2)
        mark = f"mark-{number}"
        sent = time.perf_counter()
        await sync_to_async(_publish)(queue, mark)
        published += [at - sent for at in await _all_heard(pages, mark)]
    for page in pages:
        page.close()
    return {
        "streams": streams,
        "changes": changes,
        "join_to_page": _spread(joined),
        "join_answered": _spread(answered),
        "redis_to_page": _spread(published),
    }


class Page:
    """One open stream."""

    def __init__(self) -> None:
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None
        self.heard: asyncio.Queue[tuple[float, str]] = asyncio.Queue()

    async def open(self, queue: int) -> None:
        """Follows the queue."""
        url = urlsplit(os.environ["STREAMS_URL"])
        reader, self._writer = await asyncio.open_connection(url.hostname, url.port, limit=2**20)
        request = f"GET {url.path}queues-{queue} HTTP/1.1\r\nHost: {url.netloc}\r\n\r\n"
        self._writer.write(request.encode())
        await reader.readuntil(b"retry: ")
        self._reading = asyncio.create_task(self._read(reader))

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line.startswith(b"data: "):
                self.heard.put_nowait((time.perf_counter(), line.decode()))

    def close(self) -> None:
        """Follows no more."""
        assert self._reading is not None  # noqa: S101 (it was opened)
        assert self._writer is not None  # noqa: S101
        self._reading.cancel()
        self._writer.close()


async def _all_heard(pages: Sequence[Page], mark: str) -> list[float]:
    """When each page heard of ``mark``."""
    return list(await asyncio.gather(*(_heard(page, mark) for page in pages)))


async def _heard(page: Page, mark: str) -> float:
    async with asyncio.timeout(10):
        while True:
            at, text = await page.heard.get()
            if f'"{mark}"' in text:
                return at


def _queue() -> int:
    url = f"{os.environ['WEB_URL']}/api/v1/public/providers/{DEMO_PROVIDER}"
    with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 (our own address)
        found: int = json.load(response)["queues"][0]["id"]
    return found


def _join(queue: int) -> str:
    request = urllib.request.Request(  # noqa: S310 (our own address)
        f"{os.environ['WEB_URL']}/api/v1/public/queues/{queue}/tickets",
        data=b"{}",
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
        code: str = json.load(response)["code"]
    return code


def _publish(queue: int, mark: str) -> None:
    from waitlessq.streams.channels import public_name  # noqa: PLC0415 (settings come first)
    from waitlessq.streams.publisher import StreamMessage, publish  # noqa: PLC0415

    publish([StreamMessage(public_name("queues", queue), "mark", {"mark": mark})])


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return {f"p{p}": round(cuts[p - 1] * 1000, 1) for p in (50, 95, 99)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--changes", type=int, default=30)
    options = parser.parse_args()
    django.setup()
    print(json.dumps(asyncio.run(main(options.streams, options.changes))))
