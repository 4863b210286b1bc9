"""The kernel: transactions, rows without the ORM, and the clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from django.db import OperationalError, connection, transaction
from django_scopes import scopes_disabled

from conftest import House
from events.models import OutboxMessage
from events.outbox import emit
from providers.models import Service, ServiceUse
from tests.races.at_once import at_once
from waitlessq import clock
from waitlessq.db.rows import insert_row, read_rows, update_row
from waitlessq.db.transactions import (
    RETRIES,
    in_transaction,
    one_transaction,
)


def refused_by_postgresql(sqlstate: str) -> OperationalError:
    cause = Exception()
    cause.sqlstate = sqlstate  # type: ignore[attr-defined]
    error = OperationalError("refused")
    error.__cause__ = cause
    return error


def failing(times: int, sqlstate: str) -> tuple[list[int], Callable[[], str]]:
    """A function that fails so many times, and the list of its calls."""
    calls: list[int] = []

    @in_transaction
    def work() -> str:
        calls.append(1)
        emit("work", provider_id=1, subject_id=len(calls))
        if len(calls) <= times:
            raise refused_by_postgresql(sqlstate)
        return "done"

    return calls, work


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", Mock())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_work_is_tried_again_when_postgresql_asks_for_it(sqlstate: str) -> None:
    calls, work = failing(RETRIES, sqlstate)
    assert work() == "done"
    assert len(calls) == RETRIES + 1
    assert [m.subject_id for m in OutboxMessage.objects.all()] == [RETRIES + 1]


@pytest.mark.django_db(transaction=True)
def test_work_is_not_tried_for_ever() -> None:
    calls, work = failing(RETRIES + 1, "40P01")
    with pytest.raises(OperationalError):
        work()
    assert len(calls) == RETRIES + 1
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("sqlstate", ["57P01", "57014", "55P03"])
def test_other_errors_are_not_tried_again(sqlstate: str) -> None:
    calls, work = failing(1, sqlstate)
    with pytest.raises(OperationalError):
        work()
    assert len(calls) == 1


@pytest.mark.django_db(transaction=True)
def test_inside_another_transaction_nothing_is_tried_again() -> None:
    calls, work = failing(1, "40P01")
    with pytest.raises(OperationalError), transaction.atomic():
        work()
    assert len(calls) == 1


@pytest.mark.django_db(transaction=True)
def test_two_that_wait_for_each_other_both_get_done(house: House) -> None:
    both_have_one = Barrier(2)
    attempts: list[str] = []

    def lock(first: int, second: int) -> str:
        @in_transaction
        def work() -> str:
            with connection.cursor() as cursor:
                query = "SELECT 1 FROM queues_counter WHERE id = %s FOR UPDATE"
                cursor.execute(query, [first])
                attempts.append("x")
                if len(attempts) <= 2:
                    both_have_one.wait(timeout=10)
                cursor.execute(query, [second])
            return "done"

        return work()

    one, two = house.counter.pk, house.counter2.pk
    assert at_once([lambda: lock(one, two), lambda: lock(two, one)]) == ["done", "done"]
    # Whose turn it is again may take the row before the one who waited wakes up.
    assert len(attempts) >= 3


@pytest.mark.django_db(transaction=True)
def test_an_error_in_a_joined_transaction_undoes_all_of_it() -> None:
    @in_transaction
    def inner() -> None:
        emit("inner", provider_id=1, subject_id=1)
        raise RuntimeError

    with one_transaction():
        emit("outer", provider_id=1, subject_id=1)
        with pytest.raises(RuntimeError):
            inner()
        with pytest.raises(transaction.TransactionManagementError):
            OutboxMessage.objects.exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db
def test_an_error_in_a_savepoint_leaves_what_was_before_it() -> None:
    with one_transaction():
        emit("outer", provider_id=1, subject_id=1)
        with transaction.atomic():
            emit("inner", provider_id=1, subject_id=1)
            transaction.set_rollback(True)
    assert [m.topic for m in OutboxMessage.objects.all()] == ["outer"]


SERVICE = {
    "name": "Haircut ✂",
    "duration": timedelta(minutes=40, microseconds=5),
    "buffer_before": timedelta(days=1),
    "buffer_after": timedelta(),
    "price": 12.5,
    "use": ServiceUse.WALK_IN,
}


def stored(service: Service) -> dict[str, object]:
    with scopes_disabled():
        [row] = Service.objects.filter(pk=service.pk).values()
    return {name: value for name, value in row.items() if name not in {"id", "name"}}


def test_insert_row_equals_save(house: House) -> None:
    inserted = insert_row(Service(provider=house.provider, **SERVICE))
    saved = Service(provider=house.provider, **(SERVICE | {"name": "Same"}))
    saved.save()
    assert stored(inserted) == stored(saved)
    assert (inserted.pk + 1, inserted._state.adding, inserted._state.db) == (
        saved.pk,
        saved._state.adding,
        saved._state.db,
    )


def test_update_row_equals_save_of_those_fields(house: House, other_house: House) -> None:
    changes = {name: value for name, value in SERVICE.items() if name != "name"}
    updated = update_row(house.service, changes)
    saved = other_house.service
    for name, value in changes.items():
        setattr(saved, name, value)
    saved.save(update_fields=list(changes))
    assert stored(updated) | {"provider_id": 0} == stored(saved) | {"provider_id": 0}


def test_update_row_leaves_other_fields_alone(house: House) -> None:
    stale = Service._base_manager.get(pk=house.service.pk)
    update_row(house.service, {"price": 3})
    stale.price = None
    update_row(stale, {"use": ServiceUse.BOOKING})
    row = stored(house.service)
    assert (row["price"], row["use"]) == (3, "booking")


def test_update_row_without_changes_asks_nothing_of_the_database(
    house: House, django_assert_num_queries: Callable[[int], object]
) -> None:
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        update_row(house.service, {})


def test_read_rows_gives_objects_and_what_is_no_field(house: House) -> None:
    query = "SELECT 7 AS seven, s.* FROM providers_service AS s WHERE id = %s"
    [(service, more)] = read_rows(Service, query, [house.service.pk])
    assert service == house.service
    assert (service.duration, service._state.adding) == (timedelta(minutes=15), False)
    assert more == {"seven": 7}


NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_the_clock_shows_now() -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)  # noqa: TID251
    assert clock.now().tzinfo is UTC


def test_an_override_of_the_clock_nests_and_ends() -> None:
    with clock.override(NOON):
        with clock.override(NOON + timedelta(hours=1)):
            assert clock.now().hour == 13
        assert clock.now() == NOON
    assert clock.now() > NOON


def test_an_override_ends_with_an_error() -> None:
    with pytest.raises(RuntimeError), clock.override(NOON):
        raise RuntimeError
    assert clock.now() > NOON


def test_an_override_is_for_one_thread() -> None:
    seen: list[datetime] = []
    with clock.override(NOON):
        thread = Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
    assert seen[0] > NOON


def test_the_clock_answers_in_utc_whatever_it_was_set_in() -> None:
    with clock.override(NOON.astimezone(ZoneInfo("Asia/Tokyo"))):
        assert clock.now().isoformat() == "2026-01-05T12:00:00+00:00"


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", 5), ("Asia/Jerusalem", 6), ("Pacific/Kiritimati", 6), ("America/New_York", 5)],
)
def test_the_date_is_that_of_the_wall(zone: str, day: int) -> None:
    with clock.override(datetime(2026, 1, 5, 22, tzinfo=UTC)):
        assert clock.local_date(ZoneInfo(zone)) == date(2026, 1, day)
