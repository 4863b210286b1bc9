"""The edge and two shards as they are deployed, with a stand-in for the web processes."""

import http.client
import ipaddress
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from embedded.edge import EdgePorts, Tls, edge_command, find_nginx, lay_out, shard_command
from embedded.ports import LOOPBACK, Ports
from waitlessq import clock

Headers = Mapping[str, str]
SHARDS = (1, 2)


@dataclass
class Asked:
    """A request that reached the web processes."""

    method: str
    path: str
    headers: Headers


@dataclass
class Web:
    """Answers in place of the platform what a test says, and remembers what it was asked."""

    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], tuple[int, Headers, bytes]] = lambda _: (200, {}, b"web")

    def serve(self, port: int) -> ThreadingHTTPServer:
        """Listens until it is shut down."""
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                self.rfile.read(length)
                asked = Asked(self.command, self.path, dict(self.headers))
                web.asked.append(asked)
                status, headers, body = web.answer(asked)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                # Else it would go on being answered when this is stopped.
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 (named by its base)

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer((LOOPBACK, port), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server


class Nginx:
    """One nginx: its master and its workers."""

    def __init__(self, command: tuple[str, ...], port: int, log: Path) -> None:
        self._command = command
        self._port = port
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, start_new_session=True
            )
        for _ in range(500):
            with suppress(OSError), socket.create_connection((LOOPBACK, self._port), 1):
                return
            assert self._process.poll() is None, self._log.read_text()
            time.sleep(0.02)
        raise AssertionError(self._log.read_text())

    def reload(self) -> None:
        """Has the master read its configuration anew (SIGHUP)."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        """Kills master and worker (SIGKILL)."""
        self._signal_all(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It neither answers nor ends (SIGSTOP)."""
        self._signal_all(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """The files of a certificate for 127.0.0.1 that is good for a day, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, LOOPBACK)])
    now = clock.now()
    address = x509.IPAddress(ipaddress.ip_address(LOOPBACK))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    files = folder / "tls.crt", folder / "tls.key"
    files[0].write_bytes(certificate.public_bytes(pem))
    plain = serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return files


class Edge:
    """All of it. Each test may ask from an address of its own, so that limits are its own too."""

    def __init__(self, state: Path, *, has_tls: bool = False) -> None:
        nginx = find_nginx()
        assert nginx is not None, "these tests are left out where there is none"
        # Workers of nginx are another account, and must be let through.
        for folder in (state, *state.parents):
            if folder == state or folder.name.startswith("pytest-"):
                folder.chmod(0o755)
        for name in ("static", "apps"):
            (state / name).mkdir()
        held = Ports()
        base = 29500 + os.getpid() % 1000
        for name in ("edge", "plain", "web", "streams", *map(str, SHARDS)):
            held.choose(name, list(range(base, base + 3000)))
        publish = [held[str(number)] for number in SHARDS]
        self.ports = EdgePorts(held["edge"], held["web"], held["streams"], publish)
        self.state = state
        self.web = Web()
        self.tls = Tls(*make_certificate(state), held["plain"]) if has_tls else None
        lay_out(state, self.ports, tls=self.tls)
        held.release_all()
        self.log = state / "nginx.log"
        self.shards = [
            Nginx(shard_command(nginx, state, number), port, self.log)
            for number, port in zip(SHARDS, publish, strict=True)
        ]
        self.edge = Nginx(edge_command(nginx, state, workers=1), self.ports.edge, self.log)
        self._server: ThreadingHTTPServer | None = None

    @property
    def shard_urls(self) -> tuple[str, ...]:
        """What STREAM_SHARDS says."""
        return tuple(f"http://{LOOPBACK}:{port}" for port in self.ports.publish)

    def start(self) -> None:
        """Starts all."""
        self.start_web()
        for part in (*self.shards, self.edge):
            part.start()

    def start_web(self) -> None:
        """Starts the stand-in."""
        self._server = self.web.serve(self.ports.web)

    def stop_web(self) -> None:
        """The web processes are gone."""
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def stop(self) -> None:
        """Ends all."""
        for part in (*self.shards, self.edge):
            part.kill()
        self.stop_web()

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        address: str = "127.0.0.1",
        headers: Headers | None = None,
        port: int | None = None,
    ) -> "Answer":
        """One request on a connection of its own."""
        where = LOOPBACK, port or self.ports.edge
        options: dict[str, Any] = {"timeout": 10, "source_address": (address, 0)}
        connection = (
            http.client.HTTPSConnection(*where, context=self.trust, **options)
            if self.tls and port != self.tls.plain_port
            else http.client.HTTPConnection(*where, **options)
        )
        try:
            connection.request(method, path, headers=dict(headers or {}))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    @property
    def trust(self) -> ssl.SSLContext:
        """Believes the edge's certificate, and no other."""
        assert self.tls is not None
        return ssl.create_default_context(cafile=str(self.tls.certificate))


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    status: int
    headers: Any
    body: bytes


class Stream:
    """An open event stream."""

    def __init__(self, port: int, channels: str) -> None:
        self._socket = socket.create_connection((LOOPBACK, port), 10)
        headers = "Host: x\r\nAccept: text/event-stream\r\nOrigin: https://clinic.example"
        self._socket.sendall(f"GET /streams/{channels} HTTP/1.1\r\n{headers}\r\n\r\n".encode())
        self._file = self._socket.makefile("rb")
        self.status = int(self._file.readline().split()[1])
        self.headers = http.client.parse_headers(self._file)

    def next(self) -> tuple[str, str]:
        """The next event and its data."""
        event = ""
        while line := self._file.readline():
            name, _, value = line.decode().strip().partition(": ")
            if name == "event":
                event = value
            elif name == "data":
                return event, value
        raise EOFError

    def close(self) -> None:
        """Ends it."""
        self._file.close()
        self._socket.close()
