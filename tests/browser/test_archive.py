"""The app as a zip: unpacked at a static host of one's own, it asks the platform from there."""

import io
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from django_scopes import scope
from playwright.sync_api import Page, Playwright, expect

from conftest import add_member
from providers.models import Role
from pwa.models import Domain
from tests.browser.conftest import DESK, PHONE, NewPage, Shop, await_replicas, sign_in
from tests.browser.waiting import wait_until
from tests.browser.watch import Watch
from tests.browser.whole import Platform
from waitlessq import clock

DOMAIN = "queue.shop.example"
HERE = f"http://{DOMAIN}"


class Files(SimpleHTTPRequestHandler):
    """Any static host."""

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """Serves the folder on a port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(folder)))
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@contextmanager
def phone_that_finds(
    port: int, playwright: Playwright, launch_options: Mapping[str, Any], watch: Watch
) -> Iterator[Page]:
    """A phone for which the domain is a port here, and as safe as with a certificate."""
    found = [
        f"--host-resolver-rules=MAP {DOMAIN} 127.0.0.1:{port}",
        f"--unsafely-treat-insecure-origin-as-secure={HERE}",
    ]
    options = {**launch_options, "args": [*launch_options["args"], *found]}
    browser = playwright.chromium.launch(**options)
    page = browser.new_context(base_url=HERE, **PHONE).new_page()
    watch.add("phone", page)
    yield page
    browser.close()


def test_the_downloaded_app_takes_a_number_from_a_host_of_ones_own(
    shop: Shop,
    platform: Platform,
    new_page: NewPage,
    playwright: Playwright,
    launch_options: Mapping[str, Any],
    watch: Watch,
    tmp_path: Path,
) -> None:
    provider = shop.house.provider
    with scope(provider=provider):
        Domain.objects.create(provider=provider, name=DOMAIN, verified_at=clock.now())
    await_replicas()
    desk = new_page("desk", **DESK)
    sign_in(desk, platform, add_member(provider, Role.MANAGER))
    wait_until(desk, lambda: desk.request.get(shop.app).ok)
    answer = desk.request.get(f"{shop.today}app/zip/")
    zipfile.ZipFile(io.BytesIO(answer.body())).extractall(tmp_path)
    with (
        served(tmp_path) as port,
        phone_that_finds(port, playwright, launch_options, watch) as phone,
    ):
        phone.goto("/")
        phone.get_by_role("link", name="Join").tap()
        phone.get_by_role("button", name="Take a number").tap()
        expect(phone.get_by_role("heading", name="You are next")).to_be_visible()
        expect(phone.get_by_text("A001")).to_be_visible()
        desk.goto(shop.desk)
        desk.get_by_role("button", name="Call A001").first.click()
        expect(phone.get_by_role("heading", name="A001, it is your turn")).to_be_visible()
