"""Clients in closed loops over kept connections: each asks again once it was answered."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import quantiles

Request = Callable[[], tuple[str, bytes]]
"""What is measured and what is sent next."""


class Connection:
    """A kept connection that knows as much of HTTP as gunicorn's answers need."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> tuple[int, bytes]:
        """The status and the body of the answer."""
        self._socket.sendall(request)
        answer = self._socket.recv(65536)
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        head, _, body = answer.partition(b"\r\n\r\n")
        length = int(_header(head, b"content-length:") or 0)
        while len(body) < length:
            body += self._more()
        return int(head[9:12]), body

    def close(self) -> None:
        """Ends it."""
        self._socket.close()

    def _more(self) -> bytes:
        received = self._socket.recv(65536)
        if not received:
            raise ConnectionError("The server ended the connection.")
        return received


def _header(head: bytes, name: bytes) -> bytes:
    return next(
        (line[len(name) :] for line in head.lower().split(b"\r\n") if line.startswith(name)), b""
    )


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    elif method == "POST":
        lines.append("Content-Length: 0")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


@dataclass
class Measured:
    """Answers of one kind: how long each took, and how many were no success."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    elapsed: float = 0.0
    processor: float = 0.0

    @property
    def processor_ms(self) -> float:
        """What the servers computed for one answer, in milliseconds."""
        return self.processor / len(self.seconds) * 1000 if self.seconds else 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.elapsed if self.elapsed else 0.0

    def percentile(self, percent: int) -> float:
        """Milliseconds."""
        if len(self.seconds) < 2:  # noqa: PLR2004 (there are no quantiles of one)
            return 0.0
        return round(quantiles(self.seconds, n=100, method="inclusive")[percent - 1] * 1000, 2)

    def add(self, other: "Measured") -> None:
        """Takes in what another round measured."""
        self.seconds += other.seconds
        self.errors += other.errors
        self.elapsed += other.elapsed
        self.processor += other.processor


def run(
    port: int, loops: Sequence[Callable[[Connection], Iterator[bool]]], seconds: float
) -> Measured:
    """Runs all loops at once for so long; each yields whether an answer was a success."""
    measured = Measured()
    start = threading.Barrier(len(loops) + 1)
    stop = threading.Event()
    lock = threading.Lock()

    def client(loop: Callable[[Connection], Iterator[bool]]) -> None:
        connection = Connection(port)
        own = Measured()
        steps = loop(connection)
        start.wait()
        while not stop.is_set():
            began = time.perf_counter()
            is_success = next(steps)
            own.seconds.append(time.perf_counter() - began)
            own.errors += not is_success
        connection.close()
        with lock:
            measured.add(own)

    threads = [threading.Thread(target=client, args=[loop]) for loop in loops]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    measured.elapsed = time.perf_counter() - began
    return measured
