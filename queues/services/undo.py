"""Taking back what was just done to a ticket."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext

from providers.actors import Actor
from providers.models import Role
from queues.errors import ChangedSinceError, NothingToUndoError, UndoTooLateError
from queues.history import as_json, fields_after
from queues.models import EventType, Queue, Ticket, TicketEvent
from queues.models.ticket import AT_COUNTER
from queues.services import locks
from queues.services.booked import follow_undo
from queues.services.changes import change_ticket
from queues.services.tickets import check_open, check_ready
from queues.transitions import BY_ITSELF, TRANSITIONS
from waitlessq import clock
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import NotFoundError

UNDO_FOR = timedelta(seconds=30)
# Who was called once more has heard it.
UNDOABLE = frozenset(TRANSITIONS) - {EventType.RECALLED, *BY_ITSELF}


@in_transaction
def ticket_undo(*, actor: Actor, ticket_id: int) -> Ticket:
    """Takes back the last change of a ticket, which the actor made in the last 30 seconds.

    Or a no-show that came by itself, which nobody made.

    It is as before: in its state, its queue and its place. If one press finished somebody and
    called this ticket, both are as before. An event of its own tells it (in both queues, if it was
    a transfer). Locks the ticket's counter, then the queues concerned.

    Raises:
        NothingToUndoError: that change can not be undone.
        UndoTooLateError: it was longer ago.
        ChangedSinceError: something happened since.
        CounterClosedError, CounterBusyError: the counter that it would come back to is taken.
    """
    seen = _last_event(actor, ticket_id)
    counter_id = seen.counter_id
    locked = None if counter_id is None else locks.lock_counter(actor, counter_id)
    ticket_ids = [ticket_id, *_named(seen, "finished")]
    found, queues = locks.lock_tickets(actor, ticket_ids, *_named(seen, "from_queue"))
    ticket = found[0]
    fields = _fields_before(ticket, seen, actor)
    if fields["state"] in AT_COUNTER and ticket.state not in AT_COUNTER:
        check_ready(locked)
    _restore(ticket, seen, fields, queues, actor)
    for finished in found[1:]:
        last = _last_event(actor, finished.pk)
        fields = _fields_before(finished, last, actor)
        if last.type != EventType.COMPLETED or locked is None:
            detail = gettext("%(code)s was changed since.")
            raise ChangedSinceError(detail % {"code": finished.code})
        check_open(locked.counter)
        _restore(finished, last, fields, queues, actor)
    return ticket


def _last_event(actor: Actor, ticket_id: int) -> TicketEvent:
    events = TicketEvent.objects.filter(ticket=ticket_id, provider=actor.provider)
    event = events.order_by("-id").first()
    if event is None:
        raise NotFoundError("There is no such ticket.")
    return event


def _named(event: TicketEvent, name: str) -> list[int]:
    return [event.data[name]] if name in event.data else []


def _fields_before(ticket: Ticket, seen: TicketEvent, actor: Actor) -> dict[str, Any]:
    """What a locked ticket was before the action that ``seen`` is the last event of.

    Raises:
        NothingToUndoError, UndoTooLateError, ChangedSinceError: it is not the actor's to undo.
    """
    events = list(TicketEvent.objects.filter(ticket=ticket).order_by("id"))
    # What happened by itself, whoever works at the desk may take back.
    is_own = seen.actor == actor.name or ("by_itself" in seen.data and actor.may(Role.STAFF))
    if events[-1].pk != seen.pk or not is_own:
        detail = gettext("Somebody else changed %(code)s since.")
        raise ChangedSinceError(detail % {"code": ticket.code})
    if seen.type not in UNDOABLE:
        detail = gettext("There is nothing to undo on %(code)s.")
        raise NothingToUndoError(detail % {"code": ticket.code})
    if seen.at < clock.now() - UNDO_FOR:
        seconds = int(UNDO_FOR.total_seconds())
        detail = gettext("That was more than %(seconds)s seconds ago.") % {"seconds": seconds}
        raise UndoTooLateError(detail, seconds=seconds)
    del events[-1]
    # One press can be two events: what came with the last one goes with it.
    is_other_half = events[-1].type == seen.type == EventType.TRANSFERRED
    if (is_other_half and events[-1].data == seen.data) or "implied" in events[-1].data:
        del events[-1]
    # Somebody is seeing to it: nothing more happens by itself until the next call.
    return fields_after(events) | {"come_by": None}


def _restore(
    ticket: Ticket,
    undone: TicketEvent,
    fields: Mapping[str, Any],
    queues: Mapping[int, Queue],
    actor: Actor,
) -> None:
    changes = {name: value for name, value in fields.items() if getattr(ticket, name) != value}
    data = {"undoes": undone.type, "restores": as_json(changes)}
    now = clock.now()
    steps = [changes]
    if "queue_id" in changes:
        # The queue that it leaves hears of it, too.
        changes["queue"] = queues[changes.pop("queue_id")]
        steps.insert(0, {"state": ticket.state})
    for step in steps:
        change_ticket(ticket, EventType.UNDONE, actor=actor, at=now, changes=step, data=data)
    follow_undo(ticket, EventType(undone.type), actor=actor)
