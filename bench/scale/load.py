"""Sends requests at fixed times, whether or not the ones before are answered: an open loop.

Each process has its own connections, each from an address of its own, as customers do, so limits by
address are in force. What counts is the time from when a request should have been sent.
"""

import pickle
import random
import select
import socket
import time
import uuid
from array import array
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedded.ports import LOOPBACK

KINDS = ("snapshot", "ticket", "static", "provider", "join", "call")
ANSWER_SECONDS = 10.0
# A desk's change of a ticket may come too late: somebody left, or nobody waits.
CONFLICTS = {404, 409}


@dataclass(frozen=True)
class Work:
    """What one process sends: ``rate`` requests a second, from ``starts_at`` on.

    With no rate the loop is closed: each connection asks again as soon as it is answered. Then the
    platform is asked without its edge, so that it is told addresses as the edge does.
    """

    port: int
    number: int
    connections: int
    rate: float
    seconds: float
    starts_at: float
    shares: dict[str, float]
    queues: Sequence[dict[str, Any]]
    tokens: Sequence[str]
    files: Sequence[str]


@dataclass
class Done:
    """What came of it, an entry for each request; times in seconds, due ones from the start."""

    kind: "array[int]" = field(default_factory=lambda: array("b"))
    due: "array[float]" = field(default_factory=lambda: array("d"))
    took: "array[float]" = field(default_factory=lambda: array("d"))
    statuses: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    conflicts: int = 0
    # Calls: queue, number that was called, when it was due (CLOCK_MONOTONIC).
    calls: list[tuple[int, int, float]] = field(default_factory=list)


@dataclass
class Request:
    """One request on its way."""

    kind: str
    content: bytes
    due: float
    desk: "Desk | None" = None


@dataclass
class Desk:
    """A counter: it calls the next, and at its next turn sends them away."""

    queue: dict[str, Any]
    ticket: int | None = None
    is_busy: bool = False


class Connection:
    """A connection from an address of its own, kept open."""

    def __init__(self, port: int, address: str) -> None:
        self._port = port
        self._address = address
        self.socket: socket.socket | None = None
        self.request: Request | None = None
        self.received = b""

    def connect(self) -> socket.socket:
        """Connects anew."""
        opened = socket.socket()
        opened.bind((self._address, 0))
        opened.settimeout(ANSWER_SECONDS)
        opened.connect((LOOPBACK, self._port))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = opened
        return opened


class Load:
    """One process's part."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._random = random.Random(work.number)  # noqa: S311 (the same load each time)
        self._poll = select.epoll()
        self._by_descriptor: dict[int, Connection] = {}
        self._free: deque[Connection] = deque()
        self._desks = deque(Desk(queue) for queue in work.queues)
        self._tries = 0
        self.done = Done()
        for index in range(work.connections):
            number = work.number * work.connections + index
            address = f"127.{40 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"
            self._free.append(Connection(work.port, address))

    def run(self) -> Done:
        """Sends everything, then waits for what is not answered yet."""
        for connection in self._free:
            self._open(connection)
        work = self._work
        if not work.rate:
            return self._run_closed()
        kinds = list(work.shares)
        weights = list(work.shares.values())
        count = int(work.rate * work.seconds)
        planned = self._random.choices(kinds, weights, k=count)
        sent = 0
        over = work.starts_at + work.seconds + ANSWER_SECONDS
        while (sent < count or len(self._free) < work.connections) and time.monotonic() < over:
            now = time.monotonic()
            while sent < count and self._free:
                due = work.starts_at + sent / work.rate
                if due > now:
                    break
                self._send(self._request(planned[sent], due))
                sent += 1
            wait = work.starts_at + sent / work.rate - time.monotonic() if self._free else 0.05
            for descriptor, _ in self._poll.poll(min(max(wait, 0.0), 0.05)):
                self._receive(self._by_descriptor[descriptor])
        self.done.errors["not sent"] += count - sent
        self.done.errors["no answer"] += work.connections - len(self._free)
        self.done.errors = +self.done.errors
        return self.done

    def _run_closed(self) -> Done:
        [kind] = self._work.shares
        over = self._work.starts_at + self._work.seconds
        while (now := time.monotonic()) < over:
            while self._free:
                request = self._request(kind, now)
                request.content = self._from_somebody_else(request.content)
                self._send(request)
            for descriptor, _ in self._poll.poll(0.05):
                self._receive(self._by_descriptor[descriptor])
        return self.done

    def _open(self, connection: Connection) -> None:
        opened = connection.connect()
        self._by_descriptor[opened.fileno()] = connection
        self._poll.register(opened.fileno(), select.EPOLLIN)

    def _close(self, connection: Connection) -> None:
        if connection.socket is not None:
            self._poll.unregister(connection.socket.fileno())
            del self._by_descriptor[connection.socket.fileno()]
            connection.socket.close()
            connection.socket = None

    def _send(self, request: Request) -> None:
        connection = self._free.popleft()
        try:
            if connection.socket is None:
                self._open(connection)
            assert connection.socket is not None  # noqa: S101 (just opened)
            connection.request, connection.received = request, b""
            connection.socket.send(request.content)
        except OSError as error:
            self._fail(connection, type(error).__name__)

    def _receive(self, connection: Connection) -> None:
        assert connection.socket is not None  # noqa: S101 (it is polled)
        try:
            received = connection.socket.recv(65536)
        except OSError:
            received = b""
        if not received:
            if connection.request is None:
                # The edge ends connections that have had their share, between two requests.
                self._close(connection)
            elif not connection.received and self._tries < self._work.connections:
                self._again(connection)
            else:
                self._fail(connection, "connection lost")
            return
        connection.received += received
        answer = _complete(connection.received)
        if answer is not None and connection.request is not None:
            self._finish(connection, connection.request, *answer)

    def _again(self, connection: Connection) -> None:
        """It was ended as the request was on its way: as browsers do, ask once more."""
        self._tries += 1
        request = connection.request
        assert request is not None  # noqa: S101 (the caller looked)
        self._close(connection)
        connection.request = None
        self._free.appendleft(connection)
        self._send(request)

    def _finish(self, connection: Connection, request: Request, status: int, body: bytes) -> None:
        now = time.monotonic()
        self.done.kind.append(KINDS.index(request.kind))
        self.done.due.append(request.due - self._work.starts_at)
        self.done.took.append(now - request.due)
        self.done.statuses[f"{request.kind} {status}"] += 1
        if request.kind == "call" and status in CONFLICTS:
            self.done.conflicts += 1
        elif status >= 400:  # noqa: PLR2004 (HTTP's)
            self.done.errors[f"{request.kind} {status}"] += 1
        if request.desk is not None:
            self._settle(request.desk, status, body, request.due)
        connection.request = None
        self._free.append(connection)

    def _fail(self, connection: Connection, why: str) -> None:
        self.done.errors[why] += 1
        if connection.request is not None and connection.request.desk is not None:
            connection.request.desk.is_busy = False
        connection.request = None
        self._close(connection)
        self._free.append(connection)

    def _settle(self, desk: Desk, status: int, body: bytes, due: float) -> None:
        desk.is_busy = False
        was_calling = desk.ticket is None
        desk.ticket = None
        if was_calling and status == 200:  # noqa: PLR2004 (HTTP's)
            start = body.index(b'"id":') + 5
            desk.ticket = int(body[start : body.index(b",", start)])
            start = body.index(b'"code":"') + 9
            number = int(body[start : body.index(b'"', start)])
            self.done.calls.append((desk.queue["queue"], number, due))

    def _request(self, kind: str, due: float) -> Request:
        work, choose = self._work, self._random.choice
        if kind == "snapshot":
            path = f"/api/v1/public/queues/{choose(work.queues)['queue']}/snapshot"
            return Request(kind, _get(path), due)
        if kind == "ticket":
            header = f"Ticket-Token: {choose(work.tokens)}\r\n"
            return Request(kind, _get("/api/v1/public/ticket", header), due)
        if kind == "static":
            return Request(kind, _get(choose(work.files), "Accept-Encoding: gzip\r\n"), due)
        if kind == "provider":
            path = f"/api/v1/public/providers/{choose(work.queues)['slug']}"
            return Request(kind, _get(path), due)
        if kind == "join":
            path = f"/api/v1/public/queues/{choose(work.queues)['queue']}/tickets"
            return Request(kind, _post(path, f"Idempotency-Key: {uuid.uuid4()}\r\n"), due)
        return self._call(due)

    def _from_somebody_else(self, content: bytes) -> bytes:
        """The request as the edge passes it on, from one of 16 million addresses."""
        number = self._random.randrange(1 << 24)
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        line, rest = content.split(b"\r\n", 1)
        return line + f"\r\nX-Forwarded-For: {address}\r\n".encode() + rest

    def _call(self, due: float) -> Request:
        """Of the desk whose turn it is: call the next, or send away who was called."""
        self._desks.rotate(-1)
        desk = self._desks[0]
        path = f"/api/v1/providers/{desk.queue['slug']}"
        if desk.ticket is None:
            path += f"/counters/{desk.queue['counter']}/call-next"
        else:
            path += f"/tickets/{desk.ticket}/no-show"
        desk.is_busy = True
        header = f"Authorization: Bearer {desk.queue['key']}\r\n"
        return Request("call", _post(path, header), due, desk)


def load(work: Work, result: Path) -> None:
    """A whole process."""
    result.write_bytes(pickle.dumps(Load(work).run()))


def _get(path: str, headers: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode()


def _post(path: str, headers: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}"
    return f"{head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}".encode()


def _complete(received: bytes) -> tuple[int, bytes] | None:
    """Status and body once the whole answer is there."""
    head, gap, body = received.partition(b"\r\n\r\n")
    if not gap:
        return None
    lower = head.lower()
    found = lower.find(b"\r\ncontent-length: ")
    if found >= 0:
        end = lower.find(b"\r\n", found + 2)
        length = int(lower[found + 18 : end if end > 0 else None])
        return (int(head[9:12]), body) if len(body) >= length else None
    if b"\r\ntransfer-encoding: chunked" in lower:
        return (int(head[9:12]), body) if body.endswith(b"0\r\n\r\n") else None
    return int(head[9:12]), body
