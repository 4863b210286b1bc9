"""What pages are told once a change of bookings is committed."""

import pytest

from appointments import handlers
from appointments.channels import CALENDARS
from appointments.services.bookings import appointment_cancel
from appointments.tests.cast import Practice
from events.models import OutboxMessage
from waitlessq.streams.channels import secret_names
from waitlessq.streams.publisher import StreamMessage


def test_the_calendar_of_a_location_is_told_its_newest_change(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[StreamMessage] = []
    monkeypatch.setattr(handlers, "publish", told.extend)
    booked = practice.book(practice.wish())
    appointment_cancel(actor=practice.house.actor, appointment_id=booked.pk)
    messages = OutboxMessage.objects.filter(topic="appointment.changed").order_by("id")
    handlers.publish_changes(list(messages))
    names = secret_names(CALENDARS, practice.house.location.pk)
    change = {"appointment": booked.pk, "sequence": 1}
    assert told == [StreamMessage(name, "changed", change) for name in names]
