"""Apps in a bucket: the same promises, and cache headers that the objects carry themselves."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from pytest_django.fixtures import Settings

from pwa import storage

OLD, NEW = "a" * 64, "b" * 64
FILES = {
    "index.html": b"<!doctype html>",
    "theme.0123456789ab.css": b":root {}",
    "icons/icon-192.png": b"png",
    "manifest.webmanifest": b"{}",
}


class Bucket:
    """Stands for an S3 server with one bucket: puts, gets, looks, lists and deletes."""

    def __init__(self) -> None:  # noqa: C901 (a method of the handler for each of HTTP's)
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.refuses: str | None = None
        self.put: list[str] = []
        bucket = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            @property
            def key(self) -> str:
                return unquote(urlsplit(self.path).path).removeprefix("/apps").strip("/")

            def do_PUT(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if "aws-chunked" in self.headers.get("Content-Encoding", ""):
                    body = re.sub(rb"(?s)^[0-9a-f]+\r\n(.*?)\r\n0\r\n.*$", rb"\1", body)
                if bucket.refuses is not None and bucket.refuses in self.key:
                    return self.answer(403, b"<Error><Code>AccessDenied</Code></Error>")
                kept = {name: self.headers[name] for name in ("Cache-Control", "Content-Type")}
                bucket.objects[self.key] = (body, kept)
                bucket.put.append(self.key)
                return self.answer(200)

            def do_GET(self) -> None:
                if not self.key:
                    return self.answer(200, bucket.listing(urlsplit(self.path).query))
                if self.key not in bucket.objects:
                    return self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
                content, headers = bucket.objects[self.key]
                return self.answer(200, content, headers)

            do_HEAD = do_GET  # noqa: N815 (named by its base)

            def do_DELETE(self) -> None:
                bucket.objects.pop(self.key, None)
                self.answer(204)

            def answer(
                self, status: int, body: bytes = b"", headers: dict[str, str] | None = None
            ) -> None:
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("ETag", '"x"')
                self.send_header("Last-Modified", "Mon, 23 Nov 2026 10:00:00 GMT")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    def listing(self, query: str) -> bytes:
        asked = parse_qs(query, keep_blank_values=True)
        prefix = asked.get("prefix", [""])[0]
        names = [key.removeprefix(prefix) for key in self.objects if key.startswith(prefix)]
        folders = sorted({name.split("/")[0] for name in names if "/" in name})
        files = sorted(name for name in names if "/" not in name)
        inside = "".join(
            f"<CommonPrefixes><Prefix>{prefix}{one}/</Prefix></CommonPrefixes>" for one in folders
        ) + "".join(f"<Contents><Key>{prefix}{one}</Key><Size>1</Size></Contents>" for one in files)
        return f"<ListBucketResult><Prefix>{prefix}</Prefix>{inside}</ListBucketResult>".encode()


@pytest.fixture
def bucket(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    bucket = Bucket()
    thread = threading.Thread(target=bucket.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    host, port = bucket.server.server_address[:2]
    settings.STORAGES = settings.STORAGES | {
        "apps": {
            "BACKEND": "pwa.storage.AppBucket",
            "OPTIONS": {
                "bucket_name": "apps",
                "endpoint_url": f"http://{host!s}:{port}",
                "region_name": "here",
                "addressing_style": "path",
            },
        }
    }
    yield bucket
    bucket.server.shutdown()
    bucket.server.server_close()


def put(digest: str) -> None:
    storage.write_version("clinic", digest, FILES)
    storage.publish("clinic", digest)


def test_a_version_is_written_before_it_is_named(bucket: Bucket) -> None:
    assert storage.current_digest("clinic") is None
    storage.write_version("clinic", OLD, FILES)
    assert storage.current_digest("clinic") is None
    storage.publish("clinic", OLD)
    assert storage.current_digest("clinic") == OLD
    assert storage.read_file("clinic", OLD, "icons/icon-192.png") == b"png"
    assert bucket.put[-2:] == [f"clinic/{OLD}/index.html", "clinic/current"]
    for name in ("nothing.js", "../current", "../../x"):
        assert storage.read_file("clinic", OLD, name) is None


def test_objects_say_for_how_long_they_may_be_kept(bucket: Bucket) -> None:
    storage.write_version("clinic", OLD, FILES)
    storage.publish("clinic", OLD)
    told = {key.rpartition("/")[2]: headers for key, (_, headers) in bucket.objects.items()}
    assert told["theme.0123456789ab.css"]["Cache-Control"] == storage.FOR_EVER
    for name in ("index.html", "icon-192.png", "manifest.webmanifest", "current"):
        assert told[name]["Cache-Control"] == "no-cache"
    assert told["manifest.webmanifest"]["Content-Type"] == "application/manifest+json"


def test_a_version_that_is_there_is_not_written_again(bucket: Bucket) -> None:
    for _ in range(2):
        storage.write_version("clinic", OLD, FILES)
    assert len(bucket.put) == len(FILES)


@pytest.mark.parametrize("refused", ["icon-192.png", "index.html", "current"])
def test_what_the_bucket_refuses_leaves_the_version_before(bucket: Bucket, refused: str) -> None:
    storage.write_version("clinic", OLD, FILES)
    storage.publish("clinic", OLD)
    bucket.refuses = refused
    with pytest.raises(OSError, match="AccessDenied"):
        put(NEW)
    assert storage.current_digest("clinic") == OLD
    bucket.refuses = None
    put(NEW)
    assert storage.current_digest("clinic") == NEW
    assert storage.read_kept_file("clinic", "theme.0123456789ab.css") == b":root {}"


def test_only_what_is_kept_is_left(bucket: Bucket) -> None:
    for digest in (OLD, NEW, "c" * 64):
        storage.write_version("clinic", digest, FILES)
    storage.publish("clinic", NEW)
    storage.prune("clinic", {OLD})
    assert {key.split("/")[1] for key in bucket.objects} == {OLD, NEW, "current"}
