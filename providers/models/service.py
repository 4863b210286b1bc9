from datetime import timedelta
from typing import ClassVar, Self

from django.db import models

from waitlessq.db.tenancy import TenantManager


class ServiceUse(models.TextChoices):
    """How customers may ask for a service."""

    WALK_IN = "walk_in"
    BOOKING = "booking"
    BOTH = "both"


class Service(models.Model):
    """Something a provider offers."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="services")
    name = models.CharField(max_length=100)
    duration = models.DurationField(default=timedelta(minutes=15))
    buffer_before = models.DurationField(default=timedelta())
    buffer_after = models.DurationField(default=timedelta())
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    use = models.CharField(max_length=10, choices=ServiceUse, default=ServiceUse.BOTH)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "name"], name="service_name_is_unique"),
            models.CheckConstraint(
                name="service_times_are_not_negative",
                condition=models.Q(
                    duration__gt=timedelta(),
                    buffer_before__gte=timedelta(),
                    buffer_after__gte=timedelta(),
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name
