"""promises.md row 5: 500 tickets, 12 counters calling at once."""

import threading
from collections import Counter as Tally
from functools import partial

import pytest
from django.db import IntegrityError, OperationalError
from django_scopes import scope

from conftest import House, build_house
from queues.errors import NobodyWaitingError
from queues.models import EventType, Source, Ticket, TicketEvent, TicketState
from queues.services import locks, tickets
from queues.services.counters import counter_create, counter_open
from tests.races.at_once import at_once

COUNTERS = 12
TICKETS = 500


@pytest.fixture
def busy_house(transactional_db: None) -> House:
    """A house with 500 people waiting and 12 open counters besides its own two."""
    house = build_house("busy")
    with scope(provider=house.provider):
        for number in range(COUNTERS):
            counter = counter_create(
                actor=house.actor,
                location=house.location,
                name=f"desk {number}",
                queues=[house.queue],
            )
            counter_open(actor=house.actor, counter_id=counter.pk)
        for _ in range(TICKETS):
            tickets.ticket_join(actor=house.actor, queue_id=house.queue.pk, source=Source.STAFF)
    return house


def serve_until_empty(
    house: House, counter_id: int, still_waiting: threading.Semaphore
) -> tuple[list[str], int]:
    """Calls and finishes until nobody is left: the codes called, and how often "empty" was false.

    ``still_waiting`` has one permit a ticket; whoever hears "empty" while one is left heard wrong.
    """
    called: list[str] = []
    false_empties = 0
    with scope(provider=house.provider):
        while still_waiting.acquire(blocking=False):
            try:
                ticket = tickets.ticket_call_next(actor=house.actor, counter_id=counter_id)
            except NobodyWaitingError:
                false_empties += 1
                continue
            called.append(ticket.code)
            tickets.ticket_mark_no_show(actor=house.actor, ticket_id=ticket.pk)
    return called, false_empties


def call_all(house: House) -> tuple[list[str], int]:
    with scope(provider=house.provider):
        counters = list(
            house.queue.counters.filter(name__startswith="desk").values_list("pk", flat=True)
        )
    permits = threading.Semaphore(TICKETS)
    results = at_once([partial(serve_until_empty, house, pk, permits) for pk in counters])
    return [code for codes, _ in results for code in codes], sum(empty for _, empty in results)


def test_each_ticket_is_called_once_and_nobody_hears_a_false_empty(busy_house: House) -> None:
    called, false_empties = call_all(busy_house)
    assert len(called) == TICKETS
    assert max(Tally(called).values()) == 1
    assert false_empties == 0
    with scope(provider=busy_house.provider):
        assert Ticket.objects.filter(state=TicketState.NO_SHOW).count() == TICKETS
        calls = TicketEvent.objects.filter(type=EventType.CALLED)
        assert calls.values("ticket").distinct().count() == calls.count() == TICKETS
        sequences = list(
            TicketEvent.objects.order_by("sequence").values_list("sequence", flat=True)
        )
    assert sequences == list(range(1, len(sequences) + 1))


def test_without_the_lock_it_would_break(
    busy_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "LOCK_QUEUES", locks.LOCK_QUEUES.replace("FOR NO KEY UPDATE", ""))
    with pytest.raises((IntegrityError, OperationalError, AssertionError)):
        test_each_ticket_is_called_once_and_nobody_hears_a_false_empty(busy_house)


def test_skipping_locked_queues_would_say_empty_while_people_wait(
    busy_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        locks,
        "LOCK_QUEUES",
        locks.LOCK_QUEUES.replace("FOR NO KEY UPDATE", "FOR NO KEY UPDATE SKIP LOCKED"),
    )
    _, false_empties = call_all(busy_house)
    assert false_empties > 0
