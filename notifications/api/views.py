"""Where browsers subscribe with the token of what they want to hear of, and send receipts."""

from django_scopes import scopes_disabled
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.api.public import APPOINTMENT_PARAMETER, HeldAppointmentView
from appointments.api.waitlist import WAITLIST_PARAMETER, HeldEntryView
from notifications.api import serializers
from notifications.keys import public_key
from notifications.messages import notification_id_from
from notifications.services.subscriptions import (
    Subject,
    notification_shown,
    subscription_add,
    subscription_remove,
    subscription_renew,
    subscription_test,
)
from notifications.tasks import send_due_notifications
from providers.api.public import PublicView
from queues.api.public import TOKEN_PARAMETER, HeldTicketView
from waitlessq.sending import send_soon

DONE = status.HTTP_204_NO_CONTENT


class PushKeyView(PublicView):
    """Whether this platform pushes."""

    http_method_names = ["get", "head"]

    @extend_schema(responses=serializers.PushKeySerializer)
    def get(self, request: Request) -> Response:
        """The key to subscribe with (RFC 8292), in base64url."""
        return Response({"public_key": public_key()})


class PushShownView(PublicView):
    """Receipts."""

    http_method_names = ["post"]

    @extend_schema(request=serializers.ShownInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """The browser showed a message."""
        body = serializers.ShownInput(data=request.data)
        body.is_valid(raise_exception=True)
        notification_id = notification_id_from(body.validated_data["receipt"])
        if notification_id is not None:
            with scopes_disabled():
                notification_shown(notification_id=notification_id)
        return Response(status=DONE)


class PushRenewView(PublicView):
    """Browsers whose subscription changed while no page was open."""

    http_method_names = ["post"]

    @extend_schema(request=serializers.RenewInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """What was sent to the old endpoint goes to the new one; the old one is the secret."""
        body = serializers.RenewInput(data=request.data)
        body.is_valid(raise_exception=True)
        with scopes_disabled():
            subscription_renew(endpoint=body.validated_data["old_endpoint"], device=body.device())
        return Response(status=DONE)


def _add(request: Request, about: Subject) -> Response:
    body = serializers.SubscriptionInput(data=request.data)
    body.is_valid(raise_exception=True)
    subscription_add(about=about, device=body.device())
    return Response(status=DONE)


def _remove(request: Request, about: Subject) -> Response:
    body = serializers.EndpointInput(data=request.data)
    body.is_valid(raise_exception=True)
    subscription_remove(about=about, endpoint=body.validated_data["endpoint"])
    return Response(status=DONE)


class TicketPushView(HeldTicketView):
    """A browser that wants to hear of a ticket."""

    http_method_names = ["post"]

    @extend_schema(
        request=serializers.SubscriptionInput, parameters=[TOKEN_PARAMETER], responses={204: None}
    )
    def post(self, request: Request) -> Response:
        """Tell this browser when it is my turn, and before; once more is the same."""
        return _add(request, self.ticket)


class TicketPushRemoveView(HeldTicketView):
    """A browser that does not want to hear of a ticket any more."""

    http_method_names = ["post"]

    @extend_schema(
        request=serializers.EndpointInput, parameters=[TOKEN_PARAMETER], responses={204: None}
    )
    def post(self, request: Request) -> Response:
        """Tell this browser nothing more of my ticket."""
        return _remove(request, self.ticket)


class TicketPushTestView(HeldTicketView):
    """A browser that tries whether it hears."""

    http_method_names = ["post"]

    @extend_schema(
        request=serializers.EndpointInput, parameters=[TOKEN_PARAMETER], responses={204: None}
    )
    def post(self, request: Request) -> Response:
        """Send this browser a message now; once a minute."""
        body = serializers.EndpointInput(data=request.data)
        body.is_valid(raise_exception=True)
        subscription_test(about=self.ticket, endpoint=body.validated_data["endpoint"])
        send_soon(send_due_notifications)
        return Response(status=DONE)


class AppointmentPushView(HeldAppointmentView):
    """A browser that wants to hear of an appointment."""

    http_method_names = ["post"]

    @extend_schema(
        request=serializers.SubscriptionInput,
        parameters=[APPOINTMENT_PARAMETER],
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        """Tell this browser of changes of my appointment, and remind me."""
        return _add(request, self.appointment)


class AppointmentPushRemoveView(HeldAppointmentView):
    """A browser that does not want to hear of an appointment any more."""

    http_method_names = ["post"]

    @extend_schema(
        request=serializers.EndpointInput,
        parameters=[APPOINTMENT_PARAMETER],
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        """Tell this browser nothing more of my appointment."""
        return _remove(request, self.appointment)


class WaitlistPushView(HeldEntryView):
    """A browser that wants to hear of times that become free."""

    http_method_names = ["post"]

    @extend_schema(
        request=serializers.SubscriptionInput,
        parameters=[WAITLIST_PARAMETER],
        responses={204: None},
    )
    def post(self, request: Request) -> Response:
        """Tell this browser when a time is kept for me."""
        return _add(request, self.entry)


class WaitlistPushRemoveView(HeldEntryView):
    """A browser that does not want to hear of free times any more."""

    http_method_names = ["post"]

    @extend_schema(
        request=serializers.EndpointInput, parameters=[WAITLIST_PARAMETER], responses={204: None}
    )
    def post(self, request: Request) -> Response:
        """Tell this browser of no more times."""
        return _remove(request, self.entry)
