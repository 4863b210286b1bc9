"""What is cached: made once however many ask, made anew once it is changed, never wrong."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from threading import Barrier, Lock
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings
from redis.exceptions import RedisError

from conftest import House, add_member, client_of
from events.models import OutboxMessage
from events.outbox import relay_batch
from providers.models import Provider, Role
from providers.selectors import provider_by_slug
from providers.services.providers import provider_update
from queues import selectors
from queues.tests.test_join import join
from waitlessq import cache as kinds
from waitlessq.cache import CachedKind

CLIENTS = 200
KIND = CachedKind("test", seconds=60)


class Made:
    """Makes values, slowly, and counts them."""

    def __init__(self, seconds: float = 0.05) -> None:
        self.count = 0
        self.seconds = seconds
        self._lock = Lock()

    def __call__(self) -> int:
        with self._lock:
            self.count += 1
            number = self.count
        time.sleep(self.seconds)
        return number


def ask_at_once(ask: Callable[[], Any], clients: int = CLIENTS) -> list[Any]:
    start = Barrier(clients)

    def one(_: int) -> Any:
        start.wait(timeout=30)
        return ask()

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(one, range(clients)))


def grow_old(monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.time() + KIND.seconds + 1
    monkeypatch.setattr("waitlessq.cache.time.time", lambda: later)


VERSIONS = pytest.mark.parametrize("version", [None, "7"])


@VERSIONS
def test_what_many_ask_for_at_once_is_made_once(version: str | None) -> None:
    made = Made()
    answers = ask_at_once(lambda: KIND.get_or_make("a", make=made, version=version))
    assert set(answers) == {1}
    assert made.count == 1


@VERSIONS
def test_what_grew_old_is_made_once_and_shown_meanwhile(
    version: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made()
    KIND.get_or_make("a", make=made, version=version)
    grow_old(monkeypatch)
    answers = ask_at_once(lambda: KIND.get_or_make("a", make=made, version=version))
    assert made.count <= 2 + 1  # One before; two at the most now.
    assert set(answers) <= {1, 2, 3}
    assert 1 in answers


def test_without_the_guard_all_of_them_make_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(kinds, "_may_make", lambda _: True)
    monkeypatch.setattr(kinds._flights, "share", lambda _, make: make())
    made = Made()
    ask_at_once(lambda: KIND.get_or_make("a", make=made), 20)
    assert made.count > 2


def test_what_was_changed_is_not_shown_any_more() -> None:
    made = Made(0)
    assert [KIND.get_or_make("a", make=made) for _ in range(2)] == [1, 1]
    KIND.forget("a")
    assert [KIND.get_or_make("a", make=made) for _ in range(2)] == [2, 2]
    assert KIND.get_or_make("another", make=made) == 3


def test_what_is_of_another_version_is_not_shown_any_more() -> None:
    made = Made(0)
    asked = ["1", "1", "2", "2", "1"]
    assert [KIND.get_or_make("a", make=made, version=one) for one in asked] == [1, 1, 2, 2, 3]


def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    def read_then_changed() -> str:
        KIND.forget("a")
        return "old"

    assert KIND.get_or_make("a", make=read_then_changed) == "old"
    assert KIND.get_or_make("a", make=lambda: "new") == "new"


def test_whoever_makes_it_and_dies_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "PATIENCE_SECONDS", 0.1)
    cache.add(f"{KIND.key('a')}:making", 1, 10)
    assert KIND.get_or_make("a", make=lambda: "made") == "made"


def test_what_somebody_made_in_vain_is_waited_for_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kinds, "_may_make", lambda _: False)
    looks: list[float] = []
    monkeypatch.setattr("waitlessq.cache.time.sleep", looks.append)
    assert KIND.get_or_make("a", make=lambda: "made") == "made"
    assert len(looks) == 1


def test_without_redis_it_is_made_each_time_and_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("add", "set", "delete"):
        monkeypatch.setattr(cache, name, lambda *_: None)
    monkeypatch.setattr(cache, "get_many", lambda _: {})
    made = Made(0)
    assert [KIND.get_or_make("a", make=made) for _ in range(2)] == [1, 2]
    with pytest.raises(RedisError):
        KIND.forget("a")


def test_the_public_sees_a_changed_provider_once_it_is_told(house: House) -> None:
    path = "/api/v1/public/providers/clinic"
    assert Client().get(path).json()["name"] == "Clinic"
    relay_batch()
    provider_update(actor=house.actor, name="Clinic by the Sea")
    relay_batch()
    assert not OutboxMessage.objects.filter(topic="provider.changed").exists()
    assert Client().get(path).json()["name"] == "Clinic by the Sea"


def test_a_provider_that_everybody_asks_for_is_read_once(
    house: House, django_assert_num_queries: Any
) -> None:
    provider_by_slug("clinic")
    with django_assert_num_queries(0):
        assert provider_by_slug("clinic") == Provider(pk=house.provider.pk)
    with django_assert_num_queries(2):
        assert [provider_by_slug("none") for _ in range(2)] == [None, None]


def test_without_a_database_a_queue_is_shown_as_it_was_last(
    in_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queues.api.public.SnapshotView._asks_database_at", 0.0)
    join(in_house)
    path = f"/api/v1/public/queues/{in_house.queue.pk}/snapshot"
    seen = Client().get(path).json()
    asked = []

    def gone(queue_id: int) -> None:
        asked.append(queue_id)
        raise OperationalError("gone")

    monkeypatch.setattr(selectors, "public_queue", gone)
    assert [Client().get(path).json() for _ in range(3)] == [seen] * 3
    # The first has waited for it; the others need not.
    assert len(asked) == 1
    monkeypatch.setattr("queues.api.public.SnapshotView._asks_database_at", 0.0)
    client = Client(raise_request_exception=False)
    other = client.get(f"/api/v1/public/queues/{in_house.queue.pk + 999}/snapshot")
    assert (other.status_code, other["Retry-After"]) == (HTTPStatus.SERVICE_UNAVAILABLE, "2")


def test_who_is_there_stays_signed_in_and_little_is_written_for_it(
    house: House, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(add_member(house.provider, Role.STAFF))
    now = [time.time()]
    monkeypatch.setattr("waitlessq.middleware.time.time", lambda: now[0])
    renewed = []
    for _ in range(12):
        response = client.get("/console/clinic/")
        assert response.status_code == HTTPStatus.OK
        renewed.append("sessionid" in response.cookies)
        now[0] += settings.SESSION_COOKIE_AGE / 7
    assert renewed == [False, False, *[True, False] * 5]
    assert not Client().get("/q/clinic/").cookies.get("sessionid")
