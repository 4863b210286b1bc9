"""The domains of a provider: added, verified by a DNS record, and looked at again."""

import logging
import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django_scopes import scope
from redis.exceptions import RedisError

from providers.actors import Actor
from pwa import domains, storage
from pwa.models import Domain
from waitlessq import clock
from waitlessq.cache import APP_HOST
from waitlessq.db.rows import update_row
from waitlessq.errors import InvalidInputError, NotFoundError

logger = logging.getLogger(__name__)

MOST_DOMAINS = 10
TOKEN_BYTES = 16
GRACE = timedelta(days=3)
"""For so long the app stays at a domain whose record is gone."""


def domain_add(*, actor: Actor, name: str) -> Domain:
    """A domain that is to be verified; one that is there already is returned as it is.

    Raises:
        InvalidInputError: it is no domain name, the platform's own, or one too many.
    """
    name = domains.domain_name(name)
    found = Domain.objects.filter(name=name).first()
    if found is not None:
        return found
    if Domain.objects.count() >= MOST_DOMAINS:
        raise InvalidInputError("domain", gettext("Remove a domain before you add another."))
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return Domain.objects.create(provider=actor.provider, name=name, token=token)


def domain_verify(*, actor: Actor, domain_id: int) -> Domain:
    """Asks DNS whether the domain is the provider's; if so, the app is served there from now on.

    Raises:
        NotFoundError: the provider has no such domain.
        InvalidInputError: the record is not there (yet), DNS is silent, or another provider has
            verified the domain; it says what to do.
    """
    domain = _own(domain_id)
    try:
        is_there = domain.record_value in domains.txt_records(domain.record_name)
    except domains.DnsSilentError as error:
        text = gettext("DNS does not answer for %(name)s. Try again in a few minutes.")
        raise InvalidInputError("domain", text % {"name": domain.shown}) from error
    if not is_there:
        text = gettext("The record is not found yet. It can take an hour until it is seen.")
        raise InvalidInputError("domain", text)
    try:
        with transaction.atomic():
            update_row(domain, {"verified_at": clock.now(), "missing_since": None})
    except IntegrityError as error:
        text = gettext(
            "Another provider has this domain. Remove its record; after three days try again."
        )
        raise InvalidInputError("domain", text) from error
    _serve(domain, domain.provider.slug)
    return domain


def domain_remove(*, actor: Actor, domain_id: int) -> None:
    """The app is no longer found there.

    Raises:
        NotFoundError: the provider has no such domain.
    """
    domain = _own(domain_id)
    domain.delete()
    if domain.verified_at is not None:
        _serve(domain, None)


def domain_recheck(*, domain: Domain) -> None:
    """Looks whether a verified domain is still the provider's; after a grace it is taken out."""
    with scope(provider=domain.provider):
        try:
            is_there = domain.record_value in domains.txt_records(domain.record_name)
        except domains.DnsSilentError:
            is_there = False
        if is_there:
            update_row(domain, {"missing_since": None})
            _serve(domain, domain.provider.slug)
        elif domain.missing_since is None:
            update_row(domain, {"missing_since": clock.now()})
        elif clock.now() - domain.missing_since > GRACE:
            logger.info("The record of %s is gone; the app is taken out.", domain.name)
            update_row(domain, {"verified_at": None, "missing_since": None})
            _serve(domain, None)


def _own(domain_id: int) -> Domain:
    domain = Domain.objects.filter(pk=domain_id).first()
    if domain is None:
        raise NotFoundError("There is no such domain.")
    return domain


def _serve(domain: Domain, slug: str | None) -> None:
    """From now on the domain is this provider's, or nobody's."""
    try:
        storage.serve_at(domain.name, slug)
    except OSError:
        # The platform answers there in place of the edge, and tries again when it looks again.
        logger.exception("The edge could not be told of %s.", domain.name)
    try:
        APP_HOST.forget(domain.name)
    except RedisError:
        # It lasts a minute.
        logger.warning("Redis does not answer; %s changes in a minute.", domain.name)
