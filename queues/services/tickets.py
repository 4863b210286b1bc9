"""The life of a ticket. Each function is one transaction, and one row in TicketEvent.

All of them raise NotFoundError for what the actor may not see, and IllegalTransitionError (from
queues.transitions) when the ticket's state does not lead there.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import IntegrityError, connection
from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, gettext_noop

from providers.actors import Actor
from providers.models import Customer
from queues.errors import (
    CounterBusyError,
    CounterClosedError,
    GroupTooLargeError,
    NobodyBehindError,
    NobodyWaitingError,
    QueueFullError,
    QueueNotOpenError,
    QueueNotServedError,
    ReferenceTakenError,
    RejoinTooLateError,
    RemoteJoinOffError,
    ServiceNotServedError,
    ServiceNotTakenError,
)
from queues.models import (
    Counter,
    EventType,
    Queue,
    QueueStatus,
    Source,
    Ticket,
    TicketState,
)
from queues.models.ticket import AT_COUNTER
from queues.opening import opening_words
from queues.services import locks
from queues.services.booked import follow
from queues.services.changes import change_ticket, issue_ticket
from queues.services.people import NOBODY, Person, customer_for
from queues.transitions import illegal, next_state
from waitlessq import clock
from waitlessq.db.rows import read_rows
from waitlessq.db.transactions import in_transaction

NOT_OPEN = {
    QueueStatus.PAUSED: gettext_noop("%(queue)s is paused."),
    QueueStatus.CLOSING: gettext_noop("%(queue)s is closing."),
    QueueStatus.CLOSED: gettext_noop("%(queue)s is closed."),
}
# Of each queue the first, off the index of its line, so that its length does not matter.
NEXT_TICKET = """
SELECT ticket.* FROM unnest(%s::bigint[]) AS served (queue_id), LATERAL (
    SELECT * FROM queues_ticket
    WHERE queues_ticket.queue_id = served.queue_id AND state = 'waiting'
    AND (%s OR service_id IS NULL OR service_id = ANY(%s))
    ORDER BY order_key, id LIMIT 1
) AS ticket
ORDER BY order_key, id LIMIT 1
"""
KEY_BEHIND = """
SELECT max(order_key) + interval '1 microsecond' FROM (
    SELECT order_key FROM queues_ticket
    WHERE queue_id = %s AND state = 'waiting' AND (order_key, id) > (%s, %s)
    ORDER BY order_key, id LIMIT %s
) AS following
"""
# Who comes back later has a place, too. Two counts, as each state has an index of its own.
COUNT_PLACES = """
SELECT (SELECT coalesce(sum(people), 0) FROM queues_ticket
        WHERE queue_id = %s AND state = 'waiting')
    + (SELECT coalesce(sum(people), 0) FROM queues_ticket
        WHERE queue_id = %s AND state = 'deferred')
"""
# Who has the very same key goes along.
COUNT_BETWEEN = """
SELECT count(*) FROM queues_ticket WHERE queue_id = %s AND state = 'waiting'
AND (order_key, id) > (%s, %s) AND (order_key, id) < (%s, %s)
"""


class Turn(NamedTuple):
    """What one press at a desk did: who was finished, and who was called, if anybody."""

    finished: Ticket | None
    called: Ticket | None


@in_transaction
def ticket_join(
    *,
    actor: Actor,
    queue_id: int,
    source: Source,
    service_id: int | None = None,
    priority: int = 0,
    people: int = 1,
    reference: str = "",
    person: Person = NOBODY,
) -> Ticket:
    """Issues the next ticket of a queue, for so many people, to whom it asks for. Locks the queue.

    Raises:
        InvalidInputError: the queue asks for what is missing of the person, or cannot be used.
        QueueNotOpenError, QueueFullError, ServiceNotTakenError, GroupTooLargeError: the queue can
            not take it.
        RemoteJoinOffError: it is joined from a phone, which the queue does not want.
        ReferenceTakenError: another ticket of the queue has the reference.
    """
    queue, time_zone, takes_service = locks.lock_queue_to_join(actor, queue_id, service_id)
    if service_id is not None and not takes_service:
        raise ServiceNotTakenError("Choose one of the queue's services.", service=service_id)
    _check_room(queue, people, source)
    return issue(
        queue,
        time_zone,
        actor=actor,
        source=source,
        service_id=service_id,
        people=people,
        customer=customer_for(queue, person, actor=actor),
        priority=priority,
        reference=reference,
    )


def issue(  # noqa: PLR0913 (what a ticket begins with)
    queue: Queue,
    time_zone: str,
    *,
    actor: Actor,
    source: Source,
    service_id: int | None = None,
    people: int = 1,
    customer: Customer | None = None,
    priority: int = 0,
    reference: str = "",
    order_key: datetime | None = None,
) -> Ticket:
    """Issues the next ticket of a locked queue; it stands by now unless ``order_key`` is given.

    Raises:
        ReferenceTakenError: another ticket of the queue has the reference.
    """
    now = clock.now()
    business_date = clock.local_date(ZoneInfo(time_zone))
    number = _next_number(queue, business_date)
    ticket = Ticket(
        provider_id=queue.provider_id,
        queue=queue,
        business_date=business_date,
        number=number,
        code=f"{queue.prefix}{number:03}",
        service_id=service_id,
        people=people,
        customer=customer,
        priority=priority,
        order_key=order_key or queue.order_key(now, priority),
        source=source,
        reference=reference,
        issued_at=now,
    )
    data = {
        "code": ticket.code,
        "number": number,
        "business_date": business_date.isoformat(),
        "service": service_id,
        "people": people,
        "priority": priority,
        "order_key": ticket.order_key.isoformat(),
        "source": source,
        "reference": reference,
    }
    with reference_is_free(reference):
        issue_ticket(ticket, actor=actor, data=data)
    return ticket


@in_transaction
def ticket_call_next(*, actor: Actor, counter_id: int) -> Ticket:
    """Calls who is first in the counter's queues of those that it can serve. Locks those queues.

    Raises:
        CounterClosedError, CounterBusyError: the counter can not take anybody now.
        NobodyWaitingError: there is nobody to call.
    """
    locked = _lock_ready_counter(actor, counter_id)
    queues = {queue.pk: queue for queue in locks.lock_queues(actor, locked.queue_ids)}
    ticket = _first_in_line(queues, locked)
    if ticket is None:
        if locked.service_ids:
            detail = gettext("Nobody waits for what counter %(counter)s does.")
            raise NobodyWaitingError(detail % {"counter": locked.counter.name})
        raise NobodyWaitingError(gettext("New arrivals appear in the line."))
    return _call(ticket, locked, actor)


@in_transaction
def ticket_finish_and_call_next(*, actor: Actor, counter_id: int) -> Turn:
    """What one key at a desk does: whoever is at the counter is done, the next is called.

    A ticket that was only called counts as served from now to now. Locks the queues of the
    counter.

    Raises:
        CounterClosedError: nobody is at the counter.
    """
    locked = locks.lock_counter(actor, counter_id)
    counter = locked.counter
    check_open(counter)
    locked_queues = locks.lock_queues(actor, locked.concerned_queue_ids)
    queues = {queue.pk: queue for queue in locked_queues}
    # Read again behind the lock; more than one change of a queue shares the one object.
    current = Ticket.objects.filter(counter=counter, state__in=AT_COUNTER).first()
    data = {}
    if current is not None:
        current.queue = queues[current.queue_id]
        if current.state == TicketState.CALLED:
            implied = {"implied": True}
            _move(current, EventType.STARTED, actor, stamp="started_at", data=implied)
        _move(current, EventType.COMPLETED, actor, stamp="ended_at")
        data = {"finished": current.pk}
    ticket = _first_in_line({pk: queues[pk] for pk in locked.queue_ids}, locked)
    return Turn(current, ticket and _call(ticket, locked, actor, data))


@in_transaction
def ticket_call(*, actor: Actor, ticket_id: int, counter_id: int) -> Ticket:
    """Calls this ticket, wherever it stands in the line. Locks its queue.

    Raises:
        CounterClosedError, CounterBusyError: the counter can not take anybody now.
        QueueNotServedError, ServiceNotServedError: the counter is not for the ticket's queue, or
            not for what it wants.
    """
    locked = _lock_ready_counter(actor, counter_id)
    counter = locked.counter
    ticket = locks.lock_ticket(actor, ticket_id)
    if ticket.queue_id not in locked.queue_ids:
        raise QueueNotServedError(
            gettext("Counter %(counter)s does not serve %(queue)s.")
            % {"counter": counter.name, "queue": ticket.queue.name},
            counter=counter.pk,
            queue=ticket.queue_id,
        )
    if not locked.serves(ticket.service_id):
        raise ServiceNotServedError(
            gettext("Counter %(counter)s does not do what %(code)s is for.")
            % {"counter": counter.name, "code": ticket.code},
            counter=counter.pk,
            service=ticket.service_id,
        )
    return _call(ticket, locked, actor, {"by_hand": True})


@in_transaction
def ticket_recall(*, actor: Actor, ticket_id: int) -> Ticket:
    """Calls a called ticket once more, to the same counter. Locks its queue."""
    ticket = locks.lock_ticket(actor, ticket_id)
    return _announce(ticket, EventType.RECALLED, actor)


@in_transaction
def ticket_start(*, actor: Actor, ticket_id: int) -> Ticket:
    """The called person is there: service begins. Locks the ticket's queue."""
    ticket = locks.lock_ticket(actor, ticket_id)
    return _move(ticket, EventType.STARTED, actor, stamp="started_at")


@in_transaction
def ticket_hold(*, actor: Actor, ticket_id: int) -> Ticket:
    """Service pauses, and the counter is free for others. Locks the ticket's queue."""
    ticket = locks.lock_ticket(actor, ticket_id)
    return _move(ticket, EventType.HELD, actor)


@in_transaction
def ticket_resume(*, actor: Actor, ticket_id: int) -> Ticket:
    """Service goes on where it was, at the same counter. Locks the counter, then the queue.

    Raises:
        CounterClosedError, CounterBusyError: the counter can not take anybody now.
        ChangedSinceError: it was called to another counter at this very moment.
    """
    ticket, locked = locks.lock_ticket_at_counter(actor, ticket_id)
    next_state(ticket, EventType.RESUMED)
    check_ready(locked)
    return _move(ticket, EventType.RESUMED, actor)


@in_transaction
def ticket_return(*, actor: Actor, ticket_id: int) -> Ticket:
    """A called, held or deferred person waits again, where they stood in the line.

    Locks the ticket's queue.
    """
    ticket = locks.lock_ticket(actor, ticket_id)
    return _move(ticket, EventType.RETURNED, actor)


@in_transaction
def ticket_complete(*, actor: Actor, ticket_id: int) -> Ticket:
    """Service ends. Locks the ticket's queue."""
    ticket = locks.lock_ticket(actor, ticket_id)
    return _move(ticket, EventType.COMPLETED, actor, stamp="ended_at")


@in_transaction
def ticket_mark_no_show(*, actor: Actor, ticket_id: int) -> Ticket:
    """The called person did not come. Locks the ticket's queue."""
    ticket = locks.lock_ticket(actor, ticket_id)
    return _move(ticket, EventType.NO_SHOW, actor, stamp="ended_at")


@in_transaction
def ticket_no_show_due(*, actor: Actor, ticket_id: int) -> Ticket | None:
    """Who was called and did not come in time is a no-show; None if it is not so (any more).

    Locks the ticket's queue, and leaves one that is locked for the next time.
    """
    ticket = locks.lock_ticket_if_free(actor, ticket_id)
    if ticket is None or ticket.state != TicketState.CALLED:
        return None
    if ticket.come_by is None or ticket.come_by > clock.now():
        return None
    return _move(ticket, EventType.NO_SHOW, actor, stamp="ended_at", data={"by_itself": True})


@in_transaction
def ticket_rejoin(*, actor: Actor, ticket_id: int) -> Ticket:
    """Whoever did not come waits again, where they stood in the line. Locks the ticket's queue.

    Raises:
        RejoinTooLateError: the queue's rejoin window is over, or it has none.
        QueueNotOpenError: the queue is closed.
    """
    ticket = locks.lock_ticket(actor, ticket_id)
    next_state(ticket, EventType.REJOINED)
    until = ticket.rejoin_until
    if until is None or until < clock.now():
        raise RejoinTooLateError(
            gettext("The place of %(code)s is not kept any more.") % {"code": ticket.code},
            until=until,
        )
    if ticket.queue.status == QueueStatus.CLOSED:
        raise not_open(ticket.queue)
    return _move(ticket, EventType.REJOINED, actor, ended_at=None)


@in_transaction
def ticket_defer(*, actor: Actor, ticket_id: int, people: int) -> Ticket:
    """Lets so many people go first, or as many as there are behind. Locks the ticket's queue.

    The event says how many were let ahead.

    Raises:
        NobodyBehindError: nobody waits behind.
    """
    ticket = locks.lock_ticket(actor, ticket_id)
    state = next_state(ticket, EventType.DEFERRED)
    order_key, let_ahead = _place_behind(ticket, people)
    if order_key is None:
        raise NobodyBehindError(
            gettext("Nobody is behind %(code)s in the line.") % {"code": ticket.code}
        )
    change_ticket(
        ticket,
        EventType.DEFERRED,
        actor=actor,
        at=clock.now(),
        changes={"state": state, "order_key": order_key},
        data={"people": let_ahead, "order_key": order_key.isoformat()},
    )
    return ticket


@in_transaction
def ticket_postpone(*, actor: Actor, ticket_id: int, minutes: int) -> Ticket:
    """Takes somebody out of the line for so many minutes from now; frees the counter.

    They keep their place: at that time a relay brings them back, before whoever came later. They
    are not called meanwhile unless by hand, and ``ticket_return`` brings them back earlier. Locks
    the ticket's queue.
    """
    ticket = locks.lock_ticket(actor, ticket_id)
    until = clock.now() + timedelta(minutes=minutes)
    data = {"minutes": minutes, "until": until.isoformat()}
    return _move(ticket, EventType.POSTPONED, actor, data=data, deferred_until=until)


@in_transaction
def ticket_return_early(*, actor: Actor, ticket_id: int) -> Ticket:
    """Who asked for more time is ready before it is over. Locks the ticket's queue."""
    ticket = locks.lock_ticket(actor, ticket_id)
    if ticket.state != TicketState.DEFERRED:
        raise illegal(ticket)
    return _move(ticket, EventType.RETURNED, actor)


@in_transaction
def ticket_return_due(*, actor: Actor, ticket_id: int) -> Ticket | None:
    """Who asked for more time waits again, if it is over; None if not, or no more deferred.

    Locks the ticket's queue, and leaves one that is locked for the next time.
    """
    ticket = locks.lock_ticket_if_free(actor, ticket_id)
    if ticket is None or ticket.state != TicketState.DEFERRED:
        return None
    if ticket.deferred_until is None or ticket.deferred_until > clock.now():
        return None
    return _move(ticket, EventType.RETURNED, actor)


@in_transaction
def ticket_cancel(*, actor: Actor, ticket_id: int) -> Ticket:
    """The person leaves, or is sent away. Locks the ticket's queue."""
    ticket = locks.lock_ticket(actor, ticket_id)
    return _move(ticket, EventType.CANCELLED, actor, stamp="ended_at")


def _first_in_line(queues: Mapping[int, Queue], locked: locks.LockedCounter) -> Ticket | None:
    """Who is first in these locked queues, of those that the counter can serve."""
    parameters = [list(queues), not locked.service_ids, locked.service_ids]
    for ticket, _ in read_rows(Ticket, NEXT_TICKET, parameters):
        ticket.queue = queues[ticket.queue_id]
        return ticket
    return None


def _place_behind(ticket: Ticket, people: int) -> tuple[datetime | None, int]:
    """The order key just behind the next ``people`` of the line; how many are then ahead more."""
    own: list[Any] = [ticket.queue_id, ticket.order_key, ticket.pk]
    with connection.cursor() as cursor:
        cursor.execute(KEY_BEHIND, [*own, people])
        key: datetime | None = cursor.fetchone()[0]
        if key is None:
            return None, 0
        cursor.execute(COUNT_BETWEEN, [*own, key, ticket.pk])
        return key, cursor.fetchone()[0]


def _call(
    ticket: Ticket,
    locked: locks.LockedCounter,
    actor: Actor,
    data: Mapping[str, Any] | None = None,
) -> Ticket:
    counter = locked.counter
    if locked.service_ids:
        # So that whoever is passed over can be told why.
        data = {**(data or {}), "services": locked.service_ids}
    with _counter_is_free(counter):
        return _announce(
            ticket, EventType.CALLED, actor, stamp="called_at", data=data, counter=counter
        )


def _announce(
    ticket: Ticket,
    event: EventType,
    actor: Actor,
    data: Mapping[str, Any] | None = None,
    **more: Any,
) -> Ticket:
    """Calls a ticket once more than before; says until when the person is to come, if so."""
    call_count = ticket.call_count + 1
    come_by = ticket.queue.come_by(clock.now(), call_count)
    if come_by is not None:
        data = {**(data or {}), "come_by": come_by.isoformat()}
    return _move(ticket, event, actor, data=data, call_count=call_count, come_by=come_by, **more)


def _move(
    ticket: Ticket,
    event: EventType,
    actor: Actor,
    stamp: str | None = None,
    data: Mapping[str, Any] | None = None,
    **changes: object,
) -> Ticket:
    """Brings a ticket of a locked queue to its next state and records it.

    ``stamp`` names the field that takes the time of the event; ``changes`` are other fields;
    ``data`` is the event's.
    """
    now = clock.now()
    changes["state"] = next_state(ticket, event)
    if stamp is not None:
        changes[stamp] = now
    change_ticket(ticket, event, actor=actor, at=now, changes=changes, data=data)
    if ticket.source == Source.APPOINTMENT:
        follow(ticket, event, actor=actor)
    return ticket


def _lock_ready_counter(actor: Actor, counter_id: int) -> locks.LockedCounter:
    locked = locks.lock_counter(actor, counter_id)
    check_ready(locked)
    return locked


def check_ready(locked: locks.LockedCounter | None) -> None:
    """Refuses a counter that can not take a ticket now; None is no counter, and ready.

    Raises:
        CounterClosedError: nobody is there.
        CounterBusyError: it has a ticket.
    """
    if locked is None:
        return
    check_open(locked.counter)
    if locked.ticket_code is not None:
        raise _busy(locked.counter, locked.ticket_code)


def check_open(counter: Counter) -> None:
    """Refuses a counter where nobody is. Raises CounterClosedError."""
    if not counter.is_open:
        detail = gettext("Open counter %(counter)s first.") % {"counter": counter.name}
        raise CounterClosedError(detail, counter=counter.pk)


def _busy(counter: Counter, code: str) -> CounterBusyError:
    detail = gettext("Counter %(counter)s has %(code)s. Finish it first.")
    detail %= {"counter": counter.name, "code": code}
    return CounterBusyError(detail, counter=counter.pk, ticket=code)


@contextmanager
def _counter_is_free(counter: Counter) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if "counter_has_one_ticket" not in str(error):
            raise
        raise _busy(counter, "a ticket") from error


@contextmanager
def reference_is_free(reference: str) -> Iterator[None]:
    """Says it clearly when the block gives a queue a second ticket with this reference."""
    try:
        yield
    except IntegrityError as error:
        if "ticket_reference_is_unique" not in str(error):
            raise
        raise ReferenceTakenError(
            f"The queue has a ticket “{reference}” already.", reference=reference
        ) from error


def _check_room(queue: Queue, people: int, source: Source) -> None:
    if source == Source.PWA and not queue.remote_join:
        detail = gettext("%(queue)s is joined at the place itself.") % {"queue": queue.name}
        raise RemoteJoinOffError(detail)
    joins_from = queue.joins_from
    if queue.status != QueueStatus.OPEN and (joins_from is None or clock.now() < joins_from):
        raise not_open(queue)
    if people > queue.max_people:
        raise GroupTooLargeError(
            gettext("%(queue)s gives one number to %(most)s people at the most.")
            % {"queue": queue.name, "most": queue.max_people},
            max_people=queue.max_people,
        )
    if queue.capacity is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(COUNT_PLACES, [queue.pk, queue.pk])
        [places] = cursor.fetchone()
    if places + people > queue.capacity:
        raise QueueFullError(
            gettext("%(queue)s has room for %(capacity)s. Try again later.")
            % {"queue": queue.name, "capacity": queue.capacity},
            capacity=queue.capacity,
        )


def not_open(queue: Queue) -> QueueNotOpenError:
    """The refusal of a queue because of its status; says when it opens, where that is known."""
    detail = gettext(NOT_OPEN[QueueStatus(queue.status)]) % {"queue": queue.name}
    now, opens_at, joins_from = clock.now(), queue.opens_at, queue.joins_from
    if queue.status == QueueStatus.PAUSED or opens_at is None or opens_at <= now:
        return QueueNotOpenError(detail, queue_status=queue.status)
    zone = queue.location.zone
    told = {"time": opening_words(opens_at, zone, now)}
    detail += " " + gettext("It opens %(time)s.") % told
    data = {"opens_at": opens_at.isoformat()}
    if joins_from is not None and joins_from < opens_at:
        told = {"time": opening_words(joins_from, zone, now)}
        detail += " " + gettext("You can join from %(time)s.") % told
        data["joins_from"] = joins_from.isoformat()
    return QueueNotOpenError(detail, queue_status=queue.status, **data)


def _next_number(queue: Queue, business_date: date) -> int:
    """The number after the last of that day; remembers it on the (locked, unsaved) queue.

    Only a clock that went back to an earlier day has to ask the tickets.
    """
    if queue.last_number_date == business_date:
        last = queue.last_number
    elif queue.last_number_date is None or queue.last_number_date < business_date:
        last = 0
    else:
        tickets = Ticket.objects.alias(issuer=Coalesce("issued_by", "queue")).filter(
            issuer=queue.pk, business_date=business_date
        )
        return (tickets.aggregate(last=Max("number"))["last"] or 0) + 1
    queue.last_number_date = business_date
    queue.last_number = last + 1
    return queue.last_number
