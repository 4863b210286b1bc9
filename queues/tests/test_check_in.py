"""Bookings and tickets meet: who booked a time comes, or who walked in books one."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from appointments.errors import AppointmentStateError, SlotTakenError
from appointments.models import Appointment
from appointments.tests.cast import Practice, build_practice
from appointments.tokens import appointment_token
from conftest import House
from queues.bookings import merged_key
from queues.errors import CheckInTooEarlyError, NoQueueForItError, NotOnSiteError
from queues.models import AppointmentMerge, CheckIn, Source, Ticket
from queues.on_site import SHOWN_FOR, is_on_site_code, on_site_code
from queues.services.check_in import ticket_book, ticket_check_in, ticket_walk_in
from queues.services.queues import queue_update
from queues.services.tickets import (
    ticket_call_next,
    ticket_cancel,
    ticket_complete,
    ticket_join,
    ticket_mark_no_show,
    ticket_start,
)
from queues.services.undo import ticket_undo
from waitlessq import clock


@pytest.fixture
def practice(in_house: House) -> Practice:
    return build_practice(in_house)


def state_of(appointment: Appointment) -> str:
    return Appointment.objects.get(pk=appointment.pk).state


def check_in(practice: Practice, appointment: Appointment) -> Ticket:
    return ticket_check_in(actor=practice.house.actor, appointment_id=appointment.pk)


def test_a_booking_becomes_a_ticket_and_ends_with_it(practice: Practice) -> None:
    house = practice.house
    booked = practice.book(practice.wish(10))
    with clock.override(practice.at(9, 50)):
        ticket = check_in(practice, booked)
        assert (ticket.source, ticket.service_id) == (Source.APPOINTMENT, house.service.pk)
        assert state_of(booked) == "arrived"
        with pytest.raises(AppointmentStateError):
            check_in(practice, booked)
        ticket_call_next(actor=house.actor, counter_id=house.counter.pk)
        ticket_start(actor=house.actor, ticket_id=ticket.pk)
        ticket_complete(actor=house.actor, ticket_id=ticket.pk)
    assert state_of(booked) == "fulfilled"


def test_whoever_leaves_the_line_is_expected_again_and_a_missed_call_is_a_no_show(
    practice: Practice,
) -> None:
    house = practice.house
    booked = practice.book(practice.wish(10))
    with clock.override(practice.at(9, 50)):
        ticket_cancel(actor=practice.customer, ticket_id=check_in(practice, booked).pk)
        assert state_of(booked) == "booked"
        ticket = check_in(practice, booked)
        ticket_call_next(actor=house.actor, counter_id=house.counter.pk)
        ticket_mark_no_show(actor=house.actor, ticket_id=ticket.pk)
    assert state_of(booked) == "no_show"
    assert CheckIn.objects.filter(appointment=booked).count() == 2


@pytest.mark.parametrize("end", [ticket_complete, ticket_mark_no_show])
def test_undoing_the_tickets_end_undoes_the_bookings(
    practice: Practice, end: Callable[..., Ticket]
) -> None:
    house = practice.house
    booked = practice.book(practice.wish(10))
    with clock.override(practice.at(9, 50)):
        ticket = check_in(practice, booked)
        ticket_call_next(actor=house.actor, counter_id=house.counter.pk)
        if end == ticket_complete:
            ticket_start(actor=house.actor, ticket_id=ticket.pk)
        end(actor=house.actor, ticket_id=ticket.pk)
        assert not booked.resources.get().is_blocking
        ticket_undo(actor=house.actor, ticket_id=ticket.pk)
    assert state_of(booked) == "arrived"
    assert booked.resources.get().is_blocking


@pytest.mark.parametrize(
    ("merge", "at", "order"),
    [
        (AppointmentMerge.OWN_BAND, 50, "booked early late"),
        (AppointmentMerge.INTERLEAVED, 50, "early booked late"),
        (AppointmentMerge.AHEAD_WHEN_LATE, 50, "early booked late"),
        (AppointmentMerge.AHEAD_WHEN_LATE, 62, "booked early late"),
    ],
)
def test_the_merge_policy_says_where_a_booking_stands(
    practice: Practice, merge: AppointmentMerge, at: int, order: str
) -> None:
    house = practice.house
    queue_update(actor=house.actor, queue_id=house.queue.pk, appointment_merge=merge)
    booked = practice.book(practice.wish(10))
    names = {}

    def walk_in(name: str, minutes: int) -> None:
        with clock.override(practice.at(9) + timedelta(minutes=minutes)):
            joined = ticket_join(actor=house.actor, queue_id=house.queue.pk, source=Source.STAFF)
        names[joined.pk] = name

    walk_in("early", 30)
    with clock.override(practice.at(9) + timedelta(minutes=at)):
        names[check_in(practice, booked).pk] = "booked"
    walk_in("late", 65)
    line = Ticket.objects.filter(queue=house.queue).order_by("order_key", "id")
    assert " ".join(names[ticket.pk] for ticket in line) == order


def test_bookings_of_a_band_stay_in_the_order_of_their_times() -> None:
    now, band = clock.now(), AppointmentMerge.OWN_BAND
    later = merged_key(band, now + timedelta(hours=2), now)
    assert merged_key(band, now + timedelta(hours=1), now) < later < now


def test_a_check_in_that_can_not_be_says_why_and_changes_nothing(practice: Practice) -> None:
    house = practice.house
    booked = practice.book(practice.wish(10))
    with pytest.raises(CheckInTooEarlyError):
        check_in(practice, booked)
    house.queue.services.clear()
    with clock.override(practice.at(9)), pytest.raises(NoQueueForItError):
        check_in(practice, booked)
    assert state_of(booked) == "booked"


def test_a_booking_becomes_a_walk_in_and_a_walk_in_a_booking(practice: Practice) -> None:
    house = practice.house
    booked = practice.book(practice.wish(10))
    with clock.override(practice.at(9)):
        ticket = ticket_walk_in(actor=house.actor, appointment_id=booked.pk)
        assert (ticket.state, state_of(booked)) == ("waiting", "cancelled")
        again = ticket_book(actor=house.actor, ticket_id=ticket.pk, starts_at=practice.at(11))
    assert (again.state, Ticket.objects.get().state) == ("booked", "cancelled")


def test_who_has_arrived_gets_no_second_ticket(practice: Practice) -> None:
    booked = practice.book(practice.wish(10))
    with clock.override(practice.at(9)):
        check_in(practice, booked)
        with pytest.raises(AppointmentStateError), transaction.atomic():
            ticket_walk_in(actor=practice.house.actor, appointment_id=booked.pk)
    assert (Ticket.objects.count(), state_of(booked)) == (1, "arrived")


def test_a_booking_that_fails_leaves_the_ticket_in_the_line(practice: Practice) -> None:
    house = practice.house
    for resource in (practice.ada, practice.ben):
        practice.book(practice.wish(11, resource=resource))
    ticket = ticket_join(
        actor=house.actor, queue_id=house.queue.pk, source=Source.STAFF,
        service_id=house.service.pk,
    )  # fmt: skip
    with pytest.raises(SlotTakenError), transaction.atomic():
        ticket_book(actor=house.actor, ticket_id=ticket.pk, starts_at=practice.at(11))
    assert Ticket.objects.get().state == "waiting"


def test_a_customer_checks_in_by_phone(practice: Practice) -> None:
    booked = practice.book(practice.wish(10))
    mine = {"Appointment-Token": appointment_token(booked.pk)}
    path = "/api/v1/public/appointment/check-in"
    early = Client().post(path, "{}", content_type="application/json", headers=mine)
    assert early.json()["code"] == "check-in-too-early"
    Appointment.objects.filter(pk=booked.pk).update(
        starts_at=clock.now(), ends_at=clock.now() + timedelta(minutes=15)
    )
    key = mine | {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}
    first, again = (
        Client().post(path, "{}", content_type="application/json", headers=key) for _ in range(2)
    )
    assert first.status_code == HTTPStatus.CREATED, first.json()
    assert first.json() == again.json()
    seen = Client().get("/api/v1/public/ticket", headers={"Ticket-Token": first.json()["token"]})
    assert seen.json()["code"] == first.json()["code"]


def at_the_place_only(practice: Practice) -> Appointment:
    house = practice.house
    queue_update(actor=house.actor, queue_id=house.queue.pk, remote_join=False)
    return practice.book(practice.wish(10))


def test_where_numbers_are_given_at_the_place_a_phone_says_the_code_that_is_shown(
    practice: Practice,
) -> None:
    booked = at_the_place_only(practice)
    mine = {"Appointment-Token": appointment_token(booked.pk)}
    path = "/api/v1/public/appointment/check-in"

    def say(**body: str) -> Any:
        return Client().post(path, body, content_type="application/json", headers=mine)

    with clock.override(practice.at(9, 50)):
        shown = on_site_code(practice.house.location.pk)
        wrong = f"{(int(shown) + 1) % 10**6:06}"
        for body in ({}, {"code": ""}, {"code": wrong}, {"code": "here"}):
            assert say(**body).json()["code"] == "not-on-site"
        assert (state_of(booked), Ticket.objects.count()) == ("booked", 0)
        spoken = f" {shown[:3]} {shown[3:]}"
        assert say(code=spoken).status_code == HTTPStatus.CREATED
    assert state_of(booked) == "arrived"


def test_where_people_wait_anywhere_a_phone_says_nothing(practice: Practice) -> None:
    booked = practice.book(practice.wish(10))
    with clock.override(practice.at(9, 50)):
        ticket_check_in(actor=practice.customer, appointment_id=booked.pk)
    assert state_of(booked) == "arrived"


def test_the_desk_sees_who_comes(practice: Practice) -> None:
    booked = at_the_place_only(practice)
    with clock.override(practice.at(9, 50)):
        with pytest.raises(NotOnSiteError), transaction.atomic():
            ticket_check_in(actor=practice.customer, appointment_id=booked.pk)
        check_in(practice, booked)
    assert state_of(booked) == "arrived"


def test_a_code_is_of_one_place_and_over_soon() -> None:
    now = clock.now()
    with clock.override(now):
        shown = on_site_code(7)
        assert is_on_site_code(7, shown)
        assert is_on_site_code(7, shown.translate({ord("0") + n: ord("٠") + n for n in range(10)}))
        assert not is_on_site_code(8, shown)
    with clock.override(now + SHOWN_FOR):
        assert on_site_code(7) != shown
        assert is_on_site_code(7, shown), "for who walks to a seat meanwhile"
    with clock.override(now + 2 * SHOWN_FOR):
        assert not is_on_site_code(7, shown)
