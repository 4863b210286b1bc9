"""Which states of an appointment lead where: the one table that services ask."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from django.utils.translation import gettext, gettext_noop

from appointments.errors import AppointmentStateError
from appointments.models import Appointment, AppointmentState


class Change(StrEnum):
    """What can happen to an appointment once it is there."""

    BOOKED = "booked"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    RESCHEDULED = "rescheduled"
    DELAYED = "delayed"
    CHECKED_IN = "checked_in"
    RETURNED = "returned"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    REOPENED = "reopened"


TRANSITIONS: Mapping[Change, Mapping[AppointmentState, AppointmentState]] = MappingProxyType(
    {
        Change.CONFIRMED: {AppointmentState.PENDING: AppointmentState.BOOKED},
        Change.DECLINED: {AppointmentState.PENDING: AppointmentState.DECLINED},
        Change.RESCHEDULED: {
            AppointmentState.PENDING: AppointmentState.PENDING,
            AppointmentState.BOOKED: AppointmentState.BOOKED,
        },
        # Those before took longer: not what the customer or the desk chose.
        Change.DELAYED: {
            AppointmentState.PENDING: AppointmentState.PENDING,
            AppointmentState.BOOKED: AppointmentState.BOOKED,
        },
        Change.CHECKED_IN: {AppointmentState.BOOKED: AppointmentState.ARRIVED},
        # The ticket of the check-in was cancelled: still expected, or nobody any more.
        Change.RETURNED: {AppointmentState.ARRIVED: AppointmentState.BOOKED},
        Change.FULFILLED: {
            AppointmentState.BOOKED: AppointmentState.FULFILLED,
            AppointmentState.ARRIVED: AppointmentState.FULFILLED,
            # Called in vain, then there after all.
            AppointmentState.NO_SHOW: AppointmentState.FULFILLED,
        },
        Change.CANCELLED: {
            AppointmentState.PENDING: AppointmentState.CANCELLED,
            AppointmentState.BOOKED: AppointmentState.CANCELLED,
            AppointmentState.ARRIVED: AppointmentState.CANCELLED,
        },
        Change.NO_SHOW: {
            AppointmentState.BOOKED: AppointmentState.NO_SHOW,
            AppointmentState.ARRIVED: AppointmentState.NO_SHOW,
        },
        # What ended the ticket of its check-in was a mistake, and undone.
        Change.REOPENED: {
            AppointmentState.FULFILLED: AppointmentState.ARRIVED,
            AppointmentState.NO_SHOW: AppointmentState.ARRIVED,
            AppointmentState.BOOKED: AppointmentState.ARRIVED,
        },
    }
)

NOW: Mapping[AppointmentState, str] = MappingProxyType(
    {
        AppointmentState.PENDING: gettext_noop("This booking waits for approval."),
        AppointmentState.BOOKED: gettext_noop("This booking is confirmed already."),
        AppointmentState.ARRIVED: gettext_noop("The customer of this booking has arrived."),
        AppointmentState.FULFILLED: gettext_noop("This booking is over."),
        AppointmentState.CANCELLED: gettext_noop("This booking was cancelled."),
        AppointmentState.DECLINED: gettext_noop("This booking was declined."),
        AppointmentState.NO_SHOW: gettext_noop("The customer of this booking did not come."),
    }
)


def next_state(appointment: Appointment, change: Change) -> AppointmentState:
    """The state that ``change`` brings the appointment to.

    Raises:
        AppointmentStateError: its state does not allow it; says what it does allow.
    """
    state = AppointmentState(appointment.state)
    try:
        return TRANSITIONS[change][state]
    except KeyError:
        possible = sorted(each.value for each in changes_from(appointment))
        raise AppointmentStateError(
            gettext(NOW[state]), state=state.value, possible=possible
        ) from None


def changes_from(appointment: Appointment) -> set[Change]:
    """What can be done with the appointment now; nobody reopens one but by undoing."""
    possible = {change for change, table in TRANSITIONS.items() if appointment.state in table}
    return possible - {Change.REOPENED}
