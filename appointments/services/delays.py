"""Running late: the rest of a resource's day moves on, and those whom it concerns hear of it."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext

from appointments.delays import Taken, delays
from appointments.errors import DelayOverError
from appointments.models import (
    Appointment,
    AppointmentEvent,
    AppointmentResource,
    AppointmentState,
    Resource,
)
from appointments.selectors import second
from appointments.services.changes import record
from appointments.services.locks import lock_resources
from appointments.services.seats import taken_meanwhile
from appointments.transitions import Change
from providers.actors import Actor
from waitlessq import clock
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import NotFoundError
from waitlessq.walltime import instant

DAY = timedelta(days=1)
UNDO_FOR = timedelta(minutes=5)
MOVABLE = (AppointmentState.PENDING, AppointmentState.BOOKED)


@dataclass(frozen=True, slots=True)
class Delay:
    """What moved, and until when it can be taken back."""

    id: uuid.UUID
    undo_until: datetime
    appointments: Sequence[Appointment]


@in_transaction
def resource_run_late(*, actor: Actor, resource_id: int, by: timedelta) -> Delay:
    """Moves what is still to come today to a resource on, in one transaction.

    The next booking begins so much later: counted from the end of one whose customer has arrived,
    if there is one, else from its own start. Those after it move as far as they must, so a gap
    takes the delay up. Whoever has arrived, holds, and what else is booked stays where it is. Their
    customers may then move or cancel whatever the notice. Locks resources, then appointments.

    Raises:
        NotFoundError: there is no such resource.
    """
    resource = _resource(actor, resource_id)
    rows = _lock_day(resource)
    moving = _to_come(resource, rows)
    groups = _groups(rows, moving)
    fixed = [_taken(row) for row in rows if row.appointment_id not in moving]
    moves = _moves(resource, rows, groups, fixed, int(by.total_seconds()))
    delay_id = uuid.uuid4()
    moved = {pk: move for pk, move in moves.items() if move}
    _move(moving, moved)
    for pk, move in moved.items():
        was = moving[pk].starts_at - move
        data = {"delay": str(delay_id), "starts_at": was.isoformat()}
        record(moving[pk], Change.DELAYED, actor=actor, from_state=moving[pk].state, data=data)
    changed = sorted((moving[pk] for pk in moved), key=lambda one: (one.starts_at, one.pk))
    return Delay(delay_id, clock.now() + UNDO_FOR, changed)


@in_transaction
def resource_run_late_undo(
    *, actor: Actor, resource_id: int, delay_id: uuid.UUID
) -> Sequence[Appointment]:
    """Puts what a delay moved back where it was, all or nothing, within five minutes.

    Locks resources, then appointments.

    Raises:
        NotFoundError: there is no such resource.
        DelayOverError: that was longer ago, or one of them changed since.
        SlotTakenError: somebody was booked there meanwhile.
    """
    resource = _resource(actor, resource_id)
    _lock_day(resource)
    events = AppointmentEvent.objects.filter(
        appointment__resources__resource=resource,
        type=Change.DELAYED,
        data__delay=str(delay_id),
        at__gt=clock.now() - UNDO_FOR,
    ).order_by("id")
    was = {event.appointment_id: event for event in events}
    rows = Appointment.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=was)
    appointments = {one.pk: one for one in rows.select_related("provider").order_by("pk")}
    newest = AppointmentEvent.objects.filter(appointment__in=was).order_by("id")
    last = dict(newest.values_list("appointment", "id"))
    if not was or any(last[pk] != event.pk for pk, event in was.items()):
        raise DelayOverError(gettext("It is too late to take it back. Move bookings one by one."))
    moves = {
        pk: datetime.fromisoformat(event.data["starts_at"]) - appointments[pk].starts_at
        for pk, event in was.items()
    }
    _move(appointments, moves)
    for one in appointments.values():
        data = {"undoes": str(delay_id)}
        record(one, Change.RESCHEDULED, actor=actor, from_state=one.state, data=data)
    return sorted(appointments.values(), key=lambda one: (one.starts_at, one.pk))


def _resource(actor: Actor, resource_id: int) -> Resource:
    found = Resource.objects.select_related("location").filter(pk=resource_id).first()
    if found is None or not actor.owns(found.location):
        raise NotFoundError("There is no such resource.")
    return found


def _lock_day(resource: Resource) -> list[AppointmentResource]:
    """Locks the resource and all that its bookings of these days occupy; what is taken there."""
    now = clock.now()
    day = DateTimeTZRange(now - DAY, now + 2 * DAY)
    taken = AppointmentResource.objects.filter(is_blocking=True, busy__overlap=day)
    with_it = taken.filter(resource=resource).values("appointment")
    together = taken.filter(appointment__in=with_it).values_list("resource_id", flat=True)
    ids = {resource.pk, *together}
    lock_resources(ids)
    rows = taken.filter(resource__in=ids).select_related("appointment").order_by("busy", "id")
    return [row for row in rows if row.held_until is None or row.held_until > now]


def _to_come(resource: Resource, rows: Sequence[AppointmentResource]) -> dict[int, Appointment]:
    """The bookings of the rest of the day, locked by id; whoever has arrived is not to come.

    A class that somebody has arrived for, or is about to join, stays where it is.
    """
    zone, now = resource.location.zone, clock.now()
    midnight = instant(clock.local_date(zone) + DAY, time(), zone)
    locked = Appointment.objects.select_for_update(of=("self",), no_key=True).filter(
        pk__in=[row.appointment_id for row in rows if row.resource_id == resource.pk],
        state__in=MOVABLE,
        ends_at__gt=now,
        starts_at__lt=midnight,
    )
    found = {one.pk: one for one in locked.select_related("provider").order_by("pk")}
    begun = {row.session for row in rows if row.session and row.appointment_id not in found}
    for row in rows:
        if row.session in begun:
            found.pop(row.appointment_id or 0, None)
    return found


def _groups(
    rows: Iterable[AppointmentResource], moving: Mapping[int, Appointment]
) -> list[tuple[set[int], list[Taken]]]:
    """What moves together, by start: a booking, or all of a class."""
    found: dict[str, tuple[set[int], list[Taken]]] = defaultdict(lambda: (set(), []))
    for row in rows:
        if row.appointment_id in moving:
            ids, taken = found[row.session or str(row.appointment_id)]
            ids.add(row.appointment_id or 0)
            taken.append(_taken(row))
    return sorted(found.values(), key=lambda group: min(taken.start for taken in group[1]))


def _taken(row: AppointmentResource) -> Taken:
    start, end = second(row.busy.lower), second(row.busy.upper)
    return Taken(row.resource_id, row.seat, row.session, start, end)


def _moves(
    resource: Resource,
    rows: Iterable[AppointmentResource],
    groups: Sequence[tuple[set[int], list[Taken]]],
    fixed: Sequence[Taken],
    by: int,
) -> dict[int, timedelta]:
    """By how much each booking moves."""
    if not groups:
        return {}
    now, first = second(clock.now()), groups[0][1]
    served_until = max(
        (
            second(row.busy.upper)
            for row in rows
            if row.resource_id == resource.pk
            and row.appointment is not None
            and row.appointment.state == AppointmentState.ARRIVED
            and second(row.busy.lower) <= now
        ),
        default=None,
    )
    start = min(taken.start for taken in first if taken.resource == resource.pk)
    gap = 0 if served_until is None else max(0, start - served_until)
    found = delays([taken for _, taken in groups], fixed, max(0, by - gap))
    return {
        pk: timedelta(seconds=seconds)
        for (ids, _), seconds in zip(groups, found, strict=True)
        for pk in ids
    }


def _move(appointments: Mapping[int, Appointment], moves: Mapping[int, timedelta]) -> None:
    """Writes the new times: nothing is in the way of anything while all of it moves."""
    rows = list(AppointmentResource.objects.filter(appointment__in=moves.keys()))
    AppointmentResource.objects.filter(appointment__in=moves.keys()).update(is_blocking=False)
    for pk, move in moves.items():
        one = appointments[pk]
        times = {"starts_at": one.starts_at + move, "ends_at": one.ends_at + move}
        update_row(one, {**times, "sequence": one.sequence + 1})
    with taken_meanwhile():
        for row in rows:
            one, move = appointments[row.appointment_id or 0], moves[row.appointment_id or 0]
            busy = DateTimeTZRange(row.busy.lower + move, row.busy.upper + move)
            session = f"{one.service_id}@{second(one.starts_at)}" if row.session else ""
            update_row(row, {"busy": busy, "session": session, "is_blocking": True})
