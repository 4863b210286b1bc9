"""The kiosk: a number in three touches, a lost answer, help, and nobody left on the screen."""

import re

import pytest
from django_scopes import scope
from playwright.sync_api import Page, Route, expect

from queues.models import Kiosk, Ticket
from queues.services.queues import queue_update
from queues.services.screens import screen_pair
from queues.tests.test_kiosks import build_kiosk
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import NO_ANSWER, NewPage, Shop
from tests.browser.waiting import wait_until

SCREEN = {"viewport": {"width": 1080, "height": 1440}, "reduced_motion": "reduce"}
# A screen that is not paired asks whether it is by now.
NOT_PAIRED = r"status of 403"

pytestmark = pytest.mark.expected_errors(NO_ANSWER, NOT_PAIRED)


def test_a_number_is_taken_once_and_the_kiosk_starts_again(shop: Shop, new_page: NewPage) -> None:
    house = shop.house
    screen: Page = new_page("kiosk", **SCREEN)
    screen.clock.install()
    screen.add_init_script("window.print = () => { window.printed = (window.printed ?? 0) + 1 }")
    screen.goto("/kiosk/")
    code = screen.locator("#code")
    expect(code).to_have_text(re.compile(r"^[A-Z]{4}-[A-Z]{4}$"))
    with scope(provider=house.provider):
        queue_update(actor=house.actor, queue_id=house.queue.pk, asks_name="required")
        kiosk = build_kiosk(house, languages=["en", "he", "ar"], paper="80")
        screen_pair(kind=Kiosk, actor=house.actor, screen_id=kiosk.pk, code=code.inner_text())
    screen.clock.run_for(4_000)
    hebrew = screen.get_by_role("button", name="עברית")
    expect(hebrew).to_be_visible()
    assert_accessible(screen)
    assert_dark(screen)
    hebrew.click()
    expect(screen.locator("html")).to_have_attribute("dir", "rtl")
    screen.get_by_role("button", name="המשך").click()
    expect(screen.get_by_role("alert")).to_have_text("יש לכתוב שם.")
    lose_first_answer(screen)
    # By keyboard alone.
    screen.get_by_role("textbox").fill("דנה")
    screen.keyboard.press("Enter")
    screen.clock.run_for(4_000)
    expect(screen.locator(".ticket__number")).to_have_text(re.compile(r"^[A-Z]\d{3}$"))
    wait_until(screen, lambda: screen.evaluate("window.printed") == 1)
    assert_accessible(screen)
    with scope(provider=house.provider):
        [ticket] = Ticket.objects.all()
        assert ticket.customer is not None
        assert ticket.customer.name == "דנה"
    screen.clock.run_for(61_000)
    expect(screen.get_by_role("alertdialog")).to_be_visible()
    screen.clock.run_for(21_000)
    expect(screen.get_by_role("button", name="العربية")).to_be_visible()
    assert "דנה" not in screen.content()
    assert screen.evaluate("window.printed") == 1


def assert_dark(screen: Page) -> None:
    """A hall that is dark gets a dark screen."""
    screen.emulate_media(color_scheme="dark")
    ground = screen.evaluate("getComputedStyle(document.body).backgroundColor")
    screen.emulate_media(color_scheme="null")
    assert ground == "rgb(13, 20, 18)"


def lose_first_answer(screen: Page) -> None:
    """The server does it, and its answer never comes."""

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    screen.route("**/kiosk/tickets/", lose, times=1)
