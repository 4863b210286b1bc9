"""A ticket as its events tell it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from queues.models import EventType, TicketEvent

TIMES = frozenset({"order_key", "called_at", "started_at", "ended_at", "come_by", "deferred_until"})
ENDS = frozenset({EventType.COMPLETED, EventType.NO_SHOW, EventType.CANCELLED, EventType.EXPIRED})


def fields_after(events: Iterable[TicketEvent]) -> dict[str, Any]:
    """What a ticket's fields that change in its life were after these events, oldest first.

    Foreign keys go by ``…_id``.
    """
    fields: dict[str, Any] = {
        "issued_by_id": None,
        "call_count": 0,
        "called_at": None,
        "started_at": None,
        "ended_at": None,
        "come_by": None,
        "deferred_until": None,
    }
    for event in events:
        fields |= _told_by(event, fields)
    return fields


def as_json(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields as an event's data can hold them."""
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in fields.items()}


def _told_by(event: TicketEvent, before: Mapping[str, Any]) -> dict[str, Any]:
    kind = EventType(event.type)
    told: dict[str, Any] = {
        "state": event.to_state,
        "counter_id": event.counter_id,
        "come_by": None,
        "deferred_until": None,
    }
    if kind == EventType.ISSUED:
        told |= {"queue_id": event.queue_id}
    elif kind == EventType.TRANSFERRED:
        told |= {"queue_id": event.data["to_queue"], "issued_by_id": event.data["issued_by"]}
    elif kind in {EventType.CALLED, EventType.RECALLED}:
        come_by = event.data.get("come_by")
        told["call_count"] = before["call_count"] + 1
        told["come_by"] = come_by and datetime.fromisoformat(come_by)
    elif kind == EventType.STARTED:
        told["started_at"] = event.at
    elif kind in ENDS:
        told["ended_at"] = event.at
    elif kind == EventType.REJOINED:
        told["ended_at"] = None
    elif kind in {EventType.POSTPONED, EventType.CARRIED_OVER}:
        told["deferred_until"] = datetime.fromisoformat(event.data["until"])
    if kind == EventType.CALLED:
        told["called_at"] = event.at
    if "order_key" in event.data:
        told["order_key"] = datetime.fromisoformat(event.data["order_key"])
    return told | _from_json(event.data.get("restores", {}))


def _from_json(data: Mapping[str, Any]) -> dict[str, Any]:
    return {k: datetime.fromisoformat(v) if v and k in TIMES else v for k, v in data.items()}
