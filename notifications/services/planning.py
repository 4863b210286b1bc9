"""Writes down what subscribers are to be told, in the transaction of whoever knows of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from notifications.models import Kind, Notification, PushSubscription
from waitlessq import clock

USEFUL_FOR = {
    # Whoever reads later that it was their turn is not helped.
    Kind.CALLED: timedelta(minutes=5),
    Kind.APPROACHING: timedelta(minutes=10),
    Kind.MISTAKE: timedelta(minutes=30),
    Kind.MOVED: timedelta(minutes=30),
    # Who tries it looks at the phone.
    Kind.TEST: timedelta(minutes=1),
}
USEFUL_FOR_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class News:
    """Something that subscribers of a ticket, or an appointment, are to be told.

    ``key`` is the same for the same event; ``due_at`` is now if it is None.
    """

    kind: Kind
    key: str
    ticket_id: int | None = None
    appointment_id: int | None = None
    due_at: datetime | None = None
    useful_until: datetime | None = None


def notifications_plan(news: Iterable[News]) -> int:
    """Adds a notification for each subscriber of each of these, unless it was added before.

    Returns how many subscribers there are to tell. Three statements at the most, and none for no
    news.
    """
    news = list(news)
    tickets = [one.ticket_id for one in news if one.ticket_id]
    appointments = [one.appointment_id for one in news if one.appointment_id]
    subscribers = _subscribers(ticket_id__in=tickets) if tickets else []
    subscribers += _subscribers(appointment_id__in=appointments) if appointments else []
    now = clock.now()
    planned = [
        _notification(one, subscription, now)
        for one in news
        for subscription in subscribers
        if (subscription.ticket_id, subscription.appointment_id)
        == (one.ticket_id, one.appointment_id)
    ]
    if planned:
        Notification.objects.bulk_create(planned, ignore_conflicts=True)
    return len(planned)


def _subscribers(**about: list[int]) -> list[PushSubscription]:
    return list(PushSubscription.objects.filter(**about))


def _notification(news: News, to: PushSubscription, now: datetime) -> Notification:
    due_at = news.due_at or now
    return Notification(
        provider_id=to.provider_id,
        subscription=to,
        kind=news.kind,
        key=news.key,
        due_at=due_at,
        useful_until=news.useful_until or due_at + USEFUL_FOR.get(news.kind, USEFUL_FOR_A_DAY),
    )
