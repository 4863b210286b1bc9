"""API keys: made once, shown once, kept as a hash, ended for good."""

import hashlib
import re
from http import HTTPStatus
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from conftest import House, add_member
from integrations.keys import api_key_create, api_key_revoke, find_key
from integrations.models import ApiKey
from providers.actors import Actor
from providers.errors import RoleTooLowError
from providers.models import Role
from queues.models import TicketEvent
from waitlessq import clock

P = "/api/v1/providers/clinic"
KEYS = f"{P}/api-keys"
JSON = "application/json"


def client_with(text: str) -> Client:
    return Client(headers={"Authorization": text})


def make(house: House, role: Role = Role.STAFF) -> tuple[ApiKey, str]:
    return api_key_create(actor=house.actor, name="Till", role=role)


def test_a_key_names_itself_and_has_256_bits(in_house: House) -> None:
    key, text = make(in_house)
    assert re.fullmatch(r"wlq_[0-9a-f]{12}_[0-9a-f]{64}", text)
    assert text.split("_")[1] == key.prefix
    assert make(in_house)[1] != text


def test_only_the_hash_of_the_secret_is_stored(in_house: House) -> None:
    key, text = make(in_house)
    secret = text.split("_")[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT k::text FROM integrations_apikey k WHERE id = %s", [key.pk])
        row = cursor.fetchone()[0]
    assert secret not in row
    assert hashlib.sha256(secret.encode()).hexdigest() in row


def test_a_key_is_found_by_its_whole_text(in_house: House) -> None:
    key, text = make(in_house)
    found = find_key(text)
    assert found == key
    assert found is not None
    assert (found.provider, found.provider.slug) == (in_house.provider, "clinic")


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"),
        lambda text: text[:-1],
        lambda text: text + "0",
        lambda text: text.upper(),
        lambda text: text.replace("wlq_", "wlx_"),
        lambda text: text.rsplit("_", 1)[0],
        lambda text: text.rsplit("_", 1)[0] + "_",
        lambda text: "wlq_" + "0" * 12 + "_" + text.split("_")[2],
    ],
)
def test_any_other_text_finds_none(in_house: House, change: Any) -> None:
    _, text = make(in_house)
    assert find_key(change(text)) is None


@pytest.mark.parametrize("text", ["", "_" * 100, "é" * 1000, "wlq__", "wlq_a\0_b"])
def test_what_is_no_key_finds_none(in_house: House, text: str) -> None:
    assert find_key(text) is None


def test_a_revoked_key_is_refused_at_once_and_stays_in_the_list(
    owner: Client, house: House
) -> None:
    made = owner.post(KEYS, {"name": "Till", "role": "staff"}, content_type=JSON).json()
    client = client_with(f"Bearer {made['key']}")
    assert client.get(P).status_code == HTTPStatus.OK
    assert owner.delete(f"{KEYS}/{made['id']}").status_code == HTTPStatus.NO_CONTENT
    response = client.get(P)
    assert response.status_code == HTTPStatus.UNAUTHORIZED
    assert response.json()["code"] == "credentials-refused"
    assert owner.get(f"{KEYS}/{made['id']}").json()["revoked_at"] is not None


def test_revoking_twice_keeps_the_first_time(in_house: House) -> None:
    key, _ = make(in_house)
    first = api_key_revoke(actor=in_house.actor, key=key).revoked_at
    assert (
        api_key_revoke(actor=in_house.actor, key=ApiKey.objects.get(pk=key.pk)).revoked_at == first
    )
    assert first is not None
    assert first <= clock.now()


@pytest.mark.parametrize("role", Role)
def test_a_key_is_not_allowed_more_than_its_maker(in_house: House, role: Role) -> None:
    maker = Actor(in_house.provider, "member:1", Role.MANAGER)
    if Role.MANAGER.includes(role):
        assert api_key_create(actor=maker, name="x", role=role)[0].role == role
    else:
        with pytest.raises(RoleTooLowError):
            api_key_create(actor=maker, name="x", role=role)
        assert not ApiKey.objects.exists()


def test_the_text_is_shown_once(owner: Client, house: House) -> None:
    made = owner.post(KEYS, {"name": "Till", "role": "staff"}, content_type=JSON)
    secret = made.json()["key"].split("_")[2]
    assert made.status_code == HTTPStatus.CREATED
    for path in (KEYS, f"{KEYS}/{made.json()['id']}"):
        text = owner.get(path).text
        assert secret not in text
        assert hashlib.sha256(secret.encode()).hexdigest() not in text
        assert "hash" not in text


def test_no_body_makes_a_key_that_may_replay(owner: Client, house: House) -> None:
    body = {"name": "x", "role": "viewer", "may_replay": True, "prefix": "mine"}
    made = owner.post(KEYS, body, content_type=JSON).json()
    key = ApiKey._base_manager.get(pk=made["id"])
    assert (key.may_replay, key.prefix == "mine") == (False, False)


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x"}, {"name": "x", "role": "king"}])
def test_a_key_has_a_name_and_a_role(owner: Client, body: dict[str, str]) -> None:
    assert owner.post(KEYS, body, content_type=JSON).status_code == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_written_as_one_likes(api_key: str, scheme: str) -> None:
    assert client_with(f"{scheme} {api_key}").get(P).status_code == HTTPStatus.OK


@pytest.mark.parametrize("header", ["Basic {}", "Token {}", "{}", "Bearer", "Bearer {} x"])
def test_another_scheme_is_nobody(api_key: str, header: str) -> None:
    response = client_with(header.format(api_key)).get(P)
    assert response.status_code == HTTPStatus.UNAUTHORIZED


def test_a_wrong_key_is_not_mended_by_a_session(house: House, owner: Client) -> None:
    response = owner.get(P, headers={"Authorization": "Bearer wlq_0_0"})
    assert response.status_code == HTTPStatus.UNAUTHORIZED


def test_a_key_is_for_its_own_provider(api_key: str, other_house: House) -> None:
    client = client_with(f"Bearer {api_key}")
    assert client.get("/api/v1/providers/salon").status_code == HTTPStatus.NOT_FOUND
    assert client.get("/api/v1/me").json() == []


def test_a_key_needs_no_csrf_token(api_key: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {api_key}"})
    assert client.patch(P, {"name": "x"}, content_type=JSON).status_code == HTTPStatus.OK


def test_events_say_which_key_did_it(in_house: House) -> None:
    key, text = make(in_house)
    body = {"queue": in_house.queue.pk}
    client = client_with(f"Bearer {text}")
    assert client.post(f"{P}/tickets", body, content_type=JSON).status_code == 201
    assert TicketEvent.objects.get(type="issued").actor == f"key:{key.pk}"


def test_a_request_looks_its_key_up_once(
    api_key: str, house: House, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        client_with(f"Bearer {api_key}").get(P)


def test_whoever_left_leaves_their_keys_working(in_house: House) -> None:
    maker = add_member(in_house.provider, Role.OWNER)
    _, text = api_key_create(actor=Actor.for_member(maker), name="x", role=Role.STAFF)
    maker.delete()
    assert find_key(text) is not None
