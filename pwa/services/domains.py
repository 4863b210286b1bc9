"""The domains of a provider: added, verified by a DNS record, and looked at again."""

import logging
import secrets
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django_scopes import scope, scopes_disabled
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

    DNS is asked without a lock, then the row is locked.

    Raises:
        NotFoundError: the provider has no such domain, or no more.
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
        domain = _verified(domain_id)
    except IntegrityError as error:
        text = gettext(
            "Another provider has this domain. Remove its record; after three days try again."
        )
        raise InvalidInputError("domain", text) from error
    _forget(domain)
    return domain


def domain_remove(*, actor: Actor, domain_id: int) -> None:
    """The app is no longer found there. Locks the row.

    Raises:
        NotFoundError: the provider has no such domain.
    """
    with transaction.atomic():
        domain = _own(domain_id, is_to_change=True)
        domain.delete()
        if domain.verified_at is not None:
            _tell_edge(domain, None)
    _forget(domain)


def domain_has_record(*, domain: Domain) -> bool | None:
    """Whether DNS says that the domain is the provider's; None if DNS is silent."""
    try:
        return domain.record_value in domains.txt_records(domain.record_name)
    except domains.DnsSilentError:
        return None


def domain_recheck(*, domain: Domain, has_record: bool) -> None:
    """Notes whether a verified domain is still the provider's; after a grace it is taken out.

    Locks its row; one that was removed since it was read stays as it is.
    """
    with scope(provider=domain.provider):
        with transaction.atomic():
            rows = Domain.objects.select_for_update().filter(verified_at__isnull=False)
            row = rows.filter(pk=domain.pk).first()
            if row is None:
                return
            _note(row, has_record=has_record)
            # In the lock: whoever removes it meanwhile tells the edge after this.
            _tell_edge(row, None if row.verified_at is None else domain.provider.slug)
        _forget(row)


def links_prune() -> None:
    """Tells the edge of each name that it serves and no provider has; needs no scope.

    Raises:
        OSError: the names could not be read.
    """
    # Read before the rows: what is linked is verified by then.
    linked = storage.hosts()
    with scopes_disabled():
        verified = Domain.objects.filter(verified_at__isnull=False)
        nobodys = linked - set(verified.values_list("name", flat=True))
    for host in sorted(nobodys):
        storage.serve_at(host, None)


def _note(domain: Domain, *, has_record: bool) -> None:
    if has_record:
        update_row(domain, {"missing_since": None})
    elif domain.missing_since is None:
        update_row(domain, {"missing_since": clock.now()})
    elif clock.now() - domain.missing_since > GRACE:
        logger.info("The record of %s is gone; the app is taken out.", domain.name)
        update_row(domain, {"verified_at": None, "missing_since": None})


@transaction.atomic
def _verified(domain_id: int) -> Domain:
    domain = _own(domain_id, is_to_change=True)
    update_row(domain, {"verified_at": clock.now(), "missing_since": None})
    # In the lock, as by all: who changes it next tells the edge after this.
    _tell_edge(domain, domain.provider.slug)
    return domain


def _own(domain_id: int, *, is_to_change: bool = False) -> Domain:
    rows = Domain.objects.select_for_update() if is_to_change else Domain.objects.all()
    domain = rows.filter(pk=domain_id).first()
    if domain is None:
        raise NotFoundError("There is no such domain.")
    return domain


def _tell_edge(domain: Domain, slug: str | None) -> None:
    try:
        storage.serve_at(domain.name, slug)
    except OSError:
        # The platform answers there in place of the edge, and tries again when it looks again.
        logger.exception("The edge could not be told of %s.", domain.name)


def _forget(domain: Domain) -> None:
    try:
        APP_HOST.forget(domain.name)
    except RedisError:
        # It lasts a minute.
        logger.warning("Redis does not answer; %s changes in a minute.", domain.name)
