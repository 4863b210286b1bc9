"""Who moves up to the third place is noticed, once, however often a relay looks."""

from collections.abc import Sequence
from typing import Any

import pytest
from django_scopes import scopes_disabled

from conftest import House
from events.models import OutboxMessage
from queues.models import Ticket
from queues.services.approaching import approaching_notice
from queues.services.queues import queue_create
from queues.services.tickets import (
    ticket_call_next,
    ticket_cancel,
    ticket_mark_no_show,
    ticket_rejoin,
)
from queues.services.transfers import ticket_transfer
from queues.services.undo import ticket_undo
from queues.tests.test_join import join


def look(*houses: House) -> list[int]:
    """Who is noticed now, by number."""
    OutboxMessage.objects.filter(topic="ticket.approaching").delete()
    approaching_notice([house.queue.pk for house in houses])
    noticed = OutboxMessage.objects.filter(topic="ticket.approaching")
    return sorted(noticed.values_list("subject_id", flat=True))


def line(house: House, length: int) -> list[int]:
    tickets = [join(house).pk for _ in range(length)]
    assert look(house) == []
    return tickets


def call(house: House) -> Ticket:
    ticket = ticket_call_next(actor=house.actor, counter_id=house.counter.pk)
    ticket_mark_no_show(actor=house.actor, ticket_id=ticket.pk)
    return ticket


def test_who_moves_up_is_noticed_once(in_house: House) -> None:
    tickets = line(in_house, 6)
    call(in_house)
    assert look(in_house) == [tickets[3]]
    assert look(in_house) == []
    call(in_house)
    ticket_cancel(actor=in_house.actor, ticket_id=tickets[2])
    assert look(in_house) == tickets[4:]


def test_who_moves_up_while_nobody_looks_is_noticed_later(in_house: House) -> None:
    tickets = line(in_house, 9)
    for _ in range(3):
        call(in_house)
    assert look(in_house) == tickets[3:6]


@pytest.mark.parametrize("how", ["rejoins", "is transferred", "was called by mistake"])
def test_who_is_put_there_otherwise_is_not(in_house: House, how: str) -> None:
    tickets = line(in_house, 2)
    if how == "rejoins":
        called = call(in_house)
        assert look(in_house) == []
        ticket_rejoin(actor=in_house.actor, ticket_id=called.pk)
    elif how == "is transferred":
        other = queue_create(
            actor=in_house.actor, location=in_house.location, name="Other", prefix="B"
        )
        elsewhere = join(in_house, queue_id=other.pk)
        ticket_transfer(actor=in_house.actor, ticket_id=elsewhere.pk, queue_id=in_house.queue.pk)
    else:
        ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
        assert look(in_house) == []
        ticket_undo(actor=in_house.actor, ticket_id=tickets[0])
    assert look(in_house) == []


def test_lines_of_all_providers_are_looked_at_with_one_statement(
    in_house: House, other_house: House, django_assert_num_queries: Any
) -> None:
    queues: Sequence[int] = [in_house.queue.pk, other_house.queue.pk]
    with scopes_disabled():
        for house in (in_house, other_house):
            line(house, 2)
    with django_assert_num_queries(1):
        approaching_notice(queues)
