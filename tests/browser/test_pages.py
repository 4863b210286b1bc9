"""Two people, one queue: the desk in the console, the phone on the pages that need no script."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, NewPage, Shop
from tests.browser.keyboard import press, tab_to


def join(phone: Page, shop: Shop) -> None:
    phone.goto(shop.pages)
    phone.get_by_role("button", name="Join").tap()


def heading(page: Page, text: str) -> None:
    """Wait until the page says this, by itself."""
    expect(page.get_by_role("heading", name=text)).to_be_visible()


def test_the_phone_joins_and_follows_what_the_desk_does(
    shop: Shop, phone: Page, desk: Page
) -> None:
    join(phone, shop)
    heading(phone, "You are next")
    desk.goto(shop.desk)
    press(desk, "n")
    expect(desk.get_by_text("You called A001.")).to_be_visible()
    heading(phone, "A001, it is your turn")
    press(desk, "s", "c")
    heading(phone, "You are done")


def test_who_waits_moves_up_when_somebody_before_leaves(
    shop: Shop, phone: Page, new_page: NewPage
) -> None:
    second = new_page("second phone", **PHONE)
    join(phone, shop)
    join(second, shop)
    heading(second, "1 person before you")
    phone.get_by_role("button", name="Leave the queue").tap()
    heading(phone, "You left the queue")
    heading(second, "You are next")


def test_one_joins_and_leaves_by_keyboard(shop: Shop, new_page: NewPage) -> None:
    page = new_page("computer")
    page.goto(shop.pages)
    tab_to(page, page.get_by_role("button", name="Join Walk-in"))
    page.keyboard.press("Enter")
    heading(page, "You are next")
    tab_to(page, page.get_by_role("button", name="Leave the queue"))
    page.keyboard.press("Enter")
    heading(page, "You left the queue")


def test_no_script_is_needed(shop: Shop, new_page: NewPage, desk: Page) -> None:
    phone = new_page("plain phone", java_script_enabled=False, **PHONE)
    join(phone, shop)
    heading(phone, "You are next")
    desk.goto(shop.desk)
    press(desk, "n")
    expect(desk.get_by_text("You called A001.")).to_be_visible()
    # It reloads by itself every now and then; nobody has to wait for that here.
    phone.reload()
    heading(phone, "A001, it is your turn")
