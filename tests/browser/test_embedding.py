"""The app on a provider's own site: joined in a frame that fits, and shown nowhere else."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django_scopes import scope
from playwright.sync_api import FrameLocator, Page, expect

from console.views.site import FRAME, SCRIPT
from pwa.services.embedding import embedding_sites_set
from tests.browser.conftest import PHONE, NewPage, Shop, await_replicas
from tests.browser.waiting import wait_until
from tests.browser.whole import Platform


class Site:
    """A site of somebody's own, at another origin than the platform's; all pages are one."""

    def __init__(self) -> None:
        self.page = ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.page.encode() if self.path == "/" else b""
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        self.origin = f"http://localhost:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


def allow(shop: Shop, *origins: str) -> None:
    with scope(provider=shop.house.provider):
        embedding_sites_set(actor=shop.house.actor, sites=origins)
    await_replicas()


def page_with(snippet: str, shop: Shop, platform: Platform) -> str:
    """A page as the console says what to put into it."""
    names = {
        "script": f"{platform.url}/static/built/embed.js",
        "slug": shop.house.provider.slug,
        "open": "join",
        "app": f"{platform.url}{shop.app}",
        "fragment": "",
        "title": "Join the queue",
    }
    head = "<html lang=en><title>Ours</title><meta name=viewport content=width=device-width>"
    return f"<!doctype html>{head}<h1>Welcome</h1>{snippet.format(**names)}<p>After it"


def take_a_number(frame: FrameLocator) -> None:
    frame.get_by_role("link", name="Join").click()
    frame.get_by_role("button", name="Take a number").click()
    expect(frame.get_by_role("heading", name="You are next")).to_be_visible()


@pytest.mark.parametrize("snippet", [SCRIPT, FRAME], ids=["script", "frame"])
def test_one_joins_on_the_providers_own_site(
    shop: Shop, platform: Platform, new_page: NewPage, site: Site, snippet: str
) -> None:
    allow(shop, site.origin)
    site.page = page_with(snippet, shop, platform)
    phone = new_page("phone", **PHONE)
    wait_until(phone, lambda: phone.request.get(shop.app).ok)
    phone.goto(site.origin)
    frame = phone.frame_locator("iframe[title='Join the queue']")
    take_a_number(frame)
    expect(frame.get_by_text("A001")).to_be_visible()
    if snippet == SCRIPT:
        expect_no_scrolling(phone)
    # What a frame remembers may be gone with it; the ticket is opened on its own, in no address.
    link = frame.get_by_role("link", name="Open on its own")
    expect(link).to_have_attribute("target", "_blank")
    assert phone.evaluate("document.cookie") == ""


def expect_no_scrolling(phone: Page) -> None:
    """The script gives the frame as much room as the app takes."""
    frame = phone.frames[1]
    wait_until(
        phone,
        lambda: frame.evaluate("document.documentElement.scrollHeight <= innerHeight + 1") is True,
    )


@pytest.mark.expected_errors("frame-ancestors|refused to connect|ERR_BLOCKED")
def test_it_shows_on_no_site_that_was_not_named(
    shop: Shop, platform: Platform, new_page: NewPage, site: Site
) -> None:
    allow(shop, "https://www.shop.example")
    site.page = page_with(SCRIPT, shop, platform)
    phone = new_page("phone", **PHONE)
    wait_until(phone, lambda: phone.request.get(shop.app).ok)
    phone.goto(site.origin)
    expect(phone.get_by_title("Join the queue")).to_be_attached()
    wait_until(phone, lambda: phone.frames[1].url.startswith("chrome-error:"))
