"""How the files of an app are answered."""

import re
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from conftest import House
from providers.services.providers import provider_set_look
from pwa import storage
from pwa.models import Build
from pwa.services.builds import app_set_publishing

BuildIt = Callable[[], Build | None]
APP = "/p/clinic/"


@pytest.fixture(autouse=True)
def _published(in_house: House, build: BuildIt) -> None:
    build()


def theme(client: Client) -> str:
    name = re.search(r"theme\.\w+\.css", client.get(APP).text)
    assert name is not None
    return name[0]


def test_the_entry_is_the_app(client: Client) -> None:
    response = client.get(APP)
    assert response["Content-Type"] == "text/html; charset=utf-8"
    assert 'id="config"' in response.text
    assert client.get(f"{APP}index.html").content == response.content


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("manifest.webmanifest", "application/manifest+json"),
        ("sw.js", "text/javascript; charset=utf-8"),
        ("icons/icon-192.png", "image/png"),
    ],
)
def test_each_file_says_what_it_is(client: Client, name: str, content_type: str) -> None:
    response = client.get(APP + name)
    assert response.status_code == HTTPStatus.OK
    assert response["Content-Type"] == content_type
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", ["", "sw.js", "embed", "theme.0123456789ab.css"])
def test_files_that_can_not_be_read_are_not_said_to_be_gone(
    client: Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def refuse(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(storage.AppFolders, "read", refuse)
    response = client.get(APP + name)
    assert response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert response["Retry-After"]
    assert client.get(f"{APP}{'x' * 300}.js").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("name", ["", "sw.js", "manifest.webmanifest", "icons/icon-192.png"])
def test_what_may_change_is_asked_for_each_time(client: Client, name: str) -> None:
    response = client.get(APP + name)
    assert response["Cache-Control"] == "no-cache"
    again = client.get(APP + name, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == HTTPStatus.NOT_MODIFIED
    assert again["Cache-Control"] == "no-cache"


def test_what_is_named_after_its_content_is_kept_for_ever(client: Client) -> None:
    assert "immutable" in client.get(APP + theme(client))["Cache-Control"]


def test_a_new_version_has_another_etag(client: Client, in_house: House, build: BuildIt) -> None:
    before = client.get(APP)["ETag"]
    provider_set_look(actor=in_house.actor, colour="#FFD400")
    build()
    after = client.get(APP, headers={"If-None-Match": before})
    assert after.status_code == HTTPStatus.OK
    assert after["ETag"] != before


def test_the_entry_may_load_nothing_from_elsewhere(client: Client) -> None:
    policy = client.get(APP)["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy
    assert "connect-src 'self';" in policy
    assert client.get(APP)["X-Frame-Options"] == "SAMEORIGIN"


def test_streams_elsewhere_may_be_connected_to(client: Client, settings: Settings) -> None:
    settings.STREAMS_URL = "http://127.0.0.1:8001/streams/"
    policy = client.get(APP)["Content-Security-Policy"]
    assert "connect-src 'self' http://127.0.0.1:8001;" in policy


@pytest.mark.parametrize(
    "name",
    [
        "../../secret.js",
        "%2e%2e/%2e%2e/secret.js",
        "..%2f..%2fsecret.js",
        "/etc/passwd",
        "icons/",
        "icons/../../../secret.js",
        "a%00.js",
        "nothing.js",
        "secret.txt",
        "../current/index.html",
    ],
)
def test_no_other_name_is_answered(client: Client, root: Path, name: str) -> None:
    (root / "secret.js").write_text("secret")
    assert client.get(APP + name).status_code == HTTPStatus.NOT_FOUND


def test_without_a_version_there_is_a_way_to_the_queues(client: Client, other_house: House) -> None:
    response = client.get("/p/salon/")
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "/q/salon/" in response.text
    assert client.get("/p/salon/sw.js").status_code == HTTPStatus.NOT_FOUND


def test_a_provider_that_is_none_has_no_app(client: Client) -> None:
    response = client.get("/p/nowhere/")
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "/q/nowhere/" not in response.text


def test_an_app_costs_no_query(
    client: Client, django_assert_num_queries: Callable[[int], object]
) -> None:
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        client.get(APP)


def test_each_version_has_an_address_of_its_own_before_it_is_live(
    client: Client, in_house: House, build: BuildIt
) -> None:
    app_set_publishing(actor=in_house.actor, publishes_itself=False)
    provider_set_look(actor=in_house.actor, colour="#FFD400")
    draft = build()
    assert draft is not None
    preview = f"/preview/clinic/{draft.key}/"
    page = client.get(preview)
    assert page.content != client.get(APP).content
    assert page["X-Robots-Tag"] == "noindex"
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert client.get(f"{preview}manifest.webmanifest").status_code == HTTPStatus.OK


@pytest.mark.parametrize("address", ["clinic/x/", "clinic/-/index.html", "salon/{key}/"])
def test_nobody_finds_a_version_without_its_key(
    client: Client, other_house: House, address: str
) -> None:
    key = Build.objects.get().key
    assert client.get(f"/preview/{address.format(key=key)}").status_code == HTTPStatus.NOT_FOUND


def test_a_preview_does_not_stay_on_a_phone(client: Client) -> None:
    key = Build.objects.get().key
    assert client.get(f"/preview/clinic/{key}/sw.js").status_code == HTTPStatus.NOT_FOUND
