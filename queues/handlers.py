"""What queues do once a change is committed."""

from collections.abc import Sequence

from django_scopes import scopes_disabled

from events.models import OutboxMessage
from events.outbox import handles
from queues.models import Queue
from queues.services.changes import QUEUE_CHANGED
from queues.snapshot import read_snapshot


@handles(QUEUE_CHANGED)
def keep_snapshots_warm(messages: Sequence[OutboxMessage]) -> None:
    """Builds the newest snapshot of each changed queue once, however often it changed."""
    changed = {message.subject_id for message in messages}
    with scopes_disabled():
        for queue in Queue.objects.filter(pk__in=changed):
            read_snapshot(queue)
