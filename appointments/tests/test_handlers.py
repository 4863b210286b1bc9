"""What pages are told once a change of bookings is committed."""

from unittest.mock import Mock

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from appointments import handlers
from appointments.channels import CALENDARS
from appointments.services.bookings import appointment_cancel
from appointments.tasks import read_busy_feeds
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


def test_a_calendar_that_somebody_waits_for_is_read_once_that_is_committed(
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    sent = Mock()
    monkeypatch.setattr(handlers, "send_soon", sent)
    with django_capture_on_commit_callbacks(execute=True):
        handlers.read_at_once([])
        sent.assert_not_called()
    sent.assert_called_once_with(read_busy_feeds)
