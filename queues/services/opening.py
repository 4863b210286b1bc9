"""Queues open and close with their location; what becomes of who is left when the day is over.

Each turn of a queue is one transaction. Done twice, or a day late, it comes to the same.
"""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from providers.actors import Actor
from providers.hours import Hours
from providers.models import Location
from providers.selectors import hours_of
from queues.models import AtClosing, Counter, EventType, Queue, QueueStatus, Ticket, TicketState
from queues.models.ticket import LIVE
from queues.opening import Standing, Turn, turn
from queues.services.changes import change_ticket, record_queue_change
from queues.services.counters import counter_close
from queues.services.locks import lock_queue
from queues.transitions import next_state
from waitlessq import clock
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction

TICKETS_AT_ONCE = 100
"""So many tickets end in one turn; while more are left the queue is due again at once."""


@in_transaction
def queue_follow_hours(*, actor: Actor, queue_id: int) -> Queue:
    """Opens or closes a queue as the hours of its location say now. Locks the queue.

    Ends the day where it is over: who is left is carried over to the next opening, or their
    tickets expire. Emits ``queue.changed`` for each change.
    """
    queue = lock_queue(actor, queue_id)
    if not queue.follows_hours:
        return queue
    hours = hours_of_queue(queue)
    now = clock.now()
    has_rest = Ticket.objects.filter(queue=queue, state__in=LIVE).exists()
    turned = _turn(queue, hours, now, has_rest=has_rest)
    if _clear(queue, turned, hours, now, actor):
        _stand(queue, turned.standing, actor)
    return queue


def counters_rest(*, actor: Actor, queue_id: int) -> None:
    """Closes counters that were left open, once all the queues that they serve are closed.

    Each in a transaction of its own, since a counter is locked before its queues.
    """
    idle = Counter.objects.filter(queues=queue_id, is_open=True)
    idle = idle.exclude(queues__in=Queue.objects.exclude(status=QueueStatus.CLOSED))
    idle = idle.exclude(tickets__in=Ticket.objects.filter(state__in=LIVE))
    for counter_id in idle.values_list("pk", flat=True):
        counter_close(actor=actor, counter_id=counter_id)


def hours_of_queue(queue: Queue) -> Hours:
    """The hours of the queue's location."""
    location = Location.objects.get(pk=queue.location_id)
    return hours_of([location])[location.pk]


def standing_fields(queue: Queue, *, has_rest: bool = True) -> dict[str, Any]:
    """What the hours make of a queue as a person just set it up, as fields of the (locked) row."""
    if not queue.follows_hours:
        return {"status_by_hand": False, "turns_at": None, "opens_at": None}
    queue.turns_at = None
    now = clock.now()
    turned = _turn(queue, hours_of_queue(queue), now, has_rest=has_rest)
    if has_rest and turned.day_ends:
        # Who is left is for the relay, which is at it at once.
        return {"status_by_hand": False, "turns_at": now}
    return _fields(turned.standing)


def _turn(queue: Queue, hours: Hours, now: datetime, *, has_rest: bool) -> Turn:
    before = Standing(
        QueueStatus(queue.status), queue.status_by_hand, queue.turns_at, queue.opens_at
    )
    return turn(before, hours, now, has_rest=has_rest, closing_window=queue.closing_window)


def _stand(queue: Queue, standing: Standing, actor: Actor) -> None:
    """Writes how a locked queue stands; an event tells it if anybody can see the difference."""
    fields = _fields(standing)
    changes = {name: value for name, value in fields.items() if getattr(queue, name) != value}
    shows_opening = standing.status in {QueueStatus.CLOSED, QueueStatus.CLOSING}
    update_row(queue, changes)
    if "status" in changes or (shows_opening and "opens_at" in changes):
        opens_at = standing.opens_at and standing.opens_at.isoformat()
        data = {"changed": sorted(changes), "status": queue.status, "opens_at": opens_at}
        record_queue_change(queue, actor=actor, data=data)


def _fields(standing: Standing) -> dict[str, Any]:
    return {
        "status": standing.status.value,
        "status_by_hand": standing.by_hand,
        "turns_at": standing.turns_at,
        "opens_at": standing.opens_at,
    }


def _clear(queue: Queue, turned: Turn, hours: Hours, now: datetime, actor: Actor) -> bool:
    """Ends the day of some of those who are left; whether that was all of them."""
    if turned.day_ends:
        rest = _left_at_closing(queue, turned.standing.opens_at)
    elif turned.day_begins is not None:
        rest = _left_since_yesterday(queue, turned.day_begins, hours)
    else:
        return True
    tickets = list(rest.order_by("order_key", "id")[:TICKETS_AT_ONCE])
    for ticket in tickets:
        ticket.queue = queue
        event = _what_becomes_of(ticket, turned)
        until = turned.standing.opens_at if event == EventType.CARRIED_OVER else None
        ticket_end_day(ticket, event, actor=actor, at=now, until=until)
    return len(tickets) < TICKETS_AT_ONCE


def _left_at_closing(queue: Queue, opens_at: datetime | None) -> QuerySet[Ticket]:
    """Whom nobody is serving; not who was carried over already."""
    tickets = Ticket.objects.filter(queue=queue, state__in=LIVE)
    carried = Q(state=TicketState.DEFERRED, deferred_until__gte=opens_at) if opens_at else Q()
    left = tickets.exclude(state=TicketState.SERVING)
    return left.exclude(carried) if queue.at_closing == AtClosing.CARRY_OVER and opens_at else left


def _left_since_yesterday(queue: Queue, began: datetime, hours: Hours) -> QuerySet[Ticket]:
    """Who is there since before the day that began; waiting is as it should be for the carried."""
    tickets = Ticket.objects.filter(
        queue=queue,
        state__in=LIVE,
        business_date__lt=began.astimezone(hours.zone).date(),
        issued_at__lt=began - queue.early_join,
    )
    if queue.at_closing == AtClosing.CARRY_OVER:
        tickets = tickets.exclude(state=TicketState.WAITING)
    return tickets


def ticket_end_day(
    ticket: Ticket, event: EventType, *, actor: Actor, at: datetime, until: datetime | None = None
) -> None:
    """Does to a ticket of a locked queue what comes with the end of a day, or with a new one.

    It expires, is carried over ``until`` the next opening, or is returned to the line.
    """
    changes: dict[str, Any] = {
        "state": next_state(ticket, event),
        "come_by": None,
        "deferred_until": until,
    }
    if event == EventType.EXPIRED:
        changes["ended_at"] = at
    data = {"until": until.isoformat()} if until else {}
    change_ticket(ticket, event, actor=actor, at=at, changes=changes, data=data)


def _what_becomes_of(ticket: Ticket, turned: Turn) -> EventType:
    carries_over = ticket.queue.at_closing == AtClosing.CARRY_OVER
    if turned.day_ends:
        is_kept = carries_over and turned.standing.opens_at is not None
        return EventType.CARRIED_OVER if is_kept else EventType.EXPIRED
    is_forgotten = ticket.state == TicketState.SERVING or not carries_over
    is_carried = ticket.state == TicketState.DEFERRED
    return EventType.RETURNED if is_carried or not is_forgotten else EventType.EXPIRED
