"""Scheduled work of the outbox."""

from datetime import timedelta

from celery import shared_task

from events.models import IdempotencyRecord
from events.outbox import relay_batch
from waitlessq import clock

# One tick must not hold the worker for ever when producers are faster; the next tick goes on.
BATCHES_PER_TICK = 20
IDEMPOTENCY_KEPT_FOR = timedelta(hours=24)


@shared_task
def relay_outbox() -> None:
    """Delivers what waits in the outbox."""
    for _ in range(BATCHES_PER_TICK):
        if not relay_batch():
            return


@shared_task
def forget_idempotency_records() -> None:
    """Deletes the answers that nobody may ask for again."""
    oldest_kept = clock.now() - IDEMPOTENCY_KEPT_FOR
    IdempotencyRecord.objects.filter(created_at__lt=oldest_kept).delete()
