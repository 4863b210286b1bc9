from typing import Any, ClassVar, Self

from django.db import models

from waitlessq.db.tenancy import TenantManager


class SavedForecast(models.Model):
    """What a queue's wait estimator has learned (``queues.forecast``), as of an event.

    Apart from the queue, so that reading and locking queues never meets it; only relays write it.
    ``due_at`` is when the queue's snapshot is to be told again though nothing changed, because
    waits go by, or at once while there are events that the estimator has not seen yet.
    """

    queue = models.OneToOneField("queues.Queue", models.CASCADE, primary_key=True, related_name="+")
    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    sequence = models.PositiveBigIntegerField(
        default=0, help_text="Of the last event that was taken in."
    )
    state: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    due_at = models.DateTimeField(null=True, blank=True)

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


class Quote(models.Model):
    """The first wait that the holder of a ticket was told, in seconds from ``at``.

    What came of it is in the ticket. A row of its own, since no queue's lock is held when it is
    known: the relay tells it.
    """

    ticket = models.OneToOneField(
        "queues.Ticket", models.CASCADE, primary_key=True, related_name="quote"
    )
    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    low = models.PositiveIntegerField()
    middle = models.PositiveIntegerField()
    high = models.PositiveIntegerField()
    at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    def __str__(self) -> str:
        return f"{self.low}–{self.high} s, most likely {self.middle}"
