"""A Redis that answers nothing is not waited for again and again."""

import socket
import time
from collections.abc import Iterator

import pytest
from redis import ConnectionPool, Redis
from redis.exceptions import ConnectionError as LostError
from redis.exceptions import TimeoutError as SilentError

from waitlessq import redis as cautious


@pytest.fixture(autouse=True)
def _asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cautious._Cautious, "_asks_again_at", 0.0)


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def connect(url: str) -> Redis:
    pool = ConnectionPool.from_url(url, socket_timeout=0.05, **cautious.pool_options(url))
    return Redis(connection_pool=pool)


def test_after_one_wait_in_vain_nobody_waits_for_a_moment(
    silent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = connect(silent)
    with pytest.raises(SilentError):
        client.get("a")
    for _ in range(5):
        with pytest.raises(LostError, match="a moment ago"):
            client.get("a")
    later = time.monotonic() + 2 * cautious.SILENT_SECONDS
    monkeypatch.setattr("waitlessq.redis.time.monotonic", lambda: later)
    with pytest.raises(SilentError):
        client.get("a")


def test_a_server_that_is_down_is_said_to_be_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    client = connect(f"redis://127.0.0.1:{port}/0")
    for _ in range(2):
        with pytest.raises(LostError, match="refused"):
            client.get("a")
