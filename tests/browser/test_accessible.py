"""Every screen of the console and of the pages without script is clean, in light and dark."""

from datetime import timedelta

import pytest
from django_scopes import scope
from playwright.sync_api import Page, expect

from conftest import add_member
from providers.models import Role
from queues.figures import LEAST_TICKETS
from queues.tests.test_figures import served
from queues.tests.test_life import other_queue
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import DESK, NewPage, Shop, sign_in
from tests.browser.keyboard import press
from tests.browser.whole import Platform
from waitlessq import clock


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


def test_figures(shop: Shop, desk: Page) -> None:
    with scope(provider=shop.house.provider):
        for _ in range(LEAST_TICKETS):
            served(shop.house, clock.now() - timedelta(days=1))
    desk.goto(shop.today)
    desk.get_by_role("link", name="Figures").click()
    expect(desk.get_by_role("heading", name="Median wait 10 min")).to_be_visible()
    assert_accessible(desk)
    desk.get_by_text("By hour of joining, as a table").press("Enter")
    expect(desk.get_by_role("columnheader", name="Off by")).to_be_visible()
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


def test_a_desk_with_people_aside_a_way_back_and_another_queue(shop: Shop, desk: Page) -> None:
    with scope(provider=shop.house.provider):
        other_queue(shop.house)
    desk.goto(shop.desk)
    for keys, sentence in (
        (["a", "Enter"], "at place 1."),
        (["a", "Enter"], "at place 2."),
        (["a", "Enter"], "at place 3."),
        (["n"], "You called A001."),
        (["x"], "A001 did not come."),
        (["n"], "You called A002."),
        (["s"], "A002 is being served."),
        (["h"], "A002 is on hold."),
        (["n"], "You called A003."),
    ):
        press(desk, *keys)
        expect(desk.get_by_role("status")).to_contain_text(sentence)
    press(desk, "t")
    assert_accessible(desk)
    press(desk, "Tab", "Enter")
    expect(desk.get_by_role("status")).to_contain_text("A003 is in the line of Second now.")
    desk.get_by_role("button", name="Resume A002").click()
    expect(desk.get_by_role("status")).to_contain_text("A002 is being served.")
    press(desk, "u")
    expect(desk.get_by_role("status")).to_have_text("Undone: A002 is where it was.")
    desk.get_by_role("button", name="Back in line A001").click()
    expect(desk.get_by_role("button", name="Call A001").first).to_be_visible()


@pytest.mark.expected_errors("400 ")
def test_settings(shop: Shop, new_page: NewPage, platform: Platform) -> None:
    desk = new_page("manager", **DESK)
    sign_in(desk, platform, add_member(shop.house.provider, Role.MANAGER))
    desk.goto(shop.today)
    desk.get_by_role("link", name="Settings").click()
    assert_accessible(desk)
    desk.get_by_role("link", name="Locations and hours").press("Enter")
    desk.get_by_role("link", name="Main").press("Enter")
    desk.get_by_label("Monday").fill("morning")
    desk.get_by_label("Tuesday").fill("8-12, 13-17")
    desk.get_by_label("Tuesday").press("Enter")
    # The summary takes the focus, and leads to the field, which has what was typed.
    summary = desk.get_by_role("alert").filter(has_text="Please look at this again")
    expect(summary).to_be_focused()
    assert_accessible(desk)
    summary.get_by_role("link").press("Enter")
    monday = desk.get_by_label("Monday")
    expect(monday).to_be_focused()
    expect(monday).to_have_value("morning")
    monday.fill("")
    monday.press("Enter")
    expect(desk.get_by_label("Tuesday")).to_have_value("08:00-12:00, 13:00-17:00")
    desk.get_by_label("Date").fill("2099-12-24")
    desk.get_by_role("button", name="Add the date").press("Enter")
    expect(desk.get_by_role("button", name="Remove Thu 24 Dec 2099")).to_be_visible()
    assert_accessible(desk)
    desk.get_by_role("link", name="Settings").click()
    desk.get_by_role("link", name="Queues").click()
    desk.get_by_role("link", name="Walk-in").click()
    assert_accessible(desk)
