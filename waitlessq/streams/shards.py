"""Publishes to the shards of an edge: nginx with nchan, each of which is told everything.

A shard has a thread and one connection, on which messages are sent without waiting for each answer
(HTTP pipelining). What a shard did not take is kept, of each channel the newest, and sent again;
the order of channels is kept, so that a heartbeat comes after all that it vouches for.
"""

import logging
import re
import socket
import threading
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

logger = logging.getLogger(__name__)

Address = tuple[str, int]

# A shard that is well answers in a millisecond; who is slower is told later.
ANSWER_SECONDS = 1.0
RETRY_SECONDS = (0.05, 2.0)
# By then pages have asked for themselves, and the shard has let go of what it knew (30 s).
KEPT_SECONDS = 60.0
LOOKED_UP_SECONDS = 5.0
AT_ONCE = 128

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class ShardError(Exception):
    """A shard answered what it should not."""


@dataclass(frozen=True, slots=True)
class ShardMessage:
    """A message as shards take it; ``etag`` may be empty."""

    channel: str
    event: str
    body: bytes
    etag: str = ""

    def request(self, host: str) -> bytes:
        """The request that publishes it."""
        kind = f"application/json; etag={self.etag}" if self.etag else "application/json"
        head = (
            f"POST /publish/{self.channel} HTTP/1.1\r\nHost: {host}\r\n"
            f"X-EventSource-Event: {self.event}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


class Shards:
    """All shards: each address that the hosts of ``urls`` have at the moment is one of them."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = urls
        self._shards: dict[Address, Shard] = {}
        self._closed = threading.Event()
        self._look_up()
        # Whoever answers names may be slow or gone, which must hold up nobody.
        threading.Thread(target=self._keep_looking_up, name="shards", daemon=True).start()

    def publish(self, messages: Collection[ShardMessage]) -> bool:
        """Tells all shards; whether one of them at least took everything in time.

        Waits for those that are well, ``ANSWER_SECONDS`` at the most.
        """
        shards = list(self._shards.values())
        for shard in shards:
            shard.offer(messages)
        deadline = time.monotonic() + ANSWER_SECONDS
        told = [shard.wait_told(deadline) for shard in shards]
        return any(told)

    @property
    def is_behind(self) -> bool:
        """Whether one of them has yet to be told something."""
        return any(shard.is_behind for shard in self._shards.values())

    def close(self) -> None:
        """Ends all connections and threads; what was not told is lost."""
        self._closed.set()
        for shard in self._shards.values():
            shard.close()

    def _keep_looking_up(self) -> None:
        while not self._closed.wait(LOOKED_UP_SECONDS):
            self._look_up()

    def _look_up(self) -> None:
        addresses: set[Address] = set()
        for url in self._urls:
            parts = urlsplit(url)
            try:
                found = socket.getaddrinfo(
                    parts.hostname, parts.port or 80, type=socket.SOCK_STREAM
                )
            except OSError as error:
                # Those of before are as good as ever.
                logger.warning("Shards cannot be looked up at %s: %s", parts.hostname, error)
                return
            addresses |= {(str(address[0]), int(address[1])) for *_, address in found}
        kept = {
            address: self._shards.get(address) or Shard(address) for address in sorted(addresses)
        }
        gone = [shard for address, shard in self._shards.items() if address not in kept]
        self._shards = kept
        for shard in gone:
            shard.close()


@dataclass
class _Backlog:
    """What is still to be told: of each channel the newest message, oldest channel first."""

    messages: dict[str, ShardMessage] = field(default_factory=dict)
    since: float = 0.0

    def add(self, messages: Iterable[ShardMessage]) -> None:
        if not self.messages:
            self.since = time.monotonic()
        for message in messages:
            self.messages.pop(message.channel, None)
            self.messages[message.channel] = message

    def is_old(self) -> bool:
        return bool(self.messages) and time.monotonic() - self.since > KEPT_SECONDS


class Shard:
    """One shard, told by a thread of its own."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._changed = threading.Condition()
        self._backlog = _Backlog()
        self._is_well = True
        self._is_closed = False
        self._socket: socket.socket | None = None
        self._rest = b""
        threading.Thread(target=self._run, name=f"shard {address}", daemon=True).start()

    def offer(self, messages: Iterable[ShardMessage]) -> None:
        """Has messages told as soon as the shard takes them, or newer ones of their channels."""
        with self._changed:
            self._backlog.add(messages)
            self._changed.notify_all()

    def wait_told(self, deadline: float) -> bool:
        """Waits until all is told, while the shard is well; whether it is."""
        with self._changed:
            self._changed.wait_for(
                lambda: not self._backlog.messages or not self._is_well,
                max(0.0, deadline - time.monotonic()),
            )
            return not self._backlog.messages

    @property
    def is_behind(self) -> bool:
        """Whether it has yet to be told something."""
        return bool(self._backlog.messages)

    def close(self) -> None:
        """Ends its thread and connection."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _run(self) -> None:
        pause, longest = RETRY_SECONDS
        while batch := self._next_batch():
            try:
                self._tell(batch)
            except (OSError, ShardError) as error:
                self._failed(error)
                with self._changed:
                    self._changed.wait_for(lambda: self._is_closed, pause)
                pause = min(pause * 2, longest)
            else:
                self._told(batch)
                pause = RETRY_SECONDS[0]
        self._disconnect()

    def _next_batch(self) -> list[ShardMessage]:
        """Waits for messages and returns the next ones; nothing once it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._backlog.messages or self._is_closed)
            return [] if self._is_closed else list(islice(self._backlog.messages.values(), AT_ONCE))

    def _told(self, batch: Iterable[ShardMessage]) -> None:
        with self._changed:
            waiting = self._backlog.messages
            for message in batch:
                # A newer one of its channel may have come meanwhile.
                if waiting.get(message.channel) is message:
                    del waiting[message.channel]
            if not self._is_well:
                logger.warning("The shard at %s:%s takes messages again.", *self._address)
            self._is_well = True
            self._backlog.since = time.monotonic()
            self._changed.notify_all()

    def _failed(self, error: Exception) -> None:
        self._disconnect()
        with self._changed:
            if self._is_well:
                logger.warning("The shard at %s:%s takes no messages: %s", *self._address, error)
            self._is_well = False
            if self._backlog.is_old():
                self._backlog.messages.clear()
            self._changed.notify_all()

    def _tell(self, batch: Sequence[ShardMessage]) -> None:
        """Sends messages and reads their answers.

        Raises:
            OSError: there is no connection, or no answer in time.
            ShardError: an answer is no success.
        """
        connection = self._connect()
        host = f"{self._address[0]}:{self._address[1]}"
        connection.sendall(b"".join(message.request(host) for message in batch))
        for _ in batch:
            self._read_answer(connection)

    def _connect(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, ANSWER_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._rest = b""
        return self._socket

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _read_answer(self, connection: socket.socket) -> None:
        while b"\r\n\r\n" not in self._rest:
            self._receive(connection)
        head, _, body = self._rest.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        wanted = int(length[1]) if length else 0
        while len(body) < wanted:
            self._rest = b""
            self._receive(connection)
            body += self._rest
        self._rest = body[wanted:]
        status, line = head[9:12], head.split(b"\r\n", 1)[0].decode(errors="replace")
        if status.startswith(b"4"):
            # It would be refused again, and hold up all that comes after it.
            logger.error("The shard at %s:%s refused a message: %s", *self._address, line)
        elif not status.startswith(b"2"):
            raise ShardError(line)

    def _receive(self, connection: socket.socket) -> None:
        received = connection.recv(65536)
        if not received:
            raise ConnectionResetError("it closed the connection")
        self._rest += received
