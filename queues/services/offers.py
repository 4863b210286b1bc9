"""Freed slots for those who walked in: offered to who would wait longer in the line.

Appointments know them as holders only, since a ticket may have no customer.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from appointments.models import Appointment, Offer
from appointments.selectors import holders_asked, offer_of_holder, services_of
from appointments.services.bookings import Details
from appointments.services.offers import offer_accept, offer_refuse
from appointments.services.waitlist import waitlist_ask_holder
from providers.actors import Actor
from queues.models import Queue, Ticket, TicketState
from queues.services import locks
from queues.services.tickets import ticket_cancel
from queues.snapshot import read_snapshots
from queues.transitions import illegal
from waitlessq import clock
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import NotFoundError

HOLDER = "ticket:"
LIKELY = 1


def holder_of(ticket_id: int) -> str:
    """What appointments call a ticket."""
    return f"{HOLDER}{ticket_id}"


def ticket_id_of(holder: str) -> int | None:
    """The ticket that is called so; None if it is none."""
    return int(holder.removeprefix(HOLDER)) if holder.startswith(HOLDER) else None


def freed_slot_offer_to_next(*, freed_id: int, told: dict[str, Any]) -> None:
    """Lets appointments ask the next in line, of today, who would otherwise wait until later.

    ``told`` is the payload of ``slot.unclaimed``. Of whom nobody can say how long they wait, it is
    the first. Who was asked about this slot is not asked again.
    """
    services = services_of(told["resources"])
    queues = list(Queue.objects.select_related("location").filter(location=told["location"]))
    if not queues or not _is_today(told, queues[0]):
        return
    asked = holders_asked(freed_id)
    waiting = Ticket.objects.filter(
        queue__in=queues, state=TicketState.WAITING, service__in=services
    ).select_related("customer")
    waits = _likely_waits(queues)
    starts_at = datetime.fromisoformat(told["starts_at"])
    for ticket in waiting.order_by("order_key", "id"):
        called_at = waits.get((ticket.queue_id, ticket.code), starts_at)
        if called_at >= starts_at and holder_of(ticket.pk) not in asked and ticket.service_id:
            waitlist_ask_holder(
                freed_id=freed_id,
                service_id=ticket.service_id,
                holder=holder_of(ticket.pk),
                customer=ticket.customer,
            )
            return


def _is_today(told: dict[str, Any], queue: Queue) -> bool:
    zone = queue.location.zone
    starts_at = datetime.fromisoformat(told["starts_at"])
    return starts_at.astimezone(zone).date() == clock.local_date(zone)


def _likely_waits(queues: Iterable[Queue]) -> dict[tuple[int, str], datetime]:
    """When those who wait are most likely called, by queue and number, where that is known."""
    found = {}
    for queue_id, snapshot in read_snapshots(queues).items():
        as_of = datetime.fromisoformat(snapshot["as_of"])
        for code, wait in zip(snapshot["waiting"], snapshot["waits"], strict=False):
            if wait is not None:
                found[queue_id, code] = as_of + timedelta(seconds=wait[LIKELY])
    return found


@in_transaction
def ticket_accept_offer(*, actor: Actor, ticket_id: int, offer_id: int) -> Appointment:
    """Books what is offered to whoever waits, and takes their ticket out of the line.

    Until then the ticket keeps its place, and may be called. Locks the queue, then the offer.

    Raises:
        NotFoundError: there is no such offer to this ticket.
        OfferOverError: it has run out.
        IllegalTransitionError: the ticket does not wait any more.
    """
    offer = _offer(ticket_id, offer_id)
    ticket = locks.lock_ticket(actor, ticket_id)
    if ticket.state in {TicketState.SERVING, TicketState.ON_HOLD}:
        raise illegal(ticket)
    ticket_cancel(actor=actor, ticket_id=ticket_id)
    return offer_accept(
        actor=actor, entry_id=offer.entry_id, offer_id=offer_id, details=Details(source="queue")
    )


def ticket_refuse_offer(*, actor: Actor, ticket_id: int, offer_id: int) -> None:
    """Whoever waits stays in line; the time is offered to the one after.

    Raises:
        NotFoundError: there is no such offer to this ticket.
    """
    offer = _offer(ticket_id, offer_id)
    offer_refuse(actor=actor, entry_id=offer.entry_id, offer_id=offer_id)


def _offer(ticket_id: int, offer_id: int) -> Offer:
    offer = offer_of_holder(holder_of(ticket_id))
    if offer is None or offer.pk != offer_id:
        raise NotFoundError("There is no such offer.")
    return offer
