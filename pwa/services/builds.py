"""Asking for a provider's app, and building it."""

import logging
from collections.abc import Sequence

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_noop
from django_scopes import scope

from providers.models import Provider, ProviderLogo
from pwa import storage
from pwa.bundle import Look, bundle, digest_of
from pwa.models import Build, BuildState
from pwa.selectors import live_build
from waitlessq import clock
from waitlessq.db.rows import update_row

logger = logging.getLogger(__name__)

VERSIONS_KEPT = 3
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
NOT_STORED = gettext_noop("The app could not be stored. Save again in a few minutes.")
NOT_BUILT = gettext_noop("Something failed on our side. Save again in a few minutes.")


def build_request(*, provider: Provider) -> None:
    """Notes that the provider's app is to be built; one that waits already is enough.

    Call it in the transaction that changed what the app shows, or after it.
    """
    with scope(provider=provider):
        Build.objects.bulk_create([Build(provider=provider)], ignore_conflicts=True)


def build_run(*, provider: Provider) -> Build | None:
    """Builds what was asked for until now; None if that was done already.

    Safe to repeat and to run several times at once: locks the provider's builds while it works.
    Identical files make no new version. What goes wrong is noted with the build, which is returned.
    """
    with scope(provider=provider):
        # Committed at once: the console shows it, and a request from now on is another one.
        Build.objects.filter(state=BuildState.QUEUED).update(state=BuildState.BUILDING)
        with transaction.atomic():
            _lock(provider)
            # Before the provider is read: what changes after that has a request of its own.
            asked = list(Build.objects.filter(state=BuildState.BUILDING).order_by("id"))
            return _carry_out(provider, asked) if asked else None


def _lock(provider: Provider) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"app of provider {provider.pk}"])


def _carry_out(provider: Provider, asked: Sequence[Build]) -> Build:
    build, *others = asked
    look = _look(provider)
    try:
        files = bundle(look)
        digest = digest_of(files)
        storage.publish(look.slug, digest, files)
    except OSError:
        logger.exception("The app of %s could not be stored.", look.slug)
        _forget(others)
        return update_row(build, {"state": BuildState.FAILED, "problem": NOT_STORED})
    except Exception:
        logger.exception("The app of %s could not be built.", look.slug)
        _forget(others)
        return update_row(build, {"state": BuildState.FAILED, "problem": NOT_BUILT})
    live = live_build()
    if live is not None and live.digest == digest:
        _forget(asked)
        return live
    _forget(others)
    update_row(
        build,
        {"state": BuildState.PUBLISHED, "digest": digest, "published_at": clock.now()},
    )
    _keep_versions(look.slug)
    return build


def _forget(builds: Sequence[Build]) -> None:
    """These are done, and so is what failed before them."""
    done = Q(pk__in=[build.pk for build in builds]) | Q(state=BuildState.FAILED)
    Build.objects.filter(done).delete()


def _keep_versions(slug: str) -> None:
    published = Build.objects.filter(state=BuildState.PUBLISHED).order_by("-published_at", "-id")
    kept = list(published[:VERSIONS_KEPT])
    published.exclude(pk__in=[build.pk for build in kept]).delete()
    storage.prune(slug, {build.digest for build in kept})


def _look(provider: Provider) -> Look:
    """What the app shows, as of now: the row that the caller holds may be older."""
    provider = Provider.objects.get(pk=provider.pk)
    image = ProviderLogo.objects.values_list("image", flat=True).first()
    return Look(
        slug=provider.slug,
        name=provider.name,
        colour=provider.colour,
        logo=None if image is None else bytes(image),
        streams_url=settings.STREAMS_URL,
    )
