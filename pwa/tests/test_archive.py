"""The app as a zip: complete, the same for the same app, and bound to nothing but the API."""

import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest

from pwa import archive as archives
from pwa.archive import archive
from pwa.bundle import Look, bundle

PLATFORM = "https://waitlessq.example"


def unzipped(look: Look) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(archive(look, PLATFORM))) as whole:
        assert whole.testzip() is None
        return {name: whole.read(name) for name in whole.namelist()}


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    archives._archive.cache_clear()


def test_the_same_app_is_the_same_file(look: Look) -> None:
    first = archive(look, PLATFORM)
    archives._archive.cache_clear()
    assert archive(look, PLATFORM) == first


def test_what_is_asked_for_again_is_not_drawn_again(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def draw(look: Look, **options: Any) -> Mapping[str, bytes]:
        drawn.append(look.colour)
        return bundle(look, **options)

    monkeypatch.setattr(archives, "bundle", draw)
    for colour in (look.colour, look.colour, "#FFD400", look.colour):
        archive(replace(look, colour=colour), PLATFORM)
    assert drawn == [look.colour, "#FFD400"]


def test_all_that_the_page_and_the_worker_load_is_in_it(look: Look) -> None:
    files = unzipped(look)
    page = files["index.html"].decode()
    loaded = set(re.findall(r'(?:href|src)="([^"]+)"', page)) - {f"{PLATFORM}/q/clinic/"}
    kept, shared = files["sw.js"].decode().splitlines()
    loaded |= {entry["url"] for entry in json.loads(kept.partition(" = ")[2].removesuffix(";"))}
    loaded |= set(re.findall(r'"(.+)"', shared))
    assert {"shell/app.js", "shell/app.css", "shell/worker.js"} <= loaded <= files.keys()


def test_it_asks_the_platform_and_its_streams_and_nobody_else(look: Look) -> None:
    page = unzipped(look)["index.html"].decode()
    [config] = re.findall(r'<script id="config"[^>]*>(.*?)</script>', page)
    assert json.loads(config)["api"] == f"{PLATFORM}/api/v1/public/"
    assert json.loads(config)["streams"] == "https://live.example/streams/"
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    assert "default-src &#x27;none&#x27;" in policy
    assert f"connect-src &#x27;self&#x27; {PLATFORM} https://live.example;" in policy
