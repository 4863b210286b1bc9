"""A house that can be booked: two who give advice, a room, and a day that is far enough."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from appointments.models import Appointment, BookingPolicy, Resource, ResourceKind
from appointments.services.bookings import Details, appointment_book
from appointments.services.resources import (
    availability_rule_add,
    booking_policy_set,
    resource_create,
)
from appointments.services.seats import Wish
from conftest import House
from providers.actors import Actor
from waitlessq import clock

EVERY_DAY = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"


@dataclass(frozen=True)
class Practice:
    """The house's service "Advice" lasts 15 minutes; Ada and Ben give it from 9 to 17, daily."""

    house: House
    policy: BookingPolicy
    ada: Resource
    ben: Resource
    room: Resource

    @property
    def customer(self) -> Actor:
        return Actor.customer(self.house.provider)

    @property
    def day(self) -> date:
        """The day after tomorrow, there."""
        return clock.local_date(self.house.location.zone) + timedelta(days=2)

    def at(self, hour: int, minute: int = 0, days: int = 0) -> datetime:
        zone = ZoneInfo(self.house.location.time_zone)
        day = self.day + timedelta(days=days)
        return datetime.combine(day, time(hour, minute), tzinfo=zone)

    def wish(
        self, hour: int = 10, minute: int = 0, *, days: int = 0, resource: Resource | None = None
    ) -> Wish:
        return Wish(
            self.house.service.pk,
            self.at(hour, minute, days),
            resource_id=None if resource is None else resource.pk,
        )

    def book(self, wish: Wish, actor: Actor | None = None, **details: Any) -> Appointment:
        return appointment_book(
            actor=actor or self.house.actor, wish=wish, details=Details(**details)
        )


def build_practice(house: House, **policy: Any) -> Practice:
    """Resources and a policy for a house whose provider is in scope."""
    fields: dict[str, Any] = {"location": house.location, "services": [house.service]}
    ada, ben = (
        resource_create(actor=house.actor, name=name, kind=ResourceKind.STAFF, **fields)
        for name in ("Ada", "Ben")
    )
    room = resource_create(actor=house.actor, name="Room 1", kind=ResourceKind.ROOM, **fields)
    for resource in (ada, ben):
        availability_rule_add(
            actor=house.actor,
            resource=resource,
            recurrence=EVERY_DAY,
            starts=time(9),
            ends=time(17),
            valid_from=date(2020, 1, 1),
        )
    made = booking_policy_set(actor=house.actor, service=house.service, **policy)
    return Practice(house, made, ada, ben, room)
