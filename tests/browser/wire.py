"""A phone's connection that can be cut: a SOCKS 5 proxy (RFC 1928) between Chromium and the world.

Chromium's own emulation of being offline leaves open streams alone; a cut here ends them, too.
"""

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from embedded.ports import LOOPBACK

BUFFER_BYTES = 65536
NO_AUTHENTICATION = b"\x05\x00"
CONNECTED = b"\x05\x00\x00\x01" + bytes(6)
IPV4, NAME, IPV6 = 1, 3, 4


class Wire:
    """The proxy; `proxy` is how Chromium is told of it."""

    def __init__(self) -> None:
        self._is_cut = False
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        wire = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    wire.carry(self.request)

        self._server = socketserver.ThreadingTCPServer((LOOPBACK, 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def proxy(self) -> dict[str, str]:
        """The option `proxy` of a browser context."""
        port = self._server.server_address[1]
        # Without the exception to the exception, nothing on this machine would use a proxy.
        return {"server": f"socks5://{LOOPBACK}:{port}", "bypass": "<-loopback>"}

    @contextmanager
    def cut(self) -> Iterator[None]:
        """No connection lives during the block, and none can be made."""
        with self._lock:
            self._is_cut = True
            for one in self._open:
                _hang_up(one)
        try:
            yield
        finally:
            self._is_cut = False

    def close(self) -> None:
        """Carry nothing any more."""
        with self.cut():
            self._server.shutdown()
            self._server.server_close()

    def carry(self, client: socket.socket) -> None:
        """Carry one connection until either side, or a cut, ends it."""
        with socket.create_connection(_read_target(client)) as target:
            ends = (client, target)
            with self._lock:
                if self._is_cut:
                    return
                self._open.update(ends)
            client.sendall(CONNECTED)
            back = threading.Thread(target=_pump, args=(target, client), daemon=True)
            back.start()
            _pump(client, target)
            back.join()
            with self._lock:
                self._open.difference_update(ends)


def _read_target(client: socket.socket) -> tuple[str, int]:
    with client.makefile("rb") as said:
        _, methods = said.read(2)
        said.read(methods)
        client.sendall(NO_AUTHENTICATION)
        kind = said.read(4)[3]
        if kind == NAME:
            host = said.read(said.read(1)[0]).decode()
        else:
            family = {IPV4: socket.AF_INET, IPV6: socket.AF_INET6}[kind]
            host = socket.inet_ntop(family, said.read(4 if kind == IPV4 else 16))
        return host, int.from_bytes(said.read(2))


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(BUFFER_BYTES):
            sink.sendall(data)
    # One end has gone: the other must not wait for it.
    _hang_up(source)
    _hang_up(sink)


def _hang_up(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
