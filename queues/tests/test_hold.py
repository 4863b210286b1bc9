"""Hold, resume, return: the counter is free meanwhile, and nobody loses their place."""

import pytest

from conftest import House
from queues.errors import CounterBusyError, CounterClosedError
from queues.models import Ticket, TicketState
from queues.selectors import aside_of, position
from queues.services import tickets
from queues.services.counters import counter_close
from queues.snapshot import build_snapshot
from queues.tests.test_join import join
from queues.tests.test_life import bring_to


def test_a_held_ticket_frees_the_counter_and_goes_on_there(in_house: House) -> None:
    held = bring_to(in_house, TicketState.ON_HOLD)
    other = join(in_house)
    called = tickets.ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    assert called == other
    with pytest.raises(CounterBusyError) as error:
        tickets.ticket_resume(actor=in_house.actor, ticket_id=held.pk)
    assert error.value.data["ticket"] == other.code
    tickets.ticket_mark_no_show(actor=in_house.actor, ticket_id=other.pk)
    resumed = tickets.ticket_resume(actor=in_house.actor, ticket_id=held.pk)
    assert (resumed.state, resumed.counter_id) == (TicketState.SERVING, in_house.counter.pk)
    assert resumed.started_at == held.started_at


def test_nothing_resumes_at_a_closed_counter(in_house: House) -> None:
    held = bring_to(in_house, TicketState.ON_HOLD)
    counter_close(actor=in_house.actor, counter_id=in_house.counter.pk)
    with pytest.raises(CounterClosedError):
        tickets.ticket_resume(actor=in_house.actor, ticket_id=held.pk)
    assert Ticket.objects.get(pk=held.pk).state == TicketState.ON_HOLD


@pytest.mark.parametrize("state", [TicketState.CALLED, TicketState.ON_HOLD])
def test_who_is_put_back_stands_where_they_stood(in_house: House, state: TicketState) -> None:
    ticket = bring_to(in_house, state)
    join(in_house)
    returned = tickets.ticket_return(actor=in_house.actor, ticket_id=ticket.pk)
    assert (returned.state, returned.order_key) == (TicketState.WAITING, ticket.order_key)
    assert position(returned) == 1
    again = tickets.ticket_call_next(actor=in_house.actor, counter_id=in_house.counter2.pk)
    assert (again.pk, again.call_count) == (ticket.pk, 2)


def test_who_is_on_hold_is_ahead_of_nobody_and_on_no_board(in_house: House) -> None:
    held = bring_to(in_house, TicketState.ON_HOLD)
    waiting = join(in_house)
    assert (position(Ticket.objects.get(pk=held.pk)), position(waiting)) == (None, 1)
    document = build_snapshot(in_house.queue.pk)
    assert (document["called"], document["waiting"]) == ([], [waiting.code])


def test_a_desk_lists_who_is_on_hold_in_its_queues(in_house: House, other_house: House) -> None:
    held = bring_to(in_house, TicketState.ON_HOLD)
    bring_to(in_house, TicketState.SERVING)
    assert aside_of(in_house.counter2, limit=10) == [held]
    assert aside_of(in_house.counter2, limit=0) == []
