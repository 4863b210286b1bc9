"""Somebody joins at the very moment at which a counter calls, or at which the hours close."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import IntegrityError, OperationalError
from django_scopes import scope

from conftest import House, build_house
from queues.errors import NobodyWaitingError, QueueNotOpenError
from queues.models import AtClosing, EventType, Queue, QueueStatus, Source, Ticket, TicketEvent
from queues.services import locks, opening, tickets
from queues.services.counters import counter_create, counter_open
from queues.tests.test_counters import in_turn
from queues.tests.test_day import set_up, wall
from tests.races.at_once import at_once

JOINERS, COUNTERS, EACH = 4, 4, 20
LAST_MINUTE, CLOSING = "23 16:59", "23 17:00"


@pytest.fixture
def house(transactional_db: None) -> House:
    """A house with four open counters for its queue."""
    house = build_house("busy")
    with scope(provider=house.provider):
        for number in range(COUNTERS - 2):
            counter = counter_create(
                actor=house.actor,
                location=house.location,
                name=f"desk {number}",
                queues=[house.queue],
            )
            counter_open(actor=house.actor, counter_id=counter.pk)
    return house


def join_often(house: House, in_line: threading.Semaphore) -> int:
    """Joins with one priority after the other; each that is committed is a permit to call."""
    with scope(provider=house.provider):
        for number in range(EACH):
            tickets.ticket_join(
                actor=house.actor,
                queue_id=house.queue.pk,
                source=Source.STAFF,
                priority=number % 3,
            )
            in_line.release()
    return 0


def call_often(house: House, counter_id: int, in_line: threading.Semaphore) -> int:
    """Calls as soon as somebody must be there; how often "nobody" was the answer all the same."""
    false_empties = 0
    with scope(provider=house.provider):
        for _ in range(JOINERS * EACH // COUNTERS):
            assert in_line.acquire(timeout=20)
            try:
                ticket = tickets.ticket_call_next(actor=house.actor, counter_id=counter_id)
            except NobodyWaitingError:
                false_empties += 1
                continue
            tickets.ticket_mark_no_show(actor=house.actor, ticket_id=ticket.pk)
    return false_empties


def join_and_call(house: House) -> int:
    """Joins and calls at the same time; the number of false answers."""
    in_line = threading.Semaphore(0)
    with scope(provider=house.provider):
        counters = list(house.queue.counters.values_list("pk", flat=True))
    jobs = [partial(join_often, house, in_line)] * JOINERS
    return sum(at_once([*jobs, *(partial(call_often, house, pk, in_line) for pk in counters)]))


def passed_over(house: House) -> list[int]:
    """By the events alone: the tickets that were called though another was first in line."""
    line: dict[int, object] = {}
    found = []
    with scope(provider=house.provider):
        keys = dict(Ticket.objects.values_list("pk", "order_key"))
        for ticket, kind in TicketEvent.objects.order_by("sequence").values_list("ticket", "type"):
            if kind == EventType.ISSUED:
                line[ticket] = (keys[ticket], ticket)
            elif kind == EventType.CALLED:
                if min(line, key=line.__getitem__) != ticket:  # type: ignore[arg-type]
                    found.append(ticket)
                del line[ticket]
    return found


def test_whoever_joined_is_called_and_nobody_is_passed_over(house: House) -> None:
    assert join_and_call(house) == 0
    assert passed_over(house) == []
    with scope(provider=house.provider):
        assert not Ticket.objects.filter(state="waiting").exists()


def test_a_line_that_is_not_waited_for_would_look_empty(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    skipping = locks.LOCK_QUEUES.replace("FOR NO KEY UPDATE", "FOR NO KEY UPDATE SKIP LOCKED")
    monkeypatch.setattr(locks, "LOCK_QUEUES", skipping)
    assert join_and_call(house) > 0


def test_a_line_that_is_not_locked_would_break(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = locks.LOCK_QUEUES.replace("FOR NO KEY UPDATE", "")
    monkeypatch.setattr(locks, "LOCK_QUEUES", unlocked)
    with pytest.raises((IntegrityError, OperationalError, AssertionError)):
        test_whoever_joined_is_called_and_nobody_is_passed_over(house)


@pytest.fixture
def office(house: House) -> House:
    """The house with hours until 17:00, when who still waits is sent home."""
    with scope(provider=house.provider), wall("23 09:00"):
        closing = {"closing_window": timedelta(), "at_closing": AtClosing.EXPIRE}
        set_up(house, **closing)
    return house


def join_at_the_last_minute(house: House) -> object:
    with scope(provider=house.provider), wall(LAST_MINUTE):
        try:
            return tickets.ticket_join(
                actor=house.actor, queue_id=house.queue.pk, source=Source.STAFF
            )
        except QueueNotOpenError as error:
            return error


def close(house: House) -> object:
    with scope(provider=house.provider), wall(CLOSING):
        return opening.queue_follow_hours(actor=house.actor, queue_id=house.queue.pk)


def forgotten(house: House) -> int:
    """How many wait in a queue that is closed."""
    with scope(provider=house.provider):
        assert Queue.objects.get(pk=house.queue.pk).status == QueueStatus.CLOSED
        return Ticket.objects.filter(queue=house.queue, state="waiting").count()


def test_nobody_waits_in_a_queue_that_closed_as_they_joined(office: House) -> None:
    at_once([*[partial(join_at_the_last_minute, office)] * 7, partial(close, office)])
    assert forgotten(office) == 0


def test_whoever_comes_as_it_closes_is_told_so(office: House) -> None:
    _, answer = in_turn(office, partial(close, office), partial(join_at_the_last_minute, office))
    assert isinstance(answer, QueueNotOpenError)


def test_without_the_lock_they_would_be_forgotten(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = locks.LOCK_QUEUE_TO_JOIN.replace("FOR NO KEY UPDATE OF queue", "")
    monkeypatch.setattr(locks, "LOCK_QUEUE_TO_JOIN", unlocked)
    with pytest.raises(IntegrityError, match="event_sequence_is_unique"):
        in_turn(office, partial(close, office), partial(join_at_the_last_minute, office))
