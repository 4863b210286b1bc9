"""What is kept of subscribers, and until when."""

from datetime import timedelta

from django.db.models import Q

from appointments.models import WaitlistState
from notifications.models import PushSubscription
from queues.models.ticket import LIVE
from waitlessq import clock

# Whoever missed their call, or was not served, may still be told for a while.
KEPT_AFTER_END = timedelta(days=1)
# Who waits for a time no more.
ANSWERED = [WaitlistState.BOOKED, WaitlistState.LEFT]


def subscriptions_forget() -> int:
    """Deletes subscriptions to what ended a day ago, with all that was sent; returns how many.

    Who waits for a time no more is told of none at once.
    """
    latest = clock.now() - KEPT_AFTER_END
    tickets = Q(ticket__ended_at__lt=latest) & ~Q(ticket__state__in=LIVE)
    entries = Q(entry__last__lt=latest) | Q(entry__state__in=ANSWERED)
    appointments = Q(appointment__ends_at__lt=latest)
    over = PushSubscription.objects.filter(tickets | appointments | entries)
    _, deleted = over.delete()
    return deleted.get(PushSubscription._meta.label, 0)
