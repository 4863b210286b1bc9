from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from waitlessq import clock
from waitlessq.db.tenancy import TenantManager


class WaitlistState(models.TextChoices):
    """Whether somebody still waits for a time."""

    WAITING = "waiting"
    BOOKED = "booked"
    LEFT = "left"


class FreedSlot(models.Model):
    """A stretch of time that somebody gave back, to be offered to those who wait for one.

    ``due_at`` is when somebody is to be asked; while offers are open, at the latest when the first
    runs out; empty where nobody is left.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    location = models.ForeignKey("providers.Location", models.CASCADE, related_name="+")
    resource_ids = ArrayField(models.BigIntegerField(), help_text="What was freed.")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="freed_slot_takes_time", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]
        indexes = [
            # freed_slots_offer: the oldest that is due.
            models.Index(
                fields=["due_at"], condition=Q(due_at__isnull=False), name="freed_slot_due"
            ),
            # forget_expired_holds: those that are over.
            models.Index(fields=["ends_at"], name="freed_slot_ends"),
        ]

    def __str__(self) -> str:
        return f"freed {self.starts_at}–{self.ends_at}"


class WaitlistEntry(models.Model):
    """Somebody who would take a time that becomes free: of a service, in a stretch of time.

    Whose it is says ``customer``, or ``holder`` where somebody else knows them: who waits in a line
    without a name is asked about one freed slot only.
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    location = models.ForeignKey("providers.Location", models.CASCADE, related_name="+")
    service = models.ForeignKey("providers.Service", models.CASCADE, related_name="+")
    resource = models.ForeignKey(
        "appointments.Resource",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whom it must be with; empty for anybody.",
    )
    customer = models.ForeignKey(
        "providers.Customer", models.CASCADE, null=True, blank=True, related_name="+"
    )
    holder = models.CharField(
        max_length=40, blank=True, help_text="Whose it is, in the words of another app."
    )
    freed = models.ForeignKey(
        "appointments.FreedSlot", models.CASCADE, null=True, blank=True, related_name="+"
    )
    first = models.DateTimeField(help_text="The first time at which it may start.")
    last = models.DateTimeField(help_text="Before which it must start.")
    state = models.CharField(max_length=7, choices=WaitlistState, default=WaitlistState.WAITING)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="waitlist_entry_takes_time", condition=Q(last__gt=F("first"))
            ),
            models.CheckConstraint(
                name="waitlist_holder_is_asked_once",
                condition=Q(holder="") ^ Q(freed__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["holder"],
                condition=Q(state="waiting") & ~Q(holder=""),
                name="holder_is_asked_about_one",
            ),
        ]
        indexes = [
            # Who is next at a location, in order.
            models.Index(
                fields=["location", "id"], condition=Q(state="waiting"), name="waitlist_in_order"
            ),
            # forget_expired_holds: who waited for what is long past.
            models.Index(fields=["last"], name="waitlist_by_last"),
        ]

    def __str__(self) -> str:
        return f"waitlist entry {self.pk}"


class OfferState(models.TextChoices):
    """What became of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"


class Offer(models.Model):
    """A freed slot, held for somebody who waits for one until ``expires_at``."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    entry = models.ForeignKey("appointments.WaitlistEntry", models.CASCADE, related_name="offers")
    freed = models.ForeignKey("appointments.FreedSlot", models.CASCADE, related_name="offers")
    hold = models.OneToOneField(
        "appointments.SlotHold", models.SET_NULL, null=True, blank=True, related_name="offer"
    )
    appointment = models.ForeignKey(
        "appointments.Appointment", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=OfferState, default=OfferState.OPEN)
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state="open"), name="one_offer_is_open"
            ),
        ]
        indexes = [
            # offers_expire: those that have run out.
            models.Index(
                fields=["expires_at"], condition=Q(state="open"), name="open_offer_by_expiry"
            ),
        ]

    def __str__(self) -> str:
        return f"offer {self.pk}"
