"""Where bookings stand in a queue's line: once their holders come, and before."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from queues.forecast import Booking
from queues.forecast.bookings import COMES_LATE, LOOKED_AHEAD, chance_of, expected_at
from queues.models import AppointmentMerge

BAND = timedelta(days=1)
"""Ahead of everybody who walked in since, and still in order of the times that were booked."""

SHOW_RATE = 0.85
"""The chance that somebody comes, while nothing is known of a queue's bookings."""


def _due(at: str, states: str) -> str:
    """The bookings of a queue that are due at a time: who has not come, nor is given up.

    Rows of ``bookings_from``, as JSON, in a statement that has ``queue`` and its ``saved``
    forecast. A booking is one of the queue's that a check-in would choose.
    """
    return f"""(
    SELECT coalesce(jsonb_agg(jsonb_build_array(
        booked.starts_at, queue.appointment_merge, coalesce(saved.show_rate, {SHOW_RATE}))), '[]')
    FROM appointments_appointment AS booked
    WHERE booked.location_id = queue.location_id AND booked.state IN ({states})
    AND booked.starts_at BETWEEN {at} - interval '{COMES_LATE.total_seconds()} seconds'
        AND {at} + interval '{LOOKED_AHEAD.total_seconds()} seconds'
    AND queue.id = (SELECT taking.id FROM queues_queue AS taking
        JOIN queues_queue_services AS takes ON takes.queue_id = taking.id
        WHERE taking.location_id = booked.location_id AND takes.service_id = booked.service_id
        ORDER BY taking.status <> 'open', taking.id LIMIT 1)
    AND NOT EXISTS (SELECT FROM queues_checkin AS came
        JOIN queues_ticket AS theirs ON theirs.id = came.ticket_id
        WHERE came.appointment_id = booked.id AND theirs.issued_at <= {at}))"""  # noqa: S608


DUE_NOW = _due("%(now)s::timestamptz", "'booked'")
# Long after an event its bookings have ended somehow; those that were cancelled are not told apart.
DUE_AT_EVENT = _due("event.at", "'booked', 'arrived', 'fulfilled', 'no_show'")


def merged_key(merge: str, starts_at: datetime, now: datetime) -> datetime:
    """Where in line somebody stands who booked a time and comes ``now``, by a queue's policy."""
    has_come = merge == AppointmentMerge.AHEAD_WHEN_LATE and now >= starts_at
    return starts_at - BAND if merge == AppointmentMerge.OWN_BAND or has_come else starts_at


def bookings_from(rows: Iterable[Sequence[Any]], at: datetime) -> tuple[Booking, ...]:
    """Bookings that are due, as the estimator knows them."""
    return tuple(_booking(at, *row) for row in rows)


def _booking(at: datetime, starts: str, merge: str, show_rate: float) -> Booking:
    starts_at = datetime.fromisoformat(starts)
    comes_at = expected_at(starts_at, at)
    key = merged_key(merge, starts_at, comes_at)
    return Booking(comes_at, key, chance_of(show_rate, starts_at, at))
