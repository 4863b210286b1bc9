"""Rolling days up into ``WaitFigures``, and seeing whether what people are told still holds.

Crosses providers: for regular tasks.
"""

from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.transaction import atomic
from django_scopes import scopes_disabled

from events.outbox import emit
from queues.bookings import SHOW_RATE
from queues.figures import FROM_TICKETS
from queues.models import WaitAccuracy
from queues.models.figures import MEANT_INSIDE
from waitlessq import clock
from waitlessq.metrics import QUEUES_MISJUDGED, WAITS_INSIDE

ACCURACY_CHANGED = "queue.accuracy_changed"

DAYS_AT_ONCE = 31
DAYS_OF_BOOKINGS = 90
BOOKINGS_TO_TRUST = 20
DAYS_JUDGED = 14
TICKETS_TO_JUDGE = 100
FARTHEST_OFF = 0.1
"""From what ranges are meant to hold, before somebody is told."""
NEAR_ENOUGH = 0.08
"""To be right again: nearer, so that one ticket does not change it to and fro."""

# Queues with days to be rolled up, and the first of those. The last two days that were are done
# again: somebody may have been called after midnight, or a day ended only now.
FIND_DAYS = """
SELECT queue.id, fresh.first, (%(now)s AT TIME ZONE location.time_zone)::date - 1
FROM queues_queue AS queue
JOIN providers_location AS location ON location.id = queue.location_id, LATERAL (
    SELECT max(date) AS last FROM queues_waitfigures WHERE queue_id = queue.id
) AS rolled, LATERAL (
    SELECT min(business_date) AS first FROM queues_ticket
    WHERE coalesce(issued_by_id, queue_id) = queue.id
    AND business_date >= coalesce(rolled.last - 1, '-infinity')
) AS fresh
WHERE fresh.first < (%(now)s AT TIME ZONE location.time_zone)::date
ORDER BY queue.id
"""
FIND_JUDGED = """
SELECT id, provider_id FROM queues_queue AS queue
WHERE EXISTS (SELECT FROM queues_waitfigures WHERE queue_id = queue.id AND date > %s)
OR EXISTS (SELECT FROM queues_waitaccuracy WHERE queue_id = queue.id AND is_off)
ORDER BY id
"""
FORGET_DAYS = """
DELETE FROM queues_waitfigures WHERE queue_id = %(queue)s AND date BETWEEN %(first)s AND %(last)s
"""
ADD_DAYS = f"""
WITH part AS (
    SELECT %(queue)s::bigint AS queue_id, %(first)s::date AS first, %(last)s::date AS last
)
INSERT INTO queues_waitfigures (provider_id, queue_id, service_id, date, half_hour, waits, gone,
    scored, inside, above, error, absolute_error)
{FROM_TICKETS}
"""
NEXT_DAY = """
SELECT min(business_date) FROM queues_ticket
WHERE coalesce(issued_by_id, queue_id) = %s AND business_date > %s
"""
COVERAGE = """
SELECT coalesce(sum(scored), 0)::int, coalesce(sum(inside), 0)::int, count(*) FILTER (WHERE is_off)
FROM queues_waitaccuracy
"""
# Written only where it changes in two digits, shrunk towards what is usual by twenty bookings.
# Locked as relays lock, in the order of queues: else each could wait for the other.
SHOW_RATES = f"""
WITH counted AS (
    SELECT takes.queue_id, round((count(*) FILTER (WHERE booked.state <> 'no_show')
        + {BOOKINGS_TO_TRUST * SHOW_RATE}) / (count(*) + {BOOKINGS_TO_TRUST}), 2)::float AS rate
    FROM queues_queue AS queue
    JOIN queues_queue_services AS takes ON takes.queue_id = queue.id
    JOIN appointments_appointment AS booked
        ON booked.location_id = queue.location_id AND booked.service_id = takes.service_id
    WHERE booked.state IN ('arrived', 'fulfilled', 'no_show')
    AND booked.starts_at BETWEEN %(since)s AND %(now)s
    GROUP BY takes.queue_id
), changed AS (
    SELECT saved.queue_id, counted.rate
    FROM queues_savedforecast AS saved JOIN counted ON counted.queue_id = saved.queue_id
    WHERE saved.show_rate IS DISTINCT FROM counted.rate
    ORDER BY saved.queue_id FOR NO KEY UPDATE OF saved
)
UPDATE queues_savedforecast AS saved SET show_rate = changed.rate
FROM changed WHERE saved.queue_id = changed.queue_id
"""  # noqa: S608 (put together from constants)
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('queues.figures', %s))"


JUDGE = """
SELECT coalesce(sum(scored), 0)::int, coalesce(sum(inside), 0)::int FROM queues_waitfigures
WHERE queue_id = %s AND date > %s
"""


def figures_roll_up() -> int:
    """Rolls up all days that are over, of all queues; how many queues had any.

    A day that was rolled up already comes to the same. After days off it takes in what was missed,
    a month at a time, each in a transaction of its own.
    """
    with connection.cursor() as cursor:
        cursor.execute(FIND_DAYS, {"now": clock.now()})
        found = cursor.fetchall()
    for queue_id, first, yesterday in found:
        _roll_up_queue(queue_id, first, yesterday)
    return len(found)


def accuracies_judge() -> None:
    """Sees of each queue that has figures of late, or was off, whether its ranges hold.

    Emits ``queue.accuracy_changed`` when they stop to hold between 70 and 90 times in 100, over
    two weeks and 100 tickets at least, and when they do so again. Sets the figures for Prometheus.
    """
    since = clock.now().date() - timedelta(days=DAYS_JUDGED)
    with connection.cursor() as cursor:
        cursor.execute(FIND_JUDGED, [since])
        found = cursor.fetchall()
    for queue_id, provider_id in found:
        _judge(queue_id, provider_id, since)
    with connection.cursor() as cursor:
        cursor.execute(COVERAGE)
        scored, inside, off = cursor.fetchone()
    QUEUES_MISJUDGED.set(off)
    if scored:
        WAITS_INSIDE.set(inside / scored)


def show_rates_update() -> None:
    """Counts anew, for each queue's estimator, how many of those who book a time come."""
    now = clock.now()
    with connection.cursor() as cursor:
        cursor.execute(SHOW_RATES, {"since": now - timedelta(days=DAYS_OF_BOOKINGS), "now": now})


def _roll_up_queue(queue_id: int, first: date | None, yesterday: date) -> None:
    while first is not None and first <= yesterday:
        last = min(first + timedelta(days=DAYS_AT_ONCE - 1), yesterday)
        days: dict[str, Any] = {"queue": queue_id, "first": first, "last": last}
        with atomic(), connection.cursor() as cursor:
            cursor.execute(LOCK, [queue_id])
            cursor.execute(FORGET_DAYS, days)
            cursor.execute(ADD_DAYS, days)
            cursor.execute(NEXT_DAY, [queue_id, last])
            [first] = cursor.fetchone()


@atomic
def _judge(queue_id: int, provider_id: int, since: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [queue_id])
        cursor.execute(JUDGE, [queue_id, since])
        scored, inside = cursor.fetchone()
    with scopes_disabled():
        before = WaitAccuracy.objects.filter(queue=queue_id).first()
        was_off = before is not None and before.is_off
        is_off = _is_off(scored, inside, was_off=was_off)
        judged = {"scored": scored, "inside": inside, "is_off": is_off}
        WaitAccuracy.objects.update_or_create(
            queue_id=queue_id, defaults={"provider_id": provider_id, **judged}
        )
    if is_off != was_off:
        emit(ACCURACY_CHANGED, provider_id=provider_id, subject_id=queue_id, payload=judged)


def _is_off(scored: int, inside: int, *, was_off: bool) -> bool:
    if scored < TICKETS_TO_JUDGE:
        return False
    return abs(inside / scored - MEANT_INSIDE) > (NEAR_ENOUGH if was_off else FARTHEST_OFF)
