"""Resources, their hours, free times and appointments, for members and API keys."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django_filters import ChoiceFilter, FilterSet, IsoDateTimeFilter, NumberFilter
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from appointments import selectors
from appointments.api.serializers.appointments import (
    AppointmentEventSerializer,
    AppointmentInput,
    AppointmentSerializer,
    DelaySerializer,
    LateInput,
    ReasonInput,
    RescheduleInput,
    SeriesInput,
    UndoLateInput,
)
from appointments.api.serializers.policies import (
    BookingPolicyInput,
    BookingPolicySerializer,
    BookingPolicyUpdate,
    BookingRulesInput,
    BookingRulesSerializer,
)
from appointments.api.serializers.resources import (
    AvailabilityExceptionInput,
    AvailabilityExceptionSerializer,
    AvailabilityRuleInput,
    AvailabilityRuleSerializer,
    ResourceInput,
    ResourceSerializer,
    ResourceUpdate,
)
from appointments.api.serializers.slots import (
    FreeSlotsSerializer,
    HoldSerializer,
    MemberSlotQuery,
    MoveQuery,
    SlotQuery,
    WishInput,
    free_slots_document,
)
from appointments.models import (
    Appointment,
    AppointmentState,
    AvailabilityException,
    AvailabilityRule,
    BookingPolicy,
    BookingRules,
    Resource,
    SlotHold,
)
from appointments.services import bookings, resources
from appointments.services.bookings import Details
from appointments.services.delays import resource_run_late, resource_run_late_undo
from appointments.services.seats import Wish, meant
from providers.actors import Actor
from providers.api.base import CreateMixin, ProviderViewSet, UpdateMixin, represent
from providers.models import Location, Role
from waitlessq import clock
from waitlessq.errors import NotFoundError
from waitlessq.walltime import instant

# Dates come to an end; bookings long before.
FARTHEST = timedelta(days=3650)
CONFIGURED_BY_MANAGERS = {
    "list": Role.VIEWER,
    "retrieve": Role.VIEWER,
    "create": Role.MANAGER,
    "partial_update": Role.MANAGER,
    "destroy": Role.MANAGER,
}


class ResourceFilter(FilterSet):  # type: ignore[misc]
    """``?location=2&service=5``"""

    location = NumberFilter(field_name="location_id")
    service = NumberFilter(field_name="services")


class ResourceViewSet(CreateMixin, UpdateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """What can be booked: staff and rooms."""

    roles = CONFIGURED_BY_MANAGERS
    serializer_class = ResourceSerializer
    input_serializers = {
        "create": ResourceInput,
        "partial_update": ResourceUpdate,
    }
    filter_backends = [DjangoFilterBackend]
    filterset_class = ResourceFilter

    def get_queryset(self) -> QuerySet[Resource]:
        if getattr(self, "swagger_fake_view", False):  # The OpenAPI document asks for nobody.
            return Resource.objects.none()
        return selectors.resources_for(self.actor)

    def create_row(self, **fields: Any) -> Resource:
        return resources.resource_create(actor=self.actor, **fields)

    def update_row(self, row: Resource, **changes: Any) -> Resource:
        resources.resource_update(actor=self.actor, resource=row, **changes)
        return self.get_queryset().get(pk=row.pk)


class LateView(ProviderViewSet):
    """Running late."""

    roles = {"late": Role.STAFF, "undo": Role.STAFF}
    serializer_class = DelaySerializer
    input_serializers = {"late": LateInput, "undo": UndoLateInput}

    @extend_schema(request=LateInput, responses=DelaySerializer)
    def late(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Moves the rest of a resource's day on, as far as needed, and tells those concerned."""
        by = timedelta(minutes=self.validated()["minutes"])
        delay = resource_run_late(actor=self.actor, resource_id=pk, by=by)
        return Response(DelaySerializer(delay).data)

    @extend_schema(
        request=UndoLateInput,
        responses=AppointmentSerializer(many=True),
    )
    def undo(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Puts back what a delay moved, within five minutes."""
        delay_id = self.validated()["delay"]
        moved = resource_run_late_undo(actor=self.actor, resource_id=pk, delay_id=delay_id)
        return Response([represent(AppointmentSerializer, one) for one in moved])


class OfResourceFilter(FilterSet):  # type: ignore[misc]
    """``?resource=7``"""

    resource = NumberFilter(field_name="resource_id")


class AvailabilityRuleViewSet(CreateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """When resources work, or pause, week by week."""

    roles = CONFIGURED_BY_MANAGERS
    serializer_class = AvailabilityRuleSerializer
    input_serializers = {"create": AvailabilityRuleInput}
    filter_backends = [DjangoFilterBackend]
    filterset_class = OfResourceFilter

    def get_queryset(self) -> QuerySet[AvailabilityRule]:
        if getattr(self, "swagger_fake_view", False):
            return AvailabilityRule.objects.none()
        return selectors.availability_rules_for(self.actor)

    def create_row(self, **fields: Any) -> AvailabilityRule:
        return resources.availability_rule_add(actor=self.actor, **fields)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        resources.availability_rule_remove(actor=self.actor, rule=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class AvailabilityExceptionViewSet(CreateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """When the rules do not count: closed, extra hours, breaks."""

    roles = CONFIGURED_BY_MANAGERS
    serializer_class = AvailabilityExceptionSerializer
    input_serializers = {"create": AvailabilityExceptionInput}
    filter_backends = [DjangoFilterBackend]
    filterset_class = OfResourceFilter

    def get_queryset(self) -> QuerySet[AvailabilityException]:
        if getattr(self, "swagger_fake_view", False):
            return AvailabilityException.objects.none()
        return selectors.availability_exceptions_for(self.actor)

    def create_row(self, **fields: Any) -> AvailabilityException:
        location = fields["resource"].location
        for name in ("starts_at", "ends_at"):
            fields[name] = meant(fields[name], location)
        return resources.availability_exception_add(actor=self.actor, **fields)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        resources.availability_exception_remove(actor=self.actor, exception=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class BookingPolicyViewSet(
    CreateMixin, UpdateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin
):
    """How services are booked; a policy goes by the id of its service."""

    roles = CONFIGURED_BY_MANAGERS
    serializer_class = BookingPolicySerializer
    input_serializers = {
        "create": BookingPolicyInput,
        "partial_update": BookingPolicyUpdate,
    }
    lookup_field = "service_id"
    lookup_url_kwarg = "pk"

    def get_queryset(self) -> QuerySet[BookingPolicy]:
        return BookingPolicy.objects.select_related("service")

    def create_row(self, **fields: Any) -> BookingPolicy:
        return resources.booking_policy_set(actor=self.actor, **fields)

    def update_row(self, row: BookingPolicy, **changes: Any) -> BookingPolicy:
        return resources.booking_policy_set(actor=self.actor, service=row.service, **changes)


class BookingRulesView(UpdateMixin):
    """What holds for all bookings of the provider."""

    roles = {"retrieve": Role.VIEWER, "partial_update": Role.MANAGER}
    serializer_class = BookingRulesSerializer
    input_serializers = {"partial_update": BookingRulesInput}

    def get_object(self) -> BookingRules:
        return selectors.rules_of(self.actor.provider)

    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        return self.answer(self.get_object())

    def update_row(self, row: BookingRules, **changes: Any) -> BookingRules:
        return resources.booking_rules_set(actor=self.actor, **changes)


class SlotsView(ProviderViewSet):
    """Free times."""

    roles = {"list": Role.VIEWER}
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(
        parameters=[MemberSlotQuery],
        responses=FreeSlotsSerializer,
        filters=False,
    )
    def list(self, request: Request, **kwargs: Any) -> Response:
        """When a service can be booked, without notice and horizon."""
        return Response(search(request, self.actor, MemberSlotQuery))


def search(
    request: Request,
    actor: Actor,
    query_class: type[SlotQuery] = SlotQuery,
) -> dict[str, Any]:
    """What is free in the days that the request's query names.

    Raises:
        ValidationError, NotFoundError, InvalidInputError: it names something else.
        NotBookableError: the service is not booked.
    """
    query = query_class(data=request.query_params)
    query.is_valid(raise_exception=True)
    asked = query.validated_data
    service_id, resource_id = asked["service"], asked.get("resource")
    location = selectors.location_to_search(actor, service_id, asked.get("location"), resource_id)
    moving = None
    if "moving" in asked:
        moving = selectors.appointments_for(actor).filter(pk=asked["moving"]).first()
        if moving is None:
            raise NotFoundError("There is no such appointment.")
    return free_times(actor, asked, service_id, location, moving)


def search_to_move(request: Request, actor: Actor, appointment: Appointment) -> dict[str, Any]:
    """The times to which the appointment could be moved, in the days that the query names.

    Raises:
        ValidationError: it names no days.
        NotBookableError: the service is not booked any more.
    """
    query = MoveQuery(data=request.query_params)
    query.is_valid(raise_exception=True)
    return free_times(
        actor, query.validated_data, appointment.service_id, appointment.location, appointment
    )


def free_times(
    actor: Actor,
    asked: Mapping[str, Any],
    service_id: int,
    location: Location,
    moving: Appointment | None,
) -> dict[str, Any]:
    """The document of what is free; customers see what they may book."""
    first, last = days_of(location, asked.get("first"), asked["days"])
    found = selectors.free_slots(
        service_id=service_id,
        location=location,
        first=first,
        last=last,
        resource_id=asked.get("resource"),
        for_customer=not actor.may(Role.VIEWER),
        moving=moving,
    )
    return free_slots_document(location, found)


def days_of(location: Location, first: date | None, days: int) -> tuple[datetime, datetime]:
    """From the first midnight on the location's wall to the last; nothing for the far future."""
    today = clock.local_date(location.zone)
    first = max(first or today, today)
    if first > today + FARTHEST:
        first, days = today, 0
    midnight = time()
    return (
        instant(first, midnight, location.zone),
        instant(first + timedelta(days=days), midnight, location.zone),
    )


class HoldViewSet(CreateMixin):
    """Times that are kept while somebody fills in a form."""

    roles = {"create": Role.STAFF, "destroy": Role.STAFF}
    serializer_class = HoldSerializer
    input_serializers = {"create": WishInput}

    def get_queryset(self) -> QuerySet[SlotHold]:
        return SlotHold.objects.all()

    def create_row(self, **fields: Any) -> SlotHold:
        return bookings.hold_create(actor=self.actor, wish=wish_of(fields))

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Gives the time back."""
        bookings.hold_release(actor=self.actor, hold_id=self.get_object().pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AppointmentFilter(FilterSet):  # type: ignore[misc]
    """``?location=2&resource=7&state=booked&first=2026-11-24T00:00Z&last=…``"""

    location = NumberFilter(field_name="location_id")
    service = NumberFilter(field_name="service_id")
    customer = NumberFilter(field_name="customer_id")
    resource = NumberFilter(field_name="resources__resource_id", distinct=True)
    state = ChoiceFilter(choices=AppointmentState.choices)
    first = IsoDateTimeFilter(field_name="starts_at", lookup_expr="gte")
    last = IsoDateTimeFilter(field_name="starts_at", lookup_expr="lt")


class AppointmentViewSet(CreateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """Appointments, and everything that is done with them."""

    roles = {
        "list": Role.VIEWER,
        "retrieve": Role.VIEWER,
        "events": Role.VIEWER,
        "create": Role.STAFF,
        "series": Role.STAFF,
        "confirm": Role.STAFF,
        "decline": Role.STAFF,
        "reschedule": Role.STAFF,
        "cancel": Role.STAFF,
        "fulfil": Role.STAFF,
        "no_show": Role.STAFF,
    }
    serializer_class = AppointmentSerializer
    input_serializers = {
        "create": AppointmentInput,
        "series": SeriesInput,
        "reschedule": RescheduleInput,
        "decline": ReasonInput,
        "cancel": ReasonInput,
    }
    filter_backends = [DjangoFilterBackend]
    filterset_class = AppointmentFilter

    def get_queryset(self) -> QuerySet[Appointment]:
        if getattr(self, "swagger_fake_view", False):
            return Appointment.objects.none()
        return selectors.appointments_for(self.actor)

    def create_row(self, **fields: Any) -> Appointment:
        details = details_of(fields, "staff")
        if "hold" in fields:
            return bookings.appointment_book_held(
                actor=self.actor, hold_id=fields["hold"], details=details
            )
        return bookings.appointment_book(actor=self.actor, wish=wish_of(fields), details=details)

    @extend_schema(responses={201: AppointmentSerializer(many=True)})
    @action(detail=False, methods=["post"])
    def series(self, request: Request, **kwargs: Any) -> Response:
        """Books the same wall time every so many weeks; conflicts are shown, or left out."""
        fields = self.validated()
        booked = bookings.series_book(
            actor=self.actor,
            wish=wish_of(fields),
            details=details_of(fields, "staff"),
            weeks=fields["weeks"],
            times=fields["times"],
            skip_conflicts=fields["skip_conflicts"],
        )
        rows = [represent(AppointmentSerializer, row) for row in booked]
        return Response(rows, status=status.HTTP_201_CREATED)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Approves what was asked for."""
        return self._moved(bookings.appointment_confirm, pk)

    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Refuses what was asked for."""
        return self._moved(bookings.appointment_decline, pk, **self.validated())

    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Frees the time."""
        return self._moved(bookings.appointment_cancel, pk, **self.validated())

    @action(detail=True, methods=["post"])
    def reschedule(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Takes another time, resource or length, and frees the old; both or neither."""
        fields = self.validated()
        return self._moved(
            bookings.appointment_reschedule,
            pk,
            starts_at=fields["starts_at"],
            resource_id=fields.get("resource"),
            length=fields.get("length"),
        )

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def fulfil(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """It took place."""
        return self._moved(bookings.appointment_fulfil, pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="no-show")
    def no_show(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """The customer did not come."""
        return self._moved(bookings.appointment_mark_no_show, pk)

    @extend_schema(responses=AppointmentEventSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def events(self, request: Request, **kwargs: Any) -> Response:
        """What happened to the appointment, oldest first."""
        rows = self.get_object().events.order_by("id")
        return Response(AppointmentEventSerializer(rows, many=True).data)

    def _moved(
        self, service: Callable[..., Appointment], appointment_id: int, **more: Any
    ) -> Response:
        return self.answer(service(actor=self.actor, appointment_id=appointment_id, **more))


def wish_of(fields: dict[str, Any]) -> Wish:
    """What a body wishes to book."""
    return Wish(
        fields["service"], fields["starts_at"], fields.get("location"), fields.get("resource")
    )


def details_of(fields: dict[str, Any], source: str) -> Details:
    """What a body says besides the time."""
    return Details(fields.get("customer"), fields["note"], fields["answers"], source)
