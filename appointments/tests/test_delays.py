"""Running late: how a day moves on, who hears of it, and how it is taken back."""

import re
from datetime import datetime, timedelta
from http import HTTPStatus
from itertools import pairwise
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from appointments.delays import Taken, delays
from appointments.errors import ChangeTooLateError, DelayOverError, SlotTakenError
from appointments.models import Appointment
from appointments.services.bookings import (
    appointment_cancel,
    appointment_check_in,
    appointment_reschedule,
)
from appointments.services.delays import UNDO_FOR, resource_run_late, resource_run_late_undo
from appointments.services.mails import send_due_mails
from appointments.tests.cast import Practice, build_practice
from conftest import House
from providers.services.customers import customer_find_or_create
from waitlessq import clock

MINUTE = 60


def taken(start: int, end: int, resource: int = 1, seat: int = 1, session: str = "") -> Taken:
    return Taken(resource, seat, session, start * MINUTE, end * MINUTE)


@pytest.mark.parametrize(
    ("groups", "fixed", "by", "expected"),
    [
        ([[taken(0, 15)], [taken(15, 30)]], [], 10, [10, 10]),
        # A gap of five takes five up; one of twenty all of it.
        ([[taken(0, 15)], [taken(20, 35)]], [], 10, [10, 5]),
        ([[taken(0, 15)], [taken(35, 50)]], [], 10, [10, 0]),
        # Who runs into what stays comes after it, and those behind follow.
        ([[taken(0, 15)], [taken(15, 30)]], [taken(32, 40)], 10, [10, 25]),
        # Another seat of a room, and the same class, are in nobody's way.
        ([[taken(0, 15)]], [taken(10, 30, seat=2)], 10, [10]),
        ([[taken(0, 15, session="a"), taken(0, 15, seat=2, session="a")]], [], 10, [10]),
        ([[taken(0, 15)]], [taken(20, 30, seat=2, session="a")], 10, [30]),
        # The room is somebody else's then.
        ([[taken(0, 15), taken(0, 15, resource=2)]], [taken(20, 30, resource=2)], 10, [30]),
        ([[taken(0, 15)], [taken(15, 30)]], [], 0, [0, 0]),
    ],
)
def test_a_delay_goes_through_the_day(
    groups: list[list[Taken]], fixed: list[Taken], by: int, expected: list[int]
) -> None:
    found = delays(groups, fixed, by * MINUTE)
    assert [seconds // MINUTE for seconds in found] == expected


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=8),
    st.integers(0, 90),
)
def test_no_delay_makes_an_overlap_or_is_longer_than_needed(
    gaps: list[tuple[int, int]], by: int
) -> None:
    groups, at = [], 0
    for gap, length in gaps:
        at += gap
        groups.append([taken(at, at + length)])
        at += length
    found = delays(groups, [], by * MINUTE)
    moved = [group[0].later(seconds) for group, seconds in zip(groups, found, strict=True)]
    for before, after in pairwise(moved):
        assert before.end <= after.start
    for number, seconds in enumerate(found[1:], start=1):
        assert seconds == 0 or moved[number - 1].end == moved[number].start
    assert found == sorted(found, reverse=True)


def starts(practice: Practice) -> list[str]:
    zone = practice.house.location.zone
    rows = Appointment.objects.order_by("starts_at")
    return [f"{row.starts_at.astimezone(zone):%H:%M}" for row in rows]


@pytest.fixture
def morning(practice: Practice) -> list[Appointment]:
    """Ada has a booking at nine, a quarter past, and ten."""
    return [
        practice.book(practice.wish(hour, minute, resource=practice.ada))
        for hour, minute in ((9, 0), (9, 15), (10, 0))
    ]


def late(practice: Practice, minutes: int = 20) -> Any:
    by = timedelta(minutes=minutes)
    return resource_run_late(actor=practice.house.actor, resource_id=practice.ada.pk, by=by)


def test_all_that_follows_moves_as_far_as_it_must(
    practice: Practice, morning: list[Appointment]
) -> None:
    other = practice.book(practice.wish(9, resource=practice.ben))
    with clock.override(morning[0].starts_at):
        moved = late(practice).appointments
    assert starts(practice) == ["09:00", "09:20", "09:35", "10:00"]
    assert [one.pk for one in moved] == [morning[0].pk, morning[1].pk]
    other.refresh_from_db()
    assert other.sequence == 0
    busy = morning[0].resources.get().busy
    assert (busy.lower, busy.upper) == (
        morning[0].starts_at + timedelta(minutes=20),
        morning[0].ends_at + timedelta(minutes=20),
    )


def test_whoever_has_arrived_stays_and_the_gap_behind_counts(
    practice: Practice, morning: list[Appointment]
) -> None:
    appointment_cancel(actor=practice.house.actor, appointment_id=morning[1].pk)
    with clock.override(morning[0].starts_at):
        appointment_check_in(actor=practice.house.actor, appointment_id=morning[0].pk)
        late(practice, 50)
    morning[2].refresh_from_db()
    # From a quarter past nine to ten are 45 minutes.
    assert starts(practice)[-1] == "10:05"


def test_yesterday_and_tomorrow_stay(practice: Practice, morning: list[Appointment]) -> None:
    with clock.override(morning[0].starts_at - timedelta(days=1)):
        assert late(practice).appointments == []
    assert starts(practice) == ["09:00", "09:15", "10:00"]


def test_who_is_concerned_hears_of_it_and_may_go_without_notice(
    in_house: House, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://queues.example"
    practice = build_practice(in_house, minimum_notice=timedelta(), cancel_notice=timedelta(days=1))
    dana = customer_find_or_create(actor=in_house.actor, name="Dana", email="dana@example.org")
    booked = practice.book(practice.wish(9, resource=practice.ada), customer=dana)
    send_due_mails()
    with clock.override(booked.starts_at - timedelta(minutes=5)):
        cancel: dict[str, Any] = {"actor": practice.customer, "appointment_id": booked.pk}
        with pytest.raises(ChangeTooLateError):
            appointment_cancel(**cancel)
        late(practice)
        send_due_mails()
        assert "We are late, sorry" in mail.outbox[-1].body
        [link] = re.findall(r"https://queues.example(\S+)", str(mail.outbox[-1].body))
        assert "Cancel the booking" in Client().get(link).text
        appointment_cancel(**cancel)


def test_it_is_taken_back_whole_or_not_at_all(
    practice: Practice, morning: list[Appointment]
) -> None:
    now = morning[0].starts_at
    with clock.override(now):
        delay = late(practice)
        undo: dict[str, Any] = {
            "actor": practice.house.actor,
            "resource_id": practice.ada.pk,
            "delay_id": delay.id,
        }
        resource_run_late_undo(**undo)
        assert starts(practice) == ["09:00", "09:15", "10:00"]
        with pytest.raises(DelayOverError):
            resource_run_late_undo(**undo)
        again = late(practice)
        appointment_reschedule(
            actor=practice.house.actor,
            appointment_id=morning[1].pk,
            starts_at=morning[2].starts_at + timedelta(hours=2),
        )
        with pytest.raises(DelayOverError):
            resource_run_late_undo(**(undo | {"delay_id": again.id}))
    with clock.override(now + UNDO_FOR + timedelta(seconds=1)), pytest.raises(DelayOverError):
        resource_run_late_undo(**(undo | {"delay_id": again.id}))


def test_who_was_booked_in_the_gap_keeps_it(practice: Practice) -> None:
    booked = practice.book(practice.wish(10, resource=practice.ada))
    with clock.override(booked.starts_at - timedelta(hours=1)):
        delay = late(practice)
        wish = practice.wish(10, days=-2, resource=practice.ada)
        practice.book(wish)
        with pytest.raises(SlotTakenError):
            resource_run_late_undo(
                actor=practice.house.actor, resource_id=practice.ada.pk, delay_id=delay.id
            )
    booked.refresh_from_db()
    assert booked.starts_at.minute == 20


def test_a_class_moves_together(in_house: House) -> None:
    practice = build_practice(in_house, group_size=3)
    class_of_two = [practice.book(practice.wish(9, resource=practice.ada)) for _ in range(2)]
    with clock.override(class_of_two[0].starts_at - timedelta(minutes=5)):
        late(practice)
        for one in class_of_two:
            one.refresh_from_db()
        sessions = {one.resources.get().session for one in class_of_two}
    assert sessions == {f"{in_house.service.pk}@{int(class_of_two[0].starts_at.timestamp())}"}
    assert class_of_two[0].starts_at.minute == 20


def test_staff_say_so_and_take_it_back(
    staff: Client, practice: Practice, morning: list[Appointment]
) -> None:
    path = f"/api/v1/providers/clinic/resources/{practice.ada.pk}/late"
    post: dict[str, Any] = {"content_type": "application/json"}
    with clock.override(morning[0].starts_at):
        assert staff.post(path, {"minutes": 0}, **post).status_code == HTTPStatus.BAD_REQUEST
        said = staff.post(path, {"minutes": 20}, **post).json()
        moved = [datetime.fromisoformat(one["starts_at"]) for one in said["appointments"]]
        assert moved == [
            morning[0].starts_at + timedelta(minutes=20),
            morning[1].starts_at + timedelta(minutes=20),
        ]
        back = staff.post(f"{path}/undo", {"delay": said["delay"]}, **post)
        assert len(back.json()) == 2
        over = staff.post(f"{path}/undo", {"delay": said["delay"]}, **post)
        assert over.json()["code"] == "delay-over"
