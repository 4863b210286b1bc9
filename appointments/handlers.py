"""What appointments do once a change is committed: whoever has the calendar open is told."""

from collections.abc import Sequence

from appointments.channels import CALENDARS
from appointments.services.changes import APPOINTMENT_CHANGED
from events.models import OutboxMessage
from events.outbox import handles
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
