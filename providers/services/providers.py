"""Writes of the tenant itself."""

from django.db import IntegrityError, transaction
from django_scopes import scope

from providers.actors import Actor
from providers.errors import NameTakenError
from providers.models import Member, Provider, Role, Trade, User


def provider_create(*, name: str, slug: str, trade: Trade, owner: User) -> Provider:
    """A new tenant with its first owner.

    Raises:
        NameTakenError: another provider has the slug.
    """
    try:
        with transaction.atomic():
            provider = Provider.objects.create(name=name, slug=slug, trade=trade)
            with scope(provider=provider):
                Member.objects.create(provider=provider, user=owner, role=Role.OWNER)
    except IntegrityError as error:
        raise NameTakenError(f"The address “{slug}” is taken.", slug=slug) from error
    return provider


def provider_update(
    *, actor: Actor, name: str | None = None, trade: Trade | None = None
) -> Provider:
    """Changes what the provider says of itself; None leaves a field as it is."""
    provider = actor.provider
    provider.name = provider.name if name is None else name
    provider.trade = provider.trade if trade is None else trade
    provider.save(update_fields=["name", "trade"])
    return provider
