"""The platform's API over one kept connection."""

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from integrations.replay.errors import ReplayError

TIMEOUT_SECONDS = 30
RETRY_AFTER_SECONDS = (0.0, 0.1, 0.5, 1.0, 2.0, 4.0)
"""How long to wait before each repeat of a request that found nobody, or an error of the server.

The first is at once: a kept connection may have been closed while nothing was sent.
"""
RETRIED_CODES = frozenset({"request-running"})


class RefusedError(Exception):
    """The platform understood the request and refused it."""

    def __init__(self, status: int, body: Any) -> None:
        self.status = status
        self.body = body if isinstance(body, dict) else {}
        self.code = str(self.body.get("code", status))
        self.detail = str(self.body.get("detail", ""))
        super().__init__(f"{self.code}: {self.detail}")


@dataclass(slots=True)
class Traffic:
    """What one connection sent and how long answers took, in seconds."""

    seconds: list[float] = field(default_factory=list)
    by_action: Counter[str] = field(default_factory=Counter)
    retries: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """Where the platform is, for which provider, and the key to it."""

    url: str
    provider: str
    key: str

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            is_good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
        except ValueError:
            is_good = False
        if not is_good:
            raise ReplayError(f"“{self.url}” is not a URL like http://127.0.0.1:8000.")

    def connect(self) -> HTTPConnection:
        """A connection that connects when it is first used."""
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def path(self) -> str:
        return f"{urlsplit(self.url).path.rstrip('/')}/api/v1/providers/{self.provider}"


class Client:
    """One connection to the platform; for one thread.

    Requests are written as bytes in one send: it is half of what ``http.client`` takes for one.
    """

    def __init__(self, target: Target) -> None:
        self.traffic = Traffic()
        self._target = target
        self._connection = target.connect()
        self._path = target.path
        self._common = (
            f" HTTP/1.1\r\nHost: {target.host}\r\nAuthorization: Bearer {target.key}\r\n"
            "Accept: application/json\r\nContent-Type: application/json\r\n"
        )

    def close(self) -> None:
        """Closes the connection; another request would open it again."""
        self._connection.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Any:
        """GETs ``path``, below the provider's or whole, and returns the body. Raises as post."""
        return self._answered("GET", path, headers or {}, b"")

    def post(
        self, path: str, body: object = None, *, at: str, idempotency_key: str, name: str = ""
    ) -> Any:
        """POSTs at the time ``at`` (aware, ISO 8601) of the replay; returns the answer's body.

        ``name`` is what the request counts as in the traffic.

        Raises:
            RefusedError: the platform answered 4xx.
            ReplayError: it does not answer, or fails again and again.
        """
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Replay-Clock": at, "Idempotency-Key": idempotency_key}
        answer = self._answered("POST", path, headers, content)
        if name:
            self.traffic.by_action[name] += 1
        return answer

    def patch(self, path: str, body: object, *, at: str) -> Any:
        """PATCHes at the time ``at`` of the replay. Raises as post."""
        content = json.dumps(body).encode()
        return self._answered("PATCH", path, {"Replay-Clock": at}, content)

    def _answered(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> Any:
        request = self._request(method, path, headers, content)
        for wait_seconds in (*RETRY_AFTER_SECONDS, None):
            try:
                status, body = self._send(method, request)
            except (OSError, HTTPException) as error:
                self._connection.close()
                problem = f"does not answer: {error or type(error).__name__}"
            else:
                if status < HTTPStatus.MULTIPLE_CHOICES:
                    return body
                refusal = RefusedError(status, body)
                if not _may_pass(refusal):
                    raise refusal
                problem = f"answers {status} to {method} {path}: {refusal.detail}"
            if wait_seconds is not None:
                self.traffic.retries += 1
                time.sleep(wait_seconds)
        raise ReplayError(
            f"The platform at {self._target.url} {problem}".rstrip(": .")
            + f" ({len(RETRY_AFTER_SECONDS) + 1} times asked)."
        )

    def _request(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> bytes:
        if not path.startswith("http"):
            path = f"{self._path}/{path}" if path else self._path
        else:
            parts = urlsplit(path)
            path = f"{parts.path}?{parts.query}"
        own = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"{method} {path}{self._common}{own}Content-Length: {len(content)}\r\n\r\n"
        return head.encode("latin-1") + content

    def _send(self, method: str, request: bytes) -> tuple[int, Any]:
        connection = self._connection
        if connection.sock is None:
            connection.connect()
        began = time.perf_counter()
        connection.send(request)
        with connection.response_class(connection.sock, method=method) as response:
            response.begin()
            content = response.read()
        self.traffic.seconds.append(time.perf_counter() - began)
        if response.will_close:
            connection.close()
        try:
            return response.status, json.loads(content) if content else None
        except ValueError:
            return response.status, None


def _may_pass(refusal: RefusedError) -> bool:
    return (
        refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        or refusal.status == HTTPStatus.TOO_MANY_REQUESTS
        or refusal.code in RETRIED_CODES
    )
