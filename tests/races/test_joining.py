"""promises.md rows 4 and 7: a full queue, and one request sent many times."""

from functools import partial
from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from conftest import House, build_house
from events import idempotency
from queues.models import Ticket
from queues.services import locks
from queues.services.queues import queue_update
from tests.races.at_once import at_once

ROOM = 10
JOINS = 60


@pytest.fixture
def small_house(transactional_db: None) -> House:
    """A house whose queue has room for ten."""
    house = build_house("small")
    with scope(provider=house.provider):
        queue_update(actor=house.actor, queue_id=house.queue.pk, capacity=ROOM)
    return house


def post_join(house: House, key: str | None = None, body: str = "{}") -> tuple[int, Any]:
    headers = {} if key is None else {"Idempotency-Key": key}
    response = Client().post(
        f"/api/v1/public/queues/{house.queue.pk}/tickets",
        body,
        content_type="application/json",
        headers=headers,
    )
    return response.status_code, response.json()


def tickets_of(house: House) -> int:
    with scope(provider=house.provider):
        return Ticket.objects.count()


def test_ten_of_sixty_get_into_a_queue_with_room_for_ten(small_house: House) -> None:
    answers = at_once([partial(post_join, small_house)] * JOINS)
    statuses = [status for status, _ in answers]
    assert statuses.count(HTTPStatus.CREATED) == ROOM
    assert {body["code"] for status, body in answers if status != HTTPStatus.CREATED} == {
        "queue-full"
    }
    assert tickets_of(small_house) == ROOM


def test_without_the_lock_more_would_get_in_or_numbers_would_clash(
    small_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlocked = locks.LOCK_QUEUE_TO_JOIN.replace("FOR NO KEY UPDATE OF queue", "")
    monkeypatch.setattr(locks, "LOCK_QUEUE_TO_JOIN", unlocked)
    answers = at_once([partial(lambda: _status_or_error(small_house))] * JOINS)
    created = answers.count(HTTPStatus.CREATED)
    assert created != ROOM or HTTPStatus.INTERNAL_SERVER_ERROR in answers


def _status_or_error(house: House) -> int:
    client = Client(raise_request_exception=False)
    return client.post(
        f"/api/v1/public/queues/{house.queue.pk}/tickets", "{}", content_type="application/json"
    ).status_code


def test_twenty_sendings_of_one_request_have_one_effect(small_house: House) -> None:
    key = "8e03978e-40d5-43e8-bc93-6894a57f9324"
    answers = at_once([partial(post_join, small_house, key)] * 20)
    answers.append(post_join(small_house, key))
    assert tickets_of(small_house) == 1
    created = [body for status, body in answers if status == HTTPStatus.CREATED]
    assert len({body["code"] for body in created}) == 1
    assert created[-1] == answers[-1][1]
    refused = [body for status, body in answers if status != HTTPStatus.CREATED]
    assert all(body["code"] == "request-running" for body in refused)


def test_the_constraint_holds_even_where_the_lock_does_not(
    small_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend = idempotency.LOCK_AND_FIND.replace(
        "pg_try_advisory_xact_lock(hashtextextended(%s, 0))", "(%s <> '')"
    )
    monkeypatch.setattr(idempotency, "LOCK_AND_FIND", pretend)
    at_once([partial(post_join, small_house, "8e03978e-40d5-43e8-bc93-6894a57f9325")] * 20)
    assert tickets_of(small_house) == 1


def test_a_key_is_not_for_another_request(small_house: House) -> None:
    key = "8e03978e-40d5-43e8-bc93-6894a57f9326"
    post_join(small_house, key)
    status, body = post_join(small_house, key, '{"service": null}')
    assert (status, body["code"]) == (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "idempotency-key-reused",
    )
