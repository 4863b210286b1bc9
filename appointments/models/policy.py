from datetime import timedelta
from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from waitlessq.db.tenancy import TenantManager

SHORTEST_STEP = timedelta(minutes=5)
DAY = timedelta(days=1)


class Assignment(models.TextChoices):
    """Who gets an appointment for which nobody was asked by name."""

    FAIR = "fair", "Whoever has the fewest that week"
    PREFERENCE = "preference", "By rank"


class BookingPolicy(models.Model):
    """How a service is booked; a service without one can not be booked."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    service = models.OneToOneField(
        "providers.Service", models.CASCADE, related_name="booking_policy"
    )
    needs_staff = models.BooleanField(default=True)
    needs_room = models.BooleanField(default=False)
    step = models.DurationField(
        default=timedelta(minutes=15), help_text="Of starting times, counted from midnight."
    )
    minimum_notice = models.DurationField(default=timedelta(hours=1))
    horizon = models.DurationField(default=timedelta(days=60))
    group_size = models.PositiveSmallIntegerField(
        default=1, help_text="How many customers share one appointment's resources (a class)."
    )
    needs_approval = models.BooleanField(default=False)
    assignment = models.CharField(max_length=10, choices=Assignment, default=Assignment.FAIR)
    cancel_notice = models.DurationField(
        default=timedelta(), help_text="Until how long before the start customers may cancel."
    )
    reschedule_notice = models.DurationField(
        default=timedelta(), help_text="Until how long before the start customers may reschedule."
    )
    most_reschedules = models.PositiveSmallIntegerField(
        default=3, help_text="How often customers may reschedule one appointment."
    )
    questions = models.JSONField(
        default=list, help_text="Asked when booking: id, label, whether an answer is required."
    )

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="booking_policy_needs_something",
                condition=Q(needs_staff=True) | Q(needs_room=True),
            ),
            models.CheckConstraint(
                name="booking_policy_step_is_some_minutes",
                condition=Q(step__gte=SHORTEST_STEP, step__lte=DAY),
            ),
            models.CheckConstraint(
                name="booking_policy_times_are_not_negative",
                condition=Q(
                    minimum_notice__gte=timedelta(),
                    horizon__gt=timedelta(),
                    cancel_notice__gte=timedelta(),
                    reschedule_notice__gte=timedelta(),
                    group_size__gte=1,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"booking of {self.service}"


class NoShowConsequence(models.TextChoices):
    """What becomes of bookings of those who often did not come."""

    APPROVAL = "approval", "Somebody approves them"
    REFUSED = "refused", "Only the provider books for them"


def a_day_before() -> list[int]:
    """The reminders of a provider that said nothing."""
    return [24 * 60]


class BookingRules(models.Model):
    """What holds for all bookings of a provider; one that has none has the defaults."""

    provider = models.OneToOneField(
        "providers.Provider", models.CASCADE, related_name="booking_rules"
    )
    no_show_limit = models.PositiveSmallIntegerField(
        default=0, help_text="From how many missed appointments on; 0 for never."
    )
    no_show_window = models.DurationField(default=timedelta(days=180))
    no_show_consequence = models.CharField(
        max_length=10, choices=NoShowConsequence, default=NoShowConsequence.APPROVAL
    )
    reminder_minutes = ArrayField(
        models.PositiveIntegerField(), default=a_day_before, help_text="Before the start."
    )

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    def __str__(self) -> str:
        return f"booking rules of {self.provider}"
