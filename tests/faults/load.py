"""Requests that go on while something fails, and what became of each."""

import http.client
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Self
from urllib.parse import urlsplit

LONGEST_SECONDS = 15.0
NO_ANSWER = 0


@dataclass(frozen=True)
class Answer:
    """One request's: its status (0: none came), seconds, when it was sent, headers and body."""

    status: int
    seconds: float
    sent_at: float
    headers: Mapping[str, str]
    body: bytes


def send(url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Answer:
    """One request, over a connection of its own: a POST if it has a body, else a GET."""
    began = time.monotonic()
    request = urllib.request.Request(url, data=body, headers=dict(headers or {}))
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=LONGEST_SECONDS) as response:
            status, said, content = response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        status, said, content = error.code, dict(error.headers), error.read()
    except OSError:
        status, said, content = NO_ANSWER, {}, b""
    return Answer(status, time.monotonic() - began, began, said, content)


def send_from(address: str, url: str, body: bytes) -> Answer:
    """A form that is sent from one of this machine's addresses."""
    began, where = time.monotonic(), urlsplit(url)
    line = http.client.HTTPConnection(
        where.hostname or "", where.port, timeout=LONGEST_SECONDS, source_address=(address, 0)
    )
    try:
        line.request(
            "POST", where.path, body, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        response = line.getresponse()
        status, said, content = response.status, dict(response.headers), response.read()
    except OSError:
        status, said, content = NO_ANSWER, {}, b""
    finally:
        line.close()
    return Answer(status, time.monotonic() - began, began, said, content)


def post(url: str, body: bytes = b"{}", **headers: str) -> Answer:
    """A POST of JSON with an Idempotency-Key."""
    common = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    return send(url, body, common | headers)


@dataclass
class Load:
    """Threads that each send one request after the other until the block ends."""

    ask: Callable[[], Answer]
    clients: int = 4
    pause_seconds: float = 0.02
    answers: list[Answer] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._stop = Event()
        self._threads = [Thread(target=self._run) for _ in range(self.clients)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self.answers.append(self.ask())
            self._stop.wait(self.pause_seconds)

    def since(self, moment: float) -> list[Answer]:
        """The answers to what was sent since then."""
        return [answer for answer in self.answers if answer.sent_at >= moment]


def failures(answers: Sequence[Answer]) -> int:
    """How many of them were no answer or a 5xx."""
    return sum(answer.status == NO_ANSWER or answer.status >= 500 for answer in answers)


def p99_ms(answers: Sequence[Answer]) -> float:
    """What 99 in 100 took at the most."""
    ordered = sorted(answer.seconds for answer in answers)
    return ordered[int(len(ordered) * 0.99)] * 1000 if ordered else 0.0
