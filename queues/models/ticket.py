from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from waitlessq.db.tenancy import TenantManager


class TicketState(models.TextChoices):
    """Where a ticket is in its life; see queues/transitions.py for what leads where."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    DEFERRED = "deferred"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


AT_COUNTER = (TicketState.CALLED, TicketState.SERVING)
LIVE = (*AT_COUNTER, TicketState.WAITING, TicketState.DEFERRED, TicketState.ON_HOLD)
REJOINABLE = (TicketState.NO_SHOW, TicketState.EXPIRED)


class Source(models.TextChoices):
    """Through which door a ticket was issued."""

    PWA = "pwa"
    KIOSK = "kiosk"
    STAFF = "staff"
    API = "api"
    APPOINTMENT = "appointment"


class Ticket(models.Model):
    """One person's (or group's) turn in a queue.

    The line is the waiting tickets by ``order_key``: the time of issue, less the queue's head
    start for each step of ``priority``. Everybody moves past whoever came later than that, so
    nobody waits for ever behind priority. Who lets others go first gets a later key.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="tickets")
    queue = models.ForeignKey("queues.Queue", models.CASCADE, related_name="tickets")
    # Its index is below: few tickets are transferred.
    issued_by = models.ForeignKey(
        "queues.Queue",
        models.CASCADE,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        help_text="The queue whose number it has, once it was transferred to another.",
    )
    business_date = models.DateField(help_text="In the location's time zone, when issued.")
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=12, help_text="What people see, e.g. A012.")
    service = models.ForeignKey(
        "providers.Service", models.PROTECT, null=True, blank=True, related_name="tickets"
    )
    people = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="How many come with this number."
    )
    # Its index is below, too; events do not tell it, so that nobody is in them.
    customer = models.ForeignKey(
        "providers.Customer",
        models.SET_NULL,
        null=True,
        blank=True,
        db_index=False,
        related_name="tickets",
        help_text="Who holds it, if the queue asks.",
    )
    priority = models.PositiveSmallIntegerField(default=0)
    order_key = models.DateTimeField()
    source = models.CharField(max_length=12, choices=Source)
    reference = models.CharField(
        max_length=64, blank=True, help_text="An integrator's own id of this ticket."
    )
    state = models.CharField(max_length=10, choices=TicketState, default=TicketState.WAITING)
    counter = models.ForeignKey(
        "queues.Counter",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="tickets",
        help_text="Where it was called to last.",
    )
    call_count = models.PositiveIntegerField(default=0)
    issued_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    come_by = models.DateTimeField(
        null=True,
        blank=True,
        help_text="Until when the called person is to come, else it is a no-show by itself.",
    )
    deferred_until = models.DateTimeField(
        null=True, blank=True, help_text="When somebody who asked for more time waits again."
    )

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            # A number is its issuing queue's (docs/adr/0008).
            models.UniqueConstraint(
                Coalesce("issued_by", "queue"),
                "business_date",
                "number",
                name="ticket_number_is_unique_by_issuer",
            ),
            models.UniqueConstraint(
                fields=["queue", "reference"],
                condition=~Q(reference=""),
                name="ticket_reference_is_unique",
            ),
            models.UniqueConstraint(
                fields=["counter"],
                condition=Q(state__in=AT_COUNTER),
                name="counter_has_one_ticket",
            ),
            models.CheckConstraint(
                name="ticket_at_counter_has_one",
                condition=~Q(state__in=AT_COUNTER) | Q(counter__isnull=False),
            ),
            models.CheckConstraint(
                name="ticket_deferred_has_a_time",
                condition=~Q(state=TicketState.DEFERRED) | Q(deferred_until__isnull=False),
            ),
        ]
        indexes = [
            # The line: position, who is next, the snapshot.
            models.Index(
                fields=["queue", "order_key", "id"],
                condition=Q(state=TicketState.WAITING),
                name="ticket_line",
            ),
            # The snapshot: who is at a counter.
            models.Index(
                fields=["queue"], condition=Q(state__in=AT_COUNTER), name="ticket_at_counter"
            ),
            # The desk: who is on hold, and who just did not come.
            models.Index(
                fields=["queue"], condition=Q(state=TicketState.ON_HOLD), name="ticket_on_hold"
            ),
            # The desk and the capacity: who comes back later; the relay: who is due for what.
            models.Index(
                fields=["queue"], condition=Q(state=TicketState.DEFERRED), name="ticket_deferred"
            ),
            models.Index(
                fields=["come_by"],
                condition=Q(state=TicketState.CALLED, come_by__isnull=False),
                name="ticket_come_by",
            ),
            models.Index(
                fields=["deferred_until"],
                condition=Q(state=TicketState.DEFERRED),
                name="ticket_deferred_due",
            ),
            models.Index(
                fields=["queue", "ended_at"],
                condition=Q(state=TicketState.NO_SHOW),
                name="ticket_missed",
            ),
            # The desk: who was not served before closing, if somebody opens again.
            models.Index(
                fields=["queue", "ended_at"],
                condition=Q(state=TicketState.EXPIRED),
                name="ticket_expired",
            ),
            models.Index(
                fields=["issued_by"], condition=Q(issued_by__isnull=False), name="ticket_issued_by"
            ),
            # A customer's visits, and what an erasure lets go of.
            models.Index(
                fields=["customer"], condition=Q(customer__isnull=False), name="ticket_customer"
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def rejoin_until(self) -> datetime | None:
        """Until when who did not come, or was not served, may wait again; None for never."""
        if self.state not in REJOINABLE or self.ended_at is None:
            return None
        return self.ended_at + self.queue.rejoin_window if self.queue.rejoin_window else None
