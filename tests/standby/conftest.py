"""Tests in this folder talk to the real standby, which follows the primary by itself."""

import time
from collections.abc import Callable

import pytest
from django.db import connections

REPLICA = "replica1"
PATIENCE_SECONDS = 20


def value(alias: str, query: str) -> object:
    with connections[alias].cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


@pytest.fixture
def replayed(transactional_db: None) -> Callable[[], None]:
    """Waits until the standby has replayed what the primary has written so far."""

    def wait() -> None:
        position = value("default", "SELECT pg_current_wal_insert_lsn()")
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not value(REPLICA, f"SELECT pg_last_wal_replay_lsn() >= '{position}'::pg_lsn"):
            assert time.monotonic() < deadline, "the standby does not follow"
            time.sleep(0.01)

    return wait
