"""What the platform says of itself: to whoever keeps it running, and to Prometheus."""

import os
import subprocess
import sys
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client import REGISTRY
from redis.exceptions import RedisError

from conftest import House
from events.models import OutboxMessage
from queues.services.tickets import ticket_call_next
from queues.tests.test_join import join
from waitlessq import health
from waitlessq.db.replicas import Replica

SECRETS = ("password", "@", "127.0.0.1", "postgres:", "redis:")


@pytest.fixture(autouse=True)
def _made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_report", health._Report())


def gone(*_: Any, **__: Any) -> Any:
    raise OperationalError(f"connection to 127.0.0.1 as {settings.SECRET_KEY} failed")


@pytest.fixture
def without_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "cursor", gone)


def test_every_part_is_well_and_says_its_figures(client: Client, db: None) -> None:
    response = client.get("/health")
    report = response.json()
    assert (response.status_code, report["status"]) == (HTTPStatus.OK, "ok"), report
    assert {"primary", "replicas", "cache", "pools", "broker", "outbox"} <= report["parts"].keys()
    assert all(part["ms"] >= 0 for part in report["parts"].values())
    assert not [secret for secret in SECRETS if secret in response.content.decode()]


@pytest.mark.usefixtures("without_database")
def test_without_the_primary_it_is_down_but_lives_and_takes_requests(client: Client) -> None:
    response = client.get("/health")
    assert (response.status_code, response.json()["status"]) == (503, "down")
    assert response.json()["parts"]["primary"]["problem"] == "OperationalError"
    assert settings.SECRET_KEY not in response.content.decode()
    assert {client.get(path).status_code for path in ("/livez", "/readyz")} == {200}


def test_without_redis_it_is_degraded(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_redis(_: str) -> None:
        raise RedisError

    monkeypatch.setattr(health, "get_redis_connection", no_redis)
    response = client.get("/health")
    assert (response.status_code, response.json()["status"]) == (200, "degraded")


def test_a_replica_that_is_left_out_and_messages_that_nobody_tells_are_said(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "all_replicas", lambda: [Replica("replica1")])
    message = OutboxMessage.objects.create(provider_id=1, topic="x", subject_id=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE events_outboxmessage SET created_at = clock_timestamp() - interval '1 hour'"
            " WHERE id = %s",
            [message.pk],
        )
    parts = client.get("/health").json()["parts"]
    assert parts["replicas"]["problem"] == "Left out: replica1."
    assert "1 messages wait" in parts["outbox"]["problem"]


def test_many_who_look_are_shown_one_report(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def look() -> dict[str, int]:
        looks.append(1)
        return {}

    monkeypatch.setattr(health, "_checks", {"primary": look})
    for _ in range(5):
        client.get("/health")
    assert len(looks) == 1


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_joins_calls_and_waits_are_counted_once_they_are_committed(
    in_house: House, django_capture_on_commit_callbacks: Any
) -> None:
    def counted() -> list[float]:
        events = (
            figure("waitlessq_ticket_events_total", type=name) for name in ("issued", "called")
        )
        return [*events, figure("waitlessq_waited_seconds_count")]

    before = counted()
    with django_capture_on_commit_callbacks(execute=True):
        join(in_house)
        join(in_house)
        ticket_call_next(actor=in_house.actor, counter_id=in_house.counter.pk)
        assert counted() == before
    assert [now - then for now, then in zip(counted(), before, strict=True)] == [2, 1, 1]


def test_requests_are_counted_by_route_and_not_by_address(client: Client, db: None) -> None:
    for number in (1, 2, 3):
        client.get(f"/api/v1/public/queues/{number}/snapshot")
    views = {
        sample.labels["view"]
        for metric in REGISTRY.collect()
        if metric.name == "django_http_requests_latency_seconds_by_view_method"
        for sample in metric.samples
    }
    assert "snapshot" in views
    assert not [view for view in views if "/queues/" in view]


COUNT_IN_TWO_PROCESSES = """
import multiprocessing, os
from waitlessq import metrics
def work():
    metrics.TICKET_EVENTS.labels("issued").inc()
    metrics.STREAMS.set(5)
children = [multiprocessing.get_context("fork").Process(target=work) for _ in range(2)]
for child in children: child.start()
for child in children: child.join()
registry = metrics.registry()
print(registry.get_sample_value("waitlessq_ticket_events_total", {"type": "issued"}))
print(registry.get_sample_value("waitlessq_streams"))
metrics.forget_process(children[0].pid)
print(metrics.registry().get_sample_value("waitlessq_streams"))
"""


def test_processes_that_share_a_folder_are_counted_together(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNT_IN_TWO_PROCESSES],
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["2.0", "10.0", "5.0"], done.stderr
