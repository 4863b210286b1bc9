"""What subscribers are told of: calls, and what corrects them; coming near; bookings; offers."""

from collections.abc import Sequence

from django.db import transaction
from django_scopes import scopes_disabled

from appointments.models import Appointment, Offer, OfferState
from appointments.services.changes import APPOINTMENT_CHANGED
from appointments.services.offers import OFFER_CHANGED
from appointments.transitions import Change
from events.models import OutboxMessage
from events.outbox import handles
from notifications.models import Kind
from notifications.services.planning import News, notifications_plan
from notifications.services.reminders import reminders_plan
from notifications.tasks import send_due_notifications
from queues.models import EventType
from queues.services.approaching import TICKET_APPROACHING
from queues.services.changes import QUEUE_CHANGED
from queues.services.offers import ticket_id_of
from waitlessq.sending import send_soon

KINDS = {
    EventType.CALLED: Kind.CALLED,
    EventType.RECALLED: Kind.CALLED,
    EventType.TRANSFERRED: Kind.MOVED,
}
# By what is undone.
CORRECTIONS = {EventType.CALLED: Kind.MISTAKE, EventType.TRANSFERRED: Kind.MOVED}
BOOKINGS = {
    Change.CONFIRMED: Kind.CONFIRMED,
    Change.RESCHEDULED: Kind.RESCHEDULED,
    Change.DELAYED: Kind.DELAYED,
    Change.CANCELLED: Kind.CANCELLED,
    Change.DECLINED: Kind.DECLINED,
}


@handles(QUEUE_CHANGED)
def tell_of_tickets(messages: Sequence[OutboxMessage]) -> None:
    """Tells who is called, called by mistake, or moved to another queue."""
    _tell(_news_of_tickets(messages))


@handles(TICKET_APPROACHING)
def tell_who_is_near(messages: Sequence[OutboxMessage]) -> None:
    """Tells whose turn comes soon."""
    _tell(
        [
            News(Kind.APPROACHING, key=f"approaching:{message.pk}", ticket_id=message.subject_id)
            for message in messages
        ]
    )


@handles(APPOINTMENT_CHANGED)
def tell_of_appointments(messages: Sequence[OutboxMessage]) -> None:
    """Tells what became of a booking; reminders follow its time."""
    changed = {message.subject_id for message in messages}
    with scopes_disabled():
        followed = Appointment.objects.filter(
            pk__in=changed, push_subscriptions__isnull=False
        ).distinct()
        for appointment in followed.select_related("provider"):
            reminders_plan(appointment)
    _tell(
        [
            News(
                BOOKINGS[Change(message.payload["change"])],
                key=f"booking:{message.payload['change']}:{message.payload['sequence']}",
                appointment_id=message.subject_id,
            )
            for message in messages
            if message.payload["change"] in BOOKINGS
        ]
    )


@handles(OFFER_CHANGED)
def tell_of_offers(messages: Sequence[OutboxMessage]) -> None:
    """Tells whoever is asked about a time that became free, for as long as it is kept."""
    made = [one.subject_id for one in messages if one.payload["state"] == OfferState.OPEN]
    if not made:
        return
    with scopes_disabled():
        offers = Offer.objects.select_related("entry").filter(pk__in=made, state=OfferState.OPEN)
        _tell([_news_of(offer) for offer in offers])


def _news_of(offer: Offer) -> News:
    ticket_id = ticket_id_of(offer.entry.holder)
    return News(
        Kind.OFFERED,
        key=f"offer:{offer.pk}",
        ticket_id=ticket_id,
        entry_id=offer.entry_id if ticket_id is None else None,
        useful_until=offer.expires_at,
    )


def _news_of_tickets(messages: Sequence[OutboxMessage]) -> list[News]:
    """Of each ticket what came last of a kind: a transfer is an event in both of its queues."""
    newest: dict[tuple[Kind, int], News] = {}
    for message in messages:
        # By a message of another release, as of a change without a ticket, nobody is told.
        payload = message.payload
        kind = KINDS.get(payload.get("event")) or CORRECTIONS.get(payload.get("undoes"))
        if kind is not None and "ticket" in payload:
            key = f"{kind}:{message.subject_id}:{payload['sequence']}"
            newest[kind, payload["ticket"]] = News(kind, key=key, ticket_id=payload["ticket"])
    return list(newest.values())


def _tell(news: Sequence[News]) -> None:
    with scopes_disabled():
        if notifications_plan(news):
            # Whatever is lost here is found when it is overdue.
            transaction.on_commit(lambda: send_soon(send_due_notifications), robust=True)
