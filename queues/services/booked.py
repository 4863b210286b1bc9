"""What becomes of an appointment when the ticket of its check-in goes on.

Behind the ticket's queue's lock, and in its transaction: whoever needs both locks takes the queue's
first, as a check-in does.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from appointments.models import Appointment
from appointments.services.bookings import (
    appointment_fulfil,
    appointment_mark_no_show,
    appointment_reopen,
    appointment_return,
)
from appointments.transitions import TRANSITIONS, Change
from providers.actors import Actor
from queues.models import CheckIn, EventType, Ticket

FOLLOWING: Mapping[EventType, tuple[Change, Callable[..., Appointment]]] = MappingProxyType(
    {
        EventType.COMPLETED: (Change.FULFILLED, appointment_fulfil),
        EventType.NO_SHOW: (Change.NO_SHOW, appointment_mark_no_show),
        # Who leaves the line may still come for the appointment.
        EventType.CANCELLED: (Change.RETURNED, appointment_return),
    }
)


def follow(ticket: Ticket, event: EventType, *, actor: Actor) -> None:
    """Ends the appointment as its ticket ended, unless somebody has ended it otherwise."""
    if event not in FOLLOWING:
        return
    change, service = FOLLOWING[event]
    check_in = CheckIn.objects.select_related("appointment").filter(ticket=ticket).first()
    if check_in is not None and check_in.appointment.state in TRANSITIONS[change]:
        service(actor=actor, appointment_id=check_in.appointment_id)


def follow_undo(ticket: Ticket, undone: EventType, *, actor: Actor) -> None:
    """Takes back what the end of a ticket did to its appointment, unless it went on since."""
    if undone not in FOLLOWING:
        return
    change, _ = FOLLOWING[undone]
    check_in = CheckIn.objects.select_related("appointment").filter(ticket=ticket).first()
    if check_in is not None and check_in.appointment.state in TRANSITIONS[change].values():
        appointment_reopen(actor=actor, appointment_id=check_in.appointment_id)
