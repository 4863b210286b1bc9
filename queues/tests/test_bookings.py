"""Bookings that are due, before their holders come."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from appointments.models import Appointment
from appointments.tests.cast import Practice, build_practice
from conftest import House
from queues.forecast import Booking, Joined
from queues.models import AppointmentMerge, SavedForecast, Source
from queues.services import forecasts
from queues.services.check_in import ticket_check_in
from queues.services.counters import counter_update
from queues.services.figures import show_rates_update
from queues.services.queues import queue_create, queue_update
from queues.services.tickets import ticket_join
from queues.snapshot import build_snapshot, build_snapshots
from queues.tests.test_waits import a_morning
from queues.waits import TakenIn, Waits, event_from
from queues.what_if import with_counters
from waitlessq import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice(in_house: House) -> Practice:
    return build_practice(in_house)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Booking]:
    """What the estimator is told of bookings, last."""
    last: list[Booking] = []

    def waits_of(forecast: object, now: object, opens_in: object, bookings: list[Booking]) -> Waits:
        last[:] = bookings
        return Waits()

    monkeypatch.setattr("queues.snapshot.waits_of", waits_of)
    return last


def look(practice: Practice, at: datetime) -> None:
    with clock.override(at):
        build_snapshots([practice.house.queue.pk])


def test_a_booking_counts_from_hours_before_until_a_while_after(
    practice: Practice, told: list[Booking]
) -> None:
    practice.book(practice.wish(14))
    look(practice, practice.at(9, 59))
    assert told == []
    look(practice, practice.at(10))
    [booking] = told
    assert booking == Booking(practice.at(13, 55), practice.at(14), 0.85)
    look(practice, practice.at(14, 9))
    assert [one.chance for one in told] == [0.425]
    look(practice, practice.at(14, 11))
    assert told == []


def test_who_came_or_cancelled_or_is_another_queues_is_not_expected(
    practice: Practice, told: list[Booking]
) -> None:
    house = practice.house
    came = practice.book(practice.wish(10))
    Appointment.objects.filter(pk=practice.book(practice.wish(11)).pk).update(state="cancelled")
    with clock.override(practice.at(9, 50)):
        ticket_check_in(actor=house.actor, appointment_id=came.pk)
    look(practice, practice.at(9, 51))
    assert told == []
    practice.book(practice.wish(12))
    other = queue_create(actor=house.actor, location=house.location, name="Other", prefix="B")
    other.services.set([house.service])
    counter_update(actor=house.actor, counter_id=house.counter2.pk, queues=[other])
    look(practice, practice.at(10))
    assert len(told) == 1
    with clock.override(practice.at(10)):
        build_snapshots([other.pk])
    assert told == []


def test_the_merge_policy_says_who_is_overtaken(practice: Practice, told: list[Booking]) -> None:
    house = practice.house
    practice.book(practice.wish(10))
    queue_update(
        actor=house.actor, queue_id=house.queue.pk, appointment_merge=AppointmentMerge.OWN_BAND
    )
    look(practice, practice.at(9))
    assert [one.order_key for one in told] == [practice.at(10) - timedelta(days=1)]


def test_whoever_joins_learns_with_the_bookings_of_that_moment(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = practice.house
    read: list[Sequence[Any]] = []
    practice.book(practice.wish(10))
    with clock.override(practice.at(9)):
        ticket_join(actor=house.actor, queue_id=house.queue.pk, source=Source.STAFF, people=1)

    def take_in(_: object, rows: Sequence[Any]) -> TakenIn:
        read.extend(rows)
        return TakenIn()

    monkeypatch.setattr(forecasts, "take_in", take_in)
    forecasts.forecasts_update([house.queue.pk])
    [event] = [event for event in map(event_from, read) if isinstance(event, Joined)]
    assert event.bookings == (Booking(practice.at(9, 55), practice.at(10), 0.85),)
    assert event.people == 1


def test_what_if_begins_with_what_everybody_is_told(practice: Practice) -> None:
    house, ten, wish = practice.house, practice.at(10), practice.wish(10)
    queue_update(
        actor=house.actor, queue_id=house.queue.pk, appointment_merge=AppointmentMerge.OWN_BAND
    )
    with clock.override(ten):
        a_morning(house)
        without = with_counters(house.queue, counters=1)
    practice.book(wish)
    with clock.override(ten):
        asked = with_counters(house.queue, counters=1)
        told = build_snapshot(house.queue.pk)
    now = [place.now for place in (*asked.line, asked.newcomer)]
    assert now == [*told["waits"], told["newcomer"]]
    assert asked.newcomer.now > without.newcomer.now


def test_how_many_come_is_counted_and_shrunk_towards_the_usual(practice: Practice) -> None:
    house = practice.house
    for hour, state in ((9, "fulfilled"), (10, "no_show"), (11, "no_show"), (12, "cancelled")):
        Appointment.objects.filter(pk=practice.book(practice.wish(hour)).pk).update(state=state)
    forecasts.forecasts_update([house.queue.pk])
    with clock.override(practice.at(17)):
        show_rates_update()
    # (1 + 20 × 0.85) / (3 + 20)
    assert SavedForecast.objects.get(queue=house.queue).show_rate == 0.78
