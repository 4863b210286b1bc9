"""Who is called and does not come in time is a no-show by itself, where the queue says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scopes_disabled

from conftest import House, add_member
from providers.actors import Actor
from providers.models import Role
from queues.errors import ChangedSinceError
from queues.models import EventType, Ticket, TicketEvent, TicketState
from queues.services import tickets
from queues.services.due import grace_times_end
from queues.services.queues import queue_update
from queues.services.undo import ticket_undo
from queues.snapshot import build_snapshot
from queues.tests.test_join import join
from queues.tests.test_life import assert_rebuilt
from queues.tokens import token_for
from waitlessq import clock

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
GRACE = timedelta(minutes=2)


@contextmanager
def at(minutes: float) -> Iterator[None]:
    with clock.override(NOON + timedelta(minutes=minutes)):
        yield


def allow(house: House, **policy: Any) -> None:
    policy = {"grace_time": GRACE} | policy
    queue_update(actor=house.actor, queue_id=house.queue.pk, **policy)


def call(house: House) -> Ticket:
    join(house)
    return tickets.ticket_call_next(actor=house.actor, counter_id=house.counter.pk)


def recall(house: House, ticket: Ticket) -> Ticket:
    return tickets.ticket_recall(actor=house.actor, ticket_id=ticket.pk)


def start(house: House, ticket: Ticket) -> Ticket:
    return tickets.ticket_start(actor=house.actor, ticket_id=ticket.pk)


def state_at(minutes: float, ticket: Ticket) -> str:
    with at(minutes), scopes_disabled():
        grace_times_end()
    return Ticket.objects.get(pk=ticket.pk).state


def test_by_itself_nobody_is_missed_unless_the_queue_says_so(in_house: House) -> None:
    with at(0):
        ticket = call(in_house)
    assert ticket.come_by is None
    assert state_at(600, ticket) == TicketState.CALLED


def test_after_the_grace_time_it_is_a_no_show_and_the_counter_is_free(in_house: House) -> None:
    allow(in_house)
    with at(0):
        ticket = call(in_house)
        [shown] = build_snapshot(in_house.queue.pk)["called"]
    assert datetime.fromisoformat(shown["come_by"]) == ticket.come_by == NOON + GRACE
    assert state_at(1.9, ticket) == TicketState.CALLED
    assert state_at(2, ticket) == TicketState.NO_SHOW
    last = TicketEvent.objects.filter(ticket=ticket).order_by("-id")[0]
    assert (last.type, last.actor) == (EventType.NO_SHOW, "system")
    assert_rebuilt(ticket)
    with at(3):
        assert call(in_house).state == TicketState.CALLED


def test_it_runs_from_the_last_call_once_there_were_enough(in_house: House) -> None:
    allow(in_house, call_limit=2)
    with at(0):
        ticket = call(in_house)
    assert state_at(30, ticket) == TicketState.CALLED
    with at(31):
        recall(in_house, ticket)
    assert_rebuilt(ticket)
    assert state_at(32.9, ticket) == TicketState.CALLED
    with at(32.9):
        recall(in_house, ticket)
    assert state_at(33, ticket) == TicketState.CALLED
    assert state_at(34.9, ticket) == TicketState.NO_SHOW


def test_who_came_is_not_missed(in_house: House) -> None:
    allow(in_house)
    with at(0):
        ticket = call(in_house)
    with at(1):
        assert start(in_house, ticket).come_by is None
    assert state_at(5, ticket) == TicketState.SERVING


def test_what_is_due_is_asked_again_behind_the_lock(in_house: House) -> None:
    allow(in_house)
    who: dict[str, Any] = {"actor": in_house.actor}
    with at(0):
        ticket = call(in_house)
        assert tickets.ticket_no_show_due(**who, ticket_id=ticket.pk) is None
        start(in_house, ticket)
    with at(9):
        assert tickets.ticket_no_show_due(**who, ticket_id=ticket.pk) is None


def test_whoever_is_at_the_desk_takes_it_back_and_it_does_not_happen_again(
    in_house: House,
) -> None:
    allow(in_house)
    colleague = Actor.for_member(add_member(in_house.provider, Role.STAFF))
    with at(0):
        ticket = call(in_house)
    assert state_at(2, ticket) == TicketState.NO_SHOW
    with at(2.2):
        with pytest.raises(ChangedSinceError):
            ticket_undo(actor=Actor.customer(in_house.provider), ticket_id=ticket.pk)
        undone = ticket_undo(actor=colleague, ticket_id=ticket.pk)
    assert (undone.state, undone.come_by) == (TicketState.CALLED, None)
    assert_rebuilt(undone)
    assert state_at(60, ticket) == TicketState.CALLED


def test_a_start_taken_back_too_late_misses_nobody(in_house: House) -> None:
    allow(in_house)
    with at(0):
        ticket = call(in_house)
    with at(1.9):
        start(in_house, ticket)
    with at(2.1):
        ticket_undo(actor=in_house.actor, ticket_id=ticket.pk)
    assert state_at(9, ticket) == TicketState.CALLED


def test_the_holder_and_the_desk_see_until_when(staff: Client, in_house: House) -> None:
    allow(in_house)
    with at(0):
        ticket = call(in_house)
    held = Client(headers={"Ticket-Token": token_for(ticket.pk)})
    told = held.get("/api/v1/public/ticket").json()["come_by"]
    assert datetime.fromisoformat(told) == NOON + GRACE
    # 12:02 UTC, on the wall of Jerusalem.
    assert ">14:02:00<" in staff.get(f"/console/clinic/desk/{in_house.counter.pk}/").text
