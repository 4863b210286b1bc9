"""Writes of the tenant itself."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django_scopes import scope

from events.outbox import emit
from providers.actors import Actor
from providers.errors import NameTakenError
from providers.models import Member, Provider, ProviderLogo, Role, Trade, User, is_colour
from providers.services.logos import square_logo
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import InvalidInputError

PROVIDER_CHANGED = "provider.changed"


def provider_create(*, name: str, slug: str, trade: Trade, owner: User) -> Provider:
    """A new tenant with its first owner; emits ``provider.changed``.

    Raises:
        NameTakenError: another provider has the slug.
    """
    try:
        with transaction.atomic():
            provider = Provider.objects.create(name=name, slug=slug, trade=trade)
            with scope(provider=provider):
                Member.objects.create(provider=provider, user=owner, role=Role.OWNER)
            _tell(provider)
    except IntegrityError as error:
        if "slug" not in str(error):
            raise
        raise NameTakenError(f"The address “{slug}” is taken.", slug=slug) from error
    return provider


@in_transaction
def provider_update(*, actor: Actor, **changes: Any) -> Provider:
    """Changes what the provider says of itself: name or trade; leaves what is not given alone.

    Emits ``provider.changed``.
    """
    provider = update_row(actor.provider, changes)
    _tell(provider)
    return provider


@in_transaction
def provider_set_look(
    *, actor: Actor, colour: str, logo: bytes | None = None, without_logo: bool = False
) -> Provider:
    """Changes how the provider's app looks; emits ``provider.changed``.

    ``colour`` is written like #005956. ``logo`` is an image file as it was uploaded, None to leave
    it as it is; ``without_logo`` takes the one there is away.

    Raises:
        InvalidInputError: the colour is none, or the logo cannot be used; it says what to do.
    """
    colour = colour.strip().upper()
    try:
        is_colour(colour)
    except ValidationError as error:
        raise InvalidInputError("colour", error.messages[0]) from error
    if logo is not None:
        image = square_logo(logo)
        ProviderLogo.objects.update_or_create(provider=actor.provider, defaults={"image": image})
    elif without_logo:
        ProviderLogo.objects.all().delete()
    provider = update_row(actor.provider, {"colour": colour})
    _tell(provider)
    return provider


def _tell(provider: Provider) -> None:
    emit(PROVIDER_CHANGED, provider_id=provider.pk, subject_id=provider.pk)
