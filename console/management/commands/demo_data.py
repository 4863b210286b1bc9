"""Three providers to look at, their queues in motion."""

import os
import random
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_scopes import scope

from console.management.demo_bookings import book_some, make_bookable
from providers.actors import Actor
from providers.hours import ALL_DAY
from providers.models import Member, Provider, Role, Service, Trade, User
from providers.services.locations import location_create, location_set_hours
from providers.services.members import member_add
from providers.services.providers import provider_create, provider_set_look
from providers.services.services import service_create
from queues.models import Counter, Queue, QueueStatus, Source, Ticket, TicketState
from queues.opening import opening_words
from queues.services import tickets
from queues.services.counters import counter_create, counter_open
from queues.services.queues import queue_create
from waitlessq import clock

ACCOUNTS = {
    "owner@demo.example": Role.OWNER,
    "manager@demo.example": Role.MANAGER,
    "staff@demo.example": Role.STAFF,
    "viewer@demo.example": Role.VIEWER,
}
# How long the demo has been going when one first looks at it, and how old it may get.
PAST = timedelta(hours=2)
STALE_AFTER = timedelta(hours=6)
ENDS = (
    TicketState.COMPLETED,
    TicketState.NO_SHOW,
    TicketState.CANCELLED,
    TicketState.EXPIRED,
)


@dataclass(frozen=True)
class Demo:
    """A provider to make up: queues by prefix and name, services with minutes, counters, colour."""

    slug: str
    name: str
    trade: Trade
    location: str
    time_zone: str
    queues: dict[str, str]
    services: dict[str, int]
    counters: int
    minutes_between_arrivals: float
    colour: str


DEMOS = [
    Demo(
        "harbour-clinic",
        "Harbour Clinic",
        Trade.CLINIC,
        "Haifa",
        "Asia/Jerusalem",
        {"A": "Family doctor", "B": "Blood tests"},
        {"Consultation": 10, "Blood test": 5, "Prescription": 4},
        4,
        1.8,
        "#0A2A6B",
    ),
    Demo(
        "cut-and-curl",
        "Cut & Curl",
        Trade.SALON,
        "Lisbon",
        "Europe/Lisbon",
        {"C": "Walk-in"},
        {"Haircut": 25, "Beard": 15},
        3,
        7.0,
        "#B3365B",
    ),
    Demo(
        "riverside-council",
        "Riverside Council",
        Trade.COUNCIL,
        "Town hall",
        "America/New_York",
        {"P": "Permits", "R": "Residents", "T": "Taxes"},
        {"Question": 6, "Application": 14},
        12,
        0.9,
        "#005956",
    ),
]


class Command(BaseCommand):
    """Makes the demo providers where they are missing, and sets stale queues in motion again."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="For the same day every time.")

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get("DEMO_PASSWORD")
        if not password:
            raise CommandError("Set DEMO_PASSWORD to the password of the demo accounts.")
        users = {email: _account(email, password) for email in ACCOUNTS}
        chance = random.Random(options["seed"])  # noqa: S311 (no secret)
        for demo in DEMOS:
            provider = Provider.objects.filter(slug=demo.slug).first()
            if provider is None:
                provider = _build(demo, users)
            with scope(provider=provider):
                issued = _set_in_motion(demo, Actor.system(provider), chance)
                book_some(Actor.system(provider), chance)
            self.stdout.write(f"{demo.name}: {issued or 'no'} new tickets{_closed(provider)}")


def _account(email: str, password: str) -> User:
    user = User.objects.filter(email=email).first() or User.objects.create_user(email)
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def _build(demo: Demo, users: dict[str, User]) -> Provider:
    owner = next(users[email] for email, role in ACCOUNTS.items() if role == Role.OWNER)
    provider = provider_create(name=demo.name, slug=demo.slug, trade=demo.trade, owner=owner)
    actor = Actor.system(provider)
    with scope(provider=provider):
        provider_set_look(actor=actor, colour=demo.colour)
        for email, role in ACCOUNTS.items():
            if not Member.objects.filter(user=users[email]).exists():
                member_add(actor=actor, email=email, role=role)
        location = location_create(actor=actor, name=demo.location, time_zone=demo.time_zone)
        # Day and night, so that whoever looks finds it open.
        location_set_hours(actor=actor, location=location, week=dict.fromkeys(range(7), ALL_DAY))
        services = [
            service_create(actor=actor, name=name, duration=timedelta(minutes=minutes))
            for name, minutes in demo.services.items()
        ]
        make_bookable(actor, location, services)
        queues = [
            queue_create(
                actor=actor, location=location, name=name, prefix=prefix, services=services
            )
            for prefix, name in demo.queues.items()
        ]
        for number in range(1, demo.counters + 1):
            counter = counter_create(
                actor=actor, location=location, name=str(number), queues=queues
            )
            counter_open(actor=actor, counter_id=counter.pk)
    return provider


def _set_in_motion(demo: Demo, actor: Actor, chance: random.Random) -> int:
    """Plays the last two hours unless the queues moved lately; returns the tickets issued."""
    now = clock.now()
    if Ticket.objects.filter(issued_at__gt=now - STALE_AFTER).exists():
        return 0
    for ticket in Ticket.objects.exclude(state__in=ENDS):
        tickets.ticket_cancel(actor=actor, ticket_id=ticket.pk)
    # Somebody may have closed some since.
    queues = list(Queue.objects.filter(status=QueueStatus.OPEN, remote_join=True))
    services = list(Service.objects.all())
    if not queues:
        return 0
    counters = list(Counter.objects.filter(is_open=True))
    busy_until: dict[int, datetime] = {}
    arrivals = _arrivals(demo, now, chance)
    arrival = next(arrivals, None)
    issued = 0
    at = now - PAST
    while at < now:
        with clock.override(at):
            while arrival is not None and arrival <= at:
                tickets.ticket_join(
                    actor=actor,
                    queue_id=chance.choice(queues).pk,
                    service_id=chance.choice(services).pk,
                    source=chance.choice([Source.PWA, Source.KIOSK, Source.STAFF]),
                )
                issued += 1
                arrival = next(arrivals, None)
            for counter in counters:
                if busy_until.get(counter.pk, at) <= at:
                    _serve_next(actor, counter, busy_until, at, chance)
        at += timedelta(seconds=30)
    return issued


def _closed(provider: Provider) -> str:
    """Which queues are not open, and when they will be."""
    with scope(provider=provider):
        shut = Queue.objects.exclude(status=QueueStatus.OPEN).select_related("location")
        now = clock.now()
        return "".join(
            f"; {queue.name} is {queue.status}"
            + (
                f", opens {opening_words(queue.opens_at, queue.location.zone, now)}"
                if queue.opens_at
                else ""
            )
            for queue in shut
        )


def _arrivals(demo: Demo, now: datetime, chance: random.Random) -> Iterator[datetime]:
    at = now - PAST
    while (
        at := at + timedelta(minutes=chance.expovariate(1 / demo.minutes_between_arrivals))
    ) < now:
        yield at


def _serve_next(
    actor: Actor,
    counter: Counter,
    busy_until: dict[int, datetime],
    at: datetime,
    chance: random.Random,
) -> None:
    """One step of a counter: finish whoever is there, then call whoever is next."""
    current = Ticket.objects.filter(
        counter=counter, state__in=[TicketState.CALLED, TicketState.SERVING]
    ).first()
    if current is not None and current.state == TicketState.CALLED:
        tickets.ticket_start(actor=actor, ticket_id=current.pk)
        service = current.service or Service.objects.all()[0]
        minutes = service.duration.total_seconds() / 60 * chance.lognormvariate(0, 0.4)
        busy_until[counter.pk] = at + timedelta(minutes=minutes)
        return
    if current is not None:
        tickets.ticket_complete(actor=actor, ticket_id=current.pk)
    if Ticket.objects.filter(state=TicketState.WAITING, queue__counters=counter).exists():
        tickets.ticket_call_next(actor=actor, counter_id=counter.pk)
        busy_until[counter.pk] = at + timedelta(seconds=60)
