"""Appointments as iCalendar (RFC 5545), to be put into mails (RFC 6047)."""

from collections.abc import Iterable
from datetime import datetime

from icalendar import Calendar, Event, vCalAddress, vText

from appointments.models import Appointment, AppointmentState
from providers.models import Trade
from waitlessq import clock

METHODS = {AppointmentState.CANCELLED: "CANCEL", AppointmentState.DECLINED: "CANCEL"}
STATUSES = {
    AppointmentState.PENDING: "TENTATIVE",
    AppointmentState.CANCELLED: "CANCELLED",
    AppointmentState.DECLINED: "CANCELLED",
}


def uid(appointment: Appointment) -> str:
    """What an appointment is called in every calendar, whatever becomes of it."""
    return f"appointment-{appointment.pk}@{appointment.provider.slug}.waitlessq"


def method(appointment: Appointment) -> str:
    """What a mail asks a calendar to do with the appointment."""
    return METHODS.get(AppointmentState(appointment.state), "REQUEST")


def invitation(appointment: Appointment, *, summary: str, organizer: str, attendee: str) -> bytes:
    """The appointment as a mail's attachment: an invitation, its update or its end.

    ``organizer`` and ``attendee`` are mail addresses. Calendars take the version with the highest
    SEQUENCE for true.
    """
    event = _event(appointment, summary, clock.now())
    event["organizer"] = _address(organizer, appointment.provider.name)
    event.add("attendee", _address(attendee, ""), encode=False)
    return _calendar([event], method(appointment))


def followed(appointments: Iterable[Appointment], *, name: str) -> bytes:
    """Appointments as a calendar to follow; each with ``changed_at``, and the same for the same.

    It says no more than a calendar needs that its owner may show to others: no customer, and of a
    clinic no service.
    """
    events = [_event(one, summary_of(one), one.changed_at) for one in appointments]  # type: ignore[attr-defined]
    return _calendar(events, None, name)


def summary_of(appointment: Appointment) -> str:
    """What a calendar shows; others may see it, so a clinic's services are not named."""
    if appointment.provider.trade == Trade.CLINIC:
        return appointment.provider.name
    return f"{appointment.service.name}, {appointment.provider.name}"


def _event(appointment: Appointment, summary: str, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", uid(appointment))
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", stamp)
    event.add("dtstart", appointment.starts_at)
    event.add("dtend", appointment.ends_at)
    event.add("summary", summary)
    event.add("location", ", ".join(filter(None, _place(appointment))))
    event.add("status", STATUSES.get(AppointmentState(appointment.state), "CONFIRMED"))
    return event


def _place(appointment: Appointment) -> tuple[str, str]:
    return appointment.location.name, appointment.location.address


def _address(mail: str, name: str) -> vCalAddress:
    address = vCalAddress(f"MAILTO:{mail}")
    if name:
        address.params["cn"] = vText(name)
    return address


def _calendar(events: Iterable[Event], method: str | None, name: str = "") -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//WaitLessQ//Appointments//EN")
    calendar.add("version", "2.0")
    if method is not None:
        calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())
