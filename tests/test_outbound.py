"""Asking addresses that others named: only public ones, only for a while, only so much."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from waitlessq import outbound
from waitlessq.outbound import NotPublicError, OutboundSession, TooLargeError, check_url, is_public

# By whichever name or notation: this machine, its neighbours, and what leads there.
NOT_EVERYBODYS = [
    "127.0.0.1", "127.1", "127.255.255.254", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "0.0.0.0",
    "localhost", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1",
    "169.254.169.254", "169.254.170.2", "100.64.0.1", "100.100.100.200", "100.127.255.254",
    "192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[fe80::1]",
    "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]", "[64:ff9b::7f00:1]",
    "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2001::1]", "[2001:db8::1]", "[100::1]",
]  # fmt: skip


def session(seconds: float = 5) -> OutboundSession:
    return OutboundSession(seconds=seconds, most_bytes=1000, schemes=("https", "http"))


@pytest.fixture
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    class Socket(socket.socket):
        def connect(self, address: Any) -> None:
            pytest.fail(f"It would have connected to {address}")

    # There only: the cache, which other fixtures empty, may connect.
    watched = SimpleNamespace(**vars(socket) | {"socket": Socket})
    monkeypatch.setattr(outbound, "socket", watched)


@pytest.mark.parametrize("host", NOT_EVERYBODYS)
def test_nothing_is_sent_to_what_is_not_everybodys(no_connections: None, host: str) -> None:
    with pytest.raises(NotPublicError):
        session().post(f"https://{host}/hook", data=b"x")


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450::1"])
def test_what_is_everybodys_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "", "//push.example/a", "ftp://push.example/", "file:///etc/passwd", "javascript:alert(1)",
        "gopher://push.example:70/_x", "http://push.example/", "https://", "https:///a",
        "https://user:word@push.example/", "https://push.example:99999/", "https://[::1/",
        "https://push.example/ä", "https://push.example/a b", "https://push.example/\n",
        "https://10.0.0.1/", "https://[::1]/", f"https://push.example/{'a' * 2000}",
    ],
)  # fmt: skip
def test_what_can_not_be_a_public_address_is_refused_unasked(url: str) -> None:
    with pytest.raises(NotPublicError):
        check_url(url)


@pytest.mark.parametrize("url", ["https://push.example/a", "https://push.example:8443/a?b=c"])
def test_a_name_is_looked_up_only_when_it_is_asked(url: str) -> None:
    check_url(url)


def answering(*answers: list[str]) -> Callable[..., Any]:
    """A resolver that says each of these in turn, and the last one ever after."""
    left = list(answers)

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        addresses = left.pop(0) if len(left) > 1 else left[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    return resolve


def test_a_name_with_one_address_that_is_not_public_is_not_asked(
    no_connections: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "waitlessq.outbound.socket.getaddrinfo", answering(["8.8.8.8", "127.0.0.1"])
    )
    with pytest.raises(NotPublicError):
        session().get("https://rebinding.example/")


def test_a_name_is_looked_up_once_so_that_it_can_not_change_in_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected: list[Any] = []

    class Socket(socket.socket):
        def connect(self, address: Any) -> None:
            connected.append(address)
            raise OSError("far away")

    # There only: the cache, which other fixtures empty, may connect.
    watched = SimpleNamespace(**vars(socket) | {"socket": Socket})
    monkeypatch.setattr(outbound, "socket", watched)
    monkeypatch.setattr(
        "waitlessq.outbound.socket.getaddrinfo", answering(["8.8.8.8"], ["127.0.0.1"])
    )
    with pytest.raises(requests.ConnectionError):
        session().get("https://rebinding.example/")
    assert connected == [("8.8.8.8", 443)]


class Server:
    """Answers one request on this machine, as it is told to; counts connections."""

    def __init__(self, answer: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._answer = answer
        self.connections = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                connection.recv(10_000)
                self._answer(connection)

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Server]]:
    monkeypatch.setattr(outbound, "is_public", lambda _: True)
    servers: list[Server] = []

    def start(answer: Callable[[socket.socket], None]) -> Server:
        servers.append(Server(answer))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def says(text: str) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(text.encode())


def test_an_answer_comes_back_whole(serve: Callable[..., Server]) -> None:
    server = serve(says("HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\ndone"))
    response = session().post(server.url, data=b"x")
    assert (response.status_code, response.content, response.text) == (201, b"done", "done")


def test_a_redirect_is_not_followed(serve: Callable[..., Server]) -> None:
    elsewhere = serve(says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    server = serve(
        says(f"HTTP/1.1 307 Away\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n")
    )
    assert session().post(server.url, data=b"x").status_code == 307
    assert (server.connections, elsewhere.connections) == (1, 0)


def test_the_environments_proxy_is_not_asked(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    monkeypatch.delenv("no_proxy", raising=False)
    assert session().get(server.url).ok


def test_an_endless_answer_is_left(serve: Callable[..., Server]) -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        try:
            while True:
                connection.sendall(b"x" * 1000)
        except OSError:
            return

    server = serve(endless)
    with pytest.raises(TooLargeError):
        session().get(server.url)


@pytest.mark.parametrize("start", ["", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n"])
def test_a_dripping_answer_is_cut_off(serve: Callable[..., Server], start: str) -> None:
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(start.encode())
        try:
            while not over.wait(0.02):
                connection.sendall(b"x")
        except OSError:
            return

    server = serve(drip)
    with pytest.raises(requests.RequestException):
        session(seconds=0.3).get(server.url)
    over.set()


def test_nothing_is_connected_to_once_the_time_is_over(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = threading.Event()
    server = serve(lambda _: asked.set())
    look_up = outbound._places

    def slow(host: str, port: int | None) -> list[Any]:
        time.sleep(0.3)
        return look_up(host, port)

    monkeypatch.setattr(outbound, "_places", slow)
    with pytest.raises(requests.RequestException):
        session(seconds=0.2).get(server.url)
    assert not asked.wait(0.2)
