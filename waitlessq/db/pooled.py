"""Connections of the pools that web processes keep."""

import select
import time
from typing import Any

import psycopg

TRUSTED_SECONDS = 1.0


class PooledConnection(psycopg.Connection[tuple[Any, ...]]):
    """One that was in use a moment ago is not asked whether it is alive, unless it has news.

    A pool asks each time before it hands a connection out, which is one round trip more for every
    request. Where a server ended, so did its connections: that is news, too.
    """

    _handed_out_at = float("-inf")

    def execute(self, query: Any, *args: Any, **more: Any) -> Any:
        """As psycopg's; the pool's question is the empty query."""
        if query == "" and self._is_trusted():
            return self.cursor()
        return super().execute(query, *args, **more)

    def _is_trusted(self) -> bool:
        now = time.monotonic()
        was_in_use = now - self._handed_out_at < TRUSTED_SECONDS
        self._handed_out_at = now
        return was_in_use and not self.closed and not _has_news(self)


def _has_news(connection: psycopg.Connection[Any]) -> bool:
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
