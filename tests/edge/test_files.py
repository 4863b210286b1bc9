"""Static files and apps come from disk, with the very headers that the platform gives them."""

import gzip

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from pwa import storage
from pwa.tests.test_storage import publish
from tests.edge.running import Edge

APP = {
    "index.html": b"<!doctype html><title>Clinic</title>",
    "sw.js": b"// worker",
    "manifest.webmanifest": b"{}",
    "icons/icon-192.png": b"png",
    "theme.0123456789ab.css": b":root {}",
}
# Of these each server has its own.
OF_THE_SERVER = {
    "accept-ranges",
    "connection",
    "content-length",
    "date",
    "etag",
    "last-modified",
    "server",
    # The platform has no compressed variant of an app's file.
    "vary",
}


@pytest.fixture(autouse=True)
def _published(edge: Edge, settings: Settings) -> None:
    settings.PWA_ROOT = str(edge.state / "apps")
    settings.STREAMS_URL = f"http://127.0.0.1:{edge.ports.streams}/streams/"
    publish("clinic", "a" * 64, APP)


@pytest.mark.parametrize("name", ["", *APP])
def test_an_app_is_answered_as_the_platform_would(edge: Edge, name: str, client: Client) -> None:
    ours = client.get(f"/p/clinic/{name}")
    answer = edge.ask(f"/p/clinic/{name}")
    assert answer.body == ours.content
    headers = [(key.lower(), value) for key, value in answer.headers.items()]
    told = {key: value for key, value in headers if key not in OF_THE_SERVER}
    assert told == {
        key.lower(): value for key, value in ours.items() if key.lower() not in OF_THE_SERVER
    }
    assert len(headers) == len(dict(headers)), "a header came twice"
    assert edge.web.asked == []


def test_a_new_version_is_seen_at_once_and_has_another_tag(edge: Edge) -> None:
    before = edge.ask("/p/clinic/sw.js")
    tag = {"If-None-Match": before.headers["ETag"]}
    assert edge.ask("/p/clinic/sw.js", headers=tag).status == 304
    publish("clinic", "b" * 64, APP | {"sw.js": b"// workes"})
    assert edge.ask("/p/clinic/sw.js", headers=tag).body == b"// workes"


def test_who_takes_compressed_files_gets_the_variant_that_was_made_with_them(edge: Edge) -> None:
    answer = edge.ask("/p/clinic/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.body) == APP["index.html"]


@pytest.mark.parametrize(
    "path",
    [
        "/p/clinic/theme.ffffffffffff.css",
        "/p/nobody/",
        "/p/clinic/index.html.gz",
        "/p/clinic/.new-current/index.html",
        "/static/of-another-release.0123456789ab.js",
    ],
)
def test_what_is_not_on_this_disk_is_asked_of_the_platform(edge: Edge, path: str) -> None:
    assert edge.ask(path).body == b"web"
    assert [asked.path for asked in edge.web.asked] == [path]


@pytest.mark.parametrize(
    "path",
    ["/p/clinic/../../secret.js", "/p/clinic/%2e%2e/%2e%2e/secret.js", "/static/../secret.js"],
)
def test_no_name_leads_out_of_the_folders(edge: Edge, path: str) -> None:
    (edge.state / "secret.js").write_text("secret")
    (edge.state / "apps" / "secret.js").write_text("secret")
    assert b"secret" not in edge.ask(path).body


def test_static_files_that_name_their_content_are_kept_for_ever(edge: Edge) -> None:
    for name in ("app.0123456789ab.js", "icon.svg"):
        (edge.state / "static" / name).write_text("made")
        (edge.state / "static" / f"{name}.gz").write_bytes(gzip.compress(b"made"))
    kept = edge.ask("/static/app.0123456789ab.js", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(kept.body) == b"made"
    assert "immutable" in kept.headers["Cache-Control"]
    assert edge.ask("/static/icon.svg").headers["Cache-Control"] == "public, max-age=60"


def test_at_a_providers_own_domain_its_app_is_at_the_root(edge: Edge, client: Client) -> None:
    storage.serve_at("queue.clinic.example", "clinic")
    at_home = {"Host": "queue.clinic.example"}
    for name in ("", "sw.js", "icons/icon-192.png", "theme.0123456789ab.css"):
        assert edge.ask(f"/{name}", headers=at_home).body == client.get(f"/p/clinic/{name}").content
    assert edge.web.asked == []
    for path in ("/console/", "/q/clinic/", "/nothing.js"):
        assert edge.ask(path, headers=at_home).body == b"web"
    for host in ("evil.example", "..", ".hosts", "current"):
        assert APP["index.html"] not in edge.ask("/", headers={"Host": host}).body
    storage.serve_at("queue.clinic.example", None)
    assert edge.ask("/", headers=at_home).body == b"web"
