"""Setting up queues, and opening and closing them."""

from collections.abc import Sequence
from typing import Any

from providers.actors import Actor
from providers.models import Location, Service
from providers.services.named import unique_name
from queues.models import Queue
from queues.services.changes import record_queue_change
from queues.services.locks import lock_queue
from queues.services.opening import standing_fields
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import NotFoundError


@in_transaction
def queue_create(
    *,
    actor: Actor,
    location: Location,
    name: str,
    services: Sequence[Service] = (),
    **fields: Any,
) -> Queue:
    """A new queue of a location; ``fields`` are the model's settings.

    Raises:
        NameTakenError: the location has a queue of this name.
        NotFoundError: the location or a service is not the provider's.
    """
    if not actor.owns(location):
        raise NotFoundError("There is no such location.")
    _check_services(actor, services)
    is_by_hand = "status" in fields
    queue = Queue(
        provider=actor.provider,
        location=location,
        name=name,
        **{"status_by_hand": is_by_hand} | fields,
    )
    for field, value in standing_fields(queue, has_rest=False).items():
        setattr(queue, field, value)
    with unique_name(name):
        queue.save(force_insert=True)
    queue.services.set(services)
    return queue


@in_transaction
def queue_update(
    *, actor: Actor, queue_id: int, services: Sequence[Service] | None = None, **changes: Any
) -> Queue:
    """Changes settings or status. Locks the queue; emits ``queue.changed``.

    A status that a person chooses counts until the hours next open or close the queue.

    Raises:
        NameTakenError: the location has a queue of this name.
        NotFoundError: there is no such queue, or a service is not the provider's.
    """
    queue = lock_queue(actor, queue_id)
    if services is None and not changes:
        return queue
    if services is not None:
        _check_services(actor, services)
        queue.services.set(services)
    named = sorted(changes) + (["services"] if services is not None else [])
    if "status" in changes:
        changes["status_by_hand"] = True
    with unique_name(changes.get("name")):
        update_row(queue, changes)
    update_row(queue, standing_fields(queue))
    record_queue_change(queue, actor=actor, data={"changed": named, "status": queue.status})
    return queue


def _check_services(actor: Actor, services: Sequence[Service]) -> None:
    if any(service.provider_id != actor.provider.pk for service in services):
        raise NotFoundError("There is no such service.")
