"""How the outbox is."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from waitlessq.health import NotWellError, health_check

LONGEST_SECONDS = 30.0
STATE = """
SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)::float
FROM (SELECT created_at FROM events_outboxmessage ORDER BY id LIMIT 10000) AS oldest
"""


def outbox_state() -> tuple[int, float]:
    """How many messages wait, 10,000 at the most, and for how many seconds the oldest."""
    with connection.cursor() as cursor:
        cursor.execute(STATE)
        count, seconds = cursor.fetchone()
    return count, seconds


@health_check("outbox")
def check_outbox() -> Mapping[str, Any]:
    """Nothing waits for long to be told."""
    count, seconds = outbox_state()
    if seconds > LONGEST_SECONDS:
        raise NotWellError(f"{count} messages wait, the oldest for {seconds:.0f} s.")
    return {"messages": count, "oldest_seconds": round(seconds, 1)}
