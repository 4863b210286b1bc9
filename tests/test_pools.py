"""What a pool does before it hands a connection out."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from waitlessq.db import pooled
from waitlessq.db.pooled import PooledConnection


@pytest.fixture
def pooled_one(transactional_db: None) -> Iterator[PooledConnection]:
    """A connection of a pool, which was handed out just now."""
    with PooledConnection.connect(**connection.get_connection_params(), autocommit=True) as one:
        one.execute("")
        yield one


def asks(one: PooledConnection, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often the server is asked when the connection is handed out again."""
    asked: list[object] = []
    execute = psycopg.Connection.execute

    def counted(self: Any, query: Any, *args: Any, **more: Any) -> Any:
        asked.append(query)
        return execute(self, query, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "execute", counted)
        one.execute("")
    return len(asked)


def test_one_that_was_in_use_just_now_is_not_asked(
    pooled_one: PooledConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert asks(pooled_one, monkeypatch) == 0


def test_one_that_rested_is_asked(
    pooled_one: PooledConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pooled, "TRUSTED_SECONDS", 0)
    assert asks(pooled_one, monkeypatch) == 1


@pytest.mark.parametrize("looks", [True, False])
def test_one_that_the_server_has_ended_is_found_out(
    pooled_one: PooledConnection, monkeypatch: pytest.MonkeyPatch, looks: bool
) -> None:
    """If it did not look for news, as a control, it would be handed out."""
    if not looks:
        monkeypatch.setattr(pooled, "_has_news", lambda _: False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pooled_one.info.backend_pid])
    if looks:
        with pytest.raises(psycopg.OperationalError):
            pooled_one.execute("")
    else:
        pooled_one.execute("")
