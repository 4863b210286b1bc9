"""Who wrote something sees it, wherever they read; with a standby that replays nothing meanwhile.

In each test somebody who wrote nothing reads, too: what they get is old, so it is the standby's.
"""

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from http import HTTPStatus
from typing import Any

import psycopg
import pytest
from celery import shared_task
from celery.contrib.testing.worker import start_worker
from django.db import connection, connections
from django.test import Client
from django_scopes import scope
from pytest_django import Settings
from redis.exceptions import RedisError

from conftest import House, build_house
from integrations.keys import api_key_create
from providers.models import Location, Role
from providers.services.locations import location_update
from tests.standby.conftest import REPLICA, until
from waitlessq import positions
from waitlessq.celery import app
from waitlessq.db import replicas

pytestmark = [
    pytest.mark.django_db(databases=["default", REPLICA], transaction=True),
    pytest.mark.usefixtures("read_from"),
]
READS = 500
OLD, NEW = "Main", "Moved"
Paused = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def house(transactional_db: None, replayed: Callable[[], None]) -> House:
    house = build_house("clinic")
    replayed()
    return house


def key_client(house: House) -> Client:
    with scope(provider=house.provider):
        _, text = api_key_create(actor=house.actor, name="Test", role=Role.OWNER)
    return Client(headers={"Authorization": f"Bearer {text}"})


def browser(house: House) -> Client:
    client = Client()
    with scope(provider=house.provider):
        member = house.provider.members.get()
    client.force_login(member.user)
    return client


def path(house: House) -> str:
    return f"/api/v1/providers/{house.provider.slug}/locations/{house.location.pk}"


def rename(client: Client, house: House) -> None:
    response = client.patch(path(house), {"name": NEW}, content_type="application/json")
    assert response.status_code == HTTPStatus.OK


def names(client: Client, house: House, reads: int = READS) -> set[str]:
    return {client.get(path(house)).json()["name"] for _ in range(reads)}


@pytest.mark.parametrize("kind", [browser, key_client])
def test_one_sees_what_one_wrote(
    house: House, paused: Paused, kind: Callable[[House], Client]
) -> None:
    mine, anothers = kind(house), kind(house)
    with paused():
        rename(mine, house)
        assert names(mine, house) == {NEW}
        assert names(anothers, house, 3) == {OLD}


def test_it_is_the_position_that_says_what_must_be_seen(
    house: House, paused: Paused, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: without it the same reads are old."""
    monkeypatch.setattr(positions, "find", lambda _: 0)
    client = browser(house)
    with paused():
        rename(client, house)
        assert names(client, house, 3) == {OLD}


def test_a_standby_that_has_caught_up_is_read_again(
    house: House, paused: Paused, replayed: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(house)
    with paused():
        rename(client, house)
    replayed()
    with connections["default"].execute_wrapper(refuse_locations):
        assert names(client, house, 3) == {NEW}


def refuse_locations(execute: Any, sql: str, *rest: Any) -> Any:
    assert "providers_location" not in sql
    return execute(sql, *rest)


def test_with_redis_gone_a_key_reads_from_the_primary(
    house: House, paused: Paused, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = key_client(house)

    def gone(_: str) -> None:
        raise RedisError("gone")

    monkeypatch.setattr(positions, "get_redis_connection", gone)
    with paused():
        rename(client, house)
        assert names(client, house, 3) == {NEW}


seen_by_worker: list[set[str]] = []


@shared_task
def read_in_worker(location_id: int, reads: int) -> None:
    rows = Location._base_manager.filter(pk=location_id)
    seen_by_worker.append({rows.get().name for _ in range(reads)})


def test_a_worker_sees_what_its_sender_wrote(house: House, paused: Paused) -> None:
    seen_by_worker.clear()
    queue = f"test-{time.monotonic_ns()}"
    with paused(), start_worker(app, pool="solo", queues=[queue], perform_ping_check=False):
        with scope(provider=house.provider):
            location_update(actor=house.actor, location=house.location, name=NEW)
        read_in_worker.apply_async((house.location.pk, READS), queue=queue)
        # As if it had been sent before: the sender has no connection and knows an old position.
        connection.close()
        headers: Any = {"wal_position": 0}
        read_in_worker.apply_async((house.location.pk, 3), queue=queue, headers=headers)
        until(lambda: len(seen_by_worker) == 2)
    assert seen_by_worker == [{NEW}, {OLD}]


def test_a_standby_behind_its_limit_is_left_out_and_comes_back(
    paused: Paused, settings: Settings
) -> None:
    settings.REPLICA_LAG_SECONDS = 0.5
    with paused():
        until(lambda: not replicas.usable())
    replicas.beat()
    until(replicas.usable)


def test_a_primary_without_work_puts_no_standby_out(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the relay's beat tells the two apart: the control stops it."""
    settings.REPLICA_LAG_SECONDS = 0.8
    ends = time.monotonic() + 3 * settings.REPLICA_LAG_SECONDS
    replicas.beat()
    until(replicas.usable)
    while time.monotonic() < ends:
        replicas.beat()
        time.sleep(0.1)
        assert replicas.usable()
    until(lambda: not replicas.usable())


def test_what_a_standby_can_not_answer_is_asked_of_the_primary(house: House) -> None:
    rows = Location._base_manager.using(REPLICA)
    assert rows.get().name == OLD
    with psycopg.connect(os.environ["STANDBY_ADMIN_URL"], autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(%s)", [connections[REPLICA].connection.info.backend_pid]
        )
    assert rows.get().name == OLD
    assert not replicas.replica(REPLICA).is_in
    until(replicas.usable)
