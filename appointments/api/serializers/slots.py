"""What the API reads and writes of free times, and of those that are kept."""

from typing import Any

from rest_framework import serializers

from appointments.api.serializers.fields import IdField, StartField
from appointments.models import ResourceKind, SlotHold
from appointments.selectors import FreeSlots
from appointments.tokens import hold_token
from providers.models import Location

MOST_DAYS = 31


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
