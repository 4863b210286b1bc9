"""Reads of the tenant, its people, locations and services; a provider must be in scope."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from django.db.models import QuerySet
from django_scopes import scopes_disabled

from providers.actors import Actor
from providers.hours import Hours, Span
from providers.models import (
    Location,
    Member,
    OpeningException,
    OpeningHours,
    Provider,
    Service,
    User,
)
from waitlessq import clock

EXCEPTIONS_SINCE = timedelta(days=7)


def membership(user: User, provider_slug: str) -> Member | None:
    """The user's membership in the provider with this slug; needs no scope (it decides it)."""
    with scopes_disabled():
        return (
            Member.objects.select_related("provider")
            .filter(user=user, provider__slug=provider_slug)
            .first()
        )


def memberships_of(user: User) -> list[Member]:
    """All memberships of a user, by the provider's name; needs no scope."""
    with scopes_disabled():
        return list(
            Member.objects.select_related("provider")
            .filter(user=user)
            .order_by("provider__name", "id")
        )


def provider_by_slug(slug: str) -> Provider | None:
    """The provider that the public knows by this slug."""
    return Provider.objects.filter(slug=slug).first()


def locations_for(actor: Actor) -> QuerySet[Location]:
    """The locations that are open to the actor."""
    locations = Location.objects.all()
    if actor.location_ids is not None:
        locations = locations.filter(id__in=actor.location_ids)
    return locations


def services_for(_actor: Actor) -> QuerySet[Service]:
    """All services of the provider in scope: every actor may see them."""
    return Service.objects.all()


def members() -> QuerySet[Member]:
    """All members of the provider in scope, with their users and locations."""
    return Member.objects.select_related("user").prefetch_related("locations")


def hours_of(locations: Iterable[Location], since: date | None = None) -> dict[int, Hours]:
    """When these locations are open, by their ids; two queries, however many they are.

    Exceptions count from ``since`` on, by default those of the last week and to come.
    """
    found = {location.pk: location for location in locations}
    week: dict[int, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for row in OpeningHours.objects.filter(location__in=found).order_by("opens"):
        week[row.location_id][row.weekday].append(Span(row.opens, row.closes))
    exceptions: dict[int, dict[date, list[Span]]] = defaultdict(lambda: defaultdict(list))
    names: dict[int, dict[date, str]] = defaultdict(dict)
    since = since or (clock.now() - EXCEPTIONS_SINCE).date()
    rows = OpeningException.objects.filter(location__in=found, date__gte=since).order_by("opens")
    for exception in rows:
        spans = exceptions[exception.location_id][exception.date]
        if exception.opens is not None and exception.closes is not None:
            spans.append(Span(exception.opens, exception.closes))
        names[exception.location_id][exception.date] = exception.name
    return {
        pk: Hours(
            zone=location.zone,
            week=dict(week[pk]),
            exceptions=dict(exceptions[pk]),
            names=names[pk],
            country=location.country if location.closed_on_public_holidays else "",
            subdivision=location.subdivision,
        )
        for pk, location in found.items()
    }
