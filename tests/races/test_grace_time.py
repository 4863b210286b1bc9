"""The grace time ends at the very moment at which somebody presses a key."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError
from django_scopes import scope

from conftest import House, build_house
from queues.errors import IllegalTransitionError
from queues.models import Ticket, TicketEvent, TicketState
from queues.services import locks, tickets
from queues.services.queues import queue_update
from queues.tests.test_counters import in_turn
from queues.tests.test_join import join
from tests.races.at_once import at_once
from waitlessq import clock
from waitlessq.errors import DomainError

ROUNDS = 8


@pytest.fixture
def house(transactional_db: None) -> House:
    """A house whose queue misses people by itself after a minute."""
    house = build_house("race")
    with scope(provider=house.provider):
        grace_time = timedelta(minutes=1)
        queue_update(actor=house.actor, queue_id=house.queue.pk, grace_time=grace_time)
    return house


def call_one(house: House) -> int:
    with scope(provider=house.provider):
        join(house)
        who: dict[str, Any] = {"actor": house.actor, "counter_id": house.counter.pk}
        return tickets.ticket_call_next(**who).pk


def later(house: House, service: Any, ticket_id: int) -> object:
    with scope(provider=house.provider), clock.override(clock.now() + timedelta(minutes=2)):
        try:
            return service(actor=house.actor, ticket_id=ticket_id)
        except DomainError as error:
            return error


def test_it_is_a_no_show_or_is_served_and_never_both(house: House) -> None:
    for _ in range(ROUNDS):
        ticket_id = call_one(house)
        both = (tickets.ticket_start, tickets.ticket_no_show_due)
        at_once([partial(later, house, service, ticket_id) for service in both])
        with scope(provider=house.provider):
            ticket = Ticket.objects.get(pk=ticket_id)
            types = list(
                TicketEvent.objects.filter(ticket=ticket)
                .order_by("id")
                .values_list("type", flat=True)
            )
            if ticket.state == TicketState.SERVING:
                assert types == ["issued", "called", "started"]
                tickets.ticket_complete(actor=house.actor, ticket_id=ticket_id)
            else:
                assert types == ["issued", "called", "no_show"]


def test_whoever_waited_for_the_lock_sees_what_the_other_did(house: House) -> None:
    ticket_id = call_one(house)
    both = (tickets.ticket_start, tickets.ticket_mark_no_show)
    _, refused = in_turn(house, *(partial(later, house, service, ticket_id) for service in both))
    assert isinstance(refused, IllegalTransitionError)


def test_without_the_lock_only_the_constraint_would_be_left(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOCK_TICKET", "LOCK_TICKET_IF_FREE"):
        text = getattr(locks, name).replace("FOR NO KEY UPDATE OF queue, ticket", "")
        monkeypatch.setattr(locks, name, text.replace("SKIP LOCKED", ""))
    ticket_id = call_one(house)
    both = (tickets.ticket_start, tickets.ticket_no_show_due)
    jobs = (partial(later, house, service, ticket_id) for service in both)
    with pytest.raises(IntegrityError, match="event_sequence_is_unique"):
        in_turn(house, *jobs)


def test_a_ticket_that_was_read_before_the_lock_would_be_both(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        locks, "LOCK_TICKET", locks.LOCK_TICKET.replace("OF queue, ticket", "OF queue")
    )
    ticket_id = call_one(house)
    both = (tickets.ticket_start, tickets.ticket_mark_no_show)
    results = in_turn(house, *(partial(later, house, service, ticket_id) for service in both))
    assert not any(isinstance(result, DomainError) for result in results)
