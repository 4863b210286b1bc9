from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.core.validators import RegexValidator
from django.db import models

from waitlessq.db.tenancy import TenantManager


class QueueStatus(models.TextChoices):
    """Whether a queue takes and serves tickets."""

    OPEN = "open"
    PAUSED = "paused", "Paused: no new tickets"
    CLOSING = "closing", "Closing: serves the rest"
    CLOSED = "closed"


class Ask(models.TextChoices):
    """Whether somebody who joins is asked for something."""

    NO = "no"
    OPTIONAL = "optional"
    REQUIRED = "required"


class AtClosing(models.TextChoices):
    """What becomes of who still waits when the day is over."""

    EXPIRE = "expire", "Their tickets end"
    CARRY_OVER = "carry_over", "They wait again at the next opening"


class AppointmentMerge(models.TextChoices):
    """Where those who booked a time stand among those who walked in."""

    OWN_BAND = "own_band", "Ahead of all who walked in, by their time"
    INTERLEAVED = "interleaved", "As if they had joined at their time"
    AHEAD_WHEN_LATE = "ahead_when_late", "The same, but ahead of all once their time has come"


class Queue(models.Model):
    """A line of a location.

    Its row is the lock for everything that changes in it: ``sequence`` counts those changes
    without gaps, ``last_number`` the tickets issued on ``last_number_date``.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="queues")
    location = models.ForeignKey("providers.Location", models.CASCADE, related_name="queues")
    name = models.CharField(max_length=100)
    prefix = models.CharField(
        max_length=2,
        # Without I, O, Q and W: they are misread or misheard.
        validators=[RegexValidator("^[A-HJ-NPR-VX-Z]{1,2}$")],
        help_text="What ticket numbers begin with, e.g. A for A012.",
    )
    services = models.ManyToManyField("providers.Service", blank=True, related_name="queues")
    status = models.CharField(max_length=10, choices=QueueStatus, default=QueueStatus.OPEN)
    capacity = models.PositiveIntegerField(
        null=True, blank=True, help_text="The most that may wait at once; empty for no limit."
    )
    head_start = models.DurationField(
        default=timedelta(minutes=15),
        help_text="How much earlier a ticket counts as issued for each step of its priority.",
    )
    rejoin_window = models.DurationField(
        default=timedelta(minutes=15),
        db_default=timedelta(minutes=15),
        help_text="How long somebody who did not come may take up their place again; 0 for never.",
    )
    grace_time = models.DurationField(
        default=timedelta(),
        db_default=timedelta(),
        help_text="How long a called person has to come; then they are a no-show by themselves. "
        "0 for never.",
    )
    call_limit = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="How many calls it takes before the grace time runs."
    )
    max_people = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="The largest group that one number is given to."
    )
    asks_name = models.CharField(
        max_length=8,
        choices=Ask,
        default=Ask.NO,
        db_default=Ask.NO,
        help_text="Whoever joins for their name.",
    )
    asks_phone = models.CharField(
        max_length=8,
        choices=Ask,
        default=Ask.NO,
        db_default=Ask.NO,
        help_text="Whoever joins for their number.",
    )
    follows_hours = models.BooleanField(
        default=True, db_default=True, help_text="Opens and closes with its location."
    )
    closing_window = models.DurationField(
        default=timedelta(hours=1),
        db_default=timedelta(hours=1),
        help_text="How long after closing those who wait are still served.",
    )
    at_closing = models.CharField(
        max_length=10, choices=AtClosing, default=AtClosing.EXPIRE, db_default=AtClosing.EXPIRE
    )
    appointment_merge = models.CharField(
        max_length=16,
        choices=AppointmentMerge,
        default=AppointmentMerge.INTERLEAVED,
        db_default=AppointmentMerge.INTERLEAVED,
        help_text="Where in the line those stand who booked a time.",
    )
    remote_join = models.BooleanField(
        default=True, db_default=True, help_text="People may join from their phones."
    )
    early_join = models.DurationField(
        default=timedelta(),
        db_default=timedelta(),
        help_text="How long before it opens people may join.",
    )
    status_by_hand = models.BooleanField(
        default=False,
        db_default=False,
        help_text="A person chose the status; it counts until the hours next change it.",
    )
    opens_at = models.DateTimeField(
        null=True, blank=True, help_text="When the hours next open it, as of when it last turned."
    )
    turns_at = models.DateTimeField(
        null=True, blank=True, help_text="When the hours next open or close it."
    )
    sequence = models.PositiveBigIntegerField(default=0)
    last_number = models.PositiveIntegerField(default=0)
    last_number_date = models.DateField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["location", "name"], name="queue_name_is_unique"),
            models.CheckConstraint(
                name="queue_head_start_is_not_negative",
                condition=models.Q(head_start__gte=timedelta()),
            ),
            models.CheckConstraint(
                name="queue_rejoin_window_is_not_negative",
                condition=models.Q(rejoin_window__gte=timedelta()),
            ),
            models.CheckConstraint(
                name="queue_grace_time_is_not_negative",
                condition=models.Q(grace_time__gte=timedelta()),
            ),
            models.CheckConstraint(
                name="queue_limits_are_one_at_least",
                condition=models.Q(call_limit__gte=1, max_people__gte=1),
            ),
            models.CheckConstraint(
                name="queue_windows_are_not_negative",
                condition=models.Q(closing_window__gte=timedelta(), early_join__gte=timedelta()),
            ),
        ]
        indexes = [
            # The relay: which queues open or close now.
            models.Index(
                fields=["turns_at"],
                condition=models.Q(turns_at__isnull=False),
                name="queue_turns",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing personal is asked or kept of those who join."""
        return self.asks_name == self.asks_phone == Ask.NO

    def order_key(self, issued_at: datetime, priority: int) -> datetime:
        """Where a ticket stands in the line: each step of priority is worth the head start.

        So whoever has waited longer than that is ahead of all who come later with it, and nobody
        waits for ever (docs/adr/0001).
        """
        return issued_at - priority * self.head_start

    def come_by(self, called_at: datetime, call_count: int) -> datetime | None:
        """Until when who is called now, for the so-manieth time, is to come; None for ever."""
        if not self.grace_time or call_count < self.call_limit:
            return None
        return called_at + self.grace_time

    @property
    def joins_from(self) -> datetime | None:
        """When people may join again, where the hours have closed it."""
        if self.status != QueueStatus.CLOSED or self.status_by_hand or self.opens_at is None:
            return None
        return self.opens_at - self.early_join
