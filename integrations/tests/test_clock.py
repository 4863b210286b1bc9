"""Replay-Clock: only a replay key in a replay setting says what time it is."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django_scopes import scope

from conftest import House
from events.models import IdempotencyRecord
from events.tasks import forget_idempotency_records
from integrations.keys import api_key_create, api_key_revoke
from integrations.middleware import ReplayClockMiddleware
from integrations.models import ApiKey
from providers.models import Role
from queues.models import Ticket, TicketEvent
from waitlessq import clock

MIDDLEWARE = "integrations.middleware.ReplayClockMiddleware"
P = "/api/v1/providers/clinic"
AT = "2026-01-05T09:30:00.123456+02:00"
MOMENT = datetime(2026, 1, 5, 7, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _replaying(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [name for name in settings.MIDDLEWARE if name != MIDDLEWARE]
    monkeypatch.setattr(settings, "MIDDLEWARE", [MIDDLEWARE, *others])


@pytest.fixture
def replay_key(house: House) -> str:
    """A key that may set the clock."""
    with scope(provider=house.provider):
        return api_key_create(actor=house.actor, name="r", role=Role.OWNER, may_replay=True)[1]


def ask(key: str, at: str | None, method: str = "GET", path: str = P, body: str = "") -> Any:
    headers = {"Authorization": f"Bearer {key}"} | ({} if at is None else {"Replay-Clock": at})
    client = Client(raise_request_exception=False)
    return client.generic(method, path, body, content_type="application/json", headers=headers)


def test_a_ticket_has_the_time_of_the_header(house: House, replay_key: str) -> None:
    body = f'{{"queue": {house.queue.pk}}}'
    response = ask(replay_key, AT, "POST", f"{P}/tickets", body)
    assert response.status_code == HTTPStatus.CREATED
    assert response.json()["issued_at"] == "2026-01-05T07:30:00.123456Z"
    ticket = Ticket._base_manager.get()
    event = TicketEvent._base_manager.get(ticket=ticket)
    assert (ticket.issued_at, ticket.order_key, event.at) == (MOMENT, MOMENT, MOMENT)
    assert ticket.business_date.isoformat() == "2026-01-05"


def test_every_step_has_the_time_of_its_header(house: House, replay_key: str) -> None:
    steps = [
        ("tickets", f'{{"queue": {house.queue.pk}}}'),
        (f"counters/{house.counter.pk}/call-next", ""),
        ("tickets/{}/start", ""),
        ("tickets/{}/complete", ""),
    ]
    ticket: dict[str, Any] = {"id": 0}
    for minute, (path, body) in enumerate(steps):
        at = (MOMENT + timedelta(minutes=minute)).isoformat()
        ticket = ask(replay_key, at, "POST", f"{P}/{path.format(ticket['id'])}", body).json()
    row = Ticket._base_manager.get()
    times = [row.issued_at, row.called_at, row.started_at, row.ended_at]
    assert times == [MOMENT + timedelta(minutes=minute) for minute in range(4)]


def test_the_next_request_of_the_thread_has_its_own_time(house: House, replay_key: str) -> None:
    for method in ("GET", "DELETE"):  # One that is answered, one that is refused.
        ask(replay_key, AT, method)
        assert clock.now() > MOMENT + timedelta(days=1)
    ask(replay_key, None, "POST", f"{P}/tickets", f'{{"queue": {house.queue.pk}}}')
    assert Ticket._base_manager.get().issued_at > MOMENT + timedelta(days=1)


def test_a_failure_does_not_leave_the_clock_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(request: object) -> Any:
        assert clock.now() == MOMENT
        raise RuntimeError

    class Key:
        may_replay = True

    request: Any = type("Request", (), {"headers": {"Replay-Clock": AT}})()
    monkeypatch.setattr("integrations.middleware.key_of", lambda _: Key())
    with pytest.raises(RuntimeError):
        ReplayClockMiddleware(fail)(request)
    assert clock.now() > MOMENT


@pytest.mark.parametrize(
    "at",
    [
        "",
        "now",
        "2026-01-05",
        "2026-01-05T09:30:00",
        "2026-13-45T09:30:00Z",
        "2026-01-05T25:00:00Z",
        "1767600000",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ],
)
def test_a_time_that_is_none_is_refused(house: House, replay_key: str, at: str) -> None:
    body = f'{{"queue": {house.queue.pk}, "priority": 9}}'
    response = ask(replay_key, at, "POST", f"{P}/tickets", body)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.headers["Content-Type"] == "application/problem+json"
    assert not Ticket._base_manager.exists()


def test_a_key_that_may_not_replay_is_refused(house: House, api_key: str) -> None:
    response = ask(api_key, AT)
    assert (response.status_code, response.json()["code"]) == (HTTPStatus.FORBIDDEN, "forbidden")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert ask(api_key, None).status_code == HTTPStatus.OK


@pytest.mark.parametrize("text", ["", "wlq_0_0", "nonsense"])
def test_nobody_and_a_wrong_key_are_refused(house: House, text: str) -> None:
    assert ask(text, AT).status_code == HTTPStatus.FORBIDDEN


def test_a_revoked_replay_key_is_refused(house: House, replay_key: str) -> None:
    with scope(provider=house.provider):
        api_key_revoke(actor=house.actor, key=ApiKey.objects.get(may_replay=True))
    assert ask(replay_key, AT).status_code == HTTPStatus.FORBIDDEN


def test_a_session_does_not_set_the_clock(owner: Client) -> None:
    assert owner.get(P, headers={"Replay-Clock": AT}).status_code == HTTPStatus.FORBIDDEN


def test_without_the_middleware_the_header_means_nothing(
    house: House, replay_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [name for name in settings.MIDDLEWARE if name != MIDDLEWARE]
    monkeypatch.setattr(settings, "MIDDLEWARE", others)
    body = f'{{"queue": {house.queue.pk}}}'
    assert ask(replay_key, AT, "POST", f"{P}/tickets", body).status_code == HTTPStatus.CREATED
    assert Ticket._base_manager.get().issued_at > MOMENT + timedelta(days=1)


@pytest.mark.parametrize(("value", "installed"), [(None, False), ("false", False), ("true", True)])
def test_the_setting_decides_whether_it_is_installed(value: str | None, installed: bool) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "REPLAY_CLOCK"}
    if value is not None:
        environment["REPLAY_CLOCK"] = value
    code = f"from waitlessq import settings; print({MIDDLEWARE!r} in settings.MIDDLEWARE)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(installed)


def test_an_idempotent_answer_of_a_replay_is_not_forgotten_for_its_old_time(
    house: House, replay_key: str
) -> None:
    headers = {
        "Authorization": f"Bearer {replay_key}",
        "Replay-Clock": AT,
        "Idempotency-Key": "k" * 20,
    }
    body = {"queue": house.queue.pk}
    Client().post(f"{P}/tickets", body, content_type="application/json", headers=headers)
    forget_idempotency_records()
    assert IdempotencyRecord.objects.exists()
