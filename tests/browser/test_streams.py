"""What is told at once, and who tells it when a part of the platform has gone.

In each test something changes while a part is down; then desk and phone must both be right by
themselves, without a reload.
"""

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import RIGHT_AGAIN, STREAM, is_live, join, lists, says
from tests.browser.conftest import NO_ANSWER, PHONE, NewPage, Shop
from tests.browser.keyboard import press
from tests.browser.whole import Part, Platform

pytestmark = pytest.mark.expected_errors(NO_ANSWER)


@pytest.fixture
def second(new_page: NewPage) -> Page:
    """Another customer's phone."""
    return new_page("second phone", **PHONE)


@pytest.fixture
def part(request: pytest.FixtureRequest, platform: Platform) -> Part:
    """The part that a test names."""
    return {**platform.programs, "valkey": platform.valkey}[request.param]


def test_a_call_reaches_the_phone_by_the_stream_alone(
    shop: Shop, desk: Page, new_page: NewPage, capsys: pytest.CaptureFixture[str]
) -> None:
    # Its worker would fetch behind the test's back.
    phone = new_page("phone", service_workers="block", **PHONE)
    with phone.expect_response(STREAM):
        join(phone, shop)
    says(phone, "You are next")
    desk.goto(shop.desk)
    phone.route("**/api/v1/**", lambda route: route.abort())
    started = time.monotonic()
    press(desk, "n")
    # Sooner than silence would make the phone ask; which it could not.
    says(phone, "A001, it is your turn", 5_000)
    with capsys.disabled():
        print(f" (shown after {1000 * (time.monotonic() - started):.0f} ms)", end="")


def test_an_arrival_reaches_the_desk_at_once(
    shop: Shop, phone: Page, desk: Page, capsys: pytest.CaptureFixture[str]
) -> None:
    with desk.expect_response(STREAM):
        desk.goto(shop.desk)
    join(phone, shop)
    started = time.monotonic()
    lists(desk, "A001")
    with capsys.disabled():
        print(f" (shown after {1000 * (time.monotonic() - started):.0f} ms)", end="")


@pytest.mark.parametrize("part", ["streams", "relay", "valkey"], indirect=True)
def test_both_are_right_again_after_a_part_was_killed(
    shop: Shop, part: Part, phone: Page, desk: Page, second: Page
) -> None:
    desk.goto(shop.desk)
    join(phone, shop)
    lists(desk, "A001")
    with part.killed():
        press(desk, "n")
        join(second, shop)
    says(phone, "A001, it is your turn", RIGHT_AGAIN)
    lists(desk, "A002", RIGHT_AGAIN)
    assert is_live(desk)


@pytest.mark.parametrize("part", ["streams", "relay", "valkey"], indirect=True)
def test_what_happens_after_a_kill_is_told_again(
    shop: Shop, part: Part, phone: Page, desk: Page, second: Page
) -> None:
    desk.goto(shop.desk)
    join(phone, shop)
    part.restart()
    join(second, shop)
    lists(desk, "A002", RIGHT_AGAIN)
    press(desk, "n")
    says(phone, "A001, it is your turn", RIGHT_AGAIN)
    says(second, "You are next", RIGHT_AGAIN)


def test_while_nobody_publishes_nothing_old_is_shown_as_live(
    shop: Shop, platform: Platform, phone: Page, desk: Page, second: Page
) -> None:
    desk.goto(shop.desk)
    join(phone, shop)
    lists(desk, "A001")
    with platform.programs["relay"].frozen():
        press(desk, "n")
        join(second, shop)
        phone.wait_for_timeout(20_000)
        assert not (is_live(phone) and phone.get_by_text("You are next").is_visible())
        assert not (is_live(desk) and not desk.get_by_text("A002").first.is_visible())
    says(phone, "A001, it is your turn", RIGHT_AGAIN)
    lists(desk, "A002", RIGHT_AGAIN)


def test_without_streams_both_go_on_by_asking(
    shop: Shop, platform: Platform, phone: Page, desk: Page
) -> None:
    with platform.programs["streams"].killed():
        desk.goto(shop.desk)
        join(phone, shop)
        lists(desk, "A001", RIGHT_AGAIN)
        press(desk, "n")
        says(phone, "A001, it is your turn", RIGHT_AGAIN)
    expect(desk.get_by_role("button", name="Not here")).to_be_visible()
