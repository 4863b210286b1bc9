"""The life of an appointment."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import translation

from appointments.errors import (
    AppointmentStateError,
    ChangeTooLateError,
    HoldExpiredError,
    NotBookableError,
    OffStepError,
    OutsideHoursError,
    SeriesConflictError,
    ServiceNotOfferedError,
    SlotTakenError,
    TimePastError,
    TooFarError,
    TooManyChangesError,
    TooSoonError,
)
from appointments.models import (
    BLOCKING,
    Appointment,
    AppointmentEvent,
    AppointmentResource,
    Assignment,
    SlotHold,
)
from appointments.services.bookings import (
    Details,
    appointment_book_held,
    appointment_cancel,
    appointment_check_in,
    appointment_confirm,
    appointment_decline,
    appointment_fulfil,
    appointment_mark_no_show,
    appointment_reschedule,
    hold_create,
    hold_release,
    series_book,
)
from appointments.services.resources import resource_update
from appointments.services.seats import Wish, find_place
from appointments.tests.cast import Practice, build_practice
from conftest import House
from events.models import OutboxMessage
from providers.services.customers import customer_erase, customer_find_or_create
from providers.services.services import service_create, service_update
from waitlessq import clock
from waitlessq.errors import InvalidInputError, NotFoundError


def topics() -> list[str]:
    return list(OutboxMessage.objects.order_by("id").values_list("topic", flat=True))


def test_a_hold_becomes_a_booking(practice: Practice) -> None:
    customer = practice.customer
    hold = hold_create(actor=customer, wish=practice.wish(10))
    booked = appointment_book_held(
        actor=customer, hold_id=hold.pk, details=Details(note="First visit", source="pwa")
    )
    assert (booked.state, booked.starts_at, booked.details.note) == (
        "booked",
        practice.at(10),
        "First visit",
    )
    assert booked.resources.get().held_until is None
    assert not SlotHold.objects.exists()
    assert topics()[-1] == "appointment.changed"
    with pytest.raises(HoldExpiredError):
        appointment_book_held(actor=customer, hold_id=hold.pk, details=Details())


def test_who_names_somebody_waits_for_nobody_else_of_their_kind(in_house: House) -> None:
    practice = build_practice(in_house, needs_room=True)
    place = find_place(practice.customer, practice.wish(resource=practice.ben))
    assert set(place.resource_ids) == {practice.ben.pk, practice.room.pk}
    anybody = find_place(practice.customer, practice.wish())
    assert set(anybody.resource_ids) == {practice.ada.pk, practice.ben.pk, practice.room.pk}


def test_an_expired_hold_books_nothing_and_is_in_nobodys_way(practice: Practice) -> None:
    hold = hold_create(actor=practice.customer, wish=practice.wish(10, resource=practice.ada))
    with clock.override(hold.expires_at):
        practice.book(practice.wish(10, resource=practice.ada))
        with pytest.raises(HoldExpiredError):
            appointment_book_held(actor=practice.customer, hold_id=hold.pk, details=Details())
    assert Appointment.objects.count() == 1


def test_a_hold_whose_rows_are_gone_books_nothing(practice: Practice) -> None:
    hold = hold_create(actor=practice.customer, wish=practice.wish(10))
    AppointmentResource.objects.all().delete()
    with pytest.raises(HoldExpiredError):
        appointment_book_held(actor=practice.customer, hold_id=hold.pk, details=Details())


def test_a_hold_can_be_given_back(practice: Practice) -> None:
    hold = hold_create(actor=practice.customer, wish=practice.wish(10, resource=practice.ada))
    hold_release(actor=practice.customer, hold_id=hold.pk)
    hold_release(actor=practice.customer, hold_id=hold.pk)
    practice.book(practice.wish(10, resource=practice.ada))


def test_a_taken_time_says_what_is_free_instead(practice: Practice) -> None:
    practice.book(practice.wish(10, resource=practice.ada))
    with translation.override("en"), pytest.raises(SlotTakenError) as refused:
        practice.book(practice.wish(10, resource=practice.ada))
    assert refused.value.detail == "10:00 was just taken. 09:30, 09:45 and 10:15 are free."
    assert refused.value.data["free"][-1] == practice.at(10, 15).isoformat()


def test_buffers_of_two_bookings_keep_them_apart(practice: Practice) -> None:
    service_update(
        actor=practice.house.actor,
        service=practice.house.service,
        buffer_before=timedelta(minutes=5),
        buffer_after=timedelta(minutes=10),
    )
    practice.book(practice.wish(10, resource=practice.ada))
    for minute in (15, 0):
        with pytest.raises(SlotTakenError):
            practice.book(practice.wish(10, minute, resource=practice.ada))
    practice.book(practice.wish(10, 30, resource=practice.ada))


@pytest.mark.parametrize(
    ("when", "error"),
    [
        ("past", TimePastError),
        ("step", OffStepError),
        ("soon", TooSoonError),
        ("far", TooFarError),
        ("night", OutsideHoursError),
    ],
)
def test_each_time_that_can_not_be_has_its_own_reason(
    practice: Practice, when: str, error: type[Exception]
) -> None:
    now = clock.now()
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    starts_at = {
        "past": quarter - timedelta(days=1),
        "step": practice.at(10, 1),
        "soon": quarter + timedelta(minutes=15),
        "far": quarter + timedelta(days=61),
        "night": practice.at(3),
    }[when]
    with pytest.raises(error):
        practice.book(Wish(practice.house.service.pk, starts_at), practice.customer)


def test_what_can_not_be_booked_says_so(practice: Practice, other_house: House) -> None:
    house = practice.house
    other = service_create(actor=house.actor, name="Surgery")
    with pytest.raises(NotBookableError):
        practice.book(Wish(other.pk, practice.at(10)))
    with pytest.raises(NotBookableError):
        practice.book(Wish(other_house.service.pk, practice.at(10)))
    resource_update(actor=house.actor, resource=practice.ben, services=[])
    with pytest.raises(ServiceNotOfferedError):
        practice.book(practice.wish(resource=practice.ben))
    with pytest.raises(NotFoundError):
        practice.book(Wish(house.service.pk, practice.at(10), location_id=other_house.location.pk))


def test_whoever_has_the_fewest_is_chosen(practice: Practice) -> None:
    chosen = [practice.book(practice.wish(9 + n)).resources.get().resource_id for n in range(4)]
    assert sorted(chosen[:2]) == sorted(chosen[2:]) == [practice.ada.pk, practice.ben.pk]


def test_preference_goes_by_rank(in_house: House) -> None:
    practice = build_practice(in_house, assignment=Assignment.PREFERENCE)
    resource_update(actor=in_house.actor, resource=practice.ada, rank=2)
    chosen = [practice.book(practice.wish(9 + n)).resources.get().resource_id for n in range(2)]
    assert chosen == [practice.ben.pk] * 2


def test_a_class_fills_one_session_before_it_opens_another(in_house: House) -> None:
    practice = build_practice(in_house, group_size=2, needs_room=True)
    resource_update(actor=in_house.actor, resource=practice.room, capacity=3)
    rows = [practice.book(practice.wish(10)).resources.order_by("resource") for _ in range(2)]
    assert [[row.seat for row in pair] for pair in rows] == [[1, 1], [2, 2]]
    assert [row.resource_id for row in rows[0]] == [row.resource_id for row in rows[1]]
    with pytest.raises(SlotTakenError):
        practice.book(practice.wish(10))  # Ben is free, but the room has a class.


def test_what_needs_approval_waits_for_it(in_house: House) -> None:
    practice = build_practice(in_house, needs_approval=True)
    asked = [practice.book(practice.wish(9 + n), practice.customer) for n in range(2)]
    assert [one.state for one in asked] == ["pending", "pending"]
    assert practice.book(practice.wish(12)).state == "booked", "staff approve by booking"
    assert appointment_confirm(actor=in_house.actor, appointment_id=asked[0].pk).state == "booked"
    with pytest.raises(AppointmentStateError):
        appointment_confirm(actor=in_house.actor, appointment_id=asked[0].pk)
    declined = appointment_decline(
        actor=in_house.actor, appointment_id=asked[1].pk, reason="On holiday"
    )
    assert declined.state == "declined"
    assert AppointmentEvent.objects.latest("id").data == {"reason": "On holiday"}
    practice.book(practice.wish(10, resource=asked[1].resources.get().resource))


def test_moving_frees_the_old_time_and_keeps_who_was_booked(practice: Practice) -> None:
    booked = practice.book(practice.wish(10, resource=practice.ben))
    moved = appointment_reschedule(
        actor=practice.customer, appointment_id=booked.pk, starts_at=practice.at(11)
    )
    assert (moved.starts_at, moved.sequence, moved.reschedule_count) == (practice.at(11), 1, 1)
    assert moved.resources.get().resource_id == practice.ben.pk
    practice.book(practice.wish(10, resource=practice.ben))
    assert "slot.freed" in topics()


def test_a_booking_can_move_into_its_own_time(practice: Practice) -> None:
    booked = practice.book(practice.wish(10, resource=practice.ada))
    longer = appointment_reschedule(
        actor=practice.house.actor, appointment_id=booked.pk, starts_at=practice.at(10),
        length=timedelta(minutes=45),
    )  # fmt: skip
    assert longer.ends_at == practice.at(10, 45)
    with pytest.raises(SlotTakenError):
        practice.book(practice.wish(10, 30, resource=practice.ada))


def test_a_move_that_fails_changes_nothing(practice: Practice) -> None:
    booked = practice.book(practice.wish(10, resource=practice.ada))
    practice.book(practice.wish(11, resource=practice.ada))
    before = list(booked.resources.values())
    with pytest.raises(SlotTakenError), transaction.atomic():
        appointment_reschedule(
            actor=practice.house.actor, appointment_id=booked.pk, starts_at=practice.at(11),
            resource_id=practice.ada.pk,
        )  # fmt: skip
    assert list(booked.resources.values()) == before


def test_customers_move_and_cancel_within_the_rules(in_house: House) -> None:
    practice = build_practice(
        in_house,
        cancel_notice=timedelta(days=3),
        reschedule_notice=timedelta(days=3),
        most_reschedules=1,
    )
    customer = practice.customer
    soon = practice.book(practice.wish(10))
    for change in (appointment_cancel, appointment_reschedule):
        more: dict[str, Any] = (
            {"starts_at": practice.at(11)} if change is appointment_reschedule else {}
        )
        with pytest.raises(ChangeTooLateError):
            change(actor=customer, appointment_id=soon.pk, **more)
    assert appointment_cancel(actor=in_house.actor, appointment_id=soon.pk).state == "cancelled"
    later = practice.book(practice.wish(10, days=7))
    move: dict[str, Any] = {"actor": customer, "appointment_id": later.pk}
    appointment_reschedule(**move, starts_at=practice.at(11, days=7))
    with pytest.raises(TooManyChangesError):
        appointment_reschedule(**move, starts_at=practice.at(12, days=7))
    appointment_cancel(**move)


def test_an_arrived_customer_still_occupies_a_finished_one_does_not(practice: Practice) -> None:
    actor = practice.house.actor
    booked = practice.book(practice.wish(10, resource=practice.ada))
    appointment_check_in(actor=actor, appointment_id=booked.pk)
    with pytest.raises(SlotTakenError):
        practice.book(practice.wish(10, resource=practice.ada))
    appointment_fulfil(actor=actor, appointment_id=booked.pk)
    again = practice.book(practice.wish(10, resource=practice.ada))
    appointment_mark_no_show(actor=actor, appointment_id=again.pk)
    with pytest.raises(AppointmentStateError) as refused:
        appointment_cancel(actor=actor, appointment_id=again.pk)
    assert refused.value.data == {"state": "no_show", "possible": ["fulfilled"]}


def test_only_blocking_states_keep_the_time(practice: Practice) -> None:
    test_an_arrived_customer_still_occupies_a_finished_one_does_not(practice)
    for row in AppointmentResource.objects.select_related("appointment"):
        assert row.appointment is not None
        assert row.is_blocking == (row.appointment.state in BLOCKING)


def test_a_series_is_booked_as_a_whole_at_the_same_wall_time(practice: Practice) -> None:
    booked = series_book(
        actor=practice.house.actor, wish=practice.wish(10), details=Details(), weeks=2, times=6,
        skip_conflicts=False,
    )  # fmt: skip
    zone = practice.house.location.zone
    assert [one.starts_at.astimezone(zone).hour for one in booked] == [10] * 6
    assert len({one.series for one in booked}) == 1


def test_a_series_shows_its_conflicts_first_and_may_leave_them_out(practice: Practice) -> None:
    practice.book(practice.wish(10, days=14, resource=practice.ada))
    series: dict[str, Any] = {
        "actor": practice.house.actor,
        "wish": practice.wish(10, resource=practice.ada),
        "details": Details(),
        "weeks": 1,
        "times": 4,
    }
    with pytest.raises(SeriesConflictError) as refused, transaction.atomic():
        series_book(**series, skip_conflicts=False)
    [conflict] = refused.value.data["conflicts"]
    assert conflict["starts_at"] == practice.at(10, days=14).isoformat()
    assert (conflict["code"], len(conflict["free"])) == ("slot-taken", 3)
    assert Appointment.objects.count() == 1
    assert len(series_book(**series, skip_conflicts=True)) == 3


def test_what_a_customer_said_is_erased_with_them_and_the_time_stays(practice: Practice) -> None:
    customer = customer_find_or_create(actor=practice.house.actor, name="Dana")
    booked = practice.book(practice.wish(10), customer=customer, note="Back pain")
    customer_erase(actor=practice.house.actor, customer_id=customer.pk)
    booked = Appointment.objects.get(pk=booked.pk)
    assert booked.customer is None
    assert not hasattr(booked, "details")


def test_questions_are_answered(in_house: House) -> None:
    questions = [
        {"id": "pet", "label": "Name of the pet", "required": True},
        {"id": "more", "label": "Anything else", "required": False},
    ]
    practice = build_practice(in_house, questions=questions)
    for answers in ({}, {"pet": " "}, {"pet": "Rex", "age": "3"}):
        with pytest.raises(InvalidInputError):
            practice.book(practice.wish(10), answers=answers)
    assert practice.book(practice.wish(10), answers={"pet": "Rex"}).details.answers == {
        "pet": "Rex"
    }


def test_the_database_refuses_an_overlap_whoever_asks(practice: Practice) -> None:
    booked = practice.book(practice.wish(10, resource=practice.ada))
    row = booked.resources.get()
    row.pk = None
    with pytest.raises(IntegrityError, match="resource_seat_is_taken_once"), transaction.atomic():
        row.save()
    row.seat, row.session = 2, "a class"
    with pytest.raises(IntegrityError, match="resource_session_is_alone"), transaction.atomic():
        row.save()
    assert row.busy.lower.tzinfo == UTC


def test_events_are_never_changed(practice: Practice) -> None:
    practice.book(practice.wish(10))
    with pytest.raises(DatabaseError, match="appended, never changed"), transaction.atomic():
        AppointmentEvent.objects.update(actor="somebody else")
