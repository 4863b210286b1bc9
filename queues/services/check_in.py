"""Bookings and tickets meet: who booked a time comes, or who walked in books one.

Locks the queue first, then the appointment; all of it commits, or none.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time, timedelta

from django.utils.translation import gettext

from appointments.models import Appointment, AppointmentState
from appointments.services.bookings import (
    Details,
    appointment_book,
    appointment_cancel,
    appointment_check_in,
)
from appointments.services.seats import Wish
from appointments.transitions import Change, next_state
from providers.actors import Actor
from providers.contacts import normalised_phone
from providers.models import ContactKind, ContactPoint, Location, Role
from queues.bookings import merged_key
from queues.errors import (
    CheckInTooEarlyError,
    NoBookingError,
    NoQueueForItError,
    NotOnSiteError,
)
from queues.models import CheckIn, Queue, QueueStatus, Source, Ticket
from queues.on_site import is_on_site_code, on_site_code
from queues.services import locks
from queues.services.tickets import issue, not_open, ticket_cancel
from waitlessq import clock
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import InvalidInputError, NotFoundError
from waitlessq.walltime import instant


@in_transaction
def ticket_check_in(
    *, actor: Actor, appointment_id: int, queue_id: int | None = None, code: str = ""
) -> Ticket:
    """Issues a ticket to whoever comes for an appointment, of its service's queue unless named.

    Capacity does not count: the place was promised. Staff see who comes; anybody else says the
    ``code`` that the location's screens show, unless the queue is joined from anywhere. Locks the
    queue and the appointment.

    Raises:
        NotOnSiteError: the code is missing, or is not shown there any more.
        NotFoundError: there is no such appointment, or queue at its location.
        NoQueueForItError: no queue of the location takes the service.
        CheckInTooEarlyError: the appointment is on another day.
        QueueNotOpenError: the queue is closed.
        AppointmentStateError: it is not booked, or was checked in already.
    """
    booked = _appointment(actor, appointment_id)
    queue, zone, _ = locks.lock_queue_to_join(actor, queue_id or _queue_for(booked).pk, None)
    if queue.location_id != booked.location_id:
        raise NotFoundError("There is no such queue.")
    if queue.status == QueueStatus.CLOSED:
        raise not_open(queue)
    _check_day(booked)
    appointment = appointment_check_in(actor=actor, appointment_id=appointment_id)
    _check_presence(actor, queue, code)
    ticket = issue(
        queue,
        zone,
        actor=actor,
        source=Source.APPOINTMENT,
        service_id=appointment.service_id,
        customer=None if queue.is_anonymous else appointment.customer,
        order_key=merged_key(queue.appointment_merge, appointment.starts_at, clock.now()),
    )
    CheckIn.objects.create(provider=actor.provider, ticket=ticket, appointment=appointment)
    return ticket


@in_transaction
def ticket_check_in_by_phone(*, actor: Actor, location: Location, phone: str) -> Ticket:
    """Checks in whoever says this number at a kiosk: for the next of its bookings there today.

    It tells nothing but the ticket. Raises as ``ticket_check_in`` does, and:

    Raises:
        InvalidInputError: it is no number.
        NoBookingError: nobody with this number is expected.
    """
    said = normalised_phone(phone.strip(), location.phone_region)
    points = ContactPoint.objects.filter(kind=ContactKind.PHONE, normalised=said)
    today = clock.local_date(location.zone)
    booked = Appointment.objects.filter(
        location=location,
        state=AppointmentState.BOOKED,
        customer__in=points.values("customer"),
        starts_at__gte=instant(today, time(), location.zone),
        starts_at__lt=instant(today + timedelta(days=1), time(), location.zone),
    )
    first = booked.order_by("starts_at", "id").first()
    if first is None:
        raise NoBookingError(gettext("Nothing is booked with this number today. Ask at the desk."))
    # Where the number is typed, the code is shown.
    code = on_site_code(location.pk)
    return ticket_check_in(actor=actor, appointment_id=first.pk, code=code)


@in_transaction
def ticket_walk_in(*, actor: Actor, appointment_id: int, queue_id: int | None = None) -> Ticket:
    """Cancels a booking of today and issues an ordinary ticket instead, as of now in the line.

    Raises as ``ticket_check_in`` does.
    """
    booked = _appointment(actor, appointment_id)
    queue, zone, _ = locks.lock_queue_to_join(actor, queue_id or _queue_for(booked).pk, None)
    if queue.location_id != booked.location_id:
        raise NotFoundError("There is no such queue.")
    if queue.status != QueueStatus.OPEN:
        raise not_open(queue)
    _check_day(booked)
    # Who has arrived has a ticket, as has who is on the way to one behind the queue's lock.
    booked.refresh_from_db(fields=["state"])
    next_state(booked, Change.RESCHEDULED)
    appointment = appointment_cancel(actor=actor, appointment_id=appointment_id)
    return issue(
        queue,
        zone,
        actor=actor,
        source=Source.STAFF,
        service_id=appointment.service_id,
        customer=None if queue.is_anonymous else appointment.customer,
    )


@in_transaction
def ticket_book(
    *,
    actor: Actor,
    ticket_id: int,
    starts_at: datetime,
    resource_id: int | None = None,
    service_id: int | None = None,
    details: Details | None = None,
) -> Appointment:
    """Books a time for somebody who waits, and takes their ticket out of the line.

    The service is the ticket's unless given, and so is the customer. Locks the queue and the
    resources.

    Raises:
        InvalidInputError: neither the ticket nor the caller names a service.
        IllegalTransitionError: it does not wait any more.
        DomainError: what ``appointment_book`` raises.
    """
    ticket = locks.lock_ticket(actor, ticket_id)
    service_id = service_id or ticket.service_id
    if service_id is None:
        raise InvalidInputError("ticket", "The ticket is for no service that could be booked.")
    details = details or Details()
    details = replace(details, customer=details.customer or ticket.customer, source="queue")
    ticket_cancel(actor=actor, ticket_id=ticket_id)
    wish = Wish(service_id, starts_at, ticket.queue.location_id, resource_id)
    return appointment_book(actor=actor, wish=wish, details=details)


def _appointment(actor: Actor, appointment_id: int) -> Appointment:
    found = Appointment.objects.select_related("location").filter(pk=appointment_id).first()
    if found is None or not actor.owns(found.location):
        raise NotFoundError("There is no such appointment.")
    return found


def asks_for_code(booked: Appointment) -> bool:
    """Whether its customer says the code of the location's screens to check in by phone."""
    with suppress(NoQueueForItError):
        return not _queue_for(booked).remote_join
    return False


def _check_presence(actor: Actor, queue: Queue, code: str) -> None:
    is_seen = actor.may(Role.STAFF)
    if is_seen or queue.remote_join or is_on_site_code(queue.location_id, code):
        return
    raise NotOnSiteError(
        gettext("Type the code that the screen there shows, or tell the desk that you are here.")
    )


def _queue_for(booked: Appointment) -> Queue:
    """The queue of the location that takes the service; an open one before others."""
    queues = Queue.objects.filter(location=booked.location_id, services=booked.service_id)
    found = sorted(queues, key=lambda queue: (queue.status != QueueStatus.OPEN, queue.pk))
    if not found:
        raise NoQueueForItError(gettext("No queue takes this service. Please ask at the desk."))
    return found[0]


def _check_day(booked: Appointment) -> None:
    zone = booked.location.zone
    day = booked.starts_at.astimezone(zone).date()
    is_live = booked.state in {AppointmentState.BOOKED, AppointmentState.PENDING}
    if is_live and day > clock.local_date(zone):
        raise CheckInTooEarlyError(
            gettext("The booking is on %(day)s.") % {"day": day.isoformat()}, day=day.isoformat()
        )
