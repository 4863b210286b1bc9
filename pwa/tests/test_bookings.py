"""The pages that mails of bookings lead to."""

import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment, WaitlistEntry
from appointments.services.bookings import appointment_cancel
from appointments.services.mails import send_due_mails
from appointments.services.offers import freed_slots_offer
from appointments.services.resources import booking_policy_set, resource_update
from appointments.services.waitlist import waitlist_join
from appointments.tests.cast import Practice, build_practice
from appointments.tokens import appointment_token, waitlist_token
from conftest import House
from events.outbox import relay_batch
from providers.services.customers import customer_find_or_create
from queues.models import Ticket
from queues.on_site import on_site_code
from queues.services.queues import queue_update
from waitlessq import clock


@pytest.fixture
def practice(in_house: House) -> Practice:
    """The house, with people who can be booked."""
    return build_practice(in_house)


@pytest.fixture
def booked(practice: Practice) -> Appointment:
    """A booking of Dana's, at ten with Ada."""
    dana = customer_find_or_create(
        actor=practice.house.actor, name="Dana", email="dana@example.org"
    )
    wish = practice.wish(10, resource=practice.ada)
    return practice.book(wish, practice.customer, customer=dana)


def page(booked: Appointment, more: str = "") -> str:
    return f"/b/{appointment_token(booked.pk)}/{more}"


def test_the_mail_leads_to_a_page_that_is_nobody_elses(
    booked: Appointment, client: Client, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://queues.example"
    send_due_mails()
    [link] = re.findall(r"https://queues.example(\S+)", str(mail.outbox[0].body))
    answer = client.get(link)
    assert "10:00" in answer.text
    assert "Your booking is confirmed." in answer.text
    assert "Dana" not in answer.text
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == (
        "strict-origin",
        "noindex, nofollow",
    )
    assert "no-store" in answer["Cache-Control"]


def test_without_an_address_of_the_platform_mails_have_no_link(booked: Appointment) -> None:
    send_due_mails()
    assert "http" not in mail.outbox[0].body


def test_looking_changes_nothing_and_the_button_cancels_once(
    booked: Appointment, client: Client
) -> None:
    assert client.get(page(booked, "cancel/")).status_code == HTTPStatus.METHOD_NOT_ALLOWED
    with CaptureQueriesContext(connection) as queries:
        client.get(page(booked))
        client.get(page(booked, "move/"))
    assert not [q["sql"] for q in queries if not q["sql"].lstrip().startswith("SELECT")]
    for _ in range(2):
        answer = client.post(page(booked, "cancel/"), follow=True)
        assert "This booking is cancelled." in answer.text
    assert "Cancel the booking" not in answer.text
    assert booked.events.filter(type="cancelled").count() == 1


def test_on_the_day_the_page_checks_in_once(booked: Appointment, client: Client) -> None:
    button = "I am here"
    assert button not in client.get(page(booked)).text
    early = client.post(page(booked, "check-in/"))
    assert (early.status_code, "The booking is on" in early.text) == (HTTPStatus.CONFLICT, True)
    with clock.override(booked.starts_at - timedelta(minutes=5)):
        assert button in client.get(page(booked)).text
        for _ in range(2):
            answer = client.post(page(booked, "check-in/"), follow=True)
            assert Ticket.objects.get().code in answer.text
        assert "See my place" in client.get(page(booked)).text
    booked.refresh_from_db()
    assert booked.state == "arrived"


def test_the_page_asks_for_the_code_of_the_place_and_keeps_what_was_typed(
    practice: Practice, booked: Appointment, client: Client
) -> None:
    house = practice.house
    with clock.override(booked.starts_at - timedelta(minutes=5)):
        assert 'name="code"' not in client.get(page(booked)).text
        queue_update(actor=house.actor, queue_id=house.queue.pk, remote_join=False)
        assert 'name="code"' in client.get(page(booked)).text
        wrong = client.post(page(booked, "check-in/"), {"code": "12x"})
        assert (wrong.status_code, 'value="12x"' in wrong.text) == (HTTPStatus.CONFLICT, True)
        assert "Type the code that the screen there shows" in wrong.text
        client.post(page(booked, "check-in/"), {"code": on_site_code(house.location.pk)})
    booked.refresh_from_db()
    assert booked.state == "arrived"


def test_another_time_is_chosen_from_what_is_free(
    practice: Practice, booked: Appointment, client: Client
) -> None:
    resource_update(actor=practice.house.actor, resource=practice.ben, is_active=False)
    taken = practice.book(practice.wish(11, resource=practice.ada))
    text = client.get(page(booked, "move/")).text
    offered = set(re.findall(r'value="([^"]+T[^"]+)"', text))
    assert practice.at(10, 15).isoformat() in offered
    assert not offered & {practice.at(10).isoformat(), taken.starts_at.isoformat()}
    refused = client.post(page(booked, "move/"), {"starts_at": practice.at(11).isoformat()})
    assert refused.status_code == HTTPStatus.CONFLICT
    assert "11:00 was just taken." in refused.text
    for _ in range(2):
        moved = client.post(
            page(booked, "move/"), {"starts_at": practice.at(10, 15).isoformat()}, follow=True
        )
        assert "10:15" in moved.text
    booked.refresh_from_db()
    assert (booked.starts_at, booked.reschedule_count) == (practice.at(10, 15), 1)


def test_its_own_time_is_not_in_the_way_of_a_longer_booking(
    practice: Practice, booked: Appointment
) -> None:
    """An hour, of which the first quarter is where it stands now."""
    resource_update(actor=practice.house.actor, resource=practice.ben, is_active=False)
    practice.book(practice.wish(11, resource=practice.ada))
    token = {"Appointment-Token": appointment_token(booked.pk)}
    Appointment.objects.filter(pk=booked.pk).update(ends_at=practice.at(11))
    days: dict[str, Any] = {"first": practice.day.isoformat(), "days": 1}
    slots = Client().get("/api/v1/public/appointment/slots", days, headers=token).json()["slots"]
    starts = [slot["starts_at"][11:16] for slot in slots]
    assert "10:00" in starts
    assert "10:15" not in starts


@pytest.mark.parametrize("sent", ["", "soon", "2026-11-24T10:00", "9999-12-31T23:59:00-10:00"])
def test_what_is_no_time_is_asked_for_again(booked: Appointment, client: Client, sent: str) -> None:
    answer = client.post(page(booked, "move/"), {"starts_at": sent})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "Choose a time." in answer.text


@pytest.mark.parametrize("first", ["x", "2026-02-31", "9999-12-31", "0001-01-01"])
def test_days_that_are_none_are_no_error(booked: Appointment, client: Client, first: str) -> None:
    assert client.get(page(booked, "move/"), {"first": first}).status_code == HTTPStatus.OK


def test_the_providers_rules_hold(practice: Practice, booked: Appointment, client: Client) -> None:
    booking_policy_set(
        actor=practice.house.actor,
        service=practice.house.service,
        cancel_notice=timedelta(days=9),
        reschedule_notice=timedelta(days=9),
    )
    text = client.get(page(booked)).text
    assert "To change it, please ask" in text
    assert "Cancel the booking" not in text
    late = client.post(page(booked, "cancel/"))
    assert (late.status_code, "This was possible until" in late.text) == (409, True)
    assert client.get(page(booked, "move/")).status_code == HTTPStatus.FOUND


def test_what_is_over_says_so(practice: Practice, booked: Appointment, client: Client) -> None:
    appointment_cancel(actor=practice.house.actor, appointment_id=booked.pk)
    text = client.get(page(booked), headers={"Accept-Language": "he"}).text
    assert 'dir="rtl"' in text
    assert "Choose another time" not in text


def test_the_page_has_the_providers_colours(
    practice: Practice, booked: Appointment, client: Client
) -> None:
    practice.house.provider.colour = "#FFD400"
    practice.house.provider.save()
    answer = client.get(page(booked))
    assert "--accent:" in answer.text
    nonce = re.search(r'<style nonce="([^"]+)"', answer.text)
    assert nonce is not None
    assert nonce[1] in answer["Content-Security-Policy"]


@pytest.fixture
def offered(practice: Practice, booked: Appointment, settings: Any) -> WaitlistEntry:
    """Somebody on the list, to whom what was booked is offered."""
    settings.PUBLIC_URL = "https://queues.example"
    send_due_mails()
    resource_update(actor=practice.house.actor, resource=practice.ben, is_active=False)
    noa = customer_find_or_create(actor=practice.house.actor, name="Noa", email="noa@example.org")
    entry = waitlist_join(
        actor=practice.customer, wish=practice.wish(9), last=practice.at(12), customer=noa
    )
    appointment_cancel(actor=practice.house.actor, appointment_id=booked.pk)
    relay_batch()
    freed_slots_offer()
    return entry


def test_the_mail_of_an_offer_leads_to_taking_it(
    practice: Practice, offered: WaitlistEntry, client: Client
) -> None:
    questions = [{"id": "pet", "label": "The pet's name", "required": True}]
    booking_policy_set(
        actor=practice.house.actor, service=practice.house.service, questions=questions
    )
    send_due_mails()
    [sent] = [one for one in mail.outbox if one.to == ["noa@example.org"]]
    [link] = re.findall(r"https://queues.example(\S+)", str(sent.body))
    text = client.get(link).text
    assert "10:00" in text
    body = {"offer": str(offered.offers.get().pk)}
    missing = client.post(f"{link}accept/", body)
    assert missing.status_code == HTTPStatus.BAD_REQUEST
    assert "The pet&#x27;s name" in missing.text
    for _ in range(2):
        taken = client.post(f"{link}accept/", body | {"answer-pet": "Rex"}, follow=True)
        assert "Your booking is confirmed." in taken.text
    assert Appointment.objects.filter(state="booked").count() == 1
    assert "You have a time" in client.get(link).text


def test_an_offer_is_let_go_and_the_list_left(offered: WaitlistEntry, client: Client) -> None:
    link = f"/w/{waitlist_token(offered.pk)}/"
    for _ in range(2):
        answer = client.post(f"{link}refuse/", {"offer": str(offered.offers.get().pk)}, follow=True)
        assert "You are on the wait list" in answer.text
    late = client.post(f"{link}accept/", {"offer": str(offered.offers.get().pk)})
    assert (late.status_code, "not kept for you" in late.text) == (HTTPStatus.CONFLICT, True)
    assert client.post(f"{link}accept/", {"offer": "x"}).status_code == HTTPStatus.CONFLICT
    for _ in range(2):
        left = client.post(f"{link}leave/", follow=True)
        assert "You are not on the wait list any more" in left.text
