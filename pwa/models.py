from typing import ClassVar, Self

import idna
from django.contrib.postgres.fields import ArrayField
from django.db import models

from waitlessq import clock
from waitlessq.db.tenancy import TenantManager


class BuildState(models.TextChoices):
    """How far a build of a provider's app has come."""

    QUEUED = "queued"
    BUILDING = "building"
    READY = "ready"
    PUBLISHED = "published"
    FAILED = "failed"


RECORD = "_waitlessq"
BUILT = (BuildState.READY, BuildState.PUBLISHED)
"""What is a version: its files are there."""


class App(models.Model):
    """What a provider chose about its app; without a row, all is as usual."""

    provider = models.OneToOneField("providers.Provider", models.CASCADE, related_name="app")
    publishes_itself = models.BooleanField(
        default=True, db_default=True, help_text="Or changes wait until somebody publishes them."
    )

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    def __str__(self) -> str:
        return f"app of {self.provider_id}"


class Domain(models.Model):
    """A domain name where a provider's app is to be found, once the provider is known to own it.

    ``token`` is what the domain's TXT record must say. Several may claim a name; one can verify it.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="domains")
    name = models.CharField(max_length=253, help_text="In ASCII, e.g. xn--4dbrk0ce.example.")
    token = models.CharField(max_length=32)
    verified_at = models.DateTimeField(null=True, blank=True)
    missing_since = models.DateTimeField(
        null=True, blank=True, help_text="The record of a verified domain is not found since then."
    )
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "name"], name="domain_is_added_once"),
            # domain_of_host, and nobody takes what is another's.
            models.UniqueConstraint(
                fields=["name"],
                condition=models.Q(verified_at__isnull=False),
                name="domain_is_verified_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def record_name(self) -> str:
        """Where the TXT record is to be."""
        return f"{RECORD}.{self.name}"

    @property
    def record_value(self) -> str:
        """What the TXT record is to say."""
        return f"waitlessq={self.token}"

    @property
    def shown(self) -> str:
        """The name in the letters of its script."""
        return str(idna.decode(self.name))


class Build(models.Model):
    """A request for a provider's app, and what became of it: a version, or a problem.

    A version is ready to be looked at, or was published; the one that was published last is the one
    that customers get. ``name`` and ``colour`` are what it shows, so that it can be made anew when
    the shared files that it was made with are gone; a logo lies among its files.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="builds")
    state = models.CharField(max_length=10, choices=BuildState, default=BuildState.QUEUED)
    number = models.PositiveIntegerField(null=True, blank=True, help_text="Of a version: 1, 2, …")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of all its files.")
    key = models.CharField(
        max_length=32, blank=True, default="", db_default="", help_text="Opens its preview."
    )
    name = models.CharField(max_length=100, blank=True, default="", db_default="")
    colour = models.CharField(max_length=7, blank=True, default="", db_default="")
    release = models.CharField(
        max_length=12, blank=True, default="", db_default="", help_text="Of the shared files."
    )
    problem = models.CharField(max_length=300, blank=True, help_text="What to change.")
    requested_at = models.DateTimeField(default=clock.now)
    requested_by = models.CharField(
        max_length=50, blank=True, default="", db_default="", help_text="Like member:7."
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=50, blank=True, default="", db_default="")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            # However often it is asked for meanwhile, one build more is enough.
            models.UniqueConstraint(
                fields=["provider"],
                condition=models.Q(state=BuildState.QUEUED),
                name="build_is_queued_once",
            ),
            models.CheckConstraint(
                name="build_published_has_digest_and_time",
                condition=~models.Q(state=BuildState.PUBLISHED)
                | (~models.Q(digest="") & models.Q(published_at__isnull=False)),
            ),
        ]
        indexes = [
            # build_overdue_apps: what nobody carried out.
            models.Index(
                fields=["requested_at"],
                condition=models.Q(state__in=[BuildState.QUEUED, BuildState.BUILDING]),
                name="build_open_by_age",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.state} {self.digest[:8]}"


class EmbeddingSites(models.Model):
    """On whose pages, besides the platform's, a provider's app may stand in a frame."""

    provider = models.OneToOneField("providers.Provider", models.CASCADE, related_name="+")
    origins = ArrayField(models.CharField(max_length=200), default=list)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    def __str__(self) -> str:
        return f"{self.provider_id}: {', '.join(self.origins)}"
