from typing import ClassVar, Self

from django.db import models

from waitlessq.db.tenancy import TenantManager


class Counter(models.Model):
    """A service point of a location where tickets are called to."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="counters")
    location = models.ForeignKey("providers.Location", models.CASCADE, related_name="counters")
    name = models.CharField(max_length=50, help_text="What people look for, e.g. 3.")
    queues = models.ManyToManyField("queues.Queue", blank=True, related_name="counters")
    services = models.ManyToManyField(
        "providers.Service",
        blank=True,
        related_name="counters",
        help_text="What is served here of those queues; empty for all.",
    )
    is_open = models.BooleanField(default=False)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["location", "name"], name="counter_name_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name
