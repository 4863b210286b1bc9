"""What browsers say of themselves, and what is checked of it."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from rest_framework import serializers

from notifications.keys import from_base64url
from notifications.models import LONGEST_ENDPOINT
from notifications.services.subscriptions import Device
from waitlessq.outbound import NotPublicError, check_url

AUTH_LENGTH = 16


class KeysInput(serializers.Serializer[dict[str, Any]]):
    """As ``PushSubscription.toJSON()`` has them: what messages are encrypted with (RFC 8291)."""

    p256dh = serializers.CharField(max_length=100)
    auth = serializers.CharField(max_length=30)

    def validate_p256dh(self, text: str) -> str:
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(text))
        except ValueError:
            raise serializers.ValidationError("It is no key of a browser.") from None
        return text

    def validate_auth(self, text: str) -> str:
        try:
            length = len(from_base64url(text))
        except ValueError:
            length = 0
        if length != AUTH_LENGTH:
            raise serializers.ValidationError("It has 16 bytes in base64url.")
        return text


class SubscriptionInput(serializers.Serializer[dict[str, Any]]):
    """A browser's push subscription."""

    endpoint = serializers.CharField(max_length=LONGEST_ENDPOINT, help_text="https, and public.")
    keys = KeysInput()
    public_key = serializers.CharField(
        max_length=100, help_text="The platform's key that the browser subscribed with."
    )
    language = serializers.ChoiceField(settings.LANGUAGES, default=settings.LANGUAGE_CODE)

    def validate_endpoint(self, url: str) -> str:
        try:
            check_url(url)
        except NotPublicError:
            raise serializers.ValidationError(
                "Send the endpoint that the browser gave, a public https address."
            ) from None
        return url

    def device(self) -> Device:
        """The browser that was described; call it when the input is valid."""
        fields = self.validated_data
        return Device(
            endpoint=fields["endpoint"],
            **fields["keys"],
            server_key=fields["public_key"],
            language=fields["language"],
        )


class RenewInput(SubscriptionInput):
    """A browser's new subscription, and the endpoint that it had."""

    old_endpoint = serializers.CharField(max_length=LONGEST_ENDPOINT)


class EndpointInput(serializers.Serializer[dict[str, Any]]):
    """Names a browser by its endpoint."""

    endpoint = serializers.CharField(max_length=LONGEST_ENDPOINT)


class ShownInput(serializers.Serializer[dict[str, Any]]):
    """What a message came with."""

    receipt = serializers.CharField(max_length=100)


class PushKeySerializer(serializers.Serializer[dict[str, Any]]):
    """What browsers subscribe with; null where nothing is pushed."""

    public_key = serializers.CharField(allow_null=True)
