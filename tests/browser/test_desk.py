"""The desk by itself: keys alone, and what it says when nobody answers."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from embedded.project import DEMO_EMAIL
from tests.browser.conftest import DESK, NO_ANSWER, PHONE, TABLET, NewPage, Shop, sign_in
from tests.browser.keyboard import press, tab_to
from tests.browser.test_pages import join
from tests.browser.waiting import wait_until
from tests.browser.whole import Platform

AGE = "#age"


def test_one_signs_in_and_chooses_a_counter_by_keyboard(
    platform: Platform, new_page: NewPage
) -> None:
    page = new_page("computer", **DESK)
    page.goto("/")
    tab_to(page, page.get_by_label("Email"))
    page.keyboard.type(DEMO_EMAIL)
    tab_to(page, page.get_by_label("Password"))
    page.keyboard.type(platform.environment["DEMO_PASSWORD"])
    page.keyboard.press("Enter")
    for heading, link in (
        ("Your providers", "Cut & Curl"),
        ("Today", "Desk"),
        ("Which counter are you at?", "counter 1"),
    ):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        tab_to(page, page.get_by_role("link", name=link))
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Counter 1")).to_be_visible()


def test_a_whole_visit_by_keyboard(shop: Shop, desk: Page) -> None:
    desk.goto(shop.desk)
    for keys, sentence in (
        (["a", "Enter"], "A001 is in the line, at place 1."),
        (["n"], "You called A001."),
        (["r"], "You called A001 again."),
        (["b"], "A001 is back in the line."),
        (["u"], "Undone: A001 is where it was."),
        (["s"], "A001 is being served."),
        (["h"], "A001 is on hold."),
        (["u"], "Undone: A001 is where it was."),
        (["c"], "A001 is done."),
        (["o"], "The counter is closed."),
    ):
        press(desk, *keys)
        expect(desk.get_by_role("status")).to_contain_text(sentence)


def test_two_walk_ins_are_two_numbers(shop: Shop, desk: Page) -> None:
    desk.goto(shop.desk)
    for code in ("A001", "A002"):
        press(desk, "a", "Enter")
        expect(desk.get_by_role("status")).to_contain_text(f"{code} is in the line")


@pytest.mark.expected_errors(r"400 \(Bad Request\)")
def test_a_visit_by_finger(shop: Shop, platform: Platform, new_page: NewPage) -> None:
    tablet = new_page("tablet", **TABLET)
    sign_in(tablet, platform, shop.staff)
    tablet.goto(shop.desk)
    tablet.get_by_role("button", name="Add a walk-in").tap()
    tablet.get_by_role("button", name="Give a number").tap()
    expect(tablet.get_by_role("status")).to_contain_text("A001 is in the line, at place 1.")
    tablet.get_by_role("button", name="Search").tap()
    tablet.get_by_role("searchbox").fill("A001")
    expect(tablet.locator("#search")).to_contain_text("waiting")
    tablet.locator("#search").get_by_role("button", name="Close").tap()
    tablet.get_by_role("button", name="What if?").tap()
    tablet.get_by_role("button", name="See the waits").tap()
    expect(tablet.get_by_text("Nobody can say yet how long people wait here.")).to_be_visible()
    tablet.locator("#what-if").get_by_role("button", name="Close").tap()
    tablet.get_by_role("button", name="Call A001").first.tap()
    expect(tablet.get_by_role("status")).to_contain_text("You called A001.")
    # Keys are no use to a finger.
    expect(tablet.get_by_role("button", name="Keys")).to_be_hidden()


def test_what_was_said_stays_when_the_line_moves_on(shop: Shop, phone: Page, desk: Page) -> None:
    desk.goto(shop.desk)
    press(desk, "a", "Enter")
    expect(desk.get_by_role("status")).to_have_text("A001 is in the line, at place 1.")
    join(phone, shop)
    expect(desk.get_by_role("heading", name="2 waiting")).to_be_visible()
    expect(desk.get_by_role("status")).to_have_text("A001 is in the line, at place 1.")


def test_keys_work_by_their_place_on_any_layout(shop: Shop, desk: Page) -> None:
    desk.goto(shop.desk)
    # The key that says O on a Latin keyboard says this on a Hebrew one.
    desk.dispatch_event("body", "keydown", {"code": "KeyO", "key": "ם"})
    expect(desk.get_by_role("status")).to_have_text("The counter is closed.")


def test_a_line_grows_on_the_desk_by_itself(shop: Shop, phone: Page, desk: Page) -> None:
    desk.goto(shop.desk)
    expect(desk.get_by_text("Nobody is waiting. New arrivals appear here.")).to_be_visible()
    join(phone, shop)
    expect(desk.get_by_role("button", name="Call A001").first).to_be_visible()


def test_a_late_answer_takes_nothing_away(
    shop: Shop, phone: Page, desk: Page, new_page: NewPage
) -> None:
    late: list[Route] = []

    def hold(route: Route) -> None:
        late.append(route)

    join(phone, shop)
    desk.goto(shop.desk)
    expect(desk.get_by_role("button", name="Call A001").first).to_be_visible()
    desk.route(re.compile(r"[?&]since="), hold)
    join(new_page("second phone", **PHONE), shop)
    wait_until(desk, lambda: bool(late))
    desk.keyboard.press("n")
    expect(desk.get_by_role("status")).to_contain_text("You called A001.")
    late[0].continue_()
    # It asks again, as that answer came too late to be shown.
    wait_until(desk, lambda: len(late) > 1)
    expect(desk.get_by_role("button", name="Done, call A002")).to_be_visible()
    expect(desk.get_by_text("Add a walk-in").first).to_be_visible()


def test_the_form_for_walk_ins_outlives_every_press(shop: Shop, desk: Page) -> None:
    desk.goto(shop.desk)
    expect(desk.locator(AGE)).to_have_text("Live")
    for _ in range(5):
        press(desk, "o")
        expect(desk.get_by_role("status")).to_have_text("The counter is closed.")
        expect(desk.get_by_text("Add a walk-in").first).to_be_visible()
        press(desk, "o")
        expect(desk.get_by_role("status")).to_have_text("The counter is open.")
        expect(desk.get_by_text("Add a walk-in").first).to_be_visible()


@pytest.mark.expected_errors(NO_ANSWER)
def test_a_desk_without_an_answer_says_since_when_and_calls_nobody(
    shop: Shop, platform: Platform, desk: Page
) -> None:
    desk.goto(shop.desk)
    expect(desk.locator(AGE)).to_have_text("Live")
    # While the relay says that nothing happened, what it shows is right without the web server.
    with platform.programs["web"].frozen(), platform.programs["relay"].frozen():
        expect(desk.locator(AGE)).to_have_text(re.compile(r"No connection since \d\d:\d\d"))
        expect(desk.get_by_role("button", name="Close the counter")).to_be_disabled()
    expect(desk.locator(AGE)).to_have_text("Live")
    expect(desk.get_by_role("button", name="Close the counter")).to_be_enabled()


@pytest.mark.expected_errors(NO_ANSWER)
def test_a_desk_is_right_again_after_the_web_server_was_killed(
    shop: Shop, platform: Platform, desk: Page
) -> None:
    desk.goto(shop.desk)
    with platform.programs["web"].killed():
        press(desk, "o")
        expect(desk.get_by_text("Not done: no answer. Try again.")).to_be_visible()
    press(desk, "o")
    expect(desk.get_by_role("status")).to_have_text("The counter is closed.")


def test_who_comes_is_heard_and_stands_in_the_title(shop: Shop, desk: Page, phone: Page) -> None:
    ticks = []
    desk.expose_function("ticked", lambda: ticks.append(1))
    desk.add_init_script(
        "const create = AudioContext.prototype.createOscillator;"
        "AudioContext.prototype.createOscillator = function () {"
        "  ticked(); return create.call(this); };"
    )
    desk.goto(shop.desk)
    join(phone, shop)
    expect(desk).to_have_title(re.compile(r"^\(1\) "))
    assert ticks == []
    desk.get_by_label("Sound for arrivals").check()
    wait_until(desk, lambda: len(ticks) == 1)
    desk.reload()
    expect(desk.get_by_label("Sound for arrivals")).to_be_checked()
    desk.get_by_role("heading", name="Counter 1").click()
    press(desk, "a", "Enter")
    wait_until(desk, lambda: len(ticks) == 2)
    expect(desk).to_have_title(re.compile(r"^\(2\) "))
