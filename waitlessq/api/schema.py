"""The OpenAPI document: adds to every operation the problems that it can answer."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers


class FieldErrorSerializer(serializers.Serializer[Any]):
    """One reason why one field was refused."""

    field = serializers.CharField(help_text="Path with dots; empty for the whole body.")
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem details."""

    type = serializers.CharField(help_text="urn:waitlessq:problem:<code>")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="Stable; see docs/api.md.")
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class ProblemAutoSchema(AutoSchema):
    """Documents errors once for all views."""

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        statuses = {"404": "Not found, or not yours."}
        if self.method in {"POST", "PATCH"}:
            statuses["400"] = "The request is not valid."
            statuses["409"] = "A rule of the domain forbids this now."
        if self.method == "POST":
            statuses["422"] = "The Idempotency-Key belongs to another request."
        if self.get_auth():
            statuses["401"] = "Not signed in."
            statuses["403"] = "Your role does not allow this."
        component = self.resolve_serializer(ProblemSerializer, "response")
        for status, description in statuses.items():
            bodies.setdefault(
                status,
                {
                    "description": description,
                    "content": {"application/problem+json": {"schema": component.ref}},
                },
            )
        return bodies
