"""/api/v1/me and /api/v1/providers/{provider}/ with its members, locations and services."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from providers import selectors
from providers.api import serializers
from providers.api.base import CreateMixin, UpdateMixin
from providers.models import Location, Member, Provider, Role, Service, User
from providers.services import locations, members, services
from providers.services.providers import provider_update


class MeView(APIView):
    """Which providers I work for, and as what."""

    http_method_names = ["get", "head"]

    @extend_schema(responses=serializers.MembershipSerializer(many=True))
    def get(self, request: Request) -> Response:
        if not isinstance(request.user, User):
            return Response([])
        rows = selectors.memberships_of(request.user)
        return Response(serializers.MembershipSerializer(rows, many=True).data)


class ProviderView(UpdateMixin):
    """The provider itself."""

    roles = {"retrieve": Role.VIEWER, "partial_update": Role.OWNER}
    serializer_class = serializers.ProviderSerializer
    input_serializers = {"partial_update": serializers.ProviderInput}

    def get_object(self) -> Provider:
        return self.actor.provider

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    def update_row(self, row: Provider, **changes: Any) -> Provider:
        return provider_update(actor=self.actor, **changes)


class LocationViewSet(CreateMixin, UpdateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """Branches of the provider."""

    roles = {
        "list": Role.VIEWER,
        "retrieve": Role.VIEWER,
        "create": Role.MANAGER,
        "partial_update": Role.MANAGER,
    }
    serializer_class = serializers.LocationSerializer
    input_serializers = {
        "create": serializers.LocationInput,
        "partial_update": serializers.LocationInput,
    }

    def get_queryset(self) -> QuerySet[Location]:
        return selectors.locations_for(self.actor)

    def create_row(self, **fields: Any) -> Location:
        return locations.location_create(actor=self.actor, **fields)

    def update_row(self, row: Location, **changes: Any) -> Location:
        return locations.location_update(actor=self.actor, location=row, **changes)


class ServiceViewSet(CreateMixin, UpdateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """Services that the provider offers."""

    roles = LocationViewSet.roles
    serializer_class = serializers.ServiceSerializer
    input_serializers = {
        "create": serializers.ServiceInput,
        "partial_update": serializers.ServiceInput,
    }

    def get_queryset(self) -> QuerySet[Service]:
        return selectors.services_for(self.actor)

    def create_row(self, **fields: Any) -> Service:
        return services.service_create(actor=self.actor, **fields)

    def update_row(self, row: Service, **changes: Any) -> Service:
        return services.service_update(actor=self.actor, service=row, **changes)


class MemberViewSet(CreateMixin, UpdateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """People who work for the provider."""

    roles = {
        "list": Role.MANAGER,
        "retrieve": Role.MANAGER,
        "create": Role.OWNER,
        "partial_update": Role.OWNER,
        "destroy": Role.OWNER,
    }
    serializer_class = serializers.MemberSerializer
    input_serializers = {
        "create": serializers.MemberInput,
        "partial_update": serializers.MemberUpdate,
    }

    def get_queryset(self) -> QuerySet[Member]:
        return selectors.members()

    def create_row(self, **fields: Any) -> Member:
        return members.member_add(actor=self.actor, **fields)

    def update_row(self, row: Member, **changes: Any) -> Member:
        return members.member_update(actor=self.actor, member=row, **changes)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        members.member_remove(actor=self.actor, member=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)
