"""Queues, counters and tickets for members and API keys."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, ChoiceFilter, DateFilter, FilterSet, NumberFilter
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from providers.api.base import CreateMixin, ProviderViewSet, UpdateMixin, represent
from providers.models import Role
from queues import selectors
from queues.api import serializers
from queues.figures import Period, kept_figures_of
from queues.models import Counter, Queue, Source, Ticket, TicketState
from queues.services import counters, queues, tickets
from queues.services.transfers import ticket_transfer
from queues.services.undo import ticket_undo
from queues.what_if import with_counters
from waitlessq.db.transactions import one_transaction

CONFIGURED_BY_MANAGERS = {
    "list": Role.VIEWER,
    "retrieve": Role.VIEWER,
    "create": Role.MANAGER,
    "partial_update": Role.MANAGER,
}


class QueueViewSet(CreateMixin, UpdateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """Queues of the provider."""

    roles = CONFIGURED_BY_MANAGERS | {"what_if": Role.VIEWER}
    serializer_class = serializers.QueueSerializer
    input_serializers = {
        "create": serializers.QueueInput,
        "partial_update": serializers.QueueUpdate,
    }

    def get_queryset(self) -> QuerySet[Queue]:
        return selectors.queues_for(self.actor)

    def create_row(self, **fields: Any) -> Queue:
        return queues.queue_create(actor=self.actor, **fields)

    def update_row(self, row: Queue, **changes: Any) -> Queue:
        return queues.queue_update(actor=self.actor, queue_id=row.pk, **changes)

    @extend_schema(
        parameters=[serializers.WhatIfQuery], responses=serializers.WhatIfSerializer, filters=False
    )
    @action(detail=True, url_path="what-if", pagination_class=None)
    def what_if(self, request: Request, **kwargs: Any) -> Response:
        """How long people would wait with more counters, or fewer."""
        query = serializers.WhatIfQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        found = with_counters(
            self.get_object(),
            counters=asked["counters"],
            start=asked.get("from"),
            end=asked.get("until"),
        )
        return Response(serializers.WhatIfSerializer(found).data)


class CounterViewSet(CreateMixin, UpdateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """Counters, where tickets are called to."""

    roles = CONFIGURED_BY_MANAGERS | {
        "open": Role.STAFF,
        "close": Role.STAFF,
        "call_next": Role.STAFF,
    }
    serializer_class = serializers.CounterSerializer
    input_serializers = {
        "create": serializers.CounterInput,
        "partial_update": serializers.CounterUpdate,
    }

    def get_queryset(self) -> QuerySet[Counter]:
        return selectors.counters_for(self.actor).prefetch_related("services")

    def create_row(self, **fields: Any) -> Counter:
        return counters.counter_create(actor=self.actor, **fields)

    def update_row(self, row: Counter, **changes: Any) -> Counter:
        counters.counter_update(actor=self.actor, counter_id=row.pk, **changes)
        return self.get_queryset().get(pk=row.pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def open(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Somebody is at the counter now."""
        counters.counter_open(actor=self.actor, counter_id=pk)
        return self.answer(self.get_object())

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Nobody is at the counter any more."""
        counters.counter_close(actor=self.actor, counter_id=pk)
        return self.answer(self.get_object())

    @extend_schema(request=None, responses=serializers.TicketSerializer)
    @action(detail=True, methods=["post"], url_path="call-next")
    def call_next(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Calls whoever is next in the queues that the counter serves."""
        ticket = tickets.ticket_call_next(actor=self.actor, counter_id=pk)
        return Response(represent(serializers.TicketSerializer, ticket))


class TicketFilter(FilterSet):  # type: ignore[misc]
    """``?queue=3&state=waiting&business_date=2026-11-24&reference=…``"""

    queue = NumberFilter(field_name="queue_id")
    state = ChoiceFilter(choices=TicketState.choices)
    business_date = DateFilter()
    reference = CharFilter()


class TicketViewSet(CreateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """Tickets, and everything that a counter does with them."""

    roles = {
        "list": Role.VIEWER,
        "retrieve": Role.VIEWER,
        "events": Role.VIEWER,
        "create": Role.STAFF,
        "call": Role.STAFF,
        "recall": Role.STAFF,
        "start": Role.STAFF,
        "hold": Role.STAFF,
        "resume": Role.STAFF,
        "return_": Role.STAFF,
        "complete": Role.STAFF,
        "no_show": Role.STAFF,
        "rejoin": Role.STAFF,
        "defer": Role.STAFF,
        "postpone": Role.STAFF,
        "transfer": Role.STAFF,
        "cancel": Role.STAFF,
        "undo": Role.STAFF,
    }
    serializer_class = serializers.TicketSerializer
    input_serializers = {
        "create": serializers.JoinInput,
        "call": serializers.CallInput,
        "defer": serializers.DeferInput,
        "postpone": serializers.PostponeInput,
        "transfer": serializers.TransferInput,
    }
    filter_backends = [DjangoFilterBackend]
    filterset_class = TicketFilter

    def get_queryset(self) -> QuerySet[Ticket]:
        if getattr(self, "swagger_fake_view", False):  # The OpenAPI document asks for nobody.
            return Ticket.objects.none()
        return selectors.tickets_for(self.actor)

    @extend_schema(responses={201: serializers.PlacedTicketSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Issues a ticket for somebody who is there, or on behalf of another system."""
        fields = self.validated()
        # One transaction, so that the place is the one at the sequence number.
        with one_transaction():
            ticket = tickets.ticket_join(
                actor=self.actor,
                queue_id=fields["queue"],
                service_id=fields.get("service"),
                priority=fields["priority"],
                people=fields["people"],
                reference=fields.get("reference", ""),
                source=Source(fields["source"]),
                person=serializers.person_from(fields),
            )
            body = represent(serializers.PlacedTicketSerializer, ticket)
        return Response(body, status=status.HTTP_201_CREATED)

    @action(detail=True, methods=["post"])
    def call(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Calls this ticket to a counter, wherever it stands in the line."""
        counter_id = self.validated()["counter"]
        return self.answer(
            tickets.ticket_call(actor=self.actor, ticket_id=pk, counter_id=counter_id)
        )

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def recall(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Calls a called ticket once more."""
        return self._moved(tickets.ticket_recall, pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Service begins."""
        return self._moved(tickets.ticket_start, pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Service pauses; the counter is free for others."""
        return self._moved(tickets.ticket_hold, pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Service goes on, at the same counter."""
        return self._moved(tickets.ticket_resume, pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="return", url_name="return")
    def return_(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """A called, held or deferred person waits again, where they stood in the line."""
        return self._moved(tickets.ticket_return, pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Service ends."""
        return self._moved(tickets.ticket_complete, pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="no-show")
    def no_show(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """The called person did not come."""
        return self._moved(tickets.ticket_mark_no_show, pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def rejoin(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Whoever did not come waits again, where they stood in the line."""
        return self._moved(tickets.ticket_rejoin, pk)

    @action(detail=True, methods=["post"])
    def defer(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Lets so many people go first, or as many as there are behind."""
        people = self.validated()["people"]
        return self.answer(tickets.ticket_defer(actor=self.actor, ticket_id=pk, people=people))

    @action(detail=True, methods=["post"])
    def postpone(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Takes the person out of the line for so many minutes; they keep their place."""
        minutes = self.validated()["minutes"]
        return self.answer(tickets.ticket_postpone(actor=self.actor, ticket_id=pk, minutes=minutes))

    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Sends the ticket into another queue's line; it keeps number and time of issue."""
        queue_id = self.validated()["queue"]
        return self.answer(ticket_transfer(actor=self.actor, ticket_id=pk, queue_id=queue_id))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """The person leaves, or is sent away."""
        return self._moved(tickets.ticket_cancel, pk)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: int, **kwargs: Any) -> Response:
        """Takes back the last change of the ticket, which I made in the last 30 seconds."""
        return self._moved(ticket_undo, pk)

    @extend_schema(responses=serializers.TicketEventSerializer(many=True), filters=False)
    @action(detail=True, pagination_class=None)
    def events(self, request: Request, **kwargs: Any) -> Response:
        """What happened to the ticket, oldest first."""
        rows = selectors.events_of(self.get_object())
        return Response(serializers.TicketEventSerializer(rows, many=True).data)

    def _moved(self, service: Callable[..., Ticket], ticket_id: int) -> Response:
        return self.answer(service(actor=self.actor, ticket_id=ticket_id))


class FiguresViewSet(ProviderViewSet):
    """How long people waited, and whether it was as long as they were told."""

    roles = {"retrieve": Role.VIEWER}
    serializer_class = serializers.FiguresSerializer

    @extend_schema(parameters=[serializers.PeriodQuery])
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        """The figures of a period of up to 400 days; of the last seven, if none is named."""
        query = serializers.PeriodQuery(
            data=request.query_params, context=self.get_serializer_context()
        )
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        location = asked.get("location")
        period = Period.of(
            asked.get("from"), asked.get("until"), today=selectors.local_date(self.actor, location)
        )
        queue_ids = selectors.queue_ids(self.actor, location)
        return Response(serializers.FiguresSerializer(kept_figures_of(queue_ids, period)).data)
