"""Waiting for a time that becomes free, and answering what is offered."""

from typing import Any

from django.db.models import QuerySet
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django_filters import ChoiceFilter, FilterSet, NumberFilter
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from appointments import selectors
from appointments.api.public import ProviderPublicView, customer_of
from appointments.api.serializers.appointments import (
    AppointmentSerializer,
    HeldAppointmentSerializer,
)
from appointments.api.serializers.waitlist import (
    AcceptOfferInput,
    AnswerOfferInput,
    HeldEntrySerializer,
    PublicWaitlistInput,
    WaitlistEntrySerializer,
    WaitlistInput,
)
from appointments.models import Appointment, WaitlistEntry, WaitlistState
from appointments.services.bookings import Details
from appointments.services.offers import offer_accept, offer_refuse
from appointments.services.seats import Wish
from appointments.services.waitlist import waitlist_join, waitlist_leave
from appointments.tokens import APPOINTMENT, WAITLIST
from events.api import GivenTokenMixin, TokenNotRecordedMixin
from providers.actors import Actor
from providers.api.base import CreateMixin, represent
from providers.api.public import PublicView
from providers.models import Role
from waitlessq.db.transactions import one_transaction
from waitlessq.errors import InvalidInputError
from waitlessq.tokens import held_by

WAITLIST_HEADER = "Waitlist-Token"
WAITLIST_PARAMETER = OpenApiParameter(
    WAITLIST_HEADER, str, OpenApiParameter.HEADER, required=True, description="From joining."
)


class WaitlistFilter(FilterSet):  # type: ignore[misc]
    """``?location=2&service=5&state=waiting``"""

    location = NumberFilter(field_name="location_id")
    service = NumberFilter(field_name="service_id")
    state = ChoiceFilter(choices=WaitlistState.choices)


class WaitlistViewSet(CreateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """Who waits for a time that becomes free."""

    roles = {
        "list": Role.VIEWER,
        "retrieve": Role.VIEWER,
        "create": Role.STAFF,
        "leave": Role.STAFF,
        "accept": Role.STAFF,
        "refuse": Role.STAFF,
    }
    serializer_class = WaitlistEntrySerializer
    input_serializers = {
        "create": WaitlistInput,
        "accept": AcceptOfferInput,
        "refuse": AnswerOfferInput,
    }
    filter_backends = [DjangoFilterBackend]
    filterset_class = WaitlistFilter

    def get_queryset(self) -> QuerySet[WaitlistEntry]:
        if getattr(self, "swagger_fake_view", False):
            return WaitlistEntry.objects.none()
        return selectors.waitlist_for(self.actor)

    def create_row(self, **fields: Any) -> WaitlistEntry:
        return joined(self.actor, fields)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Takes them off the list; what is offered goes to the next."""
        return self.answer(waitlist_leave(actor=self.actor, entry_id=self.get_object().pk))

    @extend_schema(responses={201: AppointmentSerializer})
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Books what is offered, as they said by phone."""
        appointment = accepted(self.actor, self.get_object().pk, self.validated(), "staff")
        body = represent(AppointmentSerializer, appointment)
        return Response(body, status=status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """They do not want what is offered; it goes to the next, and they wait on."""
        entry = self.get_object()
        offer_refuse(actor=self.actor, entry_id=entry.pk, offer_id=self.validated()["offer"])
        return self.answer(self.get_object())


def joined(actor: Actor, fields: dict[str, Any]) -> WaitlistEntry:
    """What a body asks to wait for."""
    wish = Wish(fields["service"], fields["first"], fields.get("location"), fields.get("resource"))
    return waitlist_join(
        actor=actor, wish=wish, last=fields["last"], customer=fields.get("customer")
    )


def accepted(actor: Actor, entry_id: int, fields: dict[str, Any], source: str) -> Appointment:
    """What a body accepts."""
    return offer_accept(
        actor=actor,
        entry_id=entry_id,
        offer_id=fields["offer"],
        details=Details(None, fields["note"], fields["answers"], source),
    )


class PublicWaitlistView(GivenTokenMixin, ProviderPublicView):
    """Joining the wait list."""

    http_method_names = ["post"]
    signer = WAITLIST

    def idempotency_scope(self) -> str:
        return f"provider:{self.provider.pk}/waitlist/customers"

    @extend_schema(request=PublicWaitlistInput, responses={201: HeldEntrySerializer})
    def post(self, request: Request, provider: str) -> Response:
        """Waits for a time that becomes free; keep the token, it is shown to nobody else."""
        body = PublicWaitlistInput(data=request.data)
        body.is_valid(raise_exception=True)
        fields = body.validated_data
        if not (fields["email"].strip() or fields["phone"].strip()):
            # Whom nobody can tell, nobody can offer a time.
            raise InvalidInputError("email", gettext("Write an e-mail address or a phone number."))
        with one_transaction():
            fields["customer"] = customer_of(self.customer, fields)
            entry = joined(self.customer, fields)
            held = represent(HeldEntrySerializer, entry)
        return Response(held, status=status.HTTP_201_CREATED)


class HeldEntryView(PublicView):
    """The entry of the wait list whose token the request carries."""

    http_method_names = ["get", "head"]
    entry: WaitlistEntry

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        token = request.headers.get(WAITLIST_HEADER, "")
        self.entry = held_by(token, WAITLIST, selectors.public_entry)
        self.enter(self.entry.provider)

    @extend_schema(parameters=[WAITLIST_PARAMETER], responses=HeldEntrySerializer)
    def get(self, request: Request) -> Response:
        """What I wait for, and what is kept for me now."""
        response = Response(represent(HeldEntrySerializer, self.entry))
        patch_cache_control(response, private=True, no_store=True)
        return response


class HeldEntryActionView(TokenNotRecordedMixin, HeldEntryView):
    """Something that whoever waits does; answers with the entry after it."""

    http_method_names = ["post"]
    signer = WAITLIST

    def idempotency_scope(self) -> str:
        return f"provider:{self.provider.pk}/waitlist:{self.entry.pk}"

    @property
    def whose(self) -> dict[str, Any]:
        """What names the holder and the entry to a service."""
        return {"actor": Actor.customer(self.provider), "entry_id": self.entry.pk}


class LeaveWaitlistView(HeldEntryActionView):
    """Waiting no more."""

    @extend_schema(request=None, parameters=[WAITLIST_PARAMETER], responses=HeldEntrySerializer)
    def post(self, request: Request) -> Response:
        """I do not wait any more; once more does nothing."""
        return Response(represent(HeldEntrySerializer, waitlist_leave(**self.whose)))


class RefuseOfferView(HeldEntryActionView):
    """Giving back what is offered."""

    @extend_schema(
        request=AnswerOfferInput,
        parameters=[WAITLIST_PARAMETER],
        responses=HeldEntrySerializer,
    )
    def post(self, request: Request) -> Response:
        """Not this time; I wait for another one."""
        body = AnswerOfferInput(data=request.data)
        body.is_valid(raise_exception=True)
        offer_refuse(**self.whose, offer_id=body.validated_data["offer"])
        return Response(represent(HeldEntrySerializer, self.entry))


class AcceptOfferView(HeldEntryActionView):
    """Booking what is offered."""

    signer = APPOINTMENT

    @extend_schema(
        request=AcceptOfferInput,
        parameters=[WAITLIST_PARAMETER],
        responses={201: HeldAppointmentSerializer},
    )
    def post(self, request: Request) -> Response:
        """I take it: answers with the appointment; keep its token."""
        body = AcceptOfferInput(data=request.data)
        body.is_valid(raise_exception=True)
        with one_transaction():
            appointment = accepted(
                self.whose["actor"], self.entry.pk, body.validated_data, "waitlist"
            )
            held = represent(HeldAppointmentSerializer, appointment)
        return Response(held, status=status.HTTP_201_CREATED)
