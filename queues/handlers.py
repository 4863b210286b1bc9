"""What queues do once a change is committed."""

from collections.abc import Collection, Sequence

from django.db import transaction
from django_scopes import scopes_disabled

from events.models import OutboxMessage
from events.outbox import handles
from queues.models import Queue
from queues.services.changes import QUEUE_CHANGED
from queues.snapshot import read_snapshot


@handles(QUEUE_CHANGED)
def keep_snapshots_warm(messages: Sequence[OutboxMessage]) -> None:
    """Builds the newest snapshot of each changed queue once, however often it changed.

    After the relay's transaction: a snapshot takes one of its own, to see a single moment.
    """
    changed = {message.subject_id for message in messages}
    transaction.on_commit(lambda: _build(changed), robust=True)


def _build(queue_ids: Collection[int]) -> None:
    with scopes_disabled():
        for queue in Queue.objects.filter(pk__in=queue_ids):
            read_snapshot(queue)
