"""Asking for more time (docs/adr/0010)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scopes_disabled

from conftest import House
from queues.errors import IllegalTransitionError, QueueFullError
from queues.models import EventType, Ticket, TicketEvent, TicketState
from queues.selectors import aside_of, position
from queues.services import tickets
from queues.services.due import deferrals_end
from queues.services.queues import queue_update
from queues.services.undo import ticket_undo
from queues.snapshot import build_snapshot
from queues.tests.test_join import join
from queues.tests.test_life import assert_rebuilt, bring_to
from queues.tokens import token_for
from waitlessq import clock

JSON = "application/json"
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


@contextmanager
def at(minutes: float) -> Iterator[None]:
    with clock.override(NOON + timedelta(minutes=minutes)):
        yield


def postpone(house: House, ticket: Ticket, minutes: int = 10) -> Ticket:
    return tickets.ticket_postpone(actor=house.actor, ticket_id=ticket.pk, minutes=minutes)


def state_of(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).state


def relay() -> None:
    with scopes_disabled():
        deferrals_end()


def test_who_asks_for_more_time_is_passed_over_and_comes_back_to_the_same_place(
    in_house: House,
) -> None:
    with at(0):
        first, second, third = [join(in_house) for _ in range(3)]
        postponed = postpone(in_house, first)
        assert (postponed.state, position(postponed)) == (TicketState.DEFERRED, None)
        assert build_snapshot(in_house.queue.pk)["waiting"] == [second.code, third.code]
        who: dict[str, Any] = {"actor": in_house.actor, "counter_id": in_house.counter.pk}
        assert tickets.ticket_call_next(**who) == second
    with at(9.9):
        relay()
        assert state_of(first) == TicketState.DEFERRED
    with at(10):
        relay()
        assert build_snapshot(in_house.queue.pk)["waiting"] == [first.code, third.code]
    returned = TicketEvent.objects.filter(ticket=first).order_by("-id")[0]
    assert (returned.type, returned.actor) == (EventType.RETURNED, "system")
    assert_rebuilt(first)


def test_who_is_called_may_ask_for_more_time_and_frees_the_counter(in_house: House) -> None:
    called = bring_to(in_house, TicketState.CALLED)
    following = join(in_house)
    assert postpone(in_house, called, 5).state == TicketState.DEFERRED
    who: dict[str, Any] = {"actor": in_house.actor, "counter_id": in_house.counter.pk}
    assert tickets.ticket_call_next(**who) == following


def test_asking_again_counts_from_then(in_house: House) -> None:
    with at(0):
        ticket = postpone(in_house, join(in_house))
    with at(6):
        postpone(in_house, ticket, 5)
    with at(10.5):
        relay()
        assert state_of(ticket) == TicketState.DEFERRED
    with at(11):
        relay()
        assert state_of(ticket) == TicketState.WAITING


def test_what_is_due_is_asked_again_behind_the_lock(in_house: House) -> None:
    ticket = bring_to(in_house, TicketState.DEFERRED)
    who: dict[str, Any] = {"actor": in_house.actor, "ticket_id": ticket.pk}
    assert tickets.ticket_return_due(**who) is None
    tickets.ticket_cancel(**who)
    with clock.override(clock.now() + timedelta(hours=1)):
        assert tickets.ticket_return_due(**who) is None
    assert state_of(ticket) == TicketState.CANCELLED


def test_the_desk_sees_and_calls_them_by_hand_and_can_undo_it(in_house: House) -> None:
    ticket = bring_to(in_house, TicketState.DEFERRED)
    until = Ticket.objects.get(pk=ticket.pk).deferred_until
    assert aside_of(in_house.counter, limit=5) == [ticket]
    called = tickets.ticket_call(
        actor=in_house.actor, ticket_id=ticket.pk, counter_id=in_house.counter.pk
    )
    assert (called.state, called.deferred_until) == (TicketState.CALLED, None)
    undone = ticket_undo(actor=in_house.actor, ticket_id=ticket.pk)
    assert (undone.state, undone.deferred_until) == (TicketState.DEFERRED, until)
    assert_rebuilt(undone)


def test_who_comes_back_has_a_place_in_a_full_queue(in_house: House) -> None:
    queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, capacity=2)
    bring_to(in_house, TicketState.DEFERRED)
    join(in_house)
    with pytest.raises(QueueFullError):
        join(in_house)


def test_only_who_asked_for_time_comes_back_early(in_house: House) -> None:
    ticket = bring_to(in_house, TicketState.DEFERRED)
    who: dict[str, Any] = {"actor": in_house.actor, "ticket_id": ticket.pk}
    assert tickets.ticket_return_early(**who).state == TicketState.WAITING
    with pytest.raises(IllegalTransitionError):
        tickets.ticket_return_early(**who)


def test_the_holder_asks_and_comes_back(in_house: House) -> None:
    held = join(in_house)
    client = Client(headers={"Ticket-Token": token_for(held.pk)})
    path = "/api/v1/public/ticket"
    body = client.post(f"{path}/postpone", {"minutes": 10}, content_type=JSON).json()
    assert (body["state"], body["position"]) == ("deferred", None)
    assert body["deferred_until"] > body["issued_at"]
    back = client.post(f"{path}/return").json()
    assert (back["state"], back["position"], back["deferred_until"]) == ("waiting", 1, None)
    again = client.post(f"{path}/return")
    assert (again.status_code, again.json()["code"]) == (409, "illegal-transition")


def test_pages_without_script_ask_for_time_and_end_it(in_house: House) -> None:
    client = Client()
    client.post(f"/q/clinic/join/{in_house.queue.pk}/", {"key": "1" * 32})
    shown = client.post("/q/clinic/ticket/postpone/", {"key": "2" * 32}, follow=True)
    assert "Back in line at" in shown.content.decode()
    shown = client.post("/q/clinic/ticket/return/", follow=True)
    assert "You are next" in shown.content.decode()


def test_the_desk_shows_who_comes_later(staff: Client, in_house: House) -> None:
    with at(0):
        bring_to(in_house, TicketState.DEFERRED)
    page = staff.get(f"/console/clinic/desk/{in_house.counter.pk}/").content.decode()
    # 12:10 UTC, on the wall of Jerusalem.
    assert "Comes later" in page
    assert ">14:10<" in page


@pytest.mark.parametrize("body", [{}, {"minutes": 0}, {"minutes": 61}, {"minutes": "x"}])
def test_a_time_that_is_none_is_refused(in_house: House, body: dict[str, Any]) -> None:
    client = Client(headers={"Ticket-Token": token_for(join(in_house).pk)})
    response = client.post("/api/v1/public/ticket/postpone", body, content_type=JSON)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "minutes"
