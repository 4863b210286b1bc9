"""`make bench-slots`: how fast free times are found and booked, in the running platform's database.

Makes a provider of its own and takes it away again. Finds the free times of 30 days among 50 staff
with 10,000 bookings, without the cache; beside it, in the same run, the naive way: a query for each
resource and day, and every start tried against every booking. Both must find the same. Then 50
customers at once book 20 ranges that overlap, again and again. Prints a table and one JSON line;
times in milliseconds.
"""

import argparse
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import quantiles
from threading import Barrier
from typing import Any

import django

# Models can be imported only then.
django.setup()

from django.db import connection  # noqa: E402
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django_scopes import scope, scopes_disabled  # noqa: E402

from appointments.models import (  # noqa: E402
    Appointment,
    AppointmentResource,
    BookingPolicy,
    Resource,
    ResourceKind,
)
from appointments.recurrence import dates_of, stretches_of  # noqa: E402
from appointments.selectors import bookable_policy, found_in, read_calendar, second  # noqa: E402
from appointments.services.bookings import Details, appointment_book  # noqa: E402
from appointments.services.resources import (  # noqa: E402
    availability_rule_add,
    booking_policy_set,
    resource_create,
)
from appointments.services.seats import Wish  # noqa: E402
from appointments.slots import Stretch  # noqa: E402
from providers.actors import Actor  # noqa: E402
from providers.models import Provider, Trade, User  # noqa: E402
from providers.services.locations import location_create  # noqa: E402
from providers.services.providers import provider_create  # noqa: E402
from providers.services.services import service_create  # noqa: E402
from waitlessq import clock  # noqa: E402
from waitlessq.errors import DomainError  # noqa: E402
from waitlessq.walltime import instant  # noqa: E402

SEARCHES = 40
NAIVE_SEARCHES = 3
CUSTOMERS = 50
RANGES = 20
BATCH = 1000
# A practice has a few patterns of work, not one for each person.
PATTERNS = [
    ("MO,TU,WE,TH,FR", 8, 16),
    ("MO,TU,WE,TH", 9, 18),
    ("SU,MO,TU,WE,TH", 7, 15),
    ("TU,WE,TH,FR,SA", 10, 19),
    ("MO,WE,FR", 8, 20),
]


@dataclass(frozen=True)
class Scene:
    """What is searched: a service at a location, in a stretch of time."""

    actor: Any
    location: Any
    service: Any
    first: datetime
    last: datetime


@contextmanager
def scene(staff: int, bookings: int, days: int) -> Iterator[Scene]:
    """A provider with that many staff and bookings, for as long as the block lasts."""
    name = f"bench-slots-{os.getpid()}"
    owner = User.objects.create_user(f"{name}@demo.example")
    provider = provider_create(name=name, slug=name, trade=Trade.OTHER, owner=owner)
    actor = Actor.system(provider)
    try:
        with scope(provider=provider):
            location = location_create(actor=actor, name="Main", time_zone="Asia/Jerusalem")
            service = service_create(
                actor=actor, name="Visit", duration=timedelta(minutes=20),
                buffer_after=timedelta(minutes=5),
            )  # fmt: skip
            booking_policy_set(actor=actor, service=service, step=timedelta(minutes=10))
            first_day = clock.local_date(location.zone) + timedelta(days=1)
            first = instant(first_day, datetime.min.time(), location.zone)
            last = instant(first_day + timedelta(days=days), datetime.min.time(), location.zone)
            made = Scene(actor, location, service, first, last)
            _fill(made, staff, bookings, first_day, days)
            yield made
    finally:
        with scopes_disabled():
            AppointmentResource.objects.filter(provider=provider).delete()
            provider.appointments.all().delete()
            Provider.objects.filter(pk=provider.pk).delete()
            owner.delete()


def _fill(scene: Scene, staff: int, bookings: int, first_day: date, days: int) -> None:

    chance = random.Random(1)  # noqa: S311 (no secret)
    free = []
    for number in range(staff):
        weekdays, opens, closes = PATTERNS[number % len(PATTERNS)]
        resource = resource_create(
            actor=scene.actor, location=scene.location, name=f"{number:02}",
            kind=ResourceKind.STAFF, services=[scene.service],
        )  # fmt: skip
        availability_rule_add(
            actor=scene.actor, resource=resource, recurrence=f"FREQ=WEEKLY;BYDAY={weekdays}",
            starts=datetime.min.time().replace(hour=opens),
            ends=datetime.min.time().replace(hour=closes), valid_from=first_day,
        )  # fmt: skip
        for day in range(days):
            midnight = instant(
                first_day + timedelta(days=day), datetime.min.time(), scene.location.zone
            )
            free += [
                (resource, midnight + timedelta(minutes=minutes))
                for minutes in range(opens * 60, closes * 60, 30)
            ]
    taken = chance.sample(free, bookings)
    appointments = Appointment.objects.bulk_create(
        [
            Appointment(
                provider=scene.actor.provider,
                location=scene.location,
                service=scene.service,
                starts_at=at,
                ends_at=at + timedelta(minutes=20),
                state="booked",
                source="staff",
            )
            for _, at in taken
        ],
        batch_size=BATCH,
    )
    AppointmentResource.objects.bulk_create(
        [
            AppointmentResource(
                provider=scene.actor.provider,
                resource=resource,
                appointment=appointment,
                busy=DateTimeTZRange(at, at + timedelta(minutes=25)),
            )
            for (resource, at), appointment in zip(taken, appointments, strict=True)
        ],
        batch_size=BATCH,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE appointments_appointmentresource")


def search(scene: Scene) -> list[tuple[datetime, list[int]]]:
    """What the platform does when nothing is kept."""
    policy = bookable_policy(scene.service.pk)
    within = Stretch(second(scene.first), second(scene.last))
    found = found_in(read_calendar(policy, scene.location, within))
    return [(slot.starts_at, slot.resource_ids) for slot in found.slots]


def naive_search(scene: Scene) -> list[tuple[datetime, list[int]]]:
    """The same by asking for each resource and each day, and trying every start."""
    policy = BookingPolicy.objects.select_related("service").get(service=scene.service)
    service, zone = policy.service, scene.location.zone
    found: dict[datetime, list[int]] = {}
    for resource in Resource.objects.filter(services=service).order_by("rank", "id"):
        rule = resource.availability_rules.get()
        day, last_day = (at.astimezone(zone).date() for at in (scene.first, scene.last))
        while day < last_day:
            opens, closes = (instant(day, wall, zone) for wall in (rule.starts, rule.ends))
            busy = list(
                AppointmentResource.objects.filter(
                    resource=resource, is_blocking=True, busy__overlap=(opens, closes)
                ).values_list("busy", flat=True)
            )
            works = dates_of(rule.recurrence, rule.valid_from, day, day)
            at = opens
            while works and at + service.duration <= closes:
                start, end = at - service.buffer_before, at + service.duration
                end += service.buffer_after
                if all(taken.upper <= start or taken.lower >= end for taken in busy):
                    found.setdefault(at.astimezone(zone), []).append(resource.pk)
                at += policy.step
            day += timedelta(days=1)
    return sorted(found.items())


def _timed(job: Callable[[], Any], times: int) -> list[float]:
    took = []
    for _ in range(times):
        started = time.perf_counter()
        job()
        took.append((time.perf_counter() - started) * 1000)
    return took


def _queries(job: Callable[[], Any]) -> int:

    with CaptureQueriesContext(connection) as queries:
        job()
    return len(queries)


def book_at_once(scene: Scene, rounds: int) -> dict[str, Any]:
    """50 customers book 20 overlapping ranges of one resource, so many times on fresh days."""
    booking_policy_set(
        actor=scene.actor, service=scene.service, step=timedelta(minutes=5),
        horizon=timedelta(days=rounds + 60),
    )  # fmt: skip
    alone = resource_create(
        actor=scene.actor, location=scene.location, name="alone",
        kind=ResourceKind.STAFF, services=[scene.service],
    )  # fmt: skip
    availability_rule_add(
        actor=scene.actor, resource=alone, recurrence="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        starts=datetime.min.time(), ends=datetime.min.time(), valid_from=date(2020, 1, 1),
    )  # fmt: skip
    customer = Actor.customer(scene.actor.provider)
    took: list[float] = []
    outcomes: Counter[str] = Counter()

    def one(start: Barrier, at: datetime) -> None:
        try:
            start.wait()
            started = time.perf_counter()
            try:
                with scope(provider=scene.actor.provider):
                    wish = Wish(scene.service.pk, at, resource_id=alone.pk)
                    appointment_book(actor=customer, wish=wish, details=Details(source="api"))
                outcome = "booked"
            except DomainError as error:
                outcome = error.code
            except django.db.Error as error:
                outcome = str(getattr(error.__cause__, "sqlstate", error))
            took.append((time.perf_counter() - started) * 1000)
            outcomes[outcome] += 1
        finally:
            connection.close()

    for turn in range(rounds):
        base = scene.first + timedelta(days=turn, hours=10)
        start = Barrier(CUSTOMERS)
        with ThreadPoolExecutor(CUSTOMERS) as pool:
            for number in range(CUSTOMERS):
                pool.submit(one, start, base + timedelta(minutes=5 * (number % RANGES)))
    return {"outcomes": dict(outcomes), "ms": percentiles(took), "overlaps": _overlaps()}


def _overlaps() -> int:

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM appointments_appointmentresource one"
            " JOIN appointments_appointmentresource other ON other.resource_id = one.resource_id"
            " AND other.id > one.id AND other.busy && one.busy AND other.seat = one.seat"
            " WHERE one.is_blocking AND other.is_blocking"
        )
        return int(cursor.fetchone()[0])


def percentiles(took: Sequence[float]) -> dict[str, float]:
    """p50, p95, p99 and the longest."""
    cuts = quantiles(took, n=100, method="inclusive")
    return {
        "p50": round(cuts[49], 1),
        "p95": round(cuts[94], 1),
        "p99": round(cuts[98], 1),
        "max": round(max(took), 1),
    }


def main(staff: int, bookings: int, days: int, rounds: int) -> dict[str, Any]:
    """Measures, and returns the figures."""
    with scene(staff, bookings, days) as made:

        def cold() -> None:
            dates_of.cache_clear()
            stretches_of.cache_clear()
            search(made)

        found = search(made)
        if found != naive_search(made):
            raise SystemExit("The two ways found different times.")
        return {
            "staff": staff,
            "bookings": bookings,
            "days": days,
            "slots": len(found),
            "search_ms": percentiles(_timed(lambda: search(made), SEARCHES)),
            "search_rules_unknown_ms": percentiles(_timed(cold, SEARCHES)),
            "search_queries": _queries(lambda: search(made)),
            "naive_ms": percentiles(_timed(lambda: naive_search(made), NAIVE_SEARCHES)),
            "naive_queries": _queries(lambda: naive_search(made)),
            "booking": book_at_once(made, rounds),
        }


def table(figures: dict[str, Any]) -> str:
    """The figures for people."""
    rows: list[tuple[str, ...]] = [("", "p50", "p95", "p99", "max", "queries")]
    for name, key, queries in (
        ("search", "search_ms", "search_queries"),
        ("search, rules not worked out", "search_rules_unknown_ms", "search_queries"),
        ("naive search", "naive_ms", "naive_queries"),
    ):
        rows.append((name, *map(str, figures[key].values()), str(figures[queries])))
    rows.append(("50 book 20 ranges", *map(str, figures["booking"]["ms"].values()), ""))
    return "\n".join(f"{row[0]:<30}" + "".join(f"{cell:>10}" for cell in row[1:]) for row in rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--staff", type=int, default=50)
    parser.add_argument("--bookings", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=20)
    chosen = parser.parse_args()
    measured = main(chosen.staff, chosen.bookings, chosen.days, chosen.rounds)
    print(table(measured))
    print(json.dumps(measured))
