"""Browsers subscribe with a token, and say what they showed."""

from http import HTTPStatus
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from appointments.tests.cast import build_practice
from appointments.tokens import appointment_token
from conftest import House
from notifications.keys import check_keys, public_key
from notifications.models import Notification, PushSubscription
from notifications.services.subscriptions import MOST_DEVICES
from notifications.tests.conftest import Post
from notifications.tests.push_service import Browser
from notifications.tests.test_calls import call
from queues.models import Ticket
from queues.tests.test_join import join
from queues.tokens import token_for
from waitlessq import clock

P = "/api/v1/public"
ENDPOINT = "https://push.example/send/abc"


@pytest.fixture
def ticket(in_house: House, post: Post) -> Ticket:
    return join(in_house)


def described(**changes: Any) -> dict[str, Any]:
    browser = {"endpoint": ENDPOINT, "keys": Browser().keys, "public_key": public_key()}
    return browser | {"language": "he"} | changes


def send(path: str, body: dict[str, Any], ticket: Ticket | None = None) -> Any:
    headers = {} if ticket is None else {"Ticket-Token": token_for(ticket.pk)}
    return Client().post(P + path, body, content_type="application/json", headers=headers)


def test_a_browser_subscribes_with_the_key_and_the_tickets_token(ticket: Ticket) -> None:
    assert Client().get(f"{P}/push").json() == {"public_key": public_key()}
    for _ in range(2):
        assert send("/ticket/push", described(), ticket).status_code == HTTPStatus.NO_CONTENT
    subscription = PushSubscription.objects.get()
    assert (subscription.ticket, subscription.endpoint) == (ticket, ENDPOINT)
    assert (subscription.language, subscription.provider) == ("he", ticket.provider)


def test_it_takes_itself_off_again(ticket: Ticket) -> None:
    send("/ticket/push", described(), ticket)
    for _ in range(2):
        removed = send("/ticket/push/remove", {"endpoint": ENDPOINT}, ticket)
        assert removed.status_code == HTTPStatus.NO_CONTENT
    assert not PushSubscription.objects.exists()


def test_another_tickets_subscription_is_not_removed(ticket: Ticket, in_house: House) -> None:
    send("/ticket/push", described(), ticket)
    send("/ticket/push/remove", {"endpoint": ENDPOINT}, join(in_house))
    assert PushSubscription.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"endpoint": "http://push.example/a"}, "endpoint"),
        ({"endpoint": "https://127.0.0.2/a"}, "endpoint"),
        ({"endpoint": "https://[::ffff:10.0.0.1]/a"}, "endpoint"),
        ({"endpoint": "https://169.254.169.254/latest/meta-data"}, "endpoint"),
        ({"endpoint": "https://a:b@push.example/a"}, "endpoint"),
        ({"endpoint": "x" * 1001}, "endpoint"),
        ({"endpoint": 5}, "endpoint"),
        ({"keys": {"p256dh": "AAAA", "auth": "AAAA"}}, "keys.p256dh"),
        ({"keys": {"p256dh": "ä", "auth": "ä"}}, "keys.auth"),
        ({"keys": None}, "keys"),
        ({"language": "xx"}, "language"),
        ({"public_key": "another"}, "public_key"),
    ],
)
def test_what_can_not_be_sent_to_is_refused(
    ticket: Ticket, changes: dict[str, Any], field: str
) -> None:
    refused = send("/ticket/push", described(**changes), ticket)
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid-input")
    assert field in {error["field"] for error in refused.json()["errors"]}


def test_beyond_some_devices_the_first_one_is_let_go(ticket: Ticket) -> None:
    for number in range(MOST_DEVICES + 1):
        send("/ticket/push", described(endpoint=f"{ENDPOINT}/{number}"), ticket)
    kept = set(PushSubscription.objects.values_list("endpoint", flat=True))
    assert kept == {f"{ENDPOINT}/{number}" for number in range(1, MOST_DEVICES + 1)}


def test_without_keys_nothing_is_pushed(ticket: Ticket, settings: LazySettings) -> None:
    body = described()
    settings.VAPID_PRIVATE_KEYS = []
    assert Client().get(f"{P}/push").json() == {"public_key": None}
    refused = send("/ticket/push", body, ticket)
    assert (refused.status_code, refused.json()["code"]) == (409, "push-off")


@pytest.mark.parametrize("key", ["nonsense", "AAAA", "A" * 43])
def test_a_key_that_is_none_is_found_before_anything_runs(settings: LazySettings, key: str) -> None:
    settings.VAPID_PRIVATE_KEYS = [key]
    assert [error.id for error in check_keys()] == ["notifications.E001"]


def test_a_browser_whose_endpoint_changed_goes_on_with_the_new_one(ticket: Ticket) -> None:
    send("/ticket/push", described(), ticket)
    body = described(endpoint="https://push.example/new") | {"old_endpoint": ENDPOINT}
    for _ in range(2):
        assert send("/push/renew", body).status_code == HTTPStatus.NO_CONTENT
    assert PushSubscription.objects.get().endpoint == "https://push.example/new"


def test_a_browser_whose_keys_alone_changed_is_told_as_before(ticket: Ticket) -> None:
    send("/ticket/push", described(), ticket)
    body = described() | {"old_endpoint": ENDPOINT}
    assert send("/push/renew", body).status_code == HTTPStatus.NO_CONTENT
    assert PushSubscription.objects.get().p256dh == body["keys"]["p256dh"]


def test_nobody_takes_over_what_they_do_not_know(ticket: Ticket) -> None:
    send("/ticket/push", described(), ticket)
    body = described(endpoint="https://evil.example/") | {"old_endpoint": f"{ENDPOINT}x"}
    assert send("/push/renew", body).status_code == HTTPStatus.NO_CONTENT
    assert PushSubscription.objects.get().endpoint == ENDPOINT


def test_a_receipt_is_kept_once_and_a_forged_one_is_nothing(
    ticket: Ticket, in_house: House, post: Post
) -> None:
    post.subscribe(ticket)
    call(in_house)
    [message] = post.deliver()
    receipt = message["receipt"]
    for forged in ("1:x", "", "nothing"):
        send("/push/shown", {"receipt": forged})
    assert Notification.objects.get().shown_at is None
    assert send("/push/shown", {"receipt": receipt}).status_code == HTTPStatus.NO_CONTENT
    shown_at = Notification.objects.get().shown_at
    assert shown_at is not None
    send("/push/shown", {"receipt": receipt})
    assert Notification.objects.get().shown_at == shown_at


def test_a_browser_tries_it_once_a_minute(
    ticket: Ticket, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.api.views.send_soon", lambda _: None)
    body = {"endpoint": post.subscribe(ticket).endpoint}
    with clock.override(clock.now().replace(second=1)):
        for _ in range(3):
            assert send("/ticket/push/test", body, ticket).status_code == HTTPStatus.NO_CONTENT
        [message] = post.deliver()
    assert message["title"] == "A001: this is a test"
    assert message["body"] == "Clinic: this is how you will be told."


def test_nobody_tries_it_on_another_browser(ticket: Ticket, in_house: House, post: Post) -> None:
    body = {"endpoint": post.subscribe(ticket).endpoint}
    assert send("/ticket/push/test", body, join(in_house)).status_code == HTTPStatus.NOT_FOUND


def test_a_booking_is_followed_with_its_own_token(in_house: House, post: Post) -> None:
    practice = build_practice(in_house)
    booked = practice.book(practice.wish(10))
    headers = {"Appointment-Token": appointment_token(booked.pk)}
    path = f"{P}/appointment/push"
    answer = Client().post(path, described(), content_type="application/json", headers=headers)
    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert PushSubscription.objects.get().appointment == booked
    answer = Client().post(
        f"{path}/remove", {"endpoint": ENDPOINT}, content_type="application/json", headers=headers
    )
    assert answer.status_code == HTTPStatus.NO_CONTENT
    assert not PushSubscription.objects.exists()
