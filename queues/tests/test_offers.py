"""A freed slot that nobody on the wait list wants goes to who waits in line."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment, FreedSlot, Offer, Resource
from appointments.services.bookings import appointment_cancel
from appointments.services.offers import freed_slots_offer
from appointments.services.seats import Wish
from appointments.services.waitlist import waitlist_join
from appointments.tests.cast import Practice, build_practice
from conftest import House
from events.outbox import relay_batch
from queues.models import Source, Ticket
from queues.services import offers
from queues.services.check_in import ticket_check_in
from queues.services.tickets import ticket_call_next, ticket_join
from queues.tokens import token_for
from waitlessq import clock

URL = "/api/v1/public/ticket/offer"


@pytest.fixture
def practice(in_house: House) -> Practice:
    """The house, with people who can be booked without notice."""
    return build_practice(in_house, minimum_notice=timedelta())


def wait_in_line(house: House) -> Ticket:
    return ticket_join(
        actor=house.actor,
        queue_id=house.queue.pk,
        source=Source.STAFF,
        service_id=house.service.pk,
    )


@pytest.fixture
def booked(practice: Practice) -> Appointment:
    """Ten o'clock with Ada."""
    return practice.book(practice.wish(10, resource=practice.ada))


def half_an_hour_before(booked: Appointment) -> AbstractContextManager[None]:
    return clock.override(booked.starts_at - timedelta(minutes=30))


def free(practice: Practice, booked: Appointment) -> None:
    appointment_cancel(actor=practice.house.actor, appointment_id=booked.pk)
    pass_on()


def pass_on() -> None:
    """The freed slot is noted; nobody on the list wants it; the line hears of it; it is offered."""
    for _ in range(2):
        relay_batch()
        freed_slots_offer()


def ask(ticket: Ticket) -> Any:
    headers = {"Ticket-Token": token_for(ticket.pk)}
    return Client().get(URL, headers=headers).json()["offer"]


def answer(ticket: Ticket, how: str, offer: int) -> Any:
    headers = {"Ticket-Token": token_for(ticket.pk)}
    return Client().post(
        f"{URL}/{how}", {"offer": offer}, content_type="application/json", headers=headers
    )


def test_the_first_in_line_is_asked_then_the_next(practice: Practice, booked: Appointment) -> None:
    with half_an_hour_before(booked):
        first, second = wait_in_line(practice.house), wait_in_line(practice.house)
        free(practice, booked)
        assert ask(second) is None
        refused = answer(first, "refuse", ask(first)["id"])
        assert refused.json()["state"] == "waiting"
        pass_on()
        assert ask(first) is None
        taken = answer(second, "accept", ask(second)["id"])
        assert (taken.json()["state"], taken.json()["service"]) == ("booked", "Advice")
        second.refresh_from_db()
        assert second.state == "cancelled"
        assert Appointment.objects.get(source="queue").starts_at == booked.starts_at


def test_who_was_called_meanwhile_keeps_the_ticket(practice: Practice, booked: Appointment) -> None:
    with half_an_hour_before(booked):
        ticket = wait_in_line(practice.house)
        free(practice, booked)
        offer = ask(ticket)
        ticket_call_next(actor=practice.house.actor, counter_id=practice.house.counter.pk)
        for state in ("serving", "completed"):
            Ticket.objects.filter(pk=ticket.pk).update(state=state)
            late = answer(ticket, "accept", offer["id"])
            assert late.json()["code"] == "illegal-transition"
        assert Offer.objects.get().state == "open", "nothing was half done"


def test_customers_on_the_list_come_first(practice: Practice, booked: Appointment) -> None:
    with half_an_hour_before(booked):
        ticket = wait_in_line(practice.house)
        entry = waitlist_join(
            actor=practice.customer,
            wish=Wish(practice.house.service.pk, booked.starts_at),
            last=booked.ends_at,
        )
        free(practice, booked)
        assert (entry.offers.count(), ask(ticket)) == (1, None)


def test_who_is_served_sooner_is_not_asked(
    practice: Practice, booked: Appointment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with half_an_hour_before(booked):
        soon, late = wait_in_line(practice.house), wait_in_line(practice.house)
        called = {
            (practice.house.queue.pk, soon.code): booked.starts_at - timedelta(minutes=20),
            (practice.house.queue.pk, late.code): booked.starts_at + timedelta(minutes=30),
        }
        monkeypatch.setattr(offers, "_likely_waits", lambda _queues: called)
        free(practice, booked)
        assert ask(soon) is None
        assert ask(late) is not None


def test_tomorrows_slot_is_nothing_for_todays_line(practice: Practice, booked: Appointment) -> None:
    with clock.override(booked.starts_at - timedelta(days=1)):
        ticket = wait_in_line(practice.house)
        free(practice, booked)
        assert ask(ticket) is None
        assert FreedSlot.objects.get().due_at is None


def at_the_time_of(booked: Appointment, practice: Practice, resource: Resource) -> Wish:
    return replace(practice.wish(10, resource=resource), starts_at=booked.starts_at)


def test_who_came_for_a_booking_is_not_asked(practice: Practice, booked: Appointment) -> None:
    with half_an_hour_before(booked):
        other = practice.book(at_the_time_of(booked, practice, practice.ben))
        checked_in = ticket_check_in(actor=practice.house.actor, appointment_id=other.pk)
        walked_in = wait_in_line(practice.house)
        free(practice, booked)
        assert ask(checked_in) is None
        assert ask(walked_in) is not None


def test_two_freed_times_go_to_two_who_wait_and_the_line_is_read_once(
    practice: Practice, booked: Appointment
) -> None:
    second = practice.book(practice.wish(10, resource=practice.ben))
    with half_an_hour_before(booked):
        tickets = [wait_in_line(practice.house) for _ in range(2)]
        for one in (booked, second):
            appointment_cancel(actor=practice.house.actor, appointment_id=one.pk)
        relay_batch()
        freed_slots_offer()
        with CaptureQueriesContext(connection) as captured:
            relay_batch()
        lines = [q for q in captured if 'FROM "queues_ticket"' in q["sql"]]
        assert len(lines) == 1
        freed_slots_offer()
        assert [ask(ticket) is not None for ticket in tickets] == [True, True]


def test_what_is_nothing_for_one_keeps_the_next_from_nothing(
    practice: Practice, booked: Appointment
) -> None:
    """Who was asked in vain, since the time was booked meanwhile, can be asked about another."""
    with half_an_hour_before(booked):
        ticket = wait_in_line(practice.house)
        appointment_cancel(actor=practice.house.actor, appointment_id=booked.pk)
        relay_batch()
        freed_slots_offer()
        relay_batch()
        again = practice.book(at_the_time_of(booked, practice, practice.ada))
        freed_slots_offer()
        assert ask(ticket) is None
        free(practice, again)
        assert ask(ticket) is not None
