from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from waitlessq.db.tenancy import TenantManager


class MailKind(models.TextChoices):
    """What a mail to a customer is about."""

    ASKED = "asked"
    BOOKED = "booked"
    MOVED = "moved"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    REMINDER = "reminder"
    DELAYED = "delayed"
    OFFERED = "offered"
    FEED = "feed"


class AppointmentMail(models.Model):
    """A mail to be sent when it is due, written down with the change or the offer that it is about.

    Whoever sends it claims it for a while first, so that two workers do not send it twice, and
    what a worker that died had claimed is sent after all.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    appointment = models.ForeignKey(
        "appointments.Appointment", models.CASCADE, null=True, blank=True, related_name="mails"
    )
    offer = models.ForeignKey(
        "appointments.Offer",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="mails",
        db_index=False,
    )
    kind = models.CharField(max_length=10, choices=MailKind)
    due_at = models.DateTimeField()
    claimed_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [
            # Those of an offer that goes.
            models.Index(
                fields=["offer"],
                condition=Q(offer__isnull=False),
                name="appointment_mail_of_offer",
            ),
            # send_due_mails: the oldest that is due.
            models.Index(
                fields=["due_at"], condition=Q(done_at__isnull=True), name="appointment_mail_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.appointment_id or self.offer_id}"
