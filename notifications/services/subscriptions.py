"""Who wants to hear of what, on which browser."""

from dataclasses import dataclass
from typing import Any

from appointments.models import Appointment, WaitlistEntry
from notifications.errors import PushOffError
from notifications.keys import public_key, signer_for
from notifications.models import Kind, Notification, PushSubscription
from notifications.services.planning import USEFUL_FOR
from notifications.services.reminders import reminders_plan
from queues.models import Ticket
from waitlessq import clock
from waitlessq.db.rows import update_row
from waitlessq.db.transactions import in_transaction
from waitlessq.errors import InvalidInputError, NotFoundError
from waitlessq.metrics import NOTIFICATIONS

# A person has some devices, and somebody with a ticket must not make us write to hundreds.
MOST_DEVICES = 5
Subject = Ticket | Appointment | WaitlistEntry
FIELDS = {Ticket: "ticket", Appointment: "appointment", WaitlistEntry: "entry"}


@dataclass(frozen=True, slots=True)
class Device:
    """A browser as the push service knows it: where to send, keys in base64url, its language."""

    endpoint: str
    p256dh: str
    auth: str
    server_key: str
    language: str


@in_transaction
def subscription_add(*, about: Subject, device: Device) -> PushSubscription:
    """Tells this browser of it from now on; once more is the same.

    Beyond five, the browser that was added first is told no more.

    Raises:
        PushOffError: the platform has no keys to push with.
        InvalidInputError: the browser subscribed with a key that is not ours.
    """
    if public_key() is None:
        raise PushOffError("Notifications are off here.")
    if signer_for(device.server_key) is None:
        raise InvalidInputError("public_key", "Subscribe again with the key of this platform.")
    subscription, _ = PushSubscription.objects.update_or_create(
        **_about(about),
        provider_id=about.provider_id,
        endpoint=device.endpoint,
        defaults={
            "customer_id": about.customer_id,
            "p256dh": device.p256dh,
            "auth": device.auth,
            "server_key": device.server_key,
            "language": device.language,
        },
    )
    newest = PushSubscription.objects.filter(**_about(about)).order_by("-created_at", "-pk")
    kept = newest.values_list("pk", flat=True)[:MOST_DEVICES]
    PushSubscription.objects.filter(**_about(about)).exclude(pk__in=list(kept)).delete()
    if isinstance(about, Appointment):
        reminders_plan(about)
    return subscription


@in_transaction
def subscription_remove(*, about: Subject, endpoint: str) -> None:
    """Tells this browser of it no more; once more does nothing."""
    PushSubscription.objects.filter(**_about(about), endpoint=endpoint).delete()


@in_transaction
def subscription_test(*, about: Subject, endpoint: str) -> None:
    """Sends this browser a message to try it; once a minute, so that nobody is made to flood.

    Raises:
        NotFoundError: this browser is not told of it.
    """
    found = PushSubscription.objects.filter(**_about(about), endpoint=endpoint).first()
    if found is None:
        raise NotFoundError("This browser did not subscribe.")
    now = clock.now()
    Notification.objects.get_or_create(
        subscription=found,
        key=f"test:{now:%Y-%m-%d %H:%M}",
        defaults={
            "provider_id": found.provider_id,
            "kind": Kind.TEST,
            "due_at": now,
            "useful_until": now + USEFUL_FOR[Kind.TEST],
        },
    )


@in_transaction
def subscription_renew(*, endpoint: str, device: Device) -> int:
    """A browser was given another endpoint: it is told of all as before. Returns of how many.

    Whoever knows an endpoint could be the push service or the browser; needs all scopes.

    Raises:
        InvalidInputError: the browser subscribed with a key that is not ours.
    """
    if signer_for(device.server_key) is None:
        raise InvalidInputError("public_key", "Subscribe again with the key of this platform.")
    before = PushSubscription.objects.filter(endpoint=endpoint)
    # What it subscribed to anew meanwhile is told of there; with the same endpoint it has new keys.
    again = PushSubscription.objects.filter(endpoint=device.endpoint).exclude(endpoint=endpoint)
    before.filter(ticket__in=again.values("ticket")).delete()
    before.filter(appointment__in=again.values("appointment")).delete()
    before.filter(entry__in=again.values("entry")).delete()
    return before.update(
        endpoint=device.endpoint,
        p256dh=device.p256dh,
        auth=device.auth,
        server_key=device.server_key,
    )


@in_transaction
def notification_shown(*, notification_id: int) -> None:
    """The browser showed it; only the first time counts. Locks it; needs all scopes."""
    notification = Notification.objects.select_for_update().filter(pk=notification_id).first()
    if notification is not None and notification.shown_at is None:
        update_row(notification, {"shown_at": clock.now()})
        NOTIFICATIONS.labels(notification.kind, "shown").inc()


def _about(about: Subject) -> dict[str, Any]:
    return {FIELDS[type(about)]: about}
