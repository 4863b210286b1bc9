"""A push service and a browser for tests: they take messages as RFC 8030 says, and decrypt them.

Written after the RFCs (8188, 8291, 8292) with nothing but primitives, so that what the sending
library does wrong would show.
"""

import base64
import json
import os
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DAY_SECONDS = 86_400


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def derived(length: int, salt: bytes, secret: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


class Browser:
    """Has the keys that only it knows, and reads what was encrypted for it."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)
        self.keys = {
            "p256dh": encoded(point_of(self._private.public_key())),
            "auth": encoded(self._auth),
        }

    def read(self, body: bytes) -> Any:
        """Decrypts one record of aes128gcm (RFC 8291, 3.4; RFC 8188, 2)."""
        salt, record_size, id_length = struct.unpack("!16sIB", body[:21])
        sender, record = body[21 : 21 + id_length], body[21 + id_length :]
        assert len(record) <= record_size
        sender_key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self._private.exchange(ec.ECDH(), sender_key)
        info = b"WebPush: info\0" + point_of(self._private.public_key()) + sender
        secret = derived(32, self._auth, shared, info)
        key = derived(16, salt, secret, b"Content-Encoding: aes128gcm\0")
        nonce = derived(12, salt, secret, b"Content-Encoding: nonce\0")
        text = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert text.endswith(b"\2"), "The last record ends so."
        return json.loads(text[:-1])


@dataclass(frozen=True)
class Received:
    """What somebody sent to an endpoint."""

    path: str
    headers: Mapping[str, str]
    body: bytes


def signed_claims(received: Received, public_key: str) -> Any:
    """What the sender claims, once its signature is checked against the key (RFC 8292, ES256)."""
    scheme, _, rest = received.headers["authorization"].partition(" ")
    said = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert (scheme, said["k"]) == ("vapid", public_key)
    head, claims, signature = said["t"].split(".")
    assert json.loads(decoded(head)) == {"typ": "JWT", "alg": "ES256"}
    raw = decoded(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(public_key))
    key.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    found = json.loads(decoded(claims))
    assert time.time() < found["exp"] <= time.time() + DAY_SECONDS
    return found


class Server(ThreadingHTTPServer):
    """Takes as many connections at once as workers open."""

    request_queue_size = 200


@dataclass
class PushService:
    """Listens on this machine; answers as it is told to, the last way ever after."""

    answers: list[tuple[int, dict[str, str]]] = field(default_factory=lambda: [(201, {})])
    received: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                service.received.append(Received(self.path, headers, body))
                answers = service.answers
                status, extra = answers.pop(0) if len(answers) > 1 else answers[0]
                self.send_response(status)
                for name, value in extra.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """The test says what came."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def endpoint(self, name: str = "one") -> str:
        return f"{self.origin}/push/{name}"

    def paths(self) -> list[str]:
        return [urlsplit(each.path).path.rpartition("/")[2] for each in self.received]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
