"""The App screen, by keyboard alone: a change is seen before customers get it, and taken back."""

from playwright.sync_api import Page, expect

from conftest import add_member
from providers.models import Role
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import DESK, NewPage, Shop, sign_in
from tests.browser.keyboard import tab_to
from tests.browser.waiting import wait_until
from tests.browser.whole import Platform


def press(page: Page, name: str) -> None:
    button = page.locator("#main").get_by_role("button", name=name)
    tab_to(page, button)
    page.keyboard.press("Enter")


def test_a_change_is_seen_published_and_taken_back(
    shop: Shop, platform: Platform, new_page: NewPage
) -> None:
    page = new_page("desk", **DESK)
    sign_in(page, platform, add_member(shop.house.provider, Role.MANAGER))
    wait_until(page, lambda: page.request.get(shop.app).ok)
    page.goto(f"{shop.today}app/")
    press(page, "Let changes wait for me")
    page.get_by_label("Colour", exact=True).fill("#ffd400")
    press(page, "Save")
    expect(page.get_by_role("button", name="Publish version 2")).to_be_visible()
    phone = page.frame_locator("iframe")
    press(page, "Dark")
    expect(phone.locator("body")).to_have_css("background-color", "rgb(13, 20, 18)")
    press(page, "עברית")
    expect(phone.locator("html")).to_have_attribute("dir", "rtl")
    expect(phone.locator("body")).to_have_css("background-color", "rgb(13, 20, 18)")
    assert_accessible(page)
    page.get_by_role("button", name="Publish version 2").press("Enter")
    expect(page.get_by_text("Version 2 is live.")).to_be_visible()
    page.get_by_role("button", name="Go back to it 1").press("Enter")
    expect(page.get_by_text("Version 1 is live.")).to_be_visible()
