"""What push services answer is heeded: gone is gone, and busy is asked later, but not for long."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django_scopes import scopes_disabled

from conftest import House
from notifications.keys import make_private_key, public_key
from notifications.models import Kind, Notification, Outcome, PushSubscription
from notifications.services import sending
from notifications.tests.conftest import Post
from notifications.tests.push_service import signed_claims
from notifications.tests.test_calls import call
from queues.tests.test_join import join
from waitlessq import clock, outbound


@pytest.fixture
def called(in_house: House, post: Post) -> PushSubscription:
    """A subscription of a ticket that was called, and that nobody told yet."""
    ticket = join(in_house)
    subscription = post.subscribe(ticket)
    call(in_house)
    post.relay()
    return subscription


def send(seconds: float = 0) -> None:
    with scopes_disabled(), clock.override(clock.now() + timedelta(seconds=seconds)):
        sending.send_due()


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_deleted_wherever_it_is_used(
    called: PushSubscription, in_house: House, post: Post, status: int
) -> None:
    post.subscribe(join(in_house))
    kept = post.subscribe(join(in_house), "another")
    post.service.answers = [(status, {})]
    send()
    assert list(PushSubscription.objects.all()) == [kept]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_is_busy_is_asked_again_a_little_later(
    called: PushSubscription, post: Post, status: int
) -> None:
    post.service.answers = [(status, {}), (201, {})]
    send()
    assert Notification.objects.get().done_at is None
    send()
    assert len(post.service.received) == 1
    send(seconds=4)
    assert len(post.service.received) == 2
    assert Notification.objects.get().outcome == Outcome.SENT


def test_a_service_that_says_when_is_left_alone_until_then(
    called: PushSubscription, post: Post
) -> None:
    post.service.answers = [(429, {"Retry-After": "100"}), (201, {})]
    send()
    send(seconds=60)
    assert len(post.service.received) == 1
    send(seconds=200)
    assert Notification.objects.get().outcome == Outcome.SENT


@pytest.mark.parametrize("asked", ["600", "99999999999", "9" * 30])
def test_what_would_come_too_late_is_given_up(
    called: PushSubscription, post: Post, asked: str
) -> None:
    post.service.answers = [(503, {"Retry-After": asked})]
    send()
    assert Notification.objects.get().outcome == Outcome.LATE


def test_a_service_that_does_not_answer_is_asked_again(
    called: PushSubscription, post: Post
) -> None:
    post.service.close()
    send()
    notification = Notification.objects.get()
    assert (notification.done_at, notification.claimed_until) == (None, None)
    assert notification.attempts == 1


@pytest.mark.parametrize("status", [302, 400, 403, 413])
def test_what_is_refused_is_not_sent_again(
    called: PushSubscription, post: Post, status: int
) -> None:
    post.service.answers = [(status, {"Location": f"{post.service.origin}/elsewhere"})]
    send()
    send(seconds=60)
    assert len(post.service.received) == 1
    assert Notification.objects.get().outcome == Outcome.REFUSED


def test_nothing_is_sent_to_an_address_that_is_not_public(
    called: PushSubscription, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "is_public", lambda address: not address.is_loopback)
    send()
    assert post.service.received == []
    assert not PushSubscription.objects.exists()


def test_what_a_worker_that_died_had_claimed_is_sent_after_all(
    called: PushSubscription, post: Post
) -> None:
    assert len(sending._claim()) == 1
    send()
    assert post.service.received == []
    send(seconds=61)
    assert len(post.service.received) == 1


def test_after_a_rotation_browsers_are_sent_to_with_the_key_they_know(
    called: PushSubscription, post: Post, settings: LazySettings
) -> None:
    settings.VAPID_PRIVATE_KEYS = [make_private_key(), *settings.VAPID_PRIVATE_KEYS]
    assert public_key() != called.server_key
    send()
    [received] = post.service.received
    assert signed_claims(received, called.server_key)


def test_a_worker_without_the_key_waits_for_one_that_has_it(
    called: PushSubscription,
    post: Post,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    keys = settings.VAPID_PRIVATE_KEYS
    for wrong in ([], [make_private_key()]):
        settings.VAPID_PRIVATE_KEYS = wrong
        send(seconds=60 * len(wrong))
    assert post.service.received == []
    assert PushSubscription.objects.exists()
    assert Notification.objects.get().done_at is None
    assert "VAPID_PRIVATE_KEYS" in caplog.text
    settings.VAPID_PRIVATE_KEYS = keys
    send(seconds=120)
    assert Notification.objects.get().outcome == Outcome.SENT


@pytest.mark.parametrize("fails", ["compose", "webpush"])
def test_what_one_letter_meets_does_not_stop_the_others(
    called: PushSubscription,
    post: Post,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fails: str,
) -> None:
    assert called.ticket is not None
    other = post.subscribe(called.ticket, "another")
    now = clock.now()
    Notification.objects.create(
        provider=other.provider,
        subscription=other,
        kind=Kind.CALLED,
        key="other",
        due_at=now,
        useful_until=now + timedelta(minutes=5),
    )
    real, failing = getattr(sending, fails), iter([True])

    def fail_once(*args: Any, **options: Any) -> Any:
        if next(failing, False):
            raise ZeroDivisionError
        return real(*args, **options)

    monkeypatch.setattr(sending, fails, fail_once)
    send()
    assert len(post.service.received) == 1
    assert "ZeroDivisionError" in caplog.text
    assert sorted(Notification.objects.values_list("outcome", flat=True)) == ["", Outcome.SENT]
    send(seconds=4)
    assert len(post.service.received) == 2
