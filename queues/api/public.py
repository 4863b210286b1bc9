"""What customers use without an account: the provider, a queue's snapshot, their own ticket."""

import time
from typing import Any

from django.http import Http404
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from events.api import GivenTokenMixin, TokenNotRecordedMixin
from providers.actors import Actor
from providers.api.base import represent
from providers.api.public import PublicView
from providers.selectors import provider_by_slug
from queues import selectors
from queues.api import serializers
from queues.models import Queue, Source, Ticket
from queues.services.tickets import (
    ticket_cancel,
    ticket_defer,
    ticket_join,
    ticket_postpone,
    ticket_rejoin,
    ticket_return_early,
)
from queues.snapshot import etag, last_kept_snapshot, read_snapshot
from queues.tokens import TICKET
from queues.why import why_before
from waitlessq.db.reading import read_newest
from waitlessq.db.transactions import one_transaction
from waitlessq.errors import DATABASE_GONE
from waitlessq.tokens import held_by

TOKEN_HEADER = "Ticket-Token"  # noqa: S105 (the name of a header)
TOKEN_PARAMETER = OpenApiParameter(
    TOKEN_HEADER, str, OpenApiParameter.HEADER, required=True, description="From joining."
)
SNAPSHOT_MAX_AGE_SECONDS = 1
ASKED_AGAIN_AFTER_SECONDS = 1.0


class PublicProviderView(PublicView):
    """A provider and the queues that can be joined."""

    @extend_schema(responses=serializers.PublicProviderSerializer)
    def get(self, request: Request, provider: str) -> Response:
        found = provider_by_slug(provider)
        if found is None:
            raise Http404
        self.enter(found)
        return Response(serializers.PublicProviderSerializer(found).data)


class PublicQueueView(PublicView):
    """A view of one queue that everybody may name."""

    queue: Queue

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        read_newest()
        queue = selectors.public_queue(kwargs["queue_id"])
        if queue is None:
            raise Http404
        self.queue = queue
        self.enter(queue.provider)


class SnapshotView(PublicView):
    """The queue as everybody sees it; while there is no database, as it was seen last."""

    _asks_database_at = 0.0

    @extend_schema(
        responses={200: serializers.SnapshotSerializer, 304: None},
        parameters=[OpenApiParameter("If-None-Match", str, OpenApiParameter.HEADER)],
    )
    def get(self, request: Request, queue_id: int) -> Response:
        """The snapshot; 304 when If-None-Match has its ETag."""
        document = self._document(queue_id)
        tag = etag(document)
        # Compared weakly: an edge that compresses makes a weak tag of ours.
        known = {
            t.removeprefix("W/") for t in parse_etags(request.headers.get("If-None-Match", ""))
        }
        is_known = not known.isdisjoint({tag, "*"})
        response = Response(status=304) if is_known else Response(document)
        response["ETag"] = tag
        patch_cache_control(response, public=True, max_age=SNAPSHOT_MAX_AGE_SECONDS)
        return response

    def _document(self, queue_id: int) -> dict[str, Any]:
        kept = None
        if time.monotonic() < SnapshotView._asks_database_at:
            kept = last_kept_snapshot(queue_id)
        try:
            return kept or self._newest(queue_id)
        except DATABASE_GONE:
            # Not everybody is to wait for it in vain.
            SnapshotView._asks_database_at = time.monotonic() + ASKED_AGAIN_AFTER_SECONDS
            kept = last_kept_snapshot(queue_id)
            if kept is None:
                raise
            return kept

    def _newest(self, queue_id: int) -> dict[str, Any]:
        read_newest()
        queue = selectors.public_queue(queue_id)
        if queue is None:
            raise Http404
        self.enter(queue.provider)
        return read_snapshot(queue)


class PublicJoinView(GivenTokenMixin, PublicQueueView):
    """Joining a queue."""

    signer = TICKET

    def idempotency_scope(self) -> str:
        return f"provider:{self.provider.pk}/queue:{self.queue.pk}/customers"

    @extend_schema(
        request=serializers.PublicJoinInput, responses={201: serializers.HeldTicketSerializer}
    )
    def post(self, request: Request, queue_id: int) -> Response:
        """Issues a ticket; keep its token, it is shown to nobody else."""
        body = serializers.PublicJoinInput(data=request.data)
        body.is_valid(raise_exception=True)
        # One transaction, so that the place is the one at the sequence number.
        with one_transaction():
            ticket = ticket_join(
                actor=Actor.customer(self.provider),
                queue_id=queue_id,
                source=Source.PWA,
                service_id=body.validated_data.get("service"),
                people=body.validated_data["people"],
                person=serializers.person_from(body.validated_data),
            )
            held = represent(serializers.HeldTicketSerializer, ticket)
        return Response(held, status=status.HTTP_201_CREATED)


class HeldTicketView(PublicView):
    """The ticket whose token the request carries."""

    ticket: Ticket

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        token = request.headers.get(TOKEN_HEADER, "")
        self.ticket = held_by(token, TICKET, selectors.public_ticket)
        self.enter(self.ticket.provider)

    @extend_schema(parameters=[TOKEN_PARAMETER], responses=serializers.HeldTicketSerializer)
    def get(self, request: Request) -> Response:
        """My ticket, and its place now."""
        response = Response(represent(serializers.HeldTicketSerializer, self.ticket))
        patch_cache_control(response, private=True, no_store=True)
        return response


class WhyView(HeldTicketView):
    """Why somebody was called before the ticket's holder."""

    @extend_schema(
        parameters=[TOKEN_PARAMETER, serializers.WhyInput], responses=serializers.WhySerializer
    )
    def get(self, request: Request) -> Response:
        """Why was this number called before mine?"""
        asked = serializers.WhyInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        why = why_before(self.ticket, asked.validated_data["code"])
        response = Response(represent(serializers.WhySerializer, why))
        patch_cache_control(response, private=True, no_store=True)
        return response


class HeldTicketActionView(TokenNotRecordedMixin, HeldTicketView):
    """Something that a ticket's holder does; answers with the ticket after it."""

    http_method_names = ["post"]
    signer = TICKET

    def idempotency_scope(self) -> str:
        return f"provider:{self.provider.pk}/ticket:{self.ticket.pk}"

    def answer(self, ticket: Ticket) -> Response:
        """The ticket as its holder sees it."""
        return Response(represent(serializers.HeldTicketSerializer, ticket))

    @property
    def whose(self) -> dict[str, Any]:
        """What names the holder and the ticket to a service."""
        return {"actor": Actor.customer(self.provider), "ticket_id": self.ticket.pk}


class CancelHeldTicketView(HeldTicketActionView):
    """Leaving the queue."""

    @extend_schema(
        request=None, parameters=[TOKEN_PARAMETER], responses=serializers.HeldTicketSerializer
    )
    def post(self, request: Request) -> Response:
        """I leave: the next person moves up."""
        return self.answer(ticket_cancel(**self.whose))


class RejoinHeldTicketView(HeldTicketActionView):
    """Waiting again after a missed call."""

    @extend_schema(
        request=None, parameters=[TOKEN_PARAMETER], responses=serializers.HeldTicketSerializer
    )
    def post(self, request: Request) -> Response:
        """I missed my call and am here now: I wait again where I stood."""
        # One transaction, so that the place is the one at the sequence number.
        with one_transaction():
            return self.answer(ticket_rejoin(**self.whose))


class DeferHeldTicketView(HeldTicketActionView):
    """Letting others go first."""

    @extend_schema(
        request=serializers.DeferInput,
        parameters=[TOKEN_PARAMETER],
        responses=serializers.HeldTicketSerializer,
    )
    def post(self, request: Request) -> Response:
        """I let so many people go first, or as many as there are behind me."""
        body = serializers.DeferInput(data=request.data)
        body.is_valid(raise_exception=True)
        with one_transaction():
            return self.answer(ticket_defer(**self.whose, people=body.validated_data["people"]))


class PostponeHeldTicketView(HeldTicketActionView):
    """Asking for more time."""

    @extend_schema(
        request=serializers.PostponeInput,
        parameters=[TOKEN_PARAMETER],
        responses=serializers.HeldTicketSerializer,
    )
    def post(self, request: Request) -> Response:
        """I need so many more minutes: I am not called meanwhile, and keep my place."""
        body = serializers.PostponeInput(data=request.data)
        body.is_valid(raise_exception=True)
        with one_transaction():
            return self.answer(ticket_postpone(**self.whose, **body.validated_data))


class ReturnHeldTicketView(HeldTicketActionView):
    """Being ready before the time that was asked for is over."""

    @extend_schema(
        request=None, parameters=[TOKEN_PARAMETER], responses=serializers.HeldTicketSerializer
    )
    def post(self, request: Request) -> Response:
        """I am ready: I wait again where I stood."""
        # One transaction, so that the place is the one at the sequence number.
        with one_transaction():
            return self.answer(ticket_return_early(**self.whose))
