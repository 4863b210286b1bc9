"""Holds event streams: one process of epoll for some thousand of them."""

import pickle
import select
import socket
import time
import zlib
from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path

from embedded.ports import LOOPBACK

STREAMS_OF_AN_ADDRESS = 400
CONNECTS_A_SECOND = 1500
CONNECT_SECONDS = 60
# Python makes room for all of it first: much more costs more than a second look.
RECEIVED = 16384


@dataclass(frozen=True)
class Wanted:
    """A stream to open: what it follows, and the queue that it is about."""

    queue: int
    channels: str


@dataclass
class Heard:
    """What the streams of one process were told while it was counted; times are CLOCK_MONOTONIC."""

    opened: int = 0
    refused: int = 0
    dropped: int = 0
    messages: int = 0
    heartbeats: int = 0
    # Of each queue's messages, how many streams had them, and when the first one came.
    copies: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    streams: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    behind: int = 0
    called_queue: "array[int]" = field(default_factory=lambda: array("q"))
    called_number: "array[int]" = field(default_factory=lambda: array("q"))
    called_at: "array[float]" = field(default_factory=lambda: array("d"))

    @property
    def missed(self) -> int:
        """Messages that some stream of a queue had and others, open all the time, had not."""
        return sum(
            self.streams[queue] - count
            for queue, copies in self.copies.items()
            for count in copies.values()
        )


class Stream:
    """One open stream."""

    __slots__ = ("called", "newest", "queue", "rest", "socket")

    def __init__(self, opened: socket.socket, queue: int) -> None:
        self.socket = opened
        self.queue = queue
        self.rest = b""
        self.called = 0
        self.newest = 0


class Holder:
    """Opens its streams, then reads them until it is stopped."""

    def __init__(self, port: int, first_address: int) -> None:
        self._port = port
        self._first_address = first_address
        self._poll = select.epoll()
        self._streams: dict[int, Stream] = {}
        self._is_counting = False
        self.heard = Heard()

    def open(self, wanted: Sequence[Wanted]) -> None:
        """Connects all, no faster than so many a second, while it reads those that are open."""
        started = time.monotonic()
        for index, one in enumerate(wanted):
            self._connect(index, one)
            due = started + index / CONNECTS_A_SECOND
            self.read(max(0.0, due - time.monotonic()) if index % 20 == 0 else 0)

    def count(self) -> None:
        """From now on it counts."""
        self._is_counting = True
        self.heard.opened = len(self._streams)
        for stream in self._streams.values():
            self.heard.streams[stream.queue] += 1

    def finish(self) -> Heard:
        """What was heard; looks which streams have not what the others of their queue have."""
        newest: dict[int, int] = defaultdict(int)
        for stream in self._streams.values():
            newest[stream.queue] = max(newest[stream.queue], stream.newest)
        self.heard.behind = sum(
            stream.newest < newest[stream.queue] for stream in self._streams.values()
        )
        return self.heard

    def read(self, seconds: float) -> None:
        """Takes what has come, or comes in so long."""
        for descriptor, _ in self._poll.poll(seconds, 4096):
            stream = self._streams[descriptor]
            try:
                received = stream.socket.recv(RECEIVED)
            except OSError:
                received = b""
            if received:
                self._take(stream, received, time.monotonic())
            else:
                self._drop(descriptor)

    def _connect(self, index: int, wanted: Wanted) -> None:
        number = self._first_address + index // STREAMS_OF_AN_ADDRESS
        opened = socket.socket()
        try:
            opened.settimeout(CONNECT_SECONDS)
            # The port is chosen at the connect, so that one address has them all to each peer.
            opened.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
            opened.bind((f"127.20.{number // 250}.{1 + number % 250}", 0))
            opened.connect((LOOPBACK, self._port))
            opened.sendall(
                f"GET /streams/{wanted.channels} HTTP/1.1\r\nHost: bench\r\n"
                "Accept: text/event-stream\r\n\r\n".encode()
            )
            opened.settimeout(0)
        except OSError:
            opened.close()
            self.heard.refused += 1
            return
        self._streams[opened.fileno()] = Stream(opened, wanted.queue)
        self._poll.register(opened.fileno(), select.EPOLLIN)

    def _drop(self, descriptor: int) -> None:
        self._poll.unregister(descriptor)
        self._streams.pop(descriptor).socket.close()
        self.heard.dropped += 1

    def _take(self, stream: Stream, received: bytes, at: float) -> None:
        # Most of what comes are heartbeats.
        if not stream.rest and received.endswith(b"\n\n") and b"snapshot" not in received:
            self.heard.heartbeats += self._is_counting * received.count(b"event: heartbeat")
            return
        *events, stream.rest = (stream.rest + received).split(b"\n\n")
        for event in events:
            if b"event: snapshot" in event:
                self._take_snapshot(stream, event, at)
            elif self._is_counting and b"event: heartbeat" in event:
                self.heard.heartbeats += 1

    def _take_snapshot(self, stream: Stream, event: bytes, at: float) -> None:
        data = event[event.index(b"data: ") :]
        start = data.index(b'"sequence":') + 11
        stream.newest = int(data[start : data.index(b",", start)])
        if not self._is_counting:
            return
        self.heard.messages += 1
        copies = self.heard.copies[stream.queue]
        name = zlib.crc32(data)
        copies[name] = copies.get(name, 0) + 1
        found = data.find(b'"called":[{"code":"')
        # A letter stands before the number.
        called = int(data[found + 20 : data.index(b'"', found + 20)]) if found > 0 else 0
        if called and called != stream.called:
            self.heard.called_queue.append(stream.queue)
            self.heard.called_number.append(called)
            self.heard.called_at.append(at)
        stream.called = called


def hold(
    port: int,
    first_address: int,
    wanted: Sequence[Wanted],
    signals: tuple[Event, Event, Event],
    result: Path,
) -> None:
    """A whole process: opens, says so, counts when told to, and at the end writes what it heard."""
    is_open, is_counting, is_over = signals
    holder = Holder(port, first_address)
    holder.open(wanted)
    is_open.set()
    counts = False
    while not is_over.is_set():
        if not counts and is_counting.is_set():
            holder.count()
            counts = True
        holder.read(0.2)
    result.write_bytes(pickle.dumps(holder.finish()))
