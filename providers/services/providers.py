"""Writes of the tenant itself."""

from typing import Any

from django.db import IntegrityError, transaction
from django_scopes import scope

from providers.actors import Actor
from providers.errors import NameTakenError
from providers.models import Member, Provider, Role, Trade, User
from waitlessq.db.rows import update_row


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
        if "slug" not in str(error):
            raise
        raise NameTakenError(f"The address “{slug}” is taken.", slug=slug) from error
    return provider


def provider_update(*, actor: Actor, **changes: Any) -> Provider:
    """Changes what the provider says of itself: name or trade; leaves what is not given alone."""
    return update_row(actor.provider, changes)
