"""/api/v1/me and /api/v1/providers/{provider}/ with its members, locations and services."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from providers import selectors
from providers.api import serializers
from providers.api.base import CreateMixin, UpdateMixin
from providers.hours import Span
from providers.models import Location, Member, Provider, Role, Service, User
from providers.services import locations, members, services
from providers.services.providers import provider_update
from waitlessq import clock


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


ROLES = {
    "list": Role.VIEWER,
    "retrieve": Role.VIEWER,
    "create": Role.MANAGER,
    "partial_update": Role.MANAGER,
}


class LocationViewSet(CreateMixin, UpdateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """Branches of the provider."""

    roles = ROLES | {
        "hours": Role.VIEWER,
        "set_hours": Role.MANAGER,
        "set_exception": Role.MANAGER,
        "remove_exception": Role.MANAGER,
    }
    serializer_class = serializers.LocationSerializer
    input_serializers = {
        "create": serializers.LocationInput,
        "partial_update": serializers.LocationInput,
        "set_hours": serializers.WeekInput,
        "set_exception": serializers.ExceptionInput,
    }

    def get_queryset(self) -> QuerySet[Location]:
        return selectors.locations_for(self.actor)

    def create_row(self, **fields: Any) -> Location:
        return locations.location_create(actor=self.actor, **fields)

    def update_row(self, row: Location, **changes: Any) -> Location:
        return locations.location_update(actor=self.actor, location=row, **changes)

    @extend_schema(responses=serializers.HoursSerializer)
    @action(detail=True)
    def hours(self, request: Request, **kwargs: Any) -> Response:
        """When it is open: the usual week, and the dates to come on which it is otherwise."""
        return self._hours(self.get_object())

    @extend_schema(request=serializers.WeekInput, responses=serializers.HoursSerializer)
    @hours.mapping.patch
    def set_hours(self, request: Request, **kwargs: Any) -> Response:
        """Replaces the usual week."""
        location = self.get_object()
        week: dict[int, list[Span]] = {}
        for row in self.validated()["week"]:
            week.setdefault(row["weekday"], []).append(Span(row["opens"], row["closes"]))
        locations.location_set_hours(actor=self.actor, location=location, week=week)
        return self._hours(location)

    @extend_schema(request=serializers.ExceptionInput, responses=serializers.HoursSerializer)
    @action(detail=True, methods=["post"], url_path="exceptions")
    def set_exception(self, request: Request, **kwargs: Any) -> Response:
        """Says when it opens on a date; replaces what was said of it."""
        location, fields = self.get_object(), self.validated()
        spans = [Span(row["opens"], row["closes"]) for row in fields["spans"]]
        locations.location_set_exception(
            actor=self.actor,
            location=location,
            day=fields["date"],
            name=fields["name"],
            spans=spans,
        )
        return self._hours(location)

    @extend_schema(responses=serializers.HoursSerializer)
    @action(detail=True, methods=["delete"], url_path="exceptions/<str:day>")
    def remove_exception(self, request: Request, day: str, **kwargs: Any) -> Response:
        """The usual week counts on that date again; `day` is like 2026-12-24."""
        location = self.get_object()
        try:
            on = date.fromisoformat(day)
        except ValueError:
            raise Http404 from None
        locations.location_remove_exception(actor=self.actor, location=location, day=on)
        return self._hours(location)

    def _hours(self, location: Location) -> Response:
        today = clock.local_date(location.zone)
        hours = selectors.hours_of([location], since=today)[location.pk]
        week = [
            {"weekday": weekday, **span._asdict()}
            for weekday, spans in sorted(hours.week.items())
            for span in spans
        ]
        exceptions = [
            {
                "date": day,
                "name": hours.names.get(day, ""),
                "spans": [span._asdict() for span in spans],
            }
            for day, spans in sorted(hours.exceptions.items())
        ]
        document = {"week": week, "exceptions": exceptions}
        return Response(serializers.HoursSerializer(document).data)


class ServiceViewSet(CreateMixin, UpdateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """Services that the provider offers."""

    roles = ROLES
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
