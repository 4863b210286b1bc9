"""Setting up counters, and opening and closing them."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from threading import Event
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django_scopes import scope

from conftest import House, build_house
from events.models import OutboxMessage
from providers.errors import NameTakenError
from providers.services.locations import location_create
from queues.errors import CounterBusyError, NobodyWaitingError
from queues.models import Counter, EventType, Queue, Ticket, TicketEvent
from queues.services import tickets
from queues.services.counters import counter_close, counter_create, counter_open, counter_update
from queues.services.queues import queue_create
from queues.tests.test_join import join
from tests.races.at_once import at_once
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import DomainError, NotFoundError

COUNTERS = "/api/v1/providers/clinic/counters"
JSON = "application/json"


def sequence_of(queue: Queue) -> int:
    return Queue.objects.get(pk=queue.pk).sequence


def second_queue(house: House) -> Queue:
    return queue_create(actor=house.actor, location=house.location, name="Second", prefix="B")


def test_a_new_counter_is_closed(in_house: House) -> None:
    counter = counter_create(
        actor=in_house.actor, location=in_house.location, name="3", queues=[in_house.queue]
    )
    assert (counter.is_open, list(counter.queues.all())) == (False, [in_house.queue])


def test_opening_and_closing_is_told_once(in_house: House) -> None:
    OutboxMessage.objects.all().delete()
    before = sequence_of(in_house.queue)
    for change, is_open in ((counter_close, False), (counter_open, True)):
        for _ in range(2):
            counter = change(actor=in_house.actor, counter_id=in_house.counter.pk)
            assert counter.is_open is is_open
    assert sequence_of(in_house.queue) == before + 2
    assert OutboxMessage.objects.count() == 2
    event = TicketEvent.objects.get(sequence=before + 1)
    assert event.type == EventType.QUEUE_CHANGED
    assert event.data == {
        "counter": in_house.counter.pk,
        "name": "1",
        "is_open": False,
        "serves": True,
    }


def test_a_change_is_told_in_every_queue_that_is_or_was_served(in_house: House) -> None:
    second, third = second_queue(in_house), Queue.objects.get(pk=in_house.queue.pk)
    update = partial(counter_update, actor=in_house.actor, counter_id=in_house.counter.pk)
    first_before = sequence_of(third)
    update(name="9")
    update(queues=[second])
    update(name="10")
    assert (sequence_of(in_house.queue), sequence_of(second)) == (first_before + 2, 2)


def test_a_queue_that_the_counter_does_not_serve_hears_nothing(in_house: House) -> None:
    second = second_queue(in_house)
    counter_update(actor=in_house.actor, counter_id=in_house.counter.pk, name="9")
    assert sequence_of(second) == 0


def test_a_name_that_is_taken_changes_nothing(in_house: House) -> None:
    before = sequence_of(in_house.queue)
    with pytest.raises(NameTakenError):
        counter_update(actor=in_house.actor, counter_id=in_house.counter.pk, name="2", queues=[])
    counter = Counter.objects.get(pk=in_house.counter.pk)
    assert (counter.name, list(counter.queues.all())) == ("1", [in_house.queue])
    assert sequence_of(in_house.queue) == before


def test_a_counter_serves_queues_of_its_own_location_only(
    in_house: House, other_house: House
) -> None:
    north = location_create(actor=in_house.actor, name="North", time_zone="UTC")
    elsewhere = queue_create(actor=in_house.actor, location=north, name="N", prefix="B")
    for queue in (elsewhere, other_house.queue):
        with pytest.raises(NotFoundError):
            counter_create(
                actor=in_house.actor, location=in_house.location, name="3", queues=[queue]
            )
        with pytest.raises(NotFoundError):
            counter_update(actor=in_house.actor, counter_id=in_house.counter.pk, queues=[queue])
    assert list(in_house.counter.queues.all()) == [in_house.queue]
    assert sequence_of(elsewhere) == 0


def test_another_providers_counter_and_location_do_not_exist(
    in_house: House, other_house: House
) -> None:
    theirs = other_house.counter.pk
    for change in (
        partial(counter_open, counter_id=theirs),
        partial(counter_close, counter_id=theirs),
        partial(counter_update, counter_id=theirs, name="9"),
        partial(counter_create, location=other_house.location, name="9"),
    ):
        with pytest.raises(NotFoundError):
            change(actor=in_house.actor)


def test_the_api_shows_the_ticket_at_a_counter(owner: Client, in_house: House) -> None:
    join(in_house)
    path = f"{COUNTERS}/{in_house.counter.pk}"
    assert owner.get(path).json()["current_ticket"] is None
    called = owner.post(f"{path}/call-next").json()
    assert owner.get(path).json()["current_ticket"] == called
    owner.post(f"/api/v1/providers/clinic/tickets/{called['id']}/no-show")
    assert owner.get(path).json()["current_ticket"] is None


@pytest.mark.parametrize("change", ["rename", "open"])
def test_what_a_change_answers_shows_the_ticket_too(
    owner: Client, in_house: House, change: str
) -> None:
    join(in_house)
    path = f"{COUNTERS}/{in_house.counter.pk}"
    called = owner.post(f"{path}/call-next").json()
    if change == "rename":
        response = owner.patch(path, {"name": "9"}, content_type=JSON)
    else:
        response = owner.post(f"{path}/open")
    assert response.status_code == HTTPStatus.OK
    assert response.json()["current_ticket"]["code"] == called["code"]


def test_the_api_says_that_a_counter_is_busy(owner: Client, in_house: House) -> None:
    join(in_house)
    path = f"{COUNTERS}/{in_house.counter.pk}"
    owner.post(f"{path}/call-next")
    for action in ("close", "call-next"):
        response = owner.post(f"{path}/{action}")
        assert response.status_code == HTTPStatus.CONFLICT
        assert response.json()["code"] == "counter-busy"
        assert response.json()["ticket"] == "A001"


def test_the_api_refuses_another_providers_queue(
    owner: Client, house: House, other_house: House
) -> None:
    body = {"name": "3", "location": house.location.pk, "queues": [other_house.queue.pk]}
    assert owner.post(COUNTERS, body, content_type=JSON).status_code == HTTPStatus.BAD_REQUEST


def in_turn(
    house: House, first: Callable[[], object], second: Callable[[], object]
) -> list[object]:
    """Runs both in threads: ``second`` starts, and has to wait, before ``first`` commits.

    Each gives what it returns, or the domain error that it raises.
    """
    first_has_locks = Event()

    @in_transaction
    def hold() -> object:
        result = first()
        first_has_locks.set()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.3)")
        return result

    def follow() -> object:
        assert first_has_locks.wait(timeout=10)
        return second()

    def scoped(job: Callable[[], object]) -> object:
        with scope(provider=house.provider):
            try:
                return job()
            except DomainError as error:
                return error

    return at_once([partial(scoped, hold), partial(scoped, follow)])


@pytest.mark.django_db(transaction=True)
def test_a_counter_that_just_called_somebody_does_not_close() -> None:
    house = build_house("clinic")
    who: dict[str, Any] = {"actor": house.actor, "counter_id": house.counter.pk}
    with scope(provider=house.provider):
        join(house)
    _, closed = in_turn(
        house, partial(tickets.ticket_call_next, **who), partial(counter_close, **who)
    )
    assert isinstance(closed, CounterBusyError)
    with scope(provider=house.provider):
        assert Counter.objects.get(pk=house.counter.pk).is_open


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_was_just_given_to_a_counter_hears_that_it_opens() -> None:
    house = build_house("clinic")
    with scope(provider=house.provider):
        second = second_queue(house)
        counter_close(actor=house.actor, counter_id=house.counter.pk)
    in_turn(
        house,
        partial(counter_update, actor=house.actor, counter_id=house.counter.pk, queues=[second]),
        partial(counter_open, actor=house.actor, counter_id=house.counter.pk),
    )
    with scope(provider=house.provider):
        assert sequence_of(second) == 2


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_was_just_taken_from_a_counter_is_not_called_there() -> None:
    house = build_house("clinic")
    with scope(provider=house.provider):
        join(house)
    _, called = in_turn(
        house,
        partial(counter_update, actor=house.actor, counter_id=house.counter.pk, queues=[]),
        partial(tickets.ticket_call_next, actor=house.actor, counter_id=house.counter.pk),
    )
    assert isinstance(called, NobodyWaitingError)
    with scope(provider=house.provider):
        assert Ticket.objects.get().state == "waiting"


@pytest.mark.django_db(transaction=True)
def test_calls_and_changes_of_counters_at_once_do_not_lock_each_other_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("waitlessq.db.transactions.RETRIES", 0)
    house = build_house("clinic")
    with scope(provider=house.provider):
        second = second_queue(house)
        for queue in (house.queue, second) * 10:
            join(house, queue_id=queue.pk)

    def serve(counter: Counter) -> int:
        done = 0
        with scope(provider=house.provider):
            for _ in range(8):
                who: dict[str, Any] = {"actor": house.actor, "counter_id": counter.pk}
                try:
                    ticket = tickets.ticket_call_next(**who)
                except NobodyWaitingError:
                    continue
                tickets.ticket_mark_no_show(actor=house.actor, ticket_id=ticket.pk)
                done += 1
        return done

    def change(counter: Counter) -> int:
        with scope(provider=house.provider):
            for n in range(8):
                queues = [second, house.queue] if n % 2 else [house.queue, second]
                counter_update(
                    actor=house.actor,
                    counter_id=counter.pk,
                    name=f"{counter.pk} {n}",
                    queues=queues,
                )
        return 0

    jobs = [partial(job, c) for c in (house.counter, house.counter2) for job in (serve, change)]
    assert sum(at_once(jobs)) == 16
