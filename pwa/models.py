from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from waitlessq import clock
from waitlessq.db.tenancy import TenantManager


class BuildState(models.TextChoices):
    """How far a build of a provider's app has come."""

    QUEUED = "queued"
    BUILDING = "building"
    PUBLISHED = "published"
    FAILED = "failed"


class Build(models.Model):
    """A request for a provider's app, and what became of it: a version, or a problem.

    The newest that is published is the one that customers get.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="builds")
    state = models.CharField(max_length=10, choices=BuildState, default=BuildState.QUEUED)
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of all its files.")
    problem = models.CharField(max_length=300, blank=True, help_text="What to change.")
    requested_at = models.DateTimeField(default=clock.now)
    published_at = models.DateTimeField(null=True, blank=True)

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
