"""What the search reads, and how often it asks."""

from datetime import date, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.models import ExceptionKind, Resource, ResourceKind, RuleKind
from appointments.selectors import FreeSlots, free_slots
from appointments.services.bookings import (
    appointment_cancel,
    hold_create,
)
from appointments.services.resources import (
    availability_exception_add,
    availability_rule_add,
    booking_policy_set,
    resource_create,
    resource_update,
)
from appointments.tests.cast import EVERY_DAY, Practice, build_practice
from conftest import House
from providers.hours import Span
from providers.services.locations import location_set_hours
from waitlessq import clock


def search(practice: Practice, resource: Resource | None = None, days: int = 0) -> FreeSlots:
    return free_slots(
        service_id=practice.house.service.pk,
        location=practice.house.location,
        first=practice.at(0, days=days),
        last=practice.at(0, days=days + 1),
        resource_id=None if resource is None else resource.pk,
    )


def times(practice: Practice, resource: Resource | None = None) -> list[str]:
    return [f"{slot.starts_at:%H:%M}" for slot in search(practice, resource).slots]


def test_a_day_of_quarters(practice: Practice) -> None:
    found = search(practice)
    assert len(found.slots) == 32
    assert found.slots[0].resource_ids == [practice.ada.pk, practice.ben.pk]
    assert [worker.name for worker in found.resources] == ["Ada", "Ben", "Room 1"]


@pytest.mark.parametrize("many", [2, 20])
def test_a_search_costs_four_queries_however_many_there_are(practice: Practice, many: int) -> None:
    for number in range(many):
        resource_create(
            actor=practice.house.actor,
            location=practice.house.location,
            name=str(number),
            kind=ResourceKind.STAFF,
            services=[practice.house.service],
        )
    practice.book(practice.wish())
    with CaptureQueriesContext(connection) as queries:
        search(practice)
    assert len(queries) == 4
    with CaptureQueriesContext(connection) as queries:
        search(practice)
    assert len(queries) == 1, "the second search is kept, but for the policy"


def test_what_is_booked_held_or_asked_for_is_not_free(in_house: House) -> None:
    practice = build_practice(in_house, needs_approval=True)
    ada, customer = practice.ada, practice.customer
    practice.book(practice.wish(9, resource=ada))
    assert practice.book(practice.wish(9, 30, resource=ada), customer).state == "pending"
    hold_create(actor=customer, wish=practice.wish(10, resource=ada))
    assert times(practice, ada)[:4] == ["09:15", "09:45", "10:15", "10:30"]


def test_what_changes_the_calendar_is_seen_at_once(
    practice: Practice, django_capture_on_commit_callbacks: object
) -> None:
    house, ada = practice.house, practice.ada

    def seen_after(change: object) -> list[str]:
        times(practice, ada)
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            change()  # type: ignore[operator]
        return times(practice, ada)

    booked = []
    assert "09:00" not in seen_after(
        lambda: booked.append(practice.book(practice.wish(9, resource=ada)))
    )
    assert "09:00" in seen_after(
        lambda: appointment_cancel(actor=house.actor, appointment_id=booked[0].pk)
    )
    assert seen_after(lambda: resource_update(actor=house.actor, resource=ada, is_active=False)) \
        == times(practice, practice.ben)  # fmt: skip
    resource_update(actor=house.actor, resource=ada, is_active=True)
    assert len(seen_after(
        lambda: booking_policy_set(
            actor=house.actor, service=house.service, step=timedelta(hours=1)
        )
    )) == 8  # fmt: skip


def test_an_expired_hold_is_free_again(practice: Practice) -> None:
    hold = hold_create(actor=practice.customer, wish=practice.wish(9, resource=practice.ada))
    with clock.override(hold.expires_at):
        assert times(practice, practice.ada)[0] == "09:00"


def test_breaks_exceptions_and_extra_hours(practice: Practice) -> None:
    actor, ada = practice.house.actor, practice.ada
    availability_rule_add(
        actor=actor, resource=ada, kind=RuleKind.BREAK, recurrence=EVERY_DAY,
        starts=time(12), ends=time(13), valid_from=date(2020, 1, 1),
    )  # fmt: skip
    for kind, first, last in (
        (ExceptionKind.CLOSED, 9, 11), (ExceptionKind.EXTRA, 18, 19), (ExceptionKind.BREAK, 14, 16),
    ):  # fmt: skip
        availability_exception_add(
            actor=actor, resource=ada, kind=kind,
            starts_at=practice.at(first), ends_at=practice.at(last),
        )  # fmt: skip
    hours = sorted({time[:2] for time in times(practice, ada)})
    assert hours == ["11", "13", "16", "18"]


def test_a_closed_location_closes_its_resources(practice: Practice) -> None:
    location_set_hours(
        actor=practice.house.actor,
        location=practice.house.location,
        week={day: [Span(time(8), time(10))] for day in range(7)},
    )
    assert times(practice)[-1] == "09:45"


def test_a_resource_keeps_the_wall_of_its_own_zone(practice: Practice) -> None:
    resource_update(actor=practice.house.actor, resource=practice.ada, time_zone="Asia/Dubai")
    there = practice.at(9).replace(tzinfo=None)
    first = search(practice, practice.ada).slots[0].starts_at
    assert first.astimezone(practice.ada.zone).replace(tzinfo=None) == there


def test_staff_and_room_together(in_house: House) -> None:
    practice = build_practice(in_house, needs_room=True)
    appointment = practice.book(practice.wish(9, resource=practice.ada))
    names = {row.resource.name for row in appointment.resources.select_related("resource")}
    assert names == {"Ada", "Room 1"}
    assert times(practice)[0] == "09:15", "Ben is free, the room is not"


def test_customers_see_neither_too_soon_nor_too_far(in_house: House) -> None:
    practice = build_practice(in_house, minimum_notice=timedelta(days=4), horizon=timedelta(days=6))
    assert [bool(search(practice, days=days).slots) for days in (0, 3, 6)] == [False, True, False]
