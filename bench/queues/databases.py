"""Databases for the measurements: a base, and copies of it with so many past tickets."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil
import psycopg

from embedded.cluster import APPLICATION_ROLE
from embedded.cluster import DATABASE as BASE
from embedded.ports import LOOPBACK
from embedded.postgres import SUPERUSER
from embedded.project import Stack

CHUNK = 200_000

# A year of past days, spread over the queues; each served, with the events of a usual visit.
PAST_TICKETS = """
WITH queue AS (
    SELECT id, provider_id, prefix, (row_number() OVER (ORDER BY id)) - 1 AS place FROM queues_queue
), past AS (
    SELECT n, n %% %(queues)s AS place, n / %(queues)s AS round
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
)
INSERT INTO queues_ticket (provider_id, queue_id, business_date, number, code, priority, order_key,
    source, reference, state, counter_id, call_count, issued_at, called_at, started_at, ended_at)
SELECT queue.provider_id, queue.id, current_date - 1 - (round / 300)::int, round %% 300 + 1,
    queue.prefix || lpad((round %% 300 + 1)::text, 3, '0'), 0, at.issued, 'pwa', '', 'completed',
    %(counter)s, 1, at.issued, at.issued + interval '9 min', at.issued + interval '10 min',
    at.issued + interval '15 min'
FROM past JOIN queue USING (place), LATERAL (
    SELECT (current_date - 1 - (round / 300)::int) + interval '8 h'
        + (round %% 300) * interval '2 min' AS issued
) AS at
"""
PAST_EVENTS = """
WITH ticket AS (
    SELECT id, provider_id, queue_id, issued_at,
        row_number() OVER (PARTITION BY queue_id ORDER BY id) AS place
    FROM queues_ticket WHERE id > %(after)s
)
INSERT INTO queues_ticketevent (provider_id, queue_id, ticket_id, sequence, type, actor, from_state,
    to_state, counter_id, data, at)
SELECT ticket.provider_id, ticket.queue_id, ticket.id,
    queue.sequence + (ticket.place - 1) * 4 + step.n, step.type, 'member:1', step.before,
    step.after,
    CASE WHEN step.n > 1 THEN %(counter)s::bigint END, step.data::jsonb,
    ticket.issued_at + step.n * interval '4 min'
FROM ticket JOIN queues_queue AS queue ON queue.id = ticket.queue_id CROSS JOIN (VALUES
    (1, 'issued', '', 'waiting', '{"code": "A001", "number": 1, "people": 1, "priority": 0}'),
    (2, 'called', 'waiting', 'called', '{}'),
    (3, 'started', 'called', 'serving', '{}'),
    (4, 'completed', 'serving', 'completed', '{}')
) AS step (n, type, before, after, data)
"""
COUNT_ON = """
UPDATE queues_queue SET sequence = sequence + 4 * past.tickets FROM (
    SELECT queue_id, count(*) AS tickets FROM queues_ticket WHERE id > %(after)s GROUP BY queue_id
) AS past WHERE past.queue_id = id
"""
FILLED = ("queues_ticket", "queues_ticketevent")
# So that millions come in minutes: no foreign key is looked up, which are right, and indexes are
# built at the end; but for the keys, by which each chunk finds its own tickets.
IN_BULK = (
    "SET session_replication_role = replica",
    "SET allow_system_table_mods = on",
    "SET maintenance_work_mem = '512MB'",
    """UPDATE pg_index SET indisready = false WHERE NOT indisprimary
    AND indrelid IN ('queues_ticket'::regclass, 'queues_ticketevent'::regclass)""",
)

FORECASTS_ON = """
UPDATE queues_savedforecast SET sequence = queue.sequence
FROM queues_queue AS queue WHERE queue.id = queue_id
"""


@dataclass(frozen=True)
class Databases:
    """A throw-away cluster's databases."""

    stack: Stack

    def connect(self, name: str, *, as_superuser: bool = False) -> psycopg.Connection:
        """A connection that commits by itself."""
        keys = self.stack.keys
        user, password = APPLICATION_ROLE, keys.database_password
        if as_superuser:
            user, password = SUPERUSER, keys.superuser_password
        return psycopg.connect(
            host=LOOPBACK,
            port=self.stack.ports["primary"],
            dbname=name,
            user=user,
            password=password,
            autocommit=True,
        )

    def server(self) -> psutil.Process:
        """PostgreSQL's first process, which all others are children of."""
        with self.connect(BASE) as connection:
            own = psutil.Process(_found(connection, "SELECT pg_backend_pid()"))
            first = own.parent()
        assert first is not None  # noqa: S101 (somebody started it)
        return first

    def copy(self, name: str) -> None:
        """A copy of the base, which nobody is connected to."""
        with self.connect("postgres", as_superuser=True) as connection:
            owner = connection.execute(
                "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [BASE]
            ).fetchone()
            assert owner is not None  # noqa: S101 (it exists)
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{BASE}" OWNER "{owner[0]}"')

    def fill(self, name: str, past: int, say: Callable[[str], None]) -> None:
        """Adds so many past tickets with four events each, in chunks, and counts them."""
        began = time.monotonic()

        def told(what: str) -> None:
            say(f"{name}: {what} after {time.monotonic() - began:.0f} s")

        with self.connect(name, as_superuser=True) as connection:
            for statement in IN_BULK:
                connection.execute(statement)
            queues = _found(connection, "SELECT count(*) FROM queues_queue")
            counter = _found(connection, "SELECT min(id) FROM queues_counter")
            for first in range(0, past, CHUNK):
                after = _found(connection, "SELECT coalesce(max(id), 0) FROM queues_ticket")
                last = min(first + CHUNK, past) - 1
                values = {"queues": queues, "counter": counter, "first": first, "last": last}
                connection.execute(PAST_TICKETS, values)
                connection.execute(PAST_EVENTS, {"counter": counter, "after": after})
                connection.execute(COUNT_ON, {"after": after})
                told(f"{last + 1:,} past tickets")
            for table in FILLED:
                connection.execute(f"REINDEX TABLE {table}")
            if _found(connection, "SELECT count(*) FROM pg_index WHERE NOT indisready"):
                raise RuntimeError("Some indexes were not built.")
            # Nothing is new to the estimators: they take in only what happens from now on.
            connection.execute(FORECASTS_ON)
            connection.execute("VACUUM ANALYZE")
            connection.execute("CHECKPOINT")
            told("indexes")


def _found(connection: psycopg.Connection, statement: str) -> int:
    row = connection.execute(statement).fetchone()
    assert row is not None  # noqa: S101 (aggregates have one)
    number: int = row[0]
    return number
