from typing import ClassVar, Self

from django.db import models

from waitlessq import clock
from waitlessq.db.tenancy import TenantManager


class EventType(models.TextChoices):
    """What can happen to a ticket, or to its queue as a whole."""

    ISSUED = "issued"
    CALLED = "called"
    RECALLED = "recalled"
    STARTED = "started"
    HELD = "held"
    RESUMED = "resumed"
    RETURNED = "returned"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    REJOINED = "rejoined"
    DEFERRED = "deferred"
    POSTPONED = "postponed"
    CARRIED_OVER = "carried_over"
    EXPIRED = "expired"
    TRANSFERRED = "transferred"
    UNDONE = "undone"
    QUEUE_CHANGED = "queue_changed"


class TicketEvent(models.Model):
    """One change in a queue: appended, never changed (a trigger refuses updates).

    ``sequence`` is the queue's, without gaps. ``data`` has what else is needed to rebuild the
    ticket from its events alone.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    queue = models.ForeignKey("queues.Queue", models.CASCADE, related_name="events")
    ticket = models.ForeignKey(
        "queues.Ticket", models.CASCADE, null=True, blank=True, related_name="events"
    )
    sequence = models.PositiveBigIntegerField()
    type = models.CharField(max_length=15, choices=EventType)
    actor = models.CharField(max_length=40, help_text="Who did it, e.g. member:7.")
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10, blank=True)
    counter = models.ForeignKey(
        "queues.Counter", models.PROTECT, null=True, blank=True, related_name="+"
    )
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["queue", "sequence"], name="event_sequence_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.type}"
