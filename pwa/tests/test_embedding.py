"""The app on its provider's own site: shown where the provider allows it, and nowhere else."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from conftest import House
from pwa import storage
from pwa.selectors import embedding_origins
from pwa.services.embedding import MOST_SITES, embedding_sites_set, origin_of
from waitlessq.errors import InvalidInputError

EMBEDDED = "/p/clinic/embed"


def ancestors(client: Client) -> str:
    policy = client.get(EMBEDDED)["Content-Security-Policy"]
    return next(part.strip() for part in policy.split(";") if "frame-ancestors" in part)


@pytest.fixture
def published(settings: Settings, tmp_path: Path) -> None:
    settings.PWA_ROOT = str(tmp_path)
    storage.write_version("clinic", "0" * 64, {"index.html": b"<p>The app</p>"})
    storage.publish("clinic", "0" * 64)


@pytest.mark.usefixtures("published")
def test_only_the_sites_of_the_provider_may_frame_it(in_house: House) -> None:
    client = Client()
    assert ancestors(client) == "frame-ancestors 'self'"
    sites = ["www.clinic.example/contact", "https://clinic.example:8443", "www.clinic.example"]
    embedding_sites_set(actor=in_house.actor, sites=sites)
    allowed = "https://www.clinic.example https://clinic.example:8443"
    assert ancestors(client) == f"frame-ancestors 'self' {allowed}"
    response = client.get(EMBEDDED)
    assert response.content == b"<p>The app</p>"
    assert "X-Frame-Options" not in response
    # What may be shown where is said anew each time.
    assert response["Cache-Control"] == "no-store"
    assert client.get("/p/clinic/")["X-Frame-Options"] == "SAMEORIGIN"
    embedding_sites_set(actor=in_house.actor, sites=[])
    assert ancestors(client) == "frame-ancestors 'self'"


def test_before_it_is_published_there_is_nothing_to_show(in_house: House) -> None:
    assert Client().get(EMBEDDED).status_code == 404
    assert Client().get("/p/nowhere/embed").status_code == 404


@pytest.mark.parametrize(
    ("site", "origin"),
    [
        ("clinic.example", "https://clinic.example"),
        ("  HTTPS://WWW.Clinic.Example/a?b#c ", "https://www.clinic.example"),
        ("מרפאה.example", "https://xn--4dbi2ayt.example"),
        ("http://localhost:3000", "http://localhost:3000"),
    ],
)
def test_a_site_is_written_as_in_the_address_bar(site: str, origin: str) -> None:
    assert origin_of(site) == origin


@pytest.mark.parametrize(
    "site",
    [
        "http://clinic.example",
        "*",
        "https://*.clinic.example",
        "clinic",
        "https://",
        "ftp://clinic.example",
        "https://you@clinic.example",
        "https://clinic.example:port",
        "https://a b.example",
        "https://clinic.example;script-src *",
        "javascript://localhost/%0aalert(1)",
        "." * 300,
    ],
)
def test_what_is_no_site_is_refused(site: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        origin_of(site)
    assert refused.value.data["errors"][0]["field"] == "sites"


def test_too_many_sites_are_refused_and_change_nothing(in_house: House) -> None:
    embedding_sites_set(actor=in_house.actor, sites=["one.example"])
    many = [f"site-{number}.example" for number in range(MOST_SITES + 1)]
    with pytest.raises(InvalidInputError):
        embedding_sites_set(actor=in_house.actor, sites=many)
    assert embedding_origins() == ["https://one.example"]
