"""Row locks, always in this order: counter, then queues by id. Tickets need none of their own.

Whoever changes a ticket holds its queue's lock first, so a ticket that is read behind it stays as
it was read. The locks leave foreign keys to the rows free (FOR NO KEY UPDATE).

What every call and join runs is written in SQL: building the same query with the ORM each time
cost four times what PostgreSQL takes to run it (docs/adr/0004). Raw SQL knows no scope, so each
statement names the provider.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext

from providers.actors import Actor
from queues.errors import ChangedSinceError
from queues.models import Counter, Queue, Ticket
from waitlessq.db.rows import read_pairs, read_rows
from waitlessq.errors import NotFoundError

LOCK_COUNTER = """
SELECT * FROM queues_counter WHERE id = %s AND provider_id = %s FOR NO KEY UPDATE
"""
# A statement of its own: it must see what was committed while the lock was waited for.
READ_COUNTER = """
SELECT ARRAY(SELECT queue_id FROM queues_counter_queues WHERE counter_id = counter.id),
    ARRAY(SELECT service_id FROM queues_counter_services WHERE counter_id = counter.id),
    ticket.code, ticket.queue_id
FROM queues_counter AS counter LEFT JOIN queues_ticket AS ticket
ON ticket.counter_id = counter.id AND ticket.state IN ('called', 'serving')
WHERE counter.id = %s
"""
LOCK_QUEUE_TO_JOIN = """
SELECT queue.*, location.time_zone, EXISTS (
    SELECT FROM queues_queue_services AS taken
    JOIN providers_service AS service ON service.id = taken.service_id
    WHERE taken.queue_id = queue.id AND service.id = %s AND service.use <> 'booking'
) AS takes_service
FROM queues_queue AS queue JOIN providers_location AS location ON location.id = queue.location_id
WHERE queue.id = %s AND queue.provider_id = %s
FOR NO KEY UPDATE OF queue
"""
LOCK_QUEUES = """
SELECT * FROM queues_queue WHERE id = ANY(%s) AND provider_id = %s ORDER BY id FOR NO KEY UPDATE
"""
FIND_QUEUES_OF_TICKETS = """
SELECT queue_id FROM queues_ticket WHERE id = ANY(%s) AND provider_id = %s
"""
# Locked in the order in which they are named. A ticket that is only read would be as it was before
# the queue's lock was waited for; one that is locked, too, is as whoever had the lock left it.
LOCK_TICKET = """
SELECT queue.*, ticket.* FROM queues_queue AS queue JOIN queues_ticket AS ticket
ON ticket.queue_id = queue.id
WHERE ticket.id = %s AND queue.provider_id = %s
FOR NO KEY UPDATE OF queue, ticket
"""
LOCK_TICKET_IF_FREE = LOCK_TICKET + "SKIP LOCKED"
FIND_COUNTER_OF_TICKET = """
SELECT counter_id FROM queues_ticket WHERE id = %s AND provider_id = %s
"""
READ_TICKET = "SELECT * FROM queues_ticket WHERE id = %s AND queue_id = ANY(%s)"


@dataclass(frozen=True, slots=True)
class LockedCounter:
    """A locked counter, the queues and services that it serves, and the ticket that it has.

    No services are all services; a ticket for none in particular is served everywhere.
    Its ticket can still leave it, which takes the ticket's queue only; none can come.
    """

    counter: Counter
    queue_ids: list[int]
    service_ids: list[int]
    ticket_code: str | None
    ticket_queue_id: int | None

    @property
    def concerned_queue_ids(self) -> set[int]:
        """The queues that show something of the counter: those it serves, and its ticket's."""
        ticket_queue = {self.ticket_queue_id} if self.ticket_queue_id is not None else set()
        return {*self.queue_ids, *ticket_queue}

    def serves(self, service_id: int | None) -> bool:
        """Whether tickets for this service are called here."""
        return service_id is None or not self.service_ids or service_id in self.service_ids


def lock_counter(actor: Actor, counter_id: int) -> LockedCounter:
    """Locks a counter that is open to the actor.

    Raises:
        NotFoundError: the provider has no such counter where the actor works.
    """
    for counter, _ in read_rows(Counter, LOCK_COUNTER, [counter_id, actor.provider.pk]):
        if actor.works_at(counter.location_id):
            with connection.cursor() as cursor:
                cursor.execute(READ_COUNTER, [counter_id])
                return LockedCounter(counter, *cursor.fetchone())
    raise NotFoundError("There is no such counter.")


def lock_queue(actor: Actor, queue_id: int) -> Queue:
    """Locks a queue that is open to the actor.

    Raises:
        NotFoundError: the provider has no such queue where the actor works.
    """
    queue, _, _ = lock_queue_to_join(actor, queue_id, service_id=None)
    return queue


def lock_queue_to_join(
    actor: Actor, queue_id: int, service_id: int | None
) -> tuple[Queue, str, bool]:
    """Locks a queue; with it come its time zone and whether it takes the service from walk-ins.

    Raises:
        NotFoundError: the provider has no such queue where the actor works.
    """
    parameters = [service_id, queue_id, actor.provider.pk]
    for queue, more in read_rows(Queue, LOCK_QUEUE_TO_JOIN, parameters):
        if actor.works_at(queue.location_id):
            return queue, more["time_zone"], more["takes_service"]
    raise NotFoundError("There is no such queue.")


def lock_queues(actor: Actor, queue_ids: Iterable[int]) -> list[Queue]:
    """Locks these queues of the actor's provider, in the order of their ids."""
    rows = read_rows(Queue, LOCK_QUEUES, [list(queue_ids), actor.provider.pk])
    return [queue for queue, _ in rows]


def lock_ticket(actor: Actor, ticket_id: int) -> Ticket:
    """Locks the ticket's queue, then the ticket; ``ticket.queue`` is loaded. One statement.

    Raises:
        NotFoundError: the provider has no such ticket where the actor works.
        ChangedSinceError: it went to another queue while the lock was waited for.
    """
    rows = read_pairs(Queue, Ticket, LOCK_TICKET, [ticket_id, actor.provider.pk])
    for queue, ticket in rows:
        if actor.works_at(queue.location_id):
            ticket.queue = queue
            return ticket
    if not rows:
        _check_moved(actor, ticket_id)
    raise NotFoundError("There is no such ticket.")


def lock_ticket_if_free(actor: Actor, ticket_id: int) -> Ticket | None:
    """As ``lock_ticket``, for who comes again soon: None if somebody has the queue's lock.

    So a request that is frozen holds up nobody but who waits for that very queue.
    """
    parameters = [ticket_id, actor.provider.pk]
    for queue, ticket in read_pairs(Queue, Ticket, LOCK_TICKET_IF_FREE, parameters):
        ticket.queue = queue
        return ticket
    return None


def lock_tickets(
    actor: Actor, ticket_ids: Sequence[int], *queue_ids: int
) -> tuple[list[Ticket], dict[int, Queue]]:
    """Locks the queues of these tickets, and ``queue_ids``, by id; reads the tickets behind.

    The tickets come as asked for and share the queues, which are also returned by id.

    Raises:
        NotFoundError: the provider has no such ticket where the actor works.
        ChangedSinceError: one went to another queue while the locks were waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIND_QUEUES_OF_TICKETS, [list(ticket_ids), actor.provider.pk])
        found = [queue_id for (queue_id,) in cursor.fetchall()]
    queues = {queue.pk: queue for queue in lock_queues(actor, {*found, *queue_ids})}
    places = {queue.location_id for queue in queues.values()}
    if len(found) < len(ticket_ids) or not all(map(actor.works_at, places)):
        raise NotFoundError("There is no such ticket.")
    return [_read_ticket(ticket_id, queues) for ticket_id in ticket_ids], queues


def _read_ticket(ticket_id: int, queues: Mapping[int, Queue]) -> Ticket:
    for ticket, _ in read_rows(Ticket, READ_TICKET, [ticket_id, list(queues)]):
        ticket.queue = queues[ticket.queue_id]
        return ticket
    raise _transferred()


def _check_moved(actor: Actor, ticket_id: int) -> None:
    """Of a ticket that was not in the queue whose lock was waited for: is it in another one?"""
    with connection.cursor() as cursor:
        cursor.execute(FIND_QUEUES_OF_TICKETS, [[ticket_id], actor.provider.pk])
        if cursor.fetchone() is not None:
            raise _transferred()


def _transferred() -> ChangedSinceError:
    return ChangedSinceError(gettext("The ticket was transferred just now. Look again."))


def lock_ticket_at_counter(actor: Actor, ticket_id: int) -> tuple[Ticket, LockedCounter | None]:
    """Locks the counter that the ticket was called to last, if any, and then as ``lock_ticket``.

    For what may bring a ticket back to its counter: only who has the counter's lock may.

    Raises:
        NotFoundError: the provider has no such ticket where the actor works.
        ChangedSinceError: it was called to another counter while the locks were waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIND_COUNTER_OF_TICKET, [ticket_id, actor.provider.pk])
        counter_id = (cursor.fetchone() or [None])[0]
    locked = None if counter_id is None else lock_counter(actor, counter_id)
    ticket = lock_ticket(actor, ticket_id)
    if ticket.counter_id != counter_id:
        detail = gettext("%(code)s was called to another counter just now.")
        raise ChangedSinceError(detail % {"code": ticket.code})
    return ticket, locked
