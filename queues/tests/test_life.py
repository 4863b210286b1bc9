"""The life of a ticket: who is called, what leads where, what it leaves behind."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from conftest import House
from events.models import OutboxMessage
from providers.actors import Actor
from queues.errors import (
    CounterBusyError,
    CounterClosedError,
    IllegalTransitionError,
    NobodyWaitingError,
    QueueNotServedError,
)
from queues.models import EventType, Queue, Source, Ticket, TicketEvent, TicketState
from queues.services import tickets
from queues.services.counters import counter_close, counter_create, counter_open
from queues.services.locks import lock_ticket
from queues.services.opening import ticket_end_day
from queues.services.queues import queue_create
from queues.services.transfers import ticket_transfer
from queues.tests.rebuilding import rebuild
from queues.tests.test_join import join
from queues.transitions import TRANSITIONS
from waitlessq import clock
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import NotFoundError


def ending(event: EventType) -> Callable[..., Ticket]:
    """What happens to a ticket at the end of a day, as a service."""

    @in_transaction
    def service(*, actor: Actor, ticket_id: int) -> Ticket:
        ticket = lock_ticket(actor, ticket_id)
        now = clock.now()
        until = now + timedelta(hours=12) if event == EventType.CARRIED_OVER else None
        ticket_end_day(ticket, event, actor=actor, at=now, until=until)
        return ticket

    return service


SERVICES: dict[EventType, Callable[..., Ticket]] = {
    EventType.CALLED: tickets.ticket_call,
    EventType.RECALLED: tickets.ticket_recall,
    EventType.STARTED: tickets.ticket_start,
    EventType.HELD: tickets.ticket_hold,
    EventType.RESUMED: tickets.ticket_resume,
    EventType.RETURNED: tickets.ticket_return,
    EventType.COMPLETED: tickets.ticket_complete,
    EventType.NO_SHOW: tickets.ticket_mark_no_show,
    EventType.REJOINED: tickets.ticket_rejoin,
    EventType.DEFERRED: tickets.ticket_defer,
    EventType.POSTPONED: tickets.ticket_postpone,
    EventType.TRANSFERRED: ticket_transfer,
    EventType.CANCELLED: tickets.ticket_cancel,
    EventType.CARRIED_OVER: ending(EventType.CARRIED_OVER),
    EventType.EXPIRED: ending(EventType.EXPIRED),
}
# How a ticket comes into each state.
PATHS: dict[TicketState, list[EventType]] = {
    TicketState.WAITING: [],
    TicketState.CALLED: [EventType.CALLED],
    TicketState.SERVING: [EventType.CALLED, EventType.STARTED],
    TicketState.DEFERRED: [EventType.POSTPONED],
    TicketState.ON_HOLD: [EventType.CALLED, EventType.STARTED, EventType.HELD],
    TicketState.COMPLETED: [EventType.CALLED, EventType.STARTED, EventType.COMPLETED],
    TicketState.NO_SHOW: [EventType.CALLED, EventType.NO_SHOW],
    TicketState.CANCELLED: [EventType.CANCELLED],
    TicketState.EXPIRED: [EventType.EXPIRED],
}


def other_queue(house: House) -> Queue:
    return queue_create(actor=house.actor, location=house.location, name="Second", prefix="B")


def do(house: House, ticket: Ticket, event: EventType) -> Ticket:
    more: dict[str, int] = {}
    if event == EventType.CALLED:
        more = {"counter_id": house.counter.pk}
    elif event == EventType.DEFERRED:
        join(house)
        more = {"people": 1}
    elif event == EventType.POSTPONED:
        more = {"minutes": 10}
    elif event == EventType.TRANSFERRED:
        more = {"queue_id": other_queue(house).pk}
    return SERVICES[event](actor=house.actor, ticket_id=ticket.pk, **more)


def bring_to(house: House, state: TicketState) -> Ticket:
    ticket = join(house)
    for event in PATHS[state]:
        ticket = do(house, ticket, event)
    return ticket


@pytest.mark.parametrize("state", TicketState)
@pytest.mark.parametrize("event", TRANSITIONS)
def test_each_event_leads_only_where_the_table_says(
    in_house: House, state: TicketState, event: EventType
) -> None:
    ticket = bring_to(in_house, state)
    # A call needs a free counter; the table is about the ticket.
    if event == EventType.CALLED and state in {TicketState.CALLED, TicketState.SERVING}:
        with pytest.raises(CounterBusyError):
            do(in_house, ticket, event)
    elif state in TRANSITIONS[event]:
        assert do(in_house, ticket, event).state == TRANSITIONS[event][state]
    else:
        with pytest.raises(IllegalTransitionError) as error:
            do(in_house, ticket, event)
        assert error.value.data["state"] == state
        assert Ticket.objects.get(pk=ticket.pk).state == state


def test_an_illegal_transition_says_what_is_possible(in_house: House) -> None:
    ticket = bring_to(in_house, TicketState.SERVING)
    with pytest.raises(IllegalTransitionError) as error:
        do(in_house, ticket, EventType.STARTED)
    assert error.value.data["possible"] == ["cancelled", "completed", "held", "transferred"]


def test_call_next_takes_the_first_of_all_queues_the_counter_serves(in_house: House) -> None:
    second_queue = queue_create(
        actor=in_house.actor, location=in_house.location, name="Second", prefix="B"
    )
    counter = counter_create(
        actor=in_house.actor,
        location=in_house.location,
        name="3",
        queues=[in_house.queue, second_queue],
    )
    counter_open(actor=in_house.actor, counter_id=counter.pk)
    join(in_house, queue_id=second_queue.pk)
    join(in_house)
    called = tickets.ticket_call_next(actor=in_house.actor, counter_id=counter.pk)
    assert (called.code, called.state, called.call_count) == ("B001", "called", 1)
    # The first counter serves only the first queue.
    other = tickets.ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    assert other.code == "A001"


@pytest.mark.parametrize("state", [TicketState.CALLED, TicketState.SERVING])
def test_one_key_finishes_the_current_and_calls_the_next(
    in_house: House, state: TicketState
) -> None:
    current = bring_to(in_house, state)
    join(in_house)
    who: dict[str, Any] = {"actor": in_house.actor, "counter_id": in_house.counter.pk}
    finished, called = tickets.ticket_finish_and_call_next(**who)
    assert called is not None
    assert finished == current
    assert (called.code, called.state) == ("A002", TicketState.CALLED)
    current.refresh_from_db()
    assert current.state == TicketState.COMPLETED
    assert current.started_at is not None
    assert tickets.ticket_finish_and_call_next(**who) == (called, None)
    assert tickets.ticket_finish_and_call_next(**who) == (None, None)
    sequences = TicketEvent.objects.order_by("sequence").values_list("sequence", flat=True)
    assert list(sequences) == list(range(1, len(sequences) + 1))


def test_nobody_waiting_is_said(in_house: House) -> None:
    with pytest.raises(NobodyWaitingError):
        tickets.ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)


def test_a_counter_has_one_ticket_at_a_time(in_house: House) -> None:
    first, second = join(in_house), join(in_house)
    do(in_house, first, EventType.CALLED)
    with pytest.raises(CounterBusyError) as error:
        tickets.ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    assert error.value.data["ticket"] == first.code
    assert Ticket.objects.get(pk=second.pk).state == TicketState.WAITING


def test_a_closed_counter_calls_nobody_and_a_busy_one_does_not_close(in_house: House) -> None:
    ticket = join(in_house)
    do(in_house, ticket, EventType.CALLED)
    with pytest.raises(CounterBusyError):
        counter_close(actor=in_house.actor, counter_id=in_house.counter.pk)
    do(in_house, ticket, EventType.NO_SHOW)
    counter_close(actor=in_house.actor, counter_id=in_house.counter.pk)
    with pytest.raises(CounterClosedError):
        tickets.ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)


def test_a_counter_calls_only_for_queues_it_serves(in_house: House) -> None:
    counter = counter_create(actor=in_house.actor, location=in_house.location, name="3")
    counter_open(actor=in_house.actor, counter_id=counter.pk)
    ticket = join(in_house)
    with pytest.raises(QueueNotServedError):
        tickets.ticket_call(actor=in_house.actor, ticket_id=ticket.pk, counter_id=counter.pk)


def test_another_providers_ticket_and_counter_do_not_exist(
    in_house: House, other_house: House
) -> None:
    ticket = join(in_house)
    with pytest.raises(NotFoundError):
        tickets.ticket_cancel(actor=other_house.actor, ticket_id=ticket.pk)
    with pytest.raises(NotFoundError):
        tickets.ticket_call_next(actor=other_house.actor, counter_id=in_house.counter.pk)


def test_every_change_is_one_event_one_message_and_the_next_sequence_number(
    in_house: House,
) -> None:
    OutboxMessage.objects.all().delete()
    before = TicketEvent.objects.count()
    bring_to(in_house, TicketState.COMPLETED)
    sequences = list(TicketEvent.objects.order_by("sequence").values_list("sequence", flat=True))
    assert len(sequences) == before + 4
    assert all(later == earlier + 1 for earlier, later in pairwise(sequences))
    told = [m.payload["sequence"] for m in OutboxMessage.objects.order_by("id")]
    assert told == sequences[before:]


def test_an_error_leaves_nothing_behind(in_house: House) -> None:
    ticket = bring_to(in_house, TicketState.COMPLETED)
    in_house.queue.refresh_from_db()
    sequence = in_house.queue.sequence
    messages = OutboxMessage.objects.count()
    with pytest.raises(IllegalTransitionError):
        do(in_house, ticket, EventType.CANCELLED)
    in_house.queue.refresh_from_db()
    assert in_house.queue.sequence == sequence
    assert OutboxMessage.objects.count() == messages


def test_events_are_never_changed(in_house: House) -> None:
    join(in_house)
    with pytest.raises(DatabaseError, match="appended, never changed"), transaction.atomic():
        TicketEvent.objects.update(actor="somebody else")


@pytest.mark.parametrize("state", TicketState)
def test_a_ticket_can_be_rebuilt_from_its_events(in_house: House, state: TicketState) -> None:
    assert_rebuilt(bring_to(in_house, state))


def assert_rebuilt(row: Ticket) -> None:
    """That the events of a ticket tell all that is stored of it."""
    ticket = Ticket.objects.get(pk=row.pk)
    assert rebuild(TicketEvent.objects.filter(ticket=ticket)) == {
        "queue": ticket.queue_id,
        "issued_by": ticket.issued_by_id,
        "code": ticket.code,
        "number": ticket.number,
        "business_date": ticket.business_date.isoformat(),
        "service": ticket.service_id,
        "people": ticket.people,
        "priority": ticket.priority,
        "order_key": ticket.order_key.isoformat(),
        "source": Source(ticket.source),
        "reference": ticket.reference,
        "state": ticket.state,
        "counter": ticket.counter_id,
        "call_count": ticket.call_count,
        "issued_at": ticket.issued_at,
        "called_at": ticket.called_at,
        "started_at": ticket.started_at,
        "ended_at": ticket.ended_at,
        "come_by": ticket.come_by,
        "deferred_until": ticket.deferred_until,
    }
