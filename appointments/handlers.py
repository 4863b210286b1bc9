"""What appointments do once a change is committed.

Whoever has the calendar open is told; what was freed is offered to who waits for it.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django_scopes import scopes_disabled

from appointments.channels import CALENDARS
from appointments.models import FreedSlot
from appointments.services.changes import APPOINTMENT_CHANGED, SLOT_FREED
from appointments.services.feeds import BUSY_FEED_DUE
from appointments.services.offers import OFFER_CHANGED
from appointments.tasks import offer_freed_slots, read_busy_feeds
from events.models import OutboxMessage
from events.outbox import handles
from providers.models import Location
from waitlessq import clock
from waitlessq.sending import send_soon
from waitlessq.streams.channels import secret_names
from waitlessq.streams.publisher import StreamMessage, publish


@handles(APPOINTMENT_CHANGED, tells_pages=True)
def publish_changes(messages: Sequence[OutboxMessage]) -> None:
    """Tells the calendars of the locations; of each location the newest change is enough.

    Raises:
        PublishError: it could not be told, so the messages stay.
    """
    newest = {
        message.payload["location"]: {
            "appointment": message.subject_id,
            "sequence": message.payload["sequence"],
        }
        for message in messages
    }
    publish(
        StreamMessage(name, "changed", change)
        for location, change in newest.items()
        for name in secret_names(CALENDARS, location)
    )


@handles(SLOT_FREED)
def note_freed_slots(messages: Sequence[OutboxMessage]) -> None:
    """Writes down what was freed and is not over; a worker offers it.

    The rows are committed with the relay's transaction, and found by a regular task where the
    broker loses the message that makes it quick.
    """
    now = clock.now()
    with scopes_disabled():
        # A message of the release before names no resources.
        told = [message for message in messages if message.payload.get("resources")]
        places = Location.objects.in_bulk({message.payload["location"] for message in told})
        FreedSlot.objects.bulk_create(
            FreedSlot(
                provider_id=message.provider_id,
                location_id=message.payload["location"],
                resource_ids=message.payload["resources"],
                starts_at=datetime.fromisoformat(message.payload["starts_at"]),
                ends_at=ends_at,
                due_at=now,
            )
            for message in told
            if (ends_at := datetime.fromisoformat(message.payload["ends_at"])) > now
            and message.payload["location"] in places
        )
    transaction.on_commit(lambda: send_soon(offer_freed_slots), robust=True)


@handles(OFFER_CHANGED)
def ask_the_next(messages: Sequence[OutboxMessage]) -> None:
    """Lets a worker look at once who is next, where an offer was given back."""
    if any(message.payload["state"] in {"refused", "expired"} for message in messages):
        transaction.on_commit(lambda: send_soon(offer_freed_slots), robust=True)


@handles(BUSY_FEED_DUE)
def read_at_once(messages: Sequence[OutboxMessage]) -> None:
    """Lets a worker read the calendars that somebody waits for."""
    transaction.on_commit(lambda: send_soon(read_busy_feeds), robust=True)
