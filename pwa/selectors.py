"""Reads of the builds and domains of the provider in scope, and of whose app a host name is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django_scopes import scopes_disabled

from providers.models import Member, Provider
from providers.selectors import provider_by_slug
from pwa import storage
from pwa.bundle import release
from pwa.models import BUILT, App, Build, BuildState, Domain, EmbeddingSites
from queues.models import Queue, TicketEvent
from waitlessq.cache import APP_HOST, BUILD_STEP

LONG_AGO = datetime.min.replace(tzinfo=UTC)
HOST = re.compile(r"[-a-z0-9.]{1,253}")


@dataclass(frozen=True, slots=True)
class AppState:
    """What a provider's customers get, and what is on its way."""

    live: Build | None
    """The version that customers get; None before the first."""
    draft: Build | None
    """What waits to be published."""
    underway: Build | None
    """What is queued or being built."""
    step: str
    """How far that has come: queued, icons, bundle or published."""
    failed: Build | None
    """What went wrong last, unless another build is under way."""
    earlier: list[Build]
    """What was live before and can be again, the last first."""

    @property
    def shown(self) -> Build | None:
        """The version to look at: what would be published next, else what customers get."""
        return self.draft or self.live

    @property
    def stamp(self) -> str:
        """Differs whenever the state does."""
        builds = (self.live, self.draft, self.underway, self.failed)
        parts = [f"{build.pk}.{build.state}" if build else "" for build in builds]
        return "-".join([*parts, self.step])


def app_state() -> AppState:
    """How the app of the provider in scope stands (one query)."""
    builds = list(Build.objects.order_by("published_at", "id"))
    by_state = {BuildState(build.state): build for build in builds}
    underway = by_state.get(BuildState.BUILDING) or by_state.get(BuildState.QUEUED)
    published = [build for build in builds if build.state == BuildState.PUBLISHED]
    return AppState(
        live=published[-1] if published else None,
        draft=by_state.get(BuildState.READY),
        underway=underway,
        step=_step(underway),
        failed=None if underway else by_state.get(BuildState.FAILED),
        earlier=published[-2::-1],
    )


def _step(underway: Build | None) -> str:
    if underway is None or underway.state == BuildState.QUEUED:
        return "queued" if underway else ""
    return str(cache.get(BUILD_STEP.key(underway.provider_id)) or "icons")


def live_build() -> Build | None:
    """The version that customers of the provider in scope get."""
    published = Build.objects.filter(state=BuildState.PUBLISHED)
    return published.order_by("-published_at", "-id").first()


def embedding_origins() -> list[str]:
    """The sites of the provider in scope that may show its app in a frame."""
    found = EmbeddingSites.objects.first()
    return [] if found is None else found.origins


def publishes_itself() -> bool:
    """Whether changes of the provider in scope are published without anybody's doing."""
    return not App.objects.filter(publishes_itself=False).exists()


def previewed_build(slug: str, key: str) -> Build | None:
    """The version that this key opens; needs no scope, since nobody guesses a key."""
    with scopes_disabled():
        versions = Build.objects.filter(provider__slug=slug, key=key, state__in=BUILT)
        return versions.first() if key else None


def names_of_publishers(builds: Iterable[Build]) -> dict[str, str]:
    """Who members are that published these, by what the builds call them (one query)."""
    numbers = {
        name.removeprefix("member:")
        for build in builds
        if (name := build.published_by).startswith("member:")
    }
    members = Member.objects.select_related("user").filter(pk__in=numbers) if numbers else []
    return {f"member:{member.pk}": member.name or member.user.email for member in members}


def domains() -> QuerySet[Domain]:
    """The domains of the provider in scope."""
    return Domain.objects.order_by("name")


def slug_at(host: str) -> str | None:
    """Whose app is served at this host name: a verified domain, or one below ``APPS_DOMAIN``.

    Needs no scope; from the cache, for a minute, unless it is changed. So is that it is nobody's:
    whoever asks for such names again and again costs no query each time.
    """
    if HOST.fullmatch(host) is None:
        return None
    label, _, rest = host.partition(".")
    if settings.APPS_DOMAIN and rest == settings.APPS_DOMAIN:
        return label if provider_by_slug(label) else None
    with scopes_disabled():
        verified = Domain.objects.using(DEFAULT_DB_ALIAS).filter(
            name=host, verified_at__isnull=False
        )
        slugs = verified.values_list("provider__slug", flat=True)
        return APP_HOST.get_or_make(host, make=lambda: slugs.first() or "") or None


def is_app_origin(origin: str) -> bool:
    """Whether a page of this origin is served at a verified domain, and may ask the public API."""
    scheme, _, host = origin.partition("://")
    is_safe = scheme == "https" or (scheme == "http" and not settings.HTTPS)
    return is_safe and slug_at(host) is not None


def providers_to_build(*, everything: bool) -> list[str]:
    """The slugs of providers without a published app of this release, the last used first.

    Needs no scope. ``everything``: also those that have one.
    """
    with scopes_disabled():
        last = TicketEvent.objects.filter(queue=OuterRef("pk")).order_by("-sequence").values("at")
        queues = Queue.objects.order_by().values_list("provider_id", Subquery(last[:1]))
        used: dict[int, datetime] = {}
        for provider_id, at in queues:
            if at is not None:
                used[provider_id] = max(at, used.get(provider_id, at))
        built = Build.objects.filter(state=BuildState.PUBLISHED, release=release())
        done = set() if everything else set(built.values_list("provider_id", flat=True))
    providers = Provider.objects.order_by("id").values_list("pk", "slug")
    missing = [
        (pk, slug)
        for pk, slug in providers
        if pk not in done or storage.current_digest(slug) is None
    ]
    missing.sort(key=lambda one: used.get(one[0], LONG_AGO), reverse=True)
    return [slug for _, slug in missing]


def newest_numbers() -> dict[str, int]:
    """The number of each provider's newest version, by slug; needs no scope."""
    with scopes_disabled():
        numbers = Build.objects.order_by().values_list("provider__slug").annotate(Max("number"))
        return {slug: number for slug, number in numbers if number is not None}
