"""/api/v1/providers/{provider}/api-keys"""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response

from integrations.api import serializers
from integrations.keys import api_key_create, api_key_revoke
from integrations.models import ApiKey
from providers.api.base import ProviderViewSet
from providers.models import Role


class ApiKeyViewSet(ProviderViewSet, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """Keys with which the provider's other systems use this API."""

    roles = {
        "list": Role.OWNER,
        "retrieve": Role.OWNER,
        "create": Role.OWNER,
        "destroy": Role.OWNER,
    }
    answers_are_secret = True
    serializer_class = serializers.ApiKeySerializer
    input_serializers = {"create": serializers.ApiKeyInput}

    def get_queryset(self) -> QuerySet[ApiKey]:
        return ApiKey.objects.all()

    @extend_schema(responses={201: serializers.NewApiKeySerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        fields = self.validated()
        key, text = api_key_create(actor=self.actor, name=fields["name"], role=Role(fields["role"]))
        body = {**serializers.ApiKeySerializer(key).data, "key": text}
        return Response(body, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Revokes the key; its row stays, for what it did."""
        api_key_revoke(actor=self.actor, key=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
