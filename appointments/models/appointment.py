from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from waitlessq import clock
from waitlessq.db.tenancy import TenantManager


class AppointmentState(models.TextChoices):
    """Where an appointment is in its life; see appointments/transitions.py for what leads where."""

    PENDING = "pending"
    BOOKED = "booked"
    ARRIVED = "arrived"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    NO_SHOW = "no_show"


BLOCKING = (AppointmentState.PENDING, AppointmentState.BOOKED, AppointmentState.ARRIVED)


class Appointment(models.Model):
    """A time that was agreed on with a customer."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="appointments")
    location = models.ForeignKey("providers.Location", models.PROTECT, related_name="appointments")
    service = models.ForeignKey("providers.Service", models.PROTECT, related_name="appointments")
    customer = models.ForeignKey(
        "providers.Customer",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="appointments",
        help_text="Who comes; empty once they were erased.",
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(help_text="Without buffers.")
    state = models.CharField(max_length=10, choices=AppointmentState)
    source = models.CharField(max_length=10, help_text="Through which door it was booked.")
    series = models.UUIDField(null=True, blank=True, help_text="The same for those of a series.")
    reschedule_count = models.PositiveSmallIntegerField(default=0, help_text="By the customer.")
    sequence = models.PositiveIntegerField(
        default=0, help_text="Counts its versions, as SEQUENCE in calendars."
    )
    created_at = models.DateTimeField(default=clock.now)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="appointment_takes_time", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]
        indexes = [
            # Calendars and lists: those of a location in a stretch of time.
            models.Index(fields=["location", "starts_at"], name="appointment_by_start"),
            models.Index(
                fields=["series"], condition=Q(series__isnull=False), name="appointment_of_series"
            ),
        ]

    def __str__(self) -> str:
        return f"appointment {self.pk}"


class AppointmentDetails(models.Model):
    """What was said when booking. It is the customer's, and erased with them."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    appointment = models.OneToOneField(
        "appointments.Appointment", models.CASCADE, related_name="details"
    )
    customer = models.ForeignKey(
        "providers.Customer", models.CASCADE, null=True, blank=True, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)
    answers = models.JSONField(default=dict, help_text="By the id of the question.")

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    def __str__(self) -> str:
        return f"details of {self.appointment}"


class SlotHold(models.Model):
    """A time that is kept while somebody fills in a form; it frees itself at ``expires_at``."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    location = models.ForeignKey("providers.Location", models.CASCADE, related_name="+")
    service = models.ForeignKey("providers.Service", models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        indexes = [
            # forget_expired_holds: the oldest first.
            models.Index(fields=["expires_at"], name="slot_hold_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"hold {self.pk}"


class AppointmentResource(models.Model):
    """That an appointment, or a hold, occupies a seat of a resource.

    ``busy`` is its time with the buffers. PostgreSQL refuses a second blocking row that overlaps at
    the same seat, or one of another session: a class has a session of its own and its resources to
    itself, all else has the empty one (docs/adr/0014).
    """

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    # The exclusion constraints' index serves it.
    resource = models.ForeignKey(
        "appointments.Resource", models.PROTECT, related_name="occupations", db_index=False
    )
    appointment = models.ForeignKey(
        "appointments.Appointment", models.CASCADE, null=True, blank=True, related_name="resources"
    )
    hold = models.ForeignKey(
        "appointments.SlotHold", models.CASCADE, null=True, blank=True, related_name="resources"
    )
    held_until = models.DateTimeField(
        null=True, blank=True, help_text="As the hold's, so that a search need not look there."
    )
    seat = models.PositiveSmallIntegerField(default=1)
    session = models.CharField(max_length=50, blank=True, default="")
    busy = DateTimeRangeField()
    is_blocking = models.BooleanField(
        default=True, help_text="Whether the appointment's state keeps the time."
    )

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="resource_seat_is_taken_once",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("seat", RangeOperators.EQUAL),
                    ("busy", RangeOperators.OVERLAPS),
                ],
                condition=Q(is_blocking=True),
            ),
            ExclusionConstraint(
                name="resource_session_is_alone",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("session", RangeOperators.NOT_EQUAL),
                    ("busy", RangeOperators.OVERLAPS),
                ],
                condition=Q(is_blocking=True),
            ),
            models.CheckConstraint(
                name="resource_is_occupied_by_one",
                condition=Q(appointment__isnull=False, hold__isnull=True, held_until__isnull=True)
                | Q(appointment__isnull=True, hold__isnull=False, held_until__isnull=False),
            ),
            models.CheckConstraint(
                name="resource_is_occupied_for_a_time", condition=Q(busy__isempty=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} busy {self.busy}"


class AppointmentEvent(models.Model):
    """What happened to an appointment; appended, never changed."""

    provider = models.ForeignKey("providers.Provider", models.CASCADE, related_name="+")
    appointment = models.ForeignKey(
        "appointments.Appointment", models.CASCADE, related_name="events"
    )
    type = models.CharField(max_length=20)
    actor = models.CharField(max_length=40)
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now)

    objects: ClassVar[TenantManager[Self]] = TenantManager()

    def __str__(self) -> str:
        return f"{self.type} {self.appointment_id}"
