from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from django.db import models

from waitlessq.db.tenancy import TenantManager


class ResourceKind(models.TextChoices):
    """What a resource is; a service can need one of each kind."""

    STAFF = "staff"
    ROOM = "room"


class Resource(models.Model):
    """What an appointment occupies: somebody who works at a location, or a room of it."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="resources")
    location = models.ForeignKey("providers.Location", models.CASCADE, related_name="resources")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=5, choices=ResourceKind)
    member = models.ForeignKey(
        "providers.Member",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="resources",
        help_text="Who it is, if they sign in.",
    )
    services = models.ManyToManyField(
        "providers.Service", blank=True, related_name="resources", help_text="Its skills."
    )
    capacity = models.PositiveSmallIntegerField(
        default=1, help_text="How many appointments it takes at once."
    )
    rank = models.PositiveSmallIntegerField(
        default=0, help_text="The least is chosen first where preference decides."
    )
    time_zone = models.CharField(
        max_length=64, blank=True, help_text="Of its rules; empty for the location's."
    )
    is_active = models.BooleanField(default=True, help_text="Whether it can be booked.")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["location", "name"], name="resource_name_is_unique"),
            models.CheckConstraint(
                name="resource_takes_somebody", condition=models.Q(capacity__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The IANA time zone in which its rules are meant."""
        return ZoneInfo(self.time_zone) if self.time_zone else self.location.zone
