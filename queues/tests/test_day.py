"""A queue opens, closes and ends its day with its location."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import translation

from conftest import House
from events.models import OutboxMessage
from events.outbox import relay_batch
from providers.hours import Span
from providers.services.locations import location_set_hours
from queues import handlers
from queues.errors import QueueNotOpenError, RemoteJoinOffError
from queues.models import AtClosing, Queue, QueueStatus, Source, Ticket, TicketEvent
from queues.models.ticket import TicketState
from queues.services import opening
from queues.services.due import deferrals_end, queues_turn
from queues.services.queues import queue_create, queue_update
from queues.services.tickets import (
    ticket_call_next,
    ticket_hold,
    ticket_join,
    ticket_rejoin,
    ticket_start,
)
from queues.snapshot import build_snapshot
from queues.tests.rebuilding import rebuild
from waitlessq import clock

ZONE = ZoneInfo("Asia/Jerusalem")
OFFICE = {weekday: [Span(time(8), time(17))] for weekday in range(7)}


@contextmanager
def wall(text: str) -> Iterator[None]:
    """A time in Jerusalem; the 23rd of November is a Monday."""
    local = datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZONE)
    with clock.override(local.astimezone(UTC)):
        yield


@pytest.fixture
def office(in_house: House) -> Iterator[House]:
    """The house with hours from 8 to 17, on a Monday at 9; it speaks English."""
    with wall("23 09:00"):
        set_up(in_house)
    with translation.override("en"):
        yield in_house


def set_up(house: House, **policy: Any) -> None:
    location_set_hours(actor=house.actor, location=house.location, week=OFFICE)
    opening.queue_follow_hours(actor=house.actor, queue_id=house.queue.pk)
    if policy:
        queue_update(actor=house.actor, queue_id=house.queue.pk, **policy)


def policy(house: House, when: str = "23 09:00", **changes: Any) -> None:
    with wall(when):
        queue_update(actor=house.actor, queue_id=house.queue.pk, **changes)


def join(house: House, when: str, source: Source = Source.STAFF) -> Ticket:
    with wall(when):
        return ticket_join(actor=house.actor, queue_id=house.queue.pk, source=source)


def turn_at(when: str) -> None:
    with wall(when):
        queues_turn()


def queue_of(house: House) -> Queue:
    return Queue.objects.get(pk=house.queue.pk)


def state_of(ticket: Ticket) -> str:
    return Ticket.objects.get(pk=ticket.pk).state


def as_events_tell(ticket: Ticket) -> bool:
    """Whether the row is what its events alone say."""
    row = Ticket.objects.get(pk=ticket.pk)
    told = rebuild(TicketEvent.objects.filter(ticket=ticket))
    names = ("state", "deferred_until", "ended_at", "call_count")
    return all(told[name] == getattr(row, name) for name in names)


def test_a_queue_closes_and_opens_with_its_location(office: House) -> None:
    before = queue_of(office)
    turn_at("23 16:59")
    assert queue_of(office).sequence == before.sequence
    OutboxMessage.objects.all().delete()
    turn_at("23 17:00")
    turn_at("23 17:01")
    closed = queue_of(office)
    assert closed.status == QueueStatus.CLOSED
    assert closed.opens_at == datetime(2026, 11, 24, 6, tzinfo=UTC)
    [closing, *counters] = TicketEvent.objects.filter(
        queue=closed, sequence__gt=before.sequence
    ).order_by("sequence")
    assert (closing.actor, closing.data["status"]) == ("system", "closed")
    # Those that somebody left open close with it.
    assert [event.data["is_open"] for event in counters] == [False, False]
    assert OutboxMessage.objects.filter(topic="queue.changed").count() == 3
    turn_at("24 08:00")
    assert queue_of(office).status == QueueStatus.OPEN


def test_after_days_without_a_relay_the_queue_is_as_it_should_be(office: House) -> None:
    forgotten = join(office, "23 16:00")
    turn_at("25 09:00")
    assert queue_of(office).status == QueueStatus.OPEN
    assert state_of(forgotten) == TicketState.EXPIRED
    assert as_events_tell(forgotten)


def test_who_joined_while_no_relay_ran_is_not_taken_for_forgotten(office: House) -> None:
    today = join(office, "25 08:30")
    turn_at("25 09:00")
    assert state_of(today) == TicketState.WAITING


def test_the_rest_is_served_and_then_it_closes(office: House) -> None:
    first, second = join(office, "23 16:50"), join(office, "23 16:51")
    turn_at("23 17:00")
    assert queue_of(office).status == QueueStatus.CLOSING
    with wall("23 17:10"):
        called = ticket_call_next(actor=office.actor, counter_id=office.counter.pk)
        ticket_start(actor=office.actor, ticket_id=called.pk)
    turn_at("23 18:00")
    assert queue_of(office).status == QueueStatus.CLOSED
    # Nobody is sent away from a counter.
    assert (state_of(first), state_of(second)) == (TicketState.SERVING, TicketState.EXPIRED)
    turn_at("24 08:00")
    assert state_of(first) == TicketState.EXPIRED
    assert as_events_tell(first)
    assert as_events_tell(second)


@pytest.mark.parametrize("at_once", [100, 1])
def test_all_who_are_left_expire(
    office: House, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(opening, "TICKETS_AT_ONCE", at_once)
    policy(office, closing_window=timedelta())
    left = [join(office, "23 16:00") for _ in range(3)]
    with wall("23 16:10"):
        held = ticket_call_next(actor=office.actor, counter_id=office.counter.pk)
        ticket_start(actor=office.actor, ticket_id=held.pk)
        ticket_hold(actor=office.actor, ticket_id=held.pk)
        ticket_call_next(actor=office.actor, counter_id=office.counter.pk)
    for _ in range(5):
        turn_at("23 17:00")
    assert {state_of(ticket) for ticket in left} == {TicketState.EXPIRED}
    assert all(map(as_events_tell, left))
    assert queue_of(office).status == QueueStatus.CLOSED
    sequences = TicketEvent.objects.filter(queue=office.queue).order_by("sequence")
    numbers = list(sequences.values_list("sequence", flat=True))
    assert numbers == list(range(1, queue_of(office).sequence + 1))


def test_who_is_left_is_carried_over_and_keeps_number_and_place(office: House) -> None:
    policy(office, closing_window=timedelta(), at_closing=AtClosing.CARRY_OVER)
    called, waiting = join(office, "23 16:00"), join(office, "23 16:01")
    with wall("23 16:10"):
        ticket_call_next(actor=office.actor, counter_id=office.counter.pk)
    for _ in range(3):
        turn_at("23 17:00")
    row = Ticket.objects.get(pk=called.pk)
    assert (row.state, row.deferred_until) == (TicketState.DEFERRED, queue_of(office).opens_at)
    assert as_events_tell(called)
    with wall("24 08:00"):
        deferrals_end()
        queues_turn()
    early = join(office, "24 08:01")
    line = Ticket.objects.filter(queue=office.queue, state=TicketState.WAITING)
    assert list(line.order_by("order_key", "id")) == [called, waiting, early]
    assert [ticket.code for ticket in line.order_by("order_key", "id")] == ["A001", "A002", "A001"]
    turn_at("24 08:05")
    assert line.count() == 3


def test_a_break_ends_no_day(in_house: House) -> None:
    week = {0: [Span(time(8), time(12)), Span(time(13), time(17))]}
    with wall("23 09:00"):
        location_set_hours(actor=in_house.actor, location=in_house.location, week=week)
        queue_update(actor=in_house.actor, queue_id=in_house.queue.pk, closing_window=timedelta())
    waiting = join(in_house, "23 11:00")
    turn_at("23 12:00")
    assert (queue_of(in_house).status, state_of(waiting)) == ("closed", TicketState.WAITING)
    turn_at("23 13:00")
    assert (queue_of(in_house).status, state_of(waiting)) == ("open", TicketState.WAITING)


def test_a_persons_pause_stays_until_the_next_opening(office: House) -> None:
    policy(office, "23 10:00", status=QueueStatus.PAUSED)
    turn_at("23 16:00")
    assert queue_of(office).status == QueueStatus.PAUSED
    turn_at("23 17:00")
    turn_at("24 08:00")
    assert queue_of(office).status == QueueStatus.OPEN


def test_a_queue_that_does_not_follow_stays_as_it_is(office: House) -> None:
    policy(office, follows_hours=False)
    turn_at("23 20:00")
    assert queue_of(office).status == QueueStatus.OPEN
    left = join(office, "23 20:00")
    policy(office, "23 20:00", follows_hours=True)
    turn_at("23 20:00")
    assert (queue_of(office).status, state_of(left)) == ("closed", TicketState.EXPIRED)


def test_new_hours_and_new_queues_are_followed_at_once(
    office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "publish", list)
    with wall("23 12:00"):
        week = {2: [Span(time(8), time(10))]}
        location_set_hours(actor=office.actor, location=office.location, week=week)
        relay_batch()
        assert queue_of(office).status == QueueStatus.CLOSED
        made = queue_create(actor=office.actor, location=office.location, name="Second", prefix="B")
    assert made.status == QueueStatus.CLOSED
    assert made.opens_at == queue_of(office).opens_at == datetime(2026, 11, 25, 6, tzinfo=UTC)


def test_a_closed_queue_says_when_it_opens(office: House) -> None:
    turn_at("23 17:00")
    with pytest.raises(QueueNotOpenError) as refused:
        join(office, "23 19:00")
    assert refused.value.detail == "Walk-in is closed. It opens Tue 08:00."
    assert refused.value.data["opens_at"] == "2026-11-24T06:00:00+00:00"
    with wall("23 19:00"):
        document = build_snapshot(office.queue.pk)
    assert document["opens_at"] == "2026-11-24T08:00:00+02:00"
    assert (document["joins_from"], document["newcomer"]) == (None, None)
    with wall("25 19:00"):
        # Nobody said so in time.
        assert build_snapshot(office.queue.pk)["opens_at"] is None


def test_one_can_join_so_early_before_it_opens(office: House) -> None:
    policy(office, early_join=timedelta(minutes=30))
    turn_at("23 17:00")
    with pytest.raises(QueueNotOpenError) as refused:
        join(office, "24 07:29", Source.PWA)
    assert refused.value.detail.endswith("It opens 08:00. You can join from 07:30.")
    early = join(office, "24 07:30", Source.PWA)
    turn_at("24 08:00")
    assert state_of(early) == TicketState.WAITING
    assert queue_of(office).status == QueueStatus.OPEN


def test_a_queue_of_the_place_itself_is_not_joined_from_a_phone(office: House) -> None:
    policy(office, remote_join=False)
    with pytest.raises(RemoteJoinOffError):
        join(office, "23 09:00", Source.PWA)
    for source in (Source.STAFF, Source.KIOSK, Source.API):
        assert state_of(join(office, "23 09:00", source)) == TicketState.WAITING


def test_who_was_not_served_may_come_back_if_somebody_opens_again(office: House) -> None:
    policy(office, closing_window=timedelta())
    left = join(office, "23 16:00")
    turn_at("23 17:00")
    with wall("23 17:05"), pytest.raises(QueueNotOpenError):
        ticket_rejoin(actor=office.actor, ticket_id=left.pk)
    policy(office, "23 17:05", status=QueueStatus.OPEN)
    with wall("23 17:06"):
        ticket_rejoin(actor=office.actor, ticket_id=left.pk)
    turn_at("23 18:30")
    assert (queue_of(office).status, state_of(left)) == ("open", TicketState.WAITING)


def test_the_api_knows_what_the_hours_say(office: House) -> None:
    turn_at("23 17:00")
    with wall("23 20:00"):
        [queue] = Client().get("/api/v1/public/providers/clinic").json()["queues"]
    assert (queue["status"], queue["opens_at"]) == ("closed", "2026-11-24T08:00:00+02:00")
    assert queue["remote_join"] is True
