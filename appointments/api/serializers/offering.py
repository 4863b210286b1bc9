"""What everybody can book of a provider."""

from typing import Any

from rest_framework import serializers

from appointments.api.serializers.policies import QuestionField
from appointments.models import BookingPolicy, Resource
from providers.models import Location


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
