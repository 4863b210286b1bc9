"""Idempotency-Key: a repeat of a POST gets the first answer and has no second effect."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django_scopes import scope

from conftest import House
from events import idempotency
from events.idempotency import Answer, run_once
from events.models import IdempotencyRecord
from events.tasks import forget_idempotency_records
from waitlessq import clock

KEY = "8e03978e-40d5-43e8-bc93-6894a57f9324"
LOCATIONS = "/api/v1/providers/clinic/locations"
NORTH = {"name": "North", "time_zone": "Asia/Jerusalem"}


def post(client: Client, path: str, body: Any, key: str = KEY) -> Any:
    return client.post(
        path, body, content_type="application/json", headers={"Idempotency-Key": key}
    )


def names(client: Client) -> list[str]:
    return sorted(row["name"] for row in client.get(LOCATIONS).json()["results"])


def test_a_repeat_gets_the_same_answer_and_is_marked(owner: Client) -> None:
    first, second = post(owner, LOCATIONS, NORTH), post(owner, LOCATIONS, NORTH)
    assert (first.status_code, second.status_code) == (HTTPStatus.CREATED, HTTPStatus.CREATED)
    assert first.json() == second.json()
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert names(owner) == ["Main", "North"]


def test_without_a_key_a_repeat_is_another_request(owner: Client) -> None:
    for expected in (HTTPStatus.CREATED, HTTPStatus.CONFLICT):
        response = owner.post(LOCATIONS, NORTH, content_type="application/json")
        assert response.status_code == expected


def test_a_repeat_with_another_body_is_refused(owner: Client) -> None:
    post(owner, LOCATIONS, NORTH)
    response = post(owner, LOCATIONS, NORTH | {"name": "South"})
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert response.json()["code"] == "idempotency-key-reused"
    assert names(owner) == ["Main", "North"]


def test_a_repeat_at_another_address_is_refused(owner: Client, house: House) -> None:
    post(owner, LOCATIONS, {"name": "Same"})
    counter = f"/api/v1/providers/clinic/counters/{house.counter.pk}"
    assert post(owner, f"{counter}/close", "").status_code == HTTPStatus.OK
    response = post(owner, f"{counter}/open", "")
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_two_senders_may_use_the_same_key(owner: Client, api_key: str) -> None:
    other = Client(headers={"Authorization": f"Bearer {api_key}"})
    assert post(owner, LOCATIONS, NORTH).status_code == HTTPStatus.CREATED
    response = post(other, LOCATIONS, NORTH | {"name": "South"})
    assert response.status_code == HTTPStatus.CREATED
    assert "Idempotency-Replayed" not in response.headers


def test_an_error_is_not_kept(owner: Client) -> None:
    assert post(owner, LOCATIONS, {"name": "North"}).status_code == HTTPStatus.BAD_REQUEST
    assert post(owner, LOCATIONS, NORTH | {"name": "Main"}).status_code == HTTPStatus.CONFLICT
    assert not IdempotencyRecord.objects.exists()
    assert post(owner, LOCATIONS, NORTH).status_code == HTTPStatus.CREATED


def test_who_lost_the_right_does_not_get_the_answer_again(owner: Client, house: House) -> None:
    post(owner, LOCATIONS, NORTH)
    with scope(provider=house.provider):
        house.provider.members.all().update(role="viewer")
    assert post(owner, LOCATIONS, NORTH).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 15, "x" * 129, "ключ-" * 6, "x" * 20 + "\t.", "é" * 20]
)
def test_a_key_must_be_usable(owner: Client, key: str) -> None:
    response = post(owner, LOCATIONS, NORTH, key)
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert response.json()["errors"][0]["field"] == "Idempotency-Key"
    assert names(owner) == ["Main"]


@pytest.mark.parametrize("length", [16, 128])
def test_the_shortest_and_the_longest_key_are_usable(owner: Client, length: int) -> None:
    assert post(owner, LOCATIONS, NORTH, "x" * length).status_code == HTTPStatus.CREATED


def test_an_answer_that_is_secret_is_not_written_down(owner: Client) -> None:
    path = "/api/v1/providers/clinic/api-keys"
    response = post(owner, path, {"name": "Till", "role": "staff"})
    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert owner.get(path).json()["results"] == []
    assert not IdempotencyRecord.objects.exists()


def test_joining_twice_with_one_key_gives_the_same_ticket_and_token(
    client: Client, house: House
) -> None:
    path = f"/api/v1/public/queues/{house.queue.pk}/tickets"
    first, second = post(client, path, {}), post(client, path, {})
    assert first.json() == second.json()
    assert first.json()["code"] == "A001"
    assert first.json()["token"]


def test_the_token_of_a_ticket_is_not_kept_in_the_database(client: Client, house: House) -> None:
    path = f"/api/v1/public/queues/{house.queue.pk}/tickets"
    token = post(client, path, {}).json()["token"]
    assert token not in IdempotencyRecord.objects.get().body


def test_a_form_with_a_key_is_refused_and_is_no_failure(house: House, owner: Client) -> None:
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.cookies = owner.cookies
    strict.get("/console/clinic/")
    token = "x" * 32
    strict.cookies["csrftoken"] = token
    response = strict.post(LOCATIONS, NORTH, headers={"Idempotency-Key": KEY, "X-CSRFToken": token})
    assert response.status_code == HTTPStatus.UNSUPPORTED_MEDIA_TYPE


def answer_of(effect: Callable[[], Answer], fingerprint: str = "f") -> Answer:
    return run_once(scope="s", key="k", fingerprint=fingerprint, effect=effect)


@pytest.mark.django_db
def test_what_failed_leaves_no_record() -> None:
    def fail() -> Answer:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        answer_of(fail)
    assert not answer_of(lambda: Answer(200, "1")).is_repeat
    assert answer_of(lambda: Answer(200, "2")) == Answer(200, "1", is_repeat=True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other", [("GET", "/a", b"{}"), ("POST", "/b", b"{}"), ("POST", "/a", b"")]
)
def test_method_address_and_body_make_a_request(other: tuple[str, str, bytes]) -> None:
    assert idempotency.fingerprint("POST", "/a", b"{}") != idempotency.fingerprint(*other)


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_tried_again_with_a_key_too() -> None:
    calls: list[int] = []

    def deadlock_once() -> Answer:
        calls.append(1)
        if len(calls) == 1:
            cause = Exception()
            cause.sqlstate = "40P01"  # type: ignore[attr-defined]
            raise OperationalError("deadlock detected") from cause
        return Answer(200, "1")

    assert answer_of(deadlock_once).status == HTTPStatus.OK


@pytest.mark.django_db
def test_records_are_forgotten_after_a_day() -> None:
    now = clock.now()
    for key, age in [("new", timedelta(hours=23)), ("old", timedelta(hours=25))]:
        run_once(scope="s", key=key, fingerprint="f", effect=lambda: Answer(200, "1"))
        IdempotencyRecord.objects.filter(key=key).update(created_at=now - age)
    forget_idempotency_records()
    assert [record.key for record in IdempotencyRecord.objects.all()] == ["new"]
