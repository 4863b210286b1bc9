"""Asking for a provider's app, building it, and choosing the version that customers get."""

import logging
import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_noop
from django_scopes import scope

from providers.actors import Actor
from providers.models import Provider, ProviderLogo
from pwa import storage
from pwa.bundle import LOGO, Look, Step, bundle, digest_of, release
from pwa.models import BUILT, App, Build, BuildState
from pwa.selectors import live_build, publishes_itself
from waitlessq import clock
from waitlessq.cache import BUILD_STEP
from waitlessq.db.rows import update_row
from waitlessq.errors import NotFoundError

logger = logging.getLogger(__name__)

VERSIONS_KEPT = 10
"""Of those that were published, the newest; a phone that opened one finds its files."""

KEY_BYTES = 16
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
NOT_STORED = gettext_noop("The app could not be stored. Save again in a few minutes.")
NOT_BUILT = gettext_noop("Something failed on our side. Save again in a few minutes.")


def build_request(*, provider: Provider, by: str = "") -> None:
    """Notes that the provider's app is to be built; one that waits already is enough.

    Call it in the transaction that changed what the app shows, or after it; ``by`` is the name of
    the actor who did.
    """
    with scope(provider=provider):
        row = Build(provider=provider, requested_by=by)
        Build.objects.bulk_create([row], ignore_conflicts=True)


def build_run(*, provider: Provider) -> Build | None:
    """Builds what was asked for until now; None if that was done already.

    Publishes it, unless the provider's changes wait for somebody to do so. Safe to repeat and to
    run several times at once: locks the provider's builds while it works. Identical files make no
    new version. What goes wrong is noted with the build, which is returned.
    """
    with scope(provider=provider):
        # Committed at once: the console shows it, and a request from now on is another one.
        Build.objects.filter(state=BuildState.QUEUED).update(state=BuildState.BUILDING)
        with transaction.atomic():
            _lock(provider)
            # Before the provider is read: what changes after that has a request of its own.
            asked = list(Build.objects.filter(state=BuildState.BUILDING).order_by("id"))
            return _carry_out(provider, asked) if asked else None


def build_publish(*, actor: Actor, build_id: int) -> Build:
    """Makes a version, new or old, what customers get; locks the provider's builds.

    Going back to an old one means that changes wait from now on: the next would undo it.

    Raises:
        NotFoundError: there is no such version of this provider.
        OSError: it could not be stored; the version before is still there.
    """
    with transaction.atomic():
        _lock(actor.provider)
        version = Build.objects.filter(pk=build_id, state__in=BUILT).first()
        if version is None:
            raise NotFoundError("This version is no longer kept.")
        live = live_build()
        if version.state == BuildState.PUBLISHED and version != live:
            _let_changes_wait(actor.provider, waits=True)
        if version.release != release():
            draft, version = version, _renewed(version)
            if draft.state == BuildState.READY and draft != version:
                # What waited is live in the new version, and waits no more.
                draft.delete()
        _publish(actor.provider, version, actor.name)
        return version


def app_set_publishing(*, actor: Actor, publishes_itself: bool) -> None:
    """Whether changes are published by themselves; if so, those that wait are asked for at once."""
    with transaction.atomic():
        _let_changes_wait(actor.provider, waits=not publishes_itself)
        if publishes_itself:
            build_request(provider=actor.provider, by=actor.name)


def look_of(version: Build) -> Look:
    """What a version shows, whatever the provider looks like by now.

    Raises:
        OSError: its files could not be read; that is not to have no logo.
    """
    provider = version.provider
    return Look(
        slug=provider.slug,
        name=version.name or provider.name,
        colour=version.colour or provider.colour,
        logo=storage.read_file(provider.slug, version.digest, LOGO),
        streams_url=settings.STREAMS_URL,
    )


def _let_changes_wait(provider: Provider, *, waits: bool) -> None:
    App.objects.update_or_create(provider=provider, defaults={"publishes_itself": not waits})


def _lock(provider: Provider) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [f"app of provider {provider.pk}"])


def _carry_out(provider: Provider, asked: Sequence[Build]) -> Build:
    build, *others = asked
    try:
        # What it wrote until it failed is undone: a version is whole or none.
        with transaction.atomic():
            version = _made_and_published(provider, build)
    except OSError:
        logger.exception("The app of %s could not be stored.", provider.slug)
        return _failed(build, others, NOT_STORED)
    except Exception:
        logger.exception("The app of %s could not be built.", provider.slug)
        return _failed(build, others, NOT_BUILT)
    _forget([one for one in asked if one != version])
    return version


def _made_and_published(provider: Provider, build: Build) -> Build:
    live = live_build()
    publishes = live is None or publishes_itself()
    if live is not None and not publishes and live.release != release():
        # What customers get names files of a release that is gone; what waits goes on waiting.
        _publish(provider, _renewed(live), live.published_by)
    version = _made(build, _look(provider))
    # A draft that was not published is replaced by the next.
    Build.objects.filter(state=BuildState.READY).exclude(pk=version.pk).delete()
    if publishes:
        _publish(provider, version, build.requested_by)
    elif version == live:
        storage.publish(provider.slug, version.digest)
    return version


def _made(build: Build, look: Look) -> Build:
    """The version with this look: the one that has the same files already, else the build."""
    files = bundle(look, tell=lambda step: _tell(build, step))
    digest = digest_of(files)
    storage.write_version(look.slug, digest, files)
    same = Build.objects.filter(digest=digest, state__in=BUILT).order_by("-id").first()
    if same is not None:
        return same
    newest = Build.objects.aggregate(newest=Max("number"))["newest"]
    changes: dict[str, Any] = {
        "state": BuildState.READY,
        "number": (newest or 0) + 1,
        "digest": digest,
        "key": secrets.token_urlsafe(KEY_BYTES),
        "name": look.name,
        "colour": look.colour,
        "release": release(),
    }
    if build.pk is None:
        for name, value in changes.items():
            setattr(build, name, value)
        build.save(force_insert=True)
        return build
    return update_row(build, changes)


def _renewed(version: Build) -> Build:
    """A version that looks like this one, made with the shared files of this release."""
    build = Build(provider=version.provider, requested_by=version.requested_by)
    return _made(build, look_of(version))


def _publish(provider: Provider, version: Build, by: str) -> None:
    is_live = version == live_build()
    storage.publish(provider.slug, version.digest)
    if is_live:
        return
    changes = {"state": BuildState.PUBLISHED, "published_at": clock.now(), "published_by": by}
    update_row(version, changes)
    logger.info("Version %s of the app of %s is live.", version.number, provider.slug)
    if _let_go(provider.slug):
        transaction.on_commit(partial(_prune, provider), robust=True)


def _tell(build: Build, step: Step) -> None:
    """The console shows it while the transaction is open; without Redis it shows less."""
    cache.set(BUILD_STEP.key(build.provider_id), step, BUILD_STEP.seconds)


def _failed(build: Build, others: Sequence[Build], problem: str) -> Build:
    _forget(others)
    build.refresh_from_db()
    return update_row(build, {"state": BuildState.FAILED, "problem": problem})


def _forget(builds: Sequence[Build]) -> None:
    """These are done, and so is what failed before them."""
    done = Q(pk__in=[build.pk for build in builds]) | Q(state=BuildState.FAILED)
    Build.objects.filter(done).delete()


def _let_go(slug: str) -> bool:
    """Forgets the oldest versions; whether there may be files that no version has any more."""
    versions = Build.objects.filter(state__in=BUILT).order_by("-published_at", "-id")
    rows = list(versions.values_list("pk", "digest", "state"))
    published = [pk for pk, _, state in rows if state == BuildState.PUBLISHED]
    old = set(published[VERSIONS_KEPT:])
    if old:
        Build.objects.filter(pk__in=old).delete()
    kept = {digest for pk, digest, _ in rows if pk not in old}
    with suppress(OSError):
        return not kept.issuperset(storage.versions(slug))
    return True


def _prune(provider: Provider) -> None:
    """Removes the files that no version has any more, once nothing can bring its row back.

    What is left over where it fails is removed with the next version.
    """
    with scope(provider=provider), transaction.atomic():
        # Whoever builds meanwhile has files whose row is not committed.
        _lock(provider)
        kept = Build.objects.filter(state__in=BUILT).values_list("digest", flat=True)
        storage.prune(provider.slug, set(kept))


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
