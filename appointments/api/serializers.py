"""What the API reads and writes of resources, times and appointments."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_datetime
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from appointments.calendars import uid
from appointments.models import (
    Appointment,
    AppointmentEvent,
    AppointmentState,
    AvailabilityException,
    AvailabilityRule,
    BookingPolicy,
    BookingRules,
    ExceptionKind,
    Offer,
    Resource,
    ResourceKind,
    RuleKind,
    SlotHold,
    WaitlistEntry,
    WaitlistState,
)
from appointments.questions import LONGEST_ANSWER
from appointments.selectors import (
    FreeSlots,
    cancel_until,
    held_names,
    open_offer,
    reschedule_until,
    resources_for,
)
from appointments.services.bookings import MOST_IN_SERIES
from appointments.tokens import appointment_token, hold_token, waitlist_token
from providers import selectors as provider_selectors
from providers.api.fields import HIGHEST_ID, RowField, RowsField, TimeZoneField
from providers.models import Customer, Location, Member, Service

LONGEST_NOTE = 500
MOST_QUESTIONS = 20
MOST_REMINDERS = 5
MOST_DAYS = 31
YEAR = timedelta(days=365)
SHORTEST_STEP = timedelta(minutes=5)
DAY = timedelta(days=1)


class IdField(serializers.IntegerField):
    """The id of a row; what is there, is found out where it is used."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=HIGHEST_ID, **options)


@extend_schema_field(OpenApiTypes.DATETIME)
class StartField(serializers.Field[datetime, Any, str, Any]):
    """A time as ISO 8601; without an offset it is meant on the location's wall."""

    default_error_messages = {"invalid": "Write the time like 2026-11-24T10:30."}

    def to_internal_value(self, data: Any) -> datetime:
        try:
            found = parse_datetime(data) if isinstance(data, str) else None
            # What can not be said in UTC is no time either.
            if found is not None:
                found.astimezone()
        except (ValueError, OverflowError):
            found = None
        if found is None or not 1971 <= found.year <= 2200:  # noqa: PLR2004 (as dates go)
            self.fail("invalid")
        return found

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class ResourceSerializer(serializers.ModelSerializer[Resource]):
    class Meta:
        model = Resource
        fields = [
            "id",
            "location",
            "name",
            "kind",
            "member",
            "services",
            "capacity",
            "rank",
            "time_zone",
            "is_active",
        ]
        read_only_fields = fields


class ResourceUpdate(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    member = RowField(
        Member, lambda _actor: provider_selectors.members(), allow_null=True, required=False
    )
    services = RowsField(provider_selectors.services_for, required=False)
    capacity = serializers.IntegerField(min_value=1, max_value=1000, required=False)
    rank = serializers.IntegerField(min_value=0, max_value=1000, required=False)
    time_zone = TimeZoneField(max_length=64, required=False)
    is_active = serializers.BooleanField(required=False)


class ResourceInput(ResourceUpdate):
    location = RowField(Location, provider_selectors.locations_for)
    kind = serializers.ChoiceField(ResourceKind.choices)


class AvailabilityRuleSerializer(serializers.ModelSerializer[AvailabilityRule]):
    class Meta:
        model = AvailabilityRule
        fields = [
            "id",
            "resource",
            "kind",
            "recurrence",
            "starts",
            "ends",
            "valid_from",
            "valid_until",
        ]
        read_only_fields = fields


class AvailabilityRuleInput(serializers.Serializer[Any]):
    resource = RowField(Resource, resources_for)
    kind = serializers.ChoiceField(RuleKind.choices, required=False)
    recurrence = serializers.CharField(max_length=200)
    starts = serializers.TimeField()
    ends = serializers.TimeField()
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(allow_null=True, required=False)


class AvailabilityExceptionSerializer(serializers.ModelSerializer[AvailabilityException]):
    class Meta:
        model = AvailabilityException
        fields = ["id", "resource", "kind", "starts_at", "ends_at", "reason"]
        read_only_fields = fields


class AvailabilityExceptionInput(serializers.Serializer[Any]):
    resource = RowField(Resource, resources_for)
    kind = serializers.ChoiceField(ExceptionKind.choices)
    starts_at = StartField()
    ends_at = StartField()
    reason = serializers.CharField(max_length=100, allow_blank=True, required=False)


class QuestionField(serializers.Serializer[Any]):
    id = serializers.SlugField(max_length=30)
    label = serializers.CharField(max_length=200)  # type: ignore[assignment]
    required = serializers.BooleanField(default=False)  # type: ignore[assignment]


class BookingPolicySerializer(serializers.ModelSerializer[BookingPolicy]):
    questions = QuestionField(many=True)

    class Meta:
        model = BookingPolicy
        fields = [
            "service",
            "needs_staff",
            "needs_room",
            "step",
            "minimum_notice",
            "horizon",
            "group_size",
            "needs_approval",
            "assignment",
            "cancel_notice",
            "reschedule_notice",
            "most_reschedules",
            "questions",
        ]
        read_only_fields = fields


class BookingPolicyUpdate(serializers.ModelSerializer[BookingPolicy]):
    step = serializers.DurationField(min_value=SHORTEST_STEP, max_value=DAY, required=False)
    minimum_notice = serializers.DurationField(
        min_value=timedelta(), max_value=YEAR, required=False
    )
    horizon = serializers.DurationField(min_value=DAY, max_value=2 * YEAR, required=False)
    group_size = serializers.IntegerField(min_value=1, max_value=1000, required=False)
    cancel_notice = serializers.DurationField(min_value=timedelta(), max_value=YEAR, required=False)
    reschedule_notice = serializers.DurationField(
        min_value=timedelta(), max_value=YEAR, required=False
    )
    most_reschedules = serializers.IntegerField(min_value=0, max_value=1000, required=False)
    questions = serializers.ListField(
        child=QuestionField(), max_length=MOST_QUESTIONS, required=False
    )

    class Meta:
        model = BookingPolicy
        fields = [name for name in BookingPolicySerializer.Meta.fields if name != "service"]


class BookingPolicyInput(BookingPolicyUpdate):
    service = RowField(Service, provider_selectors.services_for)

    class Meta(BookingPolicyUpdate.Meta):
        fields = [*BookingPolicyUpdate.Meta.fields, "service"]


class BookingRulesSerializer(serializers.ModelSerializer[BookingRules]):
    class Meta:
        model = BookingRules
        fields = ["no_show_limit", "no_show_window", "no_show_consequence", "reminder_minutes"]
        read_only_fields = fields


class BookingRulesInput(serializers.ModelSerializer[BookingRules]):
    no_show_limit = serializers.IntegerField(min_value=0, max_value=1000, required=False)
    no_show_window = serializers.DurationField(min_value=DAY, max_value=2 * YEAR, required=False)
    reminder_minutes = serializers.ListField(
        child=serializers.IntegerField(min_value=5, max_value=60 * 24 * 60),
        max_length=MOST_REMINDERS,
        required=False,
    )

    class Meta:
        model = BookingRules
        fields = BookingRulesSerializer.Meta.fields


class SlotQuery(serializers.Serializer[Any]):
    service = IdField()
    location = IdField(required=False)
    resource = IdField(required=False)
    first = serializers.DateField(required=False, help_text="Today unless given.")
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=7)


class MemberSlotQuery(SlotQuery):
    moving = IdField(
        required=False, help_text="An appointment to be moved: as long as it, and not in its way."
    )


class MoveQuery(serializers.Serializer[Any]):
    resource = IdField(required=False)
    first = serializers.DateField(required=False, help_text="Today unless given.")
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=7)


class WorkerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(ResourceKind.choices)


class SlotSerializer(serializers.Serializer[Any]):
    starts_at = serializers.DateTimeField(help_text="With the offset of the location's wall.")
    resources = serializers.ListField(
        child=serializers.IntegerField(), help_text="Who is free: staff, then rooms."
    )


class FreeSlotsSerializer(serializers.Serializer[Any]):
    """The times at which a service can be booked."""

    location = serializers.IntegerField()
    time_zone = serializers.CharField()
    resources = WorkerSerializer(many=True)
    slots = SlotSerializer(many=True)


def free_slots_document(location: Location, found: FreeSlots) -> dict[str, Any]:
    """What ``FreeSlotsSerializer`` describes; put together by hand, since there are thousands."""
    return {
        "location": location.pk,
        "time_zone": location.time_zone,
        "resources": [one._asdict() for one in found.resources],
        "slots": [
            {"starts_at": slot.starts_at.isoformat(), "resources": slot.resource_ids}
            for slot in found.slots
        ],
    }


class WishInput(serializers.Serializer[Any]):
    service = IdField()
    starts_at = StartField()
    location = IdField(required=False)
    resource = IdField(required=False)


class HoldSerializer(serializers.ModelSerializer[SlotHold]):
    class Meta:
        model = SlotHold
        fields = ["id", "location", "service", "starts_at", "expires_at"]
        read_only_fields = fields


class PublicHoldSerializer(serializers.ModelSerializer[SlotHold]):
    token = serializers.SerializerMethodField(
        help_text="Books the time, or gives it back as Hold-Token."
    )

    class Meta:
        model = SlotHold
        fields = ["token", "location", "service", "starts_at", "expires_at"]
        read_only_fields = fields

    def get_token(self, hold: SlotHold) -> str:
        """The secret of the hold."""
        return hold_token(hold.pk)


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


class PublicBookInput(DetailsInput):
    """A hold's token, or a time; and who comes."""

    hold = serializers.CharField(max_length=200, required=False)
    service = IdField(required=False)
    starts_at = StartField(required=False)
    location = IdField(required=False)
    resource = IdField(required=False)
    name = serializers.CharField(max_length=100, allow_blank=True, default="")
    phone = serializers.CharField(max_length=40, allow_blank=True, default="")
    email = serializers.CharField(max_length=254, allow_blank=True, default="")
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)

    validate = AppointmentInput.validate


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


class BookableServiceSerializer(serializers.ModelSerializer[BookingPolicy]):
    id = serializers.IntegerField(source="service_id")
    name = serializers.CharField(source="service.name")
    duration = serializers.DurationField(source="service.duration")
    price = serializers.DecimalField(source="service.price", max_digits=10, decimal_places=2)
    questions = QuestionField(many=True)
    resources = serializers.SerializerMethodField()

    class Meta:
        model = BookingPolicy
        fields = [
            "id",
            "name",
            "duration",
            "price",
            "needs_approval",
            "minimum_notice",
            "horizon",
            "group_size",
            "questions",
            "resources",
        ]
        read_only_fields = fields

    def get_resources(self, policy: BookingPolicy) -> list[int]:
        """The ids of the staff who can be asked for."""
        return [
            one.pk
            for one in self.context["staff"]
            if any(service.pk == policy.service_id for service in one.services.all())
        ]


class BookableStaffSerializer(serializers.ModelSerializer[Resource]):
    class Meta:
        model = Resource
        fields = ["id", "name", "location"]
        read_only_fields = fields


class BookableLocationSerializer(serializers.ModelSerializer[Location]):
    class Meta:
        model = Location
        fields = ["id", "name", "address", "time_zone"]
        read_only_fields = fields


class PublicBookingSerializer(serializers.Serializer[Any]):
    """What everybody can book of a provider."""

    services = BookableServiceSerializer(many=True)
    locations = BookableLocationSerializer(many=True)
    staff = BookableStaffSerializer(many=True)


class OfferSerializer(serializers.ModelSerializer[Offer]):
    resources = serializers.SerializerMethodField(help_text="The names of whom it is with.")

    class Meta:
        model = Offer
        fields = ["id", "starts_at", "ends_at", "expires_at", "resources"]
        read_only_fields = fields

    def get_resources(self, offer: Offer) -> list[str]:
        """What the offer holds: staff before rooms."""
        return held_names(offer)


class WaitlistEntrySerializer(serializers.ModelSerializer[WaitlistEntry]):
    offer = serializers.SerializerMethodField()

    class Meta:
        model = WaitlistEntry
        fields = [
            "id",
            "location",
            "service",
            "resource",
            "customer",
            "first",
            "last",
            "state",
            "offer",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field(OfferSerializer(allow_null=True))
    def get_offer(self, entry: WaitlistEntry) -> dict[str, Any] | None:
        """What is kept for them now; null if nothing is."""
        return offer_document(entry)


def offer_document(entry: WaitlistEntry) -> dict[str, Any] | None:
    """The open offer of an entry, as the API writes it."""
    found = open_offer(entry)
    return None if found is None else OfferSerializer(found).data


class WindowInput(serializers.Serializer[Any]):
    """For what one waits, and when it could start."""

    service = IdField()
    first = StartField(help_text="The first time at which it may start.")
    last = StartField(help_text="Before which it must start.")
    location = IdField(required=False)
    resource = IdField(required=False)


class WaitlistInput(WindowInput):
    customer = RowField(
        Customer, lambda _actor: provider_selectors.customers(), allow_null=True, required=False
    )


class AnswerOfferInput(serializers.Serializer[Any]):
    offer = IdField(help_text="Its id, so that nobody answers another one than they saw.")


class AcceptOfferInput(AnswerOfferInput, DetailsInput):
    pass


class PublicWaitlistInput(WindowInput):
    """For what one waits, when, and who."""

    name = serializers.CharField(max_length=100, allow_blank=True, default="")
    phone = serializers.CharField(max_length=40, allow_blank=True, default="")
    email = serializers.CharField(max_length=254, allow_blank=True, default="")
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)


class HeldEntrySerializer(serializers.ModelSerializer[WaitlistEntry]):
    """What whoever waits for a time sees of it."""

    token = serializers.SerializerMethodField(
        help_text="Proves it is yours: send it as Waitlist-Token."
    )
    service = serializers.CharField(source="service.name")
    service_id = serializers.IntegerField()
    location = serializers.CharField(source="location.name")
    location_id = serializers.IntegerField()
    time_zone = serializers.CharField(source="location.time_zone")
    resource = serializers.CharField(source="resource.name", default=None, allow_null=True)
    resource_id = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(WaitlistState.choices)
    offer = serializers.SerializerMethodField()

    class Meta:
        model = WaitlistEntry
        fields = [
            "token",
            "service",
            "service_id",
            "location",
            "location_id",
            "time_zone",
            "resource",
            "resource_id",
            "first",
            "last",
            "state",
            "offer",
        ]
        read_only_fields = fields

    def get_token(self, entry: WaitlistEntry) -> str:
        """The secret of the entry."""
        return waitlist_token(entry.pk)

    @extend_schema_field(OfferSerializer(allow_null=True))
    def get_offer(self, entry: WaitlistEntry) -> dict[str, Any] | None:
        """What is kept for me now; null if nothing is."""
        return offer_document(entry)


class LateInput(serializers.Serializer[Any]):
    minutes = serializers.IntegerField(min_value=1, max_value=480)


class UndoLateInput(serializers.Serializer[Any]):
    delay = serializers.UUIDField()


class DelaySerializer(serializers.Serializer[Any]):
    """What moved because those before took longer."""

    delay = serializers.UUIDField(source="id", help_text="Takes it back, until `undo_until`.")
    undo_until = serializers.DateTimeField()
    appointments = AppointmentSerializer(many=True)
