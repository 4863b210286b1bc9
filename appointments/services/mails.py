"""Mails to customers: written down with each change, sent when they are due.

Nothing is lost with the broker: a regular task looks into PostgreSQL for what is due.
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext
from django_scopes import scopes_disabled

from appointments.calendars import invitation, method, summary_of
from appointments.links import booking_link, feed_close_link, feed_link, waitlist_link
from appointments.models import (
    BLOCKING,
    Appointment,
    AppointmentMail,
    AppointmentState,
    CalendarFeed,
    MailKind,
    Offer,
    OfferState,
)
from appointments.selectors import rules_of
from appointments.transitions import Change
from appointments.words import when
from providers.models import ContactKind, ContactPoint, Customer, Location
from waitlessq import clock
from waitlessq.db.transactions import in_transaction

logger = logging.getLogger(__name__)

CLAIMED_FOR = timedelta(minutes=5)
AT_ONCE = 50
# Whoever could not be written to for so long is not any more.
GIVEN_UP_AFTER = timedelta(days=1)
# Whoever can ask for it may be somebody else, and is not to flood them.
FEED_TOLD_EVERY = timedelta(hours=1)
# What may be said of several bookings of a series in one message.
OF_MANY = {MailKind.ASKED, MailKind.BOOKED}
KINDS = {
    Change.CONFIRMED: MailKind.BOOKED,
    Change.RESCHEDULED: MailKind.MOVED,
    Change.CANCELLED: MailKind.CANCELLED,
    Change.DECLINED: MailKind.DECLINED,
    Change.DELAYED: MailKind.DELAYED,
}


def plan_mails(appointment: Appointment, change: Change) -> None:
    """Writes down what is to be mailed after a change, instead of what was, in its transaction.

    Nobody is written to who gave no name to write to, and no ended appointment is reminded of.
    """
    if appointment.customer_id is None:
        return
    planned = AppointmentMail.objects.filter(appointment=appointment, done_at__isnull=True)
    planned.exclude(kind=MailKind.FEED).delete()
    AppointmentMail.objects.bulk_create(
        AppointmentMail(
            provider_id=appointment.provider_id,
            appointment=appointment,
            kind=kind,
            due_at=due_at,
        )
        for kind, due_at in _planned(appointment, change)
    )


def plan_offer_mail(offer: Offer) -> None:
    """Writes down that its customer is told of an offer, in the caller's transaction.

    Whoever another app knows is told by it.
    """
    if offer.entry.customer_id is not None and not offer.entry.holder:
        AppointmentMail.objects.create(
            provider_id=offer.provider_id,
            offer=offer,
            kind=MailKind.OFFERED,
            due_at=clock.now(),
        )


def plan_feed_mail(appointment: Appointment) -> None:
    """Writes down that its customer is told where their feed is; once an hour does, per customer.

    In the caller's transaction.
    """
    now = clock.now()
    told = AppointmentMail.objects.filter(
        kind=MailKind.FEED,
        appointment__customer=appointment.customer_id,
        due_at__gt=now - FEED_TOLD_EVERY,
    )
    if not told.exists():
        AppointmentMail.objects.create(
            provider_id=appointment.provider_id,
            appointment=appointment,
            kind=MailKind.FEED,
            due_at=now,
        )


def _planned(appointment: Appointment, change: Change) -> Iterable[tuple[MailKind, datetime]]:
    now, state = clock.now(), appointment.state
    if change == Change.BOOKED:
        yield (MailKind.ASKED if state == AppointmentState.PENDING else MailKind.BOOKED), now
    elif change in KINDS:
        yield KINDS[change], now
    if state == AppointmentState.BOOKED:
        for minutes in rules_of(appointment.provider).reminder_minutes:
            due_at = appointment.starts_at - timedelta(minutes=minutes)
            if due_at > now:
                yield MailKind.REMINDER, due_at


def send_due_mails() -> int:
    """Sends what is due; returns how many were sent. What fails is tried again in five minutes.

    A worker that dies between sending and noting it sends that one mail again, with the same
    Message-ID. What is told of several bookings of a series at once is one message.
    """
    sent = 0
    with scopes_disabled():
        while claimed := _claim():
            for mails in _together(claimed):
                sent += _send(mails)
    return sent


def _together(claimed: Iterable[AppointmentMail]) -> Collection[Sequence[AppointmentMail]]:
    """The mails that are one message."""
    found: dict[object, list[AppointmentMail]] = {}
    for mail in claimed:
        about = mail.appointment
        is_of_many = mail.kind in OF_MANY and about is not None and about.series is not None
        key = (mail.kind, about.series, about.customer_id) if is_of_many and about else mail.pk
        found.setdefault(key, []).append(mail)
    return found.values()


@in_transaction
def _claim() -> Sequence[AppointmentMail]:
    now = clock.now()
    due = AppointmentMail.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        due_at__lte=now, done_at__isnull=True
    )
    free = due.exclude(claimed_until__gt=now).order_by("due_at")[:AT_ONCE]
    ids = [mail.pk for mail in free]
    AppointmentMail.objects.filter(pk__in=ids).update(claimed_until=now + CLAIMED_FOR)
    rows = AppointmentMail.objects.filter(pk__in=ids).order_by("due_at")
    return list(
        rows.select_related(
            "appointment__provider", "appointment__service", "appointment__location",
            "appointment__customer", "offer__entry__customer", "offer__entry__service",
            "offer__entry__location", "provider",
        )
    )  # fmt: skip


def _send(mails: Sequence[AppointmentMail]) -> bool:
    since = clock.now() - GIVEN_UP_AFTER
    wanted = [mail for mail in mails if mail.due_at > since and not _is_over(mail)]
    message = compose(*wanted) if wanted else None
    if message is not None:
        try:
            message.send()
        except OSError:
            pk = wanted[0].pk
            logger.warning("Mail %s could not be sent; it is tried again.", pk, exc_info=True)
            return False
    ids = [mail.pk for mail in mails]
    AppointmentMail.objects.filter(pk__in=ids).update(done_at=clock.now())
    return message is not None


def _is_over(mail: AppointmentMail) -> bool:
    now = clock.now()
    if mail.offer is not None:
        return mail.offer.state != OfferState.OPEN or mail.offer.expires_at <= now
    if mail.appointment is None:
        return True
    return mail.kind == MailKind.REMINDER and mail.appointment.starts_at <= now


def compose(mail: AppointmentMail, *others: AppointmentMail) -> EmailMessage | None:
    """The mail, in the customer's language, of an appointment with its invitation.

    ``others`` tell the same of more bookings of its series. None without an address.
    """
    about = mail.appointment if mail.offer is None else mail.offer.entry
    customer = None if about is None else about.customer
    address = None if customer is None else address_of(customer)
    if customer is None or address is None:
        return None
    with translation.override(customer.language or settings.LANGUAGE_CODE):
        if mail.offer is not None:
            return _message(mail, address, *_offer_words(mail.offer))
        if mail.kind == MailKind.FEED:
            feed = CalendarFeed.objects.filter(customer=customer).first()
            return None if feed is None else _message(mail, address, *_feed_words(feed))
        return _with_invitations([mail, *others], address)


def address_of(customer: Customer) -> str | None:
    """Where mails to a customer go: the address that was known first."""
    points = ContactPoint.objects.filter(customer=customer, kind=ContactKind.EMAIL)
    return points.order_by("id").values_list("value", flat=True).first()


def _message(mail: AppointmentMail, to: str, words: str, *more: str) -> EmailMessage:
    return EmailMessage(
        subject=f"{mail.provider.name}: {words}",
        body="\n\n".join(filter(None, (words, *more))) + "\n",
        to=[to],
        headers={"Message-ID": f"<appointment-mail-{mail.pk}@waitlessq>"},
    )


def _with_invitations(mails: Sequence[AppointmentMail], to: str) -> EmailMessage | None:
    about = [mail.appointment for mail in mails if mail.appointment is not None]
    if not about:
        return None
    about.sort(key=lambda appointment: appointment.starts_at)
    first, kind = about[0], MailKind(mails[0].kind)
    if len(about) == 1:
        words, *more = _words(kind, first), _where(first.location), _link(first)
    else:
        words, *more = _words_of_many(kind), *map(_line, about), _where(first.location)
    message = _message(mails[0], to, words, *more)
    _, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    for appointment in about:
        calendar = invitation(
            appointment, summary=summary_of(appointment), organizer=sender, attendee=to
        )
        mime = f"text/calendar; method={method(appointment)}"
        message.attach("appointment.ics", calendar.decode(), mime)
    return message


def _words_of_many(kind: MailKind) -> str:
    return {
        MailKind.ASKED: gettext("You asked for these times. You will hear of each."),
        MailKind.BOOKED: gettext("Your bookings are confirmed."),
    }[kind]


def _line(appointment: Appointment) -> str:
    at = when(appointment.starts_at, appointment.location.zone)
    return "\n".join(filter(None, (at, _link(appointment))))


def _offer_words(offer: Offer) -> tuple[str, ...]:
    zone = offer.entry.location.zone
    link = waitlist_link(offer.entry_id)
    kept = gettext("%(when)s has become free. It is kept for you until %(until)s.") % {
        "when": when(offer.starts_at, zone),
        "until": f"{offer.expires_at.astimezone(zone):%H:%M}",
    }
    asked = gettext("Take it, or let it go: %(link)s") % {"link": link} if link else ""
    return kept, _where(offer.entry.location), asked


def _feed_words(feed: CalendarFeed) -> tuple[str, ...]:
    return (
        gettext("Your bookings as a calendar"),
        gettext("Add this address to your calendar program: %(link)s")
        % {"link": feed_link(feed.pk)},
        gettext("Whoever has it can see your bookings. To end that: %(link)s")
        % {"link": feed_close_link(feed.pk)},
    )


def _words(kind: MailKind, appointment: Appointment) -> str:
    return {
        MailKind.ASKED: gettext("You asked for %(when)s. You will hear whether it is confirmed."),
        MailKind.BOOKED: gettext("Your booking for %(when)s is confirmed."),
        MailKind.MOVED: gettext("Your booking was moved to %(when)s."),
        MailKind.CANCELLED: gettext("Your booking for %(when)s is cancelled."),
        MailKind.DECLINED: gettext("Your booking for %(when)s can not be taken."),
        MailKind.REMINDER: gettext("A reminder of your booking: %(when)s."),
        MailKind.DELAYED: gettext("We are late, sorry: your booking is now at %(when)s."),
    }[kind] % {"when": when(appointment.starts_at, appointment.location.zone)}


def _link(appointment: Appointment) -> str:
    link = booking_link(appointment.pk)
    if not link or appointment.state not in BLOCKING:
        return ""
    return gettext("See it, move it or cancel it: %(link)s") % {"link": link}


def _where(place: Location) -> str:
    return "\n".join(filter(None, (place.name, place.address, place.time_zone)))
