"""Builds of providers' apps, carried out by workers."""

import logging
from datetime import timedelta

from celery import shared_task
from django_scopes import scopes_disabled

from providers.models import Provider
from pwa.models import Build, BuildState, Domain
from pwa.services.builds import build_run
from pwa.services.domains import domain_has_record, domain_recheck, links_prune
from waitlessq import clock

logger = logging.getLogger(__name__)

# How long a request may wait before somebody looks whether its message was lost.
OVERDUE = timedelta(seconds=30)


@shared_task
def build_app(provider_id: int) -> None:
    """Builds what was asked for of one provider's app; repeats and crowds do no harm."""
    provider = Provider.objects.filter(pk=provider_id).first()
    if provider is not None:
        build_run(provider=provider)


@shared_task
def build_overdue_apps() -> None:
    """Builds what was asked for but not done: its message was lost, or its worker killed."""
    open_states = [BuildState.QUEUED, BuildState.BUILDING]
    with scopes_disabled():
        overdue = Build.objects.filter(
            state__in=open_states, requested_at__lt=clock.now() - OVERDUE
        )
        provider_ids = sorted(set(overdue.values_list("provider_id", flat=True)))
    for provider_id in provider_ids:
        try:
            build_app(provider_id)
        except Exception:
            # The others wait, too.
            logger.exception("The overdue app of provider %s could not be built.", provider_id)


@shared_task
def recheck_domains() -> None:
    """Looks whether verified domains are still their providers', one after the other."""
    with scopes_disabled():
        verified = list(Domain.objects.select_related("provider").exclude(verified_at=None))
    answers = [(domain, domain_has_record(domain=domain)) for domain in verified]
    if verified and all(has_record is None for _, has_record in answers):
        # The resolver is gone; that says nothing of any domain.
        logger.warning("DNS is silent; no domain could be looked at.")
        answers = []
    for domain, has_record in answers:
        try:
            domain_recheck(domain=domain, has_record=bool(has_record))
        except Exception:
            # The others are looked at, too.
            logger.exception("The domain %s could not be looked at.", domain.name)
    links_prune()
