"""promises.md rows 1, 2 and 3: one slot, overlapping ranges, and changes that meet."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import chain
from time import sleep
from typing import Any

import pytest
from django.db import OperationalError, connection
from django_scopes import scope

from appointments.errors import AppointmentStateError, SlotTakenError
from appointments.selectors import Calendar, read_again
from appointments.services import seats
from appointments.services.bookings import (
    appointment_confirm,
    appointment_decline,
    appointment_reschedule,
)
from appointments.services.resources import resource_update
from appointments.tests.cast import Practice, build_practice
from conftest import build_house
from tests.races.at_once import at_once
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
    book = partial(practice.book, practice.wish(10), practice.customer)
    # Four each: a server has fewer connections than customers.
    outcomes = at_once([lambda: [outcome(practice, book) for _ in range(4)]] * 25)
    assert Counter(chain(*outcomes)) == {"done": 1, "slot-taken": 99}
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
