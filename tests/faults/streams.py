"""Pages that follow a queue by the rules of waitlessq/client/stream.ts, and what each knew when."""

import json
import random
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Self
from urllib.parse import urlsplit

from tests.faults.load import send

SILENCE_SECONDS = 10.0
LONGEST_UNASKED_SECONDS = 25.0
RETRY_SECONDS = (0.5, 15.0)
LOOK_SECONDS = 0.25


@dataclass
class Page:
    """One page; ``known`` is what it showed at the end of each look: when, what, and as live."""

    streams: str
    snapshot_url: str
    queue: int
    sequence: int = 0
    known: list[tuple[float, int, bool]] = field(default_factory=list)
    messages: int = 0
    connects: int = 0

    def __post_init__(self) -> None:
        self._heard_at = self._answered_at = time.monotonic()
        self._is_caught_up = False
        self._line: socket.socket | None = None
        self._rest = b""
        self._retry = RETRY_SECONDS[0]
        self._connects_at = 0.0

    def look(self) -> None:
        """Reads what came for a moment, asks if it must, and notes what it shows."""
        if self._line is None and time.monotonic() >= self._connects_at:
            self._connect()
        if self._line is not None:
            self._read(self._line)
        else:
            time.sleep(LOOK_SECONDS)
        now = time.monotonic()
        is_silent = now - self._heard_at > SILENCE_SECONDS
        if is_silent or now - self._answered_at > LONGEST_UNASKED_SECONDS:
            self._ask()
        is_live = time.monotonic() - self._heard_at <= SILENCE_SECONDS
        self.known.append((time.monotonic(), self.sequence, is_live))

    def close(self) -> None:
        """Ends its stream."""
        if self._line is not None:
            self._line.close()

    def _connect(self) -> None:
        where = urlsplit(self.streams)
        try:
            line = socket.create_connection((where.hostname or "", where.port or 80), 2)
            path = f"{where.path}queues-{self.queue},heartbeat"
            asked = f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nAccept: text/event-stream\r\n"
            line.sendall(f"{asked}\r\n".encode())
        except OSError:
            self._lose()
            return
        line.settimeout(LOOK_SECONDS)
        self._line, self._rest, self._is_caught_up = line, b"", False
        self.connects += 1
        self._ask()

    def _lose(self) -> None:
        self.close()
        self._line = None
        self._connects_at = time.monotonic() + self._retry * random.uniform(0.5, 1.5)
        self._retry = min(self._retry * 2, RETRY_SECONDS[1])

    def _read(self, line: socket.socket) -> None:
        try:
            received = line.recv(65536)
        except TimeoutError:
            return
        except OSError:
            received = b""
        if not received:
            self._lose()
            return
        *events, self._rest = (self._rest + received).replace(b"\r\n", b"\n").split(b"\n\n")
        for event in events:
            self._told(event.decode())

    def _told(self, event: str) -> None:
        lines = dict(line.split(": ", 1) for line in event.splitlines() if ": " in line)
        if "event" not in lines:
            return
        self._retry = RETRY_SECONDS[0]
        if lines["event"] == "snapshot":
            self.messages += 1
            self.sequence = max(self.sequence, json.loads(lines["data"])["sequence"])
        if self._is_caught_up:
            self._heard_at = time.monotonic()

    def _ask(self) -> None:
        answer = send(self.snapshot_url)
        if answer.status == 200:
            self.sequence = max(self.sequence, json.loads(answer.body)["sequence"])
            self._heard_at = self._answered_at = time.monotonic()
            self._is_caught_up = True

    def knew(self, sequence: int) -> float | None:
        """When it first showed this state, or a newer one."""
        return next((at for at, known, _ in self.known if known >= sequence), None)

    def shown_as_live(self, sequence: int, after: float) -> bool:
        """Whether it showed something older than this as live, later than ``after``."""
        return any(at > after and known < sequence and live for at, known, live in self.known)


class Pages:
    """So many open pages of one queue, for a block."""

    def __init__(self, streams: str, snapshot_url: str, queue: int, count: int = 24) -> None:
        self.pages = [Page(streams, snapshot_url, queue) for _ in range(count)]
        self._stop = Event()
        self._threads = [Thread(target=self._run, args=[page]) for page in self.pages]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def slowest(self, sequence: int, since: float) -> float | None:
        """How long after ``since`` the last of them showed it; None if one has not."""
        times = [page.knew(sequence) for page in self.pages]
        known = [at for at in times if at is not None]
        return max(known) - since if len(known) == len(times) else None

    def stale(self, sequence: int, after: float) -> Sequence[Page]:
        """Those that showed something older as live, later than ``after``."""
        return [page for page in self.pages if page.shown_as_live(sequence, after)]

    def _run(self, page: Page) -> None:
        while not self._stop.is_set():
            page.look()
        with suppress(OSError):
            page.close()
