"""Using a provider's generated app as a customer does, in English."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Shop
from tests.browser.waiting import wait_until

STREAM = re.compile(r"/streams/")
# Within this, milliseconds, everybody is right again after a part of the platform was gone.
RIGHT_AGAIN = 35_000


def open_app(phone: Page, shop: Shop) -> None:
    """Open the app, once the worker has built it."""
    wait_until(phone, lambda: phone.request.get(shop.app).ok)
    phone.goto(shop.app)


def join(phone: Page, shop: Shop) -> None:
    """Open the app and take a number."""
    open_app(phone, shop)
    phone.get_by_role("link", name="Join").tap()
    phone.get_by_role("button", name="Take a number").tap()
    expect(phone.get_by_text("Your number")).to_be_visible()


def says(page: Page, text: str, milliseconds: float = 15_000) -> None:
    """Wait until the heading of the app's screen is this, by itself."""
    expect(page.get_by_role("heading", name=text)).to_be_visible(timeout=milliseconds)


def lists(desk: Page, code: str, milliseconds: float = 15_000) -> None:
    """Wait until the desk shows a ticket in its line, by itself."""
    expect(desk.locator("#live").get_by_text(code).first).to_be_visible(timeout=milliseconds)


def is_live(page: Page) -> bool:
    """Whether the page claims that what it shows is how things are now."""
    return page.get_by_text("Live", exact=True).is_visible()


def let_worker_take_over(phone: Page) -> None:
    """Wait until the app's service worker keeps what it needs without a connection."""
    phone.wait_for_function("() => navigator.serviceWorker.controller !== null")
