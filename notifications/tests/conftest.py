"""A browser that holds a ticket, and a push service on this machine."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import pytest
from django.conf import LazySettings
from django_scopes import scopes_disabled

from conftest import House
from events.models import OutboxMessage
from events.outbox import relay_batch
from notifications import handlers
from notifications.keys import make_private_key, public_key
from notifications.models import PushSubscription
from notifications.services import sending
from notifications.services.subscriptions import Device, Subject, subscription_add
from notifications.tests.push_service import Browser, PushService
from waitlessq import outbound
from waitlessq.outbound import OutboundSession


@dataclass
class Post:
    """Subscribes browsers at the local push service, carries messages there, reads them."""

    service: PushService
    browser: Browser

    def subscribe(
        self, about: Subject, name: str = "one", language: str = "en"
    ) -> PushSubscription:
        device = Device(
            self.service.endpoint(name),
            **self.browser.keys,
            server_key=str(public_key()),
            language=language,
        )
        return subscription_add(about=about, device=device)

    def deliver(self) -> list[Any]:
        """Relays what happened and sends what is due; what came since, decrypted."""
        before = len(self.service.received)
        self.relay()
        with scopes_disabled():
            sending.send_due()
        return [self.browser.read(each.body) for each in self.service.received[before:]]

    def relay(self) -> None:
        with scopes_disabled():
            while relay_batch().messages:
                pass


@pytest.fixture
def post(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, in_house: House
) -> Iterator[Post]:
    settings.VAPID_PRIVATE_KEYS = [make_private_key()]
    settings.DEFAULT_FROM_EMAIL = "Clinic <desk@clinic.example>"
    # Here push services are on this machine, and workers in this process.
    here, is_public = ip_address("127.0.0.1"), outbound.is_public
    monkeypatch.setattr(
        outbound, "is_public", lambda address: address == here or is_public(address)
    )
    monkeypatch.setattr(
        sending, "OutboundSession", lambda **o: OutboundSession(**o, schemes=["http", "https"])
    )
    monkeypatch.setattr(handlers, "send_soon", lambda _: None)
    monkeypatch.setattr("queues.handlers.publish", lambda _: None)
    with scopes_disabled():
        OutboxMessage.objects.all().delete()
    service = PushService()
    yield Post(service, Browser())
    service.close()
