"""What customers use without an account: free times, holds, and their own appointment."""

import json
from typing import Any

from django.http import Http404
from django.utils.cache import patch_cache_control
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from appointments import selectors
from appointments.api.serializers.appointments import (
    HeldAppointmentSerializer,
    PublicBookInput,
    PublicRescheduleInput,
    PublicSeriesInput,
)
from appointments.api.serializers.offering import PublicBookingSerializer
from appointments.api.serializers.slots import (
    FreeSlotsSerializer,
    MoveQuery,
    PublicHoldSerializer,
    SlotQuery,
    WishInput,
)
from appointments.api.views import details_of, search, search_to_move, wish_of
from appointments.models import Appointment, Resource, ResourceKind, SlotHold
from appointments.services import bookings
from appointments.tokens import APPOINTMENT, HOLD
from events.api import GivenTokenMixin, TokenNotRecordedMixin
from providers.actors import Actor
from providers.api.base import represent
from providers.api.public import PublicView
from providers.models import Customer, Location
from providers.selectors import provider_by_slug
from providers.services.customers import customer_find_or_create
from waitlessq.db.transactions import one_transaction
from waitlessq.tokens import held_by, id_from

APPOINTMENT_HEADER = "Appointment-Token"
HOLD_HEADER = "Hold-Token"
APPOINTMENT_PARAMETER = OpenApiParameter(
    APPOINTMENT_HEADER, str, OpenApiParameter.HEADER, required=True, description="From booking."
)
HOLD_PARAMETER = OpenApiParameter(
    HOLD_HEADER, str, OpenApiParameter.HEADER, required=True, description="From holding."
)


class ProviderPublicView(PublicView):
    """A view of a provider that everybody may name."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        found = provider_by_slug(kwargs["provider"])
        if found is None:
            raise Http404
        self.enter(found)

    @property
    def customer(self) -> Actor:
        """Whoever asks."""
        return Actor.customer(self.provider)


class PublicBookingView(ProviderPublicView):
    """What can be booked."""

    http_method_names = ["get", "head"]

    @extend_schema(responses=PublicBookingSerializer)
    def get(self, request: Request, provider: str) -> Response:
        """The services, with their questions and who does them, and the locations."""
        staff = Resource.objects.filter(kind=ResourceKind.STAFF, is_active=True)
        staff = staff.prefetch_related("services").order_by("rank", "id")
        document = PublicBookingSerializer(
            {
                "services": selectors.bookable_policies(),
                "locations": Location.objects.filter(resources__is_active=True).distinct(),
                "staff": staff,
            },
            context={"staff": staff},
        )
        return Response(document.data)


class PublicSlotsView(ProviderPublicView):
    """Free times."""

    http_method_names = ["get", "head"]

    @extend_schema(parameters=[SlotQuery], responses=FreeSlotsSerializer)
    def get(self, request: Request, provider: str) -> Response:
        """When a service can be booked, within its notice and horizon."""
        response = Response(search(request, self.customer))
        patch_cache_control(response, public=True, max_age=1)
        return response


class PublicHoldsView(GivenTokenMixin, ProviderPublicView):
    """Keeping a time."""

    http_method_names = ["post"]
    signer = HOLD

    def idempotency_scope(self) -> str:
        return f"provider:{self.provider.pk}/holds/customers"

    @extend_schema(request=WishInput, responses={201: PublicHoldSerializer})
    def post(self, request: Request, provider: str) -> Response:
        """Keeps a time until `expires_at`, while one fills in the form."""
        body = WishInput(data=request.data)
        body.is_valid(raise_exception=True)
        hold = bookings.hold_create(actor=self.customer, wish=wish_of(body.validated_data))
        return Response(represent(PublicHoldSerializer, hold), status=status.HTTP_201_CREATED)


class PublicHoldReleaseView(PublicView):
    """Giving a kept time back."""

    http_method_names = ["post"]
    hold: SlotHold

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        token = request.headers.get(HOLD_HEADER, "")
        self.hold = held_by(token, HOLD, selectors.public_hold)
        self.enter(self.hold.provider)

    @extend_schema(request=None, parameters=[HOLD_PARAMETER], responses={204: None})
    def post(self, request: Request) -> Response:
        """I do not want the time after all."""
        bookings.hold_release(actor=Actor.customer(self.provider), hold_id=self.hold.pk)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PublicAppointmentsView(GivenTokenMixin, ProviderPublicView):
    """Booking."""

    http_method_names = ["post"]
    signer = APPOINTMENT

    def idempotency_scope(self) -> str:
        return f"provider:{self.provider.pk}/appointments/customers"

    @extend_schema(
        request=PublicBookInput,
        responses={201: HeldAppointmentSerializer},
    )
    def post(self, request: Request, provider: str) -> Response:
        """Books a held time, or one directly; keep the token, it is shown to nobody else."""
        body = PublicBookInput(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        with one_transaction():
            fields["customer"] = customer_of(self.customer, fields)
            details = details_of(fields, "pwa")
            if "hold" in fields:
                hold_id = id_from(HOLD, fields["hold"])
                appointment = bookings.appointment_book_held(
                    actor=self.customer, hold_id=hold_id or 0, details=details
                )
            else:
                appointment = bookings.appointment_book(
                    actor=self.customer, wish=wish_of(fields), details=details
                )
            held = represent(HeldAppointmentSerializer, appointment)
        return Response(held, status=status.HTTP_201_CREATED)


class PublicSeriesView(GivenTokenMixin, ProviderPublicView):
    """Booking the same wall time again and again."""

    http_method_names = ["post"]
    signer = APPOINTMENT

    def idempotency_scope(self) -> str:
        return f"provider:{self.provider.pk}/series/customers"

    def to_record(self, data: Any) -> Any:
        return [super(PublicSeriesView, self).to_record(one) for one in data]

    def from_record(self, text: str) -> str:
        recorded = (json.dumps(one) for one in json.loads(text))
        given = (super(PublicSeriesView, self).from_record(one) for one in recorded)
        return f"[{','.join(given)}]"

    @extend_schema(request=PublicSeriesInput, responses={201: HeldAppointmentSerializer(many=True)})
    def post(self, request: Request, provider: str) -> Response:
        """Books all of them or none; conflicts are shown, or left out. Keep the tokens."""
        body = PublicSeriesInput(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        with one_transaction():
            fields["customer"] = customer_of(self.customer, fields)
            booked = bookings.series_book(
                actor=self.customer,
                wish=wish_of(fields),
                details=details_of(fields, "pwa"),
                weeks=fields["weeks"],
                times=fields["times"],
                skip_conflicts=fields["skip_conflicts"],
                hold_id=id_from(HOLD, fields.get("hold", "")),
            )
            held = [represent(HeldAppointmentSerializer, one) for one in booked]
        return Response(held, status=status.HTTP_201_CREATED)


def customer_of(actor: Actor, fields: dict[str, Any]) -> Customer | None:
    """Who a body is about; None for whoever says nothing of themselves."""
    said = {name: fields[name] for name in ("name", "phone", "email")}
    if not any(text.strip() for text in said.values()):
        return None
    location = Location.objects.first()
    return customer_find_or_create(
        actor=actor,
        **said,
        region=location.phone_region if location else None,
        language=fields.get("language", ""),
    )


class HeldAppointmentView(PublicView):
    """The appointment whose token the request carries."""

    http_method_names = ["get", "head"]
    appointment: Appointment

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        token = request.headers.get(APPOINTMENT_HEADER, "")
        self.appointment = held_by(token, APPOINTMENT, selectors.public_appointment)
        self.enter(self.appointment.provider)

    @extend_schema(parameters=[APPOINTMENT_PARAMETER], responses=HeldAppointmentSerializer)
    def get(self, request: Request) -> Response:
        """My appointment."""
        response = Response(represent(HeldAppointmentSerializer, self.appointment))
        patch_cache_control(response, private=True, no_store=True)
        return response


class HeldAppointmentSlotsView(HeldAppointmentView):
    """To which times it could be moved."""

    @extend_schema(
        parameters=[APPOINTMENT_PARAMETER, MoveQuery],
        responses=FreeSlotsSerializer,
    )
    def get(self, request: Request) -> Response:
        """When my appointment could be instead; its own time is not in its way."""
        found = search_to_move(request, Actor.customer(self.provider), self.appointment)
        response = Response(found)
        patch_cache_control(response, private=True, no_store=True)
        return response


class HeldAppointmentActionView(TokenNotRecordedMixin, HeldAppointmentView):
    """Something that an appointment's holder does; answers with the appointment after it."""

    http_method_names = ["post"]
    signer = APPOINTMENT

    def idempotency_scope(self) -> str:
        return f"provider:{self.provider.pk}/appointment:{self.appointment.pk}"

    @property
    def whose(self) -> dict[str, Any]:
        """What names the holder and the appointment to a service."""
        return {
            "actor": Actor.customer(self.provider),
            "appointment_id": self.appointment.pk,
        }

    def answer(self, appointment: Appointment) -> Response:
        """The appointment as its holder sees it."""
        return Response(represent(HeldAppointmentSerializer, appointment))


class CancelHeldAppointmentView(HeldAppointmentActionView):
    """Cancelling."""

    @extend_schema(
        request=None,
        parameters=[APPOINTMENT_PARAMETER],
        responses=HeldAppointmentSerializer,
    )
    def post(self, request: Request) -> Response:
        """I do not come; within the provider's rules."""
        return self.answer(bookings.appointment_cancel(**self.whose))


class RescheduleHeldAppointmentView(HeldAppointmentActionView):
    """Moving."""

    @extend_schema(
        request=PublicRescheduleInput,
        parameters=[APPOINTMENT_PARAMETER],
        responses=HeldAppointmentSerializer,
    )
    def post(self, request: Request) -> Response:
        """I come at another time; the old one is freed when the new one is mine."""
        body = PublicRescheduleInput(data=request.data)
        body.is_valid(raise_exception=True)
        return self.answer(
            bookings.appointment_reschedule(
                **self.whose,
                starts_at=body.validated_data["starts_at"],
                resource_id=body.validated_data.get("resource"),
            )
        )
