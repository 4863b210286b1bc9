"""What the API reads and writes of who waits for a time."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from appointments.api.serializers.appointments import DetailsInput
from appointments.api.serializers.fields import IdField, StartField
from appointments.models import Offer, WaitlistEntry, WaitlistState
from appointments.selectors import held_names, open_offer
from appointments.tokens import waitlist_token
from providers import selectors as provider_selectors
from providers.api.fields import RowField
from providers.models import Customer


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
