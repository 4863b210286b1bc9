from typing import ClassVar, Self
from zoneinfo import ZoneInfo

from django.db import models

from providers.contacts import country_of
from waitlessq.db.tenancy import TenantManager


class Location(models.Model):
    """A branch of a provider; its time zone decides what "today" is."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="locations")
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=300, blank=True)
    time_zone = models.CharField(max_length=64)
    country = models.CharField(
        max_length=2, blank=True, default="", db_default="", help_text="ISO 3166-1, e.g. GB."
    )
    subdivision = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        help_text="ISO 3166-2 without the country, e.g. SCT.",
    )
    closed_on_public_holidays = models.BooleanField(default=False, db_default=False)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "name"], name="location_name_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """The IANA time zone of its wall clock."""
        return ZoneInfo(self.time_zone)

    @property
    def phone_region(self) -> str | None:
        """The country of phone numbers that do not say one; None where nobody can tell."""
        return self.country or country_of(self.time_zone)
