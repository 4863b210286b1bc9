"""Every screen of the console and of the pages without script is clean, in light and dark."""

from playwright.sync_api import Page, expect

from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import DESK, NewPage, Shop
from tests.browser.keyboard import press


def test_sign_in(new_page: NewPage) -> None:
    page = new_page("computer", **DESK)
    page.goto("/accounts/login/")
    assert_accessible(page)


def test_today_and_the_choice_of_a_counter(shop: Shop, desk: Page) -> None:
    desk.goto(shop.today)
    expect(desk.get_by_role("heading", name="Today")).to_be_visible()
    assert_accessible(desk)
    desk.get_by_role("link", name="Desk").click()
    expect(desk.get_by_role("heading", name="Which counter are you at?")).to_be_visible()
    assert_accessible(desk)


def test_desk_and_phone_while_one_waits_is_called_and_is_served(
    shop: Shop, phone: Page, desk: Page
) -> None:
    phone.goto(shop.pages)
    assert_accessible(phone)
    phone.get_by_role("button", name="Join").tap()
    desk.goto(shop.desk)
    for keys, on_phone, on_desk in (
        ("", "You are next", "Call A001"),
        ("n", "it is your turn", "Not here"),
        ("s", "You are being served", "Complete"),
    ):
        press(desk, *keys)
        expect(desk.get_by_role("button", name=on_desk).first).to_be_visible()
        assert_accessible(desk)
        expect(phone.get_by_role("heading", name=on_phone)).to_be_visible()
        assert_accessible(phone)
