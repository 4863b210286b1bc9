"""What the API reads and writes of tenants, people, locations and services."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from providers import selectors
from providers.api.fields import RowsField, TimeZoneField
from providers.models import Location, Member, Provider, Role, Service, Trade

LONGEST = timedelta(days=1)


class ProviderSerializer(serializers.ModelSerializer[Provider]):
    class Meta:
        model = Provider
        fields = ["slug", "name", "trade"]
        read_only_fields = fields


class ProviderInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    trade = serializers.ChoiceField(Trade.choices)


class LocationSerializer(serializers.ModelSerializer[Location]):
    class Meta:
        model = Location
        fields = ["id", "name", "address", "time_zone"]
        read_only_fields = fields


class LocationInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    address = serializers.CharField(max_length=300, allow_blank=True, required=False)
    time_zone = TimeZoneField(max_length=64)


class ServiceSerializer(serializers.ModelSerializer[Service]):
    class Meta:
        model = Service
        fields = ["id", "name", "duration", "buffer_before", "buffer_after", "price", "use"]
        read_only_fields = fields


class ServiceInput(serializers.ModelSerializer[Service]):
    duration = serializers.DurationField(
        min_value=timedelta(seconds=1), max_value=LONGEST, required=False
    )
    buffer_before = serializers.DurationField(
        min_value=timedelta(), max_value=LONGEST, required=False
    )
    buffer_after = serializers.DurationField(
        min_value=timedelta(), max_value=LONGEST, required=False
    )
    price = serializers.DecimalField(
        max_digits=10, decimal_places=2, min_value=0, allow_null=True, required=False
    )

    class Meta:
        model = Service
        fields = ["name", "duration", "buffer_before", "buffer_after", "price", "use"]


class MemberSerializer(serializers.ModelSerializer[Member]):
    email = serializers.EmailField(source="user.email")

    class Meta:
        model = Member
        fields = ["id", "email", "name", "role", "locations"]
        read_only_fields = fields


class MemberUpdate(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=150, allow_blank=True, required=False)
    role = serializers.ChoiceField(Role.choices)
    locations = RowsField(selectors.locations_for, required=False)


class MemberInput(MemberUpdate):
    email = serializers.EmailField(max_length=254)


class MembershipSerializer(serializers.ModelSerializer[Member]):
    provider = ProviderSerializer()

    class Meta:
        model = Member
        fields = ["provider", "role"]
        read_only_fields = fields
