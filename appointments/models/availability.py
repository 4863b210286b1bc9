from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from waitlessq.db.tenancy import TenantManager


class RuleKind(models.TextChoices):
    """Whether a rule opens or closes."""

    OPEN = "open"
    BREAK = "break"


class AvailabilityRule(models.Model):
    """When a resource works, or pauses, week by week, in the time of its wall.

    A stretch belongs to the day on which it begins; one that ends no later than it begins ends on
    the next day. A resource without any open rule works whenever its location is open.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    resource = models.ForeignKey(
        "appointments.Resource", models.CASCADE, related_name="availability_rules"
    )
    kind = models.CharField(max_length=5, choices=RuleKind, default=RuleKind.OPEN)
    recurrence = models.CharField(
        max_length=200, help_text="RFC 5545, weekly, e.g. FREQ=WEEKLY;BYDAY=MO,TU."
    )
    starts = models.TimeField()
    ends = models.TimeField()
    valid_from = models.DateField(help_text="The first day; every other week is counted from it.")
    valid_until = models.DateField(null=True, blank=True, help_text="The last day, if any.")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="availability_rule_is_valid_for_a_day",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.recurrence} {self.starts:%H:%M}–{self.ends:%H:%M}"


class ExceptionKind(models.TextChoices):
    """What an exception does to the rules."""

    CLOSED = "closed"
    EXTRA = "extra"
    BREAK = "break"


class AvailabilityException(models.Model):
    """A stretch of time in which a resource's rules do not count.

    Extra hours count even when the location is closed; closed times and breaks count even in extra
    hours.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    resource = models.ForeignKey(
        "appointments.Resource", models.CASCADE, related_name="availability_exceptions"
    )
    kind = models.CharField(max_length=6, choices=ExceptionKind)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=100, blank=True)
    feed = models.ForeignKey(
        "appointments.BusyFeed",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="times",
        db_index=False,
        help_text="The calendar that says so, if it is not said here.",
    )

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="availability_exception_takes_time",
                condition=Q(ends_at__gt=F("starts_at")),
            ),
        ]
        indexes = [
            # The slot search: those of a resource that are not over.
            models.Index(fields=["resource", "ends_at"], name="availability_exception_ends"),
            # Those of a calendar that is read again.
            models.Index(
                fields=["feed"],
                condition=Q(feed__isnull=False),
                name="availability_exception_of_feed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_at}–{self.ends_at}"
