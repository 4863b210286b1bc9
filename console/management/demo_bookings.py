"""What can be booked at the demo providers, and who has."""

import random
from collections.abc import Sequence
from datetime import date, time, timedelta

from appointments.models import Appointment, Resource, ResourceKind
from appointments.selectors import free_slots
from appointments.services.bookings import Details, appointment_book
from appointments.services.resources import (
    availability_rule_add,
    booking_policy_set,
    resource_create,
)
from appointments.services.seats import Wish
from providers.actors import Actor
from providers.models import Location, Service
from waitlessq import clock

STAFF = ("Noa", "Sami")
WORKING_DAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
BOOKINGS = 6
DAYS = 4


def make_bookable(actor: Actor, location: Location, services: Sequence[Service]) -> None:
    """Two people and a room, who offer all services from nine to five."""
    for name in STAFF:
        person = resource_create(
            actor=actor, location=location, name=name, kind=ResourceKind.STAFF, services=services
        )
        availability_rule_add(
            actor=actor,
            resource=person,
            recurrence=WORKING_DAYS,
            starts=time(9),
            ends=time(17),
            valid_from=date(2026, 1, 1),
        )
    resource_create(
        actor=actor,
        location=location,
        name="Room 1",
        kind=ResourceKind.ROOM,
        services=services,
        capacity=2,
    )
    for service in services:
        booking_policy_set(actor=actor, service=service)


def book_some(actor: Actor, chance: random.Random) -> int:
    """A few bookings of the coming days, unless there are some; how many were made."""
    now = clock.now()
    person = Resource.objects.filter(kind=ResourceKind.STAFF).first()
    if person is None or Appointment.objects.filter(starts_at__gt=now).exists():
        return 0
    service = person.services.order_by("id")[0]
    found = free_slots(
        service_id=service.pk,
        location=person.location,
        first=now,
        last=now + timedelta(days=DAYS),
    )
    # Far enough from each other to be free whatever was booked before.
    chosen = chance.sample(found.slots[::4], min(BOOKINGS, len(found.slots[::4])))
    for slot in chosen:
        appointment_book(
            actor=actor,
            wish=Wish(service.pk, slot.starts_at, person.location_id),
            details=Details(source="staff"),
        )
    return len(chosen)
