"""A held ticket comes back to its counter while that counter calls the next one."""

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
from queues.tests.test_counters import in_turn
from queues.tests.test_join import join
from tests.races.at_once import at_once

ROUNDS = 12


@pytest.fixture
def race_house(transactional_db: None) -> House:
    """A house for threads."""
    return build_house("race")


def hold_one(house: House) -> int:
    """Somebody on hold at the first counter, and somebody waiting; the held ticket's id."""
    who: dict[str, Any] = {"actor": house.actor}
    with scope(provider=house.provider):
        ticket = join(house)
        tickets.ticket_call(**who, ticket_id=ticket.pk, counter_id=house.counter.pk)
        tickets.ticket_start(**who, ticket_id=ticket.pk)
        tickets.ticket_hold(**who, ticket_id=ticket.pk)
        join(house)
    return ticket.pk


def scoped(house: House, job: Any) -> object:
    with scope(provider=house.provider):
        try:
            return job()
        except (CounterBusyError, IntegrityError) as error:
            return error


def jobs(house: House, ticket_id: int) -> tuple[Any, Any]:
    return (
        partial(tickets.ticket_resume, actor=house.actor, ticket_id=ticket_id),
        partial(tickets.ticket_call_next, actor=house.actor, counter_id=house.counter.pk),
    )


def test_a_counter_takes_one_of_the_held_and_the_next(race_house: House) -> None:
    for _ in range(ROUNDS):
        resume, call_next = jobs(race_house, hold_one(race_house))
        results = at_once([partial(scoped, race_house, job) for job in (resume, call_next)])
        [refused] = [result for result in results if isinstance(result, Exception)]
        assert isinstance(refused, CounterBusyError)
        with scope(provider=race_house.provider):
            there = Ticket.objects.get(counter=race_house.counter, state__in=AT_COUNTER)
            assert refused.data["ticket"] == there.code
            tickets.ticket_cancel(actor=race_house.actor, ticket_id=there.pk)
            for ticket in Ticket.objects.filter(state__in=["waiting", "on_hold"]):
                tickets.ticket_cancel(actor=race_house.actor, ticket_id=ticket.pk)
    with scope(provider=race_house.provider):
        numbers = TicketEvent.objects.order_by("sequence").values_list("sequence", flat=True)
        assert list(numbers) == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("first", ["resume", "call next"])
def test_without_the_counters_lock_only_the_constraint_would_be_left(
    race_house: House, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    unlocked = locks.LOCK_COUNTER.replace("FOR NO KEY UPDATE", "")
    monkeypatch.setattr(locks, "LOCK_COUNTER", unlocked)
    resume, call_next = jobs(race_house, hold_one(race_house))
    order = (resume, call_next) if first == "resume" else (call_next, resume)
    _, refused = in_turn(race_house, *(partial(scoped, race_house, job) for job in order))
    # The counter was seen free, so nobody can say which ticket is there.
    assert isinstance(refused, IntegrityError) or refused.data["ticket"] == "a ticket"  # type: ignore[attr-defined]
