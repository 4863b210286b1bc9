"""Rebuilds a ticket from nothing but its events."""

from typing import Any

from django.db.models import QuerySet

from queues.models import EventType, TicketEvent

ENDS = {EventType.COMPLETED, EventType.NO_SHOW, EventType.CANCELLED}


def rebuild(events: "QuerySet[TicketEvent]") -> dict[str, Any]:
    """The ticket's fields after its events, oldest first."""
    ticket: dict[str, Any] = {
        "counter": None,
        "issued_by": None,
        "call_count": 0,
        "called_at": None,
        "started_at": None,
        "ended_at": None,
    }
    for event in events.order_by("id"):
        kind = EventType(event.type)
        ticket.update(state=event.to_state, counter=event.counter_id)
        if kind == EventType.REJOINED:
            ticket["ended_at"] = None
        if kind == EventType.TRANSFERRED:
            ticket.update(queue=event.data["to_queue"], issued_by=event.data["issued_by"])
        if kind in {EventType.DEFERRED, EventType.TRANSFERRED}:
            ticket["order_key"] = event.data["order_key"]
        if kind == EventType.ISSUED:
            ticket.update(event.data, issued_at=event.at, queue=event.queue_id)
        if kind in {EventType.CALLED, EventType.RECALLED}:
            ticket["call_count"] += 1
        if kind == EventType.CALLED:
            ticket["called_at"] = event.at
        if kind == EventType.STARTED:
            ticket["started_at"] = event.at
        if kind in ENDS:
            ticket["ended_at"] = event.at
    return ticket
