"""Scheduled work."""

from datetime import timedelta

from celery import shared_task
from django_scopes import scopes_disabled

from appointments.models import SlotHold
from appointments.services.mails import send_due_mails
from waitlessq import clock

# Nobody misses them: an expired hold is in nobody's way.
KEPT_AFTER_EXPIRY = timedelta(minutes=10)


@shared_task
def forget_expired_holds() -> None:
    """Deletes holds that have expired for a while."""
    with scopes_disabled():
        SlotHold.objects.filter(expires_at__lt=clock.now() - KEPT_AFTER_EXPIRY).delete()


@shared_task
def send_appointment_mails() -> None:
    """Sends the mails that are due."""
    send_due_mails()
