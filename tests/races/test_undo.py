"""Calls are taken back while others call the next one."""

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError
from django_scopes import scope

from conftest import House, build_house
from queues.errors import CounterBusyError
from queues.models import Ticket, TicketEvent
from queues.models.ticket import AT_COUNTER
from queues.services import locks, tickets
from queues.services.undo import ticket_undo
from queues.tests.test_counters import in_turn
from queues.tests.test_join import join
from queues.tests.test_life import assert_rebuilt
from tests.races.at_once import at_once
from waitlessq.errors import DomainError

STEPS = 25


@pytest.fixture
def race_house(transactional_db: None) -> House:
    """A house with a line."""
    house = build_house("race")
    with scope(provider=house.provider):
        for _ in range(20):
            join(house)
    return house


def work(house: House, counter_id: int, seed: int) -> int:
    """Presses keys of a desk, each after the other, and undoes every third; how often it did."""
    chance = random.Random(seed)
    undone = 0
    who: dict[str, Any] = {"actor": house.actor}
    with scope(provider=house.provider):
        for _ in range(STEPS):
            on_ticket: list[Callable[..., Ticket]] = [
                tickets.ticket_start,
                tickets.ticket_hold,
                tickets.ticket_resume,
                tickets.ticket_return,
                tickets.ticket_complete,
            ]
            mine = Ticket.objects.filter(counter=counter_id).order_by("?").first()
            try:
                if mine is None or chance.random() < 0.4:
                    tickets.ticket_finish_and_call_next(**who, counter_id=counter_id)
                elif chance.random() < 0.5:
                    ticket_undo(**who, ticket_id=mine.pk)
                    undone += 1
                else:
                    chance.choice(on_ticket)(**who, ticket_id=mine.pk)
            except DomainError:
                continue
    return undone


def test_whatever_is_undone_meanwhile_all_stays_whole(
    race_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No trying again: locks in one order let nobody wait for each other.
    monkeypatch.setattr("waitlessq.db.transactions.RETRIES", 0)
    desks = [race_house.counter.pk, race_house.counter.pk, race_house.counter2.pk]
    undone = at_once([partial(work, race_house, pk, seed) for seed, pk in enumerate(desks)])
    assert sum(undone) > 0
    with scope(provider=race_house.provider):
        numbers = TicketEvent.objects.order_by("sequence").values_list("sequence", flat=True)
        assert list(numbers) == list(range(1, len(numbers) + 1))
        for ticket in Ticket.objects.all():
            assert_rebuilt(ticket)
        there = Ticket.objects.filter(state__in=AT_COUNTER)
        assert there.count() == there.values("counter").distinct().count()


def finish_one(house: House) -> int:
    """Somebody was just served at the first counter; the ticket's id."""
    who: dict[str, Any] = {"actor": house.actor}
    with scope(provider=house.provider):
        ticket = tickets.ticket_call_next(**who, counter_id=house.counter.pk)
        tickets.ticket_start(**who, ticket_id=ticket.pk)
        tickets.ticket_complete(**who, ticket_id=ticket.pk)
    return ticket.pk


def refused(job: Callable[[], object]) -> object:
    try:
        return job()
    except (IntegrityError, CounterBusyError) as error:
        return error


def jobs(house: House) -> tuple[Any, Any]:
    ticket_id, who = finish_one(house), {"actor": house.actor}
    return (
        partial(refused, partial(ticket_undo, **who, ticket_id=ticket_id)),
        partial(refused, partial(tickets.ticket_call_next, **who, counter_id=house.counter.pk)),
    )


@pytest.mark.parametrize("order", [1, -1])
def test_a_counter_takes_one_of_the_undone_and_the_next(race_house: House, order: int) -> None:
    first, second = in_turn(race_house, *jobs(race_house)[::order])
    assert isinstance(first, Ticket)
    assert isinstance(second, CounterBusyError)
    assert second.data["ticket"] == first.code


@pytest.mark.parametrize("order", [1, -1])
def test_without_the_counters_lock_only_the_constraint_would_be_left(
    race_house: House, monkeypatch: pytest.MonkeyPatch, order: int
) -> None:
    unlocked = locks.LOCK_COUNTER.replace("FOR NO KEY UPDATE", "")
    monkeypatch.setattr(locks, "LOCK_COUNTER", unlocked)
    _, second = in_turn(race_house, *jobs(race_house)[::order])
    assert isinstance(second, IntegrityError) or second.data["ticket"] == "a ticket"  # type: ignore[attr-defined]


def test_a_call_is_undone_once(race_house: House) -> None:
    with scope(provider=race_house.provider):
        ticket = tickets.ticket_call_next(actor=race_house.actor, counter_id=race_house.counter.pk)

    def undo() -> object:
        with scope(provider=race_house.provider):
            try:
                return ticket_undo(actor=race_house.actor, ticket_id=ticket.pk)
            except DomainError as error:
                return error

    results = at_once([undo] * 4)
    assert [isinstance(result, Ticket) for result in results].count(True) == 1
    with scope(provider=race_house.provider):
        assert_rebuilt(ticket)
        assert TicketEvent.objects.filter(ticket=ticket, type="undone").count() == 1
