"""Appointments as iCalendar (RFC 5545), to be put into mails (RFC 6047)."""

from collections.abc import Iterable

from icalendar import Calendar, Event, vCalAddress, vText

from appointments.models import Appointment, AppointmentState
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
    event = _event(appointment, summary)
    event["organizer"] = _address(organizer, appointment.provider.name)
    event.add("attendee", _address(attendee, ""), encode=False)
    return _calendar([event], method(appointment))


def _event(appointment: Appointment, summary: str) -> Event:
    event = Event()
    event.add("uid", uid(appointment))
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", clock.now())
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


def _calendar(events: Iterable[Event], method: str) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//WaitLessQ//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())
