from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from waitlessq.db.tenancy import TenantManager

MEANT_INSIDE = 0.8
"""The share of waits that quoted ranges are meant to hold."""


class WaitFigures(models.Model):
    """What waits came to: of a queue, a service, a business date and a half hour of joining.

    Rolled up from tickets and quotes; counts stay when those are gone. ``half_hour`` is of the
    location's wall clock, from 0 to 47. ``waits`` has the seconds from joining to the call of each
    ticket that was called, so that medians of any sum of rows are exact; ``gone`` counts those who
    left before. Of the ``scored``, who were told a range and called, ``inside`` waited as long as
    they were told and ``above`` longer; ``error`` sums up what was told as most likely less what
    it came to, in seconds, and ``absolute_error`` the same without signs.
    """

    provider = models.ForeignKey(
        "providers.Provider", models.CASCADE, related_name="+", db_index=False
    )
    queue = models.ForeignKey("queues.Queue", models.CASCADE, related_name="+", db_index=False)
    service = models.ForeignKey(
        "providers.Service", models.CASCADE, null=True, blank=True, related_name="+"
    )
    date = models.DateField()
    half_hour = models.PositiveSmallIntegerField()
    waits = ArrayField(models.PositiveIntegerField())
    gone = models.PositiveIntegerField()
    scored = models.PositiveIntegerField()
    inside = models.PositiveIntegerField()
    above = models.PositiveIntegerField()
    error = models.BigIntegerField()
    absolute_error = models.BigIntegerField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            # Also what is read: days of some queues.
            models.UniqueConstraint(
                "queue",
                "date",
                "half_hour",
                Coalesce("service", 0),
                name="wait_figures_are_unique",
            ),
        ]
        indexes = [
            # Whoever deletes a provider looks for its rows.
            models.Index(fields=["provider"], name="wait_figures_of_provider"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.half_hour // 2:02}:{self.half_hour % 2 * 30:02}"


class WaitAccuracy(models.Model):
    """How often a queue's quoted ranges held in the last two weeks, as it was last looked at.

    ``is_off`` while that is too seldom, or so often that the ranges must be too wide; who it
    concerns is told when it changes.
    """

    queue = models.OneToOneField("queues.Queue", models.CASCADE, primary_key=True, related_name="+")
    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    scored = models.PositiveIntegerField()
    inside = models.PositiveIntegerField()
    is_off = models.BooleanField(default=False)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [
            # Today: what is wrong; there should be few.
            models.Index(
                fields=["provider"], condition=Q(is_off=True), name="wait_accuracy_is_off"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.inside} of {self.scored}"

    @property
    def percent(self) -> int:
        """Of how many in 100 the range held."""
        return round(100 * self.inside / max(self.scored, 1))

    @property
    def is_too_wide(self) -> bool:
        """Whether ranges hold more often than is meant, so they could be narrower."""
        return self.inside > MEANT_INSIDE * self.scored
