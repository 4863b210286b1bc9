"""The files of an app: complete, safe, and the same for the same input."""

import json
import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from django.urls import resolve
from PIL import Image

from pwa.bundle import API, Look, bundle, digest_of, manifest, short_name
from pwa.palette import palette_of


def test_the_same_look_gives_the_same_bytes(look: Look) -> None:
    assert bundle(look) == bundle(replace(look))
    assert digest_of(bundle(look)) == digest_of(dict(reversed(bundle(look).items())))


@pytest.mark.parametrize(
    "change", [{"name": "Other"}, {"colour": "#FFD400"}, {"slug": "x"}, {"streams_url": "/s/"}]
)
def test_any_change_of_the_look_changes_the_digest(look: Look, change: dict[str, Any]) -> None:
    assert digest_of(bundle(replace(look, **change))) != digest_of(bundle(look))


def test_the_digest_tells_names_from_contents() -> None:
    assert digest_of({"a": b"b"}) != digest_of({"ab": b""})


def test_the_entry_loads_only_what_there_is(look: Look) -> None:
    files = bundle(look)
    page = files["index.html"].decode()
    for address in re.findall(r'(?:href|src)="([^"]+)"', page):
        assert address in files or address.startswith(("/static/built/", "/q/clinic/"))
    assert "<style" not in page
    assert re.findall(r"<script(?![^>]*(?:src=|application/json))", page) == []


def test_a_name_cannot_leave_its_place(look: Look) -> None:
    files = bundle(replace(look, name='</script><script>alert("1")</script>'))
    page = files["index.html"].decode()
    assert "<script>" not in page
    config = re.search(r'<script id="config"[^>]*>(.*?)</script>', page)
    assert config is not None
    assert json.loads(config[1])["provider"]["name"].startswith("</script>")


def test_the_configuration_names_addresses_that_exist(look: Look) -> None:
    page = bundle(look)["index.html"].decode()
    config = json.loads(re.findall(r'<script id="config"[^>]*>(.*?)</script>', page)[0])
    assert config["api"] == API
    assert resolve(f"{API}providers/clinic")
    [without_script] = re.findall(r'<noscript>.*?href="([^"]+)"', page)
    assert resolve(without_script).url_name == "customer-home"
    assert config["streams"] == "https://live.example/streams/"


def test_the_worker_keeps_every_file_of_the_app_and_the_shell(look: Look) -> None:
    files = bundle(look)
    lines = files["sw.js"].decode().splitlines()
    kept = json.loads(lines[0].removeprefix("self.__precache = ").removesuffix(";"))
    own = {entry["url"] for entry in kept if not entry["url"].startswith("/static/")}
    assert own == {name for name in files if name != "sw.js" and "screenshots/" not in name}
    parts = {entry["url"] for entry in kept if entry["revision"] is None}
    assert parts >= set(re.findall(r'modulepreload" href="([^"]+)"', files["index.html"].decode()))
    assert len(kept) == len(own) + 2 + len(parts)
    assert lines[1] == 'importScripts("/static/built/worker.js");'


def test_the_theme_is_named_after_its_content(look: Look) -> None:
    def theme(look: Look) -> str:
        return next(name for name in bundle(look) if name.startswith("theme."))

    assert theme(look) == theme(replace(look, name="Other"))
    assert theme(look) != theme(replace(look, colour="#FFD400"))


def test_the_theme_has_every_colour_in_light_and_dark(look: Look) -> None:
    css = next(content for name, content in bundle(look).items() if name.startswith("theme."))
    light, dark = css.decode().split("@media (prefers-color-scheme: dark)")
    for part in (light, dark):
        names = re.findall(r"--brand-([\w-]+): #[0-9A-F]{6};", part)
        assert names == ["fill", "on-fill", "text", "line", "tint", "on-tint"]


def test_the_manifest_has_what_makes_an_app_installable(look: Look) -> None:
    files = bundle(look)
    document = json.loads(files["manifest.webmanifest"])
    assert document["name"] == "Harbour Clinic"
    assert (document["start_url"], document["scope"]) == ("./", "./")
    assert document["display"] == "standalone"
    assert resolve(document["id"]).url_name == "app"
    assert {icon["purpose"] for icon in document["icons"]} == {"any", "maskable", "monochrome"}
    plain = {icon["sizes"] for icon in document["icons"] if icon["purpose"] == "any"}
    assert plain == {"192x192", "512x512"}
    assert all(one["src"] in files for one in document["icons"] + document["screenshots"])
    for one in document["icons"] + document["screenshots"]:
        width, height = Image.open(BytesIO(files[one["src"]])).size
        assert one["sizes"] == f"{width}x{height}"
    assert {one["form_factor"] for one in document["screenshots"]} == {"narrow", "wide"}
    assert [one["name"] for one in document["shortcuts"]] == ["Join", "Book", "My ticket"]
    for name in ("theme_color", "background_color"):
        assert re.fullmatch("#[0-9A-F]{6}", document[name])


def test_the_manifest_keeps_a_name_as_it_is_written(look: Look) -> None:
    hebrew = replace(look, name="מרפאת הנמל")
    assert manifest(hebrew, palette_of(look.colour))["name"] == "מרפאת הנמל"
    assert "מרפאת" in bundle(hebrew)["manifest.webmanifest"].decode()


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Harbour Clinic", "Harbour"),
        ("Cut & Curl", "Cut & Curl"),
        ("Cut & Curl of Lisbon", "Cut & Curl"),
        ("Salon & Barbershop", "Salon"),
        ("Physiotherapiepraxis", "Physiotherap"),
        ("Town hall", "Town hall"),
    ],
)
def test_a_name_under_an_icon_is_short(name: str, short: str) -> None:
    assert short_name(name) == short
