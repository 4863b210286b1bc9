"""Who booked is told what became of it and reminded, at the time that holds then."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from appointments.models import Appointment
from appointments.services.bookings import (
    appointment_cancel,
    appointment_confirm,
    appointment_decline,
    appointment_reschedule,
)
from appointments.services.delays import Delay, resource_run_late, resource_run_late_undo
from appointments.tests.cast import Practice, build_practice
from conftest import House
from notifications.models import Kind, Notification
from notifications.tests.conftest import Post
from waitlessq import clock


@pytest.fixture
def practice(in_house: House, post: Post) -> Practice:
    return build_practice(in_house)


@pytest.fixture
def booked(practice: Practice, post: Post) -> Appointment:
    appointment = practice.book(practice.wish(10))
    post.relay()
    post.subscribe(appointment)
    return appointment


def bodies(messages: list[Any]) -> list[str]:
    return [message["body"] for message in messages]


def reminders() -> list[Notification]:
    return list(Notification.objects.filter(kind=Kind.REMINDER, done_at__isnull=True))


def test_a_reminder_comes_a_day_before(booked: Appointment, post: Post) -> None:
    assert post.deliver() == []
    with clock.override(booked.starts_at - timedelta(hours=23)):
        [message] = post.deliver()
    assert message["body"] == "Clinic: a reminder of your booking."
    assert message["title"].endswith(", 10:00")
    assert (message["tag"], message["url"]) == (f"booking-{booked.pk}", "#/bookings")


def test_a_booking_that_moves_takes_its_reminder_along(
    booked: Appointment, practice: Practice, post: Post
) -> None:
    moved = appointment_reschedule(
        actor=practice.house.actor, appointment_id=booked.pk, starts_at=practice.at(11, days=1)
    )
    assert bodies(post.deliver()) == ["Clinic: your booking was moved to this time."]
    [reminder] = reminders()
    assert reminder.due_at == moved.starts_at - timedelta(days=1)


def test_who_cancelled_is_told_and_not_reminded(
    booked: Appointment, practice: Practice, post: Post
) -> None:
    appointment_cancel(actor=practice.house.actor, appointment_id=booked.pk)
    assert bodies(post.deliver()) == ["Clinic: your booking is cancelled."]
    assert reminders() == []


@pytest.mark.parametrize(
    ("decide", "words", "reminded"),
    [
        (appointment_confirm, "your booking is confirmed.", 1),
        (appointment_decline, "your booking can not be taken.", 0),
    ],
)
def test_who_asked_for_a_time_hears_the_answer(
    in_house: House, post: Post, decide: Any, words: str, reminded: int
) -> None:
    practice = build_practice(in_house, needs_approval=True)
    asked = practice.book(practice.wish(10), actor=practice.customer)
    post.relay()
    post.subscribe(asked)
    assert reminders() == []
    decide(actor=in_house.actor, appointment_id=asked.pk)
    assert bodies(post.deliver()) == [f"Clinic: {words}"]
    assert len(reminders()) == reminded


def test_who_is_put_off_is_told_and_that_it_was_taken_back(practice: Practice, post: Post) -> None:
    booked = practice.book(practice.wish(10, resource=practice.ada))
    post.relay()
    post.subscribe(booked)
    with clock.override(booked.starts_at - timedelta(minutes=5)):
        delay = run_late(practice)
        [message] = post.deliver()
        assert message["body"] == "Clinic: we are late, sorry: your booking is at this time now."
        assert message["title"].endswith(", 10:20")
        take_back(practice, delay.id)
        assert bodies(post.deliver()) == ["Clinic: your booking was moved to this time."]


def test_a_delay_that_was_taken_back_at_once_is_not_told(practice: Practice, post: Post) -> None:
    booked = practice.book(practice.wish(10, resource=practice.ada))
    post.relay()
    post.subscribe(booked)
    with clock.override(booked.starts_at - timedelta(minutes=5)):
        take_back(practice, run_late(practice).id)
        assert bodies(post.deliver()) == ["Clinic: your booking was moved to this time."]


def run_late(practice: Practice) -> Delay:
    return resource_run_late(
        actor=practice.house.actor, resource_id=practice.ada.pk, by=timedelta(minutes=20)
    )


def take_back(practice: Practice, delay_id: UUID) -> None:
    resource_run_late_undo(
        actor=practice.house.actor, resource_id=practice.ada.pk, delay_id=delay_id
    )
