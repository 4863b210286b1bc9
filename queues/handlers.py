"""What queues do once a change is committed: whoever has them open is told, and how long they wait.

While people wait they are told again now and then, since waits change with time alone.
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from django.db.transaction import atomic
from django_scopes import scopes_disabled

from appointments.services.offers import OFFER_CHANGED, SLOT_UNCLAIMED
from events.models import OutboxMessage
from events.outbox import handles
from events.parts import PARTS
from events.relay import each_regularly, regularly
from providers.services.locations import LOCATION_CHANGED
from queues.channels import LOCATIONS, QUEUES, TICKETS
from queues.services.approaching import approaching_notice
from queues.services.changes import QUEUE_CHANGED
from queues.services.due import (
    deferrals_end,
    grace_times_end,
    queues_follow_locations,
    queues_turn,
)
from queues.services.figures import ACCURACY_CHANGED
from queues.services.forecasts import (
    due_queues,
    forecasts_rest,
    forecasts_update,
    quotes_record,
)
from queues.services.offers import freed_slots_offer_to_line, ticket_id_of
from queues.services.screens import HELP_ASKED
from queues.snapshot import build_snapshots, etag, keep_snapshots
from waitlessq.streams.channels import public_name, secret_names
from waitlessq.streams.publisher import StreamMessage, publish

logger = logging.getLogger(__name__)


@handles(QUEUE_CHANGED, tells_pages=True)
def publish_changes(messages: Sequence[OutboxMessage]) -> None:
    """Builds the newest snapshot of each changed queue once, however often it changed; tells it.

    Raises:
        PublishError: it could not be told, so the messages stay.
    """
    documents = _renewed({message.subject_id for message in messages})
    publish([*_snapshots(documents), *_changes(messages)])


@handles(QUEUE_CHANGED)
def notice_who_comes_near(messages: Sequence[OutboxMessage]) -> None:
    """Notices who moved up among the first of a line."""
    approaching_notice({message.subject_id for message in messages})


@handles(ACCURACY_CHANGED)
def log_accuracies(messages: Sequence[OutboxMessage]) -> None:
    """Tells who runs the platform where waits are not what people are told."""
    for message in messages:
        logger.warning(
            "Waits of queue %s are %s: %s of %s were as told in two weeks.",
            message.subject_id,
            "not as told" if message.payload["is_off"] else "as told again",
            message.payload["inside"],
            message.payload["scored"],
        )


@handles(HELP_ASKED)
def publish_help(messages: Sequence[OutboxMessage]) -> None:
    """Tells the desks of a location that somebody at a kiosk asks for help.

    Raises:
        redis.RedisError: it could not be told, so the messages stay.
    """
    publish(
        StreamMessage(name, "help", {"kiosk": message.payload["kiosk"]})
        for message in messages
        for name in secret_names(LOCATIONS, message.payload["location"])
    )


@handles(SLOT_UNCLAIMED)
def offer_to_who_waits(messages: Sequence[OutboxMessage]) -> None:
    """Lets the next in line be asked about what no customer on the wait list wants."""
    with scopes_disabled():
        freed_slots_offer_to_line({message.subject_id: message.payload for message in messages})


@handles(OFFER_CHANGED)
def publish_offers(messages: Sequence[OutboxMessage]) -> None:
    """Tells the pages of tickets that something is offered to them, or is not any more.

    Raises:
        PublishError: it could not be told, so the messages stay.
    """
    told = ((ticket_id_of(one.payload["holder"]), one) for one in messages)
    publish(
        StreamMessage(name, "offer", {"offer": message.subject_id, **message.payload})
        for ticket_id, message in told
        if ticket_id is not None
        for name in secret_names(TICKETS, ticket_id)
    )


@each_regularly
@atomic
def publish_due(parts: Collection[int] = range(PARTS)) -> None:
    """Tells the snapshots of a few queues, of these parts, whose waits were told some time ago.

    Raises:
        PublishError: they could not be told, so they stay due.
    """
    queue_ids = due_queues(parts)
    if not queue_ids:
        return
    documents = _renewed(queue_ids)
    forecasts_rest([document["queue"] for document in documents if not document["waits"]])
    publish(_snapshots(documents))


@regularly
def let_time_pass() -> None:
    """Does what is due: brings back who asked for more time, and misses who did not come."""
    deferrals_end()
    grace_times_end()


@regularly
def follow_hours() -> None:
    """Opens and closes queues with their locations, and ends their day."""
    queues_turn()


@handles(LOCATION_CHANGED)
def follow_changed_hours(messages: Sequence[OutboxMessage]) -> None:
    """Brings the queues of locations in line with their new hours."""
    queues_follow_locations({message.subject_id for message in messages})


def _renewed(queue_ids: Collection[int]) -> list[dict[str, Any]]:
    """The snapshots of queues as of now, with waits that know all that happened; keeps them."""
    updated = forecasts_update(queue_ids)
    known = {queue_id: (one.sequence, one.forecast) for queue_id, one in updated.items()}
    built = build_snapshots(queue_ids, known)
    for queue_id, one in built.items():
        joined = updated[queue_id].joined if queue_id in updated else ()
        told = {pk: one.waits[pk] for pk in joined if pk in one.waits}
        quotes_record(told, at=one.document["as_of"])
    documents = [one.document for one in built.values()]
    keep_snapshots(documents)
    return documents


def _snapshots(documents: Sequence[Mapping[str, Any]]) -> Iterator[StreamMessage]:
    for document in documents:
        name = public_name(QUEUES, document["queue"])
        yield StreamMessage(name, "snapshot", document, etag(document).strip('"'))


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
