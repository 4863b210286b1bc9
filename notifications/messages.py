"""What notifications say: short, complete in themselves, in the reader's language.

A title has 30 characters at most, and begins with the number or the time. What is over when it is
to be sent is not said. Nothing names a service; a clinic's queues, which may be named after one,
are not named either.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from appointments.models import Appointment, AppointmentState, Offer, WaitlistEntry
from appointments.selectors import offer_of_holder, open_offer, was_delayed
from appointments.words import when
from notifications.models import Kind, Notification, Outcome
from providers.models import Trade
from queues.models import Ticket, TicketState
from queues.selectors import position
from queues.services.approaching import NEAREST
from queues.services.offers import holder_of
from waitlessq.tokens import id_from

RIGHT_TO_LEFT = {"he", "ar"}
# As "3" is and "Room 5" is not: it needs a word before it.
BARE_NAME = re.compile(r"\S{1,3}")
_receipts = Signer(salt="notifications.receipt")


@dataclass(frozen=True, slots=True)
class Message:
    """What a browser shows; of those with one ``tag``, the same for a ticket, it shows the last.

    ``url`` is the screen of the app behind it; with ``receipt`` the browser says that it showed it.
    """

    title: str
    body: str
    tag: str
    url: str
    language: str
    receipt: str
    is_urgent: bool

    def as_payload(self) -> dict[str, Any]:
        """What the app's worker reads (pwa/client/src/sw/push.ts)."""
        return {
            "title": self.title,
            "body": self.body,
            "tag": self.tag,
            "url": self.url,
            "lang": self.language,
            "dir": "rtl" if self.language in RIGHT_TO_LEFT else "ltr",
            "receipt": self.receipt,
            "urgent": self.is_urgent,
        }


def notification_id_from(receipt: str) -> int | None:
    """The notification that a browser says it showed; None if the receipt was not made here."""
    return id_from(_receipts, receipt)


def compose(notification: Notification) -> Message | None:
    """What a notification says now; None if that is over."""
    to = notification.subscription
    kind = Kind(notification.kind)
    language = to.language or settings.LANGUAGE_CODE
    with translation.override(language):
        said = None
        if to.ticket is not None:
            said = TICKETS[kind](notification, to.ticket)
            tag, url = f"ticket-{to.ticket.code}", "#/ticket"
        elif to.appointment is not None:
            said = _of_appointment(kind, to.appointment)
            tag, url = f"booking-{to.appointment_id}", "#/bookings"
        elif to.entry is not None:
            said = _offered(to.entry)
            tag, url = f"waitlist-{to.entry_id}", "#/bookings"
    if said is None:
        return None
    title, body = said
    return Message(
        title=title,
        body=f"{to.provider.name}: {body}",
        tag=tag,
        url=url,
        language=language,
        receipt=_receipts.sign(str(notification.pk)),
        is_urgent=kind == Kind.CALLED,
    )


def _called(_: Notification, ticket: Ticket) -> tuple[str, str] | None:
    if ticket.state != TicketState.CALLED or ticket.counter is None:
        return None
    place = ticket.counter.name
    if BARE_NAME.fullmatch(place):
        place = gettext("counter %(counter)s") % {"counter": place}
    return (
        gettext("%(code)s, it is your turn") % {"code": ticket.code},
        gettext("please go to %(place)s.") % {"place": place},
    )


def _approaching(_: Notification, ticket: Ticket) -> tuple[str, str] | None:
    place = position(ticket)
    if place is None or place > NEAREST:
        return None
    return gettext("%(code)s: please come back") % {"code": ticket.code}, _place_in_line(place)


def _mistake(notification: Notification, ticket: Ticket) -> tuple[str, str] | None:
    """To who was told of the call only."""
    place = position(ticket)
    told = Notification.objects.filter(
        subscription=notification.subscription_id, kind=Kind.CALLED, outcome=Outcome.SENT
    )
    if place is None or not told.exists():
        return None
    return (
        gettext("%(code)s was called by mistake") % {"code": ticket.code},
        gettext("sorry. You keep your place: %(place)s") % {"place": _place_in_line(place)},
    )


def _moved(_: Notification, ticket: Ticket) -> tuple[str, str] | None:
    place = position(ticket)
    if place is None:
        return None
    if ticket.provider.trade == Trade.CLINIC:
        where = gettext("you wait in another line now:")
    else:
        where = gettext("you wait in %(queue)s now:") % {"queue": ticket.queue.name}
    return (
        gettext("%(code)s was moved") % {"code": ticket.code},
        f"{where} {_place_in_line(place)}",
    )


def _offered_instead(_: Notification, ticket: Ticket) -> tuple[str, str] | None:
    """A freed time, to who waits in line for the same."""
    offer = offer_of_holder(holder_of(ticket.pk))
    if offer is None or ticket.state != TicketState.WAITING:
        return None
    return (
        gettext("%(code)s: %(time)s is free")
        % {"code": ticket.code, "time": _time_of(offer, offer.starts_at)},
        gettext("a booking in place of waiting, kept for you until %(until)s.")
        % {"until": _time_of(offer, offer.expires_at)},
    )


def _offered(entry: WaitlistEntry) -> tuple[str, str] | None:
    offer = open_offer(entry)
    if offer is None:
        return None
    return (
        gettext("%(when)s is free") % {"when": when(offer.starts_at, entry.location.zone)},
        gettext("kept for you until %(until)s.") % {"until": _time_of(offer, offer.expires_at)},
    )


def _time_of(offer: Offer, at: datetime) -> str:
    return f"{at.astimezone(offer.entry.location.zone):%H:%M}"


def _test(_: Notification, ticket: Ticket) -> tuple[str, str]:
    return (
        gettext("%(code)s: this is a test") % {"code": ticket.code},
        gettext("this is how you will be told."),
    )


TICKETS: Mapping[Kind, Callable[[Notification, Ticket], tuple[str, str] | None]] = {
    Kind.CALLED: _called,
    Kind.APPROACHING: _approaching,
    Kind.MISTAKE: _mistake,
    Kind.MOVED: _moved,
    Kind.OFFERED: _offered_instead,
    Kind.TEST: _test,
}


def _place_in_line(place: int) -> str:
    ahead = place - 1
    if ahead == 0:
        return gettext("you are next.")
    return ngettext("%(count)d person before you.", "%(count)d people before you.", ahead) % {
        "count": ahead
    }


def _of_appointment(kind: Kind, appointment: Appointment) -> tuple[str, str] | None:
    state, words = {
        Kind.CONFIRMED: (AppointmentState.BOOKED, gettext("your booking is confirmed.")),
        Kind.RESCHEDULED: (None, gettext("your booking was moved to this time.")),
        Kind.DELAYED: (None, gettext("we are late, sorry: your booking is at this time now.")),
        Kind.CANCELLED: (AppointmentState.CANCELLED, gettext("your booking is cancelled.")),
        Kind.DECLINED: (AppointmentState.DECLINED, gettext("your booking can not be taken.")),
        Kind.REMINDER: (AppointmentState.BOOKED, gettext("a reminder of your booking.")),
    }[kind]
    ended = {AppointmentState.CANCELLED, AppointmentState.DECLINED}
    if (state is None and appointment.state in ended) or state not in {None, appointment.state}:
        return None
    if kind == Kind.DELAYED and not was_delayed(appointment):
        return None
    there = appointment.starts_at.astimezone(appointment.location.zone)
    return date_format(there, "D j M, H:i"), words
