"""Freed slots for those who walked in: offered to who would wait longer in the line.

Appointments know them as holders only, since a ticket may have no customer.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from appointments.models import Appointment, Offer
from appointments.selectors import (
    holders_asked,
    holders_waiting,
    offer_of_holder,
    services_of,
)
from appointments.services.bookings import Details
from appointments.services.offers import offer_accept, offer_refuse
from appointments.services.waitlist import waitlist_ask_holder
from providers.actors import Actor
from queues.models import Queue, Source, Ticket, TicketState
from queues.services import locks
from queues.services.tickets import ticket_cancel
from queues.snapshot import read_snapshots
from queues.transitions import illegal
from waitlessq import clock
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import NotFoundError

HOLDER = "ticket:"
LIKELY = 1
LOCK_LINE = "SELECT pg_advisory_xact_lock(hashtextextended('queues.line ' || %s, 0))"


def holder_of(ticket_id: int) -> str:
    """What appointments call a ticket."""
    return f"{HOLDER}{ticket_id}"


def ticket_id_of(holder: str) -> int | None:
    """The ticket that is called so; None if it is none."""
    return int(holder.removeprefix(HOLDER)) if holder.startswith(HOLDER) else None


class Waiting(NamedTuple):
    """Who waits in a line for a service, and when they are most likely called, if that is known."""

    ticket_id: int
    service_id: int
    customer_id: int | None
    called_at: datetime | None


@in_transaction
def freed_slots_offer_to_line(unclaimed: Mapping[int, dict[str, Any]]) -> None:
    """Lets appointments ask the next in line, of today, who would otherwise wait until later.

    ``unclaimed`` are the payloads of ``slot.unclaimed`` by the ids of the freed slots; a line is
    read once for all of them. Of whom nobody can say how long they wait, it is the first. Who was
    asked about a slot is not asked again, and nobody is asked about two at once: locks the line of
    each location, by id, since several relays come with slots of one.
    """
    for location_id in sorted({told["location"] for told in unclaimed.values()}):
        _lock_line(location_id)
        queues = list(Queue.objects.select_related("location").filter(location=location_id))
        here = {
            freed_id: told
            for freed_id, told in unclaimed.items()
            if told["location"] == location_id and queues and _is_today(told, queues[0])
        }
        if here:
            _offer_to_line(here, _line(queues), holders_waiting(location_id))


def _lock_line(location_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK_LINE, [location_id])


def _offer_to_line(
    here: Mapping[int, dict[str, Any]], line: Sequence[Waiting], answering: set[str]
) -> None:
    for freed_id, told in here.items():
        services, starts_at = services_of(told["resources"]), _starts_at(told)
        passed_by = answering | holders_asked(freed_id)
        for one in line:
            holder = holder_of(one.ticket_id)
            is_served_sooner = one.called_at is not None and one.called_at < starts_at
            if one.service_id not in services or is_served_sooner or holder in passed_by:
                continue
            waitlist_ask_holder(
                freed_id=freed_id,
                service_id=one.service_id,
                holder=holder,
                customer_id=one.customer_id,
            )
            answering.add(holder)
            break


def _line(queues: Sequence[Queue]) -> list[Waiting]:
    """Who walked in and waits for a service, in call order; who came for a booking has a time."""
    tickets = Ticket.objects.filter(
        queue__in=queues, state=TicketState.WAITING, service__isnull=False
    ).exclude(source=Source.APPOINTMENT)
    rows = tickets.order_by("order_key", "id").values_list(
        "pk", "service_id", "customer_id", "queue_id", "code"
    )
    waits = _likely_waits(queues)
    return [Waiting(*row[:3], waits.get(row[3:])) for row in rows]


def _starts_at(told: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(told["starts_at"])


def _is_today(told: Mapping[str, Any], queue: Queue) -> bool:
    zone = queue.location.zone
    return _starts_at(told).astimezone(zone).date() == clock.local_date(zone)


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
