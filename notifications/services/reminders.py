"""Reminders of appointments, for browsers that asked to hear of them."""

from datetime import timedelta

from appointments.models import Appointment, AppointmentState
from appointments.selectors import rules_of
from notifications.models import Kind, Notification
from notifications.services.planning import News, notifications_plan
from waitlessq import clock


def reminders_plan(appointment: Appointment) -> None:
    """Writes down when its subscribers are reminded, instead of what was, in a transaction.

    As often as the provider's mails remind (``BookingRules.reminder_minutes``); nobody is reminded
    of what is over.
    """
    planned = Notification.objects.filter(
        subscription__appointment=appointment, kind=Kind.REMINDER, done_at__isnull=True
    )
    planned.delete()
    if appointment.state != AppointmentState.BOOKED:
        return
    starts_at, now = appointment.starts_at, clock.now()
    times = [
        starts_at - timedelta(minutes=minutes)
        for minutes in rules_of(appointment.provider).reminder_minutes
    ]
    notifications_plan(
        News(
            Kind.REMINDER,
            key=f"reminder:{starts_at.timestamp():.0f}:{due_at.timestamp():.0f}",
            appointment_id=appointment.pk,
            due_at=due_at,
            useful_until=starts_at,
        )
        for due_at in times
        if due_at > now
    )
