"""Reads of queues, counters, tickets and events; a provider must be in scope."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django_scopes import scopes_disabled

from appointments.selectors import bookable_policies
from providers.actors import Actor
from providers.models import Location, Provider
from providers.selectors import customers_matching, locations_for
from queues.models import (
    Counter,
    Queue,
    QueueStatus,
    Screen,
    Ticket,
    TicketEvent,
    TicketState,
    WaitAccuracy,
)
from queues.models.ticket import AT_COUNTER
from queues.on_site import on_site_code
from queues.tokens import secret_hash
from waitlessq import clock
from waitlessq.db.rows import read_pairs

S = TypeVar("S", bound=Screen)

# As one says or types it: A012, a12, 12.
NUMBER = re.compile(r"(?P<letters>[A-Z]{0,2})\s*0*(?P<digits>[1-9][0-9]{0,8})")
MOST_PEOPLE_LOOKED_AT = 50
HERE = {
    TicketState.WAITING,
    TicketState.CALLED,
    TicketState.SERVING,
    TicketState.DEFERRED,
    TicketState.ON_HOLD,
}

# Each join and look asks this, so it is not built by the ORM (docs/adr/0004).
PUBLIC_QUEUE = """
SELECT queue.*, provider.* FROM queues_queue AS queue
JOIN providers_provider AS provider ON provider.id = queue.provider_id WHERE queue.id = %s
"""
# Compared as one row value, so that the index of the line answers it.
COUNT_UP_TO = """
SELECT count(*) FROM queues_ticket
WHERE queue_id = %s AND state = 'waiting' AND (order_key, id) <= (%s, %s)
"""
# Of the ticket's last event only: whatever happened since, the mistake is over.
STANDING = f"""
SELECT ({COUNT_UP_TO}), coalesce((SELECT type = 'undone' AND data ->> 'undoes' = 'called'
    FROM queues_ticketevent WHERE ticket_id = %s ORDER BY id DESC LIMIT 1), false)
"""  # noqa: S608 (put together from constants)


def queues_for(actor: Actor) -> QuerySet[Queue]:
    """The queues at locations that are open to the actor, with their services."""
    queues = Queue.objects.prefetch_related("services")
    if actor.location_ids is not None:
        queues = queues.filter(location__in=actor.location_ids)
    return queues


def queue_ids(actor: Actor, location: Location | None = None) -> list[int]:
    """The queues that are open to the actor, of one location or of all."""
    queues = queues_for(actor).prefetch_related(None)
    if location is not None:
        queues = queues.filter(location=location)
    return list(queues.values_list("pk", flat=True))


def local_date(actor: Actor, location: Location | None = None) -> date:
    """Today at a location; without one, the latest date at any that is open to the actor."""
    if location is not None:
        return clock.local_date(location.zone)
    zones = locations_for(actor).values_list("time_zone", flat=True).distinct()
    dates = [clock.local_date(ZoneInfo(zone)) for zone in zones]
    return max(dates, default=clock.now().date())


def counters_for(actor: Actor) -> QuerySet[Counter]:
    """The counters at locations that are open to the actor, each with ``current_tickets``."""
    at_counter = Ticket.objects.filter(state__in=AT_COUNTER).select_related("customer")
    counters = Counter.objects.prefetch_related(
        "queues", Prefetch("tickets", queryset=at_counter, to_attr="current_tickets")
    )
    if actor.location_ids is not None:
        counters = counters.filter(location__in=actor.location_ids)
    return counters


def screens_for(kind: type[S], actor: Actor) -> QuerySet[S]:
    """The boards or kiosks at locations that are open to the actor, with locations and queues."""
    screens = kind.objects.select_related("location").prefetch_related("queues")
    if actor.location_ids is not None:
        screens = screens.filter(location__in=actor.location_ids)
    return screens


def tickets_for(actor: Actor) -> QuerySet[Ticket]:
    """The tickets of queues at locations that are open to the actor."""
    tickets = Ticket.objects.all()
    if actor.location_ids is not None:
        tickets = tickets.filter(queue__location__in=actor.location_ids)
    return tickets


def visits_of(actor: Actor, customer_id: int, limit: int) -> list[Ticket]:
    """A customer's last tickets at locations that are open to the actor, the newest first.

    Their queues, locations and services are loaded.
    """
    visits = tickets_for(actor).filter(customer=customer_id)
    loaded = visits.select_related("queue__location", "service")
    return list(loaded.order_by("-issued_at", "-id")[:limit])


def tickets_today(location: Location, text: str, limit: int) -> list[Ticket]:
    """Today's tickets of a location by number, or by a customer's name or phone number.

    Who is not done comes first, then the newest. Queues, services, counters and customers are
    loaded. Two queries, however many there are.
    """
    date_there = clock.local_date(location.zone)
    # Who was carried over is here today, too.
    carried = Q(business_date=date_there - timedelta(days=1), state__in=HERE)
    today = Ticket.objects.filter(Q(business_date=date_there) | carried)
    today = today.select_related("queue", "service", "counter", "customer")
    people = customers_matching(text).values("pk")[:MOST_PEOPLE_LOOKED_AT]
    found = list(today.filter(customer__in=people, queue__location=location))
    number = NUMBER.fullmatch(text.strip().upper())
    if number is not None:
        # By the index of numbers, which knows who issued them.
        issuers = Queue.objects.filter(location=location).values("pk")
        numbered = today.alias(issuer=Coalesce("issued_by", "queue")).filter(
            issuer__in=issuers, number=int(number["digits"]), code__startswith=number["letters"]
        )
        found += [ticket for ticket in numbered if ticket not in found]
    found.sort(key=lambda ticket: (ticket.state not in HERE, -ticket.issued_at.timestamp()))
    return found[:limit]


def events_of(ticket: Ticket) -> QuerySet[TicketEvent]:
    """What happened to a ticket, oldest first.

    By id, since each queue that it was in has its own sequence; the queues' locks make ids of a
    ticket's events grow in the order of what happened.
    """
    return TicketEvent.objects.filter(ticket=ticket).order_by("id")


@dataclass(frozen=True, slots=True)
class Line:
    """A queue and how it stands: people waiting, whole minutes of the longest wait, counters."""

    queue: Queue
    waiting: int
    longest_wait_minutes: int | None
    open_counters: int


def lines_now(actor: Actor) -> list[Line]:
    """How each queue that is open to the actor stands, by location and name; one query."""
    queues = (
        _with_standing(queues_for(actor))
        .prefetch_related(None)
        .annotate(longest=Subquery(_waiting().annotate(at=Min("issued_at")).values("at")))
        .order_by("location__name", "location_id", "name")
    )
    now = clock.now()
    return [
        Line(
            queue=queue,
            waiting=queue.waiting_total,
            longest_wait_minutes=queue.longest and int((now - queue.longest).total_seconds() / 60),
            open_counters=queue.open_counters,
        )
        for queue in queues
    ]


def misjudged_queues(actor: Actor) -> list[WaitAccuracy]:
    """Queues open to the actor whose waits are not what people are told; they are loaded."""
    accuracies = WaitAccuracy.objects.filter(is_off=True).select_related("queue")
    if actor.location_ids is not None:
        accuracies = accuracies.filter(queue__location__in=actor.location_ids)
    return list(accuracies.order_by("queue__name", "pk"))


def _with_standing(queues: QuerySet[Queue]) -> Any:
    """Adds to each queue its location, ``waiting_total`` and ``open_counters``."""
    return queues.select_related("location").annotate(
        waiting_total=Coalesce(Subquery(_waiting().annotate(n=Count("pk")).values("n")), 0),
        open_counters=Count("counters", filter=Q(counters__is_open=True)),
    )


def _waiting() -> QuerySet[Ticket, Any]:
    """Who waits in the outer query's queue, as one group."""
    waiting = Ticket.objects.filter(queue=OuterRef("pk"), state=TicketState.WAITING)
    return waiting.order_by().values("queue")


def line_of(counter: Counter, limit: int) -> tuple[list[Ticket], int]:
    """The first tickets of all queues that the counter serves, in call order; and how many wait.

    Their queues, services and customers are loaded.
    """
    waiting = Ticket.objects.filter(queue__counters=counter, state=TicketState.WAITING)
    loaded = waiting.select_related("queue", "service", "customer")
    first = loaded.order_by("order_key", "id")[:limit]
    return list(first), waiting.count()


def next_of(counter: Counter, service_ids: Collection[int]) -> Ticket | None:
    """Who is first in the line of a counter that does these services; none are all."""
    waiting = Ticket.objects.filter(queue__counters=counter, state=TicketState.WAITING)
    if service_ids:
        waiting = waiting.filter(Q(service__in=service_ids) | Q(service=None))
    return waiting.order_by("order_key", "id").first()


def other_queues(ticket: Ticket, location_id: int) -> list[Queue]:
    """Where a ticket of this location can be transferred to, by name."""
    queues = Queue.objects.filter(location=location_id).exclude(status=QueueStatus.CLOSED)
    return list(queues.exclude(pk=ticket.queue_id).order_by("name", "id"))


def aside_of(counter: Counter, limit: int) -> list[Ticket]:
    """Who left the line and may come back, in the queues that the counter serves; first come first.

    That is who is on hold, who asked for more time, and who did not come a short while ago. Their
    counters are loaded.
    """
    now = clock.now()
    queues = list(counter.queues.all())
    aside = Q(queue__in=queues, state=TicketState.ON_HOLD)
    aside |= Q(queue__in=queues, state=TicketState.DEFERRED)
    for queue in queues:
        since = now - queue.rejoin_window
        aside |= Q(queue=queue, state=TicketState.NO_SHOW, ended_at__gt=since)
        # Not before somebody opens again.
        if queue.status != QueueStatus.CLOSED:
            aside |= Q(queue=queue, state=TicketState.EXPIRED, ended_at__gt=since)
    tickets = Ticket.objects.filter(aside).select_related("counter", "customer")
    return list(tickets.order_by("issued_at", "id")[:limit])


def where_called(counter: Counter, code: str) -> str | None:
    """The name of the counter that has the ticket with this code, of the queues of a counter."""
    tickets = Ticket.objects.filter(
        queue__counters=counter, code=code, state__in=AT_COUNTER
    ).select_related("counter")
    return next((t.counter.name for t in tickets if t.counter is not None), None)


def position(ticket: Ticket) -> int | None:
    """The ticket's place in its line, from 1; None when it does not wait.

    People at a counter are not ahead of anyone.
    """
    if ticket.state != TicketState.WAITING:
        return None
    with connection.cursor() as cursor:
        cursor.execute(COUNT_UP_TO, [ticket.queue_id, ticket.order_key, ticket.pk])
        place: int = cursor.fetchone()[0]
    return place


@dataclass(frozen=True, slots=True)
class Standing:
    """How a ticket stands in its line: place, from 1, and whether its last call was a mistake."""

    position: int | None = None
    called_by_mistake: bool = False


def standing(ticket: Ticket) -> Standing:
    """How a ticket stands in its line; one query, and none when it does not wait."""
    if ticket.state != TicketState.WAITING:
        return Standing()
    with connection.cursor() as cursor:
        cursor.execute(STANDING, [ticket.queue_id, ticket.order_key, ticket.pk, ticket.pk])
        return Standing(*cursor.fetchone())


def public_queue(queue_id: int) -> Queue | None:
    """A queue by the id that everybody may know, its provider loaded; needs no scope.

    From the primary.
    """
    for queue, provider in read_pairs(Queue, Provider, PUBLIC_QUEUE, [queue_id]):
        queue.provider = provider
        return queue
    return None


def public_ticket(ticket_id: int) -> Ticket | None:
    """A ticket whose token was shown, its provider, queue and counter loaded; needs no scope."""
    with scopes_disabled():
        tickets = Ticket.objects.select_related("provider", "queue", "counter")
        return tickets.filter(pk=ticket_id).first()


def screen_by_secret(kind: type[S], secret: str) -> S | None:
    """The screen that a device proves to be, its provider and location loaded; needs no scope."""
    with scopes_disabled():
        screens = kind.objects.select_related("provider", "location")
        return screens.filter(secret_hash=secret_hash(secret)).first()


def public_queues() -> Any:
    """The queues of the provider in scope, and how they stand.

    With location and services, ``waiting_total`` and ``open_counters``.
    """
    queues = _with_standing(Queue.objects.all())
    return queues.prefetch_related("services").order_by("location__name", "name", "id")


def code_to_show(location: Location) -> str | None:
    """What the location's screens show whoever booked a time; None if nobody there asks for it."""
    services = bookable_policies().values("service")
    queues = Queue.objects.filter(location=location, remote_join=False, services__in=services)
    return on_site_code(location.pk) if queues.exists() else None
