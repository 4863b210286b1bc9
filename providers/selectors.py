"""Reads of the tenant, its people, locations and services; a provider must be in scope."""

from django.db.models import QuerySet
from django_scopes import scopes_disabled

from providers.actors import Actor
from providers.models import Location, Member, Provider, Service, User


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
