"""What the API reads and writes of resources, and of when they work."""

from typing import Any

from rest_framework import serializers

from appointments.api.serializers.fields import StartField
from appointments.models import (
    AvailabilityException,
    AvailabilityRule,
    ExceptionKind,
    Resource,
    ResourceKind,
    RuleKind,
)
from appointments.selectors import resources_for
from providers import selectors as provider_selectors
from providers.api.fields import RowField, RowsField, TimeZoneField
from providers.models import Location, Member


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
