"""Bookings in the generated app: booked, moved, cancelled without a connection, as they become."""

from datetime import datetime, time, timedelta

import pytest
from django_scopes import scope
from playwright.sync_api import Page, expect

from appointments.models import Appointment, AppointmentState, Offer, OfferState
from appointments.services.bookings import appointment_cancel
from appointments.services.resources import resource_update
from appointments.tests.cast import build_practice
from tests.browser.accessibility import assert_accessible
from tests.browser.app import open_app
from tests.browser.conftest import NO_ANSWER, Shop, await_replicas
from tests.browser.waiting import wait_until
from waitlessq import clock


@pytest.mark.expected_errors(NO_ANSWER)
def test_a_time_is_booked_moved_and_cancelled_without_a_connection(shop: Shop, phone: Page) -> None:
    with scope(provider=shop.house.provider):
        build_practice(shop.house, minimum_notice=until_a_whole_day(shop))
    await_replicas()
    open_app(phone, shop)
    phone.get_by_role("link", name="Book a time").tap()
    times = phone.get_by_role("list").get_by_role("button")
    times.nth(1).tap()
    phone.get_by_role("button", name="Book", exact=True).tap()
    expect(phone.get_by_text("Write a name.")).to_be_visible()
    phone.get_by_label("Your name").fill("Dana")
    assert_accessible(phone)
    # What was typed stays, whatever happens.
    phone.reload()
    expect(phone.get_by_label("Your name")).to_have_value("Dana")
    phone.get_by_role("button", name="Book", exact=True).tap()
    expect(phone.get_by_text("Booked", exact=True)).to_be_visible()
    first = phone.get_by_role("heading").first.inner_text()
    assert_accessible(phone)
    phone.get_by_role("link", name="Move to another time").tap()
    times.nth(4).tap()
    expect(phone.get_by_text("Booked", exact=True)).to_be_visible()
    assert phone.get_by_role("heading").first.inner_text() != first
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Cancel the booking").tap()
    expect(phone.get_by_text("will be sent when you are back online")).to_be_visible()
    phone.context.set_offline(False)
    expect(phone.get_by_role("heading", name="No bookings")).to_be_visible()
    with scope(provider=shop.house.provider):
        wait_until(phone, lambda: Appointment.objects.get().state == AppointmentState.CANCELLED)


def until_a_whole_day(shop: Shop) -> timedelta:
    """Notice that leaves the day after tomorrow as the first, with all of its times."""
    zone = shop.house.location.zone
    day = clock.local_date(zone) + timedelta(days=2)
    return datetime.combine(day, time(7), tzinfo=zone) - clock.now()


@pytest.mark.expected_errors("409 ")
def test_a_booking_is_repeated_without_what_is_taken(shop: Shop, phone: Page) -> None:
    with scope(provider=shop.house.provider):
        practice = build_practice(shop.house, minimum_notice=until_a_whole_day(shop))
        resource_update(actor=shop.house.actor, resource=practice.ben, is_active=False)
        practice.book(practice.wish(9, days=14))
    await_replicas()
    open_app(phone, shop)
    phone.get_by_role("link", name="Book a time").tap()
    phone.get_by_role("button", name="Next free: 09:00").tap()
    phone.get_by_label("Your name").fill("Dana")
    phone.get_by_text("Repeat this booking").tap()
    phone.get_by_label("How often").select_option("Every 2 weeks")
    phone.get_by_label("How many times").select_option("4")
    phone.get_by_role("button", name="Book all 4").tap()
    expect(phone.get_by_text("Not free: 1 of 4.")).to_be_visible()
    assert_accessible(phone)
    with scope(provider=shop.house.provider):
        assert Appointment.objects.count() == 1, "nothing is booked before it was seen"
    phone.get_by_role("button", name="Leave those out, book 3").tap()
    expect(phone.get_by_role("heading", name="Later")).to_be_visible()
    expect(phone.get_by_text("Change")).to_have_count(2)
    phone.get_by_role("button", name="Mail me my calendar").tap()
    expect(phone.get_by_text("We have no email address of yours.")).to_be_visible()
    assert_accessible(phone)


@pytest.mark.expected_errors(NO_ANSWER)
def test_who_waits_for_a_time_takes_it_once_it_is_free(shop: Shop, phone: Page) -> None:
    notice = until_a_whole_day(shop)
    with scope(provider=shop.house.provider):
        # One time on one day, with Ada, and it is taken.
        within = notice + timedelta(hours=20)
        practice = build_practice(shop.house, minimum_notice=notice, horizon=within)
        practice.ada.availability_rules.update(ends=time(9, 15))
        resource_update(actor=shop.house.actor, resource=practice.ben, is_active=False)
        booked = practice.book(practice.wish(9))
    await_replicas()
    open_app(phone, shop)
    phone.get_by_role("link", name="Book a time").tap()
    wait = phone.get_by_role("button", name="Tell me when a time becomes free")
    wait.tap()
    name, email = phone.get_by_label("Your name"), phone.get_by_label("Your email address")
    name.fill("Dana")
    wait.tap()
    expect(phone.get_by_text("Write an address or a phone number")).to_be_visible()
    email.fill("dana")
    wait.tap()
    expect(phone.get_by_text("Look at the address again")).to_be_visible()
    # What the server refused stays, to be put right.
    expect(name).to_have_value("Dana")
    expect(email).to_have_value("dana")
    assert_accessible(phone)
    email.fill("dana@example.org")
    wait.tap()
    expect(phone.get_by_role("heading", name="Waiting for a time")).to_be_visible()
    with scope(provider=shop.house.provider):
        appointment_cancel(actor=shop.house.actor, appointment_id=booked.pk)
        wait_until(phone, lambda: Offer.objects.filter(state=OfferState.OPEN).exists())
    phone.reload()
    expect(phone.get_by_text("It is kept for you for")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("button", name="Take it").tap()
    expect(phone.get_by_text("Booked", exact=True)).to_be_visible()
    with scope(provider=shop.house.provider):
        taken = Appointment.objects.get(state=AppointmentState.BOOKED)
        assert (taken.starts_at, taken.source) == (booked.starts_at, "waitlist")
