"""Reads of resources and appointments; a provider must be in scope."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import repeat
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Count, Max, Prefetch, QuerySet
from django.db.models.functions import TruncDate
from django_scopes import scopes_disabled

from appointments.errors import NotBookableError
from appointments.models import (
    BLOCKING,
    Appointment,
    AppointmentResource,
    AppointmentState,
    AvailabilityException,
    AvailabilityRule,
    BookingPolicy,
    BookingRules,
    BusyFeed,
    CalendarFeed,
    ExceptionKind,
    Offer,
    OfferState,
    Resource,
    ResourceKind,
    RuleKind,
    SlotHold,
    WaitlistEntry,
    WaitlistState,
)
from appointments.recurrence import stretches_of, weekdays_of
from appointments.slots import (
    Busy,
    Demand,
    Offset,
    Slot,
    Stretch,
    Supply,
    difference,
    find_slots,
    free_starts,
    intersection,
    offsets_between,
    union,
)
from providers.actors import Actor
from providers.hours import Span
from providers.models import Customer, Location, Member, Provider, ServiceUse
from providers.selectors import hours_of
from waitlessq import clock
from waitlessq.cache import SLOTS, SLOTS_VERSION
from waitlessq.errors import InvalidInputError, NotFoundError

DAY = timedelta(days=1)
A_DAY = 86_400
FEED_REACHES_BACK = timedelta(days=30)
MOST_IN_FEED = 2000
# What calendars do not show any more.
NOT_TO_BE = (AppointmentState.CANCELLED, AppointmentState.DECLINED)
# All that can keep a resource from being free, of all resources of a service, in one statement. The
# times of what is taken come as arrays: thousands of rows would cost more than the search.
RESOURCES = """
SELECT resource.id, resource.name, resource.kind, resource.capacity, resource.time_zone,
    (SELECT json_agg(json_build_array(kind, recurrence, valid_from, valid_until, starts, ends))
        FROM appointments_availabilityrule WHERE resource_id = resource.id),
    (SELECT json_agg(json_build_array(kind, floor(extract(epoch FROM starts_at))::bigint,
            ceil(extract(epoch FROM ends_at))::bigint))
        FROM appointments_availabilityexception
        WHERE resource_id = resource.id AND ends_at > %(first)s AND starts_at < %(last)s),
    taken.*
FROM appointments_resource AS resource
JOIN appointments_resource_services AS skill
    ON skill.resource_id = resource.id AND skill.service_id = %(service)s
CROSS JOIN LATERAL (
    SELECT array_agg(starts), array_agg(ends),
        -- Mostly all are the first seat of no class: what is not told need not be read.
        CASE WHEN bool_or(seat <> 1 OR session <> '') THEN array_agg(seat) END,
        CASE WHEN bool_or(seat <> 1 OR session <> '') THEN array_agg(session) END
    FROM (
        -- A double is quick to make; extract() would make a numeric. They are put in order later.
        SELECT date_part('epoch', lower(busy))::bigint AS starts,
            date_part('epoch', upper(busy))::bigint AS ends, seat, session
        FROM appointments_appointmentresource
        WHERE resource_id = resource.id AND is_blocking
            AND busy && tstzrange(%(first)s, %(last)s)
            AND (held_until IS NULL OR held_until > %(now)s)
            AND appointment_id IS DISTINCT FROM %(moving)s
    ) AS found
) AS taken
WHERE resource.location_id = %(location)s AND resource.is_active
    AND (%(among)s::bigint[] IS NULL OR resource.id = ANY(%(among)s))
ORDER BY resource.rank, resource.id
"""


class Worker(NamedTuple):
    """A resource that can be booked, as a search shows it."""

    id: int
    name: str
    kind: str


@dataclass(frozen=True)
class Calendar:
    """What a search for times of one service at one location goes by.

    ``within`` bounds the starting times, in seconds; ``resources`` and ``supplies`` go together;
    ``open_hours`` are the location's, None where nobody said any. ``moving`` is the appointment
    that is looked for a new time, which is not in its own way. ``among`` are the ids of those who
    are looked at; None for all who offer the service.
    """

    policy: BookingPolicy
    location: Location
    within: Stretch
    demand: Demand
    open_hours: Sequence[Stretch] | None
    resources: Sequence[Worker]
    supplies: Sequence[Supply]
    moving: int | None = None
    among: Sequence[int] | None = None

    @cached_property
    def offsets(self) -> list[Offset]:
        """Of the location's wall."""
        return offsets_between(self.location.zone, *self.within)

    def groups(self, resource_id: int | None = None) -> list[list[Supply]]:
        """The resources of each kind that is needed; of the kind of ``resource_id`` only that."""
        kinds = needed_kinds(self.policy)
        wanted = next((one.kind for one in self.resources if one.id == resource_id), None)
        return [
            [
                supply
                for one, supply in zip(self.resources, self.supplies, strict=True)
                if one.kind == kind and (kind != wanted or one.id == resource_id)
            ]
            for kind in kinds
        ]

    def slots(self, resource_id: int | None = None) -> list[Slot]:
        """What is free."""
        return find_slots(self.demand, self.groups(resource_id), self.within, self.offsets)

    def seat_at(self, start: int, resource_id: int) -> int:
        """The first seat of a resource that is free for a booking then; KeyError if none is."""
        supply = next(one for one in self.supplies if one.id == resource_id)
        moment = Stretch(start, start + 1)
        return free_starts(supply, self.demand, moment, self.offsets)[start]

    def by_kind(self, resource_ids: Iterable[int]) -> list[list[int]]:
        """These resources, those of each kind that is needed by themselves."""
        kinds = {one.id: one.kind for one in self.resources}
        ids = list(resource_ids)
        return [[pk for pk in ids if kinds[pk] == kind] for kind in needed_kinds(self.policy)]

    def is_open_at(self, start: int, resource_id: int | None = None) -> bool:
        """Whether it could be booked then if nothing were taken."""
        empty = [[Supply(one.id, one.open) for one in group] for group in self.groups(resource_id)]
        moment = Stretch(start, start + 1)
        return bool(find_slots(self.demand, empty, moment, self.offsets))


class FreeSlot(NamedTuple):
    """A time that can be booked, and the ids of who is free: staff before rooms."""

    starts_at: datetime
    resource_ids: list[int]


@dataclass(frozen=True)
class FreeSlots:
    """What a search found, in the time of the location's wall."""

    resources: Sequence[Worker]
    slots: Sequence[FreeSlot]


def needed_kinds(policy: BookingPolicy) -> list[str]:
    """The kinds of resources that one booking occupies."""
    needs = {ResourceKind.STAFF: policy.needs_staff, ResourceKind.ROOM: policy.needs_room}
    return [kind.value for kind, is_needed in needs.items() if is_needed]


def demand_of(policy: BookingPolicy, length: timedelta | None = None) -> Demand:
    """What one booking of the policy's service takes, or one of another length."""
    service = policy.service
    return Demand(
        length=_seconds(length or service.duration),
        before=_seconds(service.buffer_before),
        after=_seconds(service.buffer_after),
        step=_seconds(policy.step),
        class_of=str(service.pk) if policy.group_size > 1 else "",
        class_size=policy.group_size,
    )


def bookable_policy(service_id: int) -> BookingPolicy:
    """How the service is booked; one query.

    Raises:
        NotBookableError: it is not.
    """
    found = BookingPolicy.objects.select_related("service").filter(service_id=service_id).first()
    if found is None or found.service.use == ServiceUse.WALK_IN:
        raise NotBookableError("This service is not booked. Choose another one.")
    return found


def bookable_policies() -> QuerySet[BookingPolicy]:
    """How services are booked: of all that are."""
    found = BookingPolicy.objects.exclude(service__use=ServiceUse.WALK_IN)
    return found.select_related("service").order_by("service__name")


def rules_of(provider: Provider) -> BookingRules:
    """What holds for all bookings of the provider; the defaults if it has said nothing."""
    return BookingRules.objects.filter(provider=provider).first() or BookingRules(provider=provider)


def resources_for(actor: Actor) -> QuerySet[Resource]:
    """The resources of the locations that are open to the actor."""
    found = Resource.objects.select_related("location").prefetch_related("services")
    if actor.location_ids is not None:
        found = found.filter(location_id__in=actor.location_ids)
    return found


def resources_offering(policy: BookingPolicy, location: Location) -> QuerySet[Resource]:
    """Who and what of a location can be booked for a service: staff, then rooms."""
    found = Resource.objects.filter(location=location, services=policy.service_id, is_active=True)
    return found.filter(kind__in=needed_kinds(policy)).order_by("-kind", "rank", "name")


def availability_rules_for(actor: Actor) -> QuerySet[AvailabilityRule]:
    """The rules of the actor's resources."""
    found = AvailabilityRule.objects.all()
    if actor.location_ids is not None:
        found = found.filter(resource__location_id__in=actor.location_ids)
    return found


def availability_exceptions_for(actor: Actor) -> QuerySet[AvailabilityException]:
    """The exceptions of the actor's resources that were said here, not by a calendar elsewhere."""
    found = AvailabilityException.objects.filter(feed=None)
    if actor.location_ids is not None:
        found = found.filter(resource__location_id__in=actor.location_ids)
    return found


def appointments_for(actor: Actor) -> QuerySet[Appointment]:
    """The appointments of the locations that are open to the actor, with who is booked."""
    found = Appointment.objects.select_related("service", "location", "details", "customer")
    found = found.prefetch_related("resources__resource")
    if actor.location_ids is not None:
        found = found.filter(location_id__in=actor.location_ids)
    return found


def bookings_of(actor: Actor, customer: Customer) -> QuerySet[Appointment]:
    """A customer's appointments where the actor works, what comes last first."""
    return appointments_for(actor).filter(customer=customer).order_by("-starts_at", "-id")


def appointments_between(
    actor: Actor, location: Location, first: datetime, last: datetime
) -> QuerySet[Appointment]:
    """What overlaps a stretch of time at a location, by start: what a calendar shows."""
    found = appointments_for(actor).filter(location=location)
    return found.filter(starts_at__lt=last, ends_at__gt=first).order_by("starts_at", "id")


def bookings_by_day(
    actor: Actor, location: Location, first: datetime, last: datetime, resource: Resource | None
) -> dict[date, int]:
    """How many start on each day of the location's wall, of all or of a resource; one query.

    Those that were cancelled or declined are not counted.
    """
    found = appointments_between(actor, location, first, last).exclude(state__in=NOT_TO_BE)
    if resource is not None:
        found = found.filter(resources__resource=resource)
    found = found.filter(starts_at__gte=first).order_by().prefetch_related(None)
    by_day = found.annotate(day=TruncDate("starts_at", tzinfo=location.zone)).values("day")
    return dict(by_day.values_list("day", Count("pk", distinct=True)))


def holds_between(location: Location, first: datetime, last: datetime) -> QuerySet[SlotHold]:
    """The times of a location that are kept now, with their service, resources and offer."""
    found = SlotHold.objects.filter(location=location, expires_at__gt=clock.now())
    taken = DateTimeTZRange(first, last)
    found = found.filter(resources__busy__overlap=taken).distinct()
    found = found.select_related("service", "offer").prefetch_related("resources")
    return found.order_by("starts_at", "id")


def public_appointment(appointment_id: int) -> Appointment | None:
    """The appointment, its service with its policy, its location and its provider; no scope."""
    with scopes_disabled():
        found = Appointment.objects.select_related("provider", "location", "service")
        return found.filter(pk=appointment_id).first()


def public_hold(hold_id: int) -> SlotHold | None:
    """The hold and its provider; needs no scope."""
    with scopes_disabled():
        return SlotHold.objects.select_related("provider").filter(pk=hold_id).first()


def waitlist_for(actor: Actor) -> QuerySet[WaitlistEntry]:
    """Who waits for a time at the locations that are open to the actor, by themselves.

    Each with what is kept for them now as ``kept``, a list of one offer or none.
    """
    kept = Prefetch("offers", open_offers(), to_attr="kept")
    found = WaitlistEntry.objects.filter(holder="").prefetch_related(kept)
    if actor.location_ids is not None:
        found = found.filter(location_id__in=actor.location_ids)
    return found


def public_entry(entry_id: int) -> WaitlistEntry | None:
    """The entry with its provider, location, service and resource; needs no scope."""
    with scopes_disabled():
        found = WaitlistEntry.objects.select_related("provider", "location", "service", "resource")
        return found.filter(pk=entry_id).first()


def open_offers() -> QuerySet[Offer]:
    """What is kept for somebody now, with what it holds: staff before rooms."""
    taken = AppointmentResource.objects.select_related("resource").order_by("-resource__kind")
    found = Offer.objects.filter(state=OfferState.OPEN, expires_at__gt=clock.now())
    return found.select_related("hold").prefetch_related(Prefetch("hold__resources", taken))


def open_offer(entry: WaitlistEntry) -> Offer | None:
    """What is kept for the entry now; asks nobody where ``waitlist_for`` has read it."""
    kept: list[Offer] | None = getattr(entry, "kept", None)
    if kept is None:
        return open_offers().filter(entry=entry).first()
    return kept[0] if kept else None


def offer_of_holder(holder: str) -> Offer | None:
    """What is kept now for whom another app calls so."""
    return open_offers().filter(entry__holder=holder).first()


def held_names(offer: Offer) -> list[str]:
    """With whom, and where, an offer is."""
    return [] if offer.hold is None else [row.resource.name for row in offer.hold.resources.all()]


def holders_asked(freed_id: int) -> set[str]:
    """Whom of those that other apps know were asked about a freed slot."""
    entries = WaitlistEntry.objects.filter(freed=freed_id)
    return set(entries.values_list("holder", flat=True))


def holders_waiting(location_id: int) -> set[str]:
    """Whom of those that other apps know is being asked about a freed slot of a location."""
    entries = WaitlistEntry.objects.filter(location=location_id, state=WaitlistState.WAITING)
    return set(entries.exclude(holder="").values_list("holder", flat=True))


def services_of(resource_ids: Collection[int]) -> set[int]:
    """The ids of the services that one of the resources offers."""
    found = Resource.objects.filter(pk__in=resource_ids, is_active=True)
    return set(found.exclude(services=None).values_list("services", flat=True))


def public_feed(feed_id: int) -> CalendarFeed | None:
    """The feed with its provider, and whose it is; needs no scope."""
    with scopes_disabled():
        found = CalendarFeed.objects.select_related("provider", "member", "customer")
        return found.filter(pk=feed_id).first()


def feed_of_member(member: Member) -> CalendarFeed | None:
    """The member's feed, if they have one."""
    return CalendarFeed.objects.filter(member=member).first()


def feed_appointments(feed: CalendarFeed) -> QuerySet[Appointment]:
    """What a feed shows: of the last month and to come, each with when it changed last."""
    found = Appointment.objects.filter(
        state__in=[*BLOCKING, AppointmentState.FULFILLED],
        starts_at__gt=clock.now() - FEED_REACHES_BACK,
    )
    if feed.member is not None:
        taken = AppointmentResource.objects.filter(resource__member=feed.member)
        found = found.filter(pk__in=taken.values("appointment"))
    else:
        found = found.filter(customer=feed.customer)
    found = found.select_related("provider", "service", "location")
    return found.annotate(changed_at=Max("events__at")).order_by("starts_at", "id")[:MOST_IN_FEED]


def busy_feeds_for(actor: Actor) -> QuerySet[BusyFeed]:
    """The calendars elsewhere that block times of the actor's resources."""
    found = BusyFeed.objects.select_related("resource__location")
    if actor.location_ids is not None:
        found = found.filter(resource__location_id__in=actor.location_ids)
    return found


def read_calendar(
    policy: BookingPolicy,
    location: Location,
    within: Stretch,
    demand: Demand | None = None,
    moving: Appointment | None = None,
    among: Sequence[int] | None = None,
) -> Calendar:
    """All that a search needs; three queries, however many resources there are.

    ``within`` bounds the starting times; ``demand`` is the policy's unless given, or as long as the
    appointment that is ``moving``, which is not in its own way; ``among`` are the ids of those to
    be looked at, else all who offer the service are.
    """
    if moving is not None:
        demand = demand or demand_of(policy, moving.ends_at - moving.starts_at)
    demand = demand or demand_of(policy)
    opened = _open_hours(location, _reach(within, demand))
    moved = None if moving is None else moving.pk
    return read_again(Calendar(policy, location, within, demand, opened, (), (), moved, among))


def read_again(calendar: Calendar) -> Calendar:
    """The calendar with what is taken by now; one query."""
    reach = _reach(calendar.within, calendar.demand)
    rows = _resource_rows(calendar, reach)
    return replace(
        calendar,
        resources=[Worker(*row[:3]) for row in rows],
        supplies=_supplies(rows, calendar.location, calendar.open_hours, reach),
    )


def working_times(
    location: Location, resources: Sequence[Resource], first: datetime, last: datetime
) -> dict[int, Sequence[Stretch]]:
    """When resources of a location work, whatever they are booked for; by their ids, four queries.

    What reaches beyond ``first`` or ``last`` may come whole.
    """
    reach = Stretch(second(first), second(last))
    rules, exceptions = defaultdict(list), defaultdict(list)
    for rule in AvailabilityRule.objects.filter(resource__in=resources):
        until = rule.valid_until and rule.valid_until.isoformat()
        since, starts, ends = (at.isoformat() for at in (rule.valid_from, rule.starts, rule.ends))
        rules[rule.resource_id].append([rule.kind, rule.recurrence, since, until, starts, ends])
    for one in exceptions_between(resources, first, last):
        ends_at = -int(-one.ends_at.timestamp() // 1)
        exceptions[one.resource_id].append([one.kind, second(one.starts_at), ends_at])
    nothing = (None, None, None, None)
    rows = [
        (one.pk, one.name, one.kind, one.capacity, one.time_zone, rules[one.pk],
         exceptions[one.pk], *nothing)
        for one in resources
    ]  # fmt: skip
    supplies = _supplies(rows, location, _open_hours(location, reach), reach)
    return {supply.id: supply.open for supply in supplies}


def usual_rules(resource: Resource) -> list[tuple[AvailabilityRule, list[int]]]:
    """The rules of the usual week, each with its days: they open, every week, and have no end."""
    today = clock.local_date(resource.zone)
    rules = resource.availability_rules.filter(
        kind=RuleKind.OPEN, valid_until=None, valid_from__lte=today
    )
    each = ((rule, weekdays_of(rule.recurrence, rule.valid_from)) for rule in rules.order_by("pk"))
    return [(rule, days) for rule, days in each if days is not None]


def usual_week(resource: Resource) -> dict[int, list[Span]]:
    """When the resource works in its usual week, by day, 0 for Monday."""
    week: dict[int, list[Span]] = defaultdict(list)
    for rule, days in usual_rules(resource):
        for day in days:
            week[day].append(Span(rule.starts, rule.ends))
    return {day: sorted(spans) for day, spans in sorted(week.items())}


def exceptions_between(
    resources: Sequence[Resource], first: datetime, last: datetime
) -> QuerySet[AvailabilityException]:
    """When the rules of resources do not count, in a stretch of time."""
    found = AvailabilityException.objects.filter(starts_at__lt=last, ends_at__gt=first)
    return found.filter(resource__in=resources).order_by("starts_at", "id")


def _open_hours(location: Location, reach: Stretch) -> list[Stretch] | None:
    """When the location is open; None where nobody said any hours."""
    hours = hours_of([location], moment(reach.start).date() - DAY)[location.pk]
    if not (hours.week or hours.exceptions or hours.country):
        return None
    between = hours.between(moment(reach.start), moment(reach.end))
    return [Stretch(second(start), second(end)) for start, end in between]


def _supplies(
    rows: Sequence[Any], location: Location, open_hours: Sequence[Stretch] | None, reach: Stretch
) -> list[Supply]:
    opened = [reach] if open_hours is None else open_hours
    # Where nobody said anything, a room is always there, and a person never.
    unruled: dict[str, Sequence[Stretch]] = {
        ResourceKind.ROOM: opened,
        ResourceKind.STAFF: open_hours or (),
    }
    # Many work alike.
    usual: dict[str, list[Stretch]] = {}
    supplies = []
    for pk, _, kind, capacity, own_zone, rules, exceptions, *taken in rows:
        alike = f"{kind} {own_zone} {rules}"
        if alike not in usual:
            zone = ZoneInfo(own_zone) if own_zone else location.zone
            usual[alike] = _usual(rules or (), zone, opened, unruled[kind], reach)
        open_for_it = _with_exceptions(usual[alike], exceptions or ())
        supplies.append(Supply(pk, open_for_it, _busy(taken), capacity))
    return supplies


def _reach(within: Stretch, demand: Demand) -> Stretch:
    return Stretch(within.start - demand.before, within.end + demand.length + demand.after)


def _resource_rows(calendar: Calendar, reach: Stretch) -> list[Any]:
    parameters: dict[str, Any] = {
        "service": calendar.policy.service_id,
        "location": calendar.location.pk,
        "first": moment(reach.start),
        "last": moment(reach.end),
        "now": clock.now(),
        # No id is 0, and holds, which have none, are not it.
        "moving": calendar.moving or 0,
        "among": None if calendar.among is None else list(calendar.among),
    }
    with connection.cursor() as cursor:
        cursor.execute(RESOURCES, parameters)
        rows: list[Any] = cursor.fetchall()
        return rows


def _usual(
    rules: Sequence[Any],
    zone: ZoneInfo,
    open_hours: Sequence[Stretch],
    unruled: Sequence[Stretch],
    reach: Stretch,
) -> list[Stretch]:
    """When somebody with these rules works, but for exceptions."""
    works = [rule for rule in rules if rule[0] == RuleKind.OPEN]
    pauses = [rule for rule in rules if rule[0] == RuleKind.BREAK]
    opened = intersection(union(_meant(works, zone, reach)), open_hours) if works else list(unruled)
    return difference(opened, union(_meant(pauses, zone, reach))) if pauses else opened


def _with_exceptions(opened: list[Stretch], exceptions: Sequence[Any]) -> list[Stretch]:
    extra = [Stretch(*one[1:]) for one in exceptions if one[0] == ExceptionKind.EXTRA]
    closed = [Stretch(*one[1:]) for one in exceptions if one[0] != ExceptionKind.EXTRA]
    if extra:
        opened = union([*opened, *extra])
    return difference(opened, union(closed)) if closed else opened


def _busy(taken: Sequence[Any]) -> list[Busy]:
    starts, ends, seats, sessions = taken
    if starts is None:
        return []
    if seats is None:
        # At one seat nothing overlaps: whatever begins earlier ends earlier, too.
        ordered: Iterable[Any] = zip(sorted(starts), sorted(ends), repeat(1), repeat(""))
    else:
        ordered = sorted(zip(starts, ends, seats, sessions, strict=True))
    # As Busy(…) would, without a call in Python for each of ten thousand.
    return list(map(tuple.__new__, repeat(Busy), ordered))


def _meant(rules: Iterable[list[Any]], zone: ZoneInfo, reach: Stretch) -> Iterable[Stretch]:
    # To whole days, so that searches of one day share what was worked out.
    days = Stretch(reach.start // A_DAY * A_DAY, -(-reach.end // A_DAY) * A_DAY)
    for _, recurrence, since, until, starts, ends in rules:
        yield from stretches_of(
            recurrence,
            date.fromisoformat(since),
            until and date.fromisoformat(until),
            time.fromisoformat(starts),
            time.fromisoformat(ends),
            zone,
            days,
        )


def free_slots(
    *, service_id: int, location: Location, first: datetime, last: datetime,
    resource_id: int | None = None, for_customer: bool = True, moving: Appointment | None = None,
) -> FreeSlots:  # fmt: skip
    """The times from ``first`` until ``last`` at which the service can be booked; four queries.

    Kept for a minute under the version of the provider's calendar. Customers see what is neither
    too soon nor too far. With ``moving``, to which that appointment can be moved.

    Raises:
        NotBookableError: the service is not booked.
    """
    policy = bookable_policy(service_id)
    now = clock.now()
    first = max(first, now)
    if for_customer:
        first = max(first, now + policy.minimum_notice)
        last = min(last, now + policy.horizon)
    # To a whole minute, so that those who ask within it share an answer; what is over is left out.
    within = Stretch(second(first) // 60 * 60, second(last))
    if within.end <= within.start:
        return FreeSlots([], [])
    resources, slots = _kept(policy, location, within, resource_id, moving)
    earliest = first.timestamp()
    return _shown(resources, (slot for slot in slots if slot[0] >= earliest), location.zone)


def _kept(
    policy: BookingPolicy,
    location: Location,
    within: Stretch,
    resource_id: int | None,
    moving: Appointment | None,
) -> tuple[Sequence[Worker], list[Slot]]:
    # The version is read before the calendar: a change in between makes a kept answer unfound.
    version = slots_version(policy.provider_id)
    demand, kinds = demand_of(policy), needed_kinds(policy)
    key = SLOTS.key(version, location.pk, location.time_zone, *demand_key(demand), *kinds, *within,
                    policy.service_id, resource_id, moving and moving.pk)  # fmt: skip
    found: tuple[Sequence[Worker], list[Slot]] | None = cache.get(key)
    if found is None:
        calendar = read_calendar(policy, location, within, moving=moving)
        found = calendar.resources, calendar.slots(resource_id)
        cache.set(key, found, SLOTS.seconds)
    return found


def demand_key(demand: Demand) -> tuple[int | str, ...]:
    """What of a service a kept search depends on."""
    return demand.length, demand.before, demand.after, demand.step, demand.class_size


def found_in(calendar: Calendar, resource_id: int | None = None) -> FreeSlots:
    """What a calendar has free, in the time of the location's wall."""
    return _shown(calendar.resources, calendar.slots(resource_id), calendar.location.zone)


def _shown(resources: Sequence[Worker], slots: Iterable[Slot], zone: ZoneInfo) -> FreeSlots:
    at = datetime.fromtimestamp
    return FreeSlots(resources, [FreeSlot(at(start, zone), ids) for start, ids in slots])


def places_of(
    appointment: Appointment, within: Stretch, length: timedelta
) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Where an appointment of this length could start, in seconds: what is free, what is open.

    By each resource that its service may be had of; open is what would be free if nothing were
    taken. What it occupies itself is not in its way. Five queries.

    Raises:
        NotBookableError: the service is booked no longer.
    """
    if within.end <= within.start:
        return {}, {}
    policy = bookable_policy(appointment.service_id)
    demand = demand_of(policy, length)
    calendar = read_calendar(policy, appointment.location, within, demand)
    own = {
        (row.resource_id, second(row.busy.lower), row.seat) for row in appointment.resources.all()
    }
    supplies = [
        replace(one, busy=[b for b in one.busy if (one.id, b.start, b.seat) not in own])
        for one in calendar.supplies
    ]
    without = replace(calendar, supplies=supplies)
    empty = replace(calendar, supplies=[replace(one, busy=()) for one in supplies])
    kinds = needed_kinds(policy)
    ids = [one.id for one in calendar.resources if one.kind in kinds]
    free = {pk: [start for start, _ in without.slots(pk)] for pk in ids}
    return free, {pk: [start for start, _ in empty.slots(pk)] for pk in ids}


def slots_version(provider_id: int) -> str:
    """Under what kept searches of the provider are found; changes with its calendar."""
    key = SLOTS_VERSION.key(provider_id)
    version: str | None = cache.get(key)
    if version is None:
        version = uuid.uuid4().hex
        cache.set(key, version, SLOTS_VERSION.seconds)
    return version


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


def second(at: datetime) -> int:
    """The time as searches count it, in whole seconds."""
    return int(at.timestamp())


def moment(at: int) -> datetime:
    """The time, in UTC, that searches count so."""
    return datetime.fromtimestamp(at, UTC)


def cancel_until(appointment: Appointment) -> datetime | None:
    """Until when its customer may cancel it; None when they may not any more."""
    policy = _policy_of(appointment)
    if policy is None or appointment.state not in BLOCKING:
        return None
    return _still(appointment.starts_at - notice_of(appointment, policy.cancel_notice))


def reschedule_until(appointment: Appointment) -> datetime | None:
    """Until when its customer may move it; None when they may not any more."""
    policy = _policy_of(appointment)
    movable = appointment.state in {AppointmentState.PENDING, AppointmentState.BOOKED}
    if policy is None or not movable:
        return None
    if appointment.reschedule_count >= policy.most_reschedules and not was_delayed(appointment):
        return None
    return _still(appointment.starts_at - notice_of(appointment, policy.reschedule_notice))


def notice_of(appointment: Appointment, notice: timedelta) -> timedelta:
    """What notice its customer is to give; none where the provider has moved it on."""
    return timedelta() if notice and was_delayed(appointment) else notice


def was_delayed(appointment: Appointment) -> bool:
    """Whether its time is one that nobody chose: those before took longer."""
    times = appointment.events.filter(type__in=["delayed", "rescheduled"])
    return times.order_by("-id").values_list("type", flat=True).first() == "delayed"


def _policy_of(appointment: Appointment) -> BookingPolicy | None:
    return BookingPolicy.objects.filter(service_id=appointment.service_id).first()


def _still(until: datetime) -> datetime | None:
    return until if until >= clock.now() else None


def location_to_search(
    actor: Actor, service_id: int, location_id: int | None, resource_id: int | None
) -> Location:
    """Where to look for times: the named one, that of the resource, or the only one there is.

    Raises:
        NotFoundError: there is no such location or resource.
        InvalidInputError: there are several to choose from.
    """
    found = Location.objects.all()
    if location_id is not None:
        found = found.filter(pk=location_id)
    if resource_id is not None:
        found = found.filter(resources=resource_id)
    if location_id is None and resource_id is None:
        found = found.filter(resources__services=service_id, resources__is_active=True).distinct()
    places = [place for place in found[:2] if actor.owns(place)]
    if len(places) > 1:
        raise InvalidInputError("location", "Choose a location.")
    if not places:
        raise NotFoundError("There is no such location.")
    return places[0]
