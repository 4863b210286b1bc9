"""What the API reads and writes of appointments."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from rest_framework import serializers

from appointments.api.serializers.fields import IdField, StartField
from appointments.api.serializers.policies import DAY
from appointments.api.serializers.slots import WishInput
from appointments.calendars import uid
from appointments.models import Appointment, AppointmentEvent, AppointmentState
from appointments.questions import LONGEST_ANSWER
from appointments.selectors import cancel_until, reschedule_until
from appointments.services.bookings import MOST_IN_SERIES
from appointments.tokens import appointment_token
from providers import selectors as provider_selectors
from providers.api.fields import RowField
from providers.models import Customer

LONGEST_NOTE = 500
MOST_IN_CUSTOMERS_SERIES = 12


class DetailsInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=LONGEST_NOTE, allow_blank=True, default="")
    answers = serializers.DictField(
        child=serializers.CharField(max_length=LONGEST_ANSWER, allow_blank=True), default=dict
    )


class AppointmentInput(DetailsInput):
    """A time, or a hold that keeps one."""

    hold = IdField(required=False)
    service = IdField(required=False)
    starts_at = StartField(required=False)
    location = IdField(required=False)
    resource = IdField(required=False)
    customer = RowField(
        Customer, lambda _actor: provider_selectors.customers(), allow_null=True, required=False
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "hold" not in attrs:
            missing = [name for name in ("service", "starts_at") if name not in attrs]
            if missing:
                raise serializers.ValidationError({n: ["This field is required."] for n in missing})
        return attrs


class SeriesInput(WishInput, DetailsInput):
    customer = RowField(
        Customer, lambda _actor: provider_selectors.customers(), allow_null=True, required=False
    )
    weeks = serializers.IntegerField(min_value=1, max_value=52)
    times = serializers.IntegerField(min_value=2, max_value=MOST_IN_SERIES)
    skip_conflicts = serializers.BooleanField(default=False)


class RescheduleInput(serializers.Serializer[Any]):
    starts_at = StartField()
    resource = IdField(required=False)
    length = serializers.DurationField(
        min_value=timedelta(minutes=1), max_value=DAY, required=False
    )


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")


class AppointmentSerializer(serializers.ModelSerializer[Appointment]):
    resources = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField()
    answers = serializers.SerializerMethodField()

    class Meta:
        model = Appointment
        fields = [
            "id",
            "location",
            "service",
            "customer",
            "starts_at",
            "ends_at",
            "state",
            "source",
            "series",
            "resources",
            "note",
            "answers",
            "sequence",
            "reschedule_count",
            "created_at",
        ]
        read_only_fields = fields

    def get_resources(self, appointment: Appointment) -> list[int]:
        """The ids of what it occupies."""
        return [row.resource_id for row in appointment.resources.all()]

    def get_note(self, appointment: Appointment) -> str:
        """What was said when booking."""
        details = getattr(appointment, "details", None)
        return "" if details is None else details.note

    def get_answers(self, appointment: Appointment) -> dict[str, str]:
        """The answers by question."""
        details = getattr(appointment, "details", None)
        return {} if details is None else details.answers


class AppointmentEventSerializer(serializers.ModelSerializer[AppointmentEvent]):
    class Meta:
        model = AppointmentEvent
        fields = ["type", "actor", "from_state", "to_state", "data", "at"]
        read_only_fields = fields


class PublicDetailsInput(DetailsInput):
    """Who comes, and perhaps the token of a hold that keeps the time."""

    hold = serializers.CharField(max_length=200, required=False)
    name = serializers.CharField(max_length=100, allow_blank=True, default="")
    phone = serializers.CharField(max_length=40, allow_blank=True, default="")
    email = serializers.CharField(max_length=254, allow_blank=True, default="")
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)


class PublicBookInput(PublicDetailsInput):
    """A hold's token, or a time; and who comes."""

    service = IdField(required=False)
    starts_at = StartField(required=False)
    location = IdField(required=False)
    resource = IdField(required=False)

    validate = AppointmentInput.validate


class PublicSeriesInput(WishInput, PublicDetailsInput):
    """The first time, how often it comes again, and who comes; a hold of the first is used up."""

    weeks = serializers.IntegerField(min_value=1, max_value=52)
    times = serializers.IntegerField(min_value=2, max_value=MOST_IN_CUSTOMERS_SERIES)
    skip_conflicts = serializers.BooleanField(default=False)


class PublicRescheduleInput(serializers.Serializer[Any]):
    starts_at = StartField()
    resource = IdField(required=False)


class HeldAppointmentSerializer(serializers.ModelSerializer[Appointment]):
    """What the holder of an appointment sees of it."""

    token = serializers.SerializerMethodField(
        help_text="Proves it is yours: send it as Appointment-Token."
    )
    service = serializers.CharField(source="service.name")
    service_id = serializers.IntegerField()
    location = serializers.CharField(source="location.name")
    location_id = serializers.IntegerField()
    address = serializers.CharField(source="location.address")
    time_zone = serializers.CharField(source="location.time_zone")
    state = serializers.ChoiceField(AppointmentState.choices)
    resources = serializers.SerializerMethodField()
    cancel_until = serializers.SerializerMethodField()
    reschedule_until = serializers.SerializerMethodField()
    uid = serializers.SerializerMethodField(help_text="Its name in calendars, as in mails.")

    class Meta:
        model = Appointment
        fields = [
            "token",
            "uid",
            "sequence",
            "service",
            "service_id",
            "location",
            "location_id",
            "address",
            "time_zone",
            "starts_at",
            "ends_at",
            "state",
            "resources",
            "cancel_until",
            "reschedule_until",
        ]
        read_only_fields = fields

    def get_token(self, appointment: Appointment) -> str:
        """The secret of the appointment."""
        return appointment_token(appointment.pk)

    def get_uid(self, appointment: Appointment) -> str:
        """What it is called in every calendar."""
        return uid(appointment)

    def get_resources(self, appointment: Appointment) -> list[str]:
        """The names of whom it is with, and where."""
        rows = appointment.resources.select_related("resource").order_by("-resource__kind")
        return [row.resource.name for row in rows]

    def get_cancel_until(self, appointment: Appointment) -> datetime | None:
        """Until when the holder may cancel; null when they may not."""
        return cancel_until(appointment)

    def get_reschedule_until(self, appointment: Appointment) -> datetime | None:
        """Until when the holder may move it; null when they may not."""
        return reschedule_until(appointment)


class LateInput(serializers.Serializer[Any]):
    minutes = serializers.IntegerField(min_value=1, max_value=480)


class UndoLateInput(serializers.Serializer[Any]):
    delay = serializers.UUIDField()


class DelaySerializer(serializers.Serializer[Any]):
    """What moved because those before took longer."""

    delay = serializers.UUIDField(source="id", help_text="Takes it back, until `undo_until`.")
    undo_until = serializers.DateTimeField()
    appointments = AppointmentSerializer(many=True)
