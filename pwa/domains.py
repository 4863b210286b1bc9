"""Domain names of providers: what is one, and what DNS says of it."""

import re

import dns.exception
import dns.resolver
import idna
from django.conf import settings
from django.utils.translation import gettext

from waitlessq.errors import InvalidInputError

RESOLVER_SECONDS = 3.0
LONGEST = 253
NUMBER = re.compile(r"(\d+|0x[0-9a-f]*)\Z")


class DnsSilentError(Exception):
    """DNS did not answer: what it would say is not known."""


def domain_name(text: str) -> str:
    """The name in lower-case ASCII, as DNS has it; an address in front of or behind it is left out.

    Raises:
        InvalidInputError: it is no domain name, or one that no provider can have.
    """
    written = re.sub(r"\A\s*https?://|/?\s*\Z", "", text, flags=re.IGNORECASE).rstrip(".")
    try:
        name = idna.encode(written, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError) as error:
        raise _no_name() from error
    labels = name.split(".")
    if len(name) > LONGEST or len(labels) == 1 or NUMBER.match(labels[-1]):
        raise _no_name()
    if any(name == ours or name.endswith(f".{ours}") for ours in _our_names()):
        raise InvalidInputError(
            "domain", gettext("This name is the platform's. Add one that is yours.")
        )
    return name


def txt_records(name: str) -> set[str]:
    """What the TXT records of a name say; empty if there are none.

    Raises:
        DnsSilentError: nobody answered in time.
    """
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=RESOLVER_SECONDS, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return set()
    except dns.exception.DNSException as error:
        raise DnsSilentError(name) from error
    return {b"".join(record.strings).decode("ascii", "replace") for record in answer}


def _our_names() -> set[str]:
    hosts = {host.lstrip(".").lower() for host in settings.ALLOWED_HOSTS}
    return (hosts | {settings.APPS_DOMAIN}) - {"", "*"}


def _no_name() -> InvalidInputError:
    return InvalidInputError(
        "domain", gettext("Write a domain name, like queue.example.com, without a path.")
    )
