"""What the API reads and writes of tenants, people, locations and services."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from providers import selectors
from providers.api.fields import RowsField, TimeZoneField
from providers.models import Location, Member, Provider, Role, Service, Trade

LONGEST = timedelta(days=1)
MOST_SPANS = 6


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
        fields = [
            "id",
            "name",
            "address",
            "time_zone",
            "country",
            "subdivision",
            "closed_on_public_holidays",
        ]
        read_only_fields = fields


class LocationInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    address = serializers.CharField(max_length=300, allow_blank=True, required=False)
    time_zone = TimeZoneField(max_length=64)
    country = serializers.CharField(
        max_length=2, allow_blank=True, required=False, help_text="ISO 3166-1, e.g. GB."
    )
    subdivision = serializers.CharField(
        max_length=10, allow_blank=True, required=False, help_text="Its own part of ISO 3166-2."
    )
    closed_on_public_holidays = serializers.BooleanField(required=False)


class SpanField(serializers.Serializer[Any]):
    opens = serializers.TimeField(format="%H:%M")
    closes = serializers.TimeField(
        format="%H:%M", help_text="At or before it opens: on the next day."
    )


class WeekSpan(SpanField):
    weekday = serializers.IntegerField(min_value=0, max_value=6, help_text="0 is Monday.")


class ExceptionInput(serializers.Serializer[Any]):
    date = serializers.DateField()
    name = serializers.CharField(max_length=60, allow_blank=True, required=False, default="")
    spans = SpanField(  # type: ignore[call-arg]
        many=True, required=False, default=list, max_length=MOST_SPANS, help_text="None: closed."
    )


class WeekInput(serializers.Serializer[Any]):
    week = WeekSpan(  # type: ignore[call-arg]
        many=True, max_length=7 * MOST_SPANS, help_text="All of it; none: always open."
    )


class HoursSerializer(serializers.Serializer[Any]):
    """A location's usual week, and the dates to come on which it is otherwise."""

    week = WeekSpan(many=True)
    exceptions = ExceptionInput(many=True)


class OpenDaySerializer(serializers.Serializer[Any]):
    date = serializers.DateField()
    name = serializers.CharField(help_text="Why it is not as usual; empty if it is.")
    spans = SpanField(many=True, help_text="None: closed. 00:00 to 00:00 is all day.")


class PlaceSerializer(serializers.Serializer[Any]):
    """A location as everybody knows it, with its hours of a week from today on."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    address = serializers.CharField()
    time_zone = serializers.CharField()
    days = OpenDaySerializer(many=True)


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
