"""Sending a ticket to another queue."""

from django.utils.translation import gettext

from providers.actors import Actor
from queues.models import EventType, QueueStatus, Ticket
from queues.services import locks
from queues.services.changes import change_ticket
from queues.services.tickets import not_open, reference_is_free
from queues.transitions import next_state
from waitlessq import clock
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import NotFoundError


@in_transaction
def ticket_transfer(*, actor: Actor, ticket_id: int, queue_id: int) -> Ticket:
    """Sends a ticket into the line of another queue of its location; frees its counter.

    It keeps its number and its time of issue, and stands there as if it had joined that queue at
    that time. A pause or the capacity of the other queue does not keep it out: the person is here
    already. Locks both queues; each gets an event with the same data.

    Raises:
        NotFoundError: the location has no such other queue.
        QueueNotOpenError: the other queue is closed.
        ReferenceTakenError: another ticket of the other queue has its reference.
    """
    [ticket], queues = locks.lock_tickets(actor, [ticket_id], queue_id)
    left, joined = ticket.queue, queues.get(queue_id)
    if joined is None or joined == left or joined.location_id != left.location_id:
        raise NotFoundError(gettext("The ticket's location has no such other queue."))
    state = next_state(ticket, EventType.TRANSFERRED)
    if joined.status == QueueStatus.CLOSED:
        raise not_open(joined)
    now = clock.now()
    order_key = joined.order_key(ticket.issued_at, ticket.priority)
    issued_by = ticket.issued_by_id or left.pk
    data = {
        "from_queue": left.pk,
        "to_queue": joined.pk,
        "issued_by": issued_by,
        "order_key": order_key.isoformat(),
    }
    steps = (
        {"state": state},
        {"queue": joined, "issued_by_id": issued_by, "order_key": order_key},
    )
    with reference_is_free(ticket.reference):
        for changes in steps:
            change_ticket(
                ticket, EventType.TRANSFERRED, actor=actor, at=now, changes=changes, data=data
            )
    return ticket
