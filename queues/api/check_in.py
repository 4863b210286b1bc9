"""Where bookings and tickets meet, for members, keys and whoever has an appointment's token."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers as drf
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.api.public import APPOINTMENT_PARAMETER, HeldAppointmentActionView
from appointments.api.serializers.appointments import AppointmentSerializer
from appointments.api.serializers.fields import IdField, StartField
from providers.api.base import ProviderViewSet, represent
from providers.models import Role
from queues.api import serializers
from queues.services.check_in import ticket_book, ticket_check_in, ticket_walk_in
from queues.tokens import TICKET
from waitlessq.db.transactions import one_transaction


class QueueOrNot(drf.Serializer[Any]):
    queue = IdField(required=False)


class BookTicketInput(drf.Serializer[Any]):
    starts_at = StartField()
    resource = IdField(required=False)


class PresenceInput(drf.Serializer[Any]):
    """That one is there, where the queue is not joined from anywhere."""

    code = drf.CharField(
        max_length=20, required=False, default="", allow_blank=True,
        help_text="What a kiosk or board at the place shows.",
    )  # fmt: skip


class CheckInView(ProviderViewSet):
    """Whoever booked a time is there."""

    roles = {"check_in": Role.STAFF, "walk_in": Role.STAFF}
    serializer_class = serializers.PlacedTicketSerializer
    input_serializers = {"check_in": QueueOrNot, "walk_in": QueueOrNot}

    @extend_schema(request=QueueOrNot, responses={201: serializers.PlacedTicketSerializer})
    def check_in(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Issues the ticket of a booking; the booking is `arrived` then."""
        return self._issued(ticket_check_in, pk)

    @extend_schema(request=QueueOrNot, responses={201: serializers.PlacedTicketSerializer})
    def walk_in(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Cancels a booking of today and issues an ordinary ticket instead."""
        return self._issued(ticket_walk_in, pk)

    def _issued(self, service: Any, appointment_id: int) -> Response:
        queue_id = self.validated().get("queue")
        with one_transaction():
            ticket = service(actor=self.actor, appointment_id=appointment_id, queue_id=queue_id)
            body = represent(serializers.PlacedTicketSerializer, ticket)
        return Response(body, status=status.HTTP_201_CREATED)


class BookTicketView(ProviderViewSet):
    """Whoever waits books a time instead."""

    roles = {"book": Role.STAFF}
    serializer_class = AppointmentSerializer
    input_serializers = {"book": BookTicketInput}

    @extend_schema(request=BookTicketInput, responses={201: AppointmentSerializer})
    def book(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Books a time for the ticket's service and takes the ticket out of the line."""
        fields = self.validated()
        appointment = ticket_book(
            actor=self.actor,
            ticket_id=pk,
            starts_at=fields["starts_at"],
            resource_id=fields.get("resource"),
        )
        return self.answer(appointment, status.HTTP_201_CREATED)


class CheckInHeldAppointmentView(HeldAppointmentActionView):
    """Checking in by phone."""

    signer = TICKET

    @extend_schema(
        request=PresenceInput,
        parameters=[APPOINTMENT_PARAMETER],
        responses={201: serializers.HeldTicketSerializer},
    )
    def post(self, request: Request) -> Response:
        """I am here: issues my ticket; keep its token."""
        body = PresenceInput(data=request.data)
        body.is_valid(raise_exception=True)
        with one_transaction():
            ticket = ticket_check_in(**self.whose, code=body.validated_data["code"])
            body = represent(serializers.HeldTicketSerializer, ticket)
        return Response(body, status=status.HTTP_201_CREATED)
