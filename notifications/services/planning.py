"""Writes down what subscribers are to be told, in the transaction of whoever knows of it."""

from collections.abc import Iterable, Sequence
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
SUBJECTS = ("ticket_id", "appointment_id", "entry_id")


@dataclass(frozen=True, slots=True)
class News:
    """Something that subscribers of a ticket, an appointment or an entry are to be told.

    ``key`` is the same for the same event; ``due_at`` is now if it is None.
    """

    kind: Kind
    key: str
    ticket_id: int | None = None
    appointment_id: int | None = None
    entry_id: int | None = None
    due_at: datetime | None = None
    useful_until: datetime | None = None


def notifications_plan(news: Iterable[News]) -> int:
    """Adds a notification for each subscriber of each of these, unless it was added before.

    Returns how many subscribers there are to tell. A statement for each kind of subject, one more
    if there are subscribers, and none for no news.
    """
    news = list(news)
    subscribers = [found for subject in SUBJECTS for found in _subscribers(subject, news)]
    now = clock.now()
    planned = [
        _notification(one, subscription, now)
        for one in news
        for subscription in subscribers
        if _subject(subscription) == _subject(one)
    ]
    if planned:
        Notification.objects.bulk_create(planned, ignore_conflicts=True)
    return len(planned)


def _subscribers(subject: str, news: Sequence[News]) -> list[PushSubscription]:
    ids = [pk for one in news if (pk := getattr(one, subject))]
    return list(PushSubscription.objects.filter(**{f"{subject}__in": ids})) if ids else []


def _subject(of: News | PushSubscription) -> list[int | None]:
    return [getattr(of, subject) for subject in SUBJECTS]


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
