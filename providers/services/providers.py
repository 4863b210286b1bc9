"""Writes of the tenant itself."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext
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
# What a name below the platform's own says of the platform, and mail of a domain.
RESERVED_SLUGS = frozenset(
    {
        *(
            "accounts",
            "admin",
            "api",
            "app",
            "apps",
            "assets",
            "autoconfig",
            "autodiscover",
            "blog",
        ),
        *("board", "booking", "console", "docs", "edge", "ftp", "health", "help", "imap", "kiosk"),
        *("localhost", "login", "mail", "mx", "ns", "ns1", "ns2", "pop", "preview", "public"),
        *("root", "security", "smtp", "static", "status", "streams", "support", "system", "test"),
        *("waitlessq", "web", "webmail", "www"),
    }
)
SLUG = re.compile(r"[a-z0-9](?:[a-z0-9]|-(?!-)){0,48}(?<!-)\Z")


def provider_create(*, name: str, slug: str, trade: Trade, owner: User) -> Provider:
    """A new tenant with its first owner; emits ``provider.changed``.

    ``slug`` is a label of DNS too: its app may be found at a name of its own.

    Raises:
        NameTakenError: another provider has the slug.
        InvalidInputError: the name is empty, or the slug is none, or the platform's.
    """
    name = _sayable(name)
    _check_slug(slug)
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

    Raises:
        InvalidInputError: the name is empty.
    """
    if "name" in changes:
        changes["name"] = _sayable(changes["name"])
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


def _sayable(name: str) -> str:
    """The name without what nobody sees."""
    shown = " ".join("".join(c for c in name if c.isprintable() or c.isspace()).split())
    if not any(c.isalnum() for c in shown):
        raise InvalidInputError("name", gettext("Write a name that can be read."))
    return shown


def _check_slug(slug: str) -> None:
    if not SLUG.match(slug):
        text = gettext("Write the address in small letters, digits and single hyphens.")
        raise InvalidInputError("slug", text)
    if slug in RESERVED_SLUGS:
        text = gettext("The address “%(slug)s” is reserved. Choose another.")
        raise InvalidInputError("slug", text % {"slug": slug})


def _tell(provider: Provider) -> None:
    emit(PROVIDER_CHANGED, provider_id=provider.pk, subject_id=provider.pk)
