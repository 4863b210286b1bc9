"""What queues do once a change is committed: whoever has them open is told."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from events.models import OutboxMessage
from events.outbox import handles
from queues.channels import LOCATIONS, QUEUES, TICKETS
from queues.services.changes import QUEUE_CHANGED
from queues.snapshot import build_snapshots, keep_snapshots
from waitlessq.streams.channels import public_name, secret_names
from waitlessq.streams.publisher import StreamMessage, publish


@handles(QUEUE_CHANGED)
def publish_changes(messages: Sequence[OutboxMessage]) -> None:
    """Builds the newest snapshot of each changed queue once, however often it changed; tells it.

    Raises:
        redis.RedisError: it could not be told, so the messages stay.
    """
    documents = build_snapshots({message.subject_id for message in messages})
    keep_snapshots(documents)
    publish([*_snapshots(documents), *_changes(messages)])


def _snapshots(documents: Sequence[Mapping[str, Any]]) -> Iterator[StreamMessage]:
    for document in documents:
        yield StreamMessage(public_name(QUEUES, document["queue"]), "snapshot", document)


def _changes(messages: Sequence[OutboxMessage]) -> Iterator[StreamMessage]:
    """Of each queue of a location, and of each ticket, the newest change."""
    newest: dict[tuple[str, int, int], dict[str, Any]] = {}
    for message in messages:
        change = {"queue": message.subject_id, "sequence": message.payload["sequence"]}
        # By a message of another release, as of a change without a ticket, some hear nothing.
        for kind, about in ((LOCATIONS, "location"), (TICKETS, "ticket")):
            if about in message.payload:
                newest[kind, message.payload[about], message.subject_id] = change
    for (kind, subject_id, _), change in newest.items():
        for name in secret_names(kind, subject_id):
            yield StreamMessage(name, "changed", change)
