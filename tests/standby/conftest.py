"""Tests in this folder talk to the real standby, which follows the primary by itself."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest
from django.db import connections
from django_redis import get_redis_connection
from pytest_django import Settings

from waitlessq import positions
from waitlessq.db import replicas

REPLICA = "replica1"
PATIENCE_SECONDS = 20


def value(alias: str, query: str) -> object:
    with connections[alias].cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.01)


@pytest.fixture
def replayed(transactional_db: None) -> Callable[[], None]:
    """Waits until the standby has replayed what the primary has written so far."""

    def wait() -> None:
        position = value("default", "SELECT pg_current_wal_insert_lsn()")
        until(lambda: value(REPLICA, f"SELECT pg_last_wal_replay_lsn() >= '{position}'::pg_lsn"))

    return wait


@pytest.fixture
def read_from(
    transactional_db: None, replayed: Callable[[], None], settings: Settings
) -> Iterator[None]:
    """The standby is read from, whatever its lag; Redis has lost nothing."""
    settings.REPLICA_LAG_SECONDS = 600.0
    redis = get_redis_connection("default")
    redis.set(positions._key("since"), 0)
    replicas.beat()
    until(replicas.usable)
    yield
    replicas.stop()
    redis.delete(*redis.keys(positions._key("*")))


@pytest.fixture
def paused() -> Callable[[], AbstractContextManager[None]]:
    """The standby replays nothing during a block."""

    @contextmanager
    def pause() -> Iterator[None]:
        with psycopg.connect(os.environ["STANDBY_ADMIN_URL"], autocommit=True) as admin:
            admin.execute("SELECT pg_wal_replay_pause()")
            state = "SELECT pg_get_wal_replay_pause_state()"
            until(lambda: admin.execute(state).fetchone() == ("paused",))
            try:
                yield
            finally:
                admin.execute("SELECT pg_wal_replay_resume()")

    return pause
