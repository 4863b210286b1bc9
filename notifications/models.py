from typing import ClassVar, Self

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.db.models import Q

from waitlessq import clock
from waitlessq.db.tenancy import TenantManager

LONGEST_ENDPOINT = 1000


class PushSubscription(models.Model):
    """A browser that wants to hear of one thing, as it was asked to by a tap.

    That is a ticket, an appointment, or what the wait list offers. It goes with that, with the
    customer, when the push service says that it is gone, and some time after the end
    (``forget_subscriptions``).
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    ticket = models.ForeignKey(
        "queues.Ticket", models.CASCADE, null=True, blank=True, related_name="push_subscriptions"
    )
    appointment = models.ForeignKey(
        "appointments.Appointment",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="push_subscriptions",
    )
    entry = models.ForeignKey(
        "appointments.WaitlistEntry",
        models.CASCADE,
        null=True,
        blank=True,
        # The unique constraint has it.
        db_index=False,
        related_name="push_subscriptions",
    )
    customer = models.ForeignKey(
        "providers.Customer",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose it is, where that is known, so that it is erased with them.",
    )
    endpoint = models.CharField(max_length=LONGEST_ENDPOINT, help_text="Secret: who has it, sends.")
    p256dh = models.CharField(max_length=100, help_text="The browser's key, base64url.")
    auth = models.CharField(max_length=30, help_text="The secret shared with the browser.")
    server_key = models.CharField(max_length=100, help_text="Our public key it subscribed with.")
    language = models.CharField(max_length=5)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="push_subscription_has_one_subject",
                condition=Q(ticket__isnull=False, appointment__isnull=True, entry__isnull=True)
                | Q(ticket__isnull=True, appointment__isnull=False, entry__isnull=True)
                | Q(ticket__isnull=True, appointment__isnull=True, entry__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["ticket", "endpoint"], name="push_subscription_of_ticket_is_unique"
            ),
            models.UniqueConstraint(
                fields=["appointment", "endpoint"],
                name="push_subscription_of_appointment_is_unique",
            ),
            models.UniqueConstraint(
                fields=["entry", "endpoint"],
                condition=Q(entry__isnull=False),
                name="push_subscription_of_entry_is_unique",
            ),
        ]
        indexes = [
            # Whatever the push service, or the browser, says of an endpoint.
            HashIndex(fields=["endpoint"], name="push_subscription_endpoint"),
        ]

    def __str__(self) -> str:
        return f"push subscription {self.pk}"


class Kind(models.TextChoices):
    """What a notification is about."""

    CALLED = "called"
    MISTAKE = "mistake"
    APPROACHING = "approaching"
    MOVED = "moved"
    CONFIRMED = "confirmed"
    RESCHEDULED = "rescheduled"
    DELAYED = "delayed"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    REMINDER = "reminder"
    OFFERED = "offered"
    TEST = "test"


class Outcome(models.TextChoices):
    """What became of a notification; of one whose subscription is gone, nothing is kept."""

    SENT = "sent"
    LATE = "late"
    OVERTAKEN = "overtaken"
    REFUSED = "refused"


class Notification(models.Model):
    """Something to tell one subscriber: written down with the event, sent when it is due.

    What it says is put together when it is sent, so that nothing is told that is over. Whoever
    sends it claims it for a while first; what a worker that died had claimed is sent after all.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    subscription = models.ForeignKey(PushSubscription, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(
        max_length=60, help_text="The same for the same event, so that it is told once."
    )
    due_at = models.DateTimeField()
    useful_until = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    shown_at = models.DateTimeField(null=True, blank=True, help_text="As the browser says.")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription", "key"], name="notification_is_told_once"
            ),
        ]
        indexes = [
            # send_due_notifications: the oldest that is due.
            models.Index(
                fields=["due_at"], condition=Q(done_at__isnull=True), name="notification_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subscription}"
