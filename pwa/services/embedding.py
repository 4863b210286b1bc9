"""Where a provider's app may be shown: in frames on pages of the provider's own sites."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from django.utils.translation import gettext

from providers.actors import Actor
from pwa.models import EmbeddingSites
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import InvalidInputError

MOST_SITES = 20
# Letters, digits and hyphens between dots (RFC 1123), two parts at least.
HOST = re.compile(r"(?=.{4,200}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
LOCAL = {"localhost", "127.0.0.1"}


@in_transaction
def embedding_sites_set(*, actor: Actor, sites: Iterable[str]) -> list[str]:
    """Allows these sites, written as in a browser's address bar, and no others.

    Raises:
        InvalidInputError: one is no address of a site, or there are too many.
    """
    origins = list(dict.fromkeys(origin_of(site) for site in sites))
    if len(origins) > MOST_SITES:
        message = gettext("Up to %(most)s sites are possible.") % {"most": MOST_SITES}
        raise InvalidInputError("sites", message)
    EmbeddingSites.objects.update_or_create(provider=actor.provider, defaults={"origins": origins})
    return origins


def origin_of(site: str) -> str:
    """The origin, as security policies write it: "www.clinic.example/contact" is of
    "https://www.clinic.example".

    Raises:
        InvalidInputError: it is none, or is not encrypted.
    """
    site = site.strip()
    try:
        parts = urlsplit(site if "://" in site else f"https://{site}")
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except ValueError:
        raise _unusable(site) from None
    is_local = host in LOCAL
    if not (is_local or (parts.scheme == "https" and HOST.fullmatch(host))):
        raise _unusable(site)
    if parts.scheme not in {"http", "https"} or parts.username is not None:
        raise _unusable(site)
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}"


def _unusable(site: str) -> InvalidInputError:
    return InvalidInputError(
        "sites",
        gettext("“%(site)s” is no address of a site: write it like https://www.example.com.")
        % {"site": site[:100]},
    )
