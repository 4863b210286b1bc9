"""Scheduled work."""

from datetime import timedelta

from celery import shared_task
from django.core.cache import cache
from django_scopes import scopes_disabled

from appointments.models import FreedSlot, SlotHold, WaitlistEntry
from appointments.services.feeds import busy_feeds_read
from appointments.services.mails import send_due_mails
from appointments.services.offers import freed_slots_offer
from waitlessq import clock
from waitlessq.cache import READING_FEEDS
from waitlessq.sending import send_soon

# Nobody misses them: an expired hold is in nobody's way.
KEPT_AFTER_EXPIRY = timedelta(minutes=10)
WAITLIST_KEPT = timedelta(days=30)


@shared_task
def forget_expired_holds() -> None:
    """Deletes what is over: holds, what was freed, and waiting for a time that is long past."""
    with scopes_disabled():
        WaitlistEntry.objects.filter(last__lt=clock.now() - WAITLIST_KEPT).delete()
        FreedSlot.objects.filter(ends_at__lt=clock.now() - KEPT_AFTER_EXPIRY).delete()
        SlotHold.objects.filter(expires_at__lt=clock.now() - KEPT_AFTER_EXPIRY).delete()


@shared_task
def send_appointment_mails() -> None:
    """Sends the mails that are due."""
    send_due_mails()


@shared_task
def offer_freed_slots() -> None:
    """Ends offers that have run out, and offers what is free to who is next."""
    freed_slots_offer()


@shared_task
def read_busy_feeds() -> None:
    """Reads some of the calendars elsewhere that are due; the task after it reads the others.

    One of these tasks runs at a time, so that calls and mails never wait until all workers have
    heard from silent servers.
    """
    key = READING_FEEDS.key()
    # Without Redis nobody can say whether another one runs.
    if cache.add(key, 1, READING_FEEDS.seconds) is False:
        return
    try:
        are_more_due = busy_feeds_read()
    finally:
        cache.delete(key)
    if are_more_due:
        send_soon(read_busy_feeds)
