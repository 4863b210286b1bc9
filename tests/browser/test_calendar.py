"""The calendar by keyboard alone: what does not fit is said before, and changes nothing."""

import pytest
from django_scopes import scope
from playwright.sync_api import Page, Request, Route, expect

from appointments.models import Appointment
from appointments.tests.cast import build_practice
from providers.services.customers import customer_find_or_create
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Shop, await_replicas
from tests.browser.keyboard import press, tab_to
from tests.browser.waiting import wait_until


def test_a_booking_is_made_moved_and_cancelled_by_keyboard(shop: Shop, desk: Page) -> None:
    with scope(provider=shop.house.provider):
        practice = build_practice(shop.house)
        dana = customer_find_or_create(actor=shop.house.actor, name="Dana")
        practice.book(practice.wish(10, resource=practice.ada), customer=dana)
    await_replicas()
    day = practice.day.isoformat()
    desk.goto(f"{shop.today}calendar/?date={day}")
    says, notice = desk.locator("#mover-says"), desk.locator("#notice")
    expect(desk.get_by_text("Live", exact=True)).to_be_visible()
    press(desk, "b")
    desk.get_by_label("With", exact=True).select_option("Ada")
    # 10:00 is hers no more.
    expect(desk.get_by_role("radio", name="10:00")).to_have_count(0)
    desk.get_by_role("radio", name="10:30").focus()
    press(desk, "Space")
    desk.get_by_label("Name", exact=True).fill("Noa")
    press(desk, "Enter")
    expect(notice).to_contain_text("10:30, Ada.")
    assert_accessible(desk)
    tab_to(desk, desk.get_by_role("link", name="Noa"))
    press(desk, "m")
    expect(says).to_have_text("Ada, 10:30–10:45: free")
    press(desk, "ArrowUp", "ArrowUp")
    expect(says).to_have_text("Ada, 10:00–10:15: taken")
    press(desk, "Enter")
    expect(says).to_contain_text("Free: 09:30, 09:45, 10:15.")
    press(desk, "ArrowRight")
    expect(says).to_have_text("Ben, 10:00–10:15: free")
    press(desk, "Shift+ArrowDown")
    expect(says).to_have_text("Ben, 10:00–10:20: free")
    press(desk, "Enter")
    expect(notice).to_contain_text("10:00, Ben.")
    expect(desk.get_by_role("link", name="Noa")).to_be_focused()
    press(desk, "Enter")
    sheet = desk.get_by_role("dialog")
    tab_to(desk, sheet.get_by_text("Cancel the booking").first)
    press(desk, "Enter")
    tab_to(desk, sheet.get_by_role("button", name="Cancel the booking"))
    press(desk, "Enter")
    expect(notice).to_contain_text("Cancelled: ")
    expect(desk.get_by_role("link", name="Noa")).to_have_count(0)
    with scope(provider=shop.house.provider):
        assert set(Appointment.objects.values_list("state", flat=True)) == {"booked", "cancelled"}


def test_what_is_left_or_pressed_twice_while_places_are_looked_up(shop: Shop, desk: Page) -> None:
    with scope(provider=shop.house.provider):
        practice = build_practice(shop.house)
        dana = customer_find_or_create(actor=shop.house.actor, name="Dana")
        booked = practice.book(practice.wish(10, resource=practice.ada), customer=dana)
    await_replicas()
    held: list[Route] = []
    moves: list[Request] = []

    def hold(asked: Route) -> None:
        held.append(asked)

    def is_over() -> bool:
        while held:
            held.pop().continue_()
        return desk.locator("#mover").is_hidden()

    desk.on("request", lambda asked: moves.append(asked) if "/move/" in asked.url else None)
    desk.goto(f"{shop.today}calendar/?date={practice.day.isoformat()}")
    expect(desk.get_by_text("Live", exact=True)).to_be_visible()
    desk.route("**/places/**", hold)
    for last, expected in (("Escape", 0), ("Enter", 1)):
        desk.get_by_role("link", name="Dana").focus()
        press(desk, "m", "ArrowDown", "Enter", last)
        wait_until(desk, lambda: len(held) > 1)
        wait_until(desk, is_over)
        if expected:
            expect(desk.locator("#notice")).to_contain_text("10:15, Ada.")
        assert len(moves) == expected
    with scope(provider=shop.house.provider):
        booked.refresh_from_db()
    assert booked.starts_at == practice.at(10, 15)


def test_a_month_is_gone_through_by_arrows_and_opens_the_day(shop: Shop, desk: Page) -> None:
    with scope(provider=shop.house.provider):
        practice = build_practice(shop.house)
        for hour in (9, 10):
            practice.book(practice.wish(hour))
    await_replicas()
    desk.goto(f"{shop.today}calendar/?date={practice.day.isoformat()}&view=month")
    expect(desk.get_by_text("Live", exact=True)).to_be_visible()
    day = desk.locator(f"#day-{practice.day:%m%d}")
    expect(day).to_contain_text("2 bookings")
    assert_accessible(desk)
    days = desk.locator(".month__day")
    days.first.focus()
    press(desk, "ArrowRight", "ArrowDown")
    expect(days.nth(8)).to_be_focused()
    tab_to(desk, day)
    press(desk, "Enter")
    expect(desk.locator(".booking")).to_have_count(2)


@pytest.mark.expected_errors("400 ")
def test_somebody_is_put_on_the_wait_list_by_keyboard(shop: Shop, desk: Page) -> None:
    with scope(provider=shop.house.provider):
        build_practice(shop.house)
    await_replicas()
    desk.goto(f"{shop.today}calendar/waiting/")
    tab_to(desk, desk.get_by_role("link", name="Add somebody"))
    press(desk, "Enter")
    assert_accessible(desk)
    desk.get_by_label("With", exact=True).select_option("Ada")
    desk.get_by_label("Must start before").focus()
    tab_to(desk, desk.get_by_role("button", name="Add to the wait list"))
    press(desk, "Enter")
    # The summary takes the focus, and leads to the field; what was chosen stays.
    expect(desk.get_by_role("alert")).to_be_focused()
    assert_accessible(desk)
    expect(desk.get_by_label("With", exact=True).locator("option:checked")).to_have_text("Ada")
    tab_to(desk, desk.get_by_role("link", name="Write who waits."))
    press(desk, "Enter")
    desk.keyboard.type("Noa")
    press(desk, "Enter")
    expect(desk.get_by_text("On the wait list.")).to_be_visible()
    expect(desk.get_by_role("link", name="Noa")).to_be_visible()
    assert_accessible(desk)
