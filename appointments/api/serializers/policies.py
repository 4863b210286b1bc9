"""What the API reads and writes of how services are booked."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from appointments.models import BookingPolicy, BookingRules
from providers import selectors as provider_selectors
from providers.api.fields import RowField
from providers.models import Service

MOST_QUESTIONS = 20
MOST_REMINDERS = 5
YEAR = timedelta(days=365)
SHORTEST_STEP = timedelta(minutes=5)
DAY = timedelta(days=1)


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
