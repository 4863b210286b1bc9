"""Reads of the tenant, its people, locations and services; a provider must be in scope."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Q, QuerySet
from django_scopes import scopes_disabled

from providers.actors import Actor
from providers.contacts import LONGEST_EMAIL, folded, phone_digits
from providers.hours import Hours, Span
from providers.models import (
    ContactKind,
    ContactPoint,
    Customer,
    Location,
    Member,
    OpeningException,
    OpeningHours,
    Provider,
    Service,
    User,
)
from waitlessq import clock
from waitlessq.cache import PROVIDER

EXCEPTIONS_SINCE = timedelta(days=7)

FEWEST_DIGITS = 3
"""With fewer, a number is not what is looked for."""


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
    """The provider that the public knows by this slug; from the cache, until it is changed."""
    providers = Provider.objects.using(DEFAULT_DB_ALIAS).filter(slug=slug)
    return PROVIDER.get_or_make(slug, make=providers.first)


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


@dataclass(frozen=True, slots=True)
class OpenDay:
    """When a location is open on a date; ``name`` says why it is not as usual."""

    date: date
    spans: Sequence[Span]
    name: str


@dataclass(frozen=True, slots=True)
class Place:
    """What everybody may know of a location; ``days`` are a week from today on, there."""

    id: int
    name: str
    address: str
    time_zone: str
    days: Sequence[OpenDay]


def places() -> list[Place]:
    """The locations of the provider in scope (three queries)."""
    locations = list(Location.objects.order_by("name"))
    hours = hours_of(locations)
    return [
        Place(one.pk, one.name, one.address, one.time_zone, _week_of(hours[one.pk]))
        for one in locations
    ]


def _week_of(hours: Hours) -> list[OpenDay]:
    today = clock.local_date(hours.zone)
    days = (today + timedelta(days=ahead) for ahead in range(7))
    return [OpenDay(day, hours.spans_on(day), hours.name_on(day)) for day in days]


def customers() -> QuerySet[Customer]:
    """All customers of the provider in scope, with their contact points."""
    return Customer.objects.prefetch_related("contact_points")


def customers_matching(text: str) -> QuerySet[Customer]:
    """Who has these words in their name, or these characters in a number or address.

    As one types: any part, without case or accents, a number with or without its country's code.
    Nobody matches an empty text, or one that is longer than any name.
    """
    words = folded(text.replace("\0", " ")).split()
    if not words or len(text) > LONGEST_EMAIL:
        return customers().none()
    # A leading zero is dialled at home, and is not part of the whole number.
    digits = phone_digits(text).lstrip("0")
    if len(digits) >= FEWEST_DIGITS:
        return customers().filter(_has_point(ContactKind.PHONE, digits))
    if "@" in text:
        return customers().filter(_has_point(ContactKind.EMAIL, words[0]))
    has_words = Q()
    for word in words:
        has_words &= Q(name_folded__contains=word)
    return customers().filter(has_words)


def customers_alike(customer: Customer) -> QuerySet[Customer]:
    """The customer, and who has their name and one of their numbers or addresses.

    Most likely all of them are one person, who did not say the same each time.
    """
    reached = customer.contact_points.values("normalised")
    points = ContactPoint.objects.filter(kind__in=ContactKind.values, normalised__in=reached)
    alike = Q(pk__in=points.values("customer"), name_folded=customer.name_folded)
    return Customer.objects.filter(Q(pk=customer.pk) | alike)


def _has_point(kind: ContactKind, part: str) -> Q:
    points = ContactPoint.objects.filter(kind=kind, normalised__contains=part)
    return Q(pk__in=points.values("customer"))
