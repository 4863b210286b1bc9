"""Several workers at once: every notification is sent, and none twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django_scopes import scope, scopes_disabled

from conftest import build_house
from notifications.keys import make_private_key, public_key
from notifications.models import Kind, Notification, Outcome
from notifications.services import sending
from notifications.services.sending import send_due
from notifications.services.subscriptions import Device, subscription_add
from notifications.tests.push_service import Browser, PushService
from queues.models import Source
from queues.services.tickets import ticket_call_next, ticket_join
from tests.races.at_once import at_once
from waitlessq import clock, outbound
from waitlessq.outbound import OutboundSession

TOLD = 60
WORKERS = 3


@pytest.fixture
def service(
    transactional_db: None, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PushService]:
    settings.VAPID_PRIVATE_KEYS = [make_private_key()]
    monkeypatch.setattr(outbound, "is_public", lambda _: True)
    monkeypatch.setattr(
        sending, "OutboundSession", lambda **o: OutboundSession(**o, schemes=["http"])
    )
    service = PushService()
    yield service
    service.close()


def plan(service: PushService) -> None:
    """Somebody is to be told of a call many times over."""
    house = build_house("clinic")
    with scope(provider=house.provider):
        ticket = ticket_join(actor=house.actor, queue_id=house.queue.pk, source=Source.STAFF)
        device = Device(
            service.endpoint(), **Browser().keys, server_key=str(public_key()), language="en"
        )
        subscription = subscription_add(about=ticket, device=device)
        ticket_call_next(actor=house.actor, counter_id=house.counter.pk)
        now = clock.now()
        Notification.objects.bulk_create(
            Notification(
                provider=house.provider,
                subscription=subscription,
                kind=Kind.CALLED,
                key=str(number),
                due_at=now,
                useful_until=now + timedelta(minutes=5),
            )
            for number in range(TOLD)
        )


def work() -> None:
    with scopes_disabled():
        send_due()


def test_several_workers_send_everything_once(service: PushService) -> None:
    plan(service)
    at_once([work] * WORKERS)
    assert len(service.received) == TOLD
    with scopes_disabled():
        outcomes = Counter(Notification.objects.values_list("outcome", "attempts"))
    assert outcomes == {(Outcome.SENT.value, 1): TOLD}
