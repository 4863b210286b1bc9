"""The wait list: what is freed goes to the next in line, then to the one after."""

from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.errors import OfferOverError, SlotTakenError
from appointments.models import (
    Appointment,
    FreedSlot,
    Offer,
    OfferState,
    Resource,
    SlotHold,
    WaitlistEntry,
)
from appointments.services import offers
from appointments.services.bookings import (
    Details,
    appointment_cancel,
    appointment_reschedule,
)
from appointments.services.offers import (
    OFFERED_FOR,
    freed_slot_offer,
    freed_slots_offer,
    offer_accept,
    offer_refuse,
    offers_expire,
)
from appointments.services.resources import booking_policy_set, resource_update
from appointments.services.waitlist import waitlist_join, waitlist_leave
from appointments.tests.cast import Practice
from events.outbox import relay_batch
from providers.services.customers import customer_erase, customer_find_or_create
from waitlessq import clock
from waitlessq.errors import InvalidInputError, NotFoundError

PUBLIC = "/api/v1/public"
P = "/api/v1/providers/clinic"


@pytest.fixture
def booked(practice: Practice) -> Appointment:
    """Ten o'clock with Ada, who is the only one there."""
    resource_update(actor=practice.house.actor, resource=practice.ben, is_active=False)
    return practice.book(practice.wish(10))


def wait(
    practice: Practice,
    first: int = 9,
    last: int = 12,
    resource: Resource | None = None,
    name: str = "",
) -> WaitlistEntry:
    customer = customer_find_or_create(actor=practice.house.actor, name=name) if name else None
    return waitlist_join(
        actor=practice.customer,
        wish=practice.wish(first, resource=resource),
        last=practice.at(last),
        customer=customer,
    )


def free(practice: Practice, booked: Appointment) -> None:
    appointment_cancel(actor=practice.house.actor, appointment_id=booked.pk)
    relay_batch()
    freed_slots_offer()


def offered_to(*entries: WaitlistEntry) -> list[bool]:
    return [entry.offers.filter(state="open").exists() for entry in entries]


def accept(practice: Practice, entry: WaitlistEntry) -> Appointment:
    offer = entry.offers.get(state="open")
    return offer_accept(
        actor=practice.customer, entry_id=entry.pk, offer_id=offer.pk, details=Details()
    )


def test_what_is_cancelled_is_kept_for_the_first_in_line(
    practice: Practice, booked: Appointment
) -> None:
    first, second = wait(practice, name="Dana"), wait(practice)
    free(practice, booked)
    assert offered_to(first, second) == [True, False]
    offer = first.offers.get()
    assert (offer.starts_at, offer.expires_at - offer.created_at < OFFERED_FOR) == (
        practice.at(10),
        True,
    )
    with pytest.raises(SlotTakenError):
        practice.book(practice.wish(10), practice.customer)
    taken = accept(practice, first)
    assert (taken.starts_at, taken.customer and taken.customer.name) == (practice.at(10), "Dana")
    first.refresh_from_db()
    assert first.state == "booked"
    assert not SlotHold.objects.exists()


def test_refused_or_run_out_it_goes_to_the_one_after(
    practice: Practice, booked: Appointment
) -> None:
    entries = [wait(practice) for _ in range(3)]
    free(practice, booked)
    offer = entries[0].offers.get()
    offer_refuse(actor=practice.customer, entry_id=entries[0].pk, offer_id=offer.pk)
    freed_slots_offer()
    assert offered_to(*entries) == [False, True, False]
    with clock.override(clock.now() + OFFERED_FOR + timedelta(seconds=1)):
        freed_slots_offer()
        assert offered_to(*entries) == [False, False, True]
        last = entries[1].offers.get()
        with pytest.raises(OfferOverError):
            offer_accept(
                actor=practice.customer,
                entry_id=entries[1].pk,
                offer_id=last.pk,
                details=Details(),
            )
        waitlist_leave(actor=practice.customer, entry_id=entries[2].pk)
        freed_slots_offer()
        assert Offer.objects.filter(state="open").count() == 0
        assert FreedSlot.objects.get().due_at is None, "nobody is left to be asked"
        practice.book(practice.wish(10), practice.customer)


def test_only_who_can_take_it_is_asked(practice: Practice, booked: Appointment) -> None:
    resource_update(actor=practice.house.actor, resource=practice.ben, is_active=True)
    others = [
        wait(practice, 9, 10),
        wait(practice, 11, 12),
        wait(practice, resource=practice.ben),
    ]
    waitlist_leave(actor=practice.customer, entry_id=wait(practice).pk)
    wanted = wait(practice, resource=practice.ada)
    free(practice, booked)
    assert offered_to(*others, wanted) == [False, False, False, True]


def test_what_is_moved_away_from_is_offered_as_well(
    practice: Practice, booked: Appointment
) -> None:
    entry = wait(practice, 10, 11)
    appointment_reschedule(
        actor=practice.house.actor, appointment_id=booked.pk, starts_at=practice.at(15)
    )
    relay_batch()
    freed_slots_offer()
    assert entry.offers.get().starts_at == practice.at(10)


def test_a_long_freed_time_is_enough_for_two(practice: Practice, booked: Appointment) -> None:
    appointment_reschedule(
        actor=practice.house.actor,
        appointment_id=booked.pk,
        starts_at=practice.at(13),
        length=timedelta(minutes=30),
    )
    entries = [wait(practice, 13, 14) for _ in range(3)]
    free(practice, booked)
    assert sorted(offer.starts_at for offer in Offer.objects.all()) == [
        practice.at(13),
        practice.at(13, 15),
    ]
    assert offered_to(*entries) == [True, True, False]


def test_nobody_is_asked_within_the_notice_or_when_it_is_over(
    practice: Practice, booked: Appointment
) -> None:
    entry = wait(practice)
    booking_policy_set(
        actor=practice.house.actor,
        service=practice.house.service,
        minimum_notice=timedelta(days=9),
    )
    free(practice, booked)
    assert offered_to(entry) == [False]
    FreedSlot.objects.update(due_at=clock.now())
    with clock.override(practice.at(11)):
        freed_slots_offer()
    assert offered_to(entry) == [False]


def test_what_fails_holds_nobody_else_up(
    practice: Practice, booked: Appointment, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = wait(practice)
    offer = offers.freed_slot_offer

    def fail_once(*, freed_id: int) -> Offer | None:
        monkeypatch.setattr(offers, "freed_slot_offer", offer)
        raise ZeroDivisionError

    monkeypatch.setattr(offers, "freed_slot_offer", fail_once)
    free(practice, booked)
    assert offered_to(entry) == [False]
    with clock.override(clock.now() + offers.PUT_OFF):
        freed_slots_offer()
    assert offered_to(entry) == [True]


def test_what_can_not_be_ended_holds_nobody_else_up(
    practice: Practice, booked: Appointment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offers, "AT_ONCE", 1)
    entries = [wait(practice, hour, hour + 1) for hour in (10, 11, 12)]
    others = [practice.book(practice.wish(hour)) for hour in (11, 12)]
    for one in (booked, *others):
        free(practice, one)
    assert offered_to(*entries) == [True] * 3
    end = offers.end_offer

    def fail_for_the_first(offer: Offer, state: OfferState) -> None:
        if offer.entry_id == entries[0].pk:
            raise ZeroDivisionError
        end(offer, state)

    with clock.override(clock.now() + OFFERED_FOR):
        with monkeypatch.context() as patched:
            patched.setattr(offers, "end_offer", fail_for_the_first)
            assert offers_expire() == 2
        assert offered_to(*entries) == [True, False, False]
        assert offers_expire() == 1


def test_everybody_in_line_is_tried_and_costs_no_query(
    practice: Practice, booked: Appointment
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            freed_slot_offer(freed_id=FreedSlot.objects.get().pk)
        return len(captured)

    appointment_cancel(actor=practice.house.actor, appointment_id=booked.pk)
    relay_batch()
    practice.book(practice.wish(10))
    wait(practice, 10, 11)
    few = queries()
    for _ in range(25):
        wait(practice, 10, 11)
    FreedSlot.objects.update(due_at=clock.now())
    assert queries() == few


def test_the_last_of_many_is_asked_if_it_is_nothing_for_the_others(
    practice: Practice, booked: Appointment
) -> None:
    """In the windows of the others lies some of what was freed, but no start that is free."""
    for _ in range(21):
        waitlist_join(
            actor=practice.customer,
            wish=replace(practice.wish(9), starts_at=practice.at(10, 1)),
            last=practice.at(10, 14),
        )
    last = wait(practice)
    free(practice, booked)
    assert offered_to(last) == [True]


def test_who_let_one_run_out_comes_after_who_did_not(
    practice: Practice, booked: Appointment
) -> None:
    missed, later = wait(practice), wait(practice, 11, 12)
    free(practice, booked)
    with clock.override(clock.now() + OFFERED_FOR):
        freed_slots_offer()
        assert offered_to(missed, later) == [False, False]
        second = practice.book(practice.wish(11))
        free(practice, second)
        assert offered_to(missed, later) == [False, True]


def test_one_person_is_asked_once_about_a_freed_slot(
    practice: Practice, booked: Appointment
) -> None:
    first, other = wait(practice, name="Dana"), wait(practice)
    twin = waitlist_join(
        actor=practice.customer,
        wish=practice.wish(9),
        last=practice.at(12),
        customer=first.customer,
    )
    free(practice, booked)
    offer_refuse(actor=practice.customer, entry_id=first.pk, offer_id=first.offers.get().pk)
    freed_slots_offer()
    assert offered_to(first, other, twin) == [False, True, False]
    offer_refuse(actor=practice.customer, entry_id=other.pk, offer_id=other.offers.get().pk)
    freed_slots_offer()
    assert not twin.offers.exists()


def test_who_answers_one_offer_is_asked_about_the_next_thing_then(
    practice: Practice, booked: Appointment
) -> None:
    second = practice.book(practice.wish(11))
    entry = wait(practice)
    free(practice, booked)
    free(practice, second)
    [open_offer] = entry.offers.all()
    offer_refuse(actor=practice.customer, entry_id=entry.pk, offer_id=open_offer.pk)
    with clock.override(open_offer.expires_at):
        freed_slots_offer()
    assert [one.starts_at for one in entry.offers.order_by("id")] == [
        practice.at(10),
        practice.at(11),
    ]


def test_what_was_kept_for_who_is_erased_goes_to_the_one_after(
    practice: Practice, booked: Appointment
) -> None:
    dana, after = wait(practice, name="Dana"), wait(practice)
    free(practice, booked)
    until = dana.offers.get().expires_at
    assert dana.customer_id is not None
    customer_erase(actor=practice.house.actor, customer_id=dana.customer_id)
    with clock.override(until):
        freed_slots_offer()
        assert offered_to(after) == [True]


def test_who_is_erased_waits_no_more(practice: Practice, booked: Appointment) -> None:
    entry = wait(practice, name="Dana")
    assert entry.customer_id is not None
    customer_erase(actor=practice.house.actor, customer_id=entry.customer_id)
    assert not WaitlistEntry.objects.exists()


@pytest.mark.parametrize(("first", "last"), [(10, 10), (11, 10)])
def test_a_window_has_an_end(practice: Practice, first: int, last: int) -> None:
    with pytest.raises(InvalidInputError):
        wait(practice, first, last)


def test_a_window_has_a_length(practice: Practice) -> None:
    with pytest.raises(InvalidInputError):
        waitlist_join(actor=practice.customer, wish=practice.wish(9), last=practice.at(9, days=91))


def test_an_offer_is_the_entrys_own(practice: Practice, booked: Appointment) -> None:
    first, second = wait(practice), wait(practice)
    free(practice, booked)
    with pytest.raises(NotFoundError):
        offer_accept(
            actor=practice.customer,
            entry_id=second.pk,
            offer_id=first.offers.get().pk,
            details=Details(),
        )


def post(client: Client, path: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
    return client.post(path, body, content_type="application/json", headers=headers or {})


def test_a_customer_waits_hears_and_takes_it(practice: Practice, booked: Appointment) -> None:
    client = Client()
    window: dict[str, Any] = {
        "service": practice.house.service.pk,
        "first": practice.at(9).isoformat(),
        "last": practice.at(12).isoformat(),
    }
    path = f"{PUBLIC}/providers/clinic/waitlist"
    nobody = post(client, path, **window, name="Dana")
    assert nobody.json()["errors"][0]["field"] == "email", "nobody could be told"
    joined = post(client, path, **window, name="Dana", phone="+972501234567")
    assert joined.status_code == HTTPStatus.CREATED, joined.json()
    assert (joined.json()["state"], joined.json()["offer"]) == ("waiting", None)
    mine = {"Waitlist-Token": joined.json()["token"]}
    free(practice, booked)
    offer = client.get(f"{PUBLIC}/waitlist", headers=mine).json()["offer"]
    assert (datetime.fromisoformat(offer["starts_at"]), offer["resources"]) == (
        practice.at(10),
        ["Ada"],
    )
    another = post(client, f"{PUBLIC}/waitlist/accept", mine, offer=offer["id"] + 1)
    assert another.status_code == HTTPStatus.NOT_FOUND
    taken = post(client, f"{PUBLIC}/waitlist/accept", mine, offer=offer["id"])
    assert (taken.status_code, taken.json()["state"]) == (HTTPStatus.CREATED, "booked")
    late = post(client, f"{PUBLIC}/waitlist/accept", mine, offer=offer["id"])
    assert (late.status_code, late.json()["code"]) == (HTTPStatus.CONFLICT, "offer-over")
    seen = client.get(f"{PUBLIC}/waitlist", headers=mine).json()
    assert (seen["state"], seen["offer"]) == ("booked", None)
    assert post(client, f"{PUBLIC}/waitlist/leave", mine).json()["state"] == "booked"


def test_a_list_costs_as_many_queries_however_many_wait(
    staff: Client, practice: Practice, booked: Appointment
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(f"{P}/waitlist").status_code == HTTPStatus.OK
        return len(captured)

    others = [practice.book(practice.wish(11, minute)) for minute in (0, 30)]
    wait(practice)
    free(practice, booked)
    few = queries()
    for one in others:
        wait(practice)
        free(practice, one)
    assert Offer.objects.filter(state="open").count() == 3
    assert queries() == few


def test_staff_see_who_waits_and_answer_for_them(
    staff: Client, practice: Practice, booked: Appointment
) -> None:
    window: dict[str, Any] = {
        "service": practice.house.service.pk,
        "first": practice.at(9).isoformat(),
        "last": practice.at(12).isoformat(),
    }
    entries = [post(staff, f"{P}/waitlist", **window).json()["id"] for _ in range(2)]
    free(practice, booked)
    seen = {row["id"]: row["offer"] for row in staff.get(f"{P}/waitlist").json()["results"]}
    assert [bool(seen[entry]) for entry in entries] == [True, False]
    refused = post(staff, f"{P}/waitlist/{entries[0]}/refuse", offer=seen[entries[0]]["id"])
    assert (refused.json()["state"], refused.json()["offer"]) == ("waiting", None)
    freed_slots_offer()
    offer = staff.get(f"{P}/waitlist/{entries[1]}").json()["offer"]
    taken = post(staff, f"{P}/waitlist/{entries[1]}/accept", offer=offer["id"])
    assert taken.json()["state"] == "booked"
    assert post(staff, f"{P}/waitlist/{entries[0]}/leave").json()["state"] == "left"
