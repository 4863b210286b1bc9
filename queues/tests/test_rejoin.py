"""Waiting again after a missed call, inside the queue's window."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from conftest import House
from queues.errors import QueueNotOpenError, RejoinTooLateError
from queues.models import QueueStatus, Ticket, TicketState
from queues.selectors import aside_of, position
from queues.services import tickets
from queues.services.queues import queue_update
from queues.tests.test_join import join
from queues.tests.test_life import bring_to
from queues.tokens import token_for
from waitlessq import clock

WINDOW = timedelta(minutes=15)
MOMENT = timedelta(seconds=1)


def rejoin(house: House, ticket: Ticket) -> Ticket:
    return tickets.ticket_rejoin(actor=house.actor, ticket_id=ticket.pk)


def ended_at(ticket: Ticket) -> Any:
    assert ticket.ended_at is not None
    return ticket.ended_at


def test_who_missed_the_call_stands_where_they_stood(in_house: House) -> None:
    missed = bring_to(in_house, TicketState.NO_SHOW)
    waiting = join(in_house)
    assert (position(missed), position(waiting)) == (None, 1)
    back = rejoin(in_house, missed)
    assert (back.state, back.ended_at, back.order_key) == ("waiting", None, missed.order_key)
    assert (position(back), position(waiting)) == (1, 2)


@pytest.mark.parametrize(("after", "may"), [(WINDOW, True), (WINDOW + MOMENT, False)])
def test_the_window_ends(in_house: House, after: timedelta, may: bool) -> None:
    missed = bring_to(in_house, TicketState.NO_SHOW)
    with clock.override(ended_at(missed) + after):
        if may:
            assert rejoin(in_house, missed).state == TicketState.WAITING
        else:
            with pytest.raises(RejoinTooLateError):
                rejoin(in_house, missed)


def test_a_queue_may_have_no_window(in_house: House) -> None:
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, rejoin_window=timedelta())
    missed = bring_to(in_house, TicketState.NO_SHOW)
    with clock.override(ended_at(missed)), pytest.raises(RejoinTooLateError):
        rejoin(in_house, missed)


def test_a_closed_queue_takes_nobody_back(in_house: House) -> None:
    missed = bring_to(in_house, TicketState.NO_SHOW)
    who: dict[str, Any] = {"actor": in_house.actor, "queue_id": in_house.queue.pk}
    queue_update(**who, status=QueueStatus.CLOSED)
    with pytest.raises(QueueNotOpenError):
        rejoin(in_house, missed)
    queue_update(**who, status=QueueStatus.CLOSING)
    assert rejoin(in_house, missed).state == TicketState.WAITING


def test_the_holder_is_told_until_when_and_does_it(in_house: House) -> None:
    missed = bring_to(in_house, TicketState.NO_SHOW)
    client = Client(headers={"Ticket-Token": token_for(missed.pk)})
    until = client.get("/api/v1/public/ticket").json()["rejoin_until"]
    assert clock.now() < missed.rejoin_until  # type: ignore[operator]
    assert until[:19] == missed.rejoin_until.isoformat()[:19]  # type: ignore[union-attr]
    body = client.post("/api/v1/public/ticket/rejoin").json()
    assert (body["state"], body["position"], body["rejoin_until"]) == ("waiting", 1, None)
    again = client.post("/api/v1/public/ticket/rejoin")
    assert (again.status_code, again.json()["code"]) == (409, "illegal-transition")


def test_a_desk_lists_who_may_come_back(in_house: House) -> None:
    missed = bring_to(in_house, TicketState.NO_SHOW)
    assert aside_of(in_house.counter, limit=10) == [missed]
    with clock.override(ended_at(missed) + WINDOW):
        assert aside_of(in_house.counter, limit=10) == []
