"""promises.md rows 1, 2 and 3: one slot, overlapping ranges, and changes that meet."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from itertools import chain
from time import sleep
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django_scopes import scope

from appointments.errors import AppointmentStateError, SlotTakenError
from appointments.models import Appointment, FreedSlot, Offer, SlotHold
from appointments.selectors import Calendar, read_again
from appointments.services import seats
from appointments.services.bookings import (
    Details,
    appointment_confirm,
    appointment_decline,
    appointment_reschedule,
)
from appointments.services.feeds import busy_feed_add
from appointments.services.offers import freed_slots_offer, offer_accept, offers_expire
from appointments.services.resources import resource_update
from appointments.services.waitlist import waitlist_join
from appointments.tests.cast import Practice, build_practice
from conftest import build_house
from tests.races.at_once import at_once
from waitlessq import clock
from waitlessq.db import transactions
from waitlessq.errors import DomainError

OVERLAPS = """
SELECT count(*) FROM appointments_appointmentresource one
JOIN appointments_appointmentresource other
    ON other.resource_id = one.resource_id AND other.id > one.id AND other.busy && one.busy
WHERE one.is_blocking AND other.is_blocking
"""


@pytest.fixture
def practice(transactional_db: None) -> Iterator[Practice]:
    house = build_house("small")
    with scope(provider=house.provider):
        made = build_practice(house, step=timedelta(minutes=5))
        resource_update(actor=house.actor, resource=made.ben, is_active=False)
        yield made


def overlaps() -> int:
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS)
        [count] = cursor.fetchone()
    return int(count)


def outcome(practice: Practice, job: Callable[[], Any]) -> str:
    """What the job came to: done, the code of a refusal, or the database's word for it."""
    try:
        with scope(provider=practice.house.provider):
            job()
    except DomainError as error:
        return error.code
    except OperationalError as error:
        return str(getattr(error.__cause__, "sqlstate", error))
    return "done"


def all_at_once(practice: Practice, jobs: Sequence[Callable[[], Any]]) -> list[str]:
    return at_once([partial(outcome, practice, job) for job in jobs])


def test_one_of_a_hundred_gets_the_slot(practice: Practice) -> None:
    path = f"/api/v1/public/providers/{practice.house.provider.slug}/appointments"
    body = {"service": practice.house.service.pk, "starts_at": practice.at(10).isoformat()}

    def book(address: str) -> tuple[int, str]:
        client = Client(raise_request_exception=False, REMOTE_ADDR=address)
        answer = client.post(path, body, content_type="application/json")
        return answer.status_code, answer.json().get("code", "")

    # Four each: a server has fewer connections than customers.
    jobs = [partial(lambda n: [book(f"10.0.{n}.{m}") for m in range(4)], n) for n in range(25)]
    answers = Counter(chain(*at_once(jobs)))
    assert answers == {(HTTPStatus.CREATED, ""): 1, (HTTPStatus.CONFLICT, "slot-taken"): 99}
    assert overlaps() == 0


def overlapping_wishes(practice: Practice) -> list[Callable[[], Any]]:
    """50 customers for 20 ranges of a quarter, each five minutes after the one before."""
    return [
        partial(practice.book, practice.wish(10 + n % 20 // 12, n % 20 % 12 * 5), practice.customer)
        for n in range(50)
    ]


def test_fifty_customers_and_twenty_overlapping_ranges(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "RETRIES", 0)
    outcomes = all_at_once(practice, overlapping_wishes(practice))
    assert set(outcomes) == {"done", "slot-taken"}, "no deadlock is shown"
    assert outcomes.count("done") >= 5
    assert overlaps() == 0


def clashes_of(practice: Practice, monkeypatch: pytest.MonkeyPatch, seconds: float) -> list[str]:
    """How often the constraint had to step in, or PostgreSQL broke a deadlock.

    Whoever looked at the calendar takes so many seconds to choose.
    """
    clashes: list[str] = []
    original, look = seats.clash, read_again

    def look_slowly(calendar: Calendar) -> Calendar:
        seen = look(calendar)
        sleep(seconds)
        return seen

    monkeypatch.setattr(seats, "read_again", look_slowly)

    def noted() -> SlotTakenError:
        clashes.append("constraint")
        return original()

    monkeypatch.setattr(seats, "clash", noted)
    monkeypatch.setattr(transactions, "RETRIES", 0)
    outcomes = all_at_once(practice, overlapping_wishes(practice))
    return clashes + [code for code in outcomes if code in {"40P01", "55P03"}]


def test_with_the_lock_nobody_runs_into_the_constraint(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clashes_of(practice, monkeypatch, 0.02) == []


def test_without_the_lock_the_constraint_holds_by_clashes_and_deadlocks(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "lock_resources", lambda _ids: None)
    assert clashes_of(practice, monkeypatch, 0.5) != []
    assert overlaps() == 0


def test_without_lock_and_constraint_bookings_overlap(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["resource_seat_is_taken_once", "resource_session_is_alone"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = ANY(%s)"
            " ORDER BY conname",
            [names],
        )
        definitions = [definition for (definition,) in cursor.fetchall()]
        for name in names:
            cursor.execute(f"ALTER TABLE appointments_appointmentresource DROP CONSTRAINT {name}")
    monkeypatch.setattr(seats, "lock_resources", lambda _ids: None)
    try:
        clashes_of(practice, monkeypatch, 0.5)
        assert overlaps() > 0
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM appointments_appointmentresource")
            for name, definition in zip(names, definitions, strict=True):
                cursor.execute(
                    "ALTER TABLE appointments_appointmentresource"
                    f" ADD CONSTRAINT {name} {definition}"
                )


def test_of_two_staff_who_decide_one_wins(practice: Practice) -> None:
    house = practice.house
    with scope(provider=house.provider):
        practice.policy.needs_approval = True
        practice.policy.save()
        asked = practice.book(practice.wish(10), practice.customer)
    decide: dict[str, Any] = {"actor": house.actor, "appointment_id": asked.pk}
    jobs = [partial(appointment_confirm, **decide), partial(appointment_decline, **decide)]
    outcomes = all_at_once(practice, jobs * 4)
    assert sorted(outcomes) == [AppointmentStateError.code] * 7 + ["done"]


def test_of_those_who_ask_for_overlapping_times_to_be_approved_one_is_asked_about(
    practice: Practice,
) -> None:
    practice.policy.needs_approval = True
    practice.policy.save()
    jobs = [
        partial(practice.book, practice.wish(10, minute), practice.customer)
        for minute in (0, 5, 10)
    ]
    assert sorted(all_at_once(practice, jobs)) == ["done", "slot-taken", "slot-taken"]


def test_of_two_who_move_to_one_time_one_wins_and_the_other_keeps_theirs(
    practice: Practice,
) -> None:
    booked = [practice.book(practice.wish(hour)) for hour in (9, 11, 13, 15)]
    jobs = [
        partial(
            appointment_reschedule,
            actor=practice.house.actor,
            appointment_id=one.pk,
            starts_at=practice.at(10),
        )
        for one in booked
    ]
    assert sorted(all_at_once(practice, jobs)) == ["done"] + ["slot-taken"] * 3
    assert overlaps() == 0
    starts = sorted(one.resources.get().busy.lower for one in booked)
    assert len(set(starts)) == 4
    assert practice.at(10) in starts


def offered(practice: Practice) -> Offer:
    """Ten o'clock, offered to whoever waits for it."""
    entry = waitlist_join(actor=practice.customer, wish=practice.wish(9), last=practice.at(12))
    FreedSlot.objects.create(
        provider=practice.house.provider,
        location=practice.house.location,
        resource_ids=[practice.ada.pk],
        starts_at=practice.at(10),
        ends_at=practice.at(10, 15),
        due_at=clock.now(),
    )
    assert freed_slots_offer() == 1
    return entry.offers.get()


def test_of_many_who_accept_one_offer_one_books(practice: Practice) -> None:
    offer = offered(practice)
    job = partial(
        offer_accept,
        actor=practice.customer,
        entry_id=offer.entry_id,
        offer_id=offer.pk,
        details=Details(),
    )
    assert Counter(all_at_once(practice, [job] * 8)) == {"done": 1, "offer-over": 7}
    assert Appointment.objects.count() == 1


def test_an_offer_that_runs_out_while_it_is_accepted_is_one_or_the_other(
    practice: Practice,
) -> None:
    offer = offered(practice)
    # As if it ran out between the look at the clock and the lock.
    Offer.objects.filter(pk=offer.pk).update(expires_at=clock.now() + timedelta(milliseconds=150))
    SlotHold.objects.update(expires_at=clock.now() + timedelta(seconds=9))
    job = partial(
        offer_accept,
        actor=practice.customer,
        entry_id=offer.entry_id,
        offer_id=offer.pk,
        details=Details(),
    )

    def expire() -> None:
        sleep(0.15)
        offers_expire()

    def accept_later() -> None:
        sleep(0.148)
        job()

    outcomes = all_at_once(practice, [expire, accept_later, expire, accept_later])
    # Whoever found it in somebody's hands has left it to the next look.
    offers_expire()
    offer.refresh_from_db()
    booked = Appointment.objects.count()
    assert (offer.state, booked) in {("accepted", 1), ("expired", 0)}
    assert outcomes.count("done") == 2 + booked
    assert overlaps() == 0


def test_one_freed_slot_is_offered_once_however_many_workers_look(practice: Practice) -> None:
    for _ in range(4):
        waitlist_join(actor=practice.customer, wish=practice.wish(9), last=practice.at(12))
    FreedSlot.objects.create(
        provider=practice.house.provider,
        location=practice.house.location,
        resource_ids=[practice.ada.pk],
        starts_at=practice.at(10),
        ends_at=practice.at(10, 15),
        due_at=clock.now(),
    )
    assert all_at_once(practice, [freed_slots_offer] * 6) == ["done"] * 6
    assert Offer.objects.count() == 1


def test_a_resource_has_no_calendar_too_many(practice: Practice) -> None:
    add = partial(busy_feed_add, actor=practice.house.actor, resource=practice.ada)
    jobs = [partial(add, url=f"https://c.example/{number}") for number in range(8)]
    assert Counter(all_at_once(practice, jobs)) == {"done": 5, "invalid-input": 3}
