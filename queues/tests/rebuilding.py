"""Rebuilds a ticket from nothing but its events."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from queues.models import EventType, TicketEvent

STAMPS = {
    EventType.CALLED: "called_at",
    EventType.STARTED: "started_at",
    EventType.COMPLETED: "ended_at",
    EventType.NO_SHOW: "ended_at",
    EventType.CANCELLED: "ended_at",
    EventType.EXPIRED: "ended_at",
}


def rebuild(events: "QuerySet[TicketEvent]") -> dict[str, Any]:
    """The ticket's fields after its events, oldest first."""
    ticket: dict[str, Any] = {
        "counter": None,
        "issued_by": None,
        "order_key": None,
        "call_count": 0,
        "called_at": None,
        "started_at": None,
        "ended_at": None,
        "come_by": None,
        "deferred_until": None,
    }
    for event in events.order_by("id"):
        kind = EventType(event.type)
        ticket.update(state=event.to_state, counter=event.counter_id)
        if kind == EventType.ISSUED:
            ticket.update(event.data, issued_at=event.at, queue=event.queue_id)
        ticket["come_by"] = restored({"come_by": event.data.get("come_by")})["come_by"]
        if kind in {EventType.CALLED, EventType.RECALLED}:
            ticket["call_count"] += 1
        if kind in STAMPS:
            ticket[STAMPS[kind]] = event.at
        if kind == EventType.REJOINED:
            ticket["ended_at"] = None
        if kind in {EventType.POSTPONED, EventType.CARRIED_OVER}:
            ticket["deferred_until"] = datetime.fromisoformat(event.data["until"])
        elif event.to_state != "deferred":
            ticket["deferred_until"] = None
        if kind == EventType.TRANSFERRED:
            ticket.update(queue=event.data["to_queue"], issued_by=event.data["issued_by"])
        ticket["order_key"] = event.data.get("order_key", ticket["order_key"])
        ticket.update(restored(event.data.get("restores", {})))
    return ticket


def restored(fields: dict[str, Any]) -> dict[str, Any]:
    """What an undo put back, as the ticket's fields have it."""
    times = {"called_at", "started_at", "ended_at", "come_by", "deferred_until"}
    return {
        name.removesuffix("_id"): datetime.fromisoformat(value)
        if value and name in times
        else value
        for name, value in fields.items()
    }
