"""Writes of locations."""

from typing import Any

from providers.actors import Actor
from providers.models import Location
from providers.services.named import unique_name
from waitlessq.db.rows import update_row


def location_create(*, actor: Actor, name: str, time_zone: str, address: str = "") -> Location:
    """A new branch.

    Raises:
        NameTakenError: the provider has a location of this name.
    """
    with unique_name(name):
        return Location.objects.create(
            provider=actor.provider, name=name, time_zone=time_zone, address=address
        )


def location_update(*, actor: Actor, location: Location, **changes: Any) -> Location:
    """Changes name, address or time zone.

    Raises:
        NameTakenError: the provider has a location of this name.
        NotFoundError: the location is another provider's.
    """
    actor.check_owns(location)
    with unique_name(changes.get("name")):
        return update_row(location, changes)
