"""Requests to addresses that somebody else named: they reach public servers, and end in time.

Whoever lets others name an address (a push endpoint, a calendar to read) asks it through
``OutboundSession``. Names are looked up once, each address is checked at that moment, and the
connection goes to just that address, so that a name that answers differently the next time leads
nowhere. Redirects are not followed, no proxy of the environment is used, and neither a slow nor an
endless answer holds anybody up for longer than was granted.
"""

import ipaddress
import socket
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from threading import Timer
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

LONGEST_URL = 2000
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# What the standard library takes for public, in some version or other, and what leads elsewhere
# (the IANA registries of special-purpose addresses). Of IPv6 only 2000::/3 is given out at all.
NOT_PUBLIC = [
    ipaddress.ip_network(network)
    for network in (
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
]
GIVEN_OUT = ipaddress.ip_network("2000::/3")

_wires: ContextVar[list[socket.socket]] = ContextVar("outbound_wires")
"""The connections of the request that runs."""

_ends_at: ContextVar[float] = ContextVar("outbound_ends_at")
"""When that request's time is over, on the monotonic clock."""


class NotPublicError(Exception):
    """The address leads to a place that is not everybody's, or is none; nothing was sent there."""


class TooLargeError(requests.RequestException):
    """The answer is longer than was granted."""


def is_public(address: Address) -> bool:
    """Whether an address is one machine's on the open internet."""
    if isinstance(address, ipaddress.IPv6Address) and address not in GIVEN_OUT:
        # Also what stands for an IPv4 address: ::ffff:0:0/96, 64:ff9b::/96.
        return False
    is_special = any(
        address in network for network in NOT_PUBLIC if network.version == address.version
    )
    return address.is_global and not address.is_multicast and not is_special


def check_url(url: str, schemes: Collection[str] = ("https",)) -> None:
    """Refuses what can not be a public address, without looking its name up.

    Raises:
        NotPublicError: it has another scheme, a password or no host, or is too long; or its host is
            an address that is not public.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise NotPublicError("It is no address.") from None
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise NotPublicError("It is no address.")
    if parts.scheme not in schemes or not host or "@" in parts.netloc:
        raise NotPublicError("It is no address on the internet.")
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    if not is_public(address):
        raise NotPublicError(f"{host} is not public.")


class OutboundSession(requests.Session):
    """Asks public servers only; each request has ``seconds`` in all and ``most_bytes`` to answer.

    Requests raise what ``requests`` raises, ``TooLargeError``, and ``NotPublicError`` of where they
    would have led. A redirect is an answer like others.
    """

    def __init__(
        self, *, seconds: float, most_bytes: int, schemes: Collection[str] = ("https",)
    ) -> None:
        super().__init__()
        self._seconds, self._most_bytes, self._schemes = seconds, most_bytes, schemes
        self.trust_env = False
        # A connection has as long as its one request.
        self.headers["Connection"] = "close"
        for scheme in ("https", "http"):
            self.mount(f"{scheme}://", _Adapter())

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        check_url(url, self._schemes)
        started = time.monotonic()
        kwargs |= {"timeout": self._seconds, "stream": True}
        with (
            _cut_after(self._seconds),
            super().request(method, url, *args, **kwargs) as response,
        ):
            content = b"".join(self._bounded(response))
        if time.monotonic() - started > self._seconds:
            # What was cut off may look complete.
            raise requests.ReadTimeout("The answer took too long.", response=response)
        # As if it had not been streamed.
        response._content = content
        return response

    def get_redirect_target(self, resp: requests.Response) -> None:
        """No redirect is followed: it could lead anywhere."""

    def _bounded(self, response: requests.Response) -> Iterator[bytes]:
        length = 0
        for chunk in response.iter_content(64 * 1024):
            length += len(chunk)
            if length > self._most_bytes:
                raise TooLargeError("The answer is too large.", response=response)
            yield chunk


@contextmanager
def _cut_after(seconds: float) -> Iterator[None]:
    """Cuts the connections that are opened in the block when their time is over.

    However busy the other side keeps them: a time limit of a socket is for each of its reads.
    """
    wires: list[socket.socket] = []
    token = _wires.set(wires)
    ending = _ends_at.set(time.monotonic() + seconds)
    cut = Timer(seconds, _cut_off, [wires])
    cut.daemon = True
    cut.start()
    try:
        yield
    finally:
        _wires.reset(token)
        _ends_at.reset(ending)
        cut.cancel()
        for wire in wires:
            wire.close()


def _cut_off(wires: list[socket.socket]) -> None:
    for wire in list(wires):
        # It may end at this very moment.
        with suppress(OSError):
            wire.shutdown(socket.SHUT_RDWR)


class _Guarded(HTTPConnection):
    """A connection to a public address."""

    def _new_conn(self) -> socket.socket:
        return _connect(self._dns_host, self.port, self.timeout)


class _Secure(_Guarded, HTTPSConnection):
    """The same with TLS."""


class _GuardedPool(HTTPConnectionPool):
    ConnectionCls = _Guarded


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _GuardedPool, "https": _SecurePool}


def _connect(host: str, port: int | None, seconds: Any) -> socket.socket:
    """A connection to the first address of a host that answers.

    Raises:
        NotPublicError: one of its addresses is not public.
        OSError: none answers in time, or there is none.
    """
    failed = OSError(f"{host} has no address.")
    for family, kind, protocol, _, place in _places(host, port):
        left = _ends_at.get() - time.monotonic()
        if left <= 0:
            # What is opened after the cut would never be cut.
            raise TimeoutError(f"{host} does not answer.")
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(min(seconds, left))
        # A second handle, since TLS takes the first one for itself.
        _wires.get().append(connection.dup())
        try:
            connection.connect(place)
        except OSError as error:
            connection.close()
            failed = error
        else:
            return connection
    raise failed


def _places(host: str, port: int | None) -> list[Any]:
    """Where a host is, as ``socket.getaddrinfo`` says it; all of it is public."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise NotPublicError("It is no address.") from None
    for *_, place in found:
        if not is_public(ipaddress.ip_address(place[0])):
            raise NotPublicError(f"{host} is not public.")
    return found
