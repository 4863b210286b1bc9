"""Sending a ticket to another queue (docs/adr/0008)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from conftest import House
from events.models import OutboxMessage
from providers.services.locations import location_create
from queues.errors import QueueNotOpenError, ReferenceTakenError
from queues.models import Queue, QueueStatus, Ticket, TicketEvent, TicketState
from queues.selectors import position
from queues.services.queues import queue_create, queue_update
from queues.services.transfers import ticket_transfer
from queues.snapshot import build_snapshot
from queues.tests.test_join import join
from queues.tests.test_life import assert_rebuilt, bring_to, other_queue
from waitlessq import clock
from waitlessq.errors import NotFoundError

JSON = "application/json"


@pytest.fixture
def second(in_house: House) -> Queue:
    """Another queue of the location, with longer head starts."""
    queue = other_queue(in_house)
    update: dict[str, Any] = {"head_start": timedelta(hours=1)}
    return queue_update(actor=in_house.actor, queue_id=queue.pk, **update)


def transfer(house: House, ticket: Ticket, queue: Queue) -> Ticket:
    return ticket_transfer(actor=house.actor, ticket_id=ticket.pk, queue_id=queue.pk)


def sequences(queue: Queue) -> list[int]:
    events = TicketEvent.objects.filter(queue=queue).order_by("sequence")
    return list(events.values_list("sequence", flat=True))


@pytest.mark.parametrize(
    "state",
    [TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.ON_HOLD],
)
def test_it_keeps_its_number_and_stands_by_its_time_of_issue(
    in_house: House, second: Queue, state: TicketState
) -> None:
    ticket = bring_to(in_house, state)
    behind = join(in_house, queue_id=second.pk)
    moved = transfer(in_house, ticket, second)
    assert (moved.code, moved.number, moved.issued_at) == ("A001", 1, ticket.issued_at)
    assert (moved.state, moved.queue, moved.issued_by_id) == ("waiting", second, in_house.queue.pk)
    assert (position(moved), position(behind)) == (1, 2)
    assert build_snapshot(second.pk)["waiting"] == ["A001", "B001"]
    old = build_snapshot(in_house.queue.pk)
    assert (old["waiting"], old["called"]) == ([], [])
    assert_rebuilt(moved)


def test_priority_counts_as_the_other_queue_counts_it(in_house: House, second: Queue) -> None:
    moved = transfer(in_house, join(in_house, priority=2), second)
    assert moved.order_key == moved.issued_at - timedelta(hours=2)


def test_both_sequences_go_on_without_gaps_and_both_are_told(
    in_house: House, second: Queue
) -> None:
    ticket = join(in_house)
    OutboxMessage.objects.all().delete()
    transfer(in_house, ticket, second)
    for queue in (in_house.queue, second):
        queue.refresh_from_db()
        assert sequences(queue) == list(range(1, queue.sequence + 1))
    last = TicketEvent.objects.filter(ticket=ticket).order_by("-id")[:2]
    assert [(e.queue_id, e.type) for e in last] == [
        (second.pk, "transferred"),
        (in_house.queue.pk, "transferred"),
    ]
    assert last[0].data == last[1].data
    told = [(m.subject_id, m.payload["sequence"]) for m in OutboxMessage.objects.order_by("id")]
    assert told == [(q.pk, q.sequence) for q in (in_house.queue, second)]


def test_the_same_number_of_two_issuers_stands_in_one_line(in_house: House, second: Queue) -> None:
    # Both are number 1 of the same day.
    join(in_house, queue_id=second.pk)
    moved = transfer(in_house, join(in_house), second)
    assert join(in_house).number == 2
    assert join(in_house, queue_id=second.pk).number == 2
    back = transfer(in_house, moved, in_house.queue)
    assert (back.issued_by_id, back.code) == (in_house.queue.pk, "A001")


def test_a_number_that_left_is_not_issued_again_when_the_clock_goes_back(
    in_house: House, second: Queue
) -> None:
    ticket = join(in_house)
    transfer(in_house, ticket, second)
    with clock.override(clock.now() + timedelta(days=1)):
        join(in_house)
    assert join(in_house).number == 2


def test_a_paused_or_full_queue_takes_it_and_a_closed_one_does_not(
    in_house: House, second: Queue
) -> None:
    who: dict[str, Any] = {"actor": in_house.actor, "queue_id": second.pk}
    queue_update(**who, status=QueueStatus.PAUSED, capacity=1)
    transfer(in_house, join(in_house), second)
    transfer(in_house, join(in_house), second)
    queue_update(**who, status=QueueStatus.CLOSED)
    ticket = join(in_house)
    with pytest.raises(QueueNotOpenError):
        transfer(in_house, ticket, second)


def test_only_to_another_queue_of_the_same_location(in_house: House, other_house: House) -> None:
    north = location_create(actor=in_house.actor, name="North", time_zone="UTC")
    elsewhere = queue_create(actor=in_house.actor, location=north, name="N", prefix="B")
    ticket = join(in_house)
    for queue in (in_house.queue, elsewhere, other_house.queue):
        with pytest.raises(NotFoundError):
            transfer(in_house, ticket, queue)
    with pytest.raises(NotFoundError):
        ticket_transfer(actor=other_house.actor, ticket_id=ticket.pk, queue_id=other_house.queue.pk)


def test_a_reference_that_is_taken_there_is_said(in_house: House, second: Queue) -> None:
    join(in_house, queue_id=second.pk, reference="42")
    ticket = join(in_house, reference="42")
    with pytest.raises(ReferenceTakenError):
        transfer(in_house, ticket, second)


@pytest.mark.parametrize(
    ("queue", "status"), [("second", 200), (0, 404), (10**30, 404), ("x", 400), (None, 400)]
)
def test_the_api_transfers(
    staff: Client, in_house: House, second: Queue, queue: object, status: int
) -> None:
    path = f"/api/v1/providers/clinic/tickets/{join(in_house).pk}/transfer"
    body = {"queue": second.pk if queue == "second" else queue}
    response = staff.post(path, body, content_type=JSON)
    assert response.status_code == status
    if response.status_code == 200:
        assert (response.json()["queue"], response.json()["code"]) == (second.pk, "A001")
