"""A freed time that is offered to whoever waits in a line, by their ticket's token."""

from typing import Any

from django.utils.cache import patch_cache_control
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as drf
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.api.serializers.appointments import HeldAppointmentSerializer
from appointments.api.serializers.waitlist import AnswerOfferInput, OfferSerializer
from appointments.selectors import offer_of_holder
from appointments.tokens import APPOINTMENT
from providers.actors import Actor
from providers.api.base import represent
from queues.api import serializers
from queues.api.public import TOKEN_PARAMETER, HeldTicketActionView, HeldTicketView
from queues.services.offers import holder_of, ticket_accept_offer, ticket_refuse_offer
from waitlessq.db.transactions import one_transaction


class TicketOfferSerializer(drf.Serializer[Any]):
    """What is kept for whoever waits; null if nothing is."""

    offer = OfferSerializer(allow_null=True)


class TicketOfferView(HeldTicketView):
    """What is offered to a ticket."""

    http_method_names = ["get", "head"]

    @extend_schema(parameters=[TOKEN_PARAMETER], responses=TicketOfferSerializer)
    def get(self, request: Request) -> Response:
        """The time that is kept for me instead of waiting, while it is."""
        found = offer_of_holder(holder_of(self.ticket.pk))
        response = Response(TicketOfferSerializer({"offer": found}).data)
        patch_cache_control(response, private=True, no_store=True)
        return response


class AcceptTicketOfferView(HeldTicketActionView):
    """Taking the time instead of waiting."""

    signer = APPOINTMENT

    @extend_schema(
        request=AnswerOfferInput,
        parameters=[TOKEN_PARAMETER],
        responses={201: HeldAppointmentSerializer},
    )
    def post(self, request: Request) -> Response:
        """I take it: my ticket leaves the line; answers with the appointment, keep its token."""
        body = AnswerOfferInput(data=request.data)
        body.is_valid(raise_exception=True)
        with one_transaction():
            appointment = ticket_accept_offer(
                actor=Actor.customer(self.provider),
                ticket_id=self.ticket.pk,
                offer_id=body.validated_data["offer"],
            )
            held = represent(HeldAppointmentSerializer, appointment)
        return Response(held, status=status.HTTP_201_CREATED)


class RefuseTicketOfferView(HeldTicketActionView):
    """Waiting on."""

    @extend_schema(
        request=AnswerOfferInput,
        parameters=[TOKEN_PARAMETER],
        responses=serializers.HeldTicketSerializer,
    )
    def post(self, request: Request) -> Response:
        """I stay in line; the time is offered to the one after."""
        body = AnswerOfferInput(data=request.data)
        body.is_valid(raise_exception=True)
        ticket_refuse_offer(
            actor=Actor.customer(self.provider),
            ticket_id=self.ticket.pk,
            offer_id=body.validated_data["offer"],
        )
        return Response(represent(serializers.HeldTicketSerializer, self.ticket))
