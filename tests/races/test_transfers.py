"""Tickets go from queue to queue while the counters of both call the next one."""

from collections import Counter as Tally
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError
from django_scopes import scope

from conftest import House, build_house
from queues.errors import ChangedSinceError, IllegalTransitionError, NobodyWaitingError
from queues.models import Queue, Ticket, TicketEvent
from queues.services import locks, tickets
from queues.services.counters import counter_update
from queues.services.queues import queue_create
from queues.services.transfers import ticket_transfer
from queues.tests.test_join import join
from queues.tests.test_life import assert_rebuilt
from tests.races.at_once import at_once

TICKETS = 30


@pytest.fixture
def two_queues(transactional_db: None) -> tuple[House, Queue]:
    """A house with a line, and a second queue whose counter is the second one."""
    house = build_house("race")
    with scope(provider=house.provider):
        second = queue_create(actor=house.actor, location=house.location, name="2nd", prefix="B")
        counter_update(actor=house.actor, counter_id=house.counter2.pk, queues=[second])
        for _ in range(TICKETS):
            join(house)
            join(house, queue_id=second.pk)
    return house, second


def serve(house: House, counter_id: int) -> list[str]:
    """Calls and misses one after the other; the numbers that stayed until they were missed.

    One who was called may still be sent to the other queue, and is called there anew.
    """
    missed = []
    with scope(provider=house.provider):
        for _ in range(TICKETS):
            try:
                ticket = tickets.ticket_call_next(actor=house.actor, counter_id=counter_id)
                tickets.ticket_mark_no_show(actor=house.actor, ticket_id=ticket.pk)
            except (NobodyWaitingError, IllegalTransitionError, ChangedSinceError):
                continue
            missed.append(ticket.code)
    return missed


def send(house: House, origin: Queue, target: Queue) -> list[str]:
    with scope(provider=house.provider):
        # From behind, so that they meet those who call from the front.
        ids = list(Ticket.objects.filter(queue=origin).order_by("-pk").values_list("pk", flat=True))
        for pk in ids:
            try:
                ticket_transfer(actor=house.actor, ticket_id=pk, queue_id=target.pk)
            except (IllegalTransitionError, ChangedSinceError):
                continue
    return []


def run(house: House, second: Queue) -> list[str]:
    jobs: list[Callable[[], list[str]]] = [
        partial(serve, house, house.counter.pk),
        partial(serve, house, house.counter2.pk),
        partial(send, house, house.queue, second),
        partial(send, house, second, house.queue),
    ]
    return [code for codes in at_once(jobs) for code in codes]


def assert_whole(house: House, *queues: Queue) -> None:
    """That both sequences have no gap, and each ticket is what its events say."""
    for queue in queues:
        queue.refresh_from_db()
        events = TicketEvent.objects.filter(queue=queue).order_by("sequence")
        numbers = list(events.values_list("sequence", flat=True))
        assert numbers == list(range(1, queue.sequence + 1))
    for ticket in Ticket.objects.all():
        assert_rebuilt(ticket)


def test_nobody_is_called_twice_or_lost_between_two_queues(
    two_queues: tuple[House, Queue], monkeypatch: pytest.MonkeyPatch
) -> None:
    # No trying again: locks by id let nobody wait for each other.
    monkeypatch.setattr("waitlessq.db.transactions.RETRIES", 0)
    house, second = two_queues
    missed = run(house, second)
    assert max(Tally(missed).values()) == 1
    with scope(provider=house.provider):
        assert_whole(house, house.queue, second)
        left = Ticket.objects.exclude(state="no_show")
        assert {ticket.state for ticket in left} <= {"waiting"}
        assert len(missed) + left.count() == 2 * TICKETS


def test_without_the_locks_it_would_break(
    two_queues: tuple[House, Queue], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOCK_QUEUES", "LOCK_TICKET"):
        unlocked = getattr(locks, name).replace("FOR NO KEY UPDATE OF queue, ticket", "")
        monkeypatch.setattr(locks, name, unlocked.replace("FOR NO KEY UPDATE", ""))
    errors: tuple[Any, ...] = (IntegrityError, AssertionError)
    with pytest.raises(errors):
        run_and_check(*two_queues)


def run_and_check(house: House, second: Queue) -> None:
    missed = run(house, second)
    assert max(Tally(missed).values()) == 1
    with scope(provider=house.provider):
        assert_whole(house, house.queue, second)
