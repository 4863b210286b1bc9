"""Writes of the services that a provider offers."""

from typing import Any

from providers.actors import Actor
from providers.models import Service
from providers.services.named import unique_name
from waitlessq.db.rows import update_row


def service_create(*, actor: Actor, name: str, **fields: Any) -> Service:
    """A new service; ``fields`` are the model's other fields.

    Raises:
        NameTakenError: the provider has a service of this name.
    """
    with unique_name(name):
        return Service.objects.create(provider=actor.provider, name=name, **fields)


def service_update(*, actor: Actor, service: Service, **changes: Any) -> Service:
    """Changes any field but the provider.

    Raises:
        NameTakenError: the provider has a service of this name.
        NotFoundError: the service is another provider's.
    """
    actor.check_owns(service)
    with unique_name(changes.get("name")):
        return update_row(service, changes)
