"""Scheduled work."""

from datetime import timedelta

from celery import shared_task

from events.models import IdempotencyRecord
from waitlessq import clock

IDEMPOTENCY_KEPT_FOR = timedelta(hours=24)


@shared_task
def forget_idempotency_records() -> None:
    """Deletes the answers that nobody may ask for again."""
    oldest_kept = clock.now() - IDEMPOTENCY_KEPT_FOR
    IdempotencyRecord.objects.filter(created_at__lt=oldest_kept).delete()
