"""What every answer says to the browser about what may be done with it."""

import re

import pytest
from django.test import Client

from conftest import House

PAGES = ["/accounts/login/", "/q/clinic/", "/console/clinic/", "/board/", "/nowhere"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_only_its_own_and_stands_in_no_frame(
    owner: Client, house: House, path: str
) -> None:
    response = owner.get(path)
    parts = response["Content-Security-Policy"].split(";")
    policy = dict(part.strip().split(" ", 1) for part in parts)
    assert policy["default-src"] == "'none'"
    assert policy["script-src"].startswith("'self'")
    assert "unsafe" not in response["Content-Security-Policy"]
    assert (policy["frame-ancestors"], response["X-Frame-Options"]) == ("'none'", "DENY")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "geolocation=()" in response["Permissions-Policy"]
    scripts = re.findall("<script(?![^>]*(src=|application/json))", response.content.decode())
    assert not scripts, "a script without an address needs a nonce"
    assert not re.search(r"<[^>]+\s(style|on\w+)=", response.content.decode())


def test_the_page_of_the_api_is_allowed_its_style(client: Client, db: None) -> None:
    response = client.get("/api/v1/docs/")
    policy = response["Content-Security-Policy"]
    assert re.search("style-src [^;]*'unsafe-inline'", policy)
    assert not re.search("script-src [^;]*'unsafe-inline'", policy)
