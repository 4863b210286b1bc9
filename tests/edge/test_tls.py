"""An edge that speaks TLS, with a certificate that nobody else believes."""

import socket
import ssl
from collections.abc import Iterator

import pytest

from embedded.ports import LOOPBACK
from tests.edge.running import Edge

YEAR = "max-age=31536000; includeSubDomains; preload"


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    """An edge of its own with a file, and a stand-in behind it."""
    edge = Edge(tmp_path_factory.mktemp("tls"), has_tls=True)
    (edge.state / "static" / "a.css").write_text("a {}")
    edge.start()
    yield edge
    edge.stop()


def shake_hands(port: int, context: ssl.SSLContext) -> ssl.SSLSocket:
    with socket.create_connection((LOOPBACK, port), 10) as plain:
        return context.wrap_socket(plain, server_hostname=LOOPBACK)


def test_who_came_by_tls_is_told_to_come_back_so(secure: Edge) -> None:
    answer = secure.ask("/static/a.css")
    assert (answer.body, answer.headers["Strict-Transport-Security"]) == (b"a {}", YEAR)
    secure.ask("/console/")
    assert secure.web.asked[-1].headers["X-Forwarded-Proto"] == "https"


def test_who_came_without_is_sent_there(secure: Edge) -> None:
    assert secure.tls is not None
    asked = len(secure.web.asked)
    answer = secure.ask("/console/?a=b", port=secure.tls.plain_port)
    assert answer.status == 301
    assert answer.headers["Location"] == f"https://{LOOPBACK}/console/?a=b"
    assert len(secure.web.asked) == asked


def test_browsers_get_http_2(secure: Edge) -> None:
    context = secure.trust
    context.set_alpn_protocols(["h2", "http/1.1"])
    with shake_hands(secure.ports.edge, context) as line:
        assert (line.selected_alpn_protocol(), line.version()) == ("h2", "TLSv1.3")


@pytest.mark.parametrize("port", ["edge", "streams"])
def test_a_key_that_is_lost_later_opens_nothing_of_today(secure: Edge, port: str) -> None:
    context = secure.trust
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with shake_hands(getattr(secure.ports, port), context) as line:
        cipher = line.cipher()
        assert cipher is not None
        assert cipher[0].startswith("ECDHE-")
    # Forward secret, but without an authenticated cipher.
    context.set_ciphers("ECDHE-ECDSA-AES128-SHA256")
    with pytest.raises(ssl.SSLError):
        shake_hands(getattr(secure.ports, port), context)


def test_streams_come_by_tls(secure: Edge) -> None:
    answer_line = b""
    with shake_hands(secure.ports.streams, secure.trust) as line:
        line.sendall(
            b"GET /streams/heartbeat HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n"
        )
        answer_line = line.recv(1024)
    assert answer_line.startswith(b"HTTP/1.1 200")
