"""Finding and taking the seats of a booking: lock first, look, take; the constraint holds it.

The caller is in a transaction.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.db import IntegrityError, connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Count, QuerySet
from django.utils.translation import gettext

from appointments.errors import (
    NoSuchTimeError,
    OffStepError,
    OutsideHoursError,
    ServiceNotOfferedError,
    SlotTakenError,
    TimePastError,
    TooFarError,
    TooSoonError,
)
from appointments.models import (
    Appointment,
    AppointmentResource,
    Assignment,
    BookingPolicy,
    Resource,
    SlotHold,
)
from appointments.selectors import (
    Calendar,
    bookable_policy,
    demand_of,
    moment,
    needed_kinds,
    read_again,
    read_calendar,
    second,
)
from appointments.services.locks import lock_resources
from appointments.slots import Slot, Stretch, offsets_between, on_grid
from providers.actors import Actor
from providers.models import Location, Role
from waitlessq import clock
from waitlessq.db.rows import insert_row
from waitlessq.errors import InvalidInputError, NotFoundError
from waitlessq.walltime import instant

DAY = timedelta(days=1)
FAIR_WITHIN = timedelta(days=7)
MOST_ALTERNATIVES = 3
# Others wait for what happens here, so nothing is asked of the row but whether it is in the way.
FREE = """
DELETE FROM appointments_appointmentresource
WHERE resource_id = ANY(%s) AND is_blocking AND busy && %s::tstzrange AND held_until <= %s
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would like to book; of any resource unless one is named.

    A time without an offset is meant on the location's wall.
    """

    service_id: int
    starts_at: datetime
    location_id: int | None = None
    resource_id: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a wish can be fulfilled: how the service is booked, and who could be chosen.

    Where somebody was named, that is of their kind nobody else.
    """

    policy: BookingPolicy
    location: Location
    resource_ids: Sequence[int]
    starts_at: datetime


class Seat(NamedTuple):
    """A seat to be taken, in its session; empty if there is none."""

    resource_id: int
    seat: int
    session: str
    busy: Stretch


def find_place(actor: Actor, wish: Wish) -> Place:
    """Where the wish can be fulfilled; three queries.

    Raises:
        NotBookableError: the service is not booked.
        ServiceNotOfferedError: nobody there offers it, or not the one who was named.
        NotFoundError: there is no such location or resource.
        InvalidInputError: there are several locations to choose from.
        NoSuchTimeError: clocks there jump over the time.
    """
    policy = bookable_policy(wish.service_id)
    offering = _offering(policy)
    if wish.resource_id is not None:
        location = _location_of_resource(actor, wish, wish.resource_id)
    else:
        location = _chosen_location(actor, wish, offering)
    kinds = dict(offering.filter(location=location).values_list("pk", "kind"))
    if wish.resource_id is not None and wish.resource_id not in kinds:
        raise ServiceNotOfferedError(
            gettext("Choose somebody else, or another service."), resource=wish.resource_id
        )
    if not set(needed_kinds(policy)) <= set(kinds.values()):
        raise ServiceNotOfferedError(gettext("Choose another location, or another service."))
    # Whoever wants somebody else need not wait for this booking.
    named = kinds.get(wish.resource_id or 0)
    ids = [pk for pk, kind in kinds.items() if kind != named or pk == wish.resource_id]
    return Place(policy, location, ids, meant(wish.starts_at, location))


def meant(at: datetime, location: Location) -> datetime:
    """The instant of a time that may be one on the location's wall; of two the earlier one.

    Raises:
        NoSuchTimeError: clocks there jump over it.
    """
    if at.tzinfo is not None:
        return at
    there = instant(at.date(), at.time(), location.zone)
    if there.astimezone(location.zone).replace(tzinfo=None) != at:
        raise NoSuchTimeError(
            gettext("Clocks are put forward then. Choose another time."), starts_at=at.isoformat()
        )
    return there


def _offering(policy: BookingPolicy) -> QuerySet[Resource]:
    return Resource.objects.filter(
        services=policy.service_id, kind__in=needed_kinds(policy), is_active=True
    ).order_by("pk")


def _location_of_resource(actor: Actor, wish: Wish, resource_id: int) -> Location:
    found = Resource.objects.select_related("location").filter(pk=resource_id).first()
    if found is None or not actor.owns(found.location):
        raise NotFoundError("There is no such resource.")
    if wish.location_id not in {None, found.location_id}:
        raise InvalidInputError("location", "The resource is at another location.")
    return found.location


def _chosen_location(actor: Actor, wish: Wish, offering: QuerySet[Resource]) -> Location:
    if wish.location_id is not None:
        found = Location.objects.filter(pk=wish.location_id).first()
        if found is None or not actor.owns(found):
            raise NotFoundError("There is no such location.")
        return found
    places = {one.location for one in offering.select_related("location")}
    mine = [place for place in places if actor.owns(place)]
    if not mine:
        raise ServiceNotOfferedError(gettext("Choose another location, or another service."))
    if len(mine) > 1:
        raise InvalidInputError("location", "Choose a location.")
    return mine[0]


def check_start(actor: Actor, place: Place, starts_at: datetime | None = None) -> None:
    """Refuses a time that the service can not be booked at by this actor, whoever is free.

    It is the place's unless given. Notice and horizon bind customers only.

    Raises:
        TimePastError, OffStepError, TooSoonError, TooFarError: it is that.
    """
    now, policy, zone = clock.now(), place.policy, place.location.zone
    starts_at = starts_at or place.starts_at
    if starts_at < now:
        raise TimePastError(gettext("Choose a time to come."))
    at, step = second(starts_at), int(policy.step.total_seconds())
    if starts_at.microsecond or not on_grid(at, step, offsets_between(zone, at, at + 1)):
        raise OffStepError(
            gettext("Choose a time on the %(minutes)s minutes.") % {"minutes": step // 60},
            step_minutes=step // 60,
        )
    if actor.may(Role.STAFF):
        return
    if starts_at < now + policy.minimum_notice:
        earliest = now + policy.minimum_notice
        raise TooSoonError(
            gettext("The earliest is %(time)s.") % {"time": _said(earliest, zone)},
            earliest=earliest.isoformat(),
        )
    if starts_at >= now + policy.horizon:
        latest = now + policy.horizon
        raise TooFarError(
            gettext("The latest is %(time)s.") % {"time": _said(latest, zone)},
            latest=latest.isoformat(),
        )


def read_day(place: Place, starts_at: datetime, length: timedelta | None = None) -> Calendar:
    """The calendar of the day of a booking, of the service's length unless one is given."""
    demand, day = demand_of(place.policy, length), _local_day(starts_at, place.location)
    return read_calendar(place.policy, place.location, day, demand, among=place.resource_ids)


def find_slot(
    calendar: Calendar, starts_at: datetime, resource_id: int | None = None
) -> list[list[int]]:
    """Who is free at that time, of each kind that is needed.

    Raises:
        OutsideHoursError: nobody works then.
        SlotTakenError: it is taken; lists what is free that day.
    """
    at, slots = second(starts_at), calendar.slots(resource_id)
    free = next((ids for start, ids in slots if start == at), None)
    if free is None:
        raise _not_free(calendar, slots, at, resource_id)
    return calendar.by_kind(free)


def lock_seats(
    place: Place,
    calendar: Calendar,
    starts_at: datetime,
    resource_id: int | None = None,
) -> list[Seat]:
    """Locks the resources, looks what is taken by now, and chooses the seats of a booking.

    What was taken before is refused without waiting for the locks. Raises as ``find_slot`` does.
    """
    find_slot(calendar, starts_at, resource_id)
    lock_resources(place.resource_ids)
    return choose_seats(read_again(calendar), starts_at, resource_id)


def choose_seats(
    calendar: Calendar,
    starts_at: datetime,
    resource_id: int | None = None,
    preferred: Collection[int] = (),
) -> list[Seat]:
    """The seats of a booking, one of each kind of resource; the caller holds their locks.

    ``preferred`` are resources to be chosen before others. Raises as ``find_slot`` does.
    """
    free, start = find_slot(calendar, starts_at, resource_id), second(starts_at)
    session, busy = calendar.demand.session_at(start), calendar.demand.busy_at(start)
    chosen = _choose(calendar, free, session, start, preferred)
    return [Seat(pk, calendar.seat_at(start, pk), session, busy) for pk in chosen]


def take_seats(
    provider_id: int,
    seats: Iterable[Seat],
    *,
    appointment: Appointment | None = None,
    hold: SlotHold | None = None,
) -> None:
    """Writes down that an appointment or a hold has these seats; removes holds that expired.

    Raises:
        SlotTakenError: somebody who did not take the lock was faster; the transaction is lost.
    """
    rows = [
        AppointmentResource(
            provider_id=provider_id,
            resource_id=seat.resource_id,
            seat=seat.seat,
            session=seat.session,
            busy=DateTimeTZRange(moment(seat.busy.start), moment(seat.busy.end)),
            appointment=appointment,
            hold=hold,
            held_until=None if hold is None else hold.expires_at,
        )
        for seat in seats
    ]
    with connection.cursor() as cursor:
        cursor.execute(FREE, [[row.resource_id for row in rows], rows[0].busy, clock.now()])
    with taken_meanwhile():
        for row in rows:
            insert_row(row)


@contextmanager
def taken_meanwhile() -> Iterator[None]:
    """Turns the violation of an exclusion constraint into the domain error."""
    try:
        yield
    except IntegrityError as error:
        if "resource_seat_is_taken_once" not in str(error) and (
            "resource_session_is_alone" not in str(error)
        ):
            raise
        raise clash() from error


def clash() -> SlotTakenError:
    """Somebody was faster by so little that nobody knows what is free now."""
    return SlotTakenError(gettext("It was just taken. Choose another time."), free=[])


def _not_free(
    calendar: Calendar, slots: Sequence[Slot], at: int, resource_id: int | None
) -> OutsideHoursError | SlotTakenError:
    zone = calendar.location.zone
    earliest = max(at - 86_400, second(clock.now()))
    near = sorted((start for start, _ in slots if start >= earliest), key=lambda s: abs(s - at))
    free = [moment(start).astimezone(zone) for start in sorted(near[:MOST_ALTERNATIVES])]
    data = {"free": [start.isoformat() for start in free]}
    said = _listed([f"{start:%H:%M}" for start in free])
    time = f"{moment(at).astimezone(zone):%H:%M}"
    if not calendar.is_open_at(at, resource_id):
        detail = gettext("Nobody works at %(time)s. Choose another day.") % {"time": time}
        if free:
            detail = gettext("Nobody works at %(time)s. Free that day: %(free)s.")
            detail %= {"time": time, "free": said}
        return OutsideHoursError(detail, **data)
    if not free:
        detail = gettext("%(time)s was just taken. Choose another day.") % {"time": time}
    elif len(free) == 1:
        detail = gettext("%(time)s was just taken. %(free)s is free.")
        detail %= {"time": time, "free": said}
    else:
        detail = gettext("%(time)s was just taken. %(free)s are free.")
        detail %= {"time": time, "free": said}
    return SlotTakenError(detail, **data)


def _listed(times: Sequence[str]) -> str:
    """The times as a sentence lists them."""
    if len(times) < 2:  # noqa: PLR2004 (one needs no word between)
        return "".join(times)
    return gettext("%(first)s and %(last)s") % {
        "first": ", ".join(times[:-1]),
        "last": times[-1],
    }


def _said(at: datetime, zone: object) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"  # type: ignore[arg-type]


def _local_day(at: datetime, location: Location) -> Stretch:
    day = at.astimezone(location.zone).date()
    return Stretch(
        second(instant(day, time(), location.zone)),
        second(instant(day + DAY, time(), location.zone)),
    )


def _choose(
    calendar: Calendar,
    free: Sequence[Sequence[int]],
    session: str,
    start: int,
    preferred: Collection[int],
) -> list[int]:
    """One resource of each kind. Whoever joins a class gets one that is held already, if any."""
    if session:
        held = _in_session(calendar, session)
        joined = _join_session(free, session, held)
        if joined:
            return joined
        free = [[pk for pk in of if pk not in held] for of in free]
        if not all(free):
            raise clash()
    load = _loads(calendar, free, start)
    return [min(of, key=lambda pk: (pk not in preferred, load.get(pk, 0))) for of in free]


def _in_session(calendar: Calendar, session: str) -> set[int]:
    return {
        supply.id for supply in calendar.supplies if any(b.session == session for b in supply.busy)
    }


def _join_session(free: Sequence[Sequence[int]], session: str, held: Collection[int]) -> list[int]:
    """Who holds a session already, of its staff and its rooms; empty if there is no room in it."""
    for first in free[0]:
        if first not in held:
            continue
        together = set(
            AppointmentResource.objects.filter(session=session, is_blocking=True)
            .filter(appointment__resources__resource=first)
            .values_list("resource_id", flat=True)
        ) | set(
            AppointmentResource.objects.filter(session=session, is_blocking=True)
            .filter(hold__resources__resource=first)
            .values_list("resource_id", flat=True)
        )
        others = [next((pk for pk in of if pk in together), None) for of in free[1:]]
        found = [first, *(pk for pk in others if pk is not None)]
        if len(found) == len(free):
            return found
    return []


def _loads(calendar: Calendar, free: Sequence[Sequence[int]], start: int) -> dict[int, int]:
    """How many bookings each resource has that week, where fairness decides."""
    ids = [pk for of in free if len(of) > 1 for pk in of]
    if not ids or calendar.policy.assignment != Assignment.FAIR:
        return {}
    week = DateTimeTZRange(moment(start) - FAIR_WITHIN, moment(start) + FAIR_WITHIN)
    rows = AppointmentResource.objects.filter(
        resource__in=ids, is_blocking=True, appointment__isnull=False, busy__overlap=week
    )
    return dict(rows.values_list("resource").annotate(Count("pk")).order_by())
