"""Writes of resources, of when they are there, and of how services are booked."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from appointments.models import (
    AvailabilityException,
    AvailabilityRule,
    BookingPolicy,
    BookingRules,
    ExceptionKind,
    Resource,
    ResourceKind,
    RuleKind,
)
from appointments.recurrence import WEEKDAYS, RecurrenceError, check_recurrence
from appointments.selectors import usual_rules
from appointments.services.changes import calendar_changed
from providers.actors import Actor
from providers.hours import Span
from providers.models import Location, Member, Service
from providers.services.named import unique_name
from waitlessq import clock
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import InvalidInputError, NotFoundError


@in_transaction
def resource_create(
    *,
    actor: Actor,
    location: Location,
    name: str,
    kind: ResourceKind,
    services: Sequence[Service] = (),
    **fields: Any,
) -> Resource:
    """Something new to be booked; ``fields`` are the model's others.

    Raises:
        NameTakenError: the location has a resource of this name.
        NotFoundError: location, member or a service is not the actor's.
    """
    _check_mine(actor, location, services, fields.get("member"))
    with unique_name(name):
        resource = Resource.objects.create(
            provider=actor.provider, location=location, name=name, kind=kind, **fields
        )
    resource.services.set(services)
    calendar_changed(actor.provider.pk)
    return resource


@in_transaction
def resource_update(
    *, actor: Actor, resource: Resource, services: Sequence[Service] | None = None, **changes: Any
) -> Resource:
    """Changes any field but provider, location and kind. What is booked stays booked.

    Raises:
        NameTakenError: the location has a resource of this name.
        NotFoundError: resource, member or a service is not the actor's.
    """
    _check_mine(actor, resource.location, services or (), changes.get("member"))
    with unique_name(changes.get("name")):
        update_row(resource, changes)
    if services is not None:
        resource.services.set(services)
    calendar_changed(actor.provider.pk)
    return resource


@in_transaction
def availability_rule_add(
    *,
    actor: Actor,
    resource: Resource,
    recurrence: str,
    starts: time,
    ends: time,
    valid_from: date,
    kind: RuleKind = RuleKind.OPEN,
    valid_until: date | None = None,
) -> AvailabilityRule:
    """When the resource works, or pauses, week by week; in the time of its wall.

    Raises:
        InvalidInputError: the recurrence is no weekly rule, or is over before it begins.
    """
    _check_mine(actor, resource.location)
    try:
        recurrence = check_recurrence(recurrence)
    except RecurrenceError as error:
        raise InvalidInputError("recurrence", str(error)) from error
    if valid_until is not None and valid_until < valid_from:
        raise InvalidInputError("valid_until", "Choose a day from valid_from on.")
    rule = AvailabilityRule.objects.create(
        provider=actor.provider,
        resource=resource,
        kind=kind,
        recurrence=recurrence,
        starts=starts,
        ends=ends,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    calendar_changed(actor.provider.pk)
    return rule


@in_transaction
def availability_rule_remove(*, actor: Actor, rule: AvailabilityRule) -> None:
    """The rule does not count any more; what is booked stays booked."""
    _check_mine(actor, rule.resource.location)
    rule.delete()
    calendar_changed(actor.provider.pk)


@in_transaction
def availability_week_set(
    *, actor: Actor, resource: Resource, week: Mapping[int, Sequence[Span]]
) -> None:
    """The usual week by day, 0 for Monday: it replaces the rules that said it before.

    Other rules stay: those that pause, end, begin later, or do not come every week. Locks the
    resource's row, so that of two who write a week one is the later.
    """
    _check_mine(actor, resource.location)
    Resource.objects.select_for_update(no_key=True).get(pk=resource.pk)
    for rule, _ in usual_rules(resource):
        rule.delete()
    days_of: dict[Span, list[str]] = defaultdict(list)
    for day, spans in sorted(week.items()):
        for span in spans:
            days_of[span].append(WEEKDAYS[day])
    AvailabilityRule.objects.bulk_create(
        AvailabilityRule(
            provider=actor.provider,
            resource=resource,
            recurrence=f"FREQ=WEEKLY;BYDAY={','.join(days)}",
            starts=span.opens,
            ends=span.closes,
            valid_from=clock.local_date(resource.zone),
        )
        for span, days in days_of.items()
    )
    calendar_changed(actor.provider.pk)


@in_transaction
def availability_exception_add(
    *,
    actor: Actor,
    resource: Resource,
    kind: ExceptionKind,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
) -> AvailabilityException:
    """The resource is not there, or there besides, for a time; what is booked stays booked.

    Raises:
        InvalidInputError: it ends before it starts.
    """
    _check_mine(actor, resource.location)
    if ends_at <= starts_at:
        raise InvalidInputError("ends_at", "Choose a time after starts_at.")
    exception = AvailabilityException.objects.create(
        provider=actor.provider,
        resource=resource,
        kind=kind,
        starts_at=starts_at,
        ends_at=ends_at,
        reason=reason,
    )
    calendar_changed(actor.provider.pk)
    return exception


@in_transaction
def availability_exception_remove(*, actor: Actor, exception: AvailabilityException) -> None:
    """The exception does not count any more."""
    _check_mine(actor, exception.resource.location)
    exception.delete()
    calendar_changed(actor.provider.pk)


@in_transaction
def booking_policy_set(*, actor: Actor, service: Service, **fields: Any) -> BookingPolicy:
    """How the service is booked; what is not given stays, or is the default.

    Raises:
        InvalidInputError: it would need neither staff nor a room, or its step divides no day.
        NotFoundError: the service is another provider's.
    """
    actor.check_owns(service)
    policy = BookingPolicy.objects.select_for_update().filter(service=service).first()
    policy = policy or BookingPolicy(provider=actor.provider, service=service)
    for name, value in fields.items():
        setattr(policy, name, value)
    if not (policy.needs_staff or policy.needs_room):
        raise InvalidInputError("needs_staff", "A booking needs staff, a room, or both.")
    if 86_400 % policy.step.total_seconds():
        raise InvalidInputError("step", "Choose a step that divides a day, like 10 or 15 minutes.")
    policy.save()
    calendar_changed(actor.provider.pk)
    return policy


@in_transaction
def booking_rules_set(*, actor: Actor, **fields: Any) -> BookingRules:
    """What holds for all bookings of the provider; what is not given stays, or is the default."""
    rules, _ = BookingRules.objects.update_or_create(provider=actor.provider, defaults=fields)
    return rules


def _check_mine(
    actor: Actor,
    location: Location,
    services: Sequence[Service] = (),
    member: Member | None = None,
) -> None:
    if not actor.owns(location):
        raise NotFoundError("There is no such location.")
    for service in services:
        actor.check_owns(service)
    if member is not None:
        actor.check_owns(member)
