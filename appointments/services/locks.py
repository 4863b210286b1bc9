"""Locks of resources and appointments, always taken in the order of ids.

Bookings of a resource wait for each other here, which costs milliseconds; that two of them never
overlap is held by the exclusion constraints all the same (docs/adr/0014).
"""

from collections.abc import Iterable

from django.db import connection

from appointments.models import Appointment, WaitlistEntry
from providers.actors import Actor
from waitlessq.errors import NotFoundError

LOCK_RESOURCES = """
SELECT pg_advisory_xact_lock(hashtextextended('appointments.resource ' || id, 0))
FROM unnest(%s::bigint[]) AS id
"""


def lock_resources(resource_ids: Iterable[int]) -> None:
    """Keeps other bookings of these resources waiting until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_RESOURCES, [sorted(set(resource_ids))])


def lock_appointment(actor: Actor, appointment_id: int) -> Appointment:
    """Locks the appointment's row and reads it behind the lock, with service and location.

    Raises:
        NotFoundError: the provider has no such appointment where the actor works.
    """
    rows = Appointment.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("service", "location").filter(pk=appointment_id).first()
    if found is None or not actor.owns(found.location):
        raise NotFoundError("There is no such appointment.")
    return found


def lock_entry(actor: Actor, entry_id: int) -> WaitlistEntry:
    """Locks an entry of the wait list, and with it its offers; reads it, with its location.

    Raises:
        NotFoundError: the provider has none such where the actor works.
    """
    rows = WaitlistEntry.objects.select_for_update(of=("self",), no_key=True)
    found = rows.select_related("location").filter(pk=entry_id).first()
    if found is None or not actor.owns(found.location):
        raise NotFoundError("There is no such entry.")
    return found


def try_lock_entry(entry_id: int) -> WaitlistEntry | None:
    """The same for who does not wait: None while somebody else has it, or where it is gone."""
    rows = WaitlistEntry.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
    return rows.filter(pk=entry_id).first()
