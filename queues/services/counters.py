"""Setting up counters, and opening and closing them."""

from collections.abc import Container, Sequence

from django.utils.translation import gettext

from providers.actors import Actor
from providers.models import Location, Service
from providers.services.named import unique_name
from queues.errors import CounterBusyError
from queues.models import Counter, Queue
from queues.services.changes import record_queue_change
from queues.services.locks import lock_counter, lock_queues
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import NotFoundError


@in_transaction
def counter_create(
    *,
    actor: Actor,
    location: Location,
    name: str,
    queues: Sequence[Queue] = (),
    services: Sequence[Service] = (),
) -> Counter:
    """A new counter of a location, closed.

    Raises:
        NameTakenError: the location has a counter of this name.
        NotFoundError: the location or a service is not the provider's, or a queue is not the
            location's.
    """
    if not actor.owns(location):
        raise NotFoundError("There is no such location.")
    _check_queues(location.pk, queues)
    _check_services(actor, services)
    with unique_name(name):
        counter = Counter.objects.create(provider=actor.provider, location=location, name=name)
    counter.queues.set(queues)
    counter.services.set(services)
    return counter


@in_transaction
def counter_update(
    *,
    actor: Actor,
    counter_id: int,
    name: str | None = None,
    queues: Sequence[Queue] | None = None,
    services: Sequence[Service] | None = None,
) -> Counter:
    """Renames a counter or changes what it serves; no services are all. Locks it and its queues.

    Raises:
        NameTakenError: the location has a counter of this name.
        NotFoundError: there is no such counter or service, or a queue is not the location's.
    """
    locked = lock_counter(actor, counter_id)
    counter = locked.counter
    if name is None and queues is None and services is None:
        return counter
    queue_ids = locked.concerned_queue_ids
    if queues is not None:
        queue_ids.update(queue.pk for queue in queues)
    affected = lock_queues(actor, queue_ids)
    with unique_name(name):
        update_row(counter, {} if name is None else {"name": name})
    if queues is not None:
        _check_queues(counter.location_id, queues)
        counter.queues.set(queues)
    if services is not None:
        _check_services(actor, services)
        counter.services.set(services)
    served = set(locked.queue_ids) if queues is None else {queue.pk for queue in queues}
    _record_in(affected, counter, actor, served)
    return counter


@in_transaction
def counter_open(*, actor: Actor, counter_id: int) -> Counter:
    """Somebody is at the counter now. Locks it and its queues; a second time changes nothing."""
    return _set_open(actor, counter_id, is_open=True)


@in_transaction
def counter_close(*, actor: Actor, counter_id: int) -> Counter:
    """Nobody is at the counter any more. Locks it and its queues.

    Raises:
        CounterBusyError: a ticket is still there.
    """
    return _set_open(actor, counter_id, is_open=False)


def _set_open(actor: Actor, counter_id: int, *, is_open: bool) -> Counter:
    locked = lock_counter(actor, counter_id)
    counter = locked.counter
    if counter.is_open == is_open:
        return counter
    queues = lock_queues(actor, locked.queue_ids)
    if locked.ticket_code is not None:
        code = locked.ticket_code
        detail = gettext("Finish %(code)s first.") % {"code": code}
        raise CounterBusyError(detail, counter=counter.pk, ticket=code)
    update_row(counter, {"is_open": is_open})
    _record_in(queues, counter, actor, served=set(locked.queue_ids))
    return counter


def _record_in(
    queues: Sequence[Queue], counter: Counter, actor: Actor, served: Container[int]
) -> None:
    for queue in queues:
        data = {
            "counter": counter.pk,
            "name": counter.name,
            "is_open": counter.is_open,
            "serves": queue.pk in served,
        }
        record_queue_change(queue, actor=actor, data=data)


def _check_queues(location_id: int, queues: Sequence[Queue]) -> None:
    if any(queue.location_id != location_id for queue in queues):
        raise NotFoundError("A counter serves queues of its own location.")


def _check_services(actor: Actor, services: Sequence[Service]) -> None:
    for service in services:
        actor.check_owns(service)
