"""What every change of an appointment leaves behind: an event, a message, a new version."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.core.cache import cache
from django.db import transaction

from appointments.models import Appointment, AppointmentEvent
from appointments.services.mails import plan_mails
from appointments.transitions import Change
from events.outbox import emit
from providers.actors import Actor
from waitlessq import clock
from waitlessq.cache import SLOTS_VERSION
from waitlessq.db.rows import insert_row

APPOINTMENT_CHANGED = "appointment.changed"
SLOT_FREED = "slot.freed"


def record(
    appointment: Appointment,
    change: Change,
    *,
    actor: Actor,
    from_state: str,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Appends an event, plans mails, emits ``appointment.changed``, in the caller's transaction."""
    insert_row(
        AppointmentEvent(
            provider_id=appointment.provider_id,
            appointment=appointment,
            type=change,
            actor=actor.name,
            from_state=from_state,
            to_state=appointment.state,
            data=dict(data or {}),
            at=clock.now(),
        )
    )
    emit(
        APPOINTMENT_CHANGED,
        provider_id=appointment.provider_id,
        subject_id=appointment.pk,
        payload={
            "change": change.value,
            "state": str(appointment.state),
            "sequence": appointment.sequence,
            "location": appointment.location_id,
        },
    )
    plan_mails(appointment, change)
    calendar_changed(appointment.provider_id)


def slot_freed(appointment: Appointment) -> None:
    """Emits ``slot.freed`` with the times that the appointment leaves."""
    emit(
        SLOT_FREED,
        provider_id=appointment.provider_id,
        subject_id=appointment.pk,
        payload={
            "service": appointment.service_id,
            "location": appointment.location_id,
            "resources": list(appointment.resources.values_list("resource_id", flat=True)),
            "starts_at": appointment.starts_at.isoformat(),
            "ends_at": appointment.ends_at.isoformat(),
        },
    )


def calendar_changed(provider_id: int) -> None:
    """Lets nobody find searches from before this transaction any more, once it commits.

    If Redis does not hear it, they are found for a minute longer; bookings never trust them.
    """
    key, version = SLOTS_VERSION.key(provider_id), uuid.uuid4().hex
    transaction.on_commit(lambda: cache.set(key, version, SLOTS_VERSION.seconds))
