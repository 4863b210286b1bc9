from typing import Any, ClassVar, Self

from django.db import models

from waitlessq.db.tenancy import TenantManager


class SavedForecast(models.Model):
    """What a queue's wait estimator has learned (``queues.forecast``), as of an event.

    Apart from the queue, so that reading and locking queues never meets it; only relays write it.
    The state is large, so it is not written with each event: what came after ``sequence`` is read
    again. ``seen`` says of which events quotes were told and ended.
    ``due_at`` is when the queue's snapshot is to be told again though nothing changed, because
    waits go by, or at once while there are events that the estimator has not seen yet.
    """

    queue = models.OneToOneField("queues.Queue", models.CASCADE, primary_key=True, related_name="+")
    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    sequence = models.PositiveBigIntegerField(
        default=0, help_text="Of the last event that is in the state."
    )
    seen = models.PositiveBigIntegerField(
        default=0, db_default=0, help_text="Of the last event that a relay looked at."
    )
    state: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True, blank=True)
    show_rate = models.FloatField(
        null=True, blank=True, help_text="The share of the queue's bookings that are kept."
    )

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(due_at__isnull=False),
                name="forecast_due",
            ),
        ]

    def __str__(self) -> str:
        return f"queue {self.queue_id} at {self.sequence}"


class QuoteOutcome(models.TextChoices):
    """What came of a wait that somebody was told.

    Only ``CALLED`` can be scored: of who left, was sent to another queue, let others go first or
    asked for more time, nobody knows how long the wait would have been.
    """

    OPEN = "", "Still waiting"
    CALLED = "called"
    LEFT = "left"
    MOVED = "moved", "Let others go first"
    TRANSFERRED = "transferred"


class Quote(models.Model):
    """The first wait that the holder of a ticket was told, and what came of it.

    Waits are in seconds from ``at``; ``ended_at`` is when it was known. A row of its own, since no
    queue's lock is held when it is known: the relay tells it. The ticket's own times say something
    else: the last of several calls, another queue's.
    """

    ticket = models.OneToOneField(
        "queues.Ticket", models.CASCADE, primary_key=True, related_name="quote"
    )
    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    low = models.PositiveIntegerField()
    middle = models.PositiveIntegerField()
    high = models.PositiveIntegerField()
    at = models.DateTimeField()
    outcome = models.CharField(
        max_length=11,
        choices=QuoteOutcome,
        blank=True,
        default=QuoteOutcome.OPEN,
        db_default=QuoteOutcome.OPEN,
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    def __str__(self) -> str:
        return f"{self.low}–{self.high} s, most likely {self.middle}"
