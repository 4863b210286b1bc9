"""Taking back what was just done."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from conftest import House, add_member
from events.models import OutboxMessage
from providers.actors import Actor
from providers.models import Role
from queues.errors import (
    ChangedSinceError,
    CounterBusyError,
    CounterClosedError,
    NothingToUndoError,
    UndoTooLateError,
)
from queues.models import EventType, Ticket, TicketEvent, TicketState
from queues.services import tickets
from queues.services.counters import counter_close
from queues.services.undo import UNDO_FOR, UNDOABLE, ticket_undo
from queues.snapshot import build_snapshot
from queues.tests.test_join import join
from queues.tests.test_life import assert_rebuilt, bring_to, do, other_queue
from queues.tokens import token_for
from queues.transitions import TRANSITIONS
from waitlessq import clock
from waitlessq.errors import NotFoundError

STEPS = [
    (event, state) for event, table in TRANSITIONS.items() for state in table if event in UNDOABLE
]
OWN_FIELDS = [field.attname for field in Ticket._meta.concrete_fields]


def undo(house: House, ticket: Ticket, actor: Actor | None = None) -> Ticket:
    return ticket_undo(actor=actor or house.actor, ticket_id=ticket.pk)


def stored(ticket: Ticket) -> dict[str, Any]:
    row = Ticket.objects.get(pk=ticket.pk)
    return {name: getattr(row, name) for name in OWN_FIELDS}


def assert_no_gaps(house: House) -> None:
    for queue in house.location.queues.all():
        events = TicketEvent.objects.filter(queue=queue).order_by("sequence")
        assert list(events.values_list("sequence", flat=True)) == list(range(1, queue.sequence + 1))


@pytest.mark.parametrize(("event", "state"), STEPS)
def test_every_change_is_taken_back_whole(
    in_house: House, event: EventType, state: TicketState
) -> None:
    ticket = bring_to(in_house, state)
    before = stored(ticket)
    do(in_house, ticket, event)
    undone = undo(in_house, ticket)
    assert stored(undone) == before
    assert_rebuilt(undone)
    assert_no_gaps(in_house)
    last = TicketEvent.objects.filter(ticket=ticket).order_by("-id")[0]
    assert (last.type, last.data["undoes"]) == (EventType.UNDONE, event)


def test_who_was_called_by_mistake_keeps_the_place(in_house: House) -> None:
    ticket = join(in_house)
    join(in_house)
    do(in_house, ticket, EventType.CALLED)
    OutboxMessage.objects.all().delete()
    undo(in_house, ticket)
    assert build_snapshot(in_house.queue.pk)["waiting"] == ["A001", "A002"]
    told = OutboxMessage.objects.get().payload
    assert (told["ticket"], told["event"], told["undoes"]) == (ticket.pk, "undone", "called")
    # And is called as if nothing had been.
    again = do(in_house, ticket, EventType.CALLED)
    assert again.call_count == 1
    assert stored(undo(in_house, again))["call_count"] == 0


@pytest.mark.parametrize("state", [TicketState.CALLED, TicketState.SERVING])
def test_one_press_that_did_two_things_is_taken_back_whole(
    in_house: House, state: TicketState
) -> None:
    current, following = bring_to(in_house, state), join(in_house)
    before = stored(current), stored(following)
    who: dict[str, Any] = {"actor": in_house.actor, "counter_id": in_house.counter.pk}
    tickets.ticket_finish_and_call_next(**who)
    undo(in_house, following)
    assert (stored(current), stored(following)) == before
    for ticket in (current, following):
        assert_rebuilt(ticket)
    assert_no_gaps(in_house)


@pytest.mark.parametrize("state", [TicketState.CALLED, TicketState.SERVING])
def test_the_last_of_the_line_is_at_the_counter_again(in_house: House, state: TicketState) -> None:
    current = bring_to(in_house, state)
    before = stored(current)
    who: dict[str, Any] = {"actor": in_house.actor, "counter_id": in_house.counter.pk}
    tickets.ticket_finish_and_call_next(**who)
    undo(in_house, current)
    assert stored(current) == before


def test_tickets_of_two_queues_are_taken_back_together(in_house: House) -> None:
    second = other_queue(in_house)
    in_house.counter.queues.add(second)
    current = bring_to(in_house, TicketState.SERVING)
    following = join(in_house, queue_id=second.pk)
    who: dict[str, Any] = {"actor": in_house.actor, "counter_id": in_house.counter.pk}
    tickets.ticket_finish_and_call_next(**who)
    undo(in_house, following)
    assert stored(current)["state"] == TicketState.SERVING
    assert_no_gaps(in_house)


def test_a_counter_that_has_somebody_else_takes_nobody_back(in_house: House) -> None:
    done = bring_to(in_house, TicketState.COMPLETED)
    join(in_house)
    tickets.ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
    with pytest.raises(CounterBusyError):
        undo(in_house, done)
    assert stored(done)["state"] == TicketState.COMPLETED


def test_a_closed_counter_takes_nobody_back(in_house: House) -> None:
    missed = bring_to(in_house, TicketState.NO_SHOW)
    counter_close(actor=in_house.actor, counter_id=in_house.counter.pk)
    with pytest.raises(CounterClosedError):
        undo(in_house, missed)


def test_it_is_possible_for_half_a_minute(in_house: House) -> None:
    ticket = bring_to(in_house, TicketState.CALLED)
    assert ticket.called_at is not None
    late = clock.override(ticket.called_at + UNDO_FOR + timedelta(seconds=1))
    with late, pytest.raises(UndoTooLateError):
        undo(in_house, ticket)
    with clock.override(ticket.called_at + UNDO_FOR):
        assert undo(in_house, ticket).state == TicketState.WAITING


def test_what_somebody_else_did_since_is_not_taken_back(in_house: House) -> None:
    colleague = Actor.for_member(add_member(in_house.provider, Role.STAFF))
    ticket = bring_to(in_house, TicketState.CALLED)
    tickets.ticket_start(actor=colleague, ticket_id=ticket.pk)
    with pytest.raises(ChangedSinceError):
        undo(in_house, ticket)
    assert undo(in_house, ticket, colleague).state == TicketState.CALLED
    with pytest.raises(ChangedSinceError):
        undo(in_house, ticket)


def test_joining_and_calling_again_are_not_undone_and_nothing_twice(in_house: House) -> None:
    ticket = join(in_house)
    with pytest.raises(NothingToUndoError):
        undo(in_house, ticket)
    do(in_house, ticket, EventType.CALLED)
    do(in_house, ticket, EventType.RECALLED)
    with pytest.raises(NothingToUndoError):
        undo(in_house, ticket)
    do(in_house, ticket, EventType.STARTED)
    undo(in_house, ticket)
    with pytest.raises(NothingToUndoError):
        undo(in_house, ticket)


def test_another_providers_ticket_does_not_exist(in_house: House, other_house: House) -> None:
    ticket = bring_to(in_house, TicketState.CALLED)
    with pytest.raises(NotFoundError):
        undo(in_house, ticket, other_house.actor)


def test_the_api_undoes_and_says_why_not(staff: Client, in_house: House) -> None:
    path = f"/api/v1/providers/clinic/tickets/{join(in_house).pk}"
    staff.post(f"{path}/cancel")
    assert staff.post(f"{path}/undo").json()["state"] == "waiting"
    again = staff.post(f"{path}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "nothing-to-undo")
    do(in_house, Ticket.objects.get(), EventType.CALLED)
    since = staff.post(f"{path}/undo")
    assert (since.status_code, since.json()["code"]) == (409, "changed-since")


def test_who_was_called_by_mistake_is_told_until_something_else_happens(in_house: House) -> None:
    ticket, _ = join(in_house), join(in_house)
    client = Client(headers={"Ticket-Token": token_for(ticket.pk)})

    def told() -> tuple[bool, list[str], bool]:
        held = client.get("/api/v1/public/ticket").json()
        page = browser.get("/q/clinic/ticket/").text
        listed = build_snapshot(in_house.queue.pk)["called_by_mistake"]
        return held["called_by_mistake"], listed, "was called by mistake" in page

    browser = Client()
    browser.cookies["ticket"] = token_for(ticket.pk)
    assert told() == (False, [], False)
    do(in_house, ticket, EventType.CALLED)
    undo(in_house, ticket)
    assert told() == (True, ["A001"], True)
    tickets.ticket_defer(actor=in_house.actor, ticket_id=ticket.pk, people=1)
    assert told() == (False, [], False)


def test_who_is_sent_back_on_purpose_was_not_called_by_mistake(in_house: House) -> None:
    do(in_house, bring_to(in_house, TicketState.CALLED), EventType.RETURNED)
    assert build_snapshot(in_house.queue.pk)["called_by_mistake"] == []
