"""Calendars: one's own bookings to follow, and others that say when a resource is busy."""

from typing import Any

from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework import serializers as drf
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from appointments import selectors
from appointments.api.public import APPOINTMENT_PARAMETER, HeldAppointmentView
from appointments.api.views import OfResourceFilter
from appointments.links import feed_address
from appointments.models import BusyFeed, Resource
from appointments.services.feeds import (
    busy_feed_add,
    busy_feed_remove,
    busy_feed_retry,
    calendar_feed_close,
    calendar_feed_mail,
    calendar_feed_open,
)
from providers import selectors as provider_selectors
from providers.actors import Actor
from providers.api.base import CreateMixin, ProviderViewSet, represent
from providers.api.fields import RowField
from providers.models import Member, Role, User
from waitlessq.errors import InvalidInputError

LONGEST_URL = 2000


class FeedSerializer(drf.Serializer[Any]):
    """Where a calendar program finds the bookings; the address is secret."""

    url = drf.URLField()


class BusyFeedSerializer(drf.ModelSerializer[BusyFeed]):
    """A calendar elsewhere; whoever knows its whole address can read it, so nobody is told that."""

    shown_as = drf.CharField(read_only=True, help_text="Host and last letters of its address.")

    class Meta:
        model = BusyFeed
        fields = [
            "id", "resource", "shown_as", "read_at", "problem", "failing_since", "failures",
            "due_at",
        ]  # fmt: skip
        read_only_fields = fields


class BusyFeedInput(drf.Serializer[Any]):
    resource = RowField(Resource, selectors.resources_for)
    url = drf.CharField(max_length=LONGEST_URL)


class BusyFeedViewSet(CreateMixin, mixins.ListModelMixin, mixins.RetrieveModelMixin):
    """Calendars elsewhere in which resources are busy."""

    roles = {
        "list": Role.MANAGER,
        "retrieve": Role.MANAGER,
        "create": Role.MANAGER,
        "destroy": Role.MANAGER,
        "retry": Role.MANAGER,
    }
    serializer_class = BusyFeedSerializer
    input_serializers = {"create": BusyFeedInput}
    filter_backends = [DjangoFilterBackend]
    filterset_class = OfResourceFilter

    def get_queryset(self) -> QuerySet[BusyFeed]:
        if getattr(self, "swagger_fake_view", False):
            return BusyFeed.objects.none()
        return selectors.busy_feeds_for(self.actor)

    def create_row(self, **fields: Any) -> BusyFeed:
        return busy_feed_add(actor=self.actor, **fields)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What it said blocks nothing any more."""
        busy_feed_remove(actor=self.actor, feed=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=BusyFeedSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, **kwargs: Any) -> Response:
        """It is read within a minute, however long it could not be."""
        feed = self.get_object()
        busy_feed_retry(actor=self.actor, feed=feed)
        return Response(represent(BusyFeedSerializer, feed))


class MemberFeedView(ProviderViewSet):
    """A member's own bookings as a calendar."""

    roles = {"open": Role.VIEWER, "close": Role.VIEWER}
    serializer_class = FeedSerializer
    answers_are_secret = True

    @extend_schema(request=None, responses=FeedSerializer)
    def open(self, request: Request, **kwargs: Any) -> Response:
        """The secret address of my calendar; the same one until it is closed."""
        feed = calendar_feed_open(actor=self.actor, member=self._member(request))
        return feed_answer(request, feed.pk)

    @extend_schema(responses={204: None})
    def close(self, request: Request, **kwargs: Any) -> Response:
        """The address leads nowhere any more."""
        feed = selectors.feed_of_member(self._member(request))
        if feed is not None:
            calendar_feed_close(feed=feed)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _member(self, request: Request) -> Member:
        if isinstance(request.user, User):
            found = provider_selectors.membership(request.user, self.actor.provider.slug)
            if found is not None:
                return found
        raise InvalidInputError("Authorization", "A key has no bookings. Sign in as a member.")


class CustomerFeedView(HeldAppointmentView):
    """A customer's bookings as a calendar."""

    http_method_names = ["post"]

    @extend_schema(request=None, parameters=[APPOINTMENT_PARAMETER], responses={202: None})
    def post(self, request: Request) -> Response:
        """Mails the secret address of a calendar with all that I have booked there, to me."""
        calendar_feed_mail(actor=Actor.customer(self.provider), appointment=self.appointment)
        return Response(status=status.HTTP_202_ACCEPTED)


def feed_answer(request: Request, feed_id: int) -> Response:
    """Where the feed is found, for nobody to keep."""
    url = feed_address(request, feed_id)
    return Response({"url": url}, headers={"Cache-Control": "private, no-store"})
